//! The tour in words: what the user sees, and which key comes next.

use crate::console::action::ActionId;
use crate::console::model::doctor::{Case, Stage};
use crate::console::model::question::{Expected, Strength};
use crate::console::model::row::Row;
use crate::console::model::tour::Stop;
use crate::console::model::viewer::Viewer;
use crate::console::model::{Answer, Model, Screen, reason};
use crate::figures::{clock, count, timestamp};
use crate::text::visible;

/// What the user sees, in at most two sentences; the first alone is enough if there is little room.
#[must_use]
pub fn says(model: &Model, stop: Stop) -> [String; 2] {
    let table = stop.table();
    let row = table.and_then(|table| model.tables.row(&table));
    let pair = |first: &str, second: &str| [first.to_owned(), second.to_owned()];
    match stop {
        Stop::Row => [
            "Each line is a table: how far it is ingested, and how many rows wait.".to_owned(),
            row.map_or_else(String::new, of_row),
        ],
        Stop::Ingest => [
            format!("In no object yet: {} of payment.", waiting(row)),
            "A plan shows what would be written before anything is.".to_owned(),
        ],
        Stop::Preview => pair(
            "You can read what comes next before it is written.",
            "Any table with pending rows will do.",
        ),
        Stop::Lines => pair(
            "The next object, line by line, as it would be written.",
            "Its key and bounds are shown above; nothing has been written.",
        ),
        Stop::Stuck => pair(
            "invoice is stuck: another program crashed half-way through.",
            "It wrote the next object, but not its number: every run stops there, that program's too.",
        ),
        Stop::Repair => pair(
            "The doctor shows what it saw, and the exact writes of the repair.",
            "The object's rows are all newer than the timestamp, so both values may move to its end.",
        ),
        Stop::Moves => [
            format!("invoice continues after that object: {} pending.", waiting(row)),
            "None of them is in that object, and none is left out.".to_owned(),
        ],
        Stop::InFuture => pair(
            "refund claims to be ingested up to next year: no row is newer.",
            "Somebody set the timestamp by hand and got the year wrong; the newest object knows better.",
        ),
        Stop::Forgotten => pair(
            "supplier has lost its sequence id: a script deleted it.",
            "The objects are numbered, so it can be worked out; highwater never starts again at 1.",
        ),
        Stop::OutOfReach => pair(
            "Some rows of stock_count have no usable time: no run takes them.",
            "highwater only reads your database; its owner has to run the statement that corrects them.",
        ),
        Stop::Held => [
            row.map_or_else(String::new, held),
            "It may still add rows with older times: waiting is safe. If it hangs, its owner can end it."
                .to_owned(),
        ],
        Stop::Journal => pair(
            "Everything that was done is in the journal.",
            "When, who, which value, before, after, and why.",
        ),
        Stop::Revert => pair(
            "A change can be taken back.",
            "The edit form opens with the value that was there before.",
        ),
        Stop::Form => pair(
            "It shows what would be written, and what that means.",
            "This one would break again what you have just repaired.",
        ),
        Stop::End => pair(
            "That was all: every table moves again, and the reasons are known.",
            "For tables of your own, write a configuration with: highwater init",
        ),
    }
}

/// `payment is ingested up to 2026-05-16 10:50:30, object 12; 246 rows pending.`
fn of_row(row: &Row) -> String {
    let pending = row.counts().map_or(0, |known| known.value.pending);
    let rows = count(pending, "row");
    match (row.timestamp(), row.status().sequence_id()) {
        (Some(at), Some(id)) => format!(
            "{} is ingested up to {}, object {id}; {rows} pending.",
            row.digest().name,
            timestamp(at)
        ),
        _ => String::new(),
    }
}

fn waiting(row: Option<&Row>) -> String {
    let counts = row.and_then(Row::counts);
    count(counts.map_or(0, |known| known.value.pending), "row")
}

fn held(row: &Row) -> String {
    let holder = row
        .counts()
        .and_then(|known| known.value.horizon.holder.as_ref());
    let from = row.counts().and_then(|known| known.value.horizon.at);
    let unknown = || "An open transaction holds back everything newer than it.".to_owned();
    holder.map_or_else(unknown, |holder| {
        format!(
            "{} is holding back everything newer than {}.",
            visible(&holder.application),
            clock(from.unwrap_or(holder.since))
        )
    })
}

