//! The audit: every row where it belongs, exactly once.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use highwater::backend::objects::{Kind, Metadata};
use highwater::vocabulary::{SequenceId, TableName, Watermark};
use serde_json::Value;
use tokio_postgres::Client;

use super::{Books, Volume, read_timestamp};
use crate::support::Stage;

/// How many rows of each kind a failure names.
const NAMED: usize = 5;

/// What the objects of a table have to contain.
#[derive(Debug, Default)]
pub struct Truth {
    /// Rows that have to be in the objects exactly as often as here: the current rows of the table.
    required: HashMap<String, usize>,
    /// Rows that may be in the objects once: versions that have been overwritten, some of them before any run saw
    /// them.
    allowed: HashMap<String, usize>,
}

/// The totals of an audit that found nothing wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    pub objects: usize,
    pub rows: usize,
    /// Rows in the objects that the table has overwritten since.
    pub overwritten: usize,
    /// Rows that backfills have read again.
    pub read_again: usize,
}

impl std::ops::AddAssign for Balance {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.rows += other.rows;
        self.overwritten += other.overwritten;
        self.read_again += other.read_again;
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} objects, {} rows ({} of them overwritten since), {} read again by backfills, 0 missing, 0 doubled",
            self.objects, self.rows, self.overwritten, self.read_again
        )
    }
}

impl Truth {
    /// The current rows of `table`.
    pub async fn of(client: &Client, table: &TableName) -> Self {
        Self {
            required: rows(client, table).await,
            allowed: HashMap::new(),
        }
    }

    /// The same, if `history` has every version that a row of `table` ever had, in columns of the same names.
    pub async fn with_history(client: &Client, table: &TableName, history: &TableName) -> Self {
        let required = rows(client, table).await;
        let mut allowed = rows(client, history).await;
        allowed.retain(|row, _| !required.contains_key(row));
        Self { required, allowed }
    }
}

/// Rows as `PostgreSQL` itself prints them, which is the oracle of the encoding.
async fn rows(client: &Client, table: &TableName) -> HashMap<String, usize> {
    let settings = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1";
    client.batch_execute(settings).await.expect("settings");
    let statement = format!("SELECT row_to_json(t)::text FROM {} t", table.quoted());
    let mut rows = HashMap::new();
    for row in client.query(&statement, &[]).await.expect("rows") {
        *rows.entry(row.get(0)).or_default() += 1;
    }
    rows
}

