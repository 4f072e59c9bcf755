//! What a backfill would write, before it is run.

use std::borrow::Cow;

use crate::backend::backfill::{Backfill, BackfillPlan, PlannedChunk};
use crate::console::model::details::{LaidOut, wrapped};
use crate::console::model::plan::refuse;
use crate::console::model::scroll::Scroll;
use crate::console::model::{Answer, Said};
use crate::figures::{count, length, timestamp};
use crate::jobs::Failure;
use crate::text::visible;
use crate::vocabulary::TableName;

/// A table's backfill, and the plan of it.
#[derive(Debug, Clone)]
pub struct Planned {
    pub order: Backfill,
    pub answer: Answer<BackfillPlan>,
}

/// Number of plans requested at once: each counts its range, and must leave room for other questions.
const AT_ONCE: usize = 4;

/// The plans of all tables.
#[derive(Debug, Clone)]
pub struct BackfillPlans {
    pub planned: Vec<Planned>,
    pub scroll: Scroll,
    laid_out: LaidOut,
}

impl BackfillPlans {
    /// Plans that have not been requested yet.
    #[must_use]
    pub fn new(orders: Vec<Backfill>) -> Self {
        let planned = orders.into_iter().map(|order| Planned {
            order,
            answer: Answer::Waiting,
        });
        Self {
            planned: planned.collect(),
            scroll: Scroll::default(),
            laid_out: LaidOut::default(),
        }
    }

    /// The tables, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<TableName> {
        self.planned
            .iter()
            .map(|one| one.order.table.clone())
            .collect()
    }

    /// The orders that have not been answered, with their indices.
    pub fn waiting(&self) -> impl Iterator<Item = (usize, &Backfill)> {
        let places = self.planned.iter().enumerate();
        let waiting = places.filter(|(_, one)| matches!(one.answer, Answer::Waiting));
        waiting.map(|(place, one)| (place, &one.order))
    }

    /// Whether any order has not been answered.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting().next().is_some()
    }

    /// The orders to ask about now, with their indices.
    pub fn due(&self) -> impl Iterator<Item = (usize, &Backfill)> {
        self.waiting().take(AT_ONCE)
    }

    /// Stores the answer to the order at an index.
    pub fn take(&mut self, place: usize, answer: Result<BackfillPlan, Failure>) {
        if let Some(one) = self.planned.get_mut(place) {
            one.answer = answer.into();
        }
        self.laid_out.forget();
    }

    /// Discards all plans, so that they are requested again.
    pub fn forget(&mut self) {
        for one in &mut self.planned {
            one.answer = Answer::Waiting;
        }
        self.laid_out.forget();
    }

    /// The plans that could be made.
    pub fn plans(&self) -> impl Iterator<Item = &BackfillPlan> {
        self.planned.iter().filter_map(|one| one.answer.ready())
    }

    /// The plans that have something to write.
    #[must_use]
    pub fn runnable(&self) -> Vec<&BackfillPlan> {
        self.plans()
            .filter(|plan| !plan.chunks.is_empty())
            .collect()
    }

    /// Total rows and objects of all plans: `13,204 rows in 4 objects`.
    #[must_use]
    pub fn sum(&self) -> String {
        let rows = self.plans().map(|plan| plan.rows).sum();
        let objects = self.plans().map(|plan| plan.chunks.len()).sum();
        format!(
            "{} in {}",
            count(rows, "row"),
            count(length(objects), "object")
        )
    }

    /// Lays out the plans for a terminal of `columns` columns, unless this has been done.
    pub fn lay_out(&mut self, columns: usize) {
        if !self.laid_out.is_for(columns) {
            let lines = self.lines();
            self.laid_out.keep(&lines, columns);
        }
    }

    /// The plans as text, wrapped to the width of the terminal.
    #[must_use]
    pub fn wrapped(&self, columns: usize) -> Cow<'_, [Said]> {
        let laid_out = self.laid_out.at(columns).map(Cow::Borrowed);
        laid_out.unwrap_or_else(|| Cow::Owned(wrapped(&self.lines(), columns)))
    }

    /// The plans as text, table by table, the refused ones first.
    #[must_use]
    pub fn lines(&self) -> Vec<Said> {
        let mut lines = Vec::new();
        for one in &self.planned {
            if let Answer::Failed(failure) = &one.answer {
                let table = visible(&one.order.table.to_string());
                refuse(&table, "cannot be read again", failure, &mut lines);
                lines.push(Said::blank());
            }
        }
        for plan in self.plans() {
            describe(plan, &mut lines);
            lines.push(Said::blank());
        }
        lines
    }
}

fn describe(plan: &BackfillPlan, lines: &mut Vec<Said>) {
    let order = &plan.backfill;
    let table = visible(&order.table.to_string());
    let what = if plan.chunks.is_empty() {
        "no row of the range is left to write".to_owned()
    } else {
        let objects = count(length(plan.chunks.len()), "object");
        format!("{} in {objects}", count(plan.rows, "row"))
    };
    lines.push(Said::strong(format!("{table}   {what}")));
    let (from, to) = (timestamp(order.from), timestamp(order.to));
    lines.push(Said::plain(format!("  {from} <= ts < {to}")));
    lines.push(Said::dim(format!(
        "  the watermark stays; backfill {}",
        plan.id
    )));
    if !plan.chunks.is_empty() {
        let text = "  rows in earlier objects will be written again";
        lines.push(Said::warning(text));
    }
    if order.resume.is_some() {
        let there = count(length(plan.there), "object");
        let text = format!("  resumed: {there} of it already written, and left out here");
        lines.push(Said::ok(text));
    }
    for recovery in &plan.recovers {
        let text = format!("  first put right: {}", visible(recovery));
        lines.push(Said::warning(text));
    }
    for chunk in &plan.chunks {
        lines.push(Said::plain(format!("  {}", visible(chunk.key.as_str()))));
        lines.push(Said::dim(format!("  {}", bounds(chunk))));
    }
}

/// Rows and bounds of an object.
fn bounds(chunk: &PlannedChunk) -> String {
    format!(
        "{}  {} <= ts < {}",
        count(chunk.rows, "row"),
        timestamp(chunk.from),
        timestamp(chunk.to)
    )
}