/// The key to press next, from where the user is.
#[must_use]
pub fn press(model: &Model, stop: Stop) -> String {
    if let Some(text) = in_box(model) {
        return text;
    }
    let key = |action| model.key(action);
    match stop {
        Stop::Row => on_table(model, stop, String::new()),
        Stop::Ingest | Stop::Moves => match model.stack.last() {
            Some(Screen::Plan(_)) => format!("{} carries out the plan", key(ActionId::RunPlan)),
            _ if is_busy(model, stop) => "it is being written".to_owned(),
            _ => on_table(model, stop, format!("{} plans it", key(ActionId::Ingest))),
        },
        Stop::Preview if model.stack.is_empty() => preview(model),
        Stop::Preview if model.viewer().is_some_and(is_waiting) => "they are being read".to_owned(),
        Stop::Stuck | Stop::Repair | Stop::InFuture | Stop::Forgotten => {
            trouble(model, stop, ActionId::Repair, "puts it right")
        }
        Stop::OutOfReach | Stop::Held => trouble(
            model,
            stop,
            ActionId::AskOwner,
            "has the demo's owner run it",
        ),
        Stop::Journal => format!("{} opens it", key(ActionId::Journal)),
        Stop::Revert => match model.stack.last() {
            Some(Screen::Journal(_)) if reason::revertible(model).is_ok() => {
                format!("{} opens the form", key(ActionId::Revert))
            }
            Some(Screen::Journal(_)) => {
                format!("{} to a repair of refund", key(ActionId::Down))
            }
            _ => format!("{} opens the journal", key(ActionId::Journal)),
        },
        Stop::Form => format!("{} leaves all as it is", key(ActionId::Abandon)),
        Stop::End if model.stack.is_empty() => {
            format!(
                "{} ends the tour; {} has all keys",
                key(ActionId::Clear),
                key(ActionId::Help)
            )
        }
        Stop::Preview | Stop::Lines | Stop::End => back(model),
    }
}

/// How to get to the next lines of a table that has any.
fn preview(model: &Model) -> String {
    let is_pending = |row: &Row| row.counts().is_some_and(|known| known.value.pending > 0);
    let current = model.tables.current();
    let mut rows = model.tables.visible();
    match rows.find(|row| is_pending(row)) {
        Some(row) if !current.is_some_and(is_pending) => towards(model, &row.digest().name),
        _ => format!("{} shows the next lines", model.key(ActionId::Preview)),
    }
}

const fn is_waiting(viewer: &Viewer) -> bool {
    matches!(viewer.answer, Answer::Waiting)
}

/// The key that a dialog over the screen is waiting for.
fn in_box(model: &Model) -> Option<String> {
    let key = |action| model.key(action);
    if let Some(question) = &model.question {
        return Some(match &question.strength {
            Strength::YesNo if question.strayed => {
                let [switch, choose] = [ActionId::Switch, ActionId::Choose].map(key);
                format!("{switch}, then {choose} does it")
            }
            Strength::YesNo => format!("{} does it", key(ActionId::Yes)),
            Strength::Typed(expected) => {
                let what = match expected {
                    Expected::Name(table) => visible(&table.to_string()),
                    Expected::Number(number) => number.to_string(),
                };
                format!("type {what}, then {}", key(ActionId::ChooseTyped))
            }
        });
    }
    if model.palette.is_some() {
        return Some(format!("{} takes it", key(ActionId::Run)));
    }
    if model.menu.is_some() {
        return Some(format!("{} takes it", key(ActionId::Pick)));
    }
    let prompt = model.prompt.as_ref();
    prompt.map(|_| format!("{} keeps the filter", key(ActionId::Accept)))
}

/// How to get to the stop's table in the list, and `then` what to do there.
fn on_table(model: &Model, stop: Stop, then: String) -> String {
    let table = stop.table();
    let row = model.row().map(|row| row.table().clone());
    if row == table && (model.stack.is_empty() || model.doctor().is_some()) {
        return then;
    }
    if !model.stack.is_empty() {
        return back(model);
    }
    let name = table.map_or_else(String::new, |table| visible(&table.to_string()));
    towards(model, &name)
}

fn towards(model: &Model, name: &str) -> String {
    let (down, up) = (model.key(ActionId::Down), model.key(ActionId::Up));
    format!("{down} and {up}: go to {name}")
}

fn back(model: &Model) -> String {
    format!("{} goes back", model.key(ActionId::Back))
}

fn is_busy(model: &Model, stop: Stop) -> bool {
    let table = stop.table();
    let row = table.and_then(|table| model.tables.row(&table));
    row.is_some_and(|row| row.job.is_some())
}

/// How to get to the stop's finding in the doctor, and what puts it right there.
fn trouble(model: &Model, stop: Stop, action: ActionId, does: &str) -> String {
    let Some(table) = stop.table() else {
        return String::new();
    };
    let doctor = model.doctor();
    let Some(doctor) = doctor.filter(|doctor| doctor.tables.contains(&table)) else {
        let then = format!("{} examines it", model.key(ActionId::Doctor));
        return on_table(model, stop, then);
    };
    // A transaction that holds back one table holds back all.
    let is_any = stop == Stop::Held;
    let is_it = |case: &&Case| {
        (is_any || case.table() == Some(&table)) && Some(case.diagnosis.code()) == stop.code()
    };
    match doctor.current().filter(is_it) {
        Some(case) if case.stage != Stage::Found => "it is being put right".to_owned(),
        Some(_) if doctor.is_awaited(Some(&table)) => "it is being examined again".to_owned(),
        Some(_) => format!("{} {does}", model.key(action)),
        None if doctor.cases.iter().any(|case| is_it(&case)) => {
            let code = stop.code().map_or("", |code| code.as_str());
            let whose = if is_any {
                String::new()
            } else {
                format!("{table} ")
            };
            towards(model, &format!("{whose}{code}"))
        }
        None if doctor.under_way().is_some() => "the tables are being examined".to_owned(),
        None => format!("{} examines them again", model.key(ActionId::Refresh)),
    }
}
