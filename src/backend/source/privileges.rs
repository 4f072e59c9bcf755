//! What this role is not allowed to read of the tables.

use futures_util::try_join;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use crate::vocabulary::TableName;

/// Looks names up in the catalog and then goes by oid: a name in a schema that may not be used would be
/// an error.
const MISSING: &str = "
SELECT place, pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
       pg_catalog.has_table_privilege(c.oid, 'SELECT'), pg_catalog.row_security_active(c.oid)
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS wanted(schema, name, place)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
ORDER BY place";

/// The schemas and tables that keep this role from reading all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privileges {
    pub role: String,
    /// The schemas that it may not use, without duplicates.
    pub schemas: Vec<String>,
    /// The tables that it may not read as a whole: it may have been granted single columns of them.
    pub tables: Vec<TableName>,
    /// The tables in which a policy hides rows from it.
    pub filtered: Vec<TableName>,
}

/// Looks up which privileges this role lacks to read `tables`.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn missing_privileges(
    client: &Client,
    tables: &[TableName],
) -> Result<Privileges, Error> {
    let schemas: Vec<&str> = tables.iter().map(TableName::schema).collect();
    let names: Vec<&str> = tables.iter().map(TableName::name).collect();
    let wanted: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)];
    let (role, rows) = try_join!(
        client.query_typed_one("SELECT current_user::text", &[]),
        client.query_typed(MISSING, &wanted),
    )?;
    let mut missing = Privileges {
        role: role.try_get(0)?,
        ..Privileges::default()
    };
    for row in rows {
        let place: i64 = row.try_get(0)?;
        let place = usize::try_from(place - 1).unwrap_or(usize::MAX);
        let Some(table) = tables.get(place) else {
            continue;
        };
        let (may_enter, may_read, is_filtered): (bool, bool, bool) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let schema = table.schema();
        if !may_enter && !missing.schemas.iter().any(|known| known == schema) {
            missing.schemas.push(schema.to_owned());
        }
        if !may_read {
            missing.tables.push(table.clone());
        }
        if is_filtered {
            missing.filtered.push(table.clone());
        }
    }
    Ok(missing)
}
