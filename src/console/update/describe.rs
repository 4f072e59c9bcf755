//! Things in words: pages of details, headless commands, and what is copied.

use crate::backend::error::chain;
use crate::backend::finding::Severity;
use crate::backend::journal::JournalEntry;
use crate::backend::stored::Stored;
use crate::console::model::details::Details;
use crate::console::model::jobs::{JobRecord, JobState};
use crate::console::model::plan::held_by;
use crate::console::model::row::Row;
use crate::console::model::viewer::Source;
use crate::console::model::{Model, Screen, Tone, reason};
use crate::figures::{ago, bytes, count, timestamp};
use crate::jobs::{Failure, Output};
use crate::text::visible;

type Lines = Vec<(Tone, String)>;

/// A page about what is under the cursor.
#[must_use]
pub fn selected(model: &Model) -> Option<Details> {
    match model.stack.last() {
        None => model.tables.current().map_or_else(
            || model.tables.trouble.as_ref().map(failure),
            |row| Some(table(model, row)),
        ),
        Some(Screen::Jobs(_)) => reason::current_job(model).map(job),
        Some(Screen::Journal(journal)) => journal.current().map(entry),
        Some(_) => None,
    }
}

/// A failure with its causes and what to do next.
#[must_use]
pub fn failure(failure: &Failure) -> Details {
    let mut lines = causes(&failure.chain());
    lines.push((Tone::Text, String::new()));
    lines.push((Tone::Strong, format!("→ {}", visible(&failure.next_step()))));
    Details::new("What is wrong", lines)
}

/// An error and its causes, a line each, every cause further in.
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
            (
                tone,
                format!("{:1$}{before}{2}", "", depth.min(8) * 2, visible(cause)),
            )
        })
        .collect()
}

fn table(model: &Model, row: &Row) -> Details {
    let mut lines = Lines::new();
    let status = row.status();
    if let Some(trouble) = &model.tables.trouble {
        lines.extend(causes(&trouble.chain()));
        lines.push((Tone::Strong, format!("→ {}", visible(&trouble.next_step()))));
        lines.push((Tone::Text, String::new()));
    }
    for error in status.errors() {
        lines.extend(causes(&chain(error.as_ref())));
        lines.push((Tone::Strong, format!("→ {}", visible(&error.next_step()))));
        lines.push((Tone::Text, String::new()));
    }
    for finding in status.findings() {
        let tone = tone(finding.code.severity());
        lines.push((
            tone,
            format!("{}: {}", finding.code, visible(&finding.message)),
        ));
    }
    if lines.last().is_some_and(|(_, text)| !text.is_empty()) {
        lines.push((Tone::Text, String::new()));
    }
    state(model, row, &mut lines);
    Details::new(visible(&status.table.to_string()), lines)
}

fn state(model: &Model, row: &Row, lines: &mut Lines) {
    let status = row.status();
    if let Some(Ok(values)) = &status.stored {
        stored(values, lines);
    }
    if let Some(last) = status.last_object() {
        let rows = last
            .rows
            .map_or_else(|| "rows unknown".to_owned(), |rows| count(rows, "row"));
        let age = ago(last.modified, model.now);
        lines.push(field("last object", &visible(last.key.as_str())));
        lines.push(field("", &format!("{rows}, {}, {age}", bytes(last.bytes))));
    }
    let Some(counts) = status.counts() else {
        return;
    };
    let exact = if counts.exact { "" } else { " (estimated)" };
    lines.push(field(
        "pending",
        &format!("{}{exact}", count(counts.pending, "row")),
    ));
    if let Some(held) = counts.held {
        lines.push(field(
            "held",
            &format!("{} at or above the horizon", count(held, "row")),
        ));
    }
    if let Some(unreachable) = counts.unreachable {
        lines.push(field("unreachable", &count(unreachable, "row")));
    }
    let horizon = counts
        .horizon
        .at
        .map_or_else(|| "not known".to_owned(), timestamp);
    lines.push(field("horizon", &horizon));
    if let Some(holder) = &counts.horizon.holder {
        lines.push(field("", &held_by(holder)));
    }
}

fn stored(stored: &Stored, lines: &mut Lines) {
    let recorded = |name: &str, value: Option<String>| {
        let value = value.unwrap_or_else(|| "not recorded".to_owned());
        (visible(name), value)
    };
    let at = recorded(
        stored.timestamp_name.as_str(),
        stored.timestamp.as_ref().map(|recorded| {
            format!(
                "{}   version {}",
                timestamp(recorded.value),
                recorded.version
            )
        }),
    );
    let id = recorded(
        stored.sequence_name.as_str(),
        stored
            .sequence_id
            .as_ref()
            .map(|recorded| format!("{}   version {}", recorded.value, recorded.version)),
    );
    for (label, (name, value)) in [("timestamp", at), ("sequence id", id)] {
        lines.push(field(label, &value));
        lines.push((Tone::Dim, format!("{:14}{name}", "")));
    }
}

