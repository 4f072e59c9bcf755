//! From an action to what it does.

use tui_input::Input;

use super::{
    backfilling, choosing, editing, examining, external, holding, interrupted, moving, opening,
    owning, questions, refresh, refuse, repairing, reverting, tabs, touring, typing, writing,
};
use crate::config::ThemeChoice;
use crate::console::action::{Action, ActionId};
use crate::console::describe;
use crate::console::effect::{Effect, Tool};
use crate::console::model::page::Tab;
use crate::console::model::scroll::{Direction, Step};
use crate::console::model::viewer::Viewer;
use crate::console::model::{Model, Prompt, Screen, Tone};
use crate::text::visible;

/// Columns that line numbers and the margin take.
const NUMBERS: usize = 8;

/// Performs the action if the profile allows it and it is possible now; otherwise says why not.
pub fn try_action(model: &mut Model, action: &Action) -> Vec<Effect> {
    if !action.is_allowed(model.facts.safety) {
        let why = model.facts.read_only();
        return refuse(model, action.label, &why);
    }
    match (action.enabled)(model) {
        Ok(()) => perform(model, action.id),
        Err(why) => refuse(model, action.label, &why),
    }
}

/// Performs an action. The caller has checked that it is enabled.
///
/// Every action is named here and there is no catch-all arm: a new action does not compile until this
/// function says what it does.
pub fn perform(model: &mut Model, action: ActionId) -> Vec<Effect> {
    match action {
        ActionId::Interrupt => questions::interrupt(model),
        ActionId::Suspend => vec![Effect::Suspend],
        ActionId::Repaint => vec![Effect::Repaint],
        ActionId::Theme => theme(model),
        ActionId::Mouse => mouse(model),
        ActionId::Quit => questions::quit(model),
        ActionId::Up => step(model, Step::Up(1)),
        ActionId::Down => step(model, Step::Down(1)),
        ActionId::PageUp => turn_page(model, Step::Up),
        ActionId::PageDown => turn_page(model, Step::Down),
        ActionId::First => step(model, Step::First),
        ActionId::Last => step(model, Step::Last),
        ActionId::Clear => moving::clear(model),
        ActionId::Mark => moving::mark(model),
        ActionId::MarkAll => moving::mark_all(model),
        ActionId::MarkRange => moving::mark_range(model),
        ActionId::Age => age(model),
        ActionId::Pretty => view(model, Viewer::toggle_pretty),
        ActionId::Left => view(model, Viewer::left),
        ActionId::Right => view(model, Viewer::right),
        ActionId::NextMatch => find(model, |viewer, room| viewer.find(Direction::Forward, room)),
        ActionId::PreviousMatch => {
            find(model, |viewer, room| viewer.find(Direction::Backward, room))
        }
        ActionId::Help => touring::help(model),
        ActionId::Tour => touring::toggle(model),
        ActionId::Jobs => opening::jobs(model),
        ActionId::Journal => opening::journal(model),
        ActionId::Command => opening::details(model, describe::command_page),
        ActionId::FormCommand => form_command(model),
        ActionId::Details => opening::details(model, describe::selected),
        ActionId::Trouble => opening::details(model, describe::trouble),
        ActionId::Palette => choosing::palette(model),
        ActionId::Copy => choosing::copy(model),
        ActionId::Export => choosing::export(model),
        ActionId::Sort => choosing::sort(model),
        ActionId::ChooseColumns => choosing::columns(model),
        ActionId::Pick => choosing::pick(model),
        ActionId::Run => choosing::run(model),
        ActionId::NextItem => choosing::step(model, Direction::Forward),
        ActionId::PreviousItem => choosing::step(model, Direction::Backward),
        ActionId::OpenItem => tabs::open_item(model),
        ActionId::NextTab => tabs::turn(model, Direction::Forward),
        ActionId::PreviousTab => tabs::turn(model, Direction::Backward),
        ActionId::OpenTable | ActionId::ShowState => tabs::show(model, Tab::State),
        ActionId::ShowObjects => tabs::show(model, Tab::Objects),
        ActionId::ShowHistory => tabs::show(model, Tab::History),
        ActionId::ShowPreview => tabs::show(model, Tab::Preview),
        ActionId::ShowFindings => tabs::show(model, Tab::Findings),
        ActionId::ShowColumns => tabs::show(model, Tab::Columns),
        ActionId::Backfill => backfilling::open(model),
        ActionId::PlanBackfill => backfilling::plan(model),
        ActionId::RunBackfill => backfilling::ask_to_run(model),
        ActionId::TakeOver => interrupted::take_over(model),
        ActionId::ForgetBackfill => interrupted::ask_to_forget(model),
        ActionId::Doctor => examining::open(model),
        ActionId::Repair => repairing::offer(model),
        ActionId::RepairAll => repairing::offer_all(model),
        ActionId::AskOwner => owning::offer(model),
        ActionId::Revert => reverting::offer(model),
        ActionId::Ingest => opening::plan(model),
        ActionId::Preview => opening::preview(model),
        ActionId::LastObject => opening::last_object(model),
        ActionId::Edit => opening::edit(model),
        ActionId::Back => opening::leave(model),
        ActionId::Refresh => refresh::now(model),
        ActionId::CancelJob => holding::cancel(model),
        ActionId::CancelQueue => holding::cancel_queue(model),
        ActionId::Retry => writing::retry(model),
        ActionId::RunPlan => questions::ask_ingest(model),
        ActionId::Apply => questions::ask_apply(model),
        ActionId::Force => editing::toggle_force(model),
        ActionId::WriteReason => external::write_reason(model),
        ActionId::Pager => external::show(model, Tool::Pager),
        ActionId::Editor => external::show(model, Tool::Editor),
        ActionId::NextField => editing::go(model, Direction::Forward),
        ActionId::PreviousField => editing::go(model, Direction::Backward),
        ActionId::Yes => questions::answer(model, true),
        ActionId::No => questions::answer(model, false),
        ActionId::Choose => questions::choose(model),
        ActionId::Switch => questions::switch(model),
        ActionId::ChooseTyped => questions::choose_typed(model),
        ActionId::Abandon => abandon(model),
        ActionId::Accept => accept(model),
        ActionId::Filter => filter(model),
        // A search starts empty; Enter alone repeats the one before.
        ActionId::Search => prompt(model, String::new()),
    }
}

