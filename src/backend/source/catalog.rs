//! Which tables exist, and what their columns are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::types;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::jsonl::{CatalogType, Column};
use crate::vocabulary::TableName;

/// `pg_type.oid` of `timestamp without time zone`.
const TIMESTAMP: u32 = 1114;
/// `pg_type.oid` of `timestamp with time zone`.
const TIMESTAMPTZ: u32 = 1184;

/// Selects ordinary and partitioned tables with their columns; further conditions can be appended.
///
/// It looks for a cast to `json` because `row_to_json` does (PostgreSQL source, `json_categorize_type`).
/// Sizes are taken from the statistics, because asking for the real ones waits for every table that is being
/// altered; long values are in a separate table (TOAST).
const TABLES: &str = "
SELECT n.nspname::text, c.relname::text, c.oid, c.relhassubclass,
       (greatest(c.relpages, 0)::int8 + greatest(toast.relpages, 0))
           * current_setting('block_size')::int8,
       c.reltuples::float8, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull, a.atttypid, t.typtype,
       EXISTS (SELECT FROM pg_catalog.pg_cast k
               WHERE k.castsource = t.oid AND k.castmethod = 'f'
                 AND k.casttarget = 'pg_catalog.json'::pg_catalog.regtype),
       EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = c.oid),
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum
                 AND i.indisvalid AND i.indpred IS NULL),
       current_setting('server_version_num')::int4 >= 170000
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
LEFT JOIN (pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid)
       ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')";

/// Selects the sizes of the tables $1 together with their partitions or child tables, which hold some of
/// their rows. Unknown values are left out of the sums.
const WHOLE: &str = "
WITH RECURSIVE part (whole, oid) AS (
    SELECT oid, oid FROM pg_catalog.unnest($1::oid[]) AS t (oid)
    UNION ALL
    SELECT part.whole, i.inhrelid
    FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid
)
SELECT part.whole,
       sum(greatest(c.relpages, 0)::int8 + greatest(toast.relpages, 0))::int8
           * current_setting('block_size')::int8,
       coalesce(sum(c.reltuples) FILTER (WHERE c.reltuples >= 0 AND c.relkind <> 'p'), -1)::float8,
       min(c.relname::text) FILTER (WHERE c.relkind = 'f'),
       bool_or(EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = c.oid))
FROM part
JOIN pg_catalog.pg_class c ON c.oid = part.oid
LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
GROUP BY part.whole";

/// Leaves out partitions, which are part of their table, and the system's and temporary tables, which are
/// nobody's source.
const SELECTABLE: &str = "
  AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

/// A table as described by the catalog.
#[derive(Debug, Clone)]
pub struct SourceTable {
    pub name: TableName,
    /// Size on disk in bytes according to the planner's statistics, with partitions, without indexes.
    pub bytes: u64,
    /// Rows according to the planner's statistics; `None` if the table was never analyzed.
    pub estimated_rows: Option<u64>,
    /// In the order of the table.
    pub columns: Vec<SourceColumn>,
    /// Whether an interval can be infinite: from PostgreSQL 17 on.
    pub has_infinite_intervals: bool,
    /// What is wrong with the table itself: a missing timestamp column, for example.
    pub findings: Vec<Finding>,
}

/// A column as described by the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    pub name: String,
    /// The type as spelled in SQL: `numeric(10,2)`.
    pub type_name: String,
    pub nullable: bool,
    /// The type, as needed to choose its encoder.
    pub catalog: CatalogType,
    /// Whether the profile names it as a column that tells when a row was last changed. The catalog does not
    /// know.
    pub is_watermark: bool,
    /// Whether it is the first column of an index over all rows.
    pub is_indexed: bool,
}

/// Returns all tables that this role can see, by name.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn tables(
    client: &Client,
) -> Result<BTreeMap<TableName, SourceTable>, tokio_postgres::Error> {
    let statement = format!("{TABLES}{SELECTABLE} ORDER BY n.nspname, c.relname, a.attnum");
    let rows = client.query_typed(&statement, &[]).await?;
    collect(client, &rows).await
}

