//! What a job that moves rows has reported at its end.

use crate::backend::backfill::BackfillReport;
use crate::backend::error::ErrorReport;
use crate::backend::ingest::{IngestReport, ObjectWritten, Outcome};
use crate::figures;

/// What a job has written, counting whole objects only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub objects: usize,
    pub rows: u64,
    pub bytes: u64,
}

/// The report of a job that moves rows, be it an ingestion or a backfill.
#[derive(Debug, Clone, Copy)]
pub struct RowsReport<'a> {
    pub outcome: Outcome,
    pub objects: &'a [ObjectWritten],
    recovered: &'a [String],
    pub error: Option<&'a ErrorReport>,
    /// What to say if there was nothing to move.
    idle: &'static str,
}

impl<'a> From<&'a IngestReport> for RowsReport<'a> {
    fn from(report: &'a IngestReport) -> Self {
        Self {
            outcome: report.outcome,
            objects: &report.objects,
            recovered: &report.recovered,
            error: report.error.as_ref(),
            idle: "nothing pending",
        }
    }
}

impl<'a> From<&'a BackfillReport> for RowsReport<'a> {
    fn from(report: &'a BackfillReport) -> Self {
        Self {
            outcome: report.outcome,
            objects: &report.objects,
            recovered: &report.recovered,
            error: report.error.as_ref(),
            idle: "there was nothing left to write",
        }
    }
}

impl RowsReport<'_> {
    /// What was written.
    #[must_use]
    pub fn kept(&self) -> Kept {
        Kept {
            objects: self.objects.len(),
            rows: self.objects.iter().map(|object| object.rows).sum(),
            bytes: self.objects.iter().map(|object| object.bytes).sum(),
        }
    }

    /// What was done, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let kept = self.kept();
        let mut text = if kept.objects == 0 {
            self.idle.to_owned()
        } else {
            format!(
                "{} in {}, {}",
                figures::count(kept.rows, "row"),
                figures::count(figures::length(kept.objects), "object"),
                figures::bytes(kept.bytes)
            )
        };
        for recovered in self.recovered {
            text.push_str("; ");
            text.push_str(recovered);
        }
        text
    }
}
