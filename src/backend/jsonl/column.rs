//! The columns of a table, and which encoder each of them gets.

use tokio_postgres::types::Type;

use crate::backend::table::quote_identifier;

/// How the values of a column become JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// inet and cidr.
    Address,
    /// An array of elements that are encoded so.
    Array(&'static Self),
    /// A range of values that are encoded so.
    Range(&'static Self),
    /// Encoded by the server, `to_json(col)::text`: every other type.
    Server,
}

impl Encoding {
    /// The encoder for a type of the catalog.
    fn of(catalog: &CatalogType) -> Self {
        // First the built-in types: PostgreSQL looks for casts to json only beyond them.
        let built_in = Type::from_oid(catalog.base_oid);
        let native = |base: Type| {
            Self::scalar(&base)
                .or_else(|| Self::array(&base))
                .or_else(|| Self::range(&base))
        };
        if let Some(native) = built_in.and_then(native) {
            return native;
        }
        if catalog.base_kind == 'e' && !catalog.has_json_cast {
            return Self::Text;
        }
        Self::Server
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

    const fn array(base: &Type) -> Option<Self> {
        Some(Self::Array(match *base {
            Type::BOOL_ARRAY => &Self::Bool,
            Type::INT2_ARRAY => &Self::Int2,
            Type::INT4_ARRAY => &Self::Int4,
            Type::INT8_ARRAY => &Self::Int8,
            Type::FLOAT4_ARRAY => &Self::Float4,
            Type::FLOAT8_ARRAY => &Self::Float8,
            Type::NUMERIC_ARRAY => &Self::Numeric,
            Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => &Self::Text,
            Type::UUID_ARRAY => &Self::Uuid,
            Type::DATE_ARRAY => &Self::Date,
            Type::TIME_ARRAY => &Self::Time,
            Type::TIMESTAMP_ARRAY => &Self::Timestamp,
            Type::TIMESTAMPTZ_ARRAY => &Self::TimestampTz,
            Type::BYTEA_ARRAY => &Self::Bytea,
            Type::JSON_ARRAY => &Self::Json,
            Type::JSONB_ARRAY => &Self::Jsonb,
            Type::INTERVAL_ARRAY => &Self::Interval,
            Type::INET_ARRAY | Type::CIDR_ARRAY => &Self::Address,
            _ => return None,
        }))
    }

    const fn range(base: &Type) -> Option<Self> {
        Some(Self::Range(match *base {
            Type::INT4_RANGE => &Self::Int4,
            Type::INT8_RANGE => &Self::Int8,
            Type::NUM_RANGE => &Self::Numeric,
            Type::TS_RANGE => &Self::Timestamp,
            Type::TSTZ_RANGE => &Self::TimestampTz,
            Type::DATE_RANGE => &Self::Date,
            _ => return None,
        }))
    }
}

/// What the catalog says of a column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogType {
    /// `pg_attribute.atttypid`.
    pub oid: u32,
    /// The type as `format_type` spells it: `numeric(10,2)`.
    pub name: String,
    /// The type itself, or for a domain the type at the bottom of its chain of domains.
    pub base_oid: u32,
    /// `pg_type.typtype` of the base type: `'b'`, `'e'` for an enum, …
    pub base_kind: char,
    /// Whether somebody has defined a cast function from the base type to `json`, which
    /// `row_to_json` then calls.
    pub has_json_cast: bool,
}

/// One selected column: its name, its type, and how it is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// `pg_attribute.atttypid`.
    pub type_oid: u32,
    /// The type as `format_type` spells it.
    pub type_name: String,
    pub encoding: Encoding,
}

impl Column {
    /// A column by what the catalog says of it.
    #[must_use]
    pub fn new(name: impl Into<String>, catalog: CatalogType) -> Self {
        Self {
            name: name.into(),
            type_oid: catalog.oid,
            encoding: Encoding::of(&catalog),
            type_name: catalog.name,
        }
    }

    /// The column as an expression of the select list. Its binary form is what
    /// [`LineEncoder`](super::LineEncoder) expects.
    ///
    /// The function is named with its schema: without it, an overload for a user's own type would
    /// be preferred, which `row_to_json` never calls.
    #[must_use]
    pub fn select_expression(&self) -> String {
        let column = quote_identifier(&self.name);
        match self.encoding {
            Encoding::Server => format!("pg_catalog.to_json({column})::pg_catalog.text"),
            _ => column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(base_oid: u32, base_kind: char, has_json_cast: bool) -> Column {
        let catalog = CatalogType {
            oid: 70_000,
            name: "thing".to_owned(),
            base_oid,
            base_kind,
            has_json_cast,
        };
        Column::new("a \"b\"", catalog)
    }

    #[test]
    fn a_native_type_is_selected_as_it_is_and_any_other_through_the_server() {
        let native = column(Type::INT8.oid(), 'b', false);
        assert_eq!(native.encoding, Encoding::Int8);
        assert_eq!(native.select_expression(), "\"a \"\"b\"\"\"");
        let other = column(Type::POINT.oid(), 'b', false);
        assert_eq!(other.encoding, Encoding::Server);
        assert_eq!(
            other.select_expression(),
            "pg_catalog.to_json(\"a \"\"b\"\"\")::pg_catalog.text"
        );
    }

    #[test]
    fn an_enum_is_text_unless_it_has_its_own_cast_to_json() {
        assert_eq!(column(70_001, 'e', false).encoding, Encoding::Text);
        assert_eq!(column(70_001, 'e', true).encoding, Encoding::Server);
        assert_eq!(column(70_001, 'c', false).encoding, Encoding::Server);
    }
}
