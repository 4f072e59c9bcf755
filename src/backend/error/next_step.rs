//! What to do about an error.

use super::remedy::{USER, is_unknown_role, remedy, resource};
use super::{Cause, Error, Service, Unselected};
use crate::backend::advice::{command, command_on};
use crate::backend::aws::AwsCause;
use crate::vocabulary::{TableName, watermark::FormatError};

/// What to do if nothing is wrong that somebody could put right.
pub const AGAIN: &str = "run it again";

/// The attribute of a role that keeps policies from hiding rows from it.
pub const BYPASSRLS: &str = "BYPASSRLS";
/// What to do if only the cause says what is wrong.
const READ: &str = "read the cause";

/// What to do about a column that does not exist, or has another type.
const COLUMN: &str = "name the right column in timestamp_columns, for the profile or for this table alone; a table without one can be written in full by every run: mode = \"snapshot\"";

/// What to do if a timestamp cannot be stored exactly.
const FINER: &str = "choose a parameters.timestamp_format that keeps microseconds: rfc3339, epoch, or a pattern with %.6f";

/// What to do if the timestamp would be stored like one an hour before.
const LATER: &str = "run it again once that hour is over, or choose a parameters.timestamp_format that includes the zone: rfc3339, epoch, or a pattern with %z";

/// What to do if the profile allows no writes.
const WRITABLE: &str = "use a profile whose safety is normal or careful, and leave out --read-only";

impl Error {
    /// What the operator can do next, in one sentence.
    #[must_use]
    pub fn next_step(&self) -> String {
        match self.worth_checking() {
            Some(check) => format!("{}; {check}", self.step()),
            None => self.step(),
        }
    }

    /// Whether what puts it right concerns a service rather than a table: then it is the same for all
    /// affected tables.
    #[must_use]
    pub fn is_of_service(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Denied { .. } | Self::Refused { .. } => true,
            // For other failures, only the cause says what to do.
            Self::Failed { cause, .. } => remedy(cause).is_some(),
            Self::HalfWritten { cause, .. } | Self::Unrecorded { cause, .. } => {
                cause.is_of_service()
            }
            _ => false,
        }
    }

    /// What `highwater check` would show, if it is worth running.
    fn worth_checking(&self) -> Option<String> {
        match self {
            Self::Denied { cause, .. }
            | Self::Failed { cause, .. }
            | Self::Unavailable { cause, .. }
                if remedy(cause).is_some() =>
            {
                None
            }
            Self::HalfWritten { cause, .. } | Self::Unrecorded { cause, .. } => {
                cause.worth_checking()
            }
            _ if self.lacks_credentials() => None,
            Self::Denied { .. } => Some(format!(
                "{} lists everything that is missing",
                command("check")
            )),
            Self::Unavailable { .. } | Self::Failed { .. } => {
                Some(format!("{} tries every service", command("check")))
            }
            _ => None,
        }
    }

    /// [`Self::next_step`] for somebody who has just run `highwater check`.
    #[must_use]
    pub fn step(&self) -> String {
        match self {
            Self::Denied { cause, .. }
            | Self::Failed { cause, .. }
            | Self::Unavailable { cause, .. }
                if let Some(remedy) = remedy(cause) =>
            {
                remedy.to_owned()
            }
            Self::Unavailable { service, cause, .. } => of_silence(*service, cause).to_owned(),
            Self::Denied {
                permission, cause, ..
            } => self.of_permission(permission, cause),
            Self::Refused { cause, .. } if is_unknown_role(cause) => USER.to_owned(),
            Self::Refused { remedy, .. } => remedy.clone(),
            Self::Failed { .. } => READ.to_owned(),
            Self::UnknownTable { why, .. } => of_name(why.as_ref()).to_owned(),
            Self::UnknownColumn { .. } | Self::NotATimestamp { .. } => COLUMN.to_owned(),
            Self::Timestamp { table, cause, .. } => of_timestamp(table, cause),
            Self::SequenceUnreadable { table, .. } => of_unreadable(table),
            Self::NotRecorded { table, .. } => {
                let set = command_on(table, "params set");
                format!(
                    "if {table} was never ingested, ingest it; otherwise set the value with: {set}"
                )
            }
            Self::SequenceGap { table, .. } => {
                let objects = command_on(table, "objects");
                format!("to store it anyway, add --force; the objects there are: {objects}")
            }
            Self::NeedsAttention { table, .. } => {
                let doctor = command_on(table, "doctor");
                format!("see the evidence and what would put it right: {doctor}")
            }
            Self::Outdated { table, .. } => {
                format!("look at it again: {}", command_on(table, "doctor"))
            }
            Self::ObjectExists { table, .. } => {
                let (history, objects) = (history(table), command_on(table, "objects"));
                format!("compare the stored values with the objects: {history}; {objects}")
            }
            Self::Interfered { table, .. } => {
                format!("see who else writes: {}; then run it again", history(table))
            }
            Self::WrittenOver { table, .. } => {
                let (history, revert) = (history(table), command_on(table, "params revert"));
                format!(
                    "see what was there: {history}; to go back to it: {revert} --version N --reason TEXT"
                )
            }
            Self::CountMismatch { .. }
            | Self::NewestMismatch { .. }
            | Self::CommitConflict { .. }
            | Self::Contended { .. }
            | Self::Cancelled => AGAIN.to_owned(),
            Self::Unsynced { .. } => {
                "check the disk, then run it again, which goes on after the object".to_owned()
            }
            Self::HalfWritten { cause, .. } | Self::Unrecorded { cause, .. } => cause.step(),
            Self::ReadOnly { .. } => WRITABLE.to_owned(),
            Self::Journal { .. } => {
                "check the file and its folder, or move it out of the way".to_owned()
            }
            Self::Bug(_) => "please report it, with the log".to_owned(),
            Self::NoSuchObject { .. } | Self::UnfitKey { .. } => {
                format!("see what there is: {} TABLE", command("objects"))
            }
            // The text of the error says what to do.
            Self::Config(_)
            | Self::Setting(_)
            | Self::Claim(_)
            | Self::Range(_)
            | Self::Edit(_) => String::new(),
        }
    }

    /// What to do about a missing `permission`.
    fn of_permission(&self, permission: &str, cause: &Cause) -> String {
        // The credentials are at fault, not what they allow.
        if self.lacks_credentials() {
            return format!(
                "get {permission}: aws sso login, or renew the keys in use; the cause says more"
            );
        }
        if permission.starts_with(BYPASSRLS) {
            return "have a superuser let the role read all rows: ALTER ROLE … BYPASSRLS"
                .to_owned();
        }
        match resource(cause) {
            Some(resource) => format!("grant {permission} on {resource}"),
            None => format!("grant {permission}"),
        }
    }
}

