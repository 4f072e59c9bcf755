//! What the rows of an object say about it: how many there are, and from when to when.
//!
//! For an object of highwater, the metadata says the same at no cost. This reads the whole body, for
//! the objects of other programs.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::backend::{Backend, Error, Result, error::Service};
use crate::vocabulary::{ObjectKey, TableName, Watermark, watermark::Spelling};

/// Size in bytes up to which an object written by another program is read without anybody having asked
/// for it.
pub const READ_UNASKED: u64 = 16 << 20;

/// What was found in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Contents {
    pub rows: u64,
    /// Rows without a timestamp that counts: a missing one, an unreadable one, or one later than the
    /// database's clock.
    pub untimed: u64,
    /// Least and greatest timestamp of the rows that have one.
    pub oldest: Option<Watermark>,
    pub newest: Option<Watermark>,
    /// Rows later than [`Marks::above`].
    pub above: u64,
}

/// What the timestamps of the rows are compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// Rows later than this are counted.
    pub above: Option<Watermark>,
    /// The database's clock. Rows later than this do not determine where a body ends.
    pub clock: Option<Watermark>,
}

impl Contents {
    /// Whether every row has a timestamp and is later than `at`.
    #[must_use]
    pub fn all_newer_than(&self, at: Watermark) -> bool {
        self.untimed == 0 && self.oldest.is_some_and(|oldest| oldest > at)
    }

    /// The contents of both bodies together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            untimed: self.untimed + other.untimed,
            oldest: self.oldest.into_iter().chain(other.oldest).min(),
            newest: self.newest.max(other.newest),
            above: self.above + other.above,
        }
    }

    fn observe(&mut self, at: Option<Watermark>, marks: Marks) {
        self.rows += 1;
        let is_reached = |at: &Watermark| marks.clock.is_none_or(|clock| *at <= clock);
        match at.filter(is_reached) {
            Some(at) => {
                self.above += u64::from(marks.above.is_some_and(|mark| at > mark));
                self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
                self.newest = self.newest.max(Some(at));
            }
            None => self.untimed += 1,
        }
    }
}

impl Backend {
    /// Reads the object `key` of `table` to its end, whoever wrote it: JSON Lines or a JSON array,
    /// compressed or not. Of several timestamp columns the greatest counts, as in the source; times
    /// without a zone are read in the profile's. Memory stays bounded whatever the object's size.
    ///
    /// # Errors
    /// As [`ObjectRows::next_row`](super::rows::ObjectRows::next_row), and [`Error::Failed`] if a row
    /// is not a JSON object.
    pub async fn object_contents(
        &self,
        table: &TableName,
        key: &ObjectKey,
        marks: Marks,
    ) -> Result<Contents> {
        let mut contents = Contents::default();
        self.times_in(table, key, |at| contents.observe(at, marks))
            .await?;
        Ok(contents)
    }

    /// Passes the timestamp of each row of the object `key` of `table` to `tell`; `None` for a row
    /// without one.
    ///
    /// # Errors
    /// As [`Self::object_contents`].
    pub(in crate::backend) async fn times_in(
        &self,
        table: &TableName,
        key: &ObjectKey,
        mut tell: impl FnMut(Option<Watermark>) + Send,
    ) -> Result<()> {
        let profile = self.profile();
        let spelling = profile.spelling();
        let times = Times {
            columns: profile.timestamp_columns(table),
            spelling: &spelling,
        };
        let mut rows = self.object_rows(key);
        let mut number: u64 = 0;
        while let Some(row) = rows.next_row().await? {
            number += 1;
            let at = times.of(&row).map_err(|cause| Error::Failed {
                service: Service::Objects,
                place: self.inner.objects.place().to_owned(),
                doing: format!("reading row {number} of {key}"),
                cause: cause.into(),
            })?;
            tell(at);
        }
        Ok(())
    }
}

/// The columns that hold a row's timestamps, and how these may be spelled.
#[derive(Clone, Copy)]
struct Times<'a> {
    columns: &'a [String],
    spelling: &'a Spelling,
}

impl Times<'_> {
    /// Returns the timestamp of a row; `None` if it has none.
    ///
    /// # Errors
    /// The row is not a JSON object.
    fn of(self, row: &str) -> serde_json::Result<Option<Watermark>> {
        let mut json = serde_json::Deserializer::from_str(row);
        let at = self.deserialize(&mut json)?;
        json.end()?;
        Ok(at)
    }

    /// Reads a JSON value as a timestamp: text in any format accepted for parameters, or a number of
    /// seconds, milliseconds or microseconds since the epoch.
    fn read(self, value: &RawValue) -> Option<Watermark> {
        let text: Cow<'_, str> = match value.get().as_bytes().first()? {
            b'"' => serde_json::from_str(value.get()).ok()?,
            b'-' | b'0'..=b'9' => Cow::Borrowed(value.get()),
            _ => return None,
        };
        self.spelling.read(&text).ok()
    }
}

