//! The password file: `hostname:port:database:username:password` (PostgreSQL documentation, 34.16).

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Environment;

/// What a password is needed for.
pub struct Wanted<'a> {
    /// Name or address as given; `localhost` for the default socket folder.
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// The path of the password file: an option, otherwise `PGPASSFILE`, otherwise `~/.pgpass`.
pub fn path(option: Option<&str>, environment: &Environment) -> Option<PathBuf> {
    option
        .or_else(|| environment.variable("PGPASSFILE"))
        .map(PathBuf::from)
        .or_else(|| Some(environment.home.as_ref()?.join(".pgpass")))
}

/// Returns the password of the first line that matches. As in libpq, a missing file is not an
/// error, and a file that others may read is not used, with a warning.
pub fn look_up(file: &Path, wanted: &Wanted<'_>) -> Option<String> {
    let metadata = std::fs::metadata(file).ok()?;
    if !metadata.is_file() {
        tracing::warn!(file = %file.display(), "password file is not used: it is not a plain file");
        return None;
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(
            file = %file.display(),
            "password file is not used: others may read it; its permissions should be 0600 or less"
        );
        return None;
    }
    match std::fs::read_to_string(file) {
        Ok(text) => text.lines().find_map(|line| matching(line, wanted)),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "password file is not used: it cannot be read");
            None
        }
    }
}

fn matching(line: &str, wanted: &Wanted<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for expected in [
        wanted.host,
        &wanted.port.to_string(),
        wanted.database,
        wanted.user,
    ] {
        let (field, after) = split_field(rest)?;
        if field != "*" && unescape(field) != expected {
            return None;
        }
        rest = after;
    }
    // The password follows the fourth colon, up to a fifth.
    let password = split_field(rest).map_or(rest, |(password, _)| password);
    Some(unescape(password)).filter(|password| !password.is_empty())
}

/// Splits at the first colon that is not escaped.
fn split_field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            ':' if !escaped => return Some((&text[..at], &text[at + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted<'_> = Wanted {
        host: "db",
        port: 5432,
        database: "totesys",
        user: "reader",
    };

    fn found(text: &str, mode: u32) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        look_up(&file, &WANTED)
    }

    #[test]
    fn the_first_line_that_matches_wins() {
        let text = "# db:5432:totesys:reader:comment\nother:*:*:*:no\n*:5432:*:reader:first\ndb:*:*:*:second\n";
        assert_eq!(found(text, 0o600).as_deref(), Some("first"));
    }

    #[test]
    fn every_field_has_to_match() {
        for line in [
            "db:5433:*:*:x",
            "db:*:other:*:x",
            "db:*:*:other:x",
            "x:*:*:*:x",
            "db:*:*:x",
        ] {
            assert_eq!(found(line, 0o600), None, "{line}");
        }
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        assert_eq!(found(r"db:*:*:*:a\:b\\c", 0o600).as_deref(), Some(r"a:b\c"));
        let wanted = Wanted {
            host: "::1",
            ..WANTED
        };
        assert_eq!(
            matching(r"\:\:1:*:*:*:six", &wanted).as_deref(),
            Some("six")
        );
        assert_eq!(matching(r"\*:*:*:*:star", &wanted), None);
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        assert_eq!(found("*:*:*:*:x", 0o640), None);
        assert_eq!(found("*:*:*:*:x", 0o400).as_deref(), Some("x"));
    }
}
