//! The error taxonomy of the backend.
//!
//! Every error says which table, which name (parameter, key, column) and what to do next, and
//! keeps its cause. "Not found" and "cannot reach" are different variants everywhere: a store that
//! does not answer is never taken for a first run.

mod code;
mod next_step;
mod remedy;
mod report;
mod unselected;
mod words;

use std::fmt;
use std::path::PathBuf;

use crate::backend::aws::CREDENTIALS;
use crate::backend::backfill::RangeError;
use crate::backend::edits::EditError;
use crate::backend::finding::FindingCode;
use crate::backend::source::connect::SettingError;
use crate::backend::table_objects::claim::ClaimError;
use crate::config::ConfigError;
use crate::vocabulary::{
    ObjectKey, ParameterName, SequenceId, TableName, Version, Watermark, watermark::FormatError,
};

pub use next_step::{AGAIN, BYPASSRLS};
pub use remedy::is_of_statements;
pub use report::ErrorReport;
pub use unselected::Unselected;
pub use words::chain;
use words::{because, held, instead, stored_id, version};

/// The cause of an error, as the library below reported it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Result of a backend verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One of the three outside services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// PostgreSQL.
    Source,
    /// SSM Parameter Store or its local stand-in.
    Parameters,
    /// S3 or its local stand-in.
    Objects,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "PostgreSQL",
            Self::Parameters => "the parameter store",
            Self::Objects => "the object store",
        })
    }
}

