//! Errors of PostgreSQL, the network and TLS as errors of the backend.
//!
//! Codes: PostgreSQL documentation, appendix A. A server that is shutting down, starting up, full or out of
//! resources is `Unavailable`; one that answers "no" is `Denied` or `Refused`.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};
use tokio_postgres::error::{DbError, SqlState};

use super::endpoint::{Endpoint, Host};
use super::target::Target;
use super::tls;
use super::tls_error::TlsError;
use crate::backend::Error;
use crate::backend::error::{BYPASSRLS, Cause, Service, is_of_statements};

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

const AUTHORISATION: &str =
    "check user, database, sslmode and sslcert of the source against the server's pg_hba.conf";
const PASSWORD: &str = "check the user and the password: source.password_command, else source.url, PGPASSWORD, PGPASSFILE or ~/.pgpass, which is ignored if others may read it";
const METHOD: &str = "have the server's pg_hba.conf accept a password (scram-sha-256) or a certificate for this role from here: highwater speaks neither Kerberos (gss, sspi) nor OAuth";
const BINDING: &str = "channel_binding = require needs TLS and a server that checks the password by scram-sha-256 itself: if a pooler does that, leave it out of source.url (and PGCHANNELBINDING unset)";
const DATABASE: &str = "correct the database's name in source.url (or PGDATABASE)";
const STARTUP: &str = "leave options out of source.url (and PGOPTIONS unset): the pooler in front of the server lets only some settings pass (ignore_startup_parameters)";
const CONNECTING: &str = "connecting";

/// The error of an attempt to connect.
pub(super) fn connecting(
    target: &Target,
    endpoint: &Endpoint,
    error: tokio_postgres::Error,
) -> Error {
    let place = format!("{} @ {endpoint}", target.database);
    let doing = format!("{CONNECTING} as {}", target.user);
    if is_tls(&error) {
        return tls_failure(target, endpoint, error).map_or_else(
            |error| unavailable(&place, CONNECTING, error),
            |error| tls_refusal(&place, error),
        );
    }
    if is_password_missing(&error) {
        return refused(
            &place,
            doing,
            PASSWORD,
            "the server asks for a password, and there is none",
        );
    }
    let alert = find::<rustls::Error>(&error)
        .filter(|error| is_about_client(error))
        .cloned();
    if let Some(alert) = alert {
        return tls_refusal(&place, TlsError::ClientCertificate(alert));
    }
    match error.as_db_error().map(reason) {
        Some(Some(remedy)) => refused(&place, doing, remedy, answer_of(error)),
        None if error.to_string() == "authentication error" => {
            refused(&place, doing, of_proof(&error), error)
        }
        _ => failure(&place, doing, error),
    }
}

/// The remedy if the client's identity could not be proved; tokio-postgres distinguishes these errors only by
/// their text.
fn of_proof(error: &tokio_postgres::Error) -> &'static str {
    let said = error.source().map(ToString::to_string);
    match said.as_deref() {
        Some("unsupported authentication method" | "unsupported SASL mechanism") => METHOD,
        Some("server did not use channel binding") => BINDING,
        _ => PASSWORD,
    }
}

/// The remedy for an answer to an attempt to connect; `None` if only the class of its code says anything.
fn reason(answer: &DbError) -> Option<&'static str> {
    // Older versions of PgBouncer report everything with the code of a protocol violation, so only the words
    // tell a wrong password from a server that is down.
    let is_pooler = *answer.code() == SqlState::PROTOCOL_VIOLATION;
    if rejects_password(answer) {
        Some(PASSWORD)
    } else if *answer.code() == SqlState::INVALID_CATALOG_NAME
        || is_pooler && answer.message().starts_with("no such database")
    {
        Some(DATABASE)
    } else if is_pooler
        && answer
            .message()
            .starts_with("unsupported startup parameter")
    {
        Some(STARTUP)
    } else {
        None
    }
}

/// Whether the server, or a pooler in front of it, did not accept the password. If something else checks it
/// (PAM, LDAP, or the IAM of Amazon RDS), the code is that of any refusal, and only the routine tells
/// (PostgreSQL source, `auth_failed`).
fn rejects_password(answer: &DbError) -> bool {
    let code = answer.code();
    *code == SqlState::INVALID_PASSWORD
        || answer.routine() == Some("auth_failed")
        || *code == SqlState::PROTOCOL_VIOLATION
            && (answer.message().contains("authentication failed")
                || answer.message() == "auth failed")
}

