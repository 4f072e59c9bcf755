//! News of jobs, to whoever asked. What nobody waits for any more is dropped.

use super::{backfilling, editing, examining, questions, refresh, writing};
use crate::backend::preview::Preview;
use crate::console::describe;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::plan::bounds;
use crate::console::model::viewer::{LINES, Source, Viewer};
use crate::console::model::{Answer, Facts, Model, Screen};
use crate::figures::{count, length};
use crate::jobs::{Event, Failure, Output, Update};

/// News of a job.
pub fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    if refresh::is_asked(model, &event) {
        return refresh::take(model, event);
    }
    if let Some(subject) = model.ledger.subject_of(&event) {
        if let Update::Done(result) = event.update {
            model.ledger.close(subject);
            return answer(model, subject, result);
        }
        return Vec::new();
    }
    writing::take(model, event)
}

fn answer(model: &mut Model, subject: Subject, result: Result<Output, Failure>) -> Vec<Effect> {
    match (subject, result) {
        (Subject::Tables, result) => {
            let tables = result.and_then(|output| match output {
                Output::Tables(tables) => Ok(tables),
                other => Err(unexpected(&other)),
            });
            return refresh::listed(model, tables);
        }
        (Subject::EditPlan, result) => {
            let plan = result.and_then(|output| match output {
                Output::EditPlan(plan) => Ok(plan),
                other => Err(unexpected(&other)),
            });
            editing::planned(model, plan);
        }
        (subject @ (Subject::Doctor | Subject::Findings), result) => {
            let found = result.and_then(|output| match output {
                Output::Diagnosed(found) => Ok(found),
                other => Err(unexpected(&other)),
            });
            return examining::answered(model, subject, found);
        }
        (Subject::Interrupted, result) => {
            let found = result.and_then(|output| match output {
                Output::InterruptedBackfills(found) => Ok(found),
                other => Err(unexpected(&other)),
            });
            backfilling::found(model, found);
        }
        (Subject::Foresight, result) => {
            let found = match &result {
                Ok(Output::Diagnosed(found)) => Some(found),
                _ => None,
            };
            examining::foreseen(model, found);
        }
        (Subject::BackfillPlan, result) => {
            let plan = result.and_then(|output| match output {
                Output::BackfillPlan(plan) => Ok(plan),
                other => Err(unexpected(&other)),
            });
            return backfilling::planned(model, plan);
        }
        (subject, Ok(output)) => {
            fill(model, subject, &output);
            if subject == Subject::Plan {
                return questions::ask_about_plan(model);
            }
        }
        (subject, Err(failure)) => fail(model, subject, &failure),
    }
    Vec::new()
}

/// Puts an answer into the screen that waits for it, which need not be the one in front.
fn fill(model: &mut Model, subject: Subject, output: &Output) {
    for screen in &mut model.stack {
        match (subject, &mut *screen, output) {
            (Subject::Plan, Screen::Plan(plan), Output::IngestPlans(plans)) => {
                plan.answer = Answer::Ready(plans.clone());
            }
            (Subject::Viewer, Screen::Viewer(viewer), output) => show(&model.facts, viewer, output),
            (Subject::NextRows, Screen::Table(page), output) => {
                if let Some(viewer) = &mut page.next_rows {
                    show(&model.facts, viewer, output);
                }
            }
            (Subject::Objects, Screen::Table(page), Output::Objects(objects)) => {
                page.objects = Answer::Ready(objects.clone());
            }
            (Subject::History, Screen::Table(page), Output::History(versions)) => {
                page.history = Answer::Ready(versions.clone());
            }
            (Subject::Unfinished, Screen::Table(page), Output::InterruptedBackfills(plans)) => {
                page.unfinished = Answer::Ready(plans.clone());
            }
            (Subject::Journal, Screen::Journal(journal), Output::Journal(entries)) => {
                journal.answer = Answer::Ready(entries.clone());
            }
            _ => {}
        }
    }
}

fn show(facts: &Facts, viewer: &mut Viewer, output: &Output) {
    match output {
        Output::Preview(preview) => {
            let key = preview.object.as_ref().map(|object| object.key.to_string());
            viewer.fill(key, &known(preview), preview.lines.clone());
        }
        Output::ObjectLines(lines) => show_object(facts, viewer, lines.clone()),
        _ => {}
    }
}

/// Shows the first rows of an object, and where the others are.
fn show_object(facts: &Facts, viewer: &mut Viewer, mut lines: Vec<String>) {
    let is_cut = lines.len() > LINES;
    lines.truncate(LINES);
    let rows = count(length(lines.len()), "row");
    let Source::Object(_, key) = viewer.source.clone() else {
        return;
    };
    let known = [key.to_string(), format!("first {rows}")];
    viewer.fill(Some(key.to_string()), &known, lines);
    if is_cut {
        let all = describe::cat(facts, &key);
        viewer.go_on(&format!("the first {rows} are shown; all of it: {all}"));
    }
}

fn fail(model: &mut Model, subject: Subject, failure: &Failure) {
    for screen in &mut model.stack {
        let failure = failure.clone();
        match (subject, screen) {
            (Subject::Plan, Screen::Plan(plan)) => plan.answer = Answer::Failed(failure),
            (Subject::Viewer, Screen::Viewer(viewer)) => viewer.answer = Answer::Failed(failure),
            (Subject::NextRows, Screen::Table(page)) => {
                if let Some(viewer) = &mut page.next_rows {
                    viewer.answer = Answer::Failed(failure);
                }
            }
            (Subject::Objects, Screen::Table(page)) => page.objects = Answer::Failed(failure),
            (Subject::History, Screen::Table(page)) => page.history = Answer::Failed(failure),
            (Subject::Unfinished, Screen::Table(page)) => page.unfinished = Answer::Failed(failure),
            (Subject::Journal, Screen::Journal(journal)) => {
                journal.answer = Answer::Failed(failure);
            }
            _ => {}
        }
    }
}

fn known(preview: &Preview) -> Vec<String> {
    preview.object.as_ref().map_or_else(
        || vec!["nothing pending: ingestion would write no object".to_owned()],
        |object| {
            let shown = length(preview.lines.len());
            let mut facts = vec![object.key.to_string(), bounds(object)];
            if shown < object.rows {
                facts.push(format!("the first {} are shown", count(shown, "row")));
            }
            facts
        },
    )
}

/// An answer of the wrong kind is a bug, which is said where the answer was to be.
fn unexpected(output: &Output) -> Failure {
    Failure::Panicked(format!("an unexpected answer: {}", kind(output)))
}

const fn kind(output: &Output) -> &'static str {
    match output {
        Output::Tables(_) => "tables",
        Output::Status => "status",
        Output::IngestPlans(_) => "plans",
        Output::Ingested(_) => "an ingestion",
        Output::BackfillPlan(_) => "a backfill plan",
        Output::InterruptedBackfills(_) => "interrupted backfills",
        Output::Backfilled(_) => "a backfill",
        Output::Diagnosed(_) => "findings",
        Output::Repaired => "a repair",
        Output::Preview(_) => "a preview",
        Output::Objects(_) => "objects",
        Output::ObjectLines(_) => "lines",
        Output::History(_) => "a history",
        Output::EditPlan(_) => "an edit plan",
        Output::Edited => "an edit",
        Output::Journal(_) => "a journal",
    }
}
