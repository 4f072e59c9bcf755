//! What `highwater check` tries on the stores, and that it does no harm.

use highwater::backend::check::CheckItem;
use highwater::config::ObjectStoreConfig;

use crate::faults::Scene;
use crate::support::fault_proxy::{Fault, Operation, Refusal, Seen, on};
use crate::support::{self, FaultProxy, Stage, books, emulators};

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
        let puts = |seen: &Seen| seen.operation == Operation::PutParameter;
        assert!(!seen.iter().any(puts), "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_store_is_asked_also_where_no_table_is_known() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let stage = Stage::emulated(&database, &emulator).await;
        let proxy = FaultProxy::before(&emulator).await;
        let through = stage.through(&proxy).await;
        let items = through.backend.check().await;
        assert!(items.iter().all(|item| item.ok), "{items:#?}");
        let put = of(&items, "ssm:PutParameter");
        assert!(put.message.contains("no table is known"), "{put:?}");
        let denied = Fault::Refuse(Refusal::Denied);
        proxy.follow(&[on(Operation::GetParameters, denied).always()]);
        let items = through.backend.check().await;
        let get = of(&items, "ssm:GetParameters");
        assert!(!get.ok, "{}: {get:?}", emulator.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_for_the_folders_of_the_profile_is_enough() {
    let Some(database) = support::postgres() else {
        return;
    };
    let table = "CREATE TABLE payment (id int, last_updated timestamp)";
    database.run(table).await;
    for (template, folders) in [
        ("raw/{table}/{seq:08}.jsonl", &["raw/"][..]),
        ("{table}/{table}_{seq:08}.jsonl", &["payment/"]),
        (
            "raw/{date}/{table}_{seq}.jsonl",
            &["raw/", "_highwater/claims/"],
        ),
    ] {
        for emulator in emulators() {
            let stage = Stage::emulated(&database, &emulator).await;
            let key = format!("key = \"{template}\"");
            let stage = stage.with_setting("objects", &key).await;
            let proxy = FaultProxy::before(&emulator).await;
            let items = stage.through(&proxy).await.backend.check().await;
            assert!(items.iter().all(|item| item.ok), "{items:#?}");
            let seen = proxy.seen();
            let mut touched: Vec<String> = seen.iter().filter_map(of_s3).collect();
            touched.retain(|key| !folders.iter().any(|folder| key.starts_with(folder)));
            touched.retain(|key| key != "_highwater/check");
            assert!(touched.is_empty(), "{template}: {touched:?} of {seen:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_table_with_a_key_of_its_own_is_tried_as_well() {
    let Some(database) = support::postgres() else {
        return;
    };
    for table in ["payment", "staff", "team"] {
        let table = format!("CREATE TABLE {table} (id int, last_updated timestamp)");
        database.run(&table).await;
    }
    for emulator in emulators() {
        let stage = Stage::emulated(&database, &emulator).await;
        let own = "[profiles.test.tables.staff]\nkey = \"people/{table}/{seq:08}.jsonl\"";
        let stage = stage.configured(own).await;
        let proxy = FaultProxy::before(&emulator).await;
        let items = stage.through(&proxy).await.backend.check().await;
        assert!(items.iter().all(|item| item.ok), "{items:#?}");
        let seen = proxy.seen();
        let begun = |seen: &&Seen| seen.operation == Operation::CreateMultipartUpload;
        let mut begun: Vec<String> = seen.iter().filter(begun).filter_map(of_s3).collect();
        begun.retain(|key| key != "_highwater/check");
        let folders = ["payment/_highwater/check", "people/_highwater/check"];
        assert_eq!(begun, folders, "{}", emulator.name());
    }
}

/// The key that a request to S3 is about, or the prefix that it lists.
fn of_s3(seen: &Seen) -> Option<String> {
    if seen.operation.is_of_ssm() {
        return None;
    }
    let (_, target) = seen.what.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if seen.operation == Operation::ListObjectsV2 {
        let prefix = query
            .split('&')
            .find_map(|field| field.strip_prefix("prefix="));
        return Some(prefix.unwrap_or_default().replace("%2F", "/"));
    }
    let (_, key) = path.trim_start_matches('/').split_once('/')?;
    Some(key.to_owned())
}

const ONCE: &str = "create only once";

/// All keys in the bucket of a stage.
async fn keys(stage: &Stage) -> Vec<String> {
    let ObjectStoreConfig::S3 { bucket } = stage.profile().objects.store else {
        panic!("{}: no bucket", stage.name)
    };
    let client = stage.emulator.as_ref().expect("an emulator").s3();
    let listed = client.list_objects_v2().bucket(bucket).send().await;
    let listed = listed.expect("a listing");
    let keys = listed.contents().iter().filter_map(|object| object.key());
    keys.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_leaves_nothing_behind_that_it_may_delete() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let scene = Scene::new(&database, &emulator, 3).await;
        let items = scene.through.backend.check().await;
        let once = of(&items, ONCE);
        assert!(once.ok, "{}: {once:?}", emulator.name());
        assert_eq!(once.message, "an existing object is not overwritten");
        assert_eq!(keys(&scene.direct).await, [""; 0]);
        let uploads = books::uploads(&scene.direct).await;
        assert!(uploads.is_empty(), "{uploads:?}");

        let denied = Fault::Refuse(Refusal::Denied);
        scene
            .proxy
            .follow(&[on(Operation::PutObject, denied).always()]);
        let items = scene.through.backend.check().await;
        let once = of(&items, ONCE);
        assert!(once.ok && once.message.starts_with("not tried"), "{once:?}");
        scene.balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_be_used_for_an_object_in_parts_fails_the_check() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let scene = Scene::new(&database, &emulator, 1).await;
        let denied = Fault::Refuse(Refusal::KeyDenied);
        scene
            .proxy
            .follow(&[on(Operation::UploadPart, denied).always()]);
        let items = scene.through.backend.check().await;
        let once = of(&items, ONCE);
        assert!(!once.ok, "{once:?}");
        let remedy = once.remedy.as_deref().unwrap_or_default();
        let grants = r#""Action":["kms:Decrypt"],"Resource":["arn:aws:kms:eu-west-2:1:key/k"]"#;
        assert!(remedy.contains(grants), "{once:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_writes_over_what_exists_fails_the_check() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        for operation in [Operation::PutObject, Operation::CompleteMultipartUpload] {
            let scene = Scene::new(&database, &emulator, 1).await;
            let rule = on(operation, Fault::Unconditional).always();
            // Twice, so also with the object of an earlier check in place.
            for _ in 0..2 {
                scene.proxy.follow(&[rule]);
                let items = scene.through.backend.check().await;
                let written = of(&items, ONCE);
                assert!(
                    !written.ok,
                    "{}, {operation:?}: {written:?}",
                    emulator.name()
                );
                assert!(written.message.contains("overwrote"), "{written:?}");
                let remedy = written.remedy.as_deref().unwrap_or_default();
                assert!(
                    remedy.contains("does not honour conditional writes"),
                    "{remedy}"
                );
            }
        }
    }
}
