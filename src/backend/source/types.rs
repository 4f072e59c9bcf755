//! What types of somebody's own are made of.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::backend::jsonl::{CatalogField, CatalogType, Parts};

/// The types $1: of a domain the type below it, of an array the type of its elements, of a composite the
/// relation that has its fields.
///
/// Asked for all types of a level at once, and for the levels one after the other: planning a statement
/// that finds them all takes ten times as long as these, and most types end at the first level.
const TYPES: &str = "
SELECT t.oid, t.typtype, t.typbasetype, e.oid, t.typrelid,
       EXISTS (SELECT FROM pg_catalog.pg_cast k
               WHERE k.castsource = t.oid AND k.castmethod = 'f'
                 AND k.casttarget = 'pg_catalog.json'::pg_catalog.regtype)
FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
WHERE t.oid = ANY ($1)";

/// The fields of composites, by the relations $1 that have them.
const FIELDS: &str = "
SELECT a.attrelid, a.attname::text, a.atttypid
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum";

/// Follows domains to the types below them, and takes arrays and composites apart. The catalog is asked
/// only where a type is neither built in nor an enum.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn resolve(
    client: &Client,
    types: impl Iterator<Item = &mut CatalogType>,
) -> Result<(), tokio_postgres::Error> {
    let own = types.filter(|catalog| is_own(catalog.oid) && catalog.base_kind != 'e');
    let own: Vec<&mut CatalogType> = own.collect();
    let mut known = Types::default();
    let mut level: BTreeSet<u32> = own.iter().map(|catalog| catalog.oid).collect();
    // No type is made of itself (PostgreSQL source, `CheckAttributeType`).
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

/// A type as `pg_type` has it, each part by its oid.
struct Described {
    kind: char,
    has_json_cast: bool,
    /// Of a domain, the type below it; 0 for others.
    below: u32,
    /// Of an array, the type of its elements.
    element: Option<u32>,
    /// Of a composite, its fields.
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
    /// Asks for types, and returns those that they are made of and that are not known yet.
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

    /// Asks for the fields of composites, by their relations.
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

    /// The type of a column, an element or a field.
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
