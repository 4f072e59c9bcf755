//! The plan of an ingestion, before it runs.

use std::borrow::Cow;

use super::details::{LaidOut, wrapped};
use super::scroll::Scroll;
use super::{Answer, Said};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::ingest::{IngestPlan, PlannedObject};
use crate::backend::source::{Holder, Horizon};
use crate::figures::{count, length, thousands, timestamp};
use crate::jobs::{Failure, IngestPlans};
use crate::text::visible;
use crate::vocabulary::TableName;

/// How many of the tables that cannot be ingested for the same reason are named.
const NAMED: usize = 3;

/// What an ingestion of some tables would write.
#[derive(Debug, Clone)]
pub struct Plan {
    pub tables: Vec<TableName>,
    pub answer: Answer<IngestPlans>,
    pub scroll: Scroll,
    /// Held rows of the tables, as counted when the plan was requested.
    pub held: Vec<(TableName, u64)>,
    laid_out: LaidOut,
}

impl Plan {
    /// A plan that has been requested.
    #[must_use]
    pub fn new(tables: Vec<TableName>, held: Vec<(TableName, u64)>) -> Self {
        Self {
            tables,
            held,
            answer: Answer::Waiting,
            scroll: Scroll {
                cursor: 0,
                offset: 0,
            },
            laid_out: LaidOut::default(),
        }
    }

    /// The plans that could be made.
    pub fn plans(&self) -> impl Iterator<Item = &IngestPlan> {
        self.answer
            .ready()
            .into_iter()
            .flatten()
            .filter_map(|(_, plan)| plan.as_ref().ok())
    }

    /// The first table that cannot be ingested.
    #[must_use]
    pub fn refused(&self) -> Option<&TableName> {
        let mut plans = self.answer.ready().into_iter().flatten();
        plans
            .find(|(_, plan)| plan.is_err())
            .map(|(table, _)| table)
    }

    /// The tables that cannot be ingested, and why. Those that the same step puts right are told of together: a
    /// service that is out of reach fails all of them.
    fn refusals(&self) -> Vec<(Vec<&TableName>, &Failure)> {
        let mut refusals: Vec<(Vec<&TableName>, &Failure)> = Vec::new();
        for (table, plan) in self.answer.ready().into_iter().flatten() {
            let Err(failure) = plan else { continue };
            match refusals.iter_mut().find(|(_, why)| is_same(why, failure)) {
                Some((tables, _)) => tables.push(table),
                None => refusals.push((vec![table], failure)),
            }
        }
        refusals
    }

    /// The plans that would be carried out: those that have something to ingest, or to put right first. A
    /// doubtful plan needs a decision of its own, so it is left out if there are several tables.
    fn carried_out(&self) -> impl Iterator<Item = &IngestPlan> {
        let alone = self.tables.len() == 1;
        self.plans()
            .filter(|plan| !plan.objects.is_empty() || !plan.recovers.is_empty())
            .filter(move |plan| alone || !is_doubtful(plan))
    }

    /// The tables of the plans that would be carried out.
    #[must_use]
    pub fn runnable(&self) -> Vec<TableName> {
        self.carried_out().map(|plan| plan.table.clone()).collect()
    }

    /// Why nothing can be carried out, if so.
    #[must_use]
    pub fn why_not(&self) -> &'static str {
        if self.plans().any(is_doubtful) {
            "ingest the rest of it table by table"
        } else {
            "nothing is pending"
        }
    }

    /// Total rows of the plans that would be carried out.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.carried_out().map(|plan| plan.rows).sum()
    }

    /// Total objects of the plans that would be carried out.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.carried_out().map(|plan| plan.objects.len()).sum()
    }

    /// Whether a plan that would be carried out may repeat or leave out rows.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.carried_out().any(is_doubtful)
    }

    /// Stores the plan, or marks it as requested again.
    pub fn take(&mut self, answer: Answer<IngestPlans>) {
        self.answer = answer;
        self.laid_out.forget();
    }

    /// Lays out the plan for a terminal of `columns` columns, unless this has been done.
    pub fn lay_out(&mut self, columns: usize) {
        if !self.laid_out.is_for(columns) {
            let lines = self.lines();
            self.laid_out.keep(&lines, columns);
        }
    }

    /// The plan as text, table by table, wrapped to the width of the terminal.
    #[must_use]
    pub fn wrapped(&self, columns: usize) -> Cow<'_, [Said]> {
        let laid_out = self.laid_out.at(columns).map(Cow::Borrowed);
        laid_out.unwrap_or_else(|| Cow::Owned(wrapped(&self.lines(), columns)))
    }

    /// The plan as text: first the tables that cannot be ingested or are left out, then those to be
    /// ingested, then those with nothing to ingest. What several tables have in common is said once.
    #[must_use]
    pub fn lines(&self) -> Vec<Said> {
        let mut lines = Vec::new();
        for (tables, failure) in self.refusals() {
            refuse(&some(&tables), "cannot be ingested", failure, &mut lines);
            lines.push(Said::blank());
        }
        let (idle, busy): (Vec<_>, Vec<_>) = self.plans().partition(|plan| is_idle(plan));
        let alone = self.tables.len() == 1;
        let (doubtful, sound): (Vec<_>, Vec<_>) =
            busy.into_iter().partition(|plan| is_doubtful(plan));
        for plan in doubtful.into_iter().chain(sound) {
            describe(plan, alone, &mut lines);
            lines.push(Said::blank());
        }
        if !idle.is_empty() {
            let names: Vec<String> = idle.iter().map(|plan| self.idle(&plan.table)).collect();
            lines.push(Said::dim(format!("nothing pending: {}", names.join(", "))));
        }
        let mut horizons: Vec<&Horizon> = Vec::new();
        for plan in self.plans() {
            if !horizons.iter().any(|known| is_alike(known, &plan.horizon)) {
                horizons.push(&plan.horizon);
            }
        }
        for one in horizons {
            of_horizon(one, &mut lines);
        }
        lines
    }
}

