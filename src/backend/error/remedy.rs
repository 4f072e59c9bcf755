//! What puts one particular cause right, whatever was being done.

use std::io::{self, ErrorKind};

use rusqlite::ErrorCode;
use tokio_postgres::error::{DbError, SqlState};

use super::Cause;
use crate::backend::aws::AwsCause;
use crate::backend::source::SeveralServers;

/// What to do if the server allows no more sessions.
const CROWDED: &str = "lower source.max_connections or --concurrency, or have the connection limit of the role or of the server raised";
/// What to do if the server knows no user of that name.
pub(super) const USER: &str = "correct the user in source.url, or PGUSER";
/// What to do if the server has ended a session.
const ENDED: &str = "run it again: the server ended the session, because it was restarted, the session was terminated or idle for too long, or, on a standby, a query conflicted with recovery (max_standby_streaming_delay)";

/// What to do about a table that stays locked by somebody for longer than highwater waits.
const LOCKED: &str = "somebody holds a lock on the table, as ALTER TABLE does: SELECT pid, query FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE mode = 'AccessExclusiveLock'; run it again once the lock is released";

/// What to do if a server does not answer yet, or is a standby that never does.
const STARTING: &str =
    "wait until the server has started; a standby that accepts nobody has hot_standby = off";

/// What to do if somebody cancelled a statement.
const CANCELLED: &str = "run it again: somebody cancelled the statement, or, on a standby, it conflicted with recovery (max_standby_streaming_delay)";

/// What to do if recovery was in the way: for transactions that write nothing, the code has no other meaning.
const IN_THE_WAY: &str = "run it again; it conflicted with recovery on a standby, which hot_standby_feedback = on prevents, or a max_standby_streaming_delay longer than it takes to read a table";

/// What to do if the server is short of memory, room on disk, or locks.
const SHORT: &str = "the server ran short of what the cause names: free some of it, or raise its limit for the role";

/// What to do about a pooler that gives each statement a different session.
const STATEMENTS: &str = "set the pool_mode of PgBouncer to transaction or session, or let source.url bypass it: rows have to be counted and copied in one transaction";

/// What to do about a pooler that gives each transaction a different server.
const SERVERS: &str = "have the pooler keep the primary apart from standbys, or let source.url bypass it: rows have to be read on the server whose open transactions are known";

/// What to do about bytes that are not UTF-8, in a database without an encoding.
const NOT_TEXT: &str = "the database does not check its texts (SQL_ASCII), and one of them is not UTF-8: have it corrected, or leave the table out with skip = true";

/// What to do about bytes that are not a character of their database's encoding, which PostgreSQL stores all
/// the same in the encodings of Windows and in some others.
const NO_CHARACTER: &str = "one of the texts holds bytes that are not a character of the database's encoding, which the cause names: have it corrected, or leave the table out with skip = true";

/// What to do if nothing more can be written.
const FULL: &str =
    "free space where the profile's path is, or have the quota raised, and run it again";

/// What to do if a file of `SQLite` stays in use for longer than highwater waits.
const IN_USE: &str = "another program holds the file: end it, or run this again once it is done; if the file is on a network file system, keep it on a local disk";

/// What a missing permission has to be for, if the service has named it.
pub(super) fn resource(cause: &Cause) -> Option<&str> {
    cause.downcast_ref::<AwsCause>()?.resource.as_deref()
}

/// Whether there is no such user. The code alone does not tell, as `pg_hba.conf` refuses with the same one.
pub(super) fn is_unknown_role(cause: &Cause) -> bool {
    cause
        .downcast_ref::<DbError>()
        .is_some_and(|answer| names_no_role(answer.code(), answer.message()))
}

fn names_no_role(code: &SqlState, message: &str) -> bool {
    *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        && message.starts_with("role ")
        && message.ends_with(" does not exist")
}

/// Whether a pooler refuses transactions. Only the words tell, as everything it says has the same code.
#[must_use]
pub fn is_of_statements(answer: &DbError) -> bool {
    *answer.code() == SqlState::PROTOCOL_VIOLATION
        && answer.message().contains("statement pooling mode")
}

/// What would put this particular cause right.
pub(super) fn remedy(cause: &Cause) -> Option<&str> {
    if let Some(answer) = cause.downcast_ref::<DbError>() {
        return match *answer.code() {
            SqlState::LOCK_NOT_AVAILABLE => Some(LOCKED),
            SqlState::TOO_MANY_CONNECTIONS => Some(CROWDED),
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | SqlState::IDLE_SESSION_TIMEOUT => Some(ENDED),
            SqlState::CANNOT_CONNECT_NOW => Some(STARTING),
            SqlState::QUERY_CANCELED => Some(CANCELLED),
            SqlState::DISK_FULL
            | SqlState::OUT_OF_MEMORY
            | SqlState::CONFIGURATION_LIMIT_EXCEEDED => Some(SHORT),
            SqlState::CHARACTER_NOT_IN_REPERTOIRE => Some(NOT_TEXT),
            SqlState::UNTRANSLATABLE_CHARACTER => Some(NO_CHARACTER),
            SqlState::T_R_SERIALIZATION_FAILURE => Some(IN_THE_WAY),
            SqlState::PROTOCOL_VIOLATION if is_of_statements(answer) => Some(STATEMENTS),
            _ => None,
        };
    }
    if cause.is::<SeveralServers>() {
        return Some(SERVERS);
    }
    if let Some(error) = cause.downcast_ref::<tokio_postgres::Error>() {
        return error.is_closed().then_some(ENDED);
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        let is_full = matches!(
            error.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded
        );
        return is_full.then_some(FULL);
    }
    if let Some(error) = cause.downcast_ref::<rusqlite::Error>() {
        return match error.sqlite_error_code()? {
            ErrorCode::DiskFull => Some(FULL),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some(IN_USE),
            _ => None,
        };
    }
    let cause = cause.downcast_ref::<AwsCause>()?;
    cause.remedy.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::error::{Error, Service};

    #[test]
    fn a_disk_that_is_full_is_told_from_a_path_that_is_wrong() {
        let unavailable = |cause: Cause| Error::Unavailable {
            service: Service::Objects,
            place: "/data".to_owned(),
            doing: "writing".to_owned(),
            cause,
        };
        let sqlite = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        for (cause, expected) in [
            (
                Cause::from(io::Error::from(ErrorKind::StorageFull)),
                "free space",
            ),
            (sqlite(rusqlite::ffi::SQLITE_FULL).into(), "free space"),
            (
                sqlite(rusqlite::ffi::SQLITE_BUSY).into(),
                "another program holds the file",
            ),
            (
                io::Error::from(ErrorKind::NotFound).into(),
                "check the path",
            ),
            (
                sqlite(rusqlite::ffi::SQLITE_NOTADB).into(),
                "check the path",
            ),
        ] {
            let step = unavailable(cause).next_step();
            assert!(step.starts_with(expected), "{step}");
        }
    }

    #[test]
    fn a_user_that_is_not_there_is_told_from_one_that_is_not_let_in() {
        let code = SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
        assert!(names_no_role(&code, "role \"x\" does not exist"));
        let refused = "no pg_hba.conf entry for host \"::1\", user \"x\", database \"y\"";
        assert!(!names_no_role(&code, refused));
        let other = SqlState::UNDEFINED_OBJECT;
        assert!(!names_no_role(&other, "role \"x\" does not exist"));
    }
}
