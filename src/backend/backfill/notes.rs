//! The notes about backfills, in the journal's file.

use std::time::Duration;

use rusqlite::{Row, params};

use super::Backfill;
use crate::backend::Result;
use crate::backend::journal::Journal;
use crate::backend::sqlite::Durable;
use crate::vocabulary::{BackfillId, TableName, Watermark};

/// How many backfills of one table are looked at, the newest ones.
const LOOKED_AT: i64 = 20;

/// The backfills that were begun in a profile from this machine.
pub(super) struct Notes<'a> {
    journal: &'a Journal,
    profile: &'a str,
}

impl<'a> Notes<'a> {
    pub(super) const fn new(journal: &'a Journal, profile: &'a str) -> Self {
        Self { journal, profile }
    }

    /// The backfill `id`, whether it has ended or not.
    ///
    /// # Errors
    /// [`Error::Journal`](crate::backend::Error::Journal), as for all methods here.
    pub(super) async fn find(&self, id: &BackfillId) -> Result<Option<Backfill>> {
        let (profile, wanted) = (self.profile.to_owned(), id.to_string());
        let noted = self.journal.existing(move |connection| {
            let mut statement = connection.prepare(
                "SELECT id, table_schema, table_name, range_from, range_to, chunk FROM backfill
                 WHERE profile = ?1 AND id = ?2",
            )?;
            let rows = statement.query_map(params![profile, wanted], read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(noted.await?.into_iter().flatten().flatten().next())
    }

    /// The backfills of `table` whose end was not noted, newest first.
    pub(super) async fn not_ended(&self, table: &TableName) -> Result<Vec<Backfill>> {
        let (profile, table) = (self.profile.to_owned(), table.clone());
        let noted = self.journal.existing(move |connection| {
            let mut statement = connection.prepare(
                "SELECT id, table_schema, table_name, range_from, range_to, chunk FROM backfill
                 WHERE profile = ?1 AND table_schema = ?2 AND table_name = ?3 AND ended IS NULL
                 ORDER BY id DESC LIMIT ?4",
            )?;
            let of = params![profile, table.schema(), table.name(), LOOKED_AT];
            let rows = statement.query_map(of, read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(noted.await?.into_iter().flatten().flatten().collect())
    }

    /// Notes that `backfill` is begun under `id`. If it was begun before, it may be continued over a longer
    /// range.
    pub(super) async fn begin(&self, id: &BackfillId, backfill: &Backfill) -> Result<()> {
        let (profile, id, backfill) = (self.profile.to_owned(), id.to_string(), backfill.clone());
        let chunk = i64::try_from(backfill.chunk.as_micros()).unwrap_or(i64::MAX);
        let noted = self.journal.write(Durable::AtOnce, move |connection| {
            let noted = connection.execute(
                "INSERT INTO backfill
                     (profile, id, table_schema, table_name, range_from, range_to, chunk)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (profile, id) DO UPDATE SET
                     range_from = min(range_from, excluded.range_from),
                     range_to = max(range_to, excluded.range_to),
                     chunk = excluded.chunk,
                     ended = NULL",
                params![
                    profile,
                    id,
                    backfill.table.schema(),
                    backfill.table.name(),
                    backfill.from.micros(),
                    backfill.to.micros(),
                    chunk
                ],
            );
            noted.map(drop)
        });
        noted.await
    }

    /// Notes that nothing of `backfill` is left to write. The one noted under `id` has ended only if this
    /// covers the whole range that it was begun with.
    pub(super) async fn end(&self, id: &BackfillId, backfill: &Backfill) -> Result<()> {
        let (profile, id) = (self.profile.to_owned(), id.to_string());
        let (from, to) = (backfill.from.micros(), backfill.to.micros());
        let noted = self.journal.existing(move |connection| {
            let now = Watermark::now().micros();
            connection.execute(
                "UPDATE backfill SET ended = ?3
                 WHERE profile = ?1 AND id = ?2 AND range_from >= ?4 AND range_to <= ?5",
                params![profile, id, now, from, to],
            )
        });
        noted.await.map(drop)
    }

    /// Notes that nobody wants what is left of it; returns whether it was noted and had not ended.
    pub(super) async fn give_up(&self, id: &BackfillId) -> Result<bool> {
        let (profile, id) = (self.profile.to_owned(), id.to_string());
        let given_up = self.journal.existing(move |connection| {
            connection.execute(
                "UPDATE backfill SET ended = ?3 WHERE profile = ?1 AND id = ?2 AND ended IS NULL",
                params![profile, id, Watermark::now().micros()],
            )
        });
        Ok(given_up.await?.is_some_and(|notes| notes > 0))
    }

    /// Removes the note that it was begun.
    pub(super) async fn forget(&self, id: &BackfillId) -> Result<()> {
        let (profile, id) = (self.profile.to_owned(), id.to_string());
        let forgotten = self.journal.existing(move |connection| {
            let of = params![profile, id];
            connection.execute("DELETE FROM backfill WHERE profile = ?1 AND id = ?2", of)
        });
        forgotten.await.map(drop)
    }
}

/// A note as a backfill to continue; `None`, with a warning in the log, if no version of highwater writes
/// such a note.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Backfill>> {
    let id: String = row.get(0)?;
    let table = TableName::new(row.get::<_, String>(1)?, row.get::<_, String>(2)?);
    let bounds = (
        Watermark::from_micros(row.get(3)?),
        Watermark::from_micros(row.get(4)?),
    );
    let chunk: i64 = row.get(5)?;
    let (Ok(resume), (Some(from), Some(to))) = (id.parse(), bounds) else {
        tracing::warn!(id, %table, "the journal's note of a backfill cannot be read");
        return Ok(None);
    };
    Ok(Some(Backfill {
        table,
        from,
        to,
        chunk: Duration::from_micros(chunk.unsigned_abs()),
        resume: Some(resume),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Watermark {
        Watermark::from_micros(second * 1_000_000).expect("a timestamp")
    }

    fn of(from: i64, to: i64) -> Backfill {
        Backfill {
            table: TableName::parse("payment"),
            from: at(from),
            to: at(to),
            chunk: Duration::from_secs(1),
            resume: None,
        }
    }

    /// The ranges of the backfills that have not ended.
    async fn left(notes: &Notes<'_>) -> Vec<(Watermark, Watermark)> {
        let left = notes.not_ended(&TableName::parse("payment")).await;
        let left = left.expect("read").into_iter();
        left.map(|backfill| (backfill.from, backfill.to)).collect()
    }

    #[tokio::test]
    async fn a_backfill_has_ended_only_once_all_that_it_was_ever_begun_with_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(folder.path().join("journal.db"));
        let (notes, id) = (Notes::new(&journal, "dev"), BackfillId::new());
        notes.begin(&id, &of(10, 20)).await.expect("noted");
        notes.end(&id, &of(10, 15)).await.expect("noted");
        assert_eq!(left(&notes).await, [(at(10), at(20))], "a part has");
        notes.begin(&id, &of(15, 30)).await.expect("noted");
        notes.end(&id, &of(15, 30)).await.expect("noted");
        assert_eq!(left(&notes).await, [(at(10), at(30))], "another part has");
        notes.end(&id, &of(10, 30)).await.expect("noted");
        assert_eq!(left(&notes).await, []);
        notes.begin(&id, &of(5, 8)).await.expect("noted");
        assert_eq!(left(&notes).await, [(at(5), at(30))], "it is gone on with");
    }
}
