//! Where the two values of every table are stored.
//!
//! [`ParameterStore`] is what the backend needs of a store: text values with versions that count
//! up by one, each with a Description and its author. [`ssm`] is AWS SSM Parameter Store, [`local`]
//! the same over a SQLite file.

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
    /// The user or role that wrote it, as the store knows it (an ARN in SSM).
    pub written_by: String,
    pub description: String,
}

/// A value that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewValue<'a> {
    pub value: &'a str,
    /// At most 1,024 characters.
    pub description: &'a str,
    pub presume: Presume,
    /// Whether another write follows: then this one need not be on disk before the next one that is not
    /// ahead, of whatever parameter, is. If the machine ends before that, it may be lost, and nothing that was
    /// written after it is left then. Where each write is safe by itself, nothing is gained.
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

    /// A value over whatever is there.
    #[must_use]
    pub const fn over(value: &'a str, description: &'a str) -> Self {
        Self {
            presume: Presume::Any,
            ..Self::first(value, description)
        }
    }
}

/// What a write presumes of the value that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presume {
    /// There is none: the write creates the parameter or fails with [`Put::Exists`].
    Absent,
    /// There may be one, which is overwritten. The store has no compare-and-set, so that the
    /// writer must look at the version that comes back.
    Any,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// Written, as this version.
    Written(Version),
    /// The parameter was to be created and exists already; nothing was written.
    Exists,
}

/// A store of small named text values with versions.
///
/// Every method fails with [`Unavailable`](crate::backend::Error::Unavailable) where the store
/// cannot be reached or does not answer in time, with
/// [`Denied`](crate::backend::Error::Denied) where it refuses, and with
/// [`Failed`](crate::backend::Error::Failed) where it answers with any other error. A name that is
/// not there is no error.
#[async_trait]
pub trait ParameterStore: Send + Sync + fmt::Debug {
    /// Where the store is, for messages: `SSM eu-west-2` or a path.
    fn place(&self) -> &str;

    /// The newest value of each of `names`, in their order; `None` for one that does not exist.
    async fn get(&self, names: &[ParameterName]) -> Result<Vec<Option<Parameter>>>;

    /// Writes one value with its Description.
    async fn put(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put>;

    /// All versions that the store still has, oldest first; empty if the parameter does not exist.
    async fn history(&self, name: &ParameterName) -> Result<Vec<ParameterVersion>>;

    /// The names that start with `prefix`, in their order.
    async fn names(&self, prefix: &str) -> Result<Vec<ParameterName>>;
}
