//! The selected tables, and what the source is asked about one of them.

pub(super) mod counting;
mod meant;
pub(super) mod precision;

use std::collections::BTreeMap;

use crate::backend::{
    Backend, Error, Result,
    error::Unselected,
    source::{self, Horizon, Snapshot, SnapshotOf, SourceTable, TableRows},
};
use crate::config::Mode;
use crate::vocabulary::{TableName, Watermark};

pub use meant::is_meant;
use meant::nearest;

/// The tables of the source, as the profile selects them.
pub(in crate::backend) struct Selection {
    /// The selected tables, by name.
    pub tables: Vec<SourceTable>,
    /// Messages about sections of the profile that concern none of them.
    pub strays: Vec<String>,
    /// How many other tables the source has.
    pub others: usize,
}

/// The tables that a list of names stands for.
#[derive(Debug)]
pub struct Resolved {
    /// In the order of the names; all selected tables if no names were given.
    pub tables: Vec<Result<TableName>>,
    /// Messages about sections of the profile that concern no table.
    pub strays: Vec<String>,
    /// How many tables of the source are not selected.
    pub others: usize,
}

impl Backend {
    /// Returns the selected tables, by name, each with the findings about the table itself.
    ///
    /// # Errors
    /// [`Error::Config`] if two of them would share a parameter or a key, [`Error::Unavailable`],
    /// [`Error::Denied`].
    pub async fn tables(&self) -> Result<Vec<SourceTable>> {
        Ok(self.selection().await?.tables)
    }

    /// Returns the selected tables, and messages about settings for tables that do not exist or are not
    /// selected.
    ///
    /// # Errors
    /// As [`Self::tables`].
    pub(in crate::backend) async fn selection(&self) -> Result<Selection> {
        let connection = self.inner.source.connection().await?;
        let found = source::tables(&connection);
        let found = connection.ask("listing the tables", found).await?;
        let profile = self.profile();
        let strays = self.strays(&found);
        let all = found.len();
        let selected = found.into_values();
        let selected = selected.filter(|table| profile.selects(&table.name));
        let tables: Vec<SourceTable> = selected.map(|table| self.with_findings(table)).collect();
        let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
        profile.check_names(&names)?;
        Ok(Selection {
            others: all - tables.len(),
            tables,
            strays,
        })
    }

    /// Messages about the sections of the profile that concern no selected table. A section that leaves out
    /// a table of the source is not reported.
    fn strays(&self, found: &BTreeMap<TableName, SourceTable>) -> Vec<String> {
        let profile = self.profile();
        let mut strays = Vec::new();
        for (section, settings) in &profile.tables {
            let section = TableName::parse(section);
            let there = found.keys().find(|table| **table == section);
            let said = match there {
                Some(table) if settings.skip || profile.selects(table) => continue,
                Some(_) => "that table is not selected".to_owned(),
                None => {
                    let names: Vec<TableName> = found.keys().cloned().collect();
                    let meant = nearest(&section.to_string(), &names);
                    let meant =
                        meant.map_or_else(String::new, |name| format!("; did you mean {name}?"));
                    format!("the source has no such table{meant}")
                }
            };
            strays.push(format!(
                "the profile has settings for {section}, but {said}"
            ));
        }
        strays
    }

    /// Returns those of `tables` that exist, each with the findings about the table itself. No other table
    /// is read, so that a large number of tables can be described a few at a time.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Denied`].
    pub(in crate::backend) async fn described(
        &self,
        tables: &[TableName],
    ) -> Result<BTreeMap<TableName, SourceTable>> {
        let connection = self.inner.source.connection().await?;
        let names: Vec<&TableName> = tables.iter().collect();
        let found = source::tables_named(&connection, &names);
        let found = connection.ask("describing the tables", found).await?;
        Ok(found
            .into_iter()
            .map(|(name, table)| (name, self.with_findings(table)))
            .collect())
    }

    /// Adds the findings about the table itself.
    fn with_findings(&self, mut table: SourceTable) -> SourceTable {
        let profile = self.profile();
        if profile.table_config(&table.name).mode == Mode::Incremental {
            table.require_timestamps(profile.timestamp_columns(&table.name));
            if let Some(lossy) = self.lossy(&table) {
                table.findings.push(lossy.warning());
            }
        }
        table
    }

