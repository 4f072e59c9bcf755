//! Texts of others, which nobody has checked.
//!
//! What a session does and who it is comes from what all databases of a server share, and from clients: the name
//! of a role may have been given in a database of another encoding, a statement may hold a byte that is no
//! character of its database's encoding, and a database in `SQL_ASCII` has whatever it was sent. PostgreSQL sends
//! none of that as text, and would not answer at all.

use std::error::Error as StdError;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, Type};

/// Has the server send texts as they are, to the end of the transaction (PostgreSQL documentation, 24.3.4, on
/// the client's encoding `SQL_ASCII`).
pub(super) const UNCONVERTED: &str = "SET LOCAL client_encoding = 'SQL_ASCII'";

/// Whether a text cannot be sent, because it holds what is no character.
pub(super) fn is_about_letters(error: &Error) -> bool {
    let codes = [
        SqlState::CHARACTER_NOT_IN_REPERTOIRE,
        SqlState::UNTRANSLATABLE_CHARACTER,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

/// A text for people; what is no UTF-8 of it is shown as such.
pub(super) struct Letters(pub String);

impl<'a> FromSql<'a> for Letters {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(String::from_utf8_lossy(raw).into_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind)
    }
}
