//! The outcome for one table, in the shape of the command's output.

use serde::Serialize;
use serde_json::Value;

use crate::backend::backfill::{BackfillPlan, BackfillReport, PlannedChunk};
use crate::backend::error::{AGAIN, ErrorReport, chain};
use crate::backend::finding::Finding;
use crate::backend::ingest::{IngestPlan, IngestReport, ObjectWritten, Outcome, PlannedObject};
use crate::commands::error::CommandError;
use crate::commands::notes::Shown;
use crate::commands::output::paint::Tone;
use crate::commands::output::record::{sum, values};
use crate::commands::output::{Column, Record};
use crate::figures;
use crate::vocabulary::{BackfillId, ObjectKey, SequenceId, TableName, Watermark};

/// One table of `highwater ingest --output json`; a dry run and a backfill have the same shape.
#[derive(Debug, Serialize)]
pub struct TableRecord {
    pub table: TableName,
    pub outcome: Outcome,
    pub objects: Vec<ObjectRecord>,
    /// What was recovered on the way, or would be.
    pub recovered: Vec<String>,
    pub error: Option<ErrorReport>,
    /// Present only for a backfill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<BackfillId>,
    /// Present, and true, only in a dry run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Whether a transaction, or a standby that lags behind, held the horizon back.
    #[serde(skip)]
    pub is_held: bool,
    /// Doubts about the object after which ingestion continues.
    #[serde(skip)]
    pub doubts: Vec<Finding>,
    /// The error and its causes one by one, if they are known.
    #[serde(skip)]
    causes: Vec<String>,
}

/// An object that was or would be written.
#[derive(Debug, Serialize)]
pub struct ObjectRecord {
    key: ObjectKey,
    sequence_id: SequenceId,
    rows: u64,
    /// `None` in a dry run: the size is only known once it is written.
    bytes: Option<u64>,
    from: Option<Watermark>,
    to: Watermark,
    /// `None` in a dry run.
    seconds: Option<f64>,
}

impl TableRecord {
    /// A table that could not be ingested, or not even planned.
    pub fn failed(table: TableName, error: &CommandError, dry_run: bool) -> Self {
        let report = match error {
            CommandError::Backend(error) => ErrorReport::from(error.as_ref()),
            other => ErrorReport {
                code: "panicked".to_owned(),
                message: other.chain().join(": "),
                next_step: other.next_step().unwrap_or_default(),
                is_of_service: false,
            },
        };
        Self {
            outcome: Outcome::Failed,
            error: Some(report),
            causes: chain(error),
            ..Self::not_tried(table, dry_run)
        }
    }

    /// A table that was not reached.
    pub const fn not_tried(table: TableName, dry_run: bool) -> Self {
        Self {
            table,
            outcome: Outcome::Skipped,
            objects: Vec::new(),
            recovered: Vec::new(),
            error: None,
            backfill: None,
            dry_run,
            is_held: false,
            doubts: Vec::new(),
            causes: Vec::new(),
        }
    }

    /// What a dry run found.
    pub fn planned(plan: IngestPlan) -> Self {
        let outcome = if plan.objects.is_empty() {
            Outcome::NothingPending
        } else {
            Outcome::Skipped
        };
        Self {
            outcome,
            objects: plan.objects.into_iter().map(ObjectRecord::from).collect(),
            recovered: plan.recovers,
            is_held: plan.horizon.is_held(),
            doubts: plan.doubts,
            ..Self::not_tried(plan.table, true)
        }
    }

    /// What a dry run of a backfill found.
    pub fn planned_backfill(plan: BackfillPlan) -> Self {
        let outcome = if plan.chunks.is_empty() {
            Outcome::NothingPending
        } else {
            Outcome::Skipped
        };
        Self {
            outcome,
            objects: plan.chunks.into_iter().map(ObjectRecord::from).collect(),
            recovered: plan.recovers,
            backfill: Some(plan.id),
            ..Self::not_tried(plan.backfill.table, true)
        }
    }

