//! Writes to which no answer ever arrives.

use highwater::backend::edits::Edit;

use super::Scene;
use crate::support;
use crate::support::fault_proxy::Operation::PutParameter;
use crate::support::fault_proxy::{Fault, on};

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
