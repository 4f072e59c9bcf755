//! A table in words, tab by tab.

use super::columns::columns;
use super::sheet::Sheet;
use super::{Lines, causes, tone};
use crate::backend::edits::HistoryEntry;
use crate::backend::error::chain;
use crate::backend::provenance::Provenance;
use crate::backend::source::RowCounts;
use crate::backend::stored::Recorded;
use crate::console::action::ActionId;
use crate::console::model::digest::held_by_standby;
use crate::console::model::ledger::is_long;
use crate::console::model::page::{Tab, TablePage};
use crate::console::model::plan::held_by;
use crate::console::model::row::{Known, Row};
use crate::console::model::{Answer, Model, Said, Tone};
use crate::console::spark::spark;
use crate::figures::{ago, bytes, count, how_far, span, timestamp};
use crate::text::visible;
use crate::vocabulary::{ParameterName, TableName, Version};

/// Columns that the margins of a page take.
const MARGINS: usize = 6;

/// The tab in front as lines; `None` if it is a list, or shown by the viewer.
#[must_use]
pub fn tab(model: &Model, page: &TablePage) -> Option<Lines> {
    tab_within(model, page, model.width().saturating_sub(MARGINS))
}

/// The same, without any name cut short.
#[must_use]
pub fn whole_tab(model: &Model, page: &TablePage) -> Option<Lines> {
    tab_within(model, page, usize::MAX)
}

fn tab_within(model: &Model, page: &TablePage, room: usize) -> Option<Lines> {
    let row = model.tables.row(&page.table)?;
    match page.tab {
        Tab::State => Some(state(model, row, page)),
        Tab::Columns => page.filter().map(|words| columns(row, words, room)),
        Tab::Objects | Tab::History | Tab::Preview | Tab::Findings => None,
    }
}

/// The state of a table: both values with versions and writers, counts, horizon, last object.
#[must_use]
pub fn state(model: &Model, row: &Row, page: &TablePage) -> Lines {
    let mut sheet = Sheet::new(model.width());
    for error in row.status().errors() {
        sheet.lines.extend(causes(&chain(error.as_ref())));
        sheet
            .lines
            .extend(super::next_step(&super::advice_on(model, error)));
        sheet.lines.push(Said::blank());
    }
    values(model, row, page, &mut sheet);
    if let Some(last) = row.last_object() {
        let rows = last
            .rows
            .map_or_else(|| "rows unknown".to_owned(), |rows| count(rows, "row"));
        let age = ago(last.modified, model.now);
        sheet.field("last object", &visible(last.key.as_str()));
        let size = bytes(last.bytes);
        sheet.below(Tone::Dim, &format!("{rows}, {size}, {age}"));
    }
    if let Some(counts) = row.counts() {
        counted(model, counts, &mut sheet);
    }
    awaited(model, row, &mut sheet);
    interrupted(model, page, &mut sheet);
    trends(row, page, &mut sheet);
    sheet.lines
}

/// Both stored values, as far as they are known and can be read.
fn values(model: &Model, row: &Row, page: &TablePage, sheet: &mut Sheet) {
    let readable = row.status().readable.as_ref();
    let known = row.stored().filter(|_| readable.is_none());
    let since = known.filter(|known| known.stale);
    let since = since.map(|known| format!("known {}", ago(known.at, model.now)));
    let Some(value) = readable.or_else(|| known.map(|known| &known.value)) else {
        return;
    };
    let absent = if readable.is_some() {
        "none that can be read"
    } else {
        "not recorded"
    };
    let recorded = value.timestamp.as_ref();
    sheet.field("timestamp", &text(recorded, absent, |at| timestamp(*at)));
    if let Some(at) = recorded {
        sheet.beside(&ago(at.value, model.now));
    }
    let of = (&value.timestamp_name, recorded.map(|at| at.version));
    stored(model, page, of, since.as_deref(), sheet);
    let recorded = value.sequence_id.as_ref();
    sheet.field("sequence id", &text(recorded, absent, ToString::to_string));
    let of = (&value.sequence_name, recorded.map(|id| id.version));
    stored(model, page, of, since.as_deref(), sheet);
}

