//! Writes to which no answer ever arrives, or a refusal.

use highwater::backend::edits::Edit;

use super::Scene;
use crate::support;
use crate::support::fault_proxy::Operation::PutParameter;
use crate::support::fault_proxy::{Fault, Refusal, on};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_whose_answers_are_all_lost_is_found_to_be_done_and_is_in_the_journal() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in support::emulators() {
        let scene = Scene::new(&database, &emulator, 4).await.hasty().await;
        let report = scene.ingest(&scene.direct).await;
        assert_eq!(report.error, None, "{report:?}");
        let backend = &scene.through.backend;
        let back = report.objects[0].to.predecessor();
        let edit = Edit {
            table: scene.table.clone(),
            timestamp: Some(back),
            sequence_id: None,
            reason: "nobody answers".to_owned(),
            force: false,
        };
        let plan = backend.plan_edit(&edit).await.expect("a plan");
        let lost = on(PutParameter, Fault::LoseAnswer).always();
        scene.proxy.follow(&[lost]);
        backend.apply_edit(&plan).await.expect("it was written");
        let stored = backend.get_timestamp(&scene.table).await;
        assert_eq!(stored.expect("a timestamp"), back, "{}", emulator.name());
        let noted = backend.journal(1).await.expect("a journal");
        assert!(noted[0].reason.contains("nobody answers"), "{noted:?}");
        // A write that never happened is not taken for one that did.
        let further = Edit {
            timestamp: Some(back.predecessor()),
            ..edit
        };
        let plan = backend.plan_edit(&further).await.expect("a plan");
        scene
            .proxy
            .follow(&[on(PutParameter, Fault::CutRequest).always()]);
        let error = backend.apply_edit(&plan).await.expect_err("not written");
        assert!(error.is_unavailable(), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_whose_values_could_not_be_stored_is_said_to_be_written() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in support::emulators() {
        let scene = Scene::new(&database, &emulator, 3).await.hasty().await;
        let internal = Fault::Refuse(Refusal::Internal);
        scene.proxy.follow(&[on(PutParameter, internal).always()]);
        let report = scene.ingest(&scene.through).await;
        assert_eq!(report.objects.len(), 1, "{report:?}");
        let key = report.objects[0].key.clone();
        let error = report.error.expect("the values are not stored");
        let said = format!(
            "{}: object {key} is written, but its values are not (the next run stores them): ",
            scene.table
        );
        assert!(error.message.starts_with(&said), "{}", error.message);
        assert_eq!(error.code, "unavailable");
        assert!(error.is_of_service, "the other tables wait for the store");
        scene.balance().await;
    }
}
