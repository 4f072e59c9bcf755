//! Rows that a policy hides: none of them is passed, and anything that would pass them says so.

use super::{TABLE, each_once, ingest, stopped, written};
use crate::support::{self, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_role_from_which_rows_are_hidden_is_refused_until_it_sees_them_all() {
    let Some(database) = support::postgres() else {
        return;
    };
    let role = support::unique("reader").replace('-', "_");
    database
        .run(&format!(
            "{TABLE};
             INSERT INTO payment SELECT i, CASE WHEN i % 2 = 0 THEN 'own' ELSE 'other' END, '2024-05-16' FROM generate_series(1, 10) i;
             CREATE ROLE {role} LOGIN; GRANT SELECT ON payment TO {role}; GRANT pg_read_all_stats TO {role};
             CREATE POLICY own ON payment USING (note = 'own');
             ALTER TABLE payment ENABLE ROW LEVEL SECURITY"
        ))
        .await;
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let stage = Stage::local(&database).await.reading(&url).await;

    let report = ingest(&stage).await;
    assert_eq!(stopped(&report), "missing-privilege");
    let error = report.error.as_ref().expect("an error");
    let said = format!("{error:?}");
    assert!(said.contains("ALTER ROLE … BYPASSRLS"), "{said}");
    assert_eq!(said.matches("highwater check").count(), 1, "{said}");
    assert!(
        said.contains("row-level security hides rows of table"),
        "{said}"
    );
    for exact in [&["status"][..], &["status", "--exact"]] {
        let status = stage.sandbox.run(exact);
        assert!(status.stdout.contains("missing-privilege"), "{status:?}");
    }
    let checked = stage.backend.check().await;
    let select = checked.iter().find(|item| item.what == "SELECT");
    let select = select.expect("it is looked at");
    let remedy = format!("ALTER ROLE \"{role}\" BYPASSRLS");
    assert!(
        !select.ok && select.message.ends_with(&remedy),
        "{select:?}"
    );

    // The remedy, word for word.
    database.run(&remedy).await;
    assert_eq!(written(&ingest(&stage).await), [10]);
    each_once(&stage.ids("payment").await, 1..=10);
    database
        .run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
