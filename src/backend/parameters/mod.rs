//! Where the two values of every table are stored.
//!
//! [`ParameterStore`] is what the backend needs of a store: text values with versions that count up by one,
//! each with a Description and an author. [`ssm`] is AWS SSM Parameter Store, [`local`] the same in a SQLite
//! file.

pub mod local;
pub mod ssm;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::backend::error::Result;
use crate::vocabulary::{ParameterName, Version};

/// The newest value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub value: String,
    pub version: Version,
}

/// One version of a parameter, from its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterVersion {
    pub version: Version,
    pub value: String,
    pub written_at: DateTime<Utc>,
    /// The user or role that wrote it, as known to the store (an ARN in SSM).
    pub written_by: String,
    pub description: String,
}

/// A value to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewValue<'a> {
    pub value: &'a str,
    /// At most 1,024 characters.
    pub description: &'a str,
    pub presume: Presume,
    /// Whether another write follows. Such a write need not be on disk until the next write that is not ahead is,
    /// whatever its parameter. If the machine goes down before that, the write may be lost, but then nothing
    /// written after it is left either. A store that makes each write safe on its own gains nothing from this.
    pub is_ahead: bool,
}

impl<'a> NewValue<'a> {
    /// The first value of a parameter.
    #[must_use]
    pub const fn first(value: &'a str, description: &'a str) -> Self {
        Self {
            value,
            description,
            presume: Presume::Absent,
            is_ahead: false,
        }
    }

    /// A value that replaces whatever is there.
    #[must_use]
    pub const fn over(value: &'a str, description: &'a str) -> Self {
        Self {
            presume: Presume::Any,
            ..Self::first(value, description)
        }
    }
}

/// What a write presumes about an existing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presume {
    /// There is none: the write creates the parameter, or ends in [`Put::Exists`].
    Absent,
    /// There may be one, which is overwritten. The store has no compare-and-set, so the writer must check the
    /// version that comes back.
    Any,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// Written, as this version.
    Written(Version),
    /// The parameter was to be created but exists already; nothing was written.
    Exists,
}

/// A store of small named text values with versions.
///
/// Every method fails with [`Unavailable`](crate::backend::Error::Unavailable) if the store cannot be reached
/// or does not answer in time, with [`Denied`](crate::backend::Error::Denied) if it refuses, and with
/// [`Failed`](crate::backend::Error::Failed) if it answers with any other error. A name that does not exist is
/// not an error.
#[async_trait]
pub trait ParameterStore: Send + Sync + fmt::Debug {
    /// Where the store is, for messages: `SSM eu-west-2` or a path.
    fn place(&self) -> &str;

    /// Returns the newest value of each of `names`, in their order; `None` for a name that does not exist.
    async fn get(&self, names: &[ParameterName]) -> Result<Vec<Option<Parameter>>>;

    /// Writes one value with its Description.
    async fn put(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put>;

    /// Returns all versions that the store still has, oldest first; empty if the parameter does not exist.
    async fn history(&self, name: &ParameterName) -> Result<Vec<ParameterVersion>>;

    /// Returns the names that start with `prefix`, sorted.
    async fn names(&self, prefix: &str) -> Result<Vec<ParameterName>>;
}
