//! From an action to what it does.

use tui_input::Input;

use super::{describe, editing, moving, opening, questions, refresh, typing, writing};
use crate::console::action::ActionId;
use crate::console::effect::Effect;
use crate::console::model::scroll::Step;
use crate::console::model::{Model, Prompt, Screen, Tone};

/// Does it. Whoever calls has asked whether the action is enabled.
pub fn perform(model: &mut Model, action: ActionId) -> Vec<Effect> {
    match action {
        ActionId::Interrupt
        | ActionId::Suspend
        | ActionId::Repaint
        | ActionId::Copy
        | ActionId::Mouse
        | ActionId::Quit => program(model, action),
        ActionId::Up
        | ActionId::Down
        | ActionId::PageUp
        | ActionId::PageDown
        | ActionId::First
        | ActionId::Last => step(model, action),
        ActionId::Help => opening::toggle_help(model),
        ActionId::Jobs => opening::jobs(model),
        ActionId::Journal => opening::journal(model),
        ActionId::Command => opening::details(model, describe::command),
        ActionId::Details => opening::details(model, describe::selected),
        ActionId::Ingest => opening::plan(model),
        ActionId::Preview => opening::preview(model),
        ActionId::LastObject => opening::last_object(model),
        ActionId::Edit => opening::edit(model),
        ActionId::Back => opening::back(model),
        ActionId::Refresh => refresh::now(model),
        ActionId::CancelJob => writing::cancel(model),
        ActionId::Retry => writing::retry(model),
        ActionId::RunPlan => questions::ask_ingest(model),
        ActionId::Apply => questions::ask_apply(model),
        ActionId::Force => editing::toggle_force(model),
        ActionId::NextField => editing::go(model, true),
        ActionId::PreviousField => editing::go(model, false),
        ActionId::Yes => questions::answer(model, true),
        ActionId::No => questions::answer(model, false),
        ActionId::Choose => questions::choose(model),
        ActionId::Switch => questions::switch(model),
        ActionId::ChooseTyped => questions::choose_typed(model),
        ActionId::Abandon => abandon(model),
        ActionId::Accept => accept(model),
        ActionId::Filter | ActionId::Search => prompt(model),
        ActionId::Clear
        | ActionId::Mark
        | ActionId::MarkAll
        | ActionId::MarkRange
        | ActionId::Sort
        | ActionId::Age => list(model, action),
        ActionId::Pretty
        | ActionId::NextMatch
        | ActionId::PreviousMatch
        | ActionId::Left
        | ActionId::Right => viewer(model, action),
    }
}

fn program(model: &mut Model, action: ActionId) -> Vec<Effect> {
    match action {
        ActionId::Interrupt => questions::interrupt(model),
        ActionId::Suspend => vec![Effect::Suspend],
        ActionId::Repaint => vec![Effect::Repaint],
        ActionId::Copy => copy(model),
        ActionId::Mouse => {
            model.mouse = !model.mouse;
            let whose = if model.mouse {
                "the console"
            } else {
                "the terminal; select text"
            };
            model.say(Tone::Text, format!("the mouse belongs to {whose}"));
            vec![Effect::CaptureMouse(model.mouse)]
        }
        _ => questions::quit(model),
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some((what, text)) = describe::copied(model) else {
        return Vec::new();
    };
    model.say(Tone::Text, format!("copied: {what}"));
    vec![Effect::Copy(text)]
}

fn step(model: &mut Model, action: ActionId) -> Vec<Effect> {
    let page = moving::page(model);
    moving::step(
        model,
        match action {
            ActionId::Up => Step::Up(1),
            ActionId::Down => Step::Down(1),
            ActionId::PageUp => Step::Up(page),
            ActionId::PageDown => Step::Down(page),
            ActionId::First => Step::First,
            _ => Step::Last,
        },
    );
    Vec::new()
}

fn prompt(model: &mut Model) -> Vec<Effect> {
    let before = typing::prompt_text(model);
    model.notice = None;
    model.prompt = Some(Prompt {
        input: Input::new(before.clone()),
        before,
    });
    Vec::new()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    model.prompt = None;
    if let Some(Screen::Viewer(viewer)) = model.stack.last_mut()
        && !viewer.search.is_empty()
        && !viewer.find(true)
    {
        let text = format!("{} is not there", viewer.search);
        model.say(Tone::Warning, text);
    }
    Vec::new()
}

fn abandon(model: &mut Model) -> Vec<Effect> {
    if model.question.take().is_some() {
        model.say(Tone::Dim, "all is left as it is");
        return Vec::new();
    }
    if let Some(prompt) = model.prompt.take() {
        typing::apply_prompt(model, &prompt.before);
        return Vec::new();
    }
    opening::back(model)
}

fn list(model: &mut Model, action: ActionId) -> Vec<Effect> {
    match action {
        ActionId::Mark => moving::mark(model),
        ActionId::MarkAll => moving::mark_all(model),
        ActionId::MarkRange => moving::mark_range(model),
        ActionId::Sort => {
            model.tables.sort = model
                .tables
                .sort
                .choose(crate::console::model::sort::SortColumn::Pending)
        }
        ActionId::Age => model.tables.age = !model.tables.age,
        _ => moving::clear(model),
    }
    Vec::new()
}

fn viewer(model: &mut Model, action: ActionId) -> Vec<Effect> {
    const SIDEWAYS: usize = 8;
    let Some(Screen::Viewer(viewer)) = model.stack.last_mut() else {
        return Vec::new();
    };
    let mut found = true;
    match action {
        ActionId::Pretty => viewer.toggle_pretty(),
        ActionId::NextMatch => found = viewer.find(true),
        ActionId::PreviousMatch => found = viewer.find(false),
        ActionId::Left => viewer.column = viewer.column.saturating_sub(SIDEWAYS),
        _ => viewer.column += SIDEWAYS,
    }
    if !found {
        let text = format!("{} is not there", viewer.search);
        model.say(Tone::Warning, text);
    }
    Vec::new()
}
