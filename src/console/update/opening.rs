//! Opening screens and leaving them.

use super::{refresh, typing};
use crate::backend::ingest::IngestOptions;
use crate::console::effect::Effect;
use crate::console::model::details::Details;
use crate::console::model::edit::EditForm;
use crate::console::model::journal::Journal;
use crate::console::model::ledger::Subject;
use crate::console::model::plan::Plan;
use crate::console::model::queue::Queue;
use crate::console::model::viewer::{self, Source, Viewer};
use crate::console::model::{Help, Model, Screen, stack};
use crate::jobs::Request;
use crate::vocabulary::TableName;

/// Clears the filter of the screen in front, as on the Tables screen, or else closes the screen.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    let is_filtered = match model.stack.last() {
        _ if model.doctor().is_some() => !typing::prompt_text(model).is_empty(),
        Some(Screen::Table(page)) => page.filter().is_some_and(|filter| !filter.is_empty()),
        Some(Screen::Jobs(_) | Screen::Journal(_) | Screen::Help(_)) => {
            !typing::prompt_text(model).is_empty()
        }
        _ => false,
    };
    if is_filtered {
        model.notice = None;
        typing::apply_prompt(model, "");
        return search_journal(model);
    }
    // A notice about a plan, such as which key asks again, does not apply to the screen below it.
    if matches!(
        model.stack.last(),
        Some(Screen::Plan(_) | Screen::BackfillPlan(_))
    ) {
        model.notice = None;
    }
    back(model)
}

/// Returns to the screen below, and drops the requests of the one in front.
pub fn back(model: &mut Model) -> Vec<Effect> {
    let left = model.stack.pop();
    let subjects: &[Subject] = match &left {
        Some(Screen::Table(_)) => &[
            Subject::Objects,
            Subject::OlderObjects,
            Subject::History,
            Subject::InterruptedOfPage,
            Subject::NextRows,
            Subject::Findings,
        ],
        Some(Screen::Plan(_)) => &[Subject::Plan],
        Some(Screen::Viewer(_)) => &[Subject::Viewer],
        Some(Screen::Edit(_)) => &[Subject::EditPlan, Subject::Mover],
        Some(Screen::Backfill(_)) => &[Subject::Interrupted],
        Some(Screen::BackfillPlan(plans)) => {
            let places = 0..plans.planned.len();
            return model.ledger.forget_all(places.map(Subject::BackfillPlan));
        }
        Some(Screen::Journal(_)) => &[Subject::Journal],
        Some(Screen::Doctor(_)) => &[Subject::Doctor],
        _ => &[],
    };
    model.ledger.forget_all(subjects.iter().copied())
}

/// Puts a screen in front. If one of its kind is already open further back, that one is removed.
pub fn open(model: &mut Model, screen: Screen) -> Vec<Effect> {
    let same = std::mem::discriminant(&screen);
    model
        .stack
        .retain(|open| std::mem::discriminant(open) != same);
    model.notice = None;
    model.stack.push(screen);
    Vec::new()
}

/// Opens or closes the help.
pub fn toggle_help(model: &mut Model) -> Vec<Effect> {
    if matches!(model.stack.last(), Some(Screen::Help(_))) {
        return back(model);
    }
    open(model, Screen::Help(Help::default()))
}

/// Opens the jobs screen, which counts their failures as read.
pub fn jobs(model: &mut Model) -> Vec<Effect> {
    model.jobs.unread_errors = 0;
    open(model, Screen::Jobs(Queue::default()))
}

/// Opens the journal.
pub fn journal(model: &mut Model) -> Vec<Effect> {
    open(model, Screen::Journal(Journal::new()));
    ask_journal(model)
}

/// Requests the journal if it is open; what is shown stays until the answer arrives.
pub fn ask_journal(model: &mut Model) -> Vec<Effect> {
    let question = stack::journal(&mut model.stack).map(Journal::question);
    question.map_or_else(Vec::new, |question| {
        model.ledger.ask(Subject::Journal, question)
    })
}

/// Searches all changes for the filter of the journal in front, if not all of them are loaded.
pub fn search_journal(model: &mut Model) -> Vec<Effect> {
    let searches = match model.stack.last_mut() {
        Some(Screen::Journal(journal)) => journal.searches_on(),
        _ => false,
    };
    if searches {
        ask_journal(model)
    } else {
        Vec::new()
    }
}

/// Opens a page about what is selected.
pub fn details(model: &mut Model, about: fn(&Model) -> Option<Details>) -> Vec<Effect> {
    about(model).map_or_else(Vec::new, |details| open(model, Screen::Details(details)))
}

/// Opens the plan of ingesting the marked tables, or the one under the cursor.
pub fn plan(model: &mut Model) -> Vec<Effect> {
    let tables = model.targets();
    plan_for(model, tables)
}

/// Opens the plan of ingesting `tables`.
pub fn plan_for(model: &mut Model, tables: Vec<TableName>) -> Vec<Effect> {
    let rows = tables.iter().filter_map(|table| model.tables.row(table));
    let held = rows.filter_map(|row| {
        let rows = row.counts()?.value.held?;
        Some((row.table().clone(), rows))
    });
    let held = held.collect();
    open(model, Screen::Plan(Plan::new(tables, held)));
    ask_plan(model)
}

/// Requests the plan in front.
pub fn ask_plan(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Plan(plan)) = model.stack.last() else {
        return Vec::new();
    };
    let request = Request::PlanIngest {
        tables: plan.tables.clone(),
        options: IngestOptions::default(),
    };
    model.ledger.ask(Subject::Plan, request)
}

/// Opens the lines that ingestion would write next.
pub fn preview(model: &mut Model) -> Vec<Effect> {
    let Some(table) = current(model) else {
        return Vec::new();
    };
    view(model, Source::Preview(table))
}

/// Opens the first rows of the newest object.
pub fn last_object(model: &mut Model) -> Vec<Effect> {
    let source = model.row().and_then(|row| {
        let last = row.last_object()?;
        Some(Source::Object(row.table().clone(), last.key.clone()))
    });
    source.map_or_else(Vec::new, |source| view(model, source))
}

/// Opens the viewer.
pub fn view(model: &mut Model, source: Source) -> Vec<Effect> {
    open(model, Screen::Viewer(Viewer::new(source)));
    ask_lines(model)
}

/// The request for what ingestion would write next.
pub const fn preview_of(table: TableName) -> Request {
    Request::Preview {
        table,
        limit: viewer::LINES,
    }
}

/// Requests the lines of the viewer in front.
pub fn ask_lines(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Viewer(viewer)) = model.stack.last() else {
        return Vec::new();
    };
    let request = match &viewer.source {
        Source::Preview(table) => preview_of(table.clone()),
        Source::Object(_, key) => Request::ReadObject {
            key: key.clone(),
            limit: viewer::LINES,
        },
    };
    model.ledger.ask(Subject::Viewer, request)
}

/// Opens the form for the two values of the table in front.
pub fn edit(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.row() else {
        return Vec::new();
    };
    let Some(Ok(stored)) = &row.status().stored else {
        return Vec::new();
    };
    let table = row.table().clone();
    let form = EditForm::new(
        table.clone(),
        stored.clone(),
        model.facts.spelling.clone(),
        model.now,
    );
    open(model, Screen::Edit(form));
    // The form is to show what is stored now, not what was when the table was last looked at.
    refresh::look_again(model, &table)
}

fn current(model: &Model) -> Option<TableName> {
    Some(model.row()?.table().clone())
}
