//! Draws backfills: the form and the plan.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::form::{self, FormLines, LABEL};
use super::{page, waiting};
use crate::console::action::ActionId;
use crate::console::model::backfill::{BackfillForm, BackfillPlans, Field};
use crate::console::model::ledger::Subject;
use crate::console::model::{Model, Said};
use crate::console::widgets::field::field;
use crate::console::widgets::spinner::spinner;
use crate::console::widgets::{put, spread};
use crate::figures::{count, days, length, timestamp};
use crate::text::visible;

/// Minimum number of lines of the form: four fields, two of which need more than one line of text.
const LINES: usize = 10;

/// Draws the form.
pub fn draw_form(model: &Model, form: &BackfillForm, frame: &mut Frame<'_>, area: Rect) {
    let columns = form::columns(area);
    let what = match form.tables.as_slice() {
        [(table, _)] => visible(&table.to_string()),
        tables => count(length(tables.len()), "table"),
    };
    let mut lines = FormLines::new();
    for which in Field::ALL {
        lines.push(input(model, form, which, columns));
        let said = match which {
            Field::From => from(form),
            Field::To => to(form),
            Field::Chunk => chunk(form),
            Field::Resume => resume(model, form),
        };
        form::say(model, &[said], columns, &mut lines);
    }
    // The text about a field may take a line more or less as the user types, which would move the box.
    let least = LINES.min(usize::from(area.height).saturating_sub(form::BORDERS));
    lines.resize_with(lines.len().max(least), || (false, Line::default()));
    let title = format!("Backfill {what}");
    form::draw(model, &title, &lines, frame, area);
}

fn input(
    model: &Model,
    form: &BackfillForm,
    which: Field,
    columns: usize,
) -> (bool, Line<'static>) {
    let theme = &model.theme;
    let focused = form.field == which;
    let emphasis = if focused { theme.accent } else { theme.dim };
    let mut spans = vec![Span::styled(format!("{:LABEL$}", which.label()), emphasis)];
    let room = columns.saturating_sub(LABEL);
    spans.extend(field(form.input(which), room, focused, theme));
    (focused, Line::from(spans))
}

fn from(form: &BackfillForm) -> Said {
    match form.from() {
        Ok(Some(at)) => Said::dim(format!("is {} UTC, inclusive", timestamp(at))),
        Ok(None) => Said::dim("2026-05-16 10:50, -2h, yesterday 09:00; inclusive"),
        Err(wrong) => Said::warning(visible(&wrong)),
    }
}

fn to(form: &BackfillForm) -> Said {
    let watermarks: Vec<_> = form.tables.iter().filter_map(|(_, at)| *at).collect();
    match (form.to(), watermarks.as_slice()) {
        (Err(wrong), _) => Said::warning(visible(&wrong)),
        (Ok(Some(at)), _) => Said::dim(format!("is {} UTC, exclusive", timestamp(at))),
        (Ok(None), [at]) if form.tables.len() == 1 => Said::dim(format!(
            "up to the watermark, {} UTC, inclusive",
            timestamp(*at)
        )),
        (Ok(None), _) => Said::dim("up to the watermark of each table, inclusive"),
    }
}

fn chunk(form: &BackfillForm) -> Said {
    let chunk = match form.chunk() {
        Ok(chunk) => days(chunk),
        Err(wrong) => return Said::warning(wrong),
    };
    let pieces = form.pieces().map_or_else(String::new, |pieces| {
        format!(": {} of time", count(pieces, "piece"))
    });
    Said::dim(format!("an object holds {chunk} at most{pieces}"))
}

fn resume(model: &Model, form: &BackfillForm) -> Said {
    match form.resume() {
        Err(wrong) => Said::warning(visible(&wrong)),
        Ok(Some(id)) => {
            let begun = timestamp(id.begun());
            let far = form.interrupted.how_far_of_all(&id);
            let far = far.map_or_else(String::new, |far| format!("; {far}"));
            let text = format!("what it has written is left out; begun {begun}{far}");
            Said::dim(text)
        }
        Ok(None) => {
            let [goes_on, forgets] =
                [ActionId::TakeOver, ActionId::ForgetBackfill].map(|action| model.key(action));
            form.interrupted.offer([&goes_on, &forgets])
        }
    }
}

/// Draws the plan.
pub fn draw_plan(
    model: &Model,
    plans: &BackfillPlans,
    buffer: &mut Buffer,
    title: Rect,
    body: Rect,
) {
    let theme = &model.theme;
    let tables = plans.tables();
    let what = match tables.as_slice() {
        [table] => visible(&table.to_string()),
        tables => count(length(tables.len()), "table"),
    };
    let mut left = vec![
        Span::styled(" Backfill", theme.strong),
        Span::raw(format!(" {what}")),
    ];
    let waiting_for = plans.waiting().count();
    let is_begun = waiting_for < plans.planned.len();
    if is_begun && waiting_for > 0 {
        let text = format!("   {} counting {waiting_for} more", spinner(model.now));
        left.push(Span::styled(text, theme.accent));
    }
    let mut right = Vec::new();
    if plans.plans().next().is_some() {
        right.push(Span::styled(format!("{} ", plans.sum()), theme.strong));
    }
    let heading = spread(left, right, usize::from(title.width));
    put(buffer, title, 0, &heading);
    let lines = plans.wrapped(usize::from(body.width));
    page::draw(model, &lines, plans.scroll.offset, buffer, body);
    if !is_begun {
        let text = match waiting_for {
            1 => format!("{what}: counting the chunks in one snapshot"),
            _ => format!("{what}: counting the chunks, each in one snapshot"),
        };
        let first = plans.waiting().next().map_or(0, |(place, _)| place);
        let subject = Subject::BackfillPlan(first);
        put(buffer, body, 1, &waiting(model, subject, &text));
    }
}
