//! Parsers for the values of single keys.

use std::time::Duration;

use chrono_tz::Tz;

use super::document::did_you_mean;
use super::redact::shown;
use super::template::LONGEST_ENV;

/// The sixteen colours of a terminal, as the configuration names them.
const COLOURS: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// One of the sixteen colours by name, or `#rrggbb`.
pub(super) fn colour(text: &str) -> Result<String, String> {
    let name = text.to_ascii_lowercase().replace("grey", "gray");
    let is_hex = |digits: &str| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if COLOURS.contains(&name.as_str()) || name.strip_prefix('#').is_some_and(is_hex) {
        return Ok(name);
    }
    Err(format!(
        "{text:?} is not a colour; use #rrggbb or one of {}{}",
        COLOURS.join(", "),
        did_you_mean(&name, COLOURS)
    ))
}

/// A duration of at most a day, possibly zero: `500ms`, `5s`, `1m 30s`.
pub(super) fn settle(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_hours(24);
    let duration = humantime::parse_duration(text)
        .map_err(|error| format!("{text:?} is not a duration like \"5s\": {error}"))?;
    if duration > DAY {
        return Err(format!(
            "{text:?} is more than a day: rows would be held back that long"
        ));
    }
    Ok(duration)
}

/// A time zone of the IANA database.
///
/// Some zones are refused: PostgreSQL tries abbreviations first (its documentation, 8.5.3), and these abbreviations
/// have no summer time, whereas the IANA zones of the same name have.
pub(super) fn timezone(text: &str) -> Result<Tz, String> {
    const ABBREVIATIONS: [(&str, &str); 4] = [
        ("CET", "Europe/Brussels"),
        ("EET", "Europe/Athens"),
        ("MET", "Europe/Brussels"),
        ("WET", "Europe/Lisbon"),
    ];
    if let Some((_, place)) = ABBREVIATIONS.iter().find(|(name, _)| *name == text) {
        return Err(format!(
            "{text:?} has no summer time in PostgreSQL, but does elsewhere; name a place, like {place:?}"
        ));
    }
    text.parse().map_err(|_| {
        let names = chrono_tz::TZ_VARIANTS.into_iter().map(Tz::name);
        format!(
            "{text:?} is not a time zone like \"Europe/London\"{}",
            did_you_mean(text, names)
        )
    })
}

/// A name that is safe in parameter names, keys and paths: a profile's name, or the value of `{env}`.
pub(super) fn plain_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let proper = text.len() <= LONGEST_ENV && text.chars().all(allowed);
    if proper && !text.is_empty() && !text.starts_with('.') {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} cannot be used in names and paths: it takes up to {LONGEST_ENV} letters, digits and _ - . and does not start with a dot",
        shown(text)
    ))
}

/// The URL of a database. Errors do not contain it.
pub(super) fn database_url(text: &str) -> Result<String, &'static str> {
    match text.split_once("://") {
        Some(("postgres" | "postgresql", _)) => Ok(text.to_owned()),
        _ => Err("it does not start with postgres:// or postgresql://"),
    }
}

/// The URL of an AWS endpoint. Errors do not contain it.
pub(super) fn endpoint(text: &str) -> Result<String, &'static str> {
    let url = url::Url::parse(text).map_err(|_| "it is not a URL like http://localhost:4566")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it is not a URL like http://localhost:4566");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "it holds a user or password, which AWS does not use; credentials come from the AWS chain",
        );
    }
    Ok(text.to_owned())
}

/// The value of an HTTP header.
pub(super) fn header(text: &str) -> Result<String, String> {
    let is_plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if is_plain && text.trim() == text {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is not ASCII text without spaces around it",
        shown(text)
    ))
}

/// Endings of names that look like a bucket's but belong to something that cannot keep what the commit protocol
/// needs, and why (S3 user guide, "Directory bucket naming rules", "Multi-Region Access Point ARNs").
const UNFIT: [(&str, &str); 3] = [
    (
        "--x-s3",
        "a directory bucket, whose listings have no order: name a general purpose bucket",
    ),
    (
        "--xa-s3",
        "an access point of a directory bucket, whose listings have no order: name a general purpose bucket",
    ),
    (
        ".mrap",
        "a multi-region access point, behind which two writers can both create an object, each in a different bucket: name one bucket",
    ),
];

/// The name of a bucket, or the ARN of an access point.
pub(super) fn bucket(text: &str) -> Result<String, String> {
    if text.contains("://") {
        return Err("it is the bucket's name alone, without s3://".to_owned());
    }
    if text.contains(char::is_whitespace) || (text.contains('/') && !text.starts_with("arn:")) {
        return Err(format!("{text:?} is not the name of a bucket"));
    }
    if let Some((_, what)) = UNFIT.iter().find(|(end, _)| text.ends_with(end)) {
        return Err(format!("{text:?} is {what}"));
    }
    Ok(text.to_owned())
}
