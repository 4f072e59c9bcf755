//! Many tables, and an object store that is out of reach.

use std::sync::Mutex;

use highwater::backend::doctor::Scope;
use highwater::backend::progress::Context;
use highwater::backend::source::Precision;
use highwater::backend::status::{PartValue, StatusPart};
use highwater::vocabulary::TableName;

use super::scene::HASTY;
use crate::support::fault_proxy::Operation::{HeadObject, ListObjectsV2};
use crate::support::fault_proxy::{Fault, FaultProxy, Refusal, on};
use crate::support::{self, Database, Stage};

const TABLES: usize = 200;
/// Far fewer than there are tables, and far more than are asked about at once.
const ASKED: usize = 100;

async fn tables(database: &Database) {
    let tables = (0..TABLES).map(|i| {
        format!("CREATE TABLE t{i} (id int, last_updated timestamptz); INSERT INTO t{i} VALUES (1, '2024-05-16');")
    });
    database.run(&tables.collect::<String>()).await;
}

/// The tables that the object store was asked about.
fn asked_about(proxy: &FaultProxy) -> usize {
    let seen = proxy.seen().into_iter().filter(|seen| seen.met.is_some());
    let mut asked: Vec<String> = seen.map(|seen| seen.what).collect();
    asked.sort_unstable();
    asked.dedup();
    asked.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_out_of_reach_is_not_asked_about_every_table() {
    let Some(database) = support::postgres() else {
        return;
    };
    tables(&database).await;
    for emulator in support::emulators() {
        let proxy = FaultProxy::before(&emulator).await;
        let stage = Stage::emulated(&database, &emulator).await;
        let stage = stage.through(&proxy).await.limited(HASTY).await;
        let found = stage.backend.tables().await.expect("tables");
        let names: Vec<TableName> = found.into_iter().map(|table| table.name).collect();
        let context = Context::default();
        let down = [HeadObject, ListObjectsV2]
            .map(|operation| on(operation, Fault::Refuse(Refusal::Internal)).always());

        proxy.follow(&down);
        let unreachable = Mutex::new(0);
        let count = |part: StatusPart| {
            if matches!(&part.value, PartValue::Newest(Err(error)) if error.is_unavailable()) {
                *unreachable.lock().expect("no panic") += 1;
            }
        };
        stage
            .backend
            .status(&names, Precision::Estimate, &context, &count)
            .await;
        assert_eq!(
            *unreachable.lock().expect("no panic"),
            TABLES,
            "each is told of"
        );
        let asked = asked_about(&proxy);
        assert!((1..ASKED).contains(&asked), "{asked}");

        proxy.follow(&down);
        let examined = stage
            .backend
            .diagnose(&names, Scope::Tables, &context)
            .await;
        let failures = examined.expect("examined").failures;
        assert!((1..ASKED).contains(&failures.len()), "{failures:?}");
        let asked = asked_about(&proxy);
        assert!((1..ASKED).contains(&asked), "{asked}");
    }
}
