//! Text input.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use super::{backfilling, choosing, editing, questions};
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::console::model::filter::Filter;
use crate::console::model::page::TablePage;
use crate::console::model::question::Strength;
use crate::console::model::words::Words;
use crate::console::model::{Model, Screen, Tone};
use crate::figures::{length, thousands};

/// Maximum number of characters taken from pasted text. Nothing that belongs in a field is that long,
/// and anything longer would be parsed again on every key.
const PASTED: usize = 4_096;

/// Passes a key that is not an action to the current field, if there is one.
pub fn key(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    let commands = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER;
    if let (Scope::Menu, KeyCode::Char(letter)) = (model.scope(), event.code)
        && !event.modifiers.intersects(commands)
    {
        return choosing::letter(model, letter);
    }
    let Some(request) = request(event) else {
        return Vec::new();
    };
    if model.scope() == Scope::Question && matches!(request, InputRequest::InsertChar(_)) {
        questions::stray(model);
    } else {
        begin_anew(model, matches!(request, InputRequest::InsertChar(_)));
        if let Some(input) = field(model) {
            input.handle(request);
            typed(model);
        }
    }
    Vec::new()
}

/// When text is first typed or pasted over an older filter, it replaces that; after any other key, the
/// filter is edited.
fn begin_anew(model: &mut Model, is_text: bool) {
    if let Some(prompt) = &mut model.prompt
        && std::mem::take(&mut prompt.replaces)
        && is_text
    {
        prompt.input = Input::default();
    }
}

/// Inserts pasted text as a single line.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    begin_anew(model, true);
    let Some(input) = field(model) else {
        model.say(Tone::Dim, "there is no field here to paste into");
        return Vec::new();
    };
    let text = text.trim_end();
    *input = with_pasted(input, text);
    typed(model);
    if text.chars().nth(PASTED).is_some() {
        let most = thousands(length(PASTED));
        let text = format!("too long: the first {most} characters were taken");
        model.say(Tone::Warning, text);
    }
    Vec::new()
}

/// The field with text inserted at its cursor.
fn with_pasted(input: &Input, text: &str) -> Input {
    let pasted = text.chars().take(PASTED);
    let pasted = pasted.map(|c| if c.is_control() { ' ' } else { c });
    let (mut value, cursor) = (String::new(), input.cursor());
    value.extend(input.value().chars().take(cursor));
    value.extend(pasted);
    let place = value.chars().count();
    value.extend(input.value().chars().skip(cursor));
    Input::new(value).with_cursor(place)
}

fn field(model: &mut Model) -> Option<&mut Input> {
    if let Some(question) = &mut model.question {
        return matches!(question.strength, Strength::Typed(_)).then_some(&mut question.typed);
    }
    if let Some(palette) = &mut model.palette {
        return Some(&mut palette.input);
    }
    if let Some(prompt) = &mut model.prompt {
        return Some(&mut prompt.input);
    }
    match model.stack.last_mut() {
        Some(Screen::Edit(form)) => {
            form.trouble = None;
            Some(form.input())
        }
        Some(Screen::Backfill(form)) => Some(form.input_mut()),
        _ => None,
    }
}

/// Applies what is typed at once.
fn typed(model: &mut Model) {
    if let Some(question) = &mut model.question {
        question.complaint = None;
    } else if model.palette.is_some() {
        choosing::search(model);
    } else if let Some(prompt) = &model.prompt {
        let text = prompt.input.value().to_owned();
        apply_prompt(model, &text);
    } else {
        // The notice was about what had been typed before.
        model.notice = None;
        editing::changed(model);
        backfilling::changed(model);
    }
}

/// Filters or searches for `text` on the screen in front.
pub fn apply_prompt(model: &mut Model, text: &str) {
    if let Some(doctor) = model.doctor_mut() {
        return doctor.show_only(text);
    }
    match model.stack.last_mut() {
        None => model.tables.filter = Filter::parse(text),
        Some(Screen::Jobs(queue)) => queue.filter = Words::parse(text),
        Some(Screen::Journal(journal)) => journal.filter = Words::parse(text),
        Some(Screen::Help(help)) => help.filter = Words::parse(text),
        Some(Screen::Table(page)) if page.filter().is_some() => page.show_only(Words::parse(text)),
        Some(_) => {
            if let Some(viewer) = model.viewer_mut() {
                text.clone_into(&mut viewer.search);
            }
        }
    }
}

/// The text that the prompt of the screen in front starts with.
#[must_use]
pub fn prompt_text(model: &Model) -> String {
    if let Some(doctor) = model.doctor() {
        return doctor.filter().to_owned();
    }
    if let Some(filter) = model.page().and_then(TablePage::filter) {
        return filter.text.clone();
    }
    match model.stack.last() {
        None => model.tables.filter.text.clone(),
        Some(Screen::Jobs(queue)) => queue.filter.text.clone(),
        Some(Screen::Journal(journal)) => journal.filter.text.clone(),
        Some(Screen::Help(help)) => help.filter.text.clone(),
        Some(_) => model
            .viewer()
            .map_or_else(String::new, |viewer| viewer.search.clone()),
    }
}

const fn request(event: KeyEvent) -> Option<InputRequest> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(match event.code {
        KeyCode::Char('a') if ctrl => InputRequest::GoToStart,
        KeyCode::Char('e') if ctrl => InputRequest::GoToEnd,
        KeyCode::Char('u') if ctrl => InputRequest::DeleteFromStart,
        KeyCode::Char('k') if ctrl => InputRequest::DeleteTillEnd,
        KeyCode::Char('w') if ctrl => InputRequest::DeletePrevWord,
        // Many terminals send this for Backspace (stty(1), erase).
        KeyCode::Char('h') if ctrl => InputRequest::DeletePrevChar,
        KeyCode::Char('b') if alt => InputRequest::GoToPrevWord,
        KeyCode::Char('f') if alt => InputRequest::GoToNextWord,
        KeyCode::Char(c) if !ctrl && !alt => InputRequest::InsertChar(c),
        KeyCode::Backspace if alt || ctrl => InputRequest::DeletePrevWord,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if ctrl || alt => InputRequest::GoToPrevWord,
        KeyCode::Right if ctrl || alt => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}
