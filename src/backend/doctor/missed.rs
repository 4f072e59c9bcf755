//! Rows that ingestion has missed: they arrived with timestamps that had already been ingested.
//!
//! An object of highwater records the timestamps between which it has every row that there was, and how many
//! rows these were. If the table now has more rows there, at least the difference arrived after the object
//! had been written, and a watermark that is past them never comes back. Fewer rows, or as many, prove
//! nothing: rows are updated and deleted. So the reported number is a lower bound, and certain.
//!
//! It is certain only if it is known what the bounds of an object mean, and what was read after it; `held`
//! sees to that.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::diagnosis::{Diagnosis, Evidence};
use super::held::{Held, LOOKED_AT, held, in_a_row, settled};
use super::state::State;
use crate::backend::advice::command_on;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::objects::ObjectHead;
use crate::backend::source::{self, Bounds, RowTime, SourceTable, WithinBounds};
use crate::backend::table_objects::keys::NumberedKey;
use crate::backend::{Backend, Result};
use crate::figures::{count, thousands};
use crate::vocabulary::{ObjectKey, TableName, Watermark};

/// In microseconds.
const DAY: u64 = 86_400_000_000;
/// In days: a longer range is not read day by day.
const A_YEAR: u64 = 366;

/// Objects whose ranges follow directly on each other, each with fewer rows than the table has within its
/// range.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missed {
    /// Oldest first.
    objects: Vec<Held>,
    /// Rows of the table within their bounds.
    rows: u64,
    /// The range to be read again.
    range: Bounds,
}

impl Backend {
    /// Finds rows of `table` that are in none of its objects, though its newest objects have read the range
    /// in which they are.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable),
    /// [`Error::Denied`](crate::backend::Error::Denied), …
    pub(super) async fn rows_missed(
        &self,
        table: &SourceTable,
        state: &State,
    ) -> Result<Vec<Diagnosis>> {
        let has_error = |finding: &Finding| finding.severity == Severity::Error;
        let is_unusable = table.findings.iter().any(has_error) || self.is_whole(&table.name);
        // If a consumer has removed an object, nobody knows whether it had read a range again.
        if is_unusable || self.consumers_remove() {
            return Ok(Vec::new());
        }
        let (Some(watermark), Some(newest)) = (state.watermark, state.goes_on_after) else {
            return Ok(Vec::new());
        };
        let keys = in_a_row(&state.keys, newest);
        let last = keys.first().cloned();
        let held = settled(self.held(table, keys).await?, watermark);
        let bounds: Vec<Bounds> = held.iter().map(|one| one.bounds).collect();
        let Some(within) = self.rows_within(table, &bounds).await? else {
            return Ok(Vec::new());
        };
        let missed = missed(held, &within);
        if missed.is_empty() {
            return Ok(Vec::new());
        }
        // An object that was written since may hold them.
        let now = self.numbered_keys(&table.name).await?;
        if now.into_iter().max() != last {
            return Ok(Vec::new());
        }
        let said = missed
            .iter()
            .map(|one| one.diagnosis(&table.name, within.oldest));
        Ok(said.collect())
    }

    /// What the objects `keys` hold, newest first, back to the first for which that is not known.
    async fn held(&self, table: &SourceTable, keys: Vec<NumberedKey>) -> Result<Vec<Held>> {
        let row_time = self.row_time_of(&table.name, &table.encoded_columns());
        let heads =
            stream::iter(keys).map(|one| async move { self.inner.objects.head(&one.key).await });
        let heads: Vec<Option<ObjectHead>> = heads.buffered(LOOKED_AT).try_collect().await?;
        let held = heads.into_iter().map_while(|head| held(head?, &row_time));
        Ok(held.collect())
    }

    async fn rows_within(
        &self,
        table: &SourceTable,
        bounds: &[Bounds],
    ) -> Result<Option<WithinBounds>> {
        if bounds.is_empty() {
            return Ok(None);
        }
        let (profile, name) = (self.profile(), &table.name);
        let columns = profile.timestamp_columns(name);
        let time = RowTime::of(table, columns, profile.source.timezone)?;
        let connection = self.inner.source.connection().await?;
        connection.occupy();
        let counted = source::rows_within(&connection, name, &time, bounds).await;
        if counted.is_ok() {
            connection.release();
        }
        counted.map_err(|error| {
            let doing = format!("counting the rows of {name} that are ingested");
            connection.failure(doing, error)
        })
    }
}

/// The objects of `held` that have fewer rows than the table has `within` their bounds; adjacent ones are
/// joined.
fn missed(held: Vec<Held>, within: &WithinBounds) -> Vec<Missed> {
    let counted = held.into_iter().zip(within.rows.iter().copied());
    let short: Vec<(Held, u64)> = counted.filter(|(held, rows)| *rows > held.rows).collect();
    let bounds: Vec<Bounds> = short.iter().map(|(held, _)| held.bounds).collect();
    let ranges = Bounds::merged(&bounds).into_iter();
    let missed = ranges.map(|range| {
        let here = short.iter().filter(|(one, _)| one.bounds.overlap(range));
        let (mut objects, rows): (Vec<Held>, Vec<u64>) = here.cloned().unzip();
        objects.sort_unstable_by_key(|one| one.bounds.after);
        Missed {
            objects,
            rows: rows.iter().sum(),
            range,
        }
    });
    missed.collect()
}

