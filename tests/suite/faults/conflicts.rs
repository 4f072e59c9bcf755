//! A store that accepts nobody's write of a key.

use super::Scene;
use crate::support::fault_proxy::{Fault, Operation, Refusal, on};
use crate::support::{self, emulators};

#[tokio::test(flavor = "multi_thread")]
async fn after_conflict_upon_conflict_the_store_is_quoted() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let scene = Scene::new(&database, &emulator, 3).await;
        let conflict = on(Operation::PutObject, Fault::Refuse(Refusal::Conflict));
        scene.proxy.follow(&[conflict.always()]);
        let report = scene.ingest(&scene.through).await;
        let error = report.error.expect("an error");
        assert_eq!(error.code, "contended");
        let said = "injected (ConditionalRequestConflict, HTTP 409";
        assert!(error.message.contains(said), "{error:?}");
        scene.balance().await;
    }
}
