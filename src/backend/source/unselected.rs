//! Names that stand for no selected table.

use std::collections::BTreeMap;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use crate::backend::error::Unselected;
use crate::vocabulary::TableName;

/// Looks up `names`, none of which is a selected table; names that are not in the catalog are left
/// out.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn unselected(
    client: &Client,
    names: &[TableName],
) -> Result<BTreeMap<TableName, Unselected>, Error> {
    const STATEMENT: &str = "
        SELECT n.nspname::text, c.relname::text, c.relispartition, c.relkind::text
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
    let schemas: Vec<&str> = names.iter().map(TableName::schema).collect();
    let tables: Vec<&str> = names.iter().map(TableName::name).collect();
    let wanted: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&tables, Type::TEXT_ARRAY)];
    let mut found = BTreeMap::new();
    for row in client.query_typed(STATEMENT, &wanted).await? {
        let name = TableName::new(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
        let is_partition: bool = row.try_get(2)?;
        let kind: &str = row.try_get(3)?;
        let why = match kind {
            _ if is_partition => Unselected::Partition,
            "v" => Unselected::Other("view"),
            "m" => Unselected::Other("materialized view"),
            "f" => Unselected::Other("foreign table"),
            _ => Unselected::LeftOut,
        };
        found.insert(name, why);
    }
    Ok(found)
}
