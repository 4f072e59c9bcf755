//! Errors of statements as errors of the backend.
//!
//! Codes: PostgreSQL documentation, appendix A. A server that is shutting down, starting up, full or out of
//! resources is `Unavailable`; one that answers "no" is `Denied` or `Refused`.

use std::error::Error as StdError;

use tokio_postgres::error::SqlState;

use crate::backend::Error;
use crate::backend::error::{BYPASSRLS, Cause, Service, is_of_statements};

const AUTHORISATION: &str =
    "check user, database, sslmode and sslcert of the source against the server's pg_hba.conf";

/// The error of a statement. `doing` says what the statement was for: `counting the rows of payment`.
#[must_use]
pub fn failure(place: &str, doing: impl Into<String>, error: tokio_postgres::Error) -> Error {
    let doing = doing.into();
    let Some(answer) = error.as_db_error() else {
        return if is_out_of_reach(&error) {
            unavailable(place, doing, error)
        } else {
            failed(place, doing, error)
        };
    };
    let code = answer.code().code();
    if is_of_statements(answer) {
        return failed(place, doing, answer_of(error));
    }
    if is_servers_trouble(code) {
        return unavailable(place, doing, answer_of(error));
    }
    if *answer.code() == SqlState::INSUFFICIENT_PRIVILEGE {
        return Error::Denied {
            service: Service::Source,
            place: place.to_owned(),
            doing,
            permission: permission(answer.message(), answer.routine()),
            cause: answer_of(error),
        };
    }
    if code.starts_with("28") {
        return refused(place, doing, AUTHORISATION, answer_of(error));
    }
    failed(place, doing, answer_of(error))
}

pub(super) fn refused(
    place: &str,
    doing: impl Into<String>,
    remedy: &str,
    cause: impl Into<Cause>,
) -> Error {
    Error::Refused {
        service: Service::Source,
        place: place.to_owned(),
        doing: doing.into(),
        remedy: remedy.to_owned(),
        cause: cause.into(),
    }
}

pub(super) fn unavailable(place: &str, doing: impl Into<String>, cause: impl Into<Cause>) -> Error {
    Error::Unavailable {
        service: Service::Source,
        place: place.to_owned(),
        doing: doing.into(),
        cause: cause.into(),
    }
}

fn failed(place: &str, doing: impl Into<String>, cause: impl Into<Cause>) -> Error {
    Error::Failed {
        service: Service::Source,
        place: place.to_owned(),
        doing: doing.into(),
        cause: cause.into(),
    }
}

/// The server's own words without the wrapping "db error"; callers can still downcast it to a [`DbError`].
pub(super) fn answer_of(error: tokio_postgres::Error) -> Cause {
    if error.as_db_error().is_none() {
        return error.into();
    }
    match error.into_source() {
        Some(answer) => answer,
        None => "the server reported an error".into(),
    }
}

/// Connection exceptions, no free session, shutdown and start-up.
fn is_servers_trouble(code: &str) -> bool {
    code.starts_with("08")
        || code == SqlState::TOO_MANY_CONNECTIONS.code()
        || code.starts_with("57P")
}

/// Whether the connection is gone or was never established.
fn is_out_of_reach(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || find::<std::io::Error>(error).is_some()
}

/// Finds the first cause of type `T`. An `io::Error` does not expose the error inside it through `source`.
pub(super) fn find<'a, T: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let inside = error.downcast_ref().and_then(std::io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    None
}

/// The privilege that is missing according to an answer like `permission denied for table payment`.
fn permission(message: &str, routine: Option<&str>) -> String {
    if let Some((_, table)) = message.split_once("row-level security policy for ") {
        return format!(
            "{BYPASSRLS}, because row-level security hides rows of {table} from this role"
        );
    }
    // The message is in another language (lc_messages); the routine has the same name in all of them.
    if routine == Some("check_enable_rls") {
        return format!("{BYPASSRLS}, because row-level security hides rows from this role");
    }
    let Some(object) = message.strip_prefix("permission denied for ") else {
        return format!("a privilege ({message})");
    };
    let privilege = match object.split_whitespace().next() {
        Some(
            "table" | "view" | "relation" | "materialized" | "foreign" | "column" | "sequence",
        ) => "SELECT",
        Some("schema" | "type" | "language") => "USAGE",
        Some("database") => "CONNECT",
        Some("function" | "procedure" | "routine" | "aggregate") => "EXECUTE",
        _ => "a privilege",
    };
    format!("{privilege} on {object}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_privilege_is_named_as_it_is_granted() {
        for (message, expected) in [
            (
                "permission denied for table payment",
                "SELECT on table payment",
            ),
            (
                "permission denied for schema sales",
                "USAGE on schema sales",
            ),
            (
                "permission denied for database \"x\"",
                "CONNECT on database \"x\"",
            ),
            ("must be superuser", "a privilege (must be superuser)"),
        ] {
            assert_eq!(permission(message, None), expected);
        }
        let french = "la requête serait affectée par la politique de sécurité au niveau ligne";
        let told = permission(french, Some("check_enable_rls"));
        assert!(told.starts_with(BYPASSRLS), "{told}");
    }
}