fn text<T>(recorded: Option<&Recorded<T>>, absent: &str, shown: impl Fn(&T) -> String) -> String {
    recorded.map_or_else(|| absent.to_owned(), |recorded| shown(&recorded.value))
}

/// Lines below a stored value: since when it is known, its parameter, and who wrote it.
fn stored(
    model: &Model,
    page: &TablePage,
    (name, version): (&ParameterName, Option<Version>),
    since: Option<&str>,
    sheet: &mut Sheet,
) {
    if let Some(since) = since {
        sheet.beside(since);
    }
    sheet.below(Tone::Dim, &visible(name.as_str()));
    if let Some(version) = version {
        sheet.beside(&format!("version {version}"));
    }
    let writer = match &page.history {
        Answer::Waiting => "asking who wrote it".to_owned(),
        Answer::Failed(_) => "who wrote it is not known".to_owned(),
        Answer::Ready(history) => {
            // The history may be newer or older than the value shown.
            let shown = history
                .iter()
                .find(|entry| entry.parameter == *name && Some(entry.version) == version);
            match shown {
                Some(entry) => {
                    format!("by {}, {}", writer(entry), ago(entry.written_at, model.now))
                }
                None => return,
            }
        }
    };
    sheet.below(Tone::Dim, &writer);
}

/// The writer of a version: `run 3f2a91c0, object 12`, `ada: late corrections`.
#[must_use]
pub fn writer(entry: &HistoryEntry) -> String {
    // Some stores keep the Description of the previous version if none is given.
    let is_kept = Provenance::from_description(&entry.description) != Provenance::Other;
    match &entry.by {
        Provenance::Run { run, sequence_id } => {
            // The start of a run's id tells runs apart; the page of the version has the full id.
            let run: String = run.to_string().chars().take(8).collect();
            format!("run {run}, object {sequence_id}")
        }
        Provenance::Edit { by, reason } => visible(&format!("{by}: {reason}")),
        Provenance::Other if is_kept || entry.description.is_empty() => {
            visible(&format!("not highwater: {}", entry.written_by))
        }
        Provenance::Other => visible(&format!(
            "not highwater: {}, {}",
            entry.written_by, entry.description
        )),
    }
}

/// Adds the parts that have never been known and are being fetched, so that the rest is not taken to be
/// complete; and the service that has not answered for long, so that old values are not taken to be new.
fn awaited(model: &Model, row: &Row, sheet: &mut Sheet) {
    let (status, awaited) = (row.status(), &row.awaited);
    let parts = [
        (
            status.stored.is_none(),
            awaited.stored,
            "stored values",
            "being read",
        ),
        (
            status.newest.is_none(),
            awaited.newest,
            "last object",
            "being looked for",
        ),
        (
            status.rows.is_none(),
            awaited.rows,
            "pending",
            "being counted",
        ),
    ];
    for (is_absent, since, name, text) in parts {
        if is_absent && since.is_some() {
            sheet.field(name, text);
        }
    }
    if let Some((since, who)) = awaited
        .silent()
        .filter(|(since, _)| is_long(*since, model.now))
    {
        let waited = span(model.now.micros() - since.micros());
        let text = format!("{who} has not answered for {waited}");
        sheet.lines.push(Said::blank());
        sheet.lines.push(Said::warning(text));
    }
}

fn counted(model: &Model, counts: &Known<RowCounts>, sheet: &mut Sheet) {
    let when = ago(counts.at, model.now);
    let counts = &counts.value;
    let how = if counts.exact { "counted" } else { "estimated" };
    sheet.field("pending", &count(counts.pending, "row"));
    sheet.beside(&format!("{how} {when}"));
    if let Some(held) = counts.held {
        let text = format!("{} at or above the horizon", count(held, "row"));
        sheet.field("held", &text);
    }
    if let Some(unreachable) = counts.unreachable {
        let text = format!(
            "{} that no watermark will ever pass",
            count(unreachable, "row")
        );
        sheet.field("unreachable", &text);
    }
    let horizon = counts
        .horizon
        .at
        .map_or_else(|| "not known".to_owned(), timestamp);
    sheet.field("horizon", &horizon);
    let holder = counts.horizon.holder.as_ref().map(held_by);
    if let Some(held) = holder.or_else(|| held_by_standby(&counts.horizon)) {
        sheet.below(Tone::Warning, &held);
    }
}