/// What to do about a service that does not answer.
fn of_silence(service: Service, cause: &Cause) -> &'static str {
    match service {
        Service::Source => {
            "check that the server is running, and that host, port and network are right"
        }
        Service::Parameters | Service::Objects if cause.is::<AwsCause>() => {
            "check the network, the region and endpoint_url"
        }
        Service::Parameters | Service::Objects => {
            "check the path in the profile, and who may write there"
        }
    }
}

/// What to do about a name that does not refer to a selected table.
const fn of_name(why: Option<&Unselected>) -> &'static str {
    match why {
        Some(Unselected::Other(_)) => "name the tables that hold its rows",
        Some(Unselected::Partition) => "name the table that it is a partition of",
        Some(Unselected::LeftOut) => "see source.tables, source.exclude and skip in the profile",
        Some(Unselected::Misspelled(_)) | None => {
            "check the spelling, and source.tables and source.exclude of the profile"
        }
    }
}

/// What to do about a timestamp that cannot be read, or cannot be stored.
fn of_timestamp(table: &TableName, cause: &FormatError) -> String {
    match cause {
        FormatError::LosesPrecision { .. } => FINER.to_owned(),
        FormatError::HappensTwice { .. } => LATER.to_owned(),
        FormatError::Unreadable { .. }
        | FormatError::NoSuchLocalTime { .. }
        | FormatError::Pattern { .. } => of_unreadable(table),
    }
}

fn of_unreadable(table: &TableName) -> String {
    let (doctor, history) = (command_on(table, "doctor"), history(table));
    format!("see what puts it right: {doctor}; what was there before: {history}")
}

fn history(table: &TableName) -> String {
    command_on(table, "params history")
}