impl Missed {
    /// `oldest` is the oldest timestamp of all rows that were counted.
    fn diagnosis(&self, table: &TableName, oldest: Option<Watermark>) -> Diagnosis {
        let held: u64 = self.objects.iter().map(|one| one.rows).sum();
        let from = self.objects.first().and_then(|first| first.from);
        let to = self.objects.last().map(|last| last.to);
        let keys: Vec<&ObjectKey> = self.objects.iter().map(|one| &one.key).collect();
        let finding = Finding::new(FindingCode::RowsMissed, self.message(held, from, to));
        let evidence = Evidence::default()
            .with("objects", keys)
            .with("from", from)
            .with("to", to)
            .with("object_rows", held)
            .with("table_rows", self.rows);
        let diagnosis = Diagnosis::new(table, finding).because(evidence);
        // A backfill needs a beginning: if the object has no lower bound, it is the oldest row of all.
        let Some(begin) = self.range.after.map(Watermark::successor).or(oldest) else {
            return diagnosis;
        };
        diagnosis.advising(&format!(
            "ingest them; rows of that range that objects hold already are written again: {} --from {begin} --to {}{}",
            command_on(table, "backfill"),
            self.range.before,
            chunk(begin, self.range.before),
        ))
    }

    fn message(&self, held: u64, from: Option<Watermark>, to: Option<Watermark>) -> String {
        let missed = self.rows - held;
        let were = if missed == 1 { "was" } else { "were" };
        let to = to.map_or_else(String::new, |to| to.to_string());
        let range = from.map_or_else(
            || format!("up to {to}"),
            |from| format!("from {from} to {to}"),
        );
        let numbers = self.objects.iter().map(|one| one.sequence_id.to_string());
        let numbers: Vec<String> = numbers.collect();
        let objects = match numbers.as_slice() {
            [one] => format!("object {one} has"),
            several => format!("objects {} have", several.join(", ")),
        };
        format!(
            "at least {} {were} missed: the table has {} {range}, but {objects} {}, all that were there when that range was read, and no later object covers it. Rows arrive this late if the clock that stamps them is behind, if they are stamped before their transaction begins, or if they are committed later than source.settle allows for",
            count(missed, "row"),
            count(self.rows, "row"),
            thousands(held),
        )
    }
}

/// The option that has a long range read in one chunk: a single row of the year 1 makes it hundreds of
/// thousands of days, each of which would be queried. This does not make its objects larger.
fn chunk(from: Watermark, to: Watermark) -> String {
    let days = to.micros().abs_diff(from.micros()).div_ceil(DAY);
    if days > A_YEAR {
        return format!(" --chunk {days}d");
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::super::held::tests::{at, ingested};
    use super::*;

    fn within(rows: &[u64]) -> WithinBounds {
        WithinBounds {
            rows: rows.to_vec(),
            oldest: Some(at(1)),
        }
    }

    /// What is reported about these objects, newest first, if the table has so many rows within each.
    fn said(objects: Vec<Held>, rows: &[u64]) -> Vec<(String, String)> {
        let within = within(rows);
        let missed = missed(objects, &within);
        let said = missed.iter().map(|one| {
            let diagnosis = one.diagnosis(&TableName::parse("payment"), within.oldest);
            let step = diagnosis.next_step().unwrap_or_default().to_owned();
            (diagnosis.finding.message, step)
        });
        said.collect()
    }

    #[test]
    fn more_rows_than_an_object_has_were_passed_by_and_fewer_or_as_many_say_nothing() {
        let objects = || vec![ingested(3, Some(20), 30, 10), ingested(2, Some(10), 20, 10)];
        assert_eq!(said(objects(), &[10, 9]), []);
        let said = said(objects(), &[10, 12]);
        let [(message, step)] = said.as_slice() else {
            panic!("{said:#?}")
        };
        let expected = "at least 2 rows were missed: the table has 12 rows from 1970-01-01T00:00:10.000000Z to 1970-01-01T00:00:20.000000Z, but object 2 has 10, all that were there when that range was read, and no later object covers it.";
        assert_eq!(message.get(..expected.len()), Some(expected));
        let again = "highwater backfill payment --from 1970-01-01T00:00:10.000001Z --to 1970-01-01T00:00:20.000001Z";
        assert!(step.ends_with(again), "{step}");
    }

    #[test]
    fn objects_next_to_each_other_are_said_and_read_again_together_and_others_apart() {
        let objects = vec![
            ingested(4, Some(30), 40, 1),
            ingested(3, Some(20), 30, 10),
            ingested(2, Some(10), 20, 1),
            ingested(1, None, 10, 1_000),
        ];
        let said = said(objects, &[2, 10, 3, 2_000]);
        let [first, last] = said.as_slice() else {
            panic!("{said:#?}")
        };
        let rows = "at least 1,002 rows were missed: the table has 2,003 rows up to 1970-01-01T00:00:20.000000Z, but objects 1, 2 have 1,001,";
        assert!(first.0.starts_with(rows), "{first:?}");
        let from_the_oldest = "--from 1970-01-01T00:00:01.000000Z --to 1970-01-01T00:00:20.000001Z";
        assert!(first.1.ends_with(from_the_oldest), "{first:?}");
        assert!(last.0.starts_with("at least 1 row was missed"), "{last:?}");
    }

    #[test]
    fn a_range_that_begins_with_a_row_of_another_age_is_read_at_once() {
        let day = 86_400;
        let long = vec![ingested(1, None, 400 * day, 1)];
        let said = said(long, &[2]);
        assert!(said[0].1.ends_with(" --chunk 400d"), "{said:?}");
    }

    #[test]
    fn only_what_was_counted_is_said() {
        let objects = vec![ingested(2, Some(10), 20, 10), ingested(1, None, 10, 10)];
        assert_eq!(said(objects, &[10]), []);
    }
}