fn interrupted(model: &Model, page: &TablePage, sheet: &mut Sheet) {
    match &page.interrupted {
        Answer::Waiting => {}
        Answer::Failed(failure) => {
            let why = visible(&failure.to_string());
            sheet.field("backfills", "interrupted ones could not be looked for");
            sheet.below(Tone::Dim, &why);
        }
        Answer::Ready(plans) => {
            for plan in plans {
                let (from, to) = (timestamp(plan.backfill.from), timestamp(plan.backfill.to));
                sheet.field("interrupted", &format!("backfill {}", plan.id));
                sheet.below(Tone::Dim, &format!("{from} <= ts < {to}"));
                let far = how_far(plan.there, plan.chunks.len(), plan.rows);
                sheet.below(Tone::Warning, &far);
            }
            if !plans.is_empty() {
                let keys = [
                    ActionId::Backfill,
                    ActionId::TakeOver,
                    ActionId::ForgetBackfill,
                ];
                let [form, goes_on, forgets] = keys.map(|action| model.key(action));
                let text = format!("→ {form}, then {goes_on} resumes it, or {forgets} forgets it");
                sheet.below(Tone::Strong, &text);
            }
        }
    }
}

fn trends(row: &Row, page: &TablePage, sheet: &mut Sheet) {
    let pending: Vec<u64> = row.trend.newest(sheet.bars()).collect();
    if pending.len() > 1 {
        let most = pending.iter().copied().max().unwrap_or(0);
        sheet.field("trend", &spark(&pending));
        sheet.beside(&format!("at most {} pending, lately", count(most, "row")));
    }
    let rows = page.rows_over_time();
    if rows.len() > 1 {
        let newest = &rows[rows.len().saturating_sub(sheet.bars())..];
        let most = newest.iter().copied().max().unwrap_or(0);
        sheet.field("rows/object", &spark(newest));
        sheet.beside(&format!("at most {}", count(most, "row")));
    }
}

/// The findings about a table, worst first, and the parts about which nothing is known: all of them
/// unless `reachable`.
#[must_use]
pub fn findings(row: &Row, reachable: bool) -> Lines {
    let findings = row.findings();
    let mut lines = Lines::new();
    let unknown = unknown(row);
    let also = row.last_setback().map_or("", |_| " else");
    if !reachable {
        let text = "it is not known what is wrong with this table now";
        lines.push(Said::warning(text));
    } else if !unknown.is_empty() {
        let text = format!("not known: {}", unknown.join(", "));
        lines.push(Said::warning(text));
    } else if findings.is_empty() {
        lines.push(Said::ok(format!("nothing{also} is wrong with this table")));
    }
    if !lines.is_empty() {
        lines.push(Said::blank());
    }
    for finding in findings {
        lines.push(Said::new(tone(finding.severity), finding.code.as_str()));
        let message = without_table(row.table(), &finding.message);
        lines.push(Said::plain(format!("  {}", visible(message))));
        lines.push(Said::blank());
    }
    lines.pop();
    lines
}

/// The parts for which the newest answer is a failure, or is yet to come.
fn unknown(row: &Row) -> Vec<&'static str> {
    let status = row.status();
    let parts = [
        (matches!(status.stored, Some(Ok(_))), "its stored values"),
        (matches!(status.newest, Some(Ok(_))), "its objects"),
        (matches!(status.rows, Some(Ok(_))), "its rows"),
    ];
    let unknown = parts.into_iter().filter(|(is_known, _)| !is_known);
    unknown.map(|(_, part)| part).collect()
}

fn without_table<'a>(table: &TableName, message: &'a str) -> &'a str {
    let prefix = format!("{table}: ");
    message.strip_prefix(&prefix).unwrap_or(message)
}
