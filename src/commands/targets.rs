//! Which tables a command is about.

use std::sync::Arc;

use crate::backend::{Backend, Error, Result, TableName};

/// The tables that were named, and the names that mean none.
#[derive(Debug, Default)]
pub struct Targets {
    /// Each once, by name.
    pub known: Vec<TableName>,
    /// With the error that says so.
    pub unknown: Vec<(TableName, Arc<Error>)>,
}

/// Looks up `spellings`; none mean all selected tables. A name that means no table does not keep
/// the others from being found.
///
/// # Errors
/// As [`Backend::resolve`], except [`Error::UnknownTable`].
pub async fn find(backend: &Backend, spellings: &[String]) -> Result<Targets> {
    let mut targets = Targets::default();
    match backend.resolve(spellings).await {
        Ok(known) => targets.known = known,
        Err(Error::UnknownTable { .. }) => {
            for spelling in spellings {
                match backend.resolve(std::slice::from_ref(spelling)).await {
                    Ok(known) => targets.known.extend(known),
                    Err(error @ Error::UnknownTable { .. }) => {
                        let unknown = (TableName::parse(spelling), Arc::new(error));
                        targets.unknown.push(unknown);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Err(error) => return Err(error),
    }
    targets.known.sort();
    targets.known.dedup();
    Ok(targets)
}

/// Looks up the one table that `spelling` means.
///
/// # Errors
/// As [`Backend::resolve`].
pub async fn one(backend: &Backend, spelling: &str) -> Result<TableName> {
    let found = backend.resolve(&[spelling.to_owned()]).await?;
    found.into_iter().next().ok_or_else(|| Error::UnknownTable {
        table: TableName::parse(spelling),
        nearest: None,
    })
}
