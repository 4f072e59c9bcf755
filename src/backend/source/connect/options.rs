//! Connection strings: URLs and `key=value` lists, read in the same way as by libpq.
//!
//! Rules: PostgreSQL documentation, 34.1.1. The text of an error never repeats a value, which may be a
//! password.

use std::collections::BTreeMap;

use super::promises::PROMISES;

/// Options that affect a connection.
const KNOWN: &[&str] = &[
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "options",
    "passfile",
    "password",
    "port",
    "service",
    "servicefile",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Options that are accepted but have no effect here: they concern what this client never does, or what it
/// always does.
const WITHOUT_EFFECT: &[&str] = &[
    "application_name",
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "sslcompression",
    "sslsni",
];

/// Why a connection string cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    #[error("it is neither a URL (postgres://user@host:port/database) nor a list of key=value")]
    Unrecognised,
    #[error(
        "it has a % that is not followed by two hexadecimal digits, or that does not decode to UTF-8 (write % as %25)"
    )]
    Percent,
    #[error(
        "it has one @ too many: in a user, a password or the name of a database, write @ as %40 and / as %2F"
    )]
    At,
    #[error("the bracket of an IPv6 address is not closed")]
    Bracket,
    #[error("option {0:?} has no value")]
    NoValue(String),
    #[error("the quotes of option {0:?} are not closed")]
    Quotes(String),
    #[error("there is no option {0:?}")]
    Unknown(String),
    #[error("option {0:?} is not supported")]
    Unsupported(String),
}

/// Options by libpq's names. Empty values are left out: libpq treats them as not given.
pub type Options = BTreeMap<&'static str, String>;

/// Reads a URL or a `key=value` list.
///
/// # Errors
///
/// [`OptionsError`], for malformed text and for options that would have to be ignored although they change
/// what a connection promises.
pub fn parse(text: &str) -> Result<Options, OptionsError> {
    let text = text.trim();
    if let Some(rest) = text
        .strip_prefix("postgresql://")
        .or_else(|| text.strip_prefix("postgres://"))
    {
        return parse_url(rest);
    }
    if text.contains("://") || !(text.is_empty() || text.contains('=')) {
        return Err(OptionsError::Unrecognised);
    }
    parse_pairs(text)
}

fn parse_url(rest: &str) -> Result<Options, OptionsError> {
    let mut options = Options::new();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    // The @ may be part of a password, the rest of which would be taken for a host or a database, and shown
    // in messages.
    if authority.matches('@').count() > 1 || database.contains('@') {
        return Err(OptionsError::At);
    }
    let hosts = match authority.split_once('@') {
        Some((credentials, hosts)) => {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            set(&mut options, "user", decode(user)?)?;
            set(&mut options, "password", decode(password)?)?;
            hosts
        }
        None => authority,
    };
    parse_hosts(&mut options, hosts)?;
    set(&mut options, "dbname", decode(database)?)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| OptionsError::NoValue(shown(pair)))?;
        let (name, value) = (decode(name)?, decode(value)?);
        // JDBC's name for it, also understood by libpq.
        if name == "ssl" && value == "true" {
            set(&mut options, "sslmode", "require".to_owned())?;
        } else {
            set(&mut options, &name, value)?;
        }
    }
    Ok(options)
}

/// Splits `host:port,[::1]:port,%2Fsocket%2Ffolder` into the comma-separated lists `host` and `port`.
fn parse_hosts(options: &mut Options, text: &str) -> Result<(), OptionsError> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for part in text.split(',') {
        let (host, port) = if let Some(rest) = part.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or(OptionsError::Bracket)?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        } else {
            part.split_once(':').unwrap_or((part, ""))
        };
        hosts.push(decode(host)?);
        ports.push(decode(port)?);
    }
    for (name, list) in [("host", hosts), ("port", ports)] {
        if list.iter().any(|part| !part.is_empty()) {
            set(options, name, list.join(","))?;
        }
    }
    Ok(())
}

/// Reads one line of a service file, `name=value`, without quotes or escapes. Such a line must not name
/// another service.
///
/// # Errors
/// As [`parse`].
pub fn parse_line(line: &str) -> Result<Options, OptionsError> {
    let (name, value) = line
        .split_once('=')
        .ok_or_else(|| OptionsError::NoValue(shown(line)))?;
    if ["service", "servicefile"].contains(&name) {
        return Err(OptionsError::Unsupported(name.to_owned()));
    }
    let mut options = Options::new();
    set(&mut options, name, value.to_owned())?;
    Ok(options)
}

/// Reads `host=a dbname = 'with space' password=back\\slash`.
fn parse_pairs(text: &str) -> Result<Options, OptionsError> {
    let mut options = Options::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| OptionsError::NoValue(shown(&first_word(rest))))?;
        let name = name.trim_end();
        if name.contains(char::is_whitespace) {
            return Err(OptionsError::NoValue(shown(&first_word(name))));
        }
        let (value, after) = take_value(name, after.trim_start())?;
        set(&mut options, name, value)?;
        rest = after.trim_start();
    }
    Ok(options)
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Takes one value, quoted or not, and returns it with the text after it.
fn take_value<'a>(name: &str, text: &'a str) -> Result<(String, &'a str), OptionsError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            _ if !quoted && character.is_whitespace() => return Ok((value, &text[at..])),
            _ => value.push(character),
        }
    }
    if quoted {
        return Err(OptionsError::Quotes(name.to_owned()));
    }
    Ok((value, ""))
}

