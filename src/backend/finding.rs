//! What can be wrong with a table, and the codes under which it is reported.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// A word that is not a finding code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a finding code")]
pub struct UnknownCode(String);

macro_rules! finding_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $severity:ident;)*) => {
        /// The name of a kind of finding, stable in every output. The codes that stop an ingestion come in
        /// the order in which it meets them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingCode { $($(#[$doc])* $variant,)* }

        impl FindingCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// How much a finding of this kind usually matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

finding_codes! {
    /// The object after the stored sequence id exists, but has no metadata to continue from.
    StuckSequence = "stuck-sequence", Error;
    /// The stored sequence id names an object that does not exist.
    SequenceAhead = "sequence-ahead", Error;
    /// There is no sequence id, though there is a timestamp or an object.
    SequenceMissing = "sequence-missing", Error;
    /// There is no timestamp, though there is a sequence id or an object.
    TimestampMissing = "timestamp-missing", Error;
    /// The stored value cannot be read as a timestamp.
    TimestampUnreadable = "timestamp-unreadable", Error;
    /// The stored timestamp is later than the database's clock.
    TimestampInFuture = "timestamp-in-future", Error;
    /// The stored timestamp is not the one of the newest object, and no run or edit wrote it.
    TimestampMismatch = "timestamp-mismatch", Error;
    /// The stored timestamp is later than that of every row of the table.
    TimestampAheadOfTable = "timestamp-ahead-of-table", Warning;
    /// The timestamp format of the profile cannot hold the microseconds that the column has.
    TimestampFormatLosesPrecision = "timestamp-format-loses-precision", Error;
    /// Numbers between two objects, or below the stored sequence id, that no object has.
    ObjectGap = "object-gap", Warning;
    /// Several objects with the same number.
    ObjectDuplicateSequence = "object-duplicate-sequence", Warning;
    /// Rows that no watermark will ever pass.
    RowsUnreachable = "rows-unreachable", Warning;
    /// Rows that are in no object, though their timestamps had already been ingested when they arrived.
    RowsMissed = "rows-missed", Warning;
    /// The table lacks the timestamp columns that the profile names.
    NoTimestampColumn = "no-timestamp-column", Error;
    /// An open transaction holds the horizon back.
    HorizonHeld = "horizon-held", Info;
    /// No index helps to find the rows above the timestamp.
    NoTimestampIndex = "no-timestamp-index", Info;
    /// A prepared transaction holds everything back.
    PreparedTransaction = "prepared-transaction", Warning;
    /// A permission is missing that changes what can be promised or done.
    MissingPrivilege = "missing-privilege", Error;
    /// The source is a standby, on which the primary's transactions cannot be seen.
    StandbySource = "standby-source", Warning;
    /// Rows of the table are in a foreign table, and the transactions on its server cannot be seen.
    ForeignPartition = "foreign-partition", Warning;
    /// An upload that was begun long ago and never finished.
    UploadAbandoned = "upload-abandoned", Warning;
    /// Parameters of a table that is not in the source.
    ParameterOrphan = "parameter-orphan", Info;
    /// Rows have been pending for a long time, and nothing ingests them.
    Stale = "stale", Warning;
}

impl FindingCode {
    /// Whether a finding of this kind adds nothing to one of the `other` kind: that a timestamp cannot be
    /// right says more than that it is not the object's.
    #[must_use]
    pub const fn yields_to(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::TimestampMismatch, Self::TimestampInFuture)
        )
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FindingCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.iter().find(|code| code.as_str() == text);
        found.copied().ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl Serialize for FindingCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Something wrong with one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub code: FindingCode,
    pub severity: Severity,
    /// One sentence, with the names and values that show it.
    pub message: String,
}

impl Finding {
    /// A finding with its one sentence, as severe as its code usually is.
    pub fn new(code: FindingCode, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
        }
    }

    /// The position of a finding among the findings of one table: worst first, then in the order in which
    /// ingestion meets them, so that the first is the one ingestion stops with.
    #[must_use]
    pub const fn rank(&self) -> (Reverse<Severity>, FindingCode) {
        (Reverse(self.severity), self.code)
    }

    /// This finding, mattering more or less than usual.
    #[must_use]
    pub const fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
