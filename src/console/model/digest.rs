//! What lists show of a table, computed once when the table changes rather than in every frame: with ten
//! thousand tables, a frame must not look at more than the rows it draws.

use crate::backend::Error;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::source::{Horizon, RowCounts};
use crate::backend::standing::LastObject;
use crate::backend::status::{State, TableStatus};
use crate::backend::stored::Stored;
use crate::figures::{bytes, thousands};
use crate::text::{visible, width};
use crate::vocabulary::TableName;

/// Something about a table that needs attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub severity: Severity,
    /// Safe to show.
    pub text: String,
    /// The finding it reports; `None` if it is an error.
    pub code: Option<FindingCode>,
}

impl Remark {
    /// The remark that reports a finding about `table`.
    #[must_use]
    pub fn of(table: &TableName, finding: &Finding) -> Self {
        let words = own_words(table, finding.code.as_str(), &finding.message);
        Self {
            severity: finding.severity,
            text: visible(&format!("{}: {}", finding.code, without_keys(words))),
            code: Some(finding.code),
        }
    }
}

/// What is shown of a table; parts of it may be older than the last answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown<'a> {
    pub stored: Option<&'a Stored>,
    pub last: Option<&'a LastObject>,
    pub counts: Option<&'a RowCounts>,
}

/// A [`TableStatus`] as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digest {
    /// The name, safe to show, and its width in columns.
    pub name: String,
    pub name_width: usize,
    /// The name in lower case, for filters.
    pub lower: String,
    pub state: Option<State>,
    /// `1,204`, with `~` in front of an estimate.
    pub pending: String,
    /// `+12`, the number of held rows; empty if there are none.
    pub held: String,
    /// Number of digits of the sequence id.
    pub sequence_width: usize,
    /// Whether the timestamp has microseconds.
    pub is_micros: bool,
    /// Size of the last object, in rows if their number is known, and its width including the word
    /// "rows".
    pub last: String,
    pub last_width: usize,
    /// Width of the key of the last object.
    pub key_width: usize,
    /// What needs attention, safe to show: the first finding, or an error that concerns this table
    /// alone. A service that cannot be reached is reported once, for all tables.
    pub remark: Option<Remark>,
    /// The services that could not be reached, each as a line that is the same for all tables.
    pub outages: Vec<String>,
}

impl Digest {
    /// The digest of a status, showing the values in `shown`.
    #[must_use]
    pub fn of(status: &TableStatus, shown: Shown<'_>) -> Self {
        let name = visible(&status.table.to_string());
        let Shown {
            stored,
            last,
            counts,
        } = shown;
        let sequence_id = stored.and_then(|stored| stored.sequence_id.as_ref());
        let timestamp = stored.and_then(|stored| stored.timestamp.as_ref());
        let (size, unit) = last.map_or_else(Default::default, |last| match last.rows {
            Some(1) => ("1".to_owned(), " row"),
            Some(rows) => (thousands(rows), " rows"),
            None => (bytes(last.bytes), ""),
        });
        let errors = status.errors();
        Self {
            name_width: width(&name),
            lower: name.to_lowercase(),
            name,
            state: status.state(),
            pending: counts.map_or_else(String::new, pending),
            held: counts.map_or_else(String::new, held),
            sequence_width: sequence_id.map_or(0, |id| id.value.to_string().len()),
            is_micros: timestamp.is_some_and(|at| at.value.micros() % 1_000 != 0),
            last_width: width(&size) + unit.len(),
            last: size,
            key_width: last.map_or(0, |last| width(&visible(last.key.as_str()))),
            remark: remark(status),
            outages: errors.iter().filter_map(|error| outage(error)).collect(),
        }
    }
}

/// `1,204`, with `~` in front of an estimate.
#[must_use]
pub fn pending(counts: &RowCounts) -> String {
    let estimate = if counts.exact { "" } else { "~" };
    format!("{estimate}{}", thousands(counts.pending))
}

/// `+12`, or empty if no row is held.
#[must_use]
pub fn held(counts: &RowCounts) -> String {
    let held = counts.held.filter(|held| *held > 0);
    held.map_or_else(String::new, |held| format!("+{}", thousands(held)))
}

/// Why rows are held back if no transaction holds them: the standby is behind.
#[must_use]
pub fn held_by_standby(horizon: &Horizon) -> Option<String> {
    let mut findings = horizon.findings.iter();
    let held = findings.find(|finding| finding.code == FindingCode::HorizonHeld)?;
    Some(visible(&held.message))
}