    /// Returns the tables that `spellings` stand for, each `name` or `schema.name`; all selected tables if
    /// there are none.
    ///
    /// # Errors
    /// [`Error::UnknownTable`], with the reason, in place of a spelling that stands for no table;
    /// [`Error::Unavailable`] and [`Error::Denied`] for all of them.
    pub async fn resolve(&self, spellings: &[String]) -> Result<Resolved> {
        let Selection {
            tables,
            strays,
            others,
        } = self.selection().await?;
        let tables: Vec<TableName> = tables.into_iter().map(|table| table.name).collect();
        if spellings.is_empty() {
            let tables = tables.into_iter().map(Ok).collect();
            return Ok(Resolved {
                tables,
                strays,
                others,
            });
        }
        let meant = |spelling: &String| meant::find(spelling, &tables).cloned();
        let meant: Vec<Option<TableName>> = spellings.iter().map(meant).collect();
        let unselected = self.unselected(spellings, &meant).await?;
        let resolved = spellings.iter().zip(meant).map(|(spelling, meant)| {
            meant.ok_or_else(|| {
                let table = TableName::parse(spelling);
                let misspelled = || nearest(spelling, &tables).map(Unselected::Misspelled);
                let why = unselected.get(&table).cloned().or_else(misspelled);
                Error::UnknownTable { table, why }
            })
        });
        Ok(Resolved {
            tables: resolved.collect(),
            strays,
            others,
        })
    }

    /// What else the source has under those of `spellings` that stand for no selected table.
    async fn unselected(
        &self,
        spellings: &[String],
        meant: &[Option<TableName>],
    ) -> Result<BTreeMap<TableName, Unselected>> {
        let unknown = spellings.iter().zip(meant);
        let unknown = unknown.filter(|(_, meant)| meant.is_none());
        let names: Vec<TableName> = unknown.map(|(name, _)| TableName::parse(name)).collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let connection = self.inner.source.connection().await?;
        let found = source::unselected(&connection, &names);
        connection.ask("looking up a name", found).await
    }

    /// Streams the rows `after < ts < before` of `table`, each with its column names, in a snapshot of their
    /// own. Memory stays bounded whatever their number.
    ///
    /// # Errors
    /// [`Error::UnknownTable`] if the table does not exist, [`Error::UnknownColumn`] if it lacks one of the
    /// profile's timestamp columns, [`Error::NotATimestamp`] if such a column has a different type,
    /// [`Error::Unavailable`] if the source cannot be reached, [`Error::Denied`] if it refuses.
    pub async fn collect_table_data(
        &self,
        table: &TableName,
        after: Option<Watermark>,
        before: Watermark,
    ) -> Result<TableRows> {
        TableRows::collect(self.snapshot(table).await?, after, before, None).await
    }

    /// Opens a snapshot for `table`, in which to count, cut and collect.
    pub(in crate::backend) async fn snapshot(&self, table: &TableName) -> Result<Snapshot> {
        let columns = self.profile().timestamp_columns(table);
        let of = self.snapshot_of(table, columns);
        Snapshot::open(self.inner.source.as_ref(), of).await
    }

    /// Whether the profile has `table` written whole by every run.
    pub(in crate::backend) fn is_whole(&self, table: &TableName) -> bool {
        self.profile().table_config(table).mode == Mode::Snapshot
    }

    /// Returns the horizon and a snapshot for `table` taken after it, both from one server; the timestamp
    /// columns are ignored if the table is written whole.
    pub(in crate::backend) async fn snapshot_below_horizon(
        &self,
        table: &TableName,
    ) -> Result<(Horizon, Snapshot)> {
        let profile = self.profile();
        let columns = if self.is_whole(table) {
            &[]
        } else {
            profile.timestamp_columns(table)
        };
        let of = self.snapshot_of(table, columns);
        let (settle, ignore) = (profile.source.settle, &profile.source.horizon_ignore);
        Snapshot::open_below_horizon(self.inner.source.as_ref(), of, settle, ignore).await
    }

    fn snapshot_of<'a>(&self, table: &'a TableName, columns: &'a [String]) -> SnapshotOf<'a> {
        SnapshotOf {
            table,
            columns,
            timezone: self.profile().source.timezone,
        }
    }

    /// Returns the current horizon of the source.
    pub(in crate::backend) async fn horizon(&self) -> Result<Horizon> {
        let config = &self.profile().source;
        self.inner
            .source
            .horizon(config.settle, &config.horizon_ignore)
            .await
    }
}

/// The message shown if the profile selects no table of a source that has `others`.
#[must_use]
pub fn none_is_selected(others: usize) -> String {
    match others {
        0 => "the source has no tables; is it the right database?".to_owned(),
        _ => format!(
            "the profile selects none of the {others} tables of the source: see source.tables, source.exclude and skip"
        ),
    }
}
