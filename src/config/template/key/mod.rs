//! The template of an object's key.

mod matching;
mod meeting;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::error::TemplateError;
use super::grammar::{IN_KEYS, Part, check_names_apart, parse};
use super::{LONGEST_ENV, LONGEST_NAME, escape};
use crate::vocabulary::{ObjectKey, SequenceId, TableName};

/// The longest key that S3 accepts, in bytes (User guide, object key names).
const LONGEST: usize = 1024;
/// The first part of the keys that are reserved for the commit protocol.
const OWN: &str = "_highwater/";

/// The template of an object's key: `{table}/{table}_{seq:08}.jsonl`.
///
/// Characters of a table's name that would change the path or break tools are percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate {
    text: String,
    parts: Vec<Part>,
}

impl KeyTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// A [`TemplateError`] if it is malformed, lacks the table or the sequence id, would let two tables or two
    /// numbers share a key by its form, or produces keys that are not proper paths.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let parts = parse(text, IN_KEYS)?;
        if !parts.contains(&Part::Table) {
            return Err(TemplateError::Lacks {
                placeholder: "{table}",
                what: "table's key",
            });
        }
        check_sequence(&parts)?;
        check_names_apart(&parts)?;
        check_path(text)?;
        check_length(&parts)?;
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The key of object `sequence_id` of `table`, written by a run at `at`.
    #[must_use]
    pub fn render(
        &self,
        env: &str,
        table: &TableName,
        sequence_id: SequenceId,
        at: DateTime<Utc>,
    ) -> ObjectKey {
        let key = Written {
            env,
            table,
            sequence_id: Some(sequence_id),
            date: Some(at.date_naive()),
            time: Some(at.time()),
        };
        ObjectKey::new(key.up_to_the_first_unknown(&self.parts))
    }

    /// Checks that the keys of `table` are not among those that highwater keeps for itself.
    ///
    /// # Errors
    /// A [`TemplateError`] if they are, because of the name of the table, of its schema or of the environment.
    pub fn check_reserved(&self, env: &str, table: &TableName) -> Result<(), TemplateError> {
        if self.prefix(env, table).starts_with(OWN) {
            return Err(TemplateError::Form {
                problem: "_highwater/ is kept for highwater's own objects; put another folder before it, or leave the table out with source.exclude",
            });
        }
        Ok(())
    }

    /// A key that `table` would have under this template and another table under its own.
    #[must_use]
    pub fn common_key(
        &self,
        env: &str,
        table: &TableName,
        (template, other): (&Self, &TableName),
    ) -> Option<String> {
        let (own, theirs) = (self.prefix(env, table), template.prefix(env, other));
        if !own.starts_with(&theirs) && !theirs.starts_with(&own) {
            return None;
        }
        meeting::common_key(env, (&self.parts, table), (&template.parts, other))
    }

    /// Whether keys are named after the clock, so that two writers of the same number do not meet at one key.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Date | Part::Time))
    }

    /// The prefix of all keys of `table`. Keys of other tables may share it: each key of a listing has to be
    /// [matched](Self::matches).
    #[must_use]
    pub fn prefix(&self, env: &str, table: &TableName) -> String {
        let key = Written {
            env,
            table,
            sequence_id: None,
            date: None,
            time: None,
        };
        key.up_to_the_first_unknown(&self.parts)
    }

    /// The prefix of all keys of object `sequence_id` that were written on `day` (UTC): the whole key, unless keys
    /// contain the time.
    #[must_use]
    pub fn prefix_of_number(
        &self,
        env: &str,
        table: &TableName,
        sequence_id: SequenceId,
        day: NaiveDate,
    ) -> String {
        let key = Written {
            env,
            table,
            sequence_id: Some(sequence_id),
            date: Some(day),
            time: None,
        };
        key.up_to_the_first_unknown(&self.parts)
    }

    /// The prefix of all keys of `table` that were written on `day` (UTC); `None` if the part that these keys share
    /// does not contain the day.
    #[must_use]
    pub fn prefix_of_day(&self, env: &str, table: &TableName, day: NaiveDate) -> Option<String> {
        let unknown = |part: &&Part| matches!(part, Part::Seq { .. } | Part::Time);
        let mut known = self.parts.iter().take_while(|part| !unknown(part));
        let holds_day = known.any(|part| *part == Part::Date);
        holds_day.then(|| self.before_day(env, table, day).as_str().to_owned())
    }

    /// A key that sorts before all keys of `table` that were written on `day` or later, and after most of those
    /// written earlier, as far as keys sort by day.
    #[must_use]
    pub fn before_day(&self, env: &str, table: &TableName, day: NaiveDate) -> ObjectKey {
        let key = Written {
            env,
            table,
            sequence_id: None,
            date: Some(day),
            time: None,
        };
        ObjectKey::new(key.up_to_the_first_unknown(&self.parts))
    }

    /// The key of `number`, after which the keys of all greater numbers up to `most` sort; `None` if keys do not
    /// sort by number.
    #[must_use]
    pub fn in_order(
        &self,
        env: &str,
        table: &TableName,
        number: SequenceId,
        most: SequenceId,
    ) -> Option<ObjectKey> {
        let padded = self.parts.iter().any(|part| match part {
            Part::Seq { width } => most.to_string().len() <= *width,
            _ => false,
        });
        (padded && !self.is_dated()).then(|| self.render(env, table, number, DateTime::UNIX_EPOCH))
    }

    /// Whether keys contain the profile's `env`.
    #[must_use]
    pub fn names_env(&self) -> bool {
        self.parts.contains(&Part::Env)
    }

    /// Whether the objects of a table share a prefix of their own whatever the day.
    #[must_use]
    pub fn names_table_before_date(&self) -> bool {
        let until_date = self.parts.iter().take_while(|part| **part != Part::Date);
        until_date.into_iter().any(|part| *part == Part::Table)
    }

    /// The number in `key`, if it is a key of `table`.
    ///
    /// Anchored at both ends. A time that another writer spelled as `10:50:30` or `105030`, or with a fraction, is
    /// recognised as well.
    #[must_use]
    pub fn matches(&self, env: &str, table: &TableName, key: &ObjectKey) -> Option<SequenceId> {
        matching::scan(&self.parts, env, table, key.as_str(), None)
    }

    /// This template with `suffix` (`.gz`) appended, unless it already ends in it.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        if suffix.is_empty() || self.text.ends_with(suffix) {
            return self.clone();
        }
        let mut parts = self.parts.clone();
        parts.push(Part::Literal(suffix.to_owned()));
        Self {
            text: format!("{}{suffix}", self.text),
            parts,
        }
    }
}

