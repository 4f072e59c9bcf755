//! A profile: one named set of source, parameter store, object store, naming and safety level, complete with every
//! default filled in.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;

use super::template::{KeyTemplate, ParameterTemplate};
use super::{ConsoleConfig, Location, Selection};
use crate::vocabulary::watermark::TimestampFormat;

/// How dangerous it is to write with a profile.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// Dangerous writes are confirmed with y/n.
    Normal,
    /// Every write requires typing the table's name.
    Careful,
    /// Nothing is written by any path.
    ReadOnly,
}

/// Everything that a run needs to know about its surroundings.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub safety: Safety,
    /// Colour of the header: one of the sixteen by name (`green`), or `#rrggbb`.
    pub colour: String,
    /// Value of `{env}` in templates.
    pub env: String,
    pub source: SourceConfig,
    pub parameters: ParametersConfig,
    pub objects: ObjectsConfig,
    pub aws: AwsConfig,
    /// Settings of single tables, by their qualified name (`public.address`).
    pub tables: BTreeMap<String, TableConfig>,
    /// `source.tables`, `source.exclude` and `skip`, compiled.
    pub selection: Selection,
    /// The look of the console and its keys; the same for all profiles of a file.
    pub console: ConsoleConfig,
    /// Whether this is the built-in demo.
    pub demo: bool,
}

/// Where the rows come from. Its debug output contains no secrets, see [`redact_url`](super::redact_url).
#[derive(Clone)]
pub struct SourceConfig {
    /// A libpq URL. May contain a password, so it is never shown.
    pub url: String,
    /// Where the URL stands in the file, if it comes from one.
    pub url_at: Option<Location>,
    /// A command that prints the password.
    pub password_command: Option<Vec<String>>,
    /// libpq's `sslmode`; `None` means verify-full for a host that is not local, else prefer.
    pub sslmode: Option<SslMode>,
    pub sslrootcert: Option<PathBuf>,
    pub sslcert: Option<PathBuf>,
    pub sslkey: Option<PathBuf>,
    /// Globs over qualified names; a glob without a dot refers to schema `public`.
    pub tables: Vec<String>,
    pub exclude: Vec<String>,
    pub timestamp_columns: Vec<String>,
    /// The zone of timestamp columns without time zone.
    pub timezone: Tz,
    /// The least distance of the horizon behind the database's clock.
    pub settle: Duration,
    /// `application_name`s whose transactions do not hold the horizon back.
    pub horizon_ignore: Vec<String>,
    /// The most connections open at once.
    pub max_connections: usize,
}

/// libpq's `sslmode` (PostgreSQL documentation, 34.19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Where the two values of each table are stored, and how.
#[derive(Debug, Clone)]
pub struct ParametersConfig {
    pub store: ParameterStoreConfig,
    pub timestamp: ParameterTemplate,
    pub sequence_id: ParameterTemplate,
    pub timestamp_format: TimestampFormat,
    /// The most parameters that one process writes per second; `None` means the default limit of an AWS account for
    /// SSM, and no limit for any other store.
    pub writes_per_second: Option<NonZeroU32>,
}

/// The kind of parameter store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterStoreConfig {
    Ssm,
    /// A SQLite file.
    Local {
        path: PathBuf,
    },
}

/// Where objects are written, and how.
#[derive(Debug, Clone)]
pub struct ObjectsConfig {
    pub store: ObjectStoreConfig,
    /// The region of the bucket; `None` if it is the region of the parameters.
    pub region: Option<String>,
    /// Headers, by name, that the policy of the bucket requires with each upload.
    pub headers: BTreeMap<String, String>,
    /// Includes the suffix of the compression (`.gz`, `.zst`).
    pub key: KeyTemplate,
    pub format: BodyFormat,
    pub compression: Compression,
    pub max_rows_per_object: u64,
    pub consumers: Consumers,
}

/// The kind of object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectStoreConfig {
    S3 {
        bucket: String,
    },
    /// A folder.
    Local {
        path: PathBuf,
    },
}

/// The form of an object's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyFormat {
    /// One JSON object per line.
    #[default]
    Jsonl,
    /// One JSON array of objects.
    JsonArray,
}

/// Compression of an object's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// The suffix of the objects' keys.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

/// What consumers do with an object after use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consumers {
    /// Objects stay.
    #[default]
    Keep,
    /// Objects are deleted or moved.
    Remove,
}

/// Settings of the AWS clients; whatever is `None` comes from the usual AWS chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsConfig {
    pub profile: Option<String>,
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
}

/// How a table is ingested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Rows newer than the watermark.
    #[default]
    Incremental,
    /// The whole table every time.
    Snapshot,
}

/// Settings of one table; whatever is `None` comes from the profile.
#[derive(Debug, Clone, Default)]
pub struct TableConfig {
    pub mode: Mode,
    pub timestamp_columns: Option<Vec<String>>,
    /// The names of its two parameters.
    pub timestamp: Option<ParameterTemplate>,
    pub sequence_id: Option<ParameterTemplate>,
    /// Includes the suffix of the compression.
    pub key: Option<KeyTemplate>,
    /// Whether the table is left out entirely.
    pub skip: bool,
}
