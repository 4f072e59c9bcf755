//! What types of somebody's own are made of.

use std::collections::HashMap;

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::catalog::SourceColumn;
use crate::backend::jsonl::{CatalogField, CatalogType, Parts};

/// The types $1 and all that they are made of: a domain of the type below it, an array of its elements,
/// a composite of its fields. There is a row for each field; no type is made of itself (PostgreSQL
/// source, `CheckAttributeType`).
const TYPES: &str = "
WITH RECURSIVE reached (oid) AS (
    SELECT * FROM unnest($1::oid[])
    UNION
    SELECT part.oid
    FROM reached
    JOIN pg_catalog.pg_type t ON t.oid = reached.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL
        SELECT e.oid FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
        UNION ALL
        SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) part (oid)
)
SELECT t.oid, t.typtype, t.typbasetype, e.oid,
       EXISTS (SELECT FROM pg_catalog.pg_cast k
               WHERE k.castsource = t.oid AND k.castmethod = 'f'
                 AND k.casttarget = 'pg_catalog.json'::pg_catalog.regtype),
       a.attname::text, a.atttypid
FROM reached
JOIN pg_catalog.pg_type t ON t.oid = reached.oid
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY t.oid, a.attnum";

/// Finds out what the types of `columns` are made of. The catalog is asked only where one of them is
/// neither built in nor an enum.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn take_apart(
    client: &Client,
    columns: &mut [SourceColumn],
) -> Result<(), tokio_postgres::Error> {
    let mut own: Vec<&mut CatalogType> = columns
        .iter_mut()
        .map(|column| &mut column.catalog)
        .filter(|catalog| {
            Type::from_oid(catalog.base_oid).is_none() && matches!(catalog.base_kind, 'b' | 'c')
        })
        .collect();
    if own.is_empty() {
        return Ok(());
    }
    let wanted: Vec<u32> = own.iter().map(|catalog| catalog.base_oid).collect();
    let rows = client
        .query_typed(TYPES, &[(&wanted, Type::OID_ARRAY)])
        .await?;
    let types = Types::read(&rows)?;
    for catalog in &mut own {
        catalog.parts = types.parts(catalog.base_oid);
    }
    Ok(())
}

/// Types by their `pg_type.oid`.
struct Types(HashMap<u32, Described>);

/// A type as `pg_type` has it, each part by its oid.
struct Described {
    kind: char,
    has_json_cast: bool,
    /// Of a domain, the type below it.
    below: u32,
    /// Of an array, the type of its elements.
    element: Option<u32>,
    /// Of a composite, its fields.
    fields: Vec<(String, u32)>,
}

impl Types {
    fn read(rows: &[tokio_postgres::Row]) -> Result<Self, tokio_postgres::Error> {
        let mut types = HashMap::new();
        for row in rows {
            let described = Described {
                kind: char::from(row.try_get::<_, i8>(1)?.cast_unsigned()),
                below: row.try_get(2)?,
                element: row.try_get(3)?,
                has_json_cast: row.try_get(4)?,
                fields: Vec::new(),
            };
            let described = types.entry(row.try_get(0)?).or_insert(described);
            if let Some(name) = row.try_get(5)? {
                described.fields.push((name, row.try_get(6)?));
            }
        }
        Ok(Self(types))
    }

    /// What a value of this base type is made of.
    fn parts(&self, base_oid: u32) -> Parts {
        let Some(base) = self.0.get(&base_oid) else {
            return Parts::Unknown;
        };
        if let Some(element) = base.element {
            return Parts::Elements(Box::new(self.of(element)));
        }
        if base.kind != 'c' {
            return Parts::Unknown;
        }
        let fields = base.fields.iter().map(|(name, oid)| CatalogField {
            name: name.clone(),
            of: self.of(*oid),
        });
        Parts::Fields(fields.collect())
    }

    /// The type of an element or a field.
    fn of(&self, oid: u32) -> CatalogType {
        let mut catalog = CatalogType::built_in(oid);
        while let Some(base) = self.0.get(&catalog.base_oid) {
            catalog.base_kind = base.kind;
            catalog.has_json_cast = base.has_json_cast;
            if base.kind != 'd' {
                break;
            }
            catalog.base_oid = base.below;
        }
        if Type::from_oid(catalog.base_oid).is_none() {
            catalog.parts = self.parts(catalog.base_oid);
        }
        catalog
    }
}