/// What is known when a key, or the beginning of one, is written.
struct Written<'a> {
    env: &'a str,
    table: &'a TableName,
    sequence_id: Option<SequenceId>,
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
}

impl Written<'_> {
    fn up_to_the_first_unknown(&self, parts: &[Part]) -> String {
        parts.iter().map_while(|part| self.part(part)).collect()
    }

    fn part(&self, part: &Part) -> Option<String> {
        match part {
            Part::Literal(text) => Some(text.clone()),
            Part::Env => Some(self.env.to_owned()),
            Part::Schema => Some(escape::in_key(self.table.schema()).into_owned()),
            Part::Table => Some(escape::in_key(self.table.name()).into_owned()),
            Part::Seq { width } => self.sequence_id.map(|id| format!("{:0width$}", id.0)),
            Part::Date => self.date.map(|date| date.format("%Y-%m-%d").to_string()),
            Part::Time => self.time.map(|time| time.format("%H-%M-%S").to_string()),
        }
    }
}

/// Checks that `{seq}` occurs once, between text that cannot be taken for part of the number. The number is then
/// the whole run of digits at its place, for every table.
fn check_sequence(parts: &[Part]) -> Result<(), TemplateError> {
    let is_seq = |part: &&Part| matches!(part, Part::Seq { .. });
    match parts.iter().filter(is_seq).count() {
        0 => {
            return Err(TemplateError::Lacks {
                placeholder: "{seq}",
                what: "object's key",
            });
        }
        1 => {}
        _ => return Err(TemplateError::SequenceTwice),
    }
    let at = parts.iter().take_while(|part| !is_seq(part)).count();
    let before = at.checked_sub(1).and_then(|at| parts.get(at));
    let separates = |part: Option<&Part>, touching: fn(&str) -> Option<char>| match part {
        None => true,
        Some(Part::Literal(text)) => touching(text).is_some_and(|c| !c.is_ascii_digit()),
        Some(_) => false,
    };
    let last = |text: &str| text.chars().next_back();
    let first = |text: &str| text.chars().next();
    if separates(before, last) && separates(parts.get(at + 1), first) {
        Ok(())
    } else {
        Err(TemplateError::SequenceRunsTogether)
    }
}

/// Checks the rules for keys as paths, which also apply to local folders.
fn check_path(text: &str) -> Result<(), TemplateError> {
    let form = |problem| Err(TemplateError::Form { problem });
    if let Some(character) = text.chars().find(|c| c.is_control() || *c == '\\') {
        return Err(TemplateError::Character {
            character,
            allowed: "a key is printable text, its parts separated by /",
        });
    }
    if text.starts_with('/') {
        return form("a key does not start with a /");
    }
    if text.split('/').any(str::is_empty) {
        return form("there is nothing between two of its slashes, or after the last");
    }
    if text.split('/').any(|part| part == "." || part == "..") {
        return form("a part of it is . or .., which is not a name");
    }
    if text.starts_with(OWN) {
        return form("_highwater/ is kept for highwater's own objects");
    }
    Ok(())
}

fn check_length(parts: &[Part]) -> Result<(), TemplateError> {
    /// `.zst`, which compression may append.
    const SUFFIX: usize = 4;
    let longest: usize = parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) => text.len(),
            Part::Env => LONGEST_ENV,
            Part::Schema | Part::Table => LONGEST_NAME,
            Part::Seq { .. } => 20,
            Part::Date => 10,
            Part::Time => 8,
        })
        .sum();
    if longest + SUFFIX > LONGEST {
        return Err(TemplateError::TooLong { limit: LONGEST });
    }
    Ok(())
}

impl FromStr for KeyTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text)
    }
}

impl fmt::Display for KeyTemplate {
    /// The template as it was written, with its suffix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests;
