//! A TOML file with its line numbers, read section by section.
//!
//! Read by hand and not with serde, so that each error names the file, the line, the full key and
//! what is expected, and no error shows the line itself, which may contain a password.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{ConfigError, Location};
use super::redact::shown;

type Result<T> = std::result::Result<T, ConfigError>;

/// The keys that a section accepts.
pub(super) type Known = &'static [&'static str];

/// The text of a configuration file.
pub(super) struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    pub(super) const fn new(path: PathBuf, text: String) -> Self {
        Self { path, text }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Parses the text.
    pub(super) fn parse(&self) -> Result<DeTable<'_>> {
        DeTable::parse(&self.text)
            .map(Spanned::into_inner)
            .map_err(|error| ConfigError::Syntax {
                at: self.at(error.span().map_or(0, |span| span.start)),
                // Only the message: the whole error would quote the line.
                problem: error.message().to_owned(),
            })
    }

    fn at(&self, offset: usize) -> Location {
        let before = self.text.as_bytes().iter().take(offset);
        Location {
            file: self.path.clone(),
            line: 1 + before.filter(|&&byte| byte == b'\n').count(),
        }
    }
}

/// One table of a document.
pub(super) struct Section<'d> {
    document: &'d Document,
    table: &'d DeTable<'d>,
    /// The full name, `profiles.dev.source`; empty for the top of the file.
    path: String,
    at: Location,
}

impl<'d> Section<'d> {
    /// The whole document.
    pub(super) fn top(document: &'d Document, table: &'d DeTable<'d>) -> Self {
        Self {
            document,
            table,
            path: String::new(),
            at: document.at(0),
        }
    }

    /// Checks that all keys are known.
    pub(super) fn with_keys(self, known: Known) -> Result<Self> {
        let unknown = self
            .table
            .iter()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
            .min_by_key(|(key, _)| key.span().start);
        let Some((key, _)) = unknown else {
            return Ok(self);
        };
        let name = key.get_ref().as_ref();
        Err(ConfigError::UnknownKey {
            at: self.document.at(key.span().start),
            key: shown(name),
            section: self.named(),
            hint: nearest(name, known.iter().copied()).map_or_else(
                || format!("it takes {}", known.join(", ")),
                |nearest| format!("did you mean {nearest}?"),
            ),
        })
    }

