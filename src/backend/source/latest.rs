//! The newest timestamp among rows.

use chrono::{Days, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::copy::damaged_copy;
use crate::backend::error::{Error, Result};
use crate::backend::jsonl::{Column, Encoding, Row};
use crate::vocabulary::{TableName, Watermark};

/// The columns used if none are named.
pub const DEFAULT_TIMESTAMP_COLUMNS: [&str; 1] = ["last_updated"];

/// Returns the newest value of `columns` over `rows`; of several columns, the greatest. `None` if there
/// is none.
///
/// NULL and ±infinity do not count as timestamps. Columns without time zone are read in `timezone`.
///
/// ```
/// # use highwater::backend::source::{DEFAULT_TIMESTAMP_COLUMNS, find_latest_timestamp};
/// # use highwater::vocabulary::TableName;
/// let columns = DEFAULT_TIMESTAMP_COLUMNS.map(str::to_owned);
/// let newest = find_latest_timestamp(&TableName::parse("payment"), [], &columns, chrono_tz::Tz::UTC);
/// assert!(matches!(newest, Ok(None)));
/// ```
///
/// # Errors
/// [`Error::UnknownColumn`] if a row has no such column, [`Error::NotATimestamp`] if the column has a
/// different type.
pub fn find_latest_timestamp<'a>(
    table: &TableName,
    rows: impl IntoIterator<Item = Row<'a>>,
    columns: &[String],
    timezone: Tz,
) -> Result<Option<Watermark>> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else {
        return Ok(None);
    };
    let mut latest = LatestTimestamp::new(table, first.columns(), columns, timezone)?;
    latest.observe(&first)?;
    for row in rows {
        latest.observe(&row)?;
    }
    Ok(latest.newest())
}

/// [`find_latest_timestamp`] for rows that are read one at a time.
#[derive(Debug)]
pub struct LatestTimestamp {
    table: TableName,
    timezone: Tz,
    /// Positions of the columns, and whether each is without time zone.
    positions: Vec<(usize, bool)>,
    /// The newest raw value of each column, in microseconds since 2000-01-01.
    newest: Vec<Option<i64>>,
}

impl LatestTimestamp {
    /// Considers the columns that are `named`, of rows with these `columns`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] and [`Error::NotATimestamp`].
    pub fn new(
        table: &TableName,
        columns: &[Column],
        named: &[String],
        timezone: Tz,
    ) -> Result<Self> {
        let positions = named
            .iter()
            .map(|name| position(table, columns, name))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            table: table.clone(),
            timezone,
            newest: vec![None; positions.len()],
            positions,
        })
    }

    /// Takes a row into account.
    ///
    /// # Errors
    /// [`Error::Failed`] if the bytes of the row are not a timestamp.
    pub fn observe(&mut self, row: &Row<'_>) -> Result<()> {
        for (&(position, _), newest) in self.positions.iter().zip(&mut self.newest) {
            let value = row.timestamp(position).map_err(|error| {
                let doing = format!("reading the timestamp of a row of {}", self.table);
                damaged_copy(doing, error)
            })?;
            let finite = value.filter(|micros| *micros != i64::MIN && *micros != i64::MAX);
            *newest = finite.max(*newest);
        }
        Ok(())
    }

    /// Whether [`Self::newest`] is certain to agree with the server. When clocks change, a later local
    /// time in the table may be an earlier instant, and two machines may know of different changes.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.timezone == Tz::UTC || self.positions.iter().all(|(_, naive)| !naive)
    }

    /// The newest timestamp so far.
    #[must_use]
    pub fn newest(&self) -> Option<Watermark> {
        let values = self.positions.iter().zip(&self.newest);
        values
            .filter_map(|(&(_, naive), newest)| {
                let at = Watermark::from_postgres((*newest)?)?;
                Some(if naive {
                    instant(at, self.timezone)
                } else {
                    at
                })
            })
            .max()
    }
}

fn position(table: &TableName, columns: &[Column], name: &str) -> Result<(usize, bool)> {
    let found = columns.iter().position(|column| column.name == name);
    let position = found.ok_or_else(|| Error::UnknownColumn {
        table: table.clone(),
        column: name.to_owned(),
        timestamps: columns
            .iter()
            .filter(|column| matches!(column.encoding, Encoding::Timestamp | Encoding::TimestampTz))
            .map(|column| column.name.clone())
            .collect(),
    })?;
    match columns[position].encoding {
        Encoding::Timestamp => Ok((position, true)),
        Encoding::TimestampTz => Ok((position, false)),
        _ => Err(Error::NotATimestamp {
            table: table.clone(),
            column: name.to_owned(),
            type_name: columns[position].type_name.clone(),
        }),
    }
}

/// Returns the instant at which clocks in the zone `now` show what clocks in the zone `then` show at
/// `at`: this is where a timestamp without zone lies if it was first read in `then`.
#[must_use]
pub fn read_again(at: Watermark, then: Tz, now: Tz) -> Watermark {
    let local = at.to_datetime().with_timezone(&then).naive_local();
    instant(Watermark::from(local.and_utc()), now)
}

/// Converts a naive time in `timezone` to an instant, by PostgreSQL's rule for times that a change of
/// clocks skips or repeats: in a gap it uses the offset before the gap, and of two possible offsets the
/// later one (`DetermineTimeZoneOffset` in its source). `AT TIME ZONE` in the conditions has to agree
/// with this.
fn instant(naive: Watermark, timezone: Tz) -> Watermark {
    let local: NaiveDateTime = naive.to_datetime().naive_utc();
    let offset = match timezone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(_, offset) => Some(offset),
        LocalResult::None => local
            .checked_sub_days(Days::new(1))
            .and_then(|before| timezone.offset_from_local_datetime(&before).earliest()),
    };
    let seconds = offset.map_or(0, |offset| offset.fix().local_minus_utc());
    let utc = local - chrono::TimeDelta::seconds(seconds.into());
    Watermark::from(
        utc.and_local_timezone(Utc)
            .earliest()
            .unwrap_or_else(|| naive.to_datetime()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::watermark::read;

    fn london(naive: &str) -> String {
        instant(
            read(naive, Tz::UTC).expect("a timestamp"),
            Tz::Europe__London,
        )
        .to_string()
    }

    #[test]
    fn skipped_and_repeated_local_times_follow_postgresql() {
        assert_eq!(london("2024-07-01 12:00"), "2024-07-01T11:00:00.000000Z");
        assert_eq!(london("2024-03-31 01:30"), "2024-03-31T01:30:00.000000Z");
        assert_eq!(london("2024-10-27 01:30"), "2024-10-27T01:30:00.000000Z");
    }

    #[test]
    fn a_local_time_is_another_instant_in_another_zone() {
        let at = |text| read(text, Tz::UTC).expect("a timestamp");
        let (utc, london, york) = (Tz::UTC, Tz::Europe__London, Tz::America__New_York);
        let noon = at("2024-07-01T12:00:00.5Z");
        assert_eq!(read_again(noon, utc, london), at("2024-07-01T11:00:00.5Z"));
        assert_eq!(read_again(noon, utc, york), at("2024-07-01T16:00:00.5Z"));
        assert_eq!(read_again(noon, london, york), at("2024-07-01T17:00:00.5Z"));
        assert_eq!(read_again(noon, york, york), noon);
    }
}