/// Whether a finding is about the source, and so reported once for all tables.
pub(super) const fn is_of_source(code: FindingCode) -> bool {
    matches!(
        code,
        FindingCode::MissingPrivilege | FindingCode::StandbySource
    )
}

fn remark(status: &TableStatus) -> Option<Remark> {
    let is_out = status.errors().iter().any(|error| outage(error).is_some());
    // Reported once for all tables, and so not here: privileges that are missing because there are no
    // credentials; a transaction, or a standby that is behind, that holds back the rows of all tables;
    // findings about the source, which weaken the guarantee for all tables.
    let of_source = status.counts().map(|counts| &counts.horizon.findings);
    let is_own = |finding: &Finding| {
        let is_said = is_of_source(finding.code)
            && of_source.is_some_and(|findings| findings.contains(finding));
        let code = finding.code;
        !(is_out && code == FindingCode::MissingPrivilege)
            && code != FindingCode::HorizonHeld
            && !is_said
    };
    let mut findings = status.findings().into_iter();
    if let Some(finding) = findings.find(is_own) {
        return Some(Remark::of(&status.table, &finding));
    }
    let errors = status.errors();
    let error = errors.into_iter().find(|error| outage(error).is_none())?;
    Some(Remark {
        severity: Severity::Error,
        text: visible(&error.to_string()),
        code: None,
    })
}

/// The message without the keys in brackets: they are long, and shown in full with the finding.
fn without_keys(message: &str) -> String {
    let mut parts = message.split(" (");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((key, rest)) if key.contains('/') && !key.contains(' ') => text.push_str(rest),
            _ => {
                text.push_str(" (");
                text.push_str(part);
            }
        }
    }
    text
}

/// The message without the leading table and code, which are already shown next to it.
#[must_use]
pub fn own_words<'a>(table: &TableName, code: &str, message: &'a str) -> &'a str {
    let table = table.to_string();
    let mut rest = message;
    while let Some((head, tail)) = rest.split_once(": ") {
        if head != table && head != code {
            break;
        }
        rest = tail;
    }
    rest
}

/// The service that cannot be reached, as a line that is the same for all tables.
#[must_use]
pub fn outage(error: &Error) -> Option<String> {
    match error {
        Error::Unavailable { service, place, .. } => {
            // The folder of a socket is of no use to anybody.
            let socket = place.split_once(" @ /").map(|(database, _)| database);
            let place = socket.unwrap_or(place);
            Some(format!("{service} at {place} cannot be reached"))
        }
        Error::Denied {
            service,
            place,
            permission,
            ..
        } if error.lacks_credentials() => Some(format!("{service} at {place} needs {permission}")),
        Error::Refused { service, place, .. } => {
            Some(format!("{service} at {place} refuses the connection"))
        }
        Error::Failed { cause, .. } => of_profile(&cause.to_string(), &error.step()),
        _ => None,
    }
}

/// Why nothing can be read for any table, if a setting of the profile is to blame: its bucket or its
/// region. The cause comes first, because there may be no room for the rest.
fn of_profile(cause: &str, step: &str) -> Option<String> {
    if !step.contains("of the profile") {
        return None;
    }
    // The part in brackets is about a single request, and differs from one to the next.
    let said = cause.split(" (").next().unwrap_or_default();
    Some(if said.contains("aws.region") {
        said.to_owned()
    } else {
        format!("{said}: {step}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_setting_of_the_profile_puts_right_is_the_same_for_all_tables_cause_first() {
        let step = "correct objects.bucket of the profile, or create bucket lake";
        let of_request = |request: &str| {
            let cause =
                format!("The bucket does not exist (NoSuchBucket, HTTP 404, request {request})");
            of_profile(&cause, step)
        };
        assert_eq!(of_request("1"), of_request("2"));
        assert_eq!(
            of_request("1"),
            Some(format!("The bucket does not exist: {step}"))
        );
        let region = "no AWS region is set: set aws.region in the profile, or AWS_REGION";
        let told = of_profile(region, "set aws.region of the profile, or AWS_REGION");
        assert_eq!(told.as_deref(), Some(region), "it says what to do itself");
        assert_eq!(of_profile("its body is cut", "read the cause"), None);
    }
}