fn field(label: &str, value: &str) -> (Tone, String) {
    (Tone::Text, format!("{label:14}{value}"))
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Dim,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Error,
    }
}

fn job(job: &JobRecord) -> Details {
    let mut lines = vec![field("asked for", &timestamp(job.asked))];
    if let Some(ended) = job.ended {
        lines.push(field("ended", &timestamp(ended)));
    }
    if let Some(progress) = job.progress
        && !matches!(job.state, JobState::Done(_))
    {
        let rows = count(progress.rows, "row");
        lines.push(field("done", &format!("{rows}, {}", bytes(progress.bytes))));
    }
    lines.push((Tone::Text, String::new()));
    match &job.state {
        JobState::Waiting => lines.push((Tone::Text, "waits for its turn".to_owned())),
        JobState::Running => lines.push((Tone::Text, "is running".to_owned())),
        JobState::Done(what) => lines.push((Tone::Ok, visible(what))),
        JobState::Cancelled => lines.push((
            Tone::Warning,
            "cancelled; nothing was half-written".to_owned(),
        )),
        JobState::Failed { chain, next } => {
            lines.extend(causes(chain));
            lines.push((Tone::Text, String::new()));
            lines.push((Tone::Strong, format!("→ {}", visible(next))));
        }
    }
    Details::new(
        format!("{} {}", job.verb(), visible(&job.table.to_string())),
        lines,
    )
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
    let lines = lines
        .iter()
        .map(|(label, value)| field(label, value))
        .collect();
    Details::new("Journal entry", lines)
}

/// The headless command that does the same as the screen in front.
#[must_use]
pub fn command(model: &Model) -> Option<Details> {
    let names = |tables: &[crate::backend::TableName]| {
        let names: Vec<String> = tables
            .iter()
            .map(|table| shell(&table.to_string()))
            .collect();
        names.join(" ")
    };
    let verb = match model.stack.last() {
        None => format!("status {} --exact", names(&model.tables.targets())),
        Some(Screen::Plan(plan)) => format!("ingest {}", names(&plan.tables)),
        Some(Screen::Viewer(viewer)) => match &viewer.source {
            Source::Preview(table) => format!("preview {}", names(std::slice::from_ref(table))),
            Source::Object(_, key) => format!("objects cat {}", shell(key.as_str())),
        },
        Some(Screen::Journal(_)) => "journal".to_owned(),
        Some(_) => return None,
    };
    let profile = if model.facts.demo {
        "--demo".to_owned()
    } else {
        format!("--profile {}", shell(&model.facts.profile))
    };
    let text = visible(&format!("highwater {profile} {verb}"));
    Some(Details::new(
        "The same as a command",
        vec![(Tone::Strong, text)],
    ))
}

/// A word of a command line, quoted where a shell would take it apart.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// What `y` copies, and what to call it.
#[must_use]
pub fn copied(model: &Model) -> Option<(&'static str, String)> {
    match model.stack.last() {
        None => match model.tables.current() {
            Some(row) => Some(("row as JSON", serde_json::to_string(row.status()).ok()?)),
            None => Some(("error", model.tables.trouble.as_ref()?.to_string())),
        },
        Some(Screen::Viewer(viewer)) => {
            let line = viewer.answer.ready()?.lines.get(viewer.line()?)?;
            Some(("line", line.clone()))
        }
        Some(Screen::Journal(journal)) => Some((
            "entry as JSON",
            serde_json::to_string(journal.current()?).ok()?,
        )),
        Some(Screen::Jobs(_)) => Some(("job", job(reason::current_job(model)?).copy)),
        Some(Screen::Details(details)) => Some(("page", details.copy.clone())),
        Some(Screen::Plan(plan)) => {
            let lines: Vec<String> = plan.lines().into_iter().map(|(_, text)| text).collect();
            Some(("plan", lines.join("\n")))
        }
        Some(Screen::Edit(_) | Screen::Help(_)) => None,
    }
}

/// The kind of an answer, for messages about bugs.
#[must_use]
pub const fn kind(output: &Output) -> &'static str {
    match output {
        Output::Tables(_) => "tables",
        Output::Status => "status",
        Output::IngestPlans(_) => "plans",
        Output::Ingested(_) => "an ingestion",
        Output::BackfillPlan(_) => "a backfill plan",
        Output::Backfilled(_) => "a backfill",
        Output::Preview(_) => "a preview",
        Output::Objects(_) => "objects",
        Output::ObjectLines(_) => "lines",
        Output::History(_) => "a history",
        Output::EditPlan(_) => "an edit plan",
        Output::Edited(_) => "an edit",
        Output::Diagnosed(_) => "an examination",
        Output::Repaired(_) => "a repair",
        Output::Journal(_) => "a journal",
    }
}
