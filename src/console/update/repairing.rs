//! Repairs: choosing one if there are several, confirming it, and its outcome.

use super::{questions, writing};
use crate::backend::Error;
use crate::backend::doctor::Repair;
use crate::console::action::{ActionId, Danger};
use crate::console::describe;
use crate::console::effect::Effect;
use crate::console::model::doctor::Doctor;
use crate::console::model::ledger::Subject;
use crate::console::model::menu::{Choice, Menu, MenuItem};
use crate::console::model::question::{Expected, Order, Question, Strength};
use crate::console::model::{Model, Said};
use crate::figures::{count, length};
use crate::jobs::{Failure, JobId, Request};
use crate::text::visible;
use crate::vocabulary::TableName;

/// Offers the repair of the finding under the cursor, or all of them if there are several.
pub fn offer(model: &mut Model) -> Vec<Effect> {
    let Some(case) = model.doctor().and_then(Doctor::current) else {
        return Vec::new();
    };
    let repairs = case.diagnosis.repairs.clone();
    match repairs.as_slice() {
        [only] if !only.is_choice => ask(model, vec![only.clone()], Danger::Writes),
        several => {
            let items = several.iter().zip('1'..='9').map(item).collect();
            model.menu = Some(Menu::new("Which is right?", ActionId::Repair, items));
            Vec::new()
        }
    }
}

fn item((repair, letter): (&Repair, char)) -> MenuItem {
    let mut about = vec![Said::plain(visible(&repair.summary))];
    about.extend(describe::writes(repair));
    MenuItem {
        letter,
        label: repair.id.to_owned(),
        detail: String::new(),
        about,
        choice: Choice::Repair(Box::new(repair.clone())),
    }
}

/// Asks about a repair chosen from several. Only the user's word guarantees that it does not lose
/// or repeat rows.
pub fn chosen(model: &mut Model, repair: Repair) -> Vec<Effect> {
    ask(model, vec![repair], Danger::Destructive)
}

/// Offers all repairs that need no choice, together.
pub fn offer_all(model: &mut Model) -> Vec<Effect> {
    let repairs = model.doctor().map_or_else(Vec::new, |doctor| {
        doctor.safe_repairs().into_iter().cloned().collect()
    });
    ask(model, repairs, Danger::Writes)
}

/// Asks whether to apply `repairs`, one per table, and shows every write of them.
fn ask(model: &mut Model, repairs: Vec<Repair>, danger: Danger) -> Vec<Effect> {
    let tables: Vec<TableName> = repairs.iter().map(|repair| repair.table.clone()).collect();
    let title = match tables.as_slice() {
        [table] => format!("Repair {}?", visible(&table.to_string())),
        tables => format!("Repair {}?", count(length(tables.len()), "table")),
    };
    let several = repairs.len() > 1;
    let mut lines = Vec::new();
    for repair in &repairs {
        if several {
            let heading = format!("{}: {}", repair.table, repair.code);
            lines.push(Said::strong(visible(&heading)));
        }
        lines.push(Said::plain(visible(&repair.summary)));
        lines.extend(describe::writes(repair));
    }
    let safety = model.facts.safety;
    let mut question = Question::about(&tables, danger, safety, Order::Repair(repairs), title);
    question.lines = lines;
    if several {
        question.strength = Strength::Typed(Expected::Number(tables.len()));
    }
    questions::ask(model, question)
}

/// Applies repairs, one job for each.
pub fn apply(model: &mut Model, repairs: Vec<Repair>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for repair in repairs {
        let request = Request::Repair(Box::new(repair.clone()));
        let (job, effect) = writing::start(model, repair.table.clone(), request);
        for subject in [Subject::Doctor, Subject::Findings] {
            if let Some(doctor) = model.doctor_of(subject) {
                doctor.repairing(&repair, job);
            }
        }
        effects.push(effect);
    }
    effects
}

/// Handles the end of a repair's job, and returns the outcome in a few words.
pub fn ended(model: &mut Model, job: JobId, repair: &Repair, ended: &Result<(), Failure>) -> Said {
    let said = outcome(repair, ended);
    let (done, written) = match ended {
        Ok(()) => ("repaired", repair.writes()),
        Err(_) => ("not applied", Vec::new()),
    };
    let remark = Said::new(said.tone, format!("{done}: {}", said.text));
    for subject in [Subject::Doctor, Subject::Findings] {
        if let Some(doctor) = model.doctor_of(subject) {
            doctor.repaired(job, remark.clone(), written.clone());
        }
    }
    said
}

fn outcome(repair: &Repair, ended: &Result<(), Failure>) -> Said {
    match ended {
        Ok(()) => {
            let writes = count(length(repair.writes().len()), "write");
            Said::ok(format!("{}, {writes}", repair.id))
        }
        Err(Failure::Error(error)) => match error.as_ref() {
            Error::Outdated { moved, .. } => {
                Said::warning(format!("something has changed since it was shown: {moved}"))
            }
            Error::Cancelled => Said::warning("cancelled"),
            error => Said::error(crate::backend::error::chain(error).join(": ")),
        },
        Err(failure) => Said::error(failure.to_string()),
    }
}
