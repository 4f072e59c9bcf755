//! The encoder against its oracle: every line is, byte for byte, what `row_to_json(t)::text`
//! prints.

mod generated;
mod own_types;
mod zoo;

use std::pin::pin;

use futures_util::TryStreamExt as _;
use highwater::backend::{
    jsonl::{Column, Encoding, LineEncoder, SESSION_SETTINGS, TupleReader},
    source,
};
use highwater::vocabulary::TableName;
use tokio_postgres::Client;

use crate::support;

/// A database and a connection to it, set up like the connections of a source.
struct Oracle {
    client: Client,
    /// Dropped after the client.
    _database: support::Database,
}

impl Oracle {
    /// `None` (with a note on stderr) if there is no server.
    async fn start() -> Option<Self> {
        let database = support::postgres()?;
        let client = database.client().await;
        for (name, value) in SESSION_SETTINGS {
            let set = format!("SET {name} = '{value}'");
            client.batch_execute(&set).await.expect(&set);
        }
        Some(Self {
            client,
            _database: database,
        })
    }

    async fn execute(&self, statements: &str) {
        if let Err(error) = self.client.batch_execute(statements).await {
            panic!("{statements}: {error:?}");
        }
    }

    /// The columns of a table, which is named as in SQL.
    async fn columns(&self, table: &str) -> Vec<Column> {
        let name = format!(
            "SELECT relnamespace::regnamespace::text, relname::text
             FROM pg_class WHERE oid = '{table}'::regclass"
        );
        let name = self.client.query_one(&name, &[]).await.expect(table);
        let name = TableName::new(name.get::<_, String>(0), name.get::<_, String>(1));
        let found = source::table(&self.client, &name).await.expect(table);
        found.expect(table).encoded_columns()
    }

    /// The table's rows as the encoder prints them.
    async fn encoded(&self, table: &str) -> Vec<Vec<u8>> {
        let columns = self.columns(table).await;
        let selected: Vec<String> = columns.iter().map(Column::select_expression).collect();
        let copy = format!(
            "COPY (SELECT {} FROM {table} ORDER BY ctid) TO STDOUT (FORMAT binary)",
            selected.join(", ")
        );
        let stream = self.client.copy_out(&copy).await;
        let mut stream = pin!(stream.unwrap_or_else(|error| panic!("{copy}: {error:?}")));
        let encoder = LineEncoder::new(columns);
        let mut reader = TupleReader::new(encoder.columns().len());
        let mut lines = Vec::new();
        while let Some(chunk) = stream.try_next().await.expect(&copy) {
            reader.push(chunk);
            while let Some(tuple) = reader.next_tuple().expect(table) {
                let mut line = Vec::new();
                encoder.encode_row(tuple, &mut line).expect(table);
                lines.push(line);
            }
        }
        reader.finish().expect(table);
        lines
    }

    /// The table's rows as PostgreSQL prints them. Line breaks in its text can only be between the
    /// tokens of a `json` value, and the encoder replaces those by spaces.
    async fn expected(&self, table: &str) -> Vec<String> {
        let select = format!("SELECT row_to_json(t)::text FROM {table} t ORDER BY t.ctid");
        let rows = self.client.query(&select, &[]).await.expect(&select);
        rows.iter()
            .map(|row| row.get::<_, String>(0).replace(['\n', '\r'], " "))
            .collect()
    }

    /// Compares all rows of a table, and returns how many there are.
    async fn compare(&self, table: &str) -> usize {
        let (encoded, expected) = (self.encoded(table).await, self.expected(table).await);
        assert_eq!(encoded.len(), expected.len(), "rows of {table}");
        for (encoded, expected) in encoded.iter().zip(&expected) {
            assert_same(encoded, expected.as_bytes(), table);
        }
        expected.len()
    }
}

/// Shows only the surroundings of the first difference between two lines: lines may be long.
fn assert_same(encoded: &[u8], expected: &[u8], table: &str) {
    let same = encoded.iter().zip(expected).take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(60);
    let around = |line: &[u8]| {
        let end = line.len().min(from + 120);
        String::from_utf8_lossy(&line[from.min(end)..end]).into_owned()
    };
    assert!(
        encoded == expected,
        "a line of {table} differs after {from} bytes and some\n encoded: {}\nexpected: {}",
        around(encoded),
        around(expected)
    );
}

