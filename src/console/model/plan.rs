//! The plan of an ingestion, before it runs.

use super::details::wrapped;
use super::scroll::Scroll;
use super::{Answer, Tone};
use crate::backend::TableName;
use crate::backend::ingest::{IngestPlan, PlannedObject};
use crate::backend::source::{Holder, Horizon};
use crate::figures::{count, length, timestamp};
use crate::jobs::Failure;
use crate::text::visible;

/// What ingesting some tables would write.
#[derive(Debug, Clone)]
pub struct Plan {
    pub tables: Vec<TableName>,
    pub answer: Answer<Vec<(TableName, Result<IngestPlan, Failure>)>>,
    pub scroll: Scroll,
}

impl Plan {
    /// A plan that has been asked for.
    #[must_use]
    pub fn new(tables: Vec<TableName>) -> Self {
        Self {
            tables,
            answer: Answer::Waiting,
            scroll: Scroll::default(),
        }
    }

    /// The plans that came out well.
    pub fn plans(&self) -> impl Iterator<Item = &IngestPlan> {
        self.answer
            .ready()
            .into_iter()
            .flatten()
            .filter_map(|(_, plan)| plan.as_ref().ok())
    }

    /// The tables that have something to ingest, or to put right first.
    #[must_use]
    pub fn runnable(&self) -> Vec<TableName> {
        self.plans()
            .filter(|plan| !plan.objects.is_empty() || !plan.recovers.is_empty())
            .map(|plan| plan.table.clone())
            .collect()
    }

    /// Rows of all plans together.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.plans().map(|plan| plan.rows).sum()
    }

    /// Objects of all plans together.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.plans().map(|plan| plan.objects.len()).sum()
    }

    /// Whether a plan may repeat or leave out rows.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.plans()
            .any(|plan| !plan.doubts.is_empty() && !plan.objects.is_empty())
    }

    /// The plan as text, table by table, wrapped to the width of the terminal.
    #[must_use]
    pub fn wrapped(&self, columns: usize) -> Vec<(Tone, String)> {
        wrapped(&self.lines(), columns)
    }

    /// The plan as text: first the tables that cannot be ingested, then those that will be, then
    /// those that have nothing to ingest.
    #[must_use]
    pub fn lines(&self) -> Vec<(Tone, String)> {
        let mut lines = Vec::new();
        for (table, plan) in self.answer.ready().into_iter().flatten() {
            if let Err(failure) = plan {
                refuse(table, "cannot be ingested", failure, &mut lines);
                lines.push((Tone::Text, String::new()));
            }
        }
        let (idle, busy): (Vec<_>, Vec<_>) = self.plans().partition(|plan| is_idle(plan));
        for plan in busy {
            describe(plan, &mut lines);
            lines.push((Tone::Text, String::new()));
        }
        if !idle.is_empty() {
            let names: Vec<String> = idle
                .iter()
                .map(|plan| visible(&plan.table.to_string()))
                .collect();
            lines.push((Tone::Dim, format!("nothing pending: {}", names.join(", "))));
        }
        lines
    }
}

/// Whether there is nothing to say of a table but that nothing is pending.
const fn is_idle(plan: &IngestPlan) -> bool {
    let horizon = &plan.horizon;
    plan.objects.is_empty()
        && plan.recovers.is_empty()
        && horizon.at.is_some()
        && horizon.holder.is_none()
        && horizon.findings.is_empty()
}

fn describe(plan: &IngestPlan, lines: &mut Vec<(Tone, String)>) {
    let table = visible(&plan.table.to_string());
    let what = if plan.objects.is_empty() {
        "nothing pending".to_owned()
    } else {
        let objects = count(length(plan.objects.len()), "object");
        format!("{} in {objects}", count(plan.rows, "row"))
    };
    lines.push((Tone::Strong, format!("{table}   {what}")));
    for recovery in &plan.recovers {
        lines.push((
            Tone::Warning,
            format!("  first put right: {}", visible(recovery)),
        ));
    }
    for doubt in &plan.doubts {
        let message = visible(&doubt.message);
        lines.push((Tone::Warning, format!("  {}: {message}", doubt.code)));
    }
    for object in &plan.objects {
        lines.push((Tone::Text, format!("  {}", visible(object.key.as_str()))));
        lines.push((Tone::Dim, format!("  {}", bounds(object))));
    }
    lines.push((Tone::Dim, format!("  {}", horizon(&plan.horizon))));
    if let Some(holder) = &plan.horizon.holder {
        lines.push((Tone::Warning, format!("  {}", held_by(holder))));
    }
    for finding in &plan.horizon.findings {
        let message = visible(&finding.message);
        lines.push((Tone::Warning, format!("  {}: {message}", finding.code)));
    }
}

/// Says why nothing can be done with a table, and what to do next.
pub fn refuse(table: &TableName, what: &str, failure: &Failure, lines: &mut Vec<(Tone, String)>) {
    lines.push((
        Tone::Error,
        format!("{}   {what}", visible(&table.to_string())),
    ));
    for (depth, cause) in failure.chain().iter().enumerate() {
        let before = if depth == 0 { "  " } else { "    because " };
        lines.push((Tone::Text, format!("{before}{}", visible(cause))));
    }
    let next = failure.next_step();
    if !next.is_empty() {
        lines.push((Tone::Strong, format!("  → {}", visible(&next))));
    }
}

/// Rows and bounds of an object: `1,204 rows  after … up to …`.
#[must_use]
pub fn bounds(object: &PlannedObject) -> String {
    let from = object.from.map_or_else(
        || "from the beginning".to_owned(),
        |from| format!("after {}", timestamp(from)),
    );
    format!(
        "{}  {from}  to {}",
        count(object.rows, "row"),
        timestamp(object.to)
    )
}

fn horizon(horizon: &Horizon) -> String {
    horizon.at.map_or_else(
        || "horizon not known: a prepared transaction may still add rows".to_owned(),
        |at| format!("horizon {}", timestamp(at)),
    )
}

/// Who holds the horizon back.
#[must_use]
pub fn held_by(holder: &Holder) -> String {
    format!(
        "held back by {} ({}, pid {}) since {}: {}",
        visible(&holder.application),
        visible(&holder.user),
        holder.pid,
        timestamp(holder.since),
        visible(&holder.query)
    )
}
