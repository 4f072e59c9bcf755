//! What an error is called in output.

use super::Error;
use crate::backend::finding::FindingCode;
use crate::vocabulary::watermark::FormatError;

/// How output names an error.
enum Name {
    Finding(FindingCode),
    /// Not a finding; the error is reported under this name.
    Other(&'static str),
}

impl Error {
    /// The finding that the error stands for, if it concerns the table or permissions rather than a service
    /// that was out of reach. Status and doctor report it under this code.
    #[must_use]
    pub const fn finding(&self) -> Option<FindingCode> {
        match self.name() {
            Name::Finding(code) => Some(code),
            Name::Other(_) => None,
        }
    }

    /// The error's name in output: the code of the finding it stands for, or else a name like `unavailable`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.name() {
            Name::Finding(code) => code.as_str(),
            Name::Other(name) => name,
        }
    }

    const fn name(&self) -> Name {
        match self {
            Self::NeedsAttention { code, .. } => Name::Finding(*code),
            Self::Timestamp {
                cause: FormatError::LosesPrecision { .. } | FormatError::HappensTwice { .. },
                ..
            } => Name::Finding(FindingCode::TimestampFormatLosesPrecision),
            Self::Timestamp { .. } => Name::Finding(FindingCode::TimestampUnreadable),
            Self::SequenceUnreadable { .. } => Name::Finding(FindingCode::SequenceMissing),
            Self::UnknownColumn { .. } | Self::NotATimestamp { .. } => {
                Name::Finding(FindingCode::NoTimestampColumn)
            }
            Self::Denied { .. } => Name::Finding(FindingCode::MissingPrivilege),
            Self::NotRecorded { .. } => Name::Other("not-recorded"),
            Self::UnknownTable { .. } => Name::Other("unknown-table"),
            Self::ObjectExists { .. } => Name::Other("object-exists"),
            Self::SequenceGap { .. } => Name::Other("sequence-gap"),
            Self::Unavailable { .. } => Name::Other("unavailable"),
            Self::Refused { .. } => Name::Other("refused"),
            Self::Failed { .. } | Self::Unsynced { .. } => Name::Other("failed"),
            Self::CountMismatch { .. } | Self::NewestMismatch { .. } => {
                Name::Other("count-mismatch")
            }
            Self::CommitConflict { .. }
            | Self::Interfered { .. }
            | Self::Outdated { .. }
            | Self::Contended { .. } => Name::Other("contended"),
            Self::HalfWritten { cause, .. }
            | Self::Unrecorded { cause, .. }
            | Self::WrittenOver { cause, .. } => cause.name(),
            Self::ReadOnly { .. } => Name::Other("read-only"),
            Self::Journal { .. } => Name::Other("journal"),
            Self::NoSuchObject { .. } => Name::Other("no-such-object"),
            Self::UnfitKey { .. }
            | Self::Config(_)
            | Self::Setting(_)
            | Self::Claim(_)
            | Self::Range(_)
            | Self::Edit(_) => Name::Other("invalid"),
            Self::Bug(_) => Name::Other("bug"),
            Self::Cancelled => Name::Other("cancelled"),
        }
    }
}