/// Every type with its edge values.
fn all_values() -> impl Iterator<Item = &'static zoo::Values> {
    zoo::values().chain(own_types::VALUES)
}

#[tokio::test]
async fn every_edge_value_of_every_type_is_printed_as_postgresql_prints_it() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle.execute(own_types::TYPES).await;
    for (position, (type_name, values)) in all_values().enumerate() {
        let table = format!("zoo_{position}");
        oracle
            .execute(&format!("CREATE TABLE {table} (value {type_name})"))
            .await;
        let insert = format!("INSERT INTO {table} SELECT $1::text::{type_name}");
        for value in values.iter().map(Some).chain([None]) {
            let inserted = oracle.client.execute(&insert, &[&value]).await;
            inserted.unwrap_or_else(|error| panic!("{type_name} {value:?}: {error:?}"));
        }
        assert_eq!(oracle.compare(&table).await, values.len() + 1);
    }
}

/// What is the longest interval before PostgreSQL 17 stands for infinity from that version on.
#[tokio::test]
async fn the_longest_interval_of_a_server_is_printed_as_postgresql_prints_it() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle.execute(own_types::TYPES).await;
    oracle
        .execute(
            "DO $$ DECLARE longest text := CASE
                 WHEN current_setting('server_version_num')::int >= 170000 THEN 'infinity'
                 ELSE '178956970 years 7 mons 2147483647 days 2562047788:00:54.775807' END;
             BEGIN EXECUTE format('CREATE TABLE longest AS SELECT span, array[span] AS spans,
                 row(span, array[span])::lasting AS part FROM (SELECT interval %L AS span) AS t', longest);
             END $$",
        )
        .await;
    assert_eq!(oracle.compare("longest").await, 1);
}

#[tokio::test]
async fn all_types_side_by_side_are_printed_as_postgresql_prints_them() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle.execute(own_types::TYPES).await;
    let columns = all_values().enumerate();
    let columns: Vec<String> = columns
        .map(|(n, (name, _))| format!("c{n} {name}"))
        .collect();
    oracle
        .execute(&format!("CREATE TABLE wide ({})", columns.join(", ")))
        .await;
    let most = all_values().map(|(_, values)| values.len()).max();
    for row in 0..most.unwrap_or(0) {
        let values = all_values().map(|(name, values)| {
            let value = values[row % values.len()].replace('\'', "''");
            format!("'{value}'::text::{name}")
        });
        let values: Vec<String> = values.collect();
        oracle
            .execute(&format!("INSERT INTO wide VALUES ({})", values.join(", ")))
            .await;
    }
    assert!(oracle.compare("wide").await > 20);
}

#[tokio::test]
async fn types_of_somebodys_own_are_encoded_here_as_far_as_their_parts_are() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle.execute(own_types::TYPES).await;
    for (position, (type_name, _)) in own_types::VALUES.iter().enumerate() {
        let table = format!("own_{position}");
        oracle
            .execute(&format!("CREATE TABLE {table} (value {type_name})"))
            .await;
        let column = oracle.columns(&table).await.remove(0);
        assert_eq!(
            column.encoding == Encoding::Server,
            own_types::OF_THE_SERVER.contains(type_name),
            "{column:?}"
        );
    }
}

/// Types that accept no input (`pg_node_tree`, statistics) have values in the catalog.
#[tokio::test]
async fn every_table_of_the_catalog_is_printed_as_postgresql_prints_it() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle
        .execute(
            "CREATE TABLE statistical (a int DEFAULT 1 + 1, b int, CHECK (a < 1000));
             INSERT INTO statistical SELECT n, n / 10 FROM generate_series(1, 500) AS s(n);
             CREATE STATISTICS about_it ON a, b FROM statistical;
             ANALYZE statistical",
        )
        .await;
    oracle
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await;
    // Columns of the pseudo-type anyarray, which only the catalog may have, are not supported by
    // to_json.
    let tables = "SELECT format('%I.%I', n.nspname, c.relname)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'pg_catalog' AND c.relkind = 'r' AND NOT EXISTS (
             SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND t.typtype = 'p')";
    let tables = oracle.client.query(tables, &[]).await.expect("the catalog");
    let mut rows = 0;
    for table in &tables {
        rows += oracle.compare(table.get(0)).await;
    }
    assert!(tables.len() > 50 && rows > 10_000, "{rows} rows");
}

