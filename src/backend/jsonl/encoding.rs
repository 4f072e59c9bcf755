//! Choosing the encoder for the values of a type.

use std::sync::Arc;

use tokio_postgres::types::{Kind, Type};

use super::catalog_type::{CatalogField, CatalogType, Parts};
use super::label::Label;

/// How the values of a type are turned into JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoding {
    Bool,
    Int2,
    Int4,
    Int8,
    /// `row_to_json` prints an oid as a string.
    Oid,
    Float4,
    Float8,
    Numeric,
    /// text, varchar, char(n), name, and the labels of every enum.
    Text,
    Uuid,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Bytea,
    Json,
    Jsonb,
    Interval,
    /// An interval from a server before PostgreSQL 17, whose longest interval does not yet stand for infinity.
    FiniteInterval,
    /// inet and cidr.
    Address,
    /// An array of elements with this encoding.
    Array(Arc<Self>),
    /// A range of values with this encoding.
    Range(Arc<Self>),
    /// A composite with these fields.
    Composite(Arc<[Field]>),
    /// Every other type is encoded by the server: `to_json(col)::text`.
    Server,
}

/// A field of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub(super) label: Label,
    /// `pg_attribute.atttypid`, which the server sends with each value.
    pub(super) type_oid: u32,
    pub(super) encoding: Encoding,
}

impl Encoding {
    /// Returns the encoder for a type of the catalog.
    pub(super) fn of(catalog: &CatalogType) -> Self {
        Self::native(catalog).unwrap_or(Self::Server)
    }

    /// Checks in the same order as PostgreSQL (its source, `json_categorize_type`): casts to json only count
    /// for types that are neither built in nor made of parts.
    fn native(catalog: &CatalogType) -> Option<Self> {
        if let Some(base) = catalog.built_in_base() {
            return Self::built_in(&base);
        }
        match &catalog.parts {
            Parts::Elements(of) => Some(Self::Array(Arc::new(Self::native(of)?))),
            Parts::Fields(fields) => Self::composite(fields),
            Parts::Unknown if catalog.base_kind == 'e' && !catalog.has_json_cast => {
                Some(Self::Text)
            }
            Parts::Unknown => None,
        }
    }

    /// Makes all intervals, at any depth, be printed as by a server without infinite intervals.
    pub(super) fn make_intervals_finite(&mut self) {
        match self {
            Self::Interval => *self = Self::FiniteInterval,
            Self::Array(of) => Arc::make_mut(of).make_intervals_finite(),
            Self::Composite(fields) => {
                let mut changed = fields.to_vec();
                for field in &mut changed {
                    field.encoding.make_intervals_finite();
                }
                *fields = changed.into();
            }
            _ => {}
        }
    }

    /// `None` if one of the fields has no encoder.
    fn composite(fields: &[CatalogField]) -> Option<Self> {
        let fields = fields.iter().enumerate().map(|(position, field)| {
            Some(Field {
                label: Label::new(position, &field.name),
                type_oid: field.of.oid,
                encoding: Self::native(&field.of)?,
            })
        });
        Some(Self::Composite(fields.collect::<Option<_>>()?))
    }

    fn built_in(base: &Type) -> Option<Self> {
        match base.kind() {
            Kind::Array(of) => Some(Self::Array(Arc::new(Self::built_in(of)?))),
            Kind::Range(of) => Some(Self::Range(Arc::new(Self::built_in(of)?))),
            _ => Self::scalar(base),
        }
    }

    const fn scalar(base: &Type) -> Option<Self> {
        Some(match *base {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::NUMERIC => Self::Numeric,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => Self::Text,
            Type::UUID => Self::Uuid,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::TIMETZ => Self::TimeTz,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::TimestampTz,
            Type::BYTEA => Self::Bytea,
            Type::JSON => Self::Json,
            Type::JSONB => Self::Jsonb,
            Type::INTERVAL => Self::Interval,
            Type::INET | Type::CIDR => Self::Address,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A user-defined type.
    fn own(oid: u32, base_kind: char, parts: Parts) -> CatalogType {
        CatalogType {
            base_kind,
            parts,
            ..CatalogType::built_in(oid)
        }
    }

    fn elements(of: CatalogType) -> Parts {
        Parts::Elements(Box::new(of))
    }

    #[test]
    fn an_enum_is_text_unless_it_has_its_own_cast_to_json() {
        let plain = own(70_001, 'e', Parts::Unknown);
        let cast = CatalogType {
            has_json_cast: true,
            ..plain.clone()
        };
        assert_eq!(Encoding::of(&plain), Encoding::Text);
        assert_eq!(Encoding::of(&cast), Encoding::Server);
        let many = |of: &CatalogType| Encoding::of(&own(70_002, 'b', elements(of.clone())));
        assert_eq!(many(&plain), Encoding::Array(Arc::new(Encoding::Text)));
        assert_eq!(many(&cast), Encoding::Server);
    }

    #[test]
    fn what_is_made_of_parts_has_an_encoder_if_all_of_them_have_one() {
        let of = |base: Type| {
            let field = CatalogField {
                name: "a".to_owned(),
                of: CatalogType::built_in(base.oid()),
            };
            Encoding::of(&own(70_003, 'c', Parts::Fields(vec![field])))
        };
        let Encoding::Composite(fields) = of(Type::INT4_ARRAY) else {
            panic!("no composite");
        };
        assert_eq!(fields[0].encoding, Encoding::Array(Encoding::Int4.into()));
        assert_eq!(fields[0].type_oid, Type::INT4_ARRAY.oid());
        assert_eq!(of(Type::POINT), Encoding::Server);
        assert_eq!(of(Type::POINT_ARRAY), Encoding::Server);
        let unknown = own(70_003, 'c', Parts::Unknown);
        assert_eq!(Encoding::of(&unknown), Encoding::Server);
    }
}
