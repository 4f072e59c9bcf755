//! Rows fetched for display: what a screen gets of them.

use highwater::backend::ingest::Outcome;

use crate::support::{self, Stage, ingest_payment as ingest, table};

#[tokio::test(flavor = "multi_thread")]
async fn of_rows_with_megabytes_only_as_many_are_kept_in_memory_as_can_be_looked_at() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment AS SELECT i AS id, repeat('x', 1000000) AS body, now() - interval '1 h' * i AS last_updated FROM generate_series(1, 12) i")
        .await;
    for stage in Stage::all(&database).await {
        let payment = table("payment");
        let preview = stage.backend.preview(&payment, 500).await;
        let preview = preview.expect("a preview");
        assert_eq!(preview.object.map(|object| object.rows), Some(12));
        assert_eq!(preview.lines.len(), 4, "{}", stage.name);
        let one = stage.backend.preview(&payment, 1).await.expect("a preview");
        assert_eq!(one.lines.len(), 1, "{}", stage.name);
        let report = ingest(&stage).await;
        assert_eq!(report.outcome, Outcome::Written, "{}", stage.name);
        let key = &report.objects[0].key;
        for (limit, shown, is_cut) in [(500, 4, true), (3, 3, true)] {
            let first = stage.backend.read_object(key, limit).await;
            let first = first.expect("a body");
            assert_eq!((first.lines.len(), first.is_cut), (shown, is_cut));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_listed_page_by_page_without_a_gap() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment AS SELECT i AS id, now() - interval '1 h' * i AS last_updated FROM generate_series(1, 7) i")
        .await;
    for stage in Stage::all(&database).await {
        let stage = stage
            .with_setting("objects", "max_rows_per_object = 1")
            .await;
        let payment = table("payment");
        let report = ingest(&stage).await;
        assert_eq!(report.objects.len(), 7, "{}: {report:?}", stage.name);
        let (mut before, mut seen) = (None, Vec::new());
        for older in [4, 1, 0] {
            let page = stage.backend.objects_before(&payment, before.as_ref(), 3);
            let page = page.await.expect("a page");
            assert_eq!(page.older, Some(older), "{}", stage.name);
            seen.extend(page.objects.iter().map(|object| object.sequence_id.0));
            before = page.until;
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_indexed_where_an_index_over_all_rows_begins_with_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE TABLE payment (id int PRIMARY KEY, kind text, note text, paid bool, last_updated timestamptz);
             CREATE INDEX ON payment (kind, note);
             CREATE INDEX ON payment (last_updated) WHERE paid;
             CREATE TABLE parted (id int, last_updated timestamptz) PARTITION BY RANGE (id);
             CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (9);
             CREATE INDEX ON parted (last_updated);",
        )
        .await;
    let stage = Stage::local(&database).await;
    let tables = stage.backend.tables().await.expect("tables");
    let indexed = |name: &str| -> Vec<String> {
        let found = tables.iter().find(|one| one.name == table(name));
        let columns = found.expect("it is selected").columns.iter();
        let columns = columns.filter(|column| column.is_indexed);
        columns.map(|column| column.name.clone()).collect()
    };
    assert_eq!(indexed("payment"), ["id", "kind"]);
    assert_eq!(indexed("parted"), ["last_updated"]);
}