/// Compares the books of `table` with `truth`.
///
/// # Panics
/// Panics if a row is missing, duplicated or made up; if an object does not match its metadata, or does not begin
/// where the previous one ended; if a number is left out or used twice; or if the two values are not those of the
/// last object. The message lists everything that is wrong.
pub async fn audit(stage: &Stage, table: &TableName, truth: &Truth) -> Balance {
    let books = Books::of(stage, table).await;
    let mut faults = Faults::default();
    let mut balance = faults.rows(&books, truth);
    balance.read_again = faults.backfills(&books, truth);
    faults.objects(&books);
    faults.pointers(&books);
    assert!(
        faults.is_empty(),
        "{}: the books of {table} do not balance:\n{faults}{}",
        stage.name,
        Summary(&books)
    );
    balance
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn note(&mut self, what: String) {
        self.0.push(what);
    }

    fn name(&mut self, what: &str, rows: &[&str]) {
        if !rows.is_empty() {
            let named = rows[..rows.len().min(NAMED)].join("\n    ");
            self.note(format!("{} rows {what}:\n    {named}", rows.len()));
        }
    }

    fn rows(&mut self, books: &Books, truth: &Truth) -> Balance {
        let found = lines(
            books
                .objects
                .iter()
                .filter(|object| object.backfill().is_none()),
        );
        let (mut missing, mut doubled, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        let mut overwritten = 0;
        for (row, wanted) in &truth.required {
            match found.get(row.as_str()).unwrap_or(&0).cmp(wanted) {
                std::cmp::Ordering::Less => missing.push(row.as_str()),
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => doubled.push(row.as_str()),
            }
        }
        for (row, times) in &found {
            if truth.required.contains_key(*row) {
                continue;
            }
            overwritten += times;
            match truth.allowed.get(*row) {
                None => unknown.push(*row),
                Some(wanted) if times > wanted => doubled.push(row),
                Some(_) => {}
            }
        }
        self.name("missing", &missing);
        self.name("more often than they should be", &doubled);
        self.name("that the table never had", &unknown);
        Balance {
            objects: books.objects.len(),
            rows: found.values().sum(),
            overwritten,
            read_again: 0,
        }
    }

    /// Checks that no backfill has a row twice, or a row that the table never had; returns the number of rows in
    /// all backfills.
    fn backfills(&mut self, books: &Books, truth: &Truth) -> usize {
        let mut rows = 0;
        for (id, objects) in books.backfills() {
            let found = lines(objects.into_iter());
            rows += found.values().sum::<usize>();
            let wrong: Vec<&str> = found
                .iter()
                .filter(|(row, times)| {
                    let wanted = truth
                        .required
                        .get(**row)
                        .or_else(|| truth.allowed.get(**row));
                    wanted.is_none_or(|wanted| *times > wanted)
                })
                .map(|(row, _)| *row)
                .collect();
            self.name(&format!("doubled or made up in backfill {id}"), &wrong);
        }
        rows
    }

    fn objects(&mut self, books: &Books) {
        let mut watermark = None;
        for (object, number) in books.objects.iter().zip(1..) {
            if object.sequence_id != SequenceId(number) {
                self.note(format!("object {number} is {}", object.key));
            }
            let Some(metadata) = &object.metadata else {
                self.note(format!("{} has no metadata", object.key));
                continue;
            };
            if metadata.rows != object.lines.len() as u64 {
                let (said, found) = (metadata.rows, object.lines.len());
                self.note(format!("{} has {found} rows and says {said}", object.key));
            }
            let expected = match metadata.kind {
                Kind::Ingest => metadata.from,
                _ => Some(metadata.watermark),
            };
            if expected != watermark {
                let key = &object.key;
                self.note(format!(
                    "{key} goes on from {expected:?}, not from {watermark:?}"
                ));
            }
            self.bounds(object, metadata);
            watermark = Some(metadata.watermark);
        }
    }

    /// Checks that every row is within the bounds in the object's metadata.
    fn bounds(&mut self, object: &Volume, metadata: &Metadata) {
        let (from, to) = (metadata.from, metadata.to);
        let within = |at: Watermark| match metadata.kind {
            Kind::Ingest => from.is_none_or(|from| at > from) && at <= to,
            Kind::Backfill => from.is_some_and(|from| at >= from) && at < to,
            Kind::Snapshot => true,
        };
        let lines = object.lines.iter().map(String::as_str);
        let outside: Vec<&str> = lines.filter(|line| !within(last_updated(line))).collect();
        self.name(&format!("out of bounds in {}", object.key), &outside);
    }

    fn pointers(&mut self, books: &Books) {
        let last = books.objects.last();
        let number = last.map(|object| object.sequence_id);
        let watermark = last
            .and_then(|object| object.metadata.as_ref())
            .map(|metadata| metadata.watermark);
        if (books.sequence_id, books.timestamp) != (number, watermark) {
            self.note(format!(
                "the last object is {number:?} up to {watermark:?}, the values say {:?} and {:?}",
                books.sequence_id, books.timestamp
            ));
        }
    }
}

/// How often each line occurs in `objects`.
fn lines<'a>(objects: impl Iterator<Item = &'a Volume>) -> HashMap<&'a str, usize> {
    let mut lines = HashMap::new();
    for line in objects.flat_map(|object| &object.lines) {
        *lines.entry(line.as_str()).or_default() += 1;
    }
    lines
}

/// The timestamp of a line, from the column that all tables of the tests have.
fn last_updated(line: &str) -> Watermark {
    let row: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    read_timestamp(row["last_updated"].as_str().expect("a timestamp"))
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| writeln!(f, "  {fault}"))
    }
}

/// The objects of a table, one per line.
pub(super) struct Summary<'a>(pub &'a Books);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for object in &self.0.objects {
            let mut bounds = String::new();
            if let Some(metadata) = &object.metadata {
                let from = metadata.from.map(|from| from.to_string());
                let (from, to) = (from.unwrap_or_default(), metadata.to);
                write!(bounds, "{from} .. {to} run {}", metadata.run)?;
            }
            writeln!(f, "  {} {} rows {bounds}", object.key, object.lines.len())?;
        }
        Ok(())
    }
}
