//! The keys that have an effect here and now, as many as fit.

use ratatui::text::{Line, Span};

use crate::console::action::{self, Action, ActionId, Scope};
use crate::console::model::Model;
use crate::text::width;

/// Gap between two hints.
const GAP: usize = 2;

/// The footer in `columns` columns: the hints of the highest ranks, in the order of the table.
#[must_use]
pub fn footer(model: &Model, columns: usize) -> Line<'static> {
    let mut hints: Vec<&Action> = action::of(model.scope(), model.facts.safety)
        .filter(|action| action.rank > 0 && (action.enabled)(model).is_ok())
        .filter(|action| !leads_astray(model, action.id))
        .filter(|action| !model.keymap.keys(action.id).is_empty())
        .collect();
    let order: Vec<ActionId> = hints.iter().map(|action| action.id).collect();
    hints.sort_by_key(|action| std::cmp::Reverse(action.rank));
    let mut taken = 1;
    hints.retain(|action| {
        let size = width(&hint(model, action)) + GAP;
        let fits = taken + size <= columns + GAP;
        if fits {
            taken += size;
        }
        fits
    });
    hints.sort_by_key(|action| order.iter().position(|id| *id == action.id));
    let mut spans = vec![Span::raw(" ")];
    for action in hints {
        spans.push(Span::styled(key(model, action), model.theme.accent));
        spans.push(Span::raw(format!(" {}", action.label)));
        spans.push(Span::raw(" ".repeat(GAP)));
    }
    Line::from(spans)
}

fn key(model: &Model, action: &Action) -> String {
    let keys = model.keymap.keys(action.id);
    keys.first().map_or_else(String::new, ToString::to_string)
}

fn hint(model: &Model, action: &Action) -> String {
    format!("{} {}", key(model, action), action.label)
}

/// Whether a hint would only take room from others: because its screen is already in front, or because its
/// action belongs on the page of a table rather than on this screen.
fn leads_astray(model: &Model, action: ActionId) -> bool {
    match (action, model.screen_scope()) {
        (ActionId::Jobs, Scope::Jobs)
        | (ActionId::Journal, Scope::Journal)
        | (ActionId::Help, Scope::Help) => true,
        (ActionId::NextTab, _) | (ActionId::Backfill, Scope::Viewer) => model.page().is_none(),
        _ => false,
    }
}
