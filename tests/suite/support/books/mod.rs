//! Do the books balance? Compares what the stores hold of a table with the table itself.
//!
//! Reads with plain clients and plain files, not with the code under test, with two exceptions that
//! only that code can read: the side files and the parameter file of the local stores.

mod audit;
mod phase;
mod shelf;

use std::collections::BTreeMap;

use highwater::backend::objects::Metadata;
use highwater::config::Profile;
use highwater::vocabulary::{SequenceId, TableName, Watermark};

use super::Stage;
pub use audit::{Balance, Truth, audit};
pub use phase::{Phase, phases};
use shelf::Shelf;

/// Everything that the stores hold of one table.
#[derive(Debug)]
pub struct Books {
    #[expect(dead_code, reason = "what fails prints its books")]
    pub table: TableName,
    /// In the order of their numbers.
    pub objects: Vec<Volume>,
    pub timestamp: Option<Watermark>,
    pub sequence_id: Option<SequenceId>,
}

/// One object.
#[derive(Debug)]
pub struct Volume {
    pub key: String,
    pub sequence_id: SequenceId,
    pub metadata: Option<Metadata>,
    pub lines: Vec<String>,
}

impl Books {
    /// Reads what `stage` holds of `table`.
    pub async fn of(stage: &Stage, table: &TableName) -> Self {
        let shelf = Shelf::of(stage);
        let profile = &stage.profile();
        let template = profile.key_template(table);
        let mut objects = Vec::new();
        for key in shelf.keys(&template.prefix(&profile.env, table)).await {
            let Some(sequence_id) = template.matches(&profile.env, table, &key) else {
                continue;
            };
            let (body, metadata) = shelf.read(&key).await;
            objects.push(Volume {
                key: key.to_string(),
                sequence_id,
                metadata: Metadata::from_map(&metadata),
                lines: body.lines().map(str::to_owned).collect(),
            });
        }
        objects.sort_by(|a, b| (a.sequence_id, &a.key).cmp(&(b.sequence_id, &b.key)));
        let (timestamp, sequence_id) = values(&shelf, profile, table).await;
        Self {
            table: table.clone(),
            objects,
            timestamp,
            sequence_id,
        }
    }

    /// The objects of each backfill.
    pub fn backfills(&self) -> BTreeMap<String, Vec<&Volume>> {
        let mut backfills: BTreeMap<String, Vec<&Volume>> = BTreeMap::new();
        for object in &self.objects {
            if let Some(id) = object.backfill() {
                backfills.entry(id).or_default().push(object);
            }
        }
        backfills
    }
}

impl Volume {
    /// The backfill that the object belongs to.
    pub fn backfill(&self) -> Option<String> {
        let id = self.metadata.as_ref()?.backfill.as_ref()?;
        Some(id.to_string())
    }
}

/// The two values of a table.
async fn values(
    shelf: &Shelf,
    profile: &Profile,
    table: &TableName,
) -> (Option<Watermark>, Option<SequenceId>) {
    let timestamp = profile.timestamp_parameter(table).expect("a name");
    let sequence_id = profile.sequence_parameter(table).expect("a name");
    let timestamp = shelf.parameter(&timestamp).await;
    let sequence_id = shelf.parameter(&sequence_id).await;
    (
        timestamp.map(|text| read_timestamp(&text)),
        sequence_id.map(|text| text.parse().expect("a number")),
    )
}

/// The objects of a table and the history of its values, for the message of a failing test.
pub async fn told(stage: &Stage, table: &TableName) -> String {
    let books = Books::of(stage, table).await;
    let words = ["params", "history", &table.to_string(), "--output", "csv"];
    let history = stage.sandbox.run(&words);
    format!("{}\n{}", audit::Summary(&books), history.stdout)
}

/// Uploads that were begun and neither completed nor aborted: their keys or files.
pub async fn uploads(stage: &Stage) -> Vec<String> {
    Shelf::of(stage).uploads().await
}

fn read_timestamp(text: &str) -> Watermark {
    highwater::vocabulary::watermark::read(text, chrono_tz::Tz::UTC)
        .unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}