    /// The full name of one of its keys.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn named(&self) -> String {
        if self.path.is_empty() {
            "the file".to_owned()
        } else {
            format!("[{}]", self.path)
        }
    }

    /// An error about the value of `key`.
    pub(super) fn invalid(&self, key: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError::Invalid {
            at: self.place(key),
            key: self.key(&quoted(key)),
            problem: problem.into(),
        }
    }

    /// The line of `key`, or the line of the section if the key is missing.
    pub(super) fn place(&self, key: &str) -> Location {
        self.entry(key).map_or_else(
            || self.at.clone(),
            |(name, _)| self.document.at(name.span().start),
        )
    }

    /// An error about the missing `key`; `what` says what it is for.
    pub(super) fn missing(&self, key: &'static str, what: &'static str) -> ConfigError {
        ConfigError::MissingKey {
            at: self.at.clone(),
            section: self.named(),
            key,
            what,
        }
    }

    /// A section inside this one.
    pub(super) fn section(&self, key: &str) -> Result<Option<Self>> {
        let Some((name, value)) = self.entry(key) else {
            return Ok(None);
        };
        let DeValue::Table(table) = value.get_ref() else {
            return Err(self.wrong_type(key, value, "a section of its own"));
        };
        Ok(Some(Self {
            document: self.document,
            table,
            path: self.key(&quoted(key)),
            at: self.document.at(name.span().start),
        }))
    }

    /// The names of all its keys and sections.
    pub(super) fn names(&self) -> impl Iterator<Item = &'d str> {
        self.table.keys().map(|key| key.get_ref().as_ref())
    }

    /// A string that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'d str>> {
        self.text_as(key, "a string")
    }

    /// A string that `parse` accepts; `expected` describes it: `a duration like "5s"`.
    pub(super) fn parsed<T, E: fmt::Display>(
        &self,
        key: &str,
        expected: &'static str,
        parse: impl Fn(&str) -> std::result::Result<T, E>,
    ) -> Result<Option<T>> {
        let Some(text) = self.text_as(key, expected)? else {
            return Ok(None);
        };
        parse(text).map(Some).map_err(|error| {
            // A URL in the wrong place may contain a password, which the error might quote.
            let problem = if text.contains("://") && text.contains(['@', '?']) {
                format!("{} is not {expected}", shown(text))
            } else {
                error.to_string()
            };
            self.invalid(key, problem)
        })
    }

    /// One of the words of `choices`.
    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let problem = format!("{} is not one of {}", shown(text), words.join(", "));
        Err(self.invalid(key, problem + &did_you_mean(text, words)))
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<u64>) -> Result<Option<u64>> {
        let Some((_, value)) = self.entry(key) else {
            return Ok(None);
        };
        let DeValue::Integer(integer) = value.get_ref() else {
            return Err(self.wrong_type(key, value, "a whole number"));
        };
        let digits = integer.as_str().replace('_', "");
        let number = u64::from_str_radix(&digits, integer.radix());
        let number = number.ok().filter(|number| range.contains(number));
        let outside = || self.invalid(key, format!("{integer} is not {}", between(&range)));
        number.map(Some).ok_or_else(outside)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>> {
        let Some((_, value)) = self.entry(key) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(Some(*flag)),
            _ => Err(self.wrong_type(key, value, "true or false")),
        }
    }

    /// A list of strings, none of which is empty. The list itself may be empty.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<String>>> {
        const EXPECTED: &str = "a list of strings like [\"a\", \"b\"]";
        let Some((_, value)) = self.entry(key) else {
            return Ok(None);
        };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong_type(key, value, EXPECTED));
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref() {
                DeValue::String(text) if text.is_empty() => {
                    return Err(self.invalid(key, "one of its strings is empty"));
                }
                DeValue::String(text) => texts.push(text.clone().into_owned()),
                _ => return Err(self.invalid(key, format!("{EXPECTED} is expected"))),
            }
        }
        Ok(Some(texts))
    }

    /// A list of at least one string.
    pub(super) fn filled_list(&self, key: &str) -> Result<Option<Vec<String>>> {
        match self.list(key)? {
            Some(list) if list.is_empty() => Err(self.invalid(key, "the list is empty")),
            list => Ok(list),
        }
    }

    fn entry(&self, key: &str) -> Option<(&'d Spanned<DeString<'d>>, &'d Spanned<DeValue<'d>>)> {
        self.table.get_key_value(key)
    }

    fn text_as(&self, key: &str, expected: &'static str) -> Result<Option<&'d str>> {
        let Some((_, value)) = self.entry(key) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                Err(self.invalid(key, "it is empty; to use the default, leave the key out"))
            }
            DeValue::String(text) => Ok(Some(text)),
            _ => Err(self.wrong_type(key, value, expected)),
        }
    }

    fn wrong_type(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &'static str,
    ) -> ConfigError {
        ConfigError::WrongType {
            at: self.document.at(value.span().start),
            key: self.key(&quoted(key)),
            found: match value.get_ref() {
                DeValue::String(_) => "a string",
                DeValue::Integer(_) => "a whole number",
                DeValue::Float(_) => "a number",
                DeValue::Boolean(_) => "true or false",
                DeValue::Datetime(_) => "a date",
                DeValue::Array(_) => "a list",
                DeValue::Table(_) => "a section",
            },
            expected,
        }
    }
}

/// `; did you mean …?` with the nearest of `known`, or an empty string.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

/// The one of `known` that `word` was most likely meant to be, if any is close.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// Below this similarity (0 to 1), a suggestion would be a guess.
    const NEAR: f64 = 0.6;
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            (
                strsim::normalized_damerau_levenshtein(&word, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(similarity, _)| *similarity >= NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name.to_owned())
}

/// A key as TOML spells it: quoted if necessary.
pub(super) fn quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        shown(key)
    }
}

fn between(range: &RangeInclusive<u64>) -> String {
    match (range.start(), range.end()) {
        (low, &u64::MAX) => format!("{low} or more"),
        (low, high) => format!("between {low} and {high}"),
    }
}
