//! Which tables of the source a profile selects.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use globset::{Glob, GlobSet};

use super::{SourceConfig, TableConfig};
use crate::vocabulary::TableName;

/// The compiled globs of a profile, and the tables that it skips.
#[derive(Clone)]
pub struct Selection {
    include: GlobSet,
    exclude: GlobSet,
    skipped: HashSet<String>,
}

impl Selection {
    /// Compiles the globs of `source`; `tables` are the settings of single tables by their
    /// qualified names.
    ///
    /// # Errors
    /// The first pattern that is not a glob.
    pub fn new(
        source: &SourceConfig,
        tables: &BTreeMap<String, TableConfig>,
    ) -> Result<Self, globset::Error> {
        let compile = |patterns: &[String]| {
            let globs: Result<Vec<Glob>, _> = patterns.iter().map(|p| glob(p)).collect();
            GlobSet::new(globs?)
        };
        Ok(Self {
            include: compile(&source.tables)?,
            exclude: compile(&source.exclude)?,
            skipped: tables
                .iter()
                .filter(|(_, config)| config.skip)
                .map(|(name, _)| name.clone())
                .collect(),
        })
    }

    /// Whether `table` is selected.
    #[must_use]
    pub fn selects(&self, table: &TableName) -> bool {
        let name = table.qualified();
        self.include.is_match(&name)
            && !self.exclude.is_match(&name)
            && !self.skipped.contains(&name)
    }
}

/// A pattern over qualified names; one without a dot refers to schema `public`, like a table name
/// without a dot.
pub(super) fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    if pattern.contains('.') {
        Glob::new(pattern)
    } else {
        Glob::new(&format!("public.{pattern}"))
    }
}

impl fmt::Debug for Selection {
    /// Leaves out the compiled automata, which would fill screens; their patterns are in
    /// [`SourceConfig`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selection")
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(tables: &[&str], exclude: &[&str], table: &str) -> bool {
        let texts = |texts: &[&str]| texts.iter().map(|&t| t.to_owned()).collect();
        let source = SourceConfig {
            tables: texts(tables),
            exclude: texts(exclude),
            ..SourceConfig::new("postgres://")
        };
        let skip = TableConfig {
            skip: true,
            ..TableConfig::default()
        };
        let tables = BTreeMap::from([("public.skipped".to_owned(), skip)]);
        Selection::new(&source, &tables)
            .expect("globs")
            .selects(&TableName::parse(table))
    }

    #[test]
    fn globs_are_matched_with_whole_qualified_names() {
        assert!(selected(&["public.*"], &[], "payment"));
        assert!(!selected(&["public.*"], &[], "sales.payment"));
        assert!(selected(&["*.payment"], &[], "sales.payment"));
        assert!(!selected(&["*.payment"], &[], "payment_type"));
        assert!(selected(&["{public,sales}.pay*"], &[], "sales.payment"));
    }

    #[test]
    fn a_pattern_without_a_dot_is_meant_in_public() {
        assert!(selected(&["pay*"], &[], "payment"));
        assert!(!selected(&["pay*"], &[], "sales.payment"));
        assert!(!selected(&["*"], &[], "sales.payment"));
        assert!(!selected(&["*.*"], &["payment"], "payment"));
    }

    #[test]
    fn what_is_excluded_or_skipped_is_left_out() {
        assert!(!selected(
            &["public.*"],
            &["*._prisma_migrations"],
            "_prisma_migrations"
        ));
        assert!(!selected(&["public.*"], &[], "skipped"));
        assert!(selected(&["public.*"], &[], "Order Details"));
    }
}