impl Plan {
    /// The name of a table with nothing pending, and its rows that wait for the horizon.
    fn idle(&self, table: &TableName) -> String {
        let name = visible(&table.to_string());
        match self
            .held
            .iter()
            .find(|(held, rows)| held == table && *rows > 0)
        {
            Some((_, rows)) => format!("{name} ({} held)", count(*rows, "row")),
            None => name,
        }
    }
}

/// Whether there is nothing to say about a table except that nothing is pending.
const fn is_idle(plan: &IngestPlan) -> bool {
    plan.objects.is_empty() && plan.recovers.is_empty()
}

/// Whether carrying out a plan may repeat rows or leave some out.
const fn is_doubtful(plan: &IngestPlan) -> bool {
    !plan.doubts.is_empty() && !plan.objects.is_empty()
}

/// Whether two horizons say the same, apart from the time that passed between the two queries.
fn is_alike(one: &Horizon, other: &Horizon) -> bool {
    one.at.is_some() == other.at.is_some()
        && one.holder == other.holder
        && one.findings == other.findings
}

fn describe(plan: &IngestPlan, alone: bool, lines: &mut Vec<Said>) {
    let table = visible(&plan.table.to_string());
    let what = if plan.objects.is_empty() {
        "nothing pending".to_owned()
    } else {
        let objects = count(length(plan.objects.len()), "object");
        format!("{} in {objects}", count(plan.rows, "row"))
    };
    if is_doubtful(plan) && !alone {
        let text = format!("{table}   is left out: ingest it by itself   {what}");
        lines.push(Said::warning(text));
    } else {
        lines.push(Said::strong(format!("{table}   {what}")));
    }
    for recovery in &plan.recovers {
        lines.push(Said::warning(format!(
            "  first put right: {}",
            visible(recovery)
        )));
    }
    for doubt in &plan.doubts {
        let message = visible(&doubt.message);
        lines.push(Said::warning(format!("  {}: {message}", doubt.code)));
    }
    for object in &plan.objects {
        lines.push(Said::plain(format!("  {}", visible(object.key.as_str()))));
        lines.push(Said::dim(format!("  {}", bounds(object))));
    }
}

/// The horizon, and why it is not later.
fn of_horizon(of: &Horizon, lines: &mut Vec<Said>) {
    lines.push(Said::dim(horizon(of)));
    if let Some(holder) = &of.holder {
        lines.push(Said::warning(held_by(holder)));
    }
    let told = |finding: &&Finding| of.holder.is_none() || finding.code != FindingCode::HorizonHeld;
    for finding in of.findings.iter().filter(told) {
        let message = visible(&finding.message);
        lines.push(Said::warning(format!("{}: {message}", finding.code)));
    }
}

/// Whether two failures concern a service rather than a table, and the same step puts both right.
fn is_same(one: &Failure, other: &Failure) -> bool {
    match (one, other) {
        (Failure::Error(one), Failure::Error(other)) => {
            one.is_of_service() && other.is_of_service() && one.next_step() == other.next_step()
        }
        _ => false,
    }
}

/// The names of the first few tables, and the number of the others.
fn some(tables: &[&TableName]) -> String {
    let (first, others) = tables.split_at(NAMED.min(tables.len()));
    let first: Vec<String> = first.iter().map(ToString::to_string).collect();
    let others = match others.len() {
        0 => String::new(),
        others => format!(" and {} more", thousands(length(others))),
    };
    format!("{}{others}", visible(&first.join(", ")))
}

/// Says why nothing can be done with the named tables, and what to do next.
pub fn refuse(tables: &str, what: &str, failure: &Failure, lines: &mut Vec<Said>) {
    lines.push(Said::error(format!("{tables}   {what}")));
    for (depth, cause) in failure.chain().iter().enumerate() {
        let before = if depth == 0 { "  " } else { "    because " };
        lines.push(Said::plain(format!("{before}{}", visible(cause))));
    }
    let next = failure.next_step();
    if !next.is_empty() {
        lines.push(Said::strong(format!("  → {}", visible(&next))));
    }
}

/// Rows and bounds of an object: `1,204 rows  after … to …`.
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
        visible(&one_line(&holder.query))
    )
}

/// Joins the lines of a statement, as it often has several.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
