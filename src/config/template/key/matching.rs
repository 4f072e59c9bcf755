//! Recognises the keys of a table.

use super::super::escape;
use super::super::grammar::Part;
use crate::vocabulary::{SequenceId, TableName};

/// How a date is written; `d` is a digit.
pub(super) const DATE: &str = "dddd-dd-dd";
/// How a time is written, by highwater and by other programs, without its fraction.
pub(super) const TIMES: [&str; 3] = ["dd-dd-dd", "dd:dd:dd", "dddddd"];

/// Matches `parts` against the whole of `text`; `found` is the number seen so far.
pub(super) fn scan(
    parts: &[Part],
    env: &str,
    table: &TableName,
    text: &str,
    found: Option<SequenceId>,
) -> Option<SequenceId> {
    let Some((part, rest)) = parts.split_first() else {
        return found.filter(|_| text.is_empty());
    };
    let after = |known: &str| scan(rest, env, table, text.strip_prefix(known)?, found);
    match part {
        Part::Literal(literal) => after(literal),
        Part::Env => after(env),
        Part::Schema => after(&escape::in_key(table.schema())),
        Part::Table => after(&escape::in_key(table.name())),
        Part::Seq { width } => {
            let (digits, after) = text.split_at(digits_at(text.as_bytes()));
            scan(rest, env, table, after, Some(number(digits, *width)?))
        }
        Part::Date => {
            let (date, after) = text.split_at_checked(10)?;
            is_shaped(date, DATE).then_some(())?;
            scan(rest, env, table, after, found)
        }
        Part::Time => {
            time_lengths(text).find_map(|length| scan(rest, env, table, text.get(length..)?, found))
        }
    }
}

/// Parses `digits` if they are exactly how the number is written at `width`; any other spelling is
/// rejected.
fn number(digits: &str, width: usize) -> Option<SequenceId> {
    let canonical = digits.len() == width || (digits.len() > width && !digits.starts_with('0'));
    let number: SequenceId = digits.parse().ok()?;
    canonical.then_some(number)
}

fn digits_at(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether `text` has the form of `shape`, in which `d` is a digit and anything else stands for
/// itself.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(t, s)| match s {
            b'd' => t.is_ascii_digit(),
            _ => t == s,
        })
}

/// The lengths at which a time at the start of `text` can end, longest first.
fn time_lengths(text: &str) -> impl Iterator<Item = usize> {
    let whole = TIMES
        .into_iter()
        .find(|shape| text.get(..shape.len()).is_some_and(|t| is_shaped(t, shape)))
        .map(str::len);
    let fraction = whole.and_then(|whole| {
        let after = text.as_bytes().get(whole..)?.strip_prefix(b".")?;
        Some(whole + 1 + digits_at(after)).filter(|&end| end > whole + 1)
    });
    fraction.into_iter().chain(whole)
}
