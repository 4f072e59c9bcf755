//! Tables that are written whole for a while, or by a program before.

use super::{TABLE, ingest, written};
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
