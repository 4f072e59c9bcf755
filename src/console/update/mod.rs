//! Applies a message to the model, purely and synchronously. Anything to be done outside the model is returned as
//! effects.
//!
//! | module | what it does |
//! |---|---|
//! | `keys`, `typing`, `mouse`, `perform` | from a key or a click to an action, and from the action to what it does |
//! | `moving`, `opening`, `tabs`, `choosing` | cursors and marks, screens, the page of a table, menus and the palette |
//! | `refresh`, `sweeping` | asks for the list of tables and for their state |
//! | `answers`, `writing`, `holding` | handles news of jobs that ask, of jobs that write, and of their queue |
//! | `editing`, `reverting`, `backfilling`, `interrupted` | the forms of an edit and of a backfill |
//! | `examining`, `repairing`, `owning` | the doctor: findings, repairs, and what needs the owner of the database |
//! | `questions` | what must be confirmed before it is done |
//! | `external`, `touring` | lending the terminal to an editor or a pager; the tour of the demo |

mod answers;
mod backfilling;
mod choosing;
mod editing;
mod examining;
mod external;
mod holding;
mod interrupted;
mod keys;
mod mouse;
mod moving;
mod opening;
mod owning;
mod perform;
mod questions;
mod refresh;
mod repairing;
mod reverting;
mod sweeping;
mod tabs;
mod touring;
mod typing;
mod writing;

use super::describe;
use super::effect::Effect;
use super::message::Message;
use super::model::ledger::Subject;
use super::model::{Answer, Model, Screen, Tone};
use crate::vocabulary::Watermark;

/// Time between two frames of an animation, in microseconds.
const ANIMATION: i64 = 100_000;
const SECOND: i64 = 1_000_000;

/// Returns the first requests.
pub fn start(model: &mut Model) -> Vec<Effect> {
    touring::announce(model);
    refresh::ask_tables(model)
}

/// Applies a message to the model.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    if let Message::Tick(now) = message {
        return tick(model, now);
    }
    model.dirty = true;
    // News of jobs may arrive by the thousand, so lists are settled only once, before the next frame.
    let is_news = matches!(message, Message::Job(_));
    let mut effects = match message {
        Message::Tick(_) => Vec::new(),
        Message::Key(key) => keys::press(model, key),
        Message::Mouse(event) => mouse::event(model, event),
        Message::Paste(text) => typing::paste(model, &text),
        Message::Job(event) => answers::take(model, event),
        Message::Resize(columns, lines) => {
            model.size = (columns, lines);
            // A column scrolled to for another width could hide parts of lines that fit now.
            if let Some(viewer) = model.viewer_mut() {
                viewer.column = 0;
            }
            Vec::new()
        }
        Message::Saved(done) => {
            choosing::saved(model, done);
            Vec::new()
        }
        Message::ReasonWritten(written) => {
            external::reason_written(model, written);
            Vec::new()
        }
        Message::Shown(done) => {
            external::shown(model, done);
            Vec::new()
        }
        Message::Owned {
            table,
            statement,
            done,
        } => owning::done(model, &table, &statement, done),
        Message::Resumed => vec![Effect::CaptureMouse(model.mouse), Effect::Repaint],
    };
    if is_news {
        questions::keep_up(model);
        model.tables.unsettled = true;
    } else {
        settle(model);
    }
    effects.extend(tabs::follow(model));
    effects.extend(tabs::go_on(model));
    effects
}

/// Brings lists and cursors in line with the news since the last frame.
pub fn before_frame(model: &mut Model) {
    if model.tables.unsettled {
        settle(model);
    }
}

/// Records that a frame has been drawn: the question on it can be read from now on.
pub const fn after_frame(model: &mut Model, now: Watermark) {
    if let Some(question) = &mut model.question
        && question.seen.is_none()
    {
        question.seen = Some(now);
    }
}

fn tick(model: &mut Model, now: Watermark) -> Vec<Effect> {
    let second = |at: Watermark| at.micros().div_euclid(SECOND);
    let turned = second(now) != second(model.now);
    model.now = now;
    model.ledger.look_at_clock(now);
    if turned || is_moving(model) {
        model.dirty = true;
    }
    if model
        .notice
        .as_ref()
        .is_some_and(|notice| notice.until.is_some_and(|until| until <= now))
    {
        model.notice = None;
    }
    let mut effects = sweeping::tick(model);
    effects.extend(editing::tick(model));
    effects.extend(examining::foresee(model));
    if turned || !effects.is_empty() {
        settle(model);
    }
    effects
}

/// Brings lists and cursors in line with the state of the model.
fn settle(model: &mut Model) {
    model.tables.unsettled = false;
    touring::follow(model);
    if let Some(page) = describe::follow(model)
        && let Some(Screen::Details(shown)) = model.stack.last_mut()
    {
        *shown = page;
    }
    model.tables.settle(model.now, model.body_height());
    editing::follow(model);
    let columns = model.width();
    match model.stack.last_mut() {
        Some(Screen::Plan(plan)) => plan.lay_out(columns),
        Some(Screen::BackfillPlan(plans)) => plans.lay_out(columns),
        Some(Screen::Jobs(queue)) => queue.follow(&model.jobs),
        _ => {}
    }
    moving::keep(model);
}

/// How long nothing on the screen will change by itself, in microseconds.
#[must_use]
pub fn rest(model: &Model) -> i64 {
    if is_moving(model) {
        ANIMATION
    } else {
        SECOND - model.now.micros().rem_euclid(SECOND)
    }
}

/// Whether the screen shows an animation.
fn is_moving(model: &Model) -> bool {
    let tables = &model.tables;
    let waits = match model.stack.last() {
        _ if model
            .doctor()
            .is_some_and(|doctor| doctor.under_way().is_some()) =>
        {
            true
        }
        Some(Screen::Plan(plan)) => matches!(plan.answer, Answer::Waiting),
        Some(Screen::BackfillPlan(plans)) => plans.is_waiting(),
        Some(Screen::Viewer(viewer)) => matches!(viewer.answer, Answer::Waiting),
        Some(Screen::Journal(journal)) => {
            matches!(journal.answer, Answer::Waiting) || journal.search.is_some()
        }
        Some(Screen::Table(page)) => {
            matches!(page.objects.answer, Answer::Waiting)
                || model.ledger.is_open(Subject::OlderObjects)
                || matches!(page.history, Answer::Waiting)
                || model
                    .viewer()
                    .is_some_and(|viewer| matches!(viewer.answer, Answer::Waiting))
        }
        Some(Screen::Edit(form)) => form.changed || matches!(form.plan, Some(Answer::Waiting)),
        _ => false,
    };
    waits
        || model.jobs.is_any_turning()
        || !tables.loaded && tables.trouble.is_none()
        || tables.is_filling()
}

/// Says why something cannot be done.
fn refuse(model: &mut Model, what: &str, why: &str) -> Vec<Effect> {
    model.say(Tone::Warning, format!("{what}: {why}"));
    Vec::new()
}

#[cfg(test)]
pub use perform::perform as perform_for_tests;
#[cfg(test)]
pub use writing::ingest as ingest_for_tests;
