//! Draws the edit form, a dialog over the Tables screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::form::{self, FormLines, LABEL};
use super::lapse::in_words;
use crate::backend::edits::Which;
use crate::console::describe;
use crate::console::model::edit::{EditForm, Field};
use crate::console::model::ledger::Subject;
use crate::console::model::{Answer, Model, Said};
use crate::console::widgets::field::field;
use crate::console::widgets::spinner::spinner;
use crate::figures::timestamp;
use crate::text::{cut, visible, width};
use crate::vocabulary::Watermark;

/// Minimum number of lines of the form: a change of both values, and what it means.
const LINES: usize = 14;
/// Minimum width of a field if the stored value is in front of it.
const TYPED: usize = 16;

/// Draws the form.
pub fn draw(model: &Model, form: &EditForm, frame: &mut Frame<'_>, area: Rect) {
    let columns = form::columns(area);
    let mut lines = lines(model, form, columns);
    // Lines that come and go as the user types would move the box before their eyes.
    let least = LINES.min(usize::from(area.height).saturating_sub(form::BORDERS));
    lines.resize_with(lines.len().max(least), || (false, Line::default()));
    let title = format!("Edit {}", visible(&form.table.to_string()));
    form::draw(model, &title, &lines, frame, area);
}

/// The lines of the form, each paired with whether it contains the current field.
fn lines(model: &Model, form: &EditForm, columns: usize) -> FormLines {
    let mut lines = Vec::new();
    let stored = &form.stored;
    let before = stored.timestamp.as_ref().map(|at| timestamp(at.value));
    lines.extend(input(
        model,
        form,
        Field::Timestamp,
        before.as_deref(),
        columns,
    ));
    let said = match form.new_timestamp() {
        Ok(Some(at)) => vec![Said::dim(told(at, form))],
        Ok(None) => vec![Said::dim(
            "unchanged; 2026-05-16 10:50, -2h, yesterday 09:00",
        )],
        Err(wrong) => vec![Said::warning(wrong)],
    };
    form::say(model, &said, columns, &mut lines);
    let told = describe::moved_of(Which::Timestamp, form);
    form::say(model, told.as_slice(), columns, &mut lines);
    let before = stored.sequence_id.as_ref().map(|id| id.value.to_string());
    lines.extend(input(
        model,
        form,
        Field::SequenceId,
        before.as_deref(),
        columns,
    ));
    form::say(model, &sequence(form), columns, &mut lines);
    let told = describe::moved_of(Which::SequenceId, form);
    form::say(model, told.as_slice(), columns, &mut lines);
    lines.extend(input(model, form, Field::Reason, None, columns));
    if let Some(trouble) = &form.trouble {
        let said = Said::warning(trouble.clone());
        form::say(model, &[said], columns, &mut lines);
    }
    if let Some(plan) = &form.plan {
        lines.push((false, Line::default()));
        let said = match plan {
            _ if form.changed => vec![counting(model)],
            Answer::Waiting => vec![counting(model)],
            Answer::Ready(plan) => describe::edit_writes(form, plan),
            Answer::Failed(failure) => describe::failure(model, failure).lines,
        };
        form::label("writes", &said, model, columns, &mut lines);
    }
    lines
}

/// Says that what an edit would do is being counted.
fn counting(model: &Model) -> Said {
    let waited = super::for_how_long(model, Subject::EditPlan);
    let text = format!("{} counting{waited}", spinner(model.now));
    Said::dim(text)
}

/// `is 2026-05-16 08:50:30.123 UTC, 1 h 59 min earlier`
fn told(at: Watermark, form: &EditForm) -> String {
    let is = format!("is {} UTC", timestamp(at));
    let Some(stored) = &form.stored.timestamp else {
        return is;
    };
    let moved = at.micros() - stored.value.micros();
    match moved {
        0 => format!("{is}, as stored"),
        ..0 => format!("{is}, {} earlier", in_words(-moved)),
        1.. => format!("{is}, {} later", in_words(moved)),
    }
}

fn sequence(form: &EditForm) -> Vec<Said> {
    match form.new_sequence_id() {
        Ok(None) => vec![Said::dim(format!(
            "unchanged; {} is the next",
            form.next_sequence_id()
        ))],
        Ok(Some(_)) if form.is_forced() => vec![Said::error(format!(
            "forced: {} is the next; ingestion will stop at an existing object, or leave a gap",
            form.next_sequence_id()
        ))],
        Ok(Some(given)) if given != form.next_sequence_id() => {
            let said = if form.force {
                "the stored one, written again to continue after it"
            } else {
                "is the stored one"
            };
            vec![Said::dim(said)]
        }
        Ok(Some(_)) => vec![Said::ok("is the next")],
        Err(wrong) => vec![Said::warning(wrong)],
    }
}

/// A field, with the stored value in front of it, or above it if there is little room.
fn input(
    model: &Model,
    form: &EditForm,
    which: Field,
    before: Option<&str>,
    columns: usize,
) -> FormLines {
    let theme = &model.theme;
    let (name, typed): (&str, &Input) = match which {
        Field::Timestamp => ("timestamp", &form.timestamp),
        Field::SequenceId => ("sequence id", &form.sequence_id),
        Field::Reason => ("reason", &form.reason),
    };
    let focused = form.field == which && model.question.is_none();
    let emphasis = if focused { theme.accent } else { theme.dim };
    let mut spans = vec![Span::styled(format!("{name:LABEL$}"), emphasis)];
    let mut room = columns.saturating_sub(LABEL);
    let mut lines = Vec::new();
    if which != Field::Reason {
        let before = before.unwrap_or("nothing");
        spans.push(Span::raw(cut(before, room)));
        if room < width(before) + 3 + TYPED {
            lines.push((false, Line::from(std::mem::take(&mut spans))));
            spans.push(Span::raw(" ".repeat(LABEL)));
        } else {
            spans.push(Span::raw(" "));
            room -= width(before) + 1;
        }
        spans.push(Span::raw("→ "));
        room = room.saturating_sub(2);
    }
    spans.extend(field(typed, room, focused, theme));
    lines.push((focused, Line::from(spans)));
    lines
}
