//! What `highwater check` tries of the stores, and that it does no harm.

use highwater::backend::check::CheckItem;

use crate::faults::Scene;
use crate::support::fault_proxy::{Fault, Operation, Refusal, on};
use crate::support::{self, emulators};

/// The one item about `what`.
#[track_caller]
fn of<'a>(items: &'a [CheckItem], what: &str) -> &'a CheckItem {
    let mut found = items.iter().filter(|item| item.what == what);
    let item = found
        .next()
        .unwrap_or_else(|| panic!("no {what}: {items:#?}"));
    assert!(found.next().is_none(), "{items:#?}");
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_run_the_history_is_tried_and_the_write_of_a_value_is_said_not_to_be() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let scene = Scene::new(&database, &emulator, 1).await;
        let denied = Fault::Refuse(Refusal::Denied);
        for allowed in [true, false] {
            if !allowed {
                let rule = on(Operation::GetParameterHistory, denied).always();
                scene.proxy.follow(&[rule]);
            }
            let items = scene.through.backend.check().await;
            let history = of(&items, "ssm:GetParameterHistory");
            assert_eq!(history.ok, allowed, "{}: {history:?}", emulator.name());
            let put = of(&items, "ssm:PutParameter");
            assert!(put.ok && put.message.starts_with("not tried: "), "{put:?}");
        }
        let seen = scene.proxy.seen();
        let puts = |seen: &support::fault_proxy::Seen| seen.operation == Operation::PutParameter;
        assert!(!seen.iter().any(puts), "{seen:?}");
    }
}
