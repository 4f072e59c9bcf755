//! A role whose search path has a schema before PostgreSQL's own, with objects of the same names in it.

use super::{each_once, ingest, written};
use crate::support::{self, Stage};

/// Each of these would be taken for PostgreSQL's own: the types in casts, the operators in comparisons of
/// timestamps, and the table in the search for prepared transactions.
const SHADOWS: &str = "
    CREATE SCHEMA shadow;
    CREATE DOMAIN shadow.int8 AS pg_catalog.text;
    CREATE DOMAIN shadow.text AS pg_catalog.int4;
    CREATE FUNCTION shadow.never(timestamptz, timestamptz) RETURNS bool LANGUAGE sql AS 'SELECT false';
    CREATE OPERATOR shadow.> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = shadow.never);
    CREATE OPERATOR shadow.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = shadow.never);
    CREATE FUNCTION shadow.max(timestamptz) RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
    CREATE TABLE shadow.pg_prepared_xacts AS
        SELECT 'none'::pg_catalog.text AS gid, current_database() AS database;
    CREATE TABLE payment (id int PRIMARY KEY, other regclass, last_updated timestamptz NOT NULL);
    INSERT INTO payment VALUES (1, 'shadow.pg_prepared_xacts', '2024-05-16 10:00+00'),
        (2, 'public.payment', '2024-05-16 10:00:01+00')";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_roles_own_schemas_is_taken_for_postgresqls() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(SHADOWS).await;
    let name = database.name();
    for setting in [
        "search_path = shadow, pg_catalog, public",
        "quote_all_identifiers = on",
    ] {
        let set = format!("ALTER DATABASE \"{name}\" SET {setting}");
        database.run(&set).await;
    }
    let stage = Stage::local(&database).await;
    let status = stage.status("payment").await;
    let counted = status.rows.as_ref().and_then(|rows| rows.as_ref().ok());
    let counted = counted.expect("rows that were counted");
    assert_eq!((counted.pending, counted.exact), (2, true));
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [2]);
    each_once(&stage.ids("payment").await, 1..=2);
    // Names are printed as with the default settings, whatever the role's.
    let rows = stage.backend.read_object(&report.objects[0].key, 2).await;
    let rows = rows.expect("a body").lines.join("\n");
    assert!(rows.contains("\"shadow.pg_prepared_xacts\""), "{rows}");
    assert!(rows.contains("\"other\":\"payment\""), "{rows}");
}
