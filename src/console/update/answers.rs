//! Delivers news of jobs to the screens that asked, and drops what nobody is waiting for any more.

use super::{backfilling, editing, examining, interrupted, questions, refresh, writing};
use crate::backend::edits::HistoryEntry;
use crate::backend::preview::Preview;
use crate::backend::table_objects::listing::{FirstRows, ObjectPage};
use crate::console::describe;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::plan::bounds;
use crate::console::model::stack::{edit, journal, page, plan, viewer};
use crate::console::model::viewer::{Source, Viewer};
use crate::console::model::{Answer, Facts, Model, Tone};
use crate::figures::{count, length};
use crate::jobs::{Event, Failure, Output, Update};
use crate::text::visible;
use crate::vocabulary::ObjectKey;

/// Handles news of a job.
pub fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match &event.update {
        Update::Awaits(Some(what)) => {
            model.awaited.insert(event.job, what.clone());
        }
        Update::Awaits(None) | Update::Done(_) => {
            model.awaited.remove(&event.job);
        }
        Update::Started
        | Update::Part(_)
        | Update::Found(_)
        | Update::Held(_)
        | Update::Progress(_) => {}
    }
    if refresh::is_asked(model, &event) {
        return refresh::take(model, event);
    }
    if let Some(subject) = model.ledger.subject_of(&event) {
        match event.update {
            Update::Done(result) => {
                model.ledger.close(subject);
                return answer(model, subject, result);
            }
            Update::Found(found) => {
                if let Some(journal) = journal(&mut model.stack) {
                    journal.find(found);
                }
            }
            Update::Started
            | Update::Part(_)
            | Update::Held(_)
            | Update::Progress(_)
            | Update::Awaits(_) => {}
        }
        return Vec::new();
    }
    writing::take(model, event)
}

/// Shows the newest objects of the table in front. If they could not be listed, earlier ones stay.
fn objects(model: &mut Model, newest: Result<ObjectPage, Failure>) {
    let Some(page) = page(&mut model.stack) else {
        return;
    };
    match newest {
        Ok(newest) => page.take_objects(newest),
        Err(failure) if page.objects.ready().is_some() => is_older(model, "objects", &failure),
        Err(failure) => page.objects.answer = Answer::Failed(failure),
    }
}

/// Shows all versions of the values of the table in front, in the same way as [`objects`].
fn history(model: &mut Model, versions: Result<Vec<HistoryEntry>, Failure>) {
    let Some(page) = page(&mut model.stack) else {
        return;
    };
    match versions {
        Ok(versions) => page.take_history(versions),
        Err(failure) if page.history.ready().is_some() => is_older(model, "versions", &failure),
        Err(failure) => page.history = Answer::Failed(failure),
    }
}

/// Says that what is shown is from before, and why.
fn is_older(model: &mut Model, what: &str, failure: &Failure) {
    let why = failure.chain().into_iter().next().unwrap_or_default();
    let text = format!("the {what} are from before: {}", visible(&why));
    model.say(Tone::Error, text);
}

/// Delivers an answer to the screen that asked, or the failure if there is none or it is of another
/// kind, so that no screen is left waiting.
fn answer(model: &mut Model, subject: Subject, result: Result<Output, Failure>) -> Vec<Effect> {
    let stack = &mut model.stack;
    match subject {
        Subject::Tables => return refresh::listed(model, typed(result)),
        Subject::Plan => {
            let is_there = result.is_ok();
            if let Some(plan) = plan(stack) {
                plan.take(typed(result).into());
            }
            if is_there {
                return questions::ask_about_plan(model);
            }
        }
        Subject::Viewer => show(&model.facts, viewer(stack), result),
        Subject::Objects => objects(model, typed(result)),
        Subject::OlderObjects => {
            if let Some(page) = page(stack) {
                match typed(result) {
                    Ok(next) => page.objects.go_on(next),
                    Err(failure) => page.objects.trouble = Some(failure),
                }
            }
        }
        Subject::History => history(model, typed(result)),
        Subject::Mover => {
            // Without an answer, the form does not say who it was.
            if let (Some(form), Ok(versions)) = (edit(stack), typed(result)) {
                form.moved.take(versions);
            }
        }
        Subject::NextRows => {
            let viewer = page(stack).and_then(|page| page.next_rows.as_mut());
            show(&model.facts, viewer, result);
        }
        Subject::EditPlan => editing::planned(model, typed(result)),
        Subject::BackfillPlan(place) => {
            return backfilling::planned(model, place, typed(result));
        }
        Subject::Interrupted => interrupted::found(model, typed(result)),
        Subject::InterruptedOfPage => interrupted::found_of_page(model, typed(result)),
        Subject::Journal => {
            if let Some(journal) = journal(stack) {
                match typed(result) {
                    Ok(entries) => journal.fill(entries),
                    Err(failure) => journal.fail(failure),
                }
            }
        }
        Subject::Doctor | Subject::Findings => {
            return examining::answered(model, subject, typed(result));
        }
        Subject::Foresight => examining::foreseen(model, typed(result).ok().as_ref()),
    }
    Vec::new()
}

/// The answer as the type that was asked for. One of another kind is a bug, and becomes a failure.
fn typed<T>(result: Result<Output, Failure>) -> Result<T, Failure>
where
    T: TryFrom<Output, Error = Failure>,
{
    result.and_then(T::try_from)
}

/// Shows lines if they are still waited for, or why there are none.
fn show(facts: &Facts, viewer: Option<&mut Viewer>, result: Result<Output, Failure>) {
    let Some(viewer) = viewer else {
        return;
    };
    let shown = match viewer.source.clone() {
        Source::Preview(_) => typed(result).map(|preview| show_preview(facts, viewer, preview)),
        Source::Object(_, key) => {
            typed(result).map(|first| show_object(facts, viewer, &key, first))
        }
    };
    if let Err(failure) = shown {
        viewer.answer = Answer::Failed(failure);
    }
}

/// Shows the next lines of ingestion, and where to find the rest.
fn show_preview(facts: &Facts, viewer: &mut Viewer, preview: Preview) {
    let key = preview.object.as_ref().map(|object| object.key.to_string());
    let (shown, planned) = (preview.lines.len(), preview.object.as_ref());
    let is_cut = planned.is_some_and(|object| length(shown) < object.rows);
    viewer.fill(key, &known(&preview), preview.lines);
    if is_cut {
        viewer.go_on(&describe::rest_of_preview(facts, &preview.table, shown));
    }
}

/// Shows the first rows of an object, and where to find the rest.
fn show_object(facts: &Facts, viewer: &mut Viewer, key: &ObjectKey, first: FirstRows) {
    let rows = first.lines.len();
    let part = if first.is_cut {
        format!("first {}", count(length(rows), "row"))
    } else {
        describe::all_of(rows, "row")
    };
    viewer.fill(Some(key.to_string()), &[key.to_string(), part], first.lines);
    if first.is_cut {
        viewer.go_on(&describe::rest_of_object(facts, key, rows));
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