/// Whether the same attempt without TLS (or with it) might succeed: this is when `prefer` and `allow` fall
/// back. `pg_hba.conf` may reject only one of the two.
pub(super) fn is_about_transport(error: &tokio_postgres::Error) -> bool {
    is_tls(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// Whether a different password might be accepted. Poolers and proxies that check it themselves name no
/// routine.
pub(super) fn may_want_another_password(error: &Error) -> bool {
    let Error::Refused { cause, .. } = error else {
        return false;
    };
    cause.downcast_ref::<DbError>().is_some_and(|answer| {
        rejects_password(answer) || *answer.code() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
    })
}

pub(super) fn tls_refusal(place: &str, error: TlsError) -> Error {
    refused(place, "connecting with TLS", error.remedy(), error)
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
fn answer_of(error: tokio_postgres::Error) -> Cause {
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

// tokio-postgres keeps the kind of its errors private, so these two can only be told by their texts. The test
// suite provokes both for real.
fn is_tls(error: &tokio_postgres::Error) -> bool {
    error.to_string() == "error performing TLS handshake"
}

fn is_password_missing(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|cause| cause.to_string() == "password missing")
}

/// Returns the TLS error behind a failed handshake, or the error itself if the network was the cause.
fn tls_failure(
    target: &Target,
    endpoint: &Endpoint,
    error: tokio_postgres::Error,
) -> Result<TlsError, tokio_postgres::Error> {
    if error
        .source()
        .is_some_and(|cause| cause.to_string() == "server does not support TLS")
    {
        let mode = tls::mode_name(target.tls.mode(&endpoint.host));
        return Ok(TlsError::PlainServer { mode });
    }
    match find::<rustls::Error>(&error).cloned() {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            Ok(certificate_failure(target, endpoint, reason))
        }
        Some(alert) if is_about_client(&alert) => Ok(TlsError::ClientCertificate(alert)),
        None if find::<std::io::Error>(&error).is_some() => Err(error),
        _ => Ok(TlsError::Handshake(
            error
                .into_source()
                .unwrap_or_else(|| "no reason given".into()),
        )),
    }
}

fn certificate_failure(target: &Target, endpoint: &Endpoint, reason: CertificateError) -> TlsError {
    let host = || match &endpoint.host {
        Host::Name(name) | Host::Address { name, .. } => name.clone(),
        Host::Socket(folder) => folder.display().to_string(),
    };
    match reason {
        CertificateError::NotValidForNameContext { presented, .. } => TlsError::WrongHost {
            host: host(),
            presented: if presented.is_empty() {
                "no host at all (it has no subjectAltName)".to_owned()
            } else {
                names(&presented)
            },
        },
        CertificateError::NotValidForName => TlsError::WrongHost {
            host: host(),
            presented: "another name".to_owned(),
        },
        // If an authority has the same name but a different key, the signature does not fit. A self-signed
        // certificate that may sign others is its own, unknown authority.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            unknown_authority(target)
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            unknown_authority(target)
        }
        reason => TlsError::Certificate(rustls::Error::InvalidCertificate(reason)),
    }
}

/// The names of a certificate as one would write them. rustls reports them as `DnsName("db.example.com")` and
/// `IpAddress(10.0.0.1)`.
fn names(presented: &[String]) -> String {
    let plain = presented.iter().map(|name| {
        let inside = name
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        inside.unwrap_or(name).trim_matches('"')
    });
    plain.collect::<Vec<_>>().join(", ")
}

fn unknown_authority(target: &Target) -> TlsError {
    TlsError::UnknownAuthority {
        roots: target.tls.roots_name(),
    }
}

/// Whether the server complains about the client's certificate.
const fn is_about_client(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::DecryptError
                | AlertDescription::CertificateRequired
        )
    )
}

/// Finds the first cause of type `T`. An `io::Error` does not expose the error inside it through `source`.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
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
    fn the_names_of_a_certificate_are_shown_as_written() {
        let presented = ["DnsName(\"db.test\")", "IpAddress(10.0.0.1)", "plain"];
        assert_eq!(
            names(&presented.map(str::to_owned)),
            "db.test, 10.0.0.1, plain"
        );
    }

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