/// Returns one table by its name, whatever its schema; `None` if there is no such table.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn table(
    client: &Client,
    name: &TableName,
) -> Result<Option<SourceTable>, tokio_postgres::Error> {
    let statement = format!("{TABLES} AND n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum");
    let named: [(&(dyn ToSql + Sync), Type); 2] =
        [(&name.schema(), Type::NAME), (&name.name(), Type::NAME)];
    let rows = client.query_typed(&statement, &named).await?;
    Ok(collect(client, &rows).await?.remove(name))
}

/// Returns those of the named tables that exist.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn tables_named(
    client: &Client,
    names: &[&TableName],
) -> Result<BTreeMap<TableName, SourceTable>, tokio_postgres::Error> {
    let statement = format!(
        "{TABLES} AND (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))
         ORDER BY n.nspname, c.relname, a.attnum"
    );
    let schemas: Vec<&str> = names.iter().map(|name| name.schema()).collect();
    let tables: Vec<&str> = names.iter().map(|name| name.name()).collect();
    let wanted: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&tables, Type::TEXT_ARRAY)];
    let rows = client.query_typed(&statement, &wanted).await?;
    collect(client, &rows).await
}

/// Builds the tables from these rows of [`TABLES`]. Further queries are only made for tables with partitions
/// or child tables, and for types that do not come with PostgreSQL.
async fn collect(
    client: &Client,
    rows: &[Row],
) -> Result<BTreeMap<TableName, SourceTable>, tokio_postgres::Error> {
    let mut tables = BTreeMap::new();
    let mut parents = BTreeMap::new();
    for row in rows {
        let name = TableName::new(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        let table = match tables.entry(name) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let name = entry.key().clone();
                if row.try_get(3)? {
                    parents.insert(row.try_get(2)?, name.clone());
                }
                entry.insert(describe(name, row)?)
            }
        };
        // A table may have no columns at all.
        if row.try_get::<_, Option<String>>(6)?.is_some() {
            table.columns.push(column(row)?);
        }
    }
    measure_whole(client, &parents, &mut tables).await?;
    let columns = tables.values_mut().flat_map(|table| &mut table.columns);
    types::resolve(client, columns.map(|column| &mut column.catalog)).await?;
    Ok(tables)
}

/// Sets the sizes of the tables with the oids of `parents` to the sums over all their parts.
async fn measure_whole(
    client: &Client,
    parents: &BTreeMap<u32, TableName>,
    tables: &mut BTreeMap<TableName, SourceTable>,
) -> Result<(), tokio_postgres::Error> {
    if parents.is_empty() {
        return Ok(());
    }
    let wanted: Vec<u32> = parents.keys().copied().collect();
    let wanted: [(&(dyn ToSql + Sync), Type); 1] = [(&wanted, Type::OID_ARRAY)];
    for row in client.query_typed(WHOLE, &wanted).await? {
        let name = parents.get(&row.try_get(0)?);
        if let Some(table) = name.and_then(|name| tables.get_mut(name)) {
            table.bytes = row.try_get::<_, i64>(1)?.unsigned_abs();
            table.estimated_rows = whole(row.try_get(2)?);
            if let Some(foreign) = row.try_get::<_, Option<String>>(3)? {
                table.findings.push(foreign_part(&foreign));
            }
            if table.findings.is_empty() && row.try_get(4)? {
                table.findings.push(replicated());
            }
        }
    }
    Ok(())
}

/// The finding about rows of another server, whose transactions cannot be seen from here.
fn foreign_part(name: &str) -> Finding {
    Finding::new(
        FindingCode::ForeignPartition,
        format!(
            "{name}, which holds some of its rows, is a foreign table: open transactions of its server cannot be seen, so only the settle time protects against what they commit late"
        ),
    )
}

/// The finding about rows of another server that arrive here once they are committed there.
fn replicated() -> Finding {
    Finding::new(
        FindingCode::StandbySource,
        "its rows come by logical replication, stamped by another server, whose open transactions cannot be seen: settle has to be longer than the longest transaction there plus the lag",
    )
}

