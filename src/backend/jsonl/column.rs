//! The columns of a table.

use super::catalog_type::CatalogType;
use super::encoding::Encoding;
use crate::vocabulary::table::quote_identifier;

/// One selected column: its name, its type, and how it is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The type as spelled by `format_type`: `numeric(10,2)`.
    pub type_name: String,
    pub encoding: Encoding,
}

impl Column {
    /// A column, from the catalog's description of its type.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        type_name: impl Into<String>,
        catalog: &CatalogType,
    ) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
            encoding: Encoding::of(catalog),
        }
    }

    /// The same column on a server without infinite intervals.
    #[must_use]
    pub fn with_finite_intervals(mut self) -> Self {
        self.encoding.make_intervals_finite();
        self
    }

    /// The column as an expression for the select list. Its binary form is what
    /// [`LineEncoder`](super::LineEncoder) expects.
    ///
    /// The function is named with its schema: otherwise, PostgreSQL would prefer an overload for
    /// a user-defined type, which `row_to_json` never calls.
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
    use tokio_postgres::types::Type;

    use super::*;

    fn column(base: &Type) -> Column {
        Column::new("a \"b\"", "thing", &CatalogType::built_in(base.oid()))
    }

    #[test]
    fn a_native_type_is_selected_as_it_is_and_any_other_through_the_server() {
        let native = column(&Type::INT8);
        assert_eq!(native.encoding, Encoding::Int8);
        assert_eq!(native.select_expression(), "\"a \"\"b\"\"\"");
        let other = column(&Type::POINT);
        assert_eq!(other.encoding, Encoding::Server);
        assert_eq!(
            other.select_expression(),
            "pg_catalog.to_json(\"a \"\"b\"\"\")::pg_catalog.text"
        );
    }
}
