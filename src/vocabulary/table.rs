//! Names of source tables.

use std::fmt;

use serde::{Serialize, Serializer};

/// The schema that is left out when a table is shown or spelled.
const DEFAULT_SCHEMA: &str = "public";

/// A source table, `schema.name`.
///
/// Shown and spelled as `name` in schema `public` and as `schema.name` in any other; both spellings
/// are accepted. Ordered by schema, then name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    schema: String,
    name: String,
}

impl TableName {
    /// A table made of its two parts, exactly as the catalog spells them.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// Parses `name` or `schema.name`. Everything after the first dot is the name.
    #[must_use]
    pub fn parse(spelling: &str) -> Self {
        spelling.split_once('.').map_or_else(
            || Self::new(DEFAULT_SCHEMA, spelling),
            |(s, n)| Self::new(s, n),
        )
    }

    /// The schema, even if it is `public`.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The bare name, without its schema.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `schema.name`, even in schema `public`: globs and table sections are matched against this.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The name as SQL: both parts quoted, so that any spelling is safe in a statement.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!(
            "{}.{}",
            quote_identifier(&self.schema),
            quote_identifier(&self.name)
        )
    }

    /// Whether `spelling` means this table: as it is shown, or fully qualified.
    #[must_use]
    pub fn is_spelled(&self, spelling: &str) -> bool {
        self.to_string() == spelling || self.qualified() == spelling
    }
}

/// Quotes one SQL identifier (PostgreSQL documentation, 4.1.1): wraps it in double quotes and
/// doubles those inside.
#[must_use]
pub fn quote_identifier(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == DEFAULT_SCHEMA {
            f.pad(&self.name)
        } else {
            f.pad(&self.qualified())
        }
    }
}

impl Serialize for TableName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_is_left_out_when_shown_and_may_be_left_out_when_spelled() {
        assert_eq!(
            TableName::parse("payment"),
            TableName::parse("public.payment")
        );
        assert_eq!(TableName::parse("public.payment").to_string(), "payment");
        assert_eq!(
            TableName::parse("sales.payment").to_string(),
            "sales.payment"
        );
        assert!(TableName::parse("payment").is_spelled("public.payment"));
    }

    #[test]
    fn quoting_doubles_inner_quotes() {
        assert_eq!(TableName::new("a\"b", "c d").quoted(), "\"a\"\"b\".\"c d\"");
    }
}