fn describe(name: TableName, row: &Row) -> Result<SourceTable, tokio_postgres::Error> {
    Ok(SourceTable {
        name,
        bytes: row.try_get::<_, i64>(4)?.unsigned_abs(),
        estimated_rows: whole(row.try_get(5)?),
        columns: Vec::new(),
        has_infinite_intervals: row.try_get(14)?,
        findings: if row.try_get(12)? {
            vec![replicated()]
        } else {
            Vec::new()
        },
    })
}

fn column(row: &Row) -> Result<SourceColumn, tokio_postgres::Error> {
    let oid = row.try_get(9)?;
    let kind: i8 = row.try_get(10)?;
    Ok(SourceColumn {
        name: row.try_get(6)?,
        type_name: row.try_get(7)?,
        nullable: !row.try_get::<_, bool>(8)?,
        catalog: CatalogType {
            base_kind: char::from(kind.cast_unsigned()),
            has_json_cast: row.try_get(11)?,
            ..CatalogType::built_in(oid)
        },
        is_watermark: false,
        is_indexed: row.try_get(13)?,
    })
}

/// Turns a row estimate of the planner into a number of rows; `None` for −1, which stands for "never
/// analyzed".
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate; `as` saturates"
)]
pub fn whole(estimate: f64) -> Option<u64> {
    (estimate >= 0.0).then_some(estimate.round() as u64)
}

impl SourceTable {
    /// The columns as they are selected and encoded.
    #[must_use]
    pub fn encoded_columns(&self) -> Vec<Column> {
        let columns = self.columns.iter();
        let encoded = columns.map(|column| {
            let encoded = Column::new(&column.name, &column.type_name, &column.catalog);
            if self.has_infinite_intervals {
                encoded
            } else {
                encoded.with_finite_intervals()
            }
        });
        encoded.collect()
    }

    /// Marks `columns` as those that tell when a row was last changed, and adds a finding if one of them does
    /// not exist or is not a timestamp.
    pub fn require_timestamps(&mut self, columns: &[String]) {
        for column in &mut self.columns {
            column.is_watermark = columns.contains(&column.name);
        }
        let wrong: Vec<String> = columns
            .iter()
            .filter_map(
                |wanted| match self.columns.iter().find(|column| column.name == *wanted) {
                    None => Some(format!("there is no column {wanted}")),
                    Some(column) if !column.is_timestamp() => {
                        Some(format!("column {wanted} is {}", column.type_name))
                    }
                    Some(_) => None,
                },
            )
            .collect();
        if !wrong.is_empty() {
            let message = format!(
                "{}; name the column that holds the row's last change in timestamp_columns, or, for this table alone, set mode = \"snapshot\" to have it written in full every time, or skip = true",
                wrong.join(", ")
            );
            self.findings
                .push(Finding::new(FindingCode::NoTimestampColumn, message));
        }
    }
}

impl SourceColumn {
    /// Whether it is a timestamp with or without time zone, or a domain over one.
    #[must_use]
    pub const fn is_timestamp(&self) -> bool {
        self.is_naive_timestamp() || self.catalog.base_oid == TIMESTAMPTZ
    }

    /// Digits after the second that a timestamp keeps: three for `timestamp(3)`, six by default; `None` for a
    /// domain, which may keep fewer.
    #[must_use]
    pub fn fraction_digits(&self) -> Option<u32> {
        if self.catalog.oid != self.catalog.base_oid {
            return None;
        }
        let digits = self.type_name.split_once('(').and_then(|(_, rest)| {
            let (digits, _) = rest.split_once(')')?;
            digits.parse::<u32>().ok()
        });
        Some(digits.map_or(6, |digits| digits.min(6)))
    }

    /// Whether it is a timestamp without time zone, or a domain over one.
    #[must_use]
    pub const fn is_naive_timestamp(&self) -> bool {
        self.catalog.base_oid == TIMESTAMP
    }
}