    /// The failure as shown on stderr. `None` if the table was merely interrupted and there is nothing to add: an
    /// interruption is reported once for all tables.
    pub fn failure(&self) -> Option<Shown> {
        let adds = |error: &&ErrorReport| !error.is_cancelled() || error.next_step != AGAIN;
        let error = self.error.as_ref().filter(adds)?;
        let chain = match self.causes.as_slice() {
            [] => vec![error.message.clone()],
            causes => causes.to_vec(),
        };
        let next = Some(error.next_step.clone()).filter(|next| !next.is_empty());
        Some(Shown {
            chain,
            next,
            of_service: error.is_of_service,
        })
    }
}

impl From<IngestReport> for TableRecord {
    fn from(report: IngestReport) -> Self {
        Self {
            outcome: report.outcome,
            objects: report.objects.into_iter().map(ObjectRecord::from).collect(),
            recovered: report.recovered,
            is_held: report.is_held,
            doubts: report.doubts,
            error: report.error,
            ..Self::not_tried(report.table, false)
        }
    }
}

impl From<BackfillReport> for TableRecord {
    fn from(report: BackfillReport) -> Self {
        Self {
            outcome: report.outcome,
            objects: report.objects.into_iter().map(ObjectRecord::from).collect(),
            recovered: report.recovered,
            error: report.error,
            backfill: Some(report.backfill),
            ..Self::not_tried(report.table, false)
        }
    }
}

impl From<PlannedChunk> for ObjectRecord {
    fn from(chunk: PlannedChunk) -> Self {
        Self {
            key: chunk.key,
            sequence_id: chunk.sequence_id,
            rows: chunk.rows,
            bytes: None,
            from: Some(chunk.from),
            to: chunk.to,
            seconds: None,
        }
    }
}

impl From<ObjectWritten> for ObjectRecord {
    fn from(object: ObjectWritten) -> Self {
        Self {
            key: object.key,
            sequence_id: object.sequence_id,
            rows: object.rows,
            bytes: Some(object.bytes),
            from: object.from,
            to: object.to,
            seconds: Some(object.seconds),
        }
    }
}

impl From<PlannedObject> for ObjectRecord {
    fn from(object: PlannedObject) -> Self {
        Self {
            key: object.key,
            sequence_id: object.sequence_id,
            rows: object.rows,
            bytes: None,
            from: object.from,
            to: object.to,
            seconds: None,
        }
    }
}

impl Record for TableRecord {
    const COLUMNS: &'static [Column] = &[
        Column::text("table", "TABLE"),
        Column::worded("outcome", "OUTCOME", outcome).toned(outcome_tone),
        Column::made("objects.key", "OBJECTS", objects).flexible(),
        Column::hidden("objects.sequence_id"),
        Column::made("objects.rows", "ROWS", rows),
        Column::made("objects.bytes", "BYTES", bytes),
        Column::hidden("objects.from"),
        Column::made("objects.to", "TO", to),
        Column::made("objects.seconds", "SECONDS", seconds),
        Column::hidden("recovered"),
        Column::text("error.code", "ERROR").toned(|_| Tone::Bad),
        Column::hidden("error.message"),
        Column::hidden("error.next_step"),
        Column::hidden("backfill"),
        Column::hidden("dry_run"),
    ];
}

/// The outcome as shown: in a dry run, a table with something to write is not `skipped` but `would write`.
fn outcome(record: &Value) -> String {
    let outcome = record["outcome"].as_str().unwrap_or_default();
    if record["dry_run"] == true && !values(record, "objects").is_empty() {
        "would write".to_owned()
    } else {
        outcome.to_owned()
    }
}

/// A single key as it is; several keys, of which there may be hundreds, as their number with the first and the
/// last.
fn objects(record: &Value) -> String {
    let keys = values(record, "objects.key");
    let keys: Vec<&str> = keys.into_iter().filter_map(Value::as_str).collect();
    match keys.as_slice() {
        [] => String::new(),
        [key] => (*key).to_owned(),
        [first, .., last] => format!("{}: {first} … {last}", keys.len()),
    }
}

fn rows(record: &Value) -> String {
    if values(record, "objects").is_empty() {
        String::new()
    } else {
        figures::thousands(sum(record, "objects.rows"))
    }
}

