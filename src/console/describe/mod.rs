//! The model in words: pages of text, headless commands, and text to copy.

mod columns;
mod command;
mod copying;
mod diagnosis;
mod edit;
mod export;
mod lines;
mod sheet;
mod table;
pub mod tour;

pub use columns::matching as matching_columns;
pub use command::command;
pub use copying::choices;
pub use diagnosis::{case, change, looked_at, message, reply, sign, subject, writes};
pub use edit::{edit_writes, moved, moved_of};
pub use export::{export, files};
pub use lines::{all_of, not_found, rest_of_object, rest_of_preview};
pub use table::{findings, tab, whole_tab, writer};

use crate::backend::Error;
use crate::backend::edits::HistoryEntry;
use crate::backend::error::{Service, chain};
use crate::backend::finding::Severity;
use crate::backend::journal::JournalEntry;
use crate::backend::provenance::Provenance;
use crate::figures::{ago, bytes, count, length, timestamp};
use crate::jobs::Failure;
use crate::text::visible;

use super::model::details::Details;
use super::model::jobs::{JobRecord, JobState};
use super::model::page::TablePage;
use super::model::{Model, Said, Screen, Tone, reason};

/// Maximum number of objects that the page of a job lists: a long backfill writes thousands.
const OBJECTS: usize = 100;

/// The lines of a page.
pub type Lines = Vec<Said>;

/// A page about the job or the change under the cursor.
#[must_use]
pub fn selected(model: &Model) -> Option<Details> {
    match model.stack.last() {
        Some(Screen::Jobs(_)) => reason::current_job(model).map(|of| job(model, of)),
        Some(Screen::Journal(journal)) => journal.current().map(entry),
        _ => None,
    }
}

/// A page with the headless command that does the same as the screen in front.
#[must_use]
pub fn command_page(model: &Model) -> Option<Details> {
    command(model).map(as_page)
}

/// A page with the headless command that does the same as the form in front.
///
/// # Errors
/// What is missing or wrong in the form.
pub fn form_command_page(model: &Model) -> Result<Details, String> {
    command::form_command(model).map(as_page)
}

fn as_page(command: String) -> Details {
    let commands = command.lines();
    let lines = commands.map(|line| Said::strong(visible(line))).collect();
    let mut page = Details::new("The same as a command", lines);
    page.copy = command;
    page
}

/// A page about a version of a stored value: who wrote it, and what it changed.
#[must_use]
pub fn version(page: &TablePage, version: &HistoryEntry) -> Details {
    let before = page.before(version);
    let old = before.map_or_else(
        || "not known: there is no older version left".to_owned(),
        |before| visible(&before.value),
    );
    let is_kept = version.by != Provenance::from_description(&version.description);
    let said = if is_kept { "left behind" } else { "said" };
    let lines = vec![
        field("parameter", &visible(version.parameter.as_str())),
        field("version", &version.version.to_string()),
        field("written", &timestamp(version.written_at)),
        field("by", &visible(&version.written_by)),
        field(said, &visible(&version.description)),
        Said::blank(),
        Said::plain(format!("- {old}")),
        Said::plain(format!("+ {}", visible(&version.value))),
    ];
    let title = format!(
        "Version {} of {}",
        version.version,
        visible(&page.table.to_string())
    );
    Details::new(title, lines)
}

/// Everything that is wrong with the table in front, or with all tables: errors with their causes
/// and what to do next, then findings.
#[must_use]
pub fn trouble(model: &Model) -> Option<Details> {
    if let Some(doctor) = model.doctor() {
        return diagnosis::page(model, doctor);
    }
    let mut lines = Lines::new();
    if let Some(trouble) = &model.tables.trouble {
        lines.extend(failure(model, trouble).lines);
        lines.push(Said::blank());
    }
    let Some(row) = model.row() else {
        return (!lines.is_empty()).then(|| Details::new("What is wrong", lines));
    };
    for error in row.status().errors() {
        lines.extend(causes(&chain(error.as_ref())));
        lines.extend(next_step(&advice_on(model, error)));
        lines.push(Said::blank());
    }
    if let Some(setback) = row.last_setback() {
        let when = ago(setback.at, model.now);
        lines.push(Said::plain(format!("{} failed {when}:", setback.verb)));
        lines.extend(causes(&setback.chain));
        lines.extend(next_step(&setback.next));
        lines.push(Said::blank());
    }
    lines.extend(findings(row, model.tables.trouble.is_none()));
    while lines.last().is_some_and(|said| said.text.is_empty()) {
        lines.pop();
    }
    let title = format!("What is wrong with {}", row.digest().name);
    Some(Details::new(title, lines))
}

/// What to do if the demo's database is gone: only the demo itself starts it.
pub const OWN_SERVER: &str = "the demo's own server is gone: leave, and start it again";

/// What to do next about a failure.
fn advice(model: &Model, failure: &Failure) -> String {
    match failure {
        Failure::Error(error) => advice_on(model, error),
        Failure::Panicked(_) => failure.next_step(),
    }
}

fn advice_on(model: &Model, error: &Error) -> String {
    let is_source =
        matches!(error, Error::Unavailable { service, .. } if *service == Service::Source);
    if model.facts.demo && is_source {
        return OWN_SERVER.to_owned();
    }
    error.next_step()
}

