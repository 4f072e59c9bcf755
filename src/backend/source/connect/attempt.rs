//! Attempts to connect that failed, and what to do about them.

use std::error::Error as _;

use tokio_postgres::error::{DbError, SqlState};

use super::endpoint::Endpoint;
use super::failure::{answer_of, failure, find, refused, unavailable};
use super::handshake::{handshake_error, is_about_client, is_of_handshake, tls_refusal};
use super::target::Target;
use super::tls_error::TlsError;
use crate::backend::Error;

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
    if is_of_handshake(&error) {
        return handshake_error(target, endpoint, error).map_or_else(
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
    is_of_handshake(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
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

// tokio-postgres keeps the kind of its errors private, so this one can only be told by its text. The test suite
// provokes it for real.
fn is_password_missing(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|cause| cause.to_string() == "password missing")
}