/// Everything that a backend verb can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The parameter store answered, and holds no value under this name.
    #[error("{table}: parameter {parameter} is not recorded")]
    NotRecorded {
        table: TableName,
        parameter: ParameterName,
    },

    /// A stored value that is not a timestamp, or a timestamp that cannot be stored exactly.
    #[error("{table}: parameter {parameter}: {cause}")]
    Timestamp {
        table: TableName,
        parameter: ParameterName,
        #[source]
        cause: FormatError,
    },

    /// A stored sequence id that is not a number.
    #[error("{table}: parameter {parameter} holds {value:?}, which is not a sequence id")]
    SequenceUnreadable {
        table: TableName,
        parameter: ParameterName,
        value: String,
    },

    /// The database answered, and has no such table (or does not show it to this role).
    #[error("there is no table {table} among the selected tables of the source{}", because(.why.as_ref()))]
    UnknownTable {
        table: TableName,
        why: Option<Unselected>,
    },

    /// The table exists, the column does not.
    #[error("{table} has no column {column:?}; {}", instead(.timestamps))]
    UnknownColumn {
        table: TableName,
        column: String,
        /// The columns that could have been meant.
        timestamps: Vec<String>,
    },

    /// A column that is named as a timestamp column has another type.
    #[error(
        "{table}: column {column:?} has type {type_name}; a timestamp column is timestamp with or without time zone"
    )]
    NotATimestamp {
        table: TableName,
        column: String,
        type_name: String,
    },

    /// The key already exists; somebody has committed this number.
    #[error("{table}: object {key} already exists")]
    ObjectExists { table: TableName, key: ObjectKey },

    /// The sequence id to store is not exactly one more than the stored one.
    #[error("{table}: {parameter} holds {}, so only {} can follow, not {given}", stored_id(*.stored), SequenceId::following(*.stored))]
    SequenceGap {
        table: TableName,
        parameter: ParameterName,
        stored: Option<SequenceId>,
        given: SequenceId,
    },

    /// A service that could not be reached, did not answer in time, or failed on its side.
    #[error("{service} at {place} cannot be reached: {doing} failed")]
    Unavailable {
        service: Service,
        /// Host, endpoint or path.
        place: String,
        /// What was being done, with its name: `reading parameter /x`.
        doing: String,
        #[source]
        cause: Cause,
    },

    /// A service that answered "no": credentials are missing, wrong or expired, or lack a permission.
    #[error("{service} at {place} refuses: {doing} needs {permission}")]
    Denied {
        service: Service,
        place: String,
        doing: String,
        /// The permission that is missing: `ssm:GetParameters`, `SELECT on payment`.
        permission: String,
        #[source]
        cause: Cause,
    },

    /// A service that answered "no" because of who connected, or how: a wrong password, an unknown database,
    /// a certificate that is not trusted. No permission would help; a setting does.
    #[error("{service} at {place}: {doing} was refused")]
    Refused {
        service: Service,
        place: String,
        doing: String,
        /// What the operator can do, in one sentence.
        remedy: String,
        #[source]
        cause: Cause,
    },

    /// A service that answered, but could not do what was asked for another reason.
    #[error("{service} at {place}: {doing} failed")]
    Failed {
        service: Service,
        place: String,
        doing: String,
        #[source]
        cause: Cause,
    },

    /// The table is in a state that only an operator may resolve.
    #[error("{table}: {code}: {message}")]
    NeedsAttention {
        table: TableName,
        code: FindingCode,
        message: String,
    },

    /// Rows encoded and rows counted in the same snapshot differ: nothing was committed.
    #[error(
        "{table}: {encoded} rows arrived, but {counted} were counted in the same snapshot; nothing was committed"
    )]
    CountMismatch {
        table: TableName,
        counted: u64,
        encoded: u64,
    },

    /// The newest timestamp among the encoded rows is not the one counted in the same snapshot.
    #[error("{table}: the newest of the rows that arrived is {}, but {counted} was counted in the same snapshot; nothing was committed", .encoded.map_or_else(|| "nothing".to_owned(), |at| at.to_string()))]
    NewestMismatch {
        table: TableName,
        counted: Watermark,
        encoded: Option<Watermark>,
    },

    /// Another conditional write of the same key was under way, and the store took neither (409).
    #[error("{table}: another write of {key} was under way at the same moment: {answer}")]
    CommitConflict {
        table: TableName,
        key: ObjectKey,
        /// What the store says.
        answer: String,
    },

    /// An object that exists, but may not outlive a crash of the machine.
    #[error(
        "object {key} exists in {place}, but its name may not be on disk, and would be lost if the machine crashed"
    )]
    Unsynced {
        key: ObjectKey,
        place: String,
        #[source]
        cause: Cause,
    },

    /// Somebody else wrote a parameter, or deleted it, after it was read.
    #[error("{table}: {parameter} was {} when it was read, and somebody else has written it since; it holds {}", version(*.read), held(.now.as_deref()))]
    Interfered {
        table: TableName,
        parameter: ParameterName,
        /// The version that was read; `None` if there was none.
        read: Option<Version>,
        /// What the parameter holds now, as far as that is known.
        now: Option<String>,
    },

    /// A repair that is no longer the same as when it was shown.
    #[error(
        "{table}: the repair of {code} was not applied, because something has changed since it was shown: {moved}"
    )]
    Outdated {
        table: TableName,
        code: FindingCode,
        /// Which value or object, and how.
        moved: String,
    },

    /// Other writers kept interfering; nothing of this run was left half-written.
    #[error("{table}: other writers interfered {attempts} times in a row: {last}")]
    Contended {
        table: TableName,
        attempts: u32,
        /// What the last interference was.
        last: String,
    },

    /// The profile does not allow this write.
    #[error("profile {profile} is read-only: {doing} is refused")]
    ReadOnly { profile: String, doing: String },

    /// Of several writes, the first were done and the next one failed.
    #[error("{table}: {} was written, but the write after it failed", .written.join(" and "))]
    HalfWritten {
        table: TableName,
        /// What was written: parameters, by name.
        written: Vec<String>,
        #[source]
        cause: Box<Self>,
    },

    /// An object was committed, but its values could not be stored.
    #[error("{table}: object {key} is written, but its values are not (the next run stores them)")]
    Unrecorded {
        table: TableName,
        key: ObjectKey,
        #[source]
        cause: Box<Self>,
    },

    /// A value was written over one that somebody wrote at the same moment, and the history, which would show
    /// that value, could not be read.
    #[error(
        "{parameter} was written over a version that came in between, and nothing tells what that was"
    )]
    WrittenOver {
        table: TableName,
        parameter: ParameterName,
        #[source]
        cause: Box<Self>,
    },

    /// The journal of this machine cannot be read or written.
    #[error("the journal {} cannot be used", .path.display())]
    Journal {
        path: PathBuf,
        #[source]
        cause: Cause,
    },

    /// There is no object under this key.
    #[error("there is no object {key} at {place}")]
    NoSuchObject { key: ObjectKey, place: String },

    /// A key that cannot name a file in a folder.
    #[error("{:?} cannot be the key of a file in {place}: {why}", .key.as_str())]
    UnfitKey {
        key: ObjectKey,
        place: String,
        why: &'static str,
    },

    /// The configuration does not fit the tables that exist.
    #[error(transparent)]
    Config(Box<ConfigError>),

    /// The settings for the connection to the source are wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),

    /// The claim on an object is not one to continue from.
    #[error(transparent)]
    Claim(Box<ClaimError>),

    /// A backfill that cannot be done as requested.
    #[error(transparent)]
    Range(#[from] RangeError),

    /// A change of the stored values that cannot be made.
    #[error(transparent)]
    Edit(#[from] EditError),

    /// Something that cannot happen has happened; the text says where.
    #[error("{0}, which is a bug")]
    Bug(String),

    /// Somebody cancelled the job; uploads are aborted.
    #[error("cancelled; nothing was half-written")]
    Cancelled,
}

impl Error {
    /// This error, saying which writes were done before it.
    #[must_use]
    pub(super) fn after(self, table: &TableName, written: Vec<String>) -> Self {
        if written.is_empty() {
            return self;
        }
        Self::HalfWritten {
            table: table.clone(),
            written,
            cause: Box::new(self),
        }
    }

    /// Whether another writer interfered, so that it is worth starting again from what is now stored. A value
    /// that has disappeared in the meantime is the same to a writer, and so is one that a store that lags
    /// behind for a moment does not show.
    #[must_use]
    pub const fn is_interference(&self) -> bool {
        matches!(
            self,
            Self::ObjectExists { .. }
                | Self::CommitConflict { .. }
                | Self::Interfered { .. }
                | Self::SequenceGap { .. }
                | Self::NotRecorded { .. }
        )
    }

    /// Whether the service refused because of who asks, as opposed to what was asked for.
    #[must_use]
    pub fn lacks_credentials(&self) -> bool {
        matches!(self, Self::Denied { permission, .. } if permission == CREDENTIALS)
    }

    /// Whether the service was out of reach, as opposed to having answered.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether nothing can be had from the service for any table, until it answers again or somebody renews
    /// the credentials.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.is_unavailable() || self.lacks_credentials()
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

impl From<ClaimError> for Error {
    fn from(error: ClaimError) -> Self {
        Self::Claim(Box::new(error))
    }
}
