//! What user-defined types are made of.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::backend::jsonl::{CatalogField, CatalogType, Parts};

/// Selects the types $1: for a domain, the type below it; for an array, the type of its elements; for a
/// composite, the relation that has its fields.
///
/// All types of a level are selected at once, and the levels one after another: planning a statement
/// that finds them all takes ten times as long as these, and most types end at the first level.
const TYPES: &str = "
SELECT t.oid, t.typtype, t.typbasetype, e.oid, t.typrelid,
       EXISTS (SELECT FROM pg_catalog.pg_cast k
               WHERE k.castsource = t.oid AND k.castmethod = 'f'
                 AND k.casttarget = 'pg_catalog.json'::pg_catalog.regtype)
FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
WHERE t.oid = ANY ($1)";

/// Selects the fields of composites, by the relations $1 that have them.
const FIELDS: &str = "
SELECT a.attrelid, a.attname::text, a.atttypid
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum";

/// Follows domains to the types below them, and takes arrays and composites apart. The catalog is only
/// queried if a type is neither built in nor an enum.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn resolve(
    client: &Client,
    types: impl Iterator<Item = &mut CatalogType>,
) -> Result<(), tokio_postgres::Error> {
    let own = types.filter(|catalog| is_own(catalog.oid) && catalog.base_kind != 'e');
    let own: Vec<&mut CatalogType> = own.collect();
    let mut known = Types::default();
    let mut level: BTreeSet<u32> = own.iter().map(|catalog| catalog.oid).collect();
    // No type contains itself (PostgreSQL source, `CheckAttributeType`).
    while !level.is_empty() {
        level = known.learn(client, &level).await?;
    }
    for catalog in own {
        *catalog = known.of(catalog.oid);
    }
    Ok(())
}

fn is_own(oid: u32) -> bool {
    Type::from_oid(oid).is_none()
}

/// Types by their `pg_type.oid`.
#[derive(Default)]
struct Types(HashMap<u32, Described>);

/// A type as described by `pg_type`, with its parts by their oids.
struct Described {
    kind: char,
    has_json_cast: bool,
    /// For a domain, the type below it; 0 for others.
    below: u32,
    /// For an array, the type of its elements.
    element: Option<u32>,
    /// For a composite, its fields.
    fields: Vec<(String, u32)>,
}

impl Described {
    /// The types that it is made of.
    fn parts(&self) -> impl Iterator<Item = u32> {
        let fields = self.fields.iter().map(|(_, oid)| *oid);
        fields.chain([self.below]).chain(self.element)
    }
}

impl Types {
    /// Queries types, and returns those they are made of that are not known yet.
    async fn learn(
        &mut self,
        client: &Client,
        wanted: &BTreeSet<u32>,
    ) -> Result<BTreeSet<u32>, tokio_postgres::Error> {
        let wanted: Vec<u32> = wanted.iter().copied().collect();
        let rows = client
            .query_typed(TYPES, &[(&wanted, Type::OID_ARRAY)])
            .await?;
        let mut composites = HashMap::new();
        for row in &rows {
            let described = Described {
                kind: char::from(row.try_get::<_, i8>(1)?.cast_unsigned()),
                below: row.try_get(2)?,
                element: row.try_get(3)?,
                has_json_cast: row.try_get(5)?,
                fields: Vec::new(),
            };
            let oid: u32 = row.try_get(0)?;
            if described.kind == 'c' {
                composites.insert(row.try_get(4)?, oid);
            }
            self.0.insert(oid, described);
        }
        self.learn_fields(client, &composites).await?;
        let parts = wanted.iter().filter_map(|oid| self.0.get(oid));
        let parts = parts.flat_map(Described::parts);
        Ok(parts
            .filter(|oid| *oid != 0 && is_own(*oid) && !self.0.contains_key(oid))
            .collect())
    }

    /// Queries the fields of composites, by their relations.
    async fn learn_fields(
        &mut self,
        client: &Client,
        composites: &HashMap<u32, u32>,
    ) -> Result<(), tokio_postgres::Error> {
        if composites.is_empty() {
            return Ok(());
        }
        let relations: Vec<u32> = composites.keys().copied().collect();
        let rows = client
            .query_typed(FIELDS, &[(&relations, Type::OID_ARRAY)])
            .await?;
        for row in &rows {
            let composite = composites.get(&row.try_get(0)?);
            if let Some(described) = composite.and_then(|oid| self.0.get_mut(oid)) {
                described.fields.push((row.try_get(1)?, row.try_get(2)?));
            }
        }
        Ok(())
    }

    /// Returns the type of a column, an element or a field.
    fn of(&self, oid: u32) -> CatalogType {
        let mut catalog = CatalogType::built_in(oid);
        while let Some(base) = self.0.get(&catalog.base_oid) {
            catalog.base_kind = base.kind;
            catalog.has_json_cast = base.has_json_cast;
            if base.kind != 'd' {
                catalog.parts = self.parts(base);
                break;
            }
            catalog.base_oid = base.below;
        }
        catalog
    }

    fn parts(&self, base: &Described) -> Parts {
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
}
