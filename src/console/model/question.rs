//! Questions that must be answered before something is done.

use tui_input::Input;

use super::Said;
use crate::backend::backfill::BackfillPlan;
use crate::backend::doctor::Repair;
use crate::backend::edits::EditPlan;
use crate::backend::tables::is_meant;
use crate::config::Safety;
use crate::console::Statement;
use crate::console::action::Danger;
use crate::figures::{length, thousands};
use crate::vocabulary::{BackfillId, TableName, Watermark};

/// How long a question that came up by itself cannot be answered, in microseconds: keys meant for what
/// was shown before may still be on their way.
pub const READING: i64 = 400_000;

/// The same for a question that must not be answered any more.
const NEVER: i64 = i64::MAX;
/// Shown in a question that must not be answered any more.
pub const MOVED: &str = "changed meanwhile: counting again, then asking again";

/// What is done if the answer is yes.
#[derive(Debug, Clone)]
pub enum Order {
    /// Ingest these tables.
    Ingest(Vec<TableName>),
    /// Apply an edit.
    Apply(EditPlan),
    /// Run these backfills.
    Backfill(Vec<BackfillPlan>),
    /// Forget an interrupted backfill.
    Forget(TableName, BackfillId),
    /// Apply these repairs, each of another table.
    Repair(Vec<Repair>),
    /// Have the owner of the demo's database run a statement.
    AskOwner(Statement),
    /// Start the tour.
    Tour,
    /// Cancel all jobs and leave.
    Quit,
}

/// How the answer must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strength {
    /// With y or n, the cursor on no.
    YesNo,
    /// By typing this.
    Typed(Expected),
}

/// What must be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The table's name, in either spelling.
    Name(TableName),
    /// The number of tables.
    Number(usize),
}

/// A question that must be answered before anything else.
#[derive(Debug, Clone)]
pub struct Question {
    pub title: String,
    pub lines: Vec<Said>,
    /// The first line shown, if there is no room for all of them.
    pub offset: usize,
    pub strength: Strength,
    /// Whether the cursor is on yes.
    pub yes: bool,
    /// Whether a letter was typed that is not an answer: what follows may be the rest of a word, and
    /// none of its letters must be taken for one.
    pub strayed: bool,
    pub typed: Input,
    /// What was wrong with the last answer.
    pub complaint: Option<String>,
    /// How long after it was drawn the question cannot be answered, in microseconds.
    pub reading: i64,
    /// When it was first drawn.
    pub seen: Option<Watermark>,
    /// Whether the question is below its plan, which scrolls above it and has all the details.
    pub is_docked: bool,
    pub order: Order,
}

impl Question {
    /// A question about writing to `tables`. The stricter of `danger` and `safety` decides how it must
    /// be answered.
    #[must_use]
    pub fn about(
        tables: &[TableName],
        danger: Danger,
        safety: Safety,
        order: Order,
        title: String,
    ) -> Self {
        let typed = danger == Danger::Destructive || safety != Safety::Normal;
        let strength = match tables {
            [table] if typed => Strength::Typed(Expected::Name(table.clone())),
            _ if typed => Strength::Typed(Expected::Number(tables.len())),
            _ => Strength::YesNo,
        };
        Self {
            title,
            lines: Vec::new(),
            offset: 0,
            strength,
            yes: false,
            strayed: false,
            typed: Input::default(),
            complaint: None,
            reading: 0,
            seen: None,
            is_docked: false,
            order,
        }
    }

    /// Puts the question below its plan.
    #[must_use]
    pub fn docked(self) -> Self {
        Self {
            is_docked: true,
            ..self
        }
    }

    /// Whether the subject of the question has changed since, so that it must be asked again rather than
    /// answered.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        self.reading == NEVER
    }

    /// Marks the subject of the question as changed: what was typed so far was meant for something else.
    pub fn outdate(&mut self) {
        self.reading = NEVER;
        self.yes = false;
        self.typed = Input::default();
        self.complaint = Some(MOVED.to_owned());
    }

    /// Marks the question as one that came up when its subject arrived, rather than on a key press.
    pub const fn came_by_itself(&mut self) {
        self.reading = READING;
    }

    /// Whether the question can have been read by `now`: it has been drawn, and if it came up by itself,
    /// some time has passed.
    #[must_use]
    pub fn is_readable(&self, now: Watermark) -> bool {
        !self.is_outdated()
            && self
                .seen
                .is_some_and(|seen| now.micros() - seen.micros() >= self.reading)
    }

    /// Whether the answer is the expected one.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        let typed = self.typed.value().trim();
        match &self.strength {
            Strength::YesNo => self.yes,
            Strength::Typed(Expected::Name(table)) => is_meant(typed, table),
            // Also as it is shown: `1,204`.
            Strength::Typed(Expected::Number(number)) => {
                typed == number.to_string() || typed == thousands(length(*number))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_typed_as_it_is_shown_or_without_its_comma() {
        let names = (0..1_204).map(|number| TableName::parse(&format!("t{number}")));
        let tables: Vec<_> = names.collect();
        let order = Order::Ingest(tables.clone());
        let (danger, safety) = (Danger::Destructive, Safety::Normal);
        let mut question = Question::about(&tables, danger, safety, order, String::new());
        for (typed, is_it) in [
            ("1204", true),
            ("1,204", true),
            ("204", false),
            ("12,04", false),
        ] {
            question.typed = Input::new(typed.to_owned());
            assert_eq!(question.is_confirmed(), is_it, "{typed}");
        }
    }
}
