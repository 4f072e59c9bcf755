//! A finding in words: its message, its repairs, and the evidence for it.

use super::{Lines, tone};
use crate::backend::doctor::{Diagnosis, Repair, STATEMENT};
use crate::config::Safety;
use crate::console::action::ActionId;
use crate::console::model::details::Details;
use crate::console::model::digest::own_words;
use crate::console::model::doctor::{Case, Doctor, Reply, Stage};
use crate::console::model::{Model, Said, Tone};
use crate::figures;
use crate::text::{visible, width};
use crate::vocabulary::Version;

/// Maximum width of the names of the evidence.
const NAMES: usize = 30;

/// Everything known about a case. The repairs come before the evidence, as they are what the user
/// came for.
#[must_use]
pub fn case(model: &Model, case: &Case) -> Lines {
    let diagnosis = &case.diagnosis;
    let mut lines = Lines::new();
    if let Some(Said { tone, text }) = &case.remark {
        lines.push(Said::new(*tone, visible(text)));
    }
    if case.stage == Stage::Gone {
        let said = "looked at again: no longer found";
        lines.push(Said::ok(said));
        lines.push(Said::blank());
        for write in &case.written {
            lines.push(Said::plain(visible(&write.what)));
            lines.push(Said::plain(format!("  {}", visible(&write.change()))));
        }
        lines.push(Said::dim(format!("was: {}", message(diagnosis))));
        if !case.written.is_empty() {
            let keys = [ActionId::Ingest, ActionId::Journal].map(|action| model.key(action));
            let next = format!(
                "{} ingests it, {} shows what was written and why",
                keys[0], keys[1]
            );
            lines.push(Said::blank());
            lines.push(Said::dim(next));
        }
        return lines;
    }
    lines.push(Said::plain(message(diagnosis)));
    lines.push(Said::blank());
    lines.extend(repairs(model, diagnosis));
    let evidence = evidence(diagnosis);
    if !evidence.is_empty() {
        lines.push(Said::blank());
        lines.extend(evidence);
    }
    lines
}

/// The message without the table and the code, which are shown next to it.
#[must_use]
pub fn message(diagnosis: &Diagnosis) -> String {
    let (code, message) = (diagnosis.code().as_str(), &diagnosis.finding.message);
    let words = diagnosis
        .table
        .as_ref()
        .map_or(message.as_str(), |table| own_words(table, code, message));
    visible(words)
}

/// The table, or the profile.
#[must_use]
pub fn subject(diagnosis: &Diagnosis) -> String {
    diagnosis.table.as_ref().map_or_else(
        || "the profile".to_owned(),
        |table| visible(&table.to_string()),
    )
}

/// The statement that the owner of the database can run, if nothing else repairs the finding.
fn statement(diagnosis: &Diagnosis) -> Option<&str> {
    diagnosis
        .statement()
        .filter(|_| diagnosis.repairs.is_empty())
}

/// Who can put the finding right and how, if nothing that could be written from here does.
fn by_others(model: &Model, diagnosis: &Diagnosis) -> Lines {
    let Some(statement) = statement(diagnosis) else {
        let nobody = "nothing that can be written from here puts this right safely";
        return match diagnosis.next_step() {
            Some(step) => vec![Said::strong(visible(step))],
            None => vec![Said::dim(nobody)],
        };
    };
    let who = if model.facts.demo {
        let key = model.key(ActionId::AskOwner);
        format!("{key} has the demo's owner put this right with:")
    } else {
        "the owner of the database can put this right with:".to_owned()
    };
    let statement = format!("  {}", visible(statement));
    vec![Said::dim(who), Said::strong(statement)]
}

fn repairs(model: &Model, diagnosis: &Diagnosis) -> Lines {
    let mut lines = Lines::new();
    match diagnosis.repairs.as_slice() {
        [] => lines.extend(by_others(model, diagnosis)),
        _ if model.facts.safety == Safety::ReadOnly => lines.push(Said::warning(format!(
            "{}: this can be seen from here, but not done",
            model.facts.read_only()
        ))),
        [only] if !only.is_choice => {}
        [_] => lines.push(Said::warning("only a person can say whether this is right")),
        several => lines.push(Said::warning(format!(
            "only a person can say which of these {} is right",
            several.len()
        ))),
    }
    for repair in &diagnosis.repairs {
        let heading = format!("repair {}: {}", repair.id, repair.summary);
        lines.push(Said::strong(visible(&heading)));
        for write in repair.writes() {
            let versions = versions(write.version, write.before.as_deref());
            lines.push(Said::plain(format!("  {}{versions}", visible(&write.what))));
            lines.push(Said::ok(format!("    {}", visible(&write.change()))));
        }
    }
    lines
}