/// Reads the timestamp columns and skips everything else.
impl<'de> DeserializeSeed<'de> for Times<'_> {
    type Value = Option<Watermark>;

    fn deserialize<D: Deserializer<'de>>(self, row: D) -> Result<Self::Value, D::Error> {
        row.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Times<'_> {
    type Value = Option<Watermark>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        let mut newest = None;
        while let Some(wanted) = row.next_key_seed(IsOneOf(self.columns))? {
            if wanted {
                newest = newest.max(self.read(row.next_value()?));
            } else {
                row.next_value::<IgnoredAny>()?;
            }
        }
        Ok(newest)
    }
}

/// Whether a column's name is one of these, without allocating it.
struct IsOneOf<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for IsOneOf<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<bool, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for IsOneOf<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(self.0.iter().any(|wanted| wanted == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    use crate::vocabulary::watermark::read;

    fn at(text: &str) -> Watermark {
        read(text, Tz::UTC).expect("a timestamp")
    }

    fn time_of(row: &str, format: &str, timezone: Tz) -> Option<Watermark> {
        let columns = ["last_updated".to_owned(), "created_at".to_owned()];
        let format = format.parse().expect("a format");
        let spelling = Spelling { format, timezone };
        let times = Times {
            columns: &columns,
            spelling: &spelling,
        };
        times.of(row).expect("a row")
    }

    #[test]
    fn a_rows_timestamp_is_read_however_it_is_spelled() {
        let expected = Some(at("2024-05-16T10:50:30.123Z"));
        for value in [
            "\"2024-05-16T10:50:30.123000Z\"",
            "\"2024-05-16T10:50:30.123\"",
            "\"2024-05-16 10:50:30.123\"",
            "\"2024-05-16T12:50:30.123+02:00\"",
            "1715856630.123",
            "1715856630123",
            "\"1715856630123\"",
        ] {
            let row = format!("{{\"id\": 1, \"last_updated\": {value}, \"x\": [{{}}]}}");
            assert_eq!(time_of(&row, "rfc3339", Tz::UTC), expected, "{value}");
        }
    }

    #[test]
    fn of_several_columns_the_greatest_counts_and_naive_times_are_of_the_profiles_zone() {
        let row = r#"{"created_at": "2024-07-01 12:00:00", "last_updated": null}"#;
        let london = time_of(row, "rfc3339", Tz::Europe__London);
        assert_eq!(london, Some(at("2024-07-01T11:00:00Z")));
        let row = r#"{"created_at": "2024-07-01", "l\u0061st_updated": "2024-07-02"}"#;
        assert_eq!(time_of(row, "rfc3339", Tz::UTC), Some(at("2024-07-02")));
        let row = r#"{"last_updated": "16/05/2024 10:50"}"#;
        assert_eq!(
            time_of(row, "%d/%m/%Y %H:%M", Tz::UTC),
            Some(at("2024-05-16T10:50Z"))
        );
    }

    #[test]
    fn a_row_without_a_timestamp_has_none() {
        for row in [
            "{}",
            r#"{"id": 1}"#,
            r#"{"last_updated": null}"#,
            r#"{"last_updated": "infinity"}"#,
            r#"{"last_updated": {"a": 1}}"#,
            r#"{"last_updated": 17}"#,
        ] {
            assert_eq!(time_of(row, "rfc3339", Tz::UTC), None, "{row}");
        }
    }

    #[test]
    fn rows_are_counted_from_the_oldest_to_the_newest() {
        let mut contents = Contents::default();
        let marks = Marks {
            above: Some(at("2024-05-16")),
            clock: Some(at("2024-05-18")),
        };
        for time in [
            Some("2024-05-17"),
            None,
            Some("2024-05-16"),
            Some("2099-01-01"),
        ] {
            contents.observe(time.map(at), marks);
        }
        let expected = Contents {
            rows: 4,
            untimed: 2,
            oldest: Some(at("2024-05-16")),
            newest: Some(at("2024-05-17")),
            above: 1,
        };
        assert_eq!(contents, expected);
        assert_eq!(contents.and(Contents::default()), expected);
        assert!(
            !contents.all_newer_than(at("2024-05-15")),
            "one has no time"
        );
        let timed = Contents {
            untimed: 0,
            ..expected
        };
        assert!(timed.all_newer_than(at("2024-05-15")));
        assert!(!timed.all_newer_than(at("2024-05-16")));
    }
}
