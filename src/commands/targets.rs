//! Which tables a command is about.

use std::sync::Arc;

use super::error::CommandError;
use super::invocation::Invocation;
use crate::backend::tables::none_is_selected;
use crate::backend::{Backend, Error};
use crate::vocabulary::TableName;

/// The tables that were named, and the names that mean none.
#[derive(Debug, Default)]
pub struct Targets {
    /// Each once, by name.
    pub known: Vec<TableName>,
    /// With the error that says so.
    pub unknown: Vec<(TableName, Arc<Error>)>,
    /// What is said of sections of the profile that are about no table.
    pub strays: Vec<String>,
    /// How many tables the source has that are not selected.
    pub others: usize,
}

impl Targets {
    /// Says what of the profile comes to nothing: where it selects no table at all, and where it has settings
    /// for one that there is not.
    pub fn mind(&self, invocation: &Invocation) {
        for stray in &self.strays {
            invocation.notes.note(stray);
        }
        if self.is_empty() {
            invocation.notes.note(&none_is_selected(self.others));
        }
    }

    /// As [`Self::mind`], for what is run to look after all tables, often where nobody reads notes: that there
    /// are some and none of them is looked after is a mistake in the profile.
    ///
    /// # Errors
    /// [`CommandError::Usage`] where the profile selects none of the tables that there are.
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

/// Looks up `spellings`, each table once; none mean all selected tables. A name that means no table does not
/// keep the others from being found.
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

/// The one table that `spelling` means, for a command that can do without the source: if that is out
/// of reach, the spelling is taken as it is.
///
/// # Errors
/// As [`Backend::resolve`], but for a source that is out of reach.
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