#[tokio::test]
async fn no_built_in_type_is_missing_from_the_zoo() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    let names: Vec<&str> = zoo::values().map(|(name, _)| *name).collect();
    let missing = "SELECT format_type(t.oid, NULL) FROM pg_type t
         WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
           AND t.typcategory <> 'A'
           AND t.oid <> ALL (SELECT u::regtype FROM unnest($1::text[]) AS s(u))
         ORDER BY 1";
    let missing = oracle
        .client
        .query(missing, &[&names])
        .await
        .expect("types");
    let missing: Vec<String> = missing.iter().map(|row| row.get(0)).collect();
    assert_eq!(missing, zoo::WITHOUT_INPUT);

    let columns = zoo::WITHOUT_INPUT.iter().enumerate();
    let columns: Vec<String> = columns.map(|(n, name)| format!("c{n} {name}")).collect();
    oracle
        .execute(&format!("CREATE TABLE hollow ({})", columns.join(", ")))
        .await;
    oracle.execute("INSERT INTO hollow DEFAULT VALUES").await;
    assert_eq!(oracle.compare("hollow").await, 1);
}

#[tokio::test]
async fn columns_of_any_name_and_history_are_printed_as_postgresql_prints_them() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle
        .execute(
            "CREATE TABLE names (dropped int, \"SELECT\" int, \"a \"\"b\"\" \\ c\" text, \"é 🦀\" bool,
                 \"tab\tbreak\nend\" int, \"'; --\" date, twice int GENERATED ALWAYS AS (\"SELECT\" * 2) STORED);
             ALTER TABLE names DROP COLUMN dropped;
             INSERT INTO names VALUES (1, 'x', true, 2, '2024-05-16');
             ALTER TABLE names ADD COLUMN late numeric DEFAULT 1.50;
             CREATE TABLE nothing ();
             INSERT INTO nothing DEFAULT VALUES",
        )
        .await;
    assert_eq!(oracle.compare("names").await, 1);
    assert_eq!(oracle.compare("nothing").await, 1);
}

#[tokio::test]
async fn line_breaks_in_a_json_column_are_the_only_exception() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle
        .execute(
            "CREATE TABLE broken (a json, b json[], c text);
             INSERT INTO broken VALUES (E'{\"x\" :\\r\\n\\t\"y\\\\n\"\\n}',
                 ARRAY[E'[1,\\n2]'::json], E'line\\nbreak')",
        )
        .await;
    let line = oracle.encoded("broken").await.remove(0);
    let expected = "{\"a\":{\"x\" :  \t\"y\\n\" },\"b\":[[1, 2]],\"c\":\"line\\nbreak\"}";
    assert_eq!(String::from_utf8_lossy(&line), expected);
    assert_eq!(oracle.compare("broken").await, 1);
}

#[tokio::test]
async fn generated_rows_are_printed_as_postgresql_prints_them() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle.execute(generated::TABLE).await;
    generated::fill(&oracle.client, 4_000).await;
    assert_eq!(oracle.compare("generated").await, 4_000);
    oracle
        .execute(
            "CREATE TABLE within (one generated, many generated[]);
             INSERT INTO within SELECT g, ARRAY[g, NULL] FROM generated g LIMIT 1000",
        )
        .await;
    assert_eq!(oracle.compare("within").await, 1_000);
}

#[tokio::test]
async fn floats_of_all_magnitudes_are_printed_as_postgresql_prints_them() {
    let Some(oracle) = Oracle::start().await else {
        return;
    };
    oracle
        .execute("CREATE TABLE floats (four float4, eight float8)")
        .await;
    let rows = generated::fill_floats(&oracle.client, 40_000).await;
    assert_eq!(oracle.compare("floats").await, rows);
}