/// Switches to the next theme. If colours are not allowed, there is nothing to choose from.
fn theme(model: &mut Model) -> Vec<Effect> {
    if model.looks.no_color {
        return refuse(model, "theme", "NO_COLOR or --no-color allows no colour");
    }
    let (next, name) = match model.looks.colours {
        ThemeChoice::Terminal => (ThemeChoice::Dark, "dark"),
        ThemeChoice::Dark => (ThemeChoice::Light, "light"),
        ThemeChoice::Light => (ThemeChoice::Plain, "plain"),
        ThemeChoice::Plain => (ThemeChoice::Terminal, "the terminal's own"),
    };
    model.dress(next);
    model.say(Tone::Text, format!("colours: {name}"));
    vec![Effect::Remember(model.preferences())]
}

/// Gives the mouse to the terminal, or takes it back.
fn mouse(model: &mut Model) -> Vec<Effect> {
    model.mouse = !model.mouse;
    let whose = if model.mouse {
        "the console"
    } else {
        "the terminal; select text"
    };
    model.say(Tone::Text, format!("the mouse belongs to {whose}"));
    vec![Effect::CaptureMouse(model.mouse)]
}

/// Scrolls the question in front if there is one, otherwise the screen.
fn step(model: &mut Model, step: Step) -> Vec<Effect> {
    if model.question.is_some() {
        choosing::scroll(model, step);
    } else {
        moving::step(model, step);
    }
    Vec::new()
}

fn turn_page(model: &mut Model, by: fn(usize) -> Step) -> Vec<Effect> {
    let lines = moving::page(model);
    step(model, by(lines))
}

/// Opens the command that does what is typed in the form, or says what is missing.
fn form_command(model: &mut Model) -> Vec<Effect> {
    match describe::form_command_page(model) {
        Ok(page) => opening::open(model, Screen::Details(page)),
        Err(why) => refuse(model, "command", &visible(&why)),
    }
}

fn filter(model: &mut Model) -> Vec<Effect> {
    let before = typing::prompt_text(model);
    prompt(model, before)
}

fn prompt(model: &mut Model, text: String) -> Vec<Effect> {
    let before = typing::prompt_text(model);
    let replaces = !text.is_empty();
    let input = Input::new(text);
    model.notice = None;
    model.prompt = Some(Prompt {
        input,
        before,
        replaces,
    });
    Vec::new()
}

/// Goes to the first match of a new search, or to the next one of the search before; a filter has already taken effect
/// while it was typed.
fn accept(model: &mut Model) -> Vec<Effect> {
    let prompt = model.prompt.take();
    let is_new = prompt.is_some_and(|prompt| !prompt.input.value().is_empty());
    let searches = model
        .viewer()
        .is_some_and(|viewer| !viewer.search.is_empty());
    if searches && is_new {
        return find(model, Viewer::find_first);
    }
    if searches {
        return perform(model, ActionId::NextMatch);
    }
    opening::search_journal(model)
}

fn abandon(model: &mut Model) -> Vec<Effect> {
    if model.question.is_some() {
        return questions::put_aside(model);
    }
    if model.palette.take().is_some() || model.menu.take().is_some() {
        return Vec::new();
    }
    if let Some(prompt) = model.prompt.take() {
        typing::apply_prompt(model, &prompt.before);
        return Vec::new();
    }
    opening::back(model)
}

/// Toggles between timestamps and their ages.
fn age(model: &mut Model) -> Vec<Effect> {
    model.tables.age = !model.tables.age;
    vec![Effect::Remember(model.preferences())]
}

/// Changes how the lines in front are displayed.
fn view(model: &mut Model, change: fn(&mut Viewer)) -> Vec<Effect> {
    if let Some(viewer) = model.viewer_mut() {
        change(viewer);
    }
    Vec::new()
}

/// Goes to a match of the search, or says that there is none.
fn find(model: &mut Model, go: impl FnOnce(&mut Viewer, usize) -> bool) -> Vec<Effect> {
    let room = model.width().saturating_sub(NUMBERS);
    let found = model.viewer_mut().is_some_and(|viewer| go(viewer, room));
    if found {
        // An earlier search may have found nothing.
        model.notice.take_if(|notice| notice.tone == Tone::Warning);
    } else {
        let text = describe::not_found(model);
        model.say(Tone::Warning, text);
    }
    Vec::new()
}