/// The evidence as names and values, in two columns.
fn evidence(diagnosis: &Diagnosis) -> Lines {
    let pairs: Vec<(String, String)> = diagnosis
        .evidence
        .iter()
        .filter(|(name, _)| *name != STATEMENT || statement(diagnosis).is_none())
        .map(|(name, value)| {
            let shown = visible(&figures::value(name, value));
            (visible(&name.replace('_', " ")), shown)
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let names = pairs.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let names = names.min(NAMES);
    pairs
        .into_iter()
        .map(|(name, value)| Said::dim(format!("{name:names$}  {value}")))
        .collect()
}

/// The exact writes of a repair, for a confirmation.
#[must_use]
pub fn writes(repair: &Repair) -> Lines {
    repair
        .writes()
        .iter()
        .flat_map(|write| {
            let after = write.after.as_deref();
            change(&write.what, write.version, write.before.as_deref(), after)
        })
        .collect()
}

/// A write: its parameter, its version, the value that is there and the one that will be.
#[must_use]
pub fn change(
    what: &str,
    version: Option<Version>,
    before: Option<&str>,
    after: Option<&str>,
) -> Lines {
    let versions = versions(version, before);
    let mut lines = vec![Said::strong(format!("{}{versions}", visible(what)))];
    let shown = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), visible);
    if before == after {
        lines.push(Said::plain(format!("= {}, written again", shown(after))));
    } else {
        lines.push(Said::plain(format!("- {}", shown(before))));
        lines.push(Said::plain(format!("+ {}", shown(after))));
    }
    lines
}

/// The version that is written over, and the new one; empty if there is none.
fn versions(version: Option<Version>, before: Option<&str>) -> String {
    match (version, before) {
        (Some(version), _) => format!("   version {version} → {}", version.next()),
        (None, None) => "   created as version 1".to_owned(),
        (None, Some(_)) => String::new(),
    }
}

/// The result for the table that the user asked about, if there is no finding about it to show.
#[must_use]
pub fn reply(model: &Model, reply: &Reply) -> Lines {
    let table = visible(&reply.table.to_string());
    if !reply.is_healthy {
        let keys = [ActionId::Trouble, ActionId::Refresh].map(|action| model.key(action));
        return vec![
            Said::warning(format!("{table} could not be looked at")),
            Said::dim(format!("{} says why, {} examines again", keys[0], keys[1])),
        ];
    }
    let notes = if reply.is_noted {
        "; good to know:"
    } else {
        ""
    };
    let mut lines = vec![Said::ok(format!("nothing is wrong with {table}{notes}"))];
    let told = model
        .doctor()
        .into_iter()
        .flat_map(|doctor| doctor.notes(&reply.table));
    lines.extend(told.map(|case| {
        let code = case.diagnosis.code();
        Said::plain(format!("  {code}: {}", message(&case.diagnosis)))
    }));
    lines.push(Said::blank());
    lines.push(Said::dim("looked at:"));
    lines.extend(looked_at(false));
    lines
}

/// What an examination covers; that of the `whole` profile also covers what no table leads to.
#[must_use]
pub fn looked_at(whole: bool) -> Lines {
    let mut seen = vec![
        "both stored values, their versions and who wrote them",
        "the objects: their numbers, gaps, duplicates and where the newest ends",
        "the source: clock, horizon, index, rows that no watermark will pass",
        "uploads that nobody will finish",
    ];
    if whole {
        seen.push("parameters of tables that are gone");
    }
    seen.into_iter()
        .map(|text| Said::dim(format!("  {text}")))
        .collect()
}

/// A page with all that is known about the case under the cursor, and what could not be examined.
#[must_use]
pub fn page(model: &Model, doctor: &Doctor) -> Option<Details> {
    let mut lines = Lines::new();
    let mut title = "What could not be looked at".to_owned();
    if let Some(current) = doctor.current() {
        let finding = &current.diagnosis.finding;
        title = format!("{}: {}", subject(&current.diagnosis), finding.code);
        lines.extend(case(model, current));
    } else if let Some(of) = doctor.current_reply().filter(|of| of.is_healthy) {
        title = visible(&of.table.to_string());
        lines.extend(reply(model, of));
    }
    for failure in &doctor.failures {
        if !lines.is_empty() {
            lines.push(Said::blank());
        }
        lines.extend(super::failure(model, failure).lines);
    }
    (!lines.is_empty()).then(|| Details::new(title, lines))
}

/// The sign of a case: its severity, or that it is gone.
#[must_use]
pub const fn sign(case: &Case) -> (&'static str, Tone) {
    use crate::backend::finding::Severity;
    let severity = case.diagnosis.finding.severity;
    let sign = match severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
        Severity::Info => "·",
    };
    match case.stage {
        Stage::Gone => ("✓", Tone::Ok),
        _ => (sign, tone(severity)),
    }
}