/// A page about a failure: its causes, and what to do next.
#[must_use]
pub fn failure(model: &Model, failure: &Failure) -> Details {
    let mut lines = causes(&failure.chain());
    if let Some(next) = next_step(&advice(model, failure)) {
        lines.extend([Said::blank(), next]);
    }
    Details::new("What is wrong", lines)
}

/// What to do next, if there is anything to do.
#[must_use]
pub fn next_step(step: &str) -> Option<Said> {
    (!step.is_empty()).then(|| Said::strong(format!("→ {}", visible(step))))
}

/// An error and its causes, one per line, each indented further.
#[must_use]
pub fn causes(chain: &[String]) -> Lines {
    chain
        .iter()
        .enumerate()
        .map(|(depth, cause)| {
            let (tone, before) = if depth == 0 {
                (Tone::Error, "")
            } else {
                (Tone::Text, "because ")
            };
            let indent = depth.min(8) * 2;
            Said::new(tone, format!("{:indent$}{before}{}", "", visible(cause)))
        })
        .collect()
}

/// A label and its value.
fn field(label: &str, value: &str) -> Said {
    Said::plain(format!("{label:14}{value}"))
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Dim,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Error,
    }
}

fn job(model: &Model, job: &JobRecord) -> Details {
    let mut lines = vec![field("asked for", &timestamp(job.asked))];
    if let Some(ended) = job.ended {
        lines.push(field("ended", &timestamp(ended)));
    }
    let done = match (&job.kept, job.progress) {
        _ if matches!(job.state, JobState::Done(_)) => None,
        (Some(kept), _) => Some((kept.rows, kept.bytes)),
        (None, Some(progress)) if job.is_active() => Some((progress.rows, progress.bytes)),
        (None, _) => None,
    };
    if let Some((rows, size)) = done {
        let rows = count(rows, "row");
        lines.push(field("done", &format!("{rows}, {}", bytes(size))));
    }
    if let Some(plan) = job.backfill() {
        let range = &plan.backfill;
        let (from, to) = (timestamp(range.from), timestamp(range.to));
        lines.push(field("backfill", &plan.id.to_string()));
        lines.push(field("range", &format!("{from} <= ts < {to}")));
    }
    lines.push(Said::blank());
    match &job.state {
        JobState::Waiting => lines.push(match &model.jobs.held {
            Some(held) => Said::warning(format!("is held: {}", held.by)),
            None => Said::plain("waits for its turn"),
        }),
        JobState::Running => {
            let doing = job.doing(model.now);
            lines.push(Said::plain(format!("is running: {doing}")));
        }
        JobState::Done(what) => lines.push(Said::ok(visible(what))),
        JobState::Cancelled => lines.push(Said::warning(job.cancelled())),
        JobState::Failed { chain, next } => {
            lines.extend(causes(chain));
            lines.push(Said::blank());
            lines.extend(next_step(next));
        }
    }
    lines.extend(written(job));
    let title = format!("{} {}", job.verb(), visible(&job.table.to_string()));
    Details {
        job: Some(job.id),
        ..Details::new(title, lines)
    }
}

/// The objects that a job has written, with their bounds.
fn written(job: &JobRecord) -> Lines {
    let mut lines = Lines::new();
    for object in job.objects.iter().take(OBJECTS) {
        let (from, to) = (object.from.map(timestamp), timestamp(object.to));
        let range = match from {
            // A chunk includes where it begins and not where it ends, a batch the other way round.
            Some(from) if job.backfill().is_some() => format!("{from} <= ts < {to}"),
            Some(from) => format!("after {from}  to {to}"),
            None => format!("from the beginning  to {to}"),
        };
        let (rows, size) = (count(object.rows, "row"), bytes(object.bytes));
        let bounds = format!("  {rows}, {size}  {range}");
        lines.push(Said::blank());
        lines.push(Said::plain(visible(object.key.as_str())));
        lines.push(Said::dim(bounds));
    }
    let more = job.objects.len().saturating_sub(OBJECTS);
    if more > 0 {
        let text = format!("… and {} more", count(length(more), "object"));
        lines.push(Said::dim(text));
    }
    lines
}

/// The page of a job, brought up to date; `None` for any other page.
#[must_use]
pub fn follow(model: &Model) -> Option<Details> {
    let Some(Screen::Details(page)) = model.stack.last() else {
        return None;
    };
    let job = model.jobs.get(page.job?)?;
    Some(Details {
        scroll: page.scroll,
        ..self::job(model, job)
    })
}

fn entry(entry: &JournalEntry) -> Details {
    let before = entry.before.as_deref().unwrap_or("nothing");
    let lines = [
        ("when", timestamp(entry.at)),
        ("who", visible(&entry.who)),
        ("profile", visible(&entry.profile)),
        ("table", visible(&entry.table.to_string())),
        ("action", visible(&entry.action)),
        ("what", visible(&entry.what)),
        ("before", visible(before)),
        ("after", visible(&entry.after)),
        ("reason", visible(&entry.reason)),
    ];
    // A statement run by the owner has no values.
    let has_values = !entry.after.is_empty();
    let lines = lines
        .iter()
        .filter(|(label, _)| has_values || !matches!(*label, "before" | "after"))
        .map(|(label, value)| field(label, value))
        .collect();
    Details::new("Journal entry", lines)
}
