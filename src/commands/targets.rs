//! Which tables a command works on.

use std::sync::Arc;

use super::error::CommandError;
use super::invocation::Invocation;
use crate::backend::tables::none_is_selected;
use crate::backend::{Backend, Error};
use crate::vocabulary::TableName;

/// The tables that were named, and the names that match no table.
#[derive(Debug, Default)]
pub struct Targets {
    /// Sorted by name, without duplicates.
    pub known: Vec<TableName>,
    /// Each with the error that says so.
    pub unknown: Vec<(TableName, Arc<Error>)>,
    /// Notes about sections of the profile that match no table.
    pub strays: Vec<String>,
    /// How many tables of the source are not selected.
    pub others: usize,
}

impl Targets {
    /// Reports the parts of the profile that have no effect: a selection that matches no table at all, and settings for
    /// a table that does not exist.
    pub fn mind(&self, invocation: &Invocation) {
        for stray in &self.strays {
            invocation.notes.note(stray);
        }
        if self.is_empty() {
            invocation.notes.note(&none_is_selected(self.others));
        }
    }

    /// Like [`Self::mind`], for commands that look after all tables and often run where nobody reads notes: if there
    /// are tables and none of them is selected, the profile is at fault.
    ///
    /// # Errors
    /// [`CommandError::Usage`] if the profile selects none of the existing tables.
    pub fn look_after(self, invocation: &Invocation) -> Result<Self, CommandError> {
        if self.is_empty() && self.others > 0 {
            return Err(CommandError::usage(none_is_selected(self.others), ""));
        }
        self.mind(invocation);
        Ok(self)
    }

    const fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }
}

/// Looks up `spellings`, each table once; if there are none, all selected tables. A name that matches no table does not
/// prevent the others from being found.
///
/// # Errors
/// As [`Backend::resolve`].
pub async fn find(backend: &Backend, spellings: &[String]) -> Result<Targets, Error> {
    let resolved = backend.resolve(spellings).await?;
    let mut targets = Targets {
        strays: resolved.strays,
        others: resolved.others,
        ..Targets::default()
    };
    for (place, found) in resolved.tables.into_iter().enumerate() {
        match found {
            Ok(table) => targets.known.push(table),
            Err(error) => {
                let spelling = spellings.get(place).map_or("", String::as_str);
                let name = TableName::parse(spelling);
                if targets.unknown.iter().all(|(known, _)| *known != name) {
                    targets.unknown.push((name, Arc::new(error)));
                }
            }
        }
    }
    targets.known.sort();
    targets.known.dedup();
    Ok(targets)
}

/// The one table that `spelling` means, for a command that can do without the source: if the source is unreachable, the
/// spelling is taken as it is.
///
/// # Errors
/// As [`Backend::resolve`], except for a source that is unreachable.
pub async fn spelled(backend: &Backend, spelling: &str) -> Result<TableName, Error> {
    match one(backend, spelling).await {
        Err(error) if error.is_unavailable() => Ok(TableName::parse(spelling)),
        found => found,
    }
}

/// Looks up the one table that `spelling` means.
///
/// # Errors
/// As [`Backend::resolve`].
pub async fn one(backend: &Backend, spelling: &str) -> Result<TableName, Error> {
    let found = backend.resolve(&[spelling.to_owned()]).await?;
    found.tables.into_iter().next().unwrap_or_else(|| {
        Err(Error::UnknownTable {
            table: TableName::parse(spelling),
            why: None,
        })
    })
}