fn bytes(record: &Value) -> String {
    let mut sizes = values(record, "objects.bytes").into_iter();
    if sizes.any(Value::is_u64) {
        figures::bytes(sum(record, "objects.bytes"))
    } else {
        String::new()
    }
}

/// The newest timestamp among the rows: what the watermark becomes.
fn to(record: &Value) -> String {
    let newest = values(record, "objects.to").into_iter().next_back();
    newest
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn seconds(record: &Value) -> String {
    let seconds: Vec<f64> = values(record, "objects.seconds")
        .into_iter()
        .filter_map(Value::as_f64)
        .collect();
    if seconds.is_empty() {
        String::new()
    } else {
        format!("{:.2}", seconds.iter().sum::<f64>())
    }
}

fn outcome_tone(outcome: &str) -> Tone {
    match outcome {
        "written" => Tone::Good,
        "failed" => Tone::Bad,
        _ => Tone::Faint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::backend::Error;
    use crate::backend::error::Unselected;
    use serde_json::{Value, json};

    fn report() -> IngestReport {
        IngestReport {
            table: TableName::parse("payment"),
            outcome: Outcome::Written,
            objects: vec![ObjectWritten {
                key: ObjectKey::new("payment/payment_00000001.jsonl"),
                sequence_id: SequenceId(1),
                rows: 1204,
                bytes: 4096,
                from: None,
                to: Watermark::from_micros(1_000_000).expect("a time"),
                seconds: 0.25,
            }],
            recovered: vec![],
            is_held: false,
            doubts: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn a_report_has_exactly_the_shape_of_the_contract() {
        let record = serde_json::to_value(TableRecord::from(report())).expect("JSON");
        let expected = json!({
            "table": "payment",
            "outcome": "written",
            "objects": [{
                "key": "payment/payment_00000001.jsonl",
                "sequence_id": 1,
                "rows": 1204,
                "bytes": 4096,
                "from": null,
                "to": "1970-01-01T00:00:01.000000Z",
                "seconds": 0.25,
            }],
            "recovered": [],
            "error": null,
        });
        assert_eq!(record, expected);
    }

    #[test]
    fn a_failure_names_its_code_and_a_dry_run_says_that_it_is_one() {
        let error = Error::UnknownTable {
            table: TableName::parse("paymnt"),
            why: Some(Unselected::Misspelled(TableName::parse("payment"))),
        };
        let error = CommandError::Backend(Arc::new(error));
        let record = TableRecord::failed(TableName::parse("paymnt"), &error, true);
        let shape = serde_json::to_value(&record).expect("JSON");
        assert_eq!(shape["outcome"], "failed");
        assert_eq!(shape["error"]["code"], "unknown-table");
        assert_eq!(shape["objects"], json!([]));
        assert_eq!(shape["dry_run"], true);
        let message = shape["error"]["message"].as_str().expect("a text");
        assert!(message.contains("did you mean payment?"), "{message}");
    }

    #[test]
    fn a_table_row_sums_the_objects_and_leaves_unknown_cells_empty() {
        let record = serde_json::to_value(TableRecord::from(report())).expect("JSON");
        assert_eq!(rows(&record), "1,204");
        assert_eq!(bytes(&record), "4.1 kB");
        assert_eq!(to(&record), "1970-01-01T00:00:01.000000Z");
        assert_eq!(seconds(&record), "0.25");
        let empty = TableRecord::not_tried(TableName::parse("staff"), false);
        let empty: Value = serde_json::to_value(empty).expect("JSON");
        let cells = [objects, rows, bytes, to, seconds].map(|cell| cell(&empty));
        assert_eq!(cells, [""; 5]);
    }

    #[test]
    fn of_many_objects_the_first_and_the_last_are_named() {
        let keys = |count: usize| {
            let objects: Vec<Value> = (1..=count)
                .map(|number| json!({ "key": format!("payment/{number}.jsonl") }))
                .collect();
            json!({ "objects": objects })
        };
        assert_eq!(objects(&keys(1)), "payment/1.jsonl");
        assert_eq!(
            objects(&keys(115)),
            "115: payment/1.jsonl … payment/115.jsonl"
        );
    }
}
