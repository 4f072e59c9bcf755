//! Tables that are written whole for a while, or were written whole by another program before.

use highwater::backend::doctor::Scope;
use highwater::backend::progress::Context;

use super::{TABLE, each_once, ingest, stopped, written};
use crate::support::{self, Stage, table};

const WHOLE: &str = "[profiles.test.tables.payment]\nmode = \"snapshot\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_nobody_goes_by_need_not_be_one() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16'), (2, 'x', NULL)")
        .await;
    for stage in Stage::all(&database).await {
        let stage = stage.configured(WHOLE).await;
        let name = stage.profile().timestamp_parameter(&table("payment"));
        let name = name.expect("a name").to_string();
        stage.outsider().put_parameter(&name, "never").await;
        assert_eq!(written(&ingest(&stage).await), [2], "{}", stage.name);
        let findings = stage.status("payment").await.findings();
        assert_eq!(findings, [], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_written_whole_meanwhile_goes_on_once_somebody_says_from_where() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    for stage in Stage::all(&database).await {
        database
            .run("TRUNCATE payment; INSERT INTO payment VALUES (1, 'x', '2024-05-16')")
            .await;
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
        let file = stage.sandbox.config_file();
        let before = std::fs::read_to_string(&file).expect("a file");
        let stage = stage.configured(WHOLE).await;
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
        stage.sandbox.write_config(&before);
        let stage = stage.configured("").await;
        database
            .run("INSERT INTO payment VALUES (2, 'x', '2024-05-17')")
            .await;
        let report = ingest(&stage).await;
        assert_eq!(stopped(&report), "timestamp-mismatch", "{}", stage.name);
        let message = report.error.expect("an error").message;
        assert!(
            message.contains("object 2, which was written since, holds the whole table")
                && !message.contains("another program"),
            "{message}"
        );
        let (tables, context) = ([table("payment")], Context::default());
        let found = stage.backend.diagnose(&tables, Scope::Tables, &context);
        let found = found.await.expect("an examination").diagnoses;
        let repairs: Vec<_> = found.iter().flat_map(|one| &one.repairs).collect();
        assert_eq!(repairs.len(), 1, "{repairs:?}");
        stage.backend.repair(repairs[0]).await.expect("repaired");
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
        let mut ids = stage.ids("payment").await;
        assert_eq!(ids.remove(&1), Some(2), "row 1 is in the snapshot as well");
        each_once(&ids, 2..=2);
    }
}
