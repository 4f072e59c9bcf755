//! What the catalog says about a type.

use tokio_postgres::types::Type;

/// A type, as far as the text of its values depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogType {
    /// `pg_type.oid`.
    pub oid: u32,
    /// The type itself, or, for a domain, the type at the bottom of its chain of domains.
    pub base_oid: u32,
    /// `pg_type.typtype` of the base type: `'b'`, `'e'` for an enum, …
    pub base_kind: char,
    /// Whether somebody has defined a cast function from the base type to `json`, which
    /// `row_to_json` would then call.
    pub has_json_cast: bool,
    pub parts: Parts,
}

/// What a value of a base type is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parts {
    /// It has no parts, is built in, or the catalog has not been queried for them.
    Unknown,
    /// An array of values of this type.
    Elements(Box<CatalogType>),
    /// A composite with these fields, in their order.
    Fields(Vec<CatalogField>),
}

/// A field of a composite type, as described by `pg_attribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogField {
    pub name: String,
    pub of: CatalogType,
}

impl CatalogType {
    /// A type that exists in every PostgreSQL, by its `pg_type.oid`.
    #[must_use]
    pub const fn built_in(oid: u32) -> Self {
        Self {
            oid,
            base_oid: oid,
            base_kind: 'b',
            has_json_cast: false,
            parts: Parts::Unknown,
        }
    }

    /// The base type, if it is built in.
    pub(super) fn built_in_base(&self) -> Option<Type> {
        Type::from_oid(self.base_oid)
    }
}