/// A later value of the same name replaces an earlier one, as in libpq.
fn set(options: &mut Options, name: &str, value: String) -> Result<(), OptionsError> {
    if let Some(known) = KNOWN.iter().find(|known| **known == name) {
        if !value.is_empty() {
            options.insert(known, value);
        }
        return Ok(());
    }
    if WITHOUT_EFFECT.contains(&name) {
        return Ok(());
    }
    match PROMISES.iter().find(|promise| promise.option == name) {
        Some(promise) if promise.is_kept(&value) => Ok(()),
        Some(_) => Err(OptionsError::Unsupported(name.to_owned())),
        None => Err(OptionsError::Unknown(shown(name))),
    }
}

/// A name as an error may show it. A name that resembles no option may be part of a password that contains
/// a `?`, `&` or `=`, and is not repeated.
fn shown(name: &str) -> String {
    const ALIKE: f64 = 0.93;
    let promises = PROMISES.iter().map(|promise| &promise.option);
    let mut known = KNOWN.iter().chain(WITHOUT_EFFECT).chain(promises);
    if known.any(|known| strsim::jaro_winkler(known, name) > ALIKE) {
        return name.to_owned();
    }
    "(not shown: it may be part of a password, in which ? & = @ / : have to be percent-encoded)"
        .to_owned()
}

/// Decodes percent-encoding; `+` stands for itself.
fn decode(text: &str) -> Result<String, OptionsError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = after.get(..2).ok_or(OptionsError::Percent)?;
            let digits = std::str::from_utf8(digits).map_err(|_| OptionsError::Percent)?;
            let byte = u8::from_str_radix(digits, 16).map_err(|_| OptionsError::Percent)?;
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| OptionsError::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&'static str, String)> {
        parse(text).unwrap().into_iter().collect()
    }

    fn pairs(expected: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        expected
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_url_names_everything_in_its_place() {
        assert_eq!(
            read(
                "postgresql://reader:s%40cret%2F@db.example.com:6432/to%20tesys?sslmode=require&connect_timeout=3"
            ),
            pairs(&[
                ("connect_timeout", "3"),
                ("dbname", "to tesys"),
                ("host", "db.example.com"),
                ("password", "s@cret/"),
                ("port", "6432"),
                ("sslmode", "require"),
                ("user", "reader"),
            ])
        );
    }

    #[test]
    fn no_part_of_a_password_is_taken_for_a_host_or_a_database() {
        for text in [
            "postgres://u:a@b@host/db",
            "postgres://u:a@b/c@host/db",
            "postgres://u:1/b@host/db",
        ] {
            assert_eq!(parse(text), Err(OptionsError::At), "{text}");
        }
        let read = parse("postgres://u@host/a%40b").expect("one that is encoded");
        assert_eq!(read["dbname"], "a@b");
    }

    #[test]
    fn every_part_of_a_url_may_be_missing() {
        assert_eq!(read("postgres://"), pairs(&[]));
        assert_eq!(read("postgres:///db"), pairs(&[("dbname", "db")]));
        assert_eq!(read("postgres://me@"), pairs(&[("user", "me")]));
        assert_eq!(read("postgres://?host=/tmp"), pairs(&[("host", "/tmp")]));
    }

    #[test]
    fn hosts_are_names_addresses_and_socket_folders() {
        assert_eq!(
            read("postgres://a:1,[::1]:2,%2Frun%2Fpg,b/db"),
            pairs(&[
                ("dbname", "db"),
                ("host", "a,::1,/run/pg,b"),
                ("port", "1,2,,")
            ])
        );
    }

    #[test]
    fn a_list_of_pairs_has_quotes_and_escapes() {
        assert_eq!(
            read(r"host = db  user='o\'brien x' password=a\\b\ c dbname=''"),
            pairs(&[
                ("host", "db"),
                ("password", r"a\b c"),
                ("user", "o'brien x")
            ])
        );
    }

    #[test]
    fn an_option_that_changes_a_promise_is_not_ignored() {
        assert_eq!(
            parse("postgres://h/?sslcrl=x"),
            Err(OptionsError::Unsupported("sslcrl".into()))
        );
        assert_eq!(
            parse("postgres://h/?sslmod=x"),
            Err(OptionsError::Unknown("sslmod".into()))
        );
        assert_eq!(
            parse("postgres://h/?gssencmode=require"),
            Err(OptionsError::Unsupported("gssencmode".into()))
        );
        let without_effect = "gssencmode=disable&application_name=x&sslcertmode=allow&ssl_min_protocol_version=TLSv1.2&max_protocol_version=latest&requirepeer=";
        assert_eq!(read(&format!("postgres://h/?{without_effect}")).len(), 1);
    }

    #[test]
    fn no_error_repeats_a_value() {
        for text in [
            "postgres://u:s3cret%zz@h",
            "postgres://u:s3cret@[::1",
            "password='s3cret",
            "mysql://u:s3cret@h/db",
            "s3cret",
            "postgres://u:abc?s3cret@host/db",
            "postgres://u:abc?s3cret=x@host/db",
            "password=abc s3cret",
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("s3cret"),
                "{text}: {error}"
            );
        }
    }
}
