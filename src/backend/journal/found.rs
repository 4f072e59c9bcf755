//! Looking for changes in the journal, newest first.

use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::{Journal, JournalEntry, JournalSearch};
use crate::backend::error::Result;
use crate::vocabulary::{TableName, Watermark};

/// Entries that are looked at in one go. Somebody who records a change in the meantime waits for this many at
/// most, and so does somebody who stops the search.
const IN_ONE_GO: usize = 4_000;

/// Changes that were found on the way.
#[derive(Debug, Clone)]
pub struct Found {
    /// Newest first; all of them are older than those found before.
    pub entries: Vec<JournalEntry>,
    /// All changes back to this time have been looked at.
    pub back_to: Watermark,
}

/// The position of an entry among all: when it was made, and its number.
type Place = (i64, i64);

/// The entries of one go, and where they ended; `None` if there is nothing older.
type Portion = (Vec<JournalEntry>, Option<Place>);

impl Journal {
    /// Returns the newest `limit` changes that match `search`, newest first. Reads as many as it takes to
    /// find them, and reports those found on the way to `found`.
    ///
    /// # Errors
    /// [`Error::Journal`](crate::backend::Error::Journal) naming the file that cannot be read.
    pub async fn newest(
        &self,
        limit: usize,
        search: JournalSearch,
        found: &(dyn Fn(Found) + Send + Sync),
    ) -> Result<Vec<JournalEntry>> {
        let search = Arc::new(search);
        let (mut entries, mut before) = (Vec::new(), None);
        while entries.len() < limit {
            let search = Arc::clone(&search);
            let most = limit - entries.len();
            let portion =
                self.existing(move |connection| select(connection, before, most, &search));
            let (newer, end) = portion.await?.unwrap_or_default();
            entries.extend_from_slice(&newer);
            let Some(end) = end else {
                break;
            };
            before = Some(end);
            found(Found {
                entries: newer,
                back_to: Watermark::from_micros(end.0).unwrap_or_else(Watermark::now),
            });
        }
        Ok(entries)
    }
}

/// The newest entries before a place, at most `most` of them, that match `search`.
fn select(
    connection: &Connection,
    before: Option<Place>,
    most: usize,
    search: &JournalSearch,
) -> rusqlite::Result<Portion> {
    let mut statement = connection.prepare_cached(
        "SELECT at, who, profile, table_schema, table_name, action, what, before, after, reason, id
         FROM change WHERE (at, id) < (?1, ?2) ORDER BY at DESC, id DESC LIMIT ?3",
    )?;
    let (at, id) = before.unwrap_or((i64::MAX, i64::MAX));
    let go = i64::try_from(IN_ONE_GO).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![at, id, go])?;
    let (mut entries, mut looked_at, mut end) = (Vec::new(), 0, None);
    while entries.len() < most {
        let Some(row) = rows.next()? else {
            break;
        };
        looked_at += 1;
        end = Some((row.get(0)?, row.get(10)?));
        let entry = read(row)?;
        if search.is_met_by(&entry) {
            entries.push(entry);
        }
    }
    Ok((entries, end.filter(|_| looked_at == IN_ONE_GO)))
}

fn read(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    Ok(JournalEntry {
        at: Watermark::from_micros(row.get(0)?).unwrap_or_else(Watermark::now),
        who: row.get(1)?,
        profile: row.get(2)?,
        table: TableName::new(row.get::<_, String>(3)?, row.get::<_, String>(4)?),
        action: row.get(5)?,
        what: row.get(6)?,
        before: row.get(7)?,
        after: row.get(8)?,
        reason: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;
    use crate::backend::journal::SearchWord;
    use crate::backend::journal::tests::edit;

    /// A journal with many entries; the oldest and two more match `needle`.
    async fn long(folder: &std::path::Path, entries: usize) -> Journal {
        let journal = Journal::new(folder.join("journal.db"));
        journal.note("dev", edit("needle 1")).await.expect("noted");
        let filled = journal.existing(move |connection| {
            connection.execute(
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                 INSERT INTO change (at, who, profile, table_schema, table_name, action, what, after, reason)
                 SELECT (SELECT at FROM change) + n / 3, 'ada', 'dev', 'public', 'payment', 'ingest',
                        '/highwater/payment/sequence_id', CASE n % ?2 WHEN 0 THEN 'needle' ELSE 'x' END, 'a run'
                 FROM n",
                params![
                    i64::try_from(entries).expect("few"),
                    i64::try_from(entries / 2).expect("few")
                ],
            )
        });
        filled.await.expect("filled");
        journal
    }

    fn needle() -> JournalSearch {
        let text = "needle".to_owned();
        let is_wanted = true;
        JournalSearch {
            words: vec![SearchWord { text, is_wanted }],
        }
    }

    #[tokio::test]
    async fn what_is_found_is_told_on_the_way_and_none_is_missed_or_told_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = long(folder.path(), 3 * IN_ONE_GO).await;
        let told = Mutex::new(Vec::new());
        let found = |found: Found| told.lock().expect("no panic").push(found);
        let entries = journal.newest(9, needle(), &found).await.expect("found");
        assert_eq!(entries.len(), 3);
        let told = told.into_inner().expect("no panic");
        assert!(told.is_sorted_by(|one, next| one.back_to > next.back_to));
        let told: Vec<JournalEntry> = told.into_iter().flat_map(|found| found.entries).collect();
        assert_eq!(told, entries[..2], "the last comes with the answer");
        let all = journal.newest(usize::MAX, JournalSearch::default(), &|_| ());
        assert_eq!(all.await.expect("all").len(), 3 * IN_ONE_GO + 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_is_noted_while_others_are_looked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = long(folder.path(), 3 * IN_ONE_GO).await;
        let (began, (noted, until_noted)) = (Arc::new(Notify::new()), mpsc::channel());
        let (writer, search_began) = (journal.clone(), Arc::clone(&began));
        let noting = tokio::spawn(async move {
            search_began.notified().await;
            writer.note("dev", edit("2")).await.expect("noted");
            noted.send(()).expect("somebody waits for it");
        });
        // The search does not get past its first portion until the change is recorded.
        let until_noted = Mutex::new(until_noted);
        let found = |_| {
            began.notify_one();
            let ended = until_noted.lock().expect("no panic");
            let ended = ended.recv_timeout(Duration::from_mins(1));
            assert_ne!(ended, Err(RecvTimeoutError::Timeout), "nothing was noted");
        };
        let entries = journal.newest(9, needle(), &found).await.expect("found");
        assert_eq!(entries.len(), 3);
        noting.await.expect("no panic");
    }
}
