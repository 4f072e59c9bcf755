//! Texts from elsewhere whose encoding nobody has checked.
//!
//! What a session does, and who it belongs to, comes from data that all databases of a server share, and from
//! clients. The name of a role may have been given in a database with a different encoding, a statement may
//! contain a byte that is not a character in its database's encoding, and a database in `SQL_ASCII` holds
//! whatever it was sent. PostgreSQL refuses to send any of that as text: it would not answer the query at all.

use std::error::Error as StdError;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, Type};

/// Makes the server send texts unconverted until the end of the transaction (PostgreSQL documentation, 24.3.4, on
/// the client encoding `SQL_ASCII`).
pub(super) const UNCONVERTED: &str = "SET LOCAL client_encoding = 'SQL_ASCII'";

/// Whether a text cannot be sent because it contains invalid characters.
pub(super) fn is_about_letters(error: &Error) -> bool {
    let codes = [
        SqlState::CHARACTER_NOT_IN_REPERTOIRE,
        SqlState::UNTRANSLATABLE_CHARACTER,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

/// A text for people; bytes that are not UTF-8 are shown as replacement characters.
pub(super) struct Letters(pub String);

impl<'a> FromSql<'a> for Letters {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(String::from_utf8_lossy(raw).into_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind)
    }
}
