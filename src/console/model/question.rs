//! Questions that must be answered before something is done.

use tui_input::Input;

use super::Tone;
use crate::backend::backfill::{BackfillId, BackfillPlan};
use crate::backend::doctor::Repair;
use crate::backend::edits::EditPlan;
use crate::backend::tables::is_meant;
use crate::config::Safety;
use crate::console::Statement;
use crate::console::action::Danger;
use crate::vocabulary::{TableName, Watermark};

/// How long a question that came by itself cannot be answered, in microseconds: keys that were meant for
/// what was there before are still on their way.
pub const READING: i64 = 400_000;

/// How long a question cannot be answered that is not to be answered any more.
const NEVER: i64 = i64::MAX;
/// What is said of a question that is not to be answered any more.
pub const MOVED: &str = "changed meanwhile: counting again, then asking again";

/// What is done when the answer is yes.
#[derive(Debug, Clone)]
pub enum Order {
    /// Ingest these tables.
    Ingest(Vec<TableName>),
    /// Write what an edit has planned.
    Apply(EditPlan),
    /// Read ranges again as planned.
    Backfill(Vec<BackfillPlan>),
    /// Forget a backfill that was interrupted.
    Forget(TableName, BackfillId),
    /// Put findings right, each of another table.
    Repair(Vec<Repair>),
    /// Have the owner of the demo's database run a statement.
    AskOwner(Statement),
    /// Begin the tour.
    Tour,
    /// Cancel what runs, and leave.
    Quit,
}

/// How the answer must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strength {
    /// By y or n, the cursor on no.
    YesNo,
    /// By typing this.
    Typed(Expected),
}

/// What must be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The table's name, in either spelling.
    Name(TableName),
    /// How many tables there are.
    Number(usize),
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    pub title: String,
    pub lines: Vec<(Tone, String)>,
    /// The first line shown, where there are more than have room.
    pub offset: usize,
    pub strength: Strength,
    /// Whether the cursor is on yes.
    pub yes: bool,
    /// Whether a letter was typed that is no answer: what follows may be the rest of a word, and a
    /// letter of it must not be taken for one.
    pub strayed: bool,
    pub typed: Input,
    /// What was wrong with the last answer.
    pub complaint: Option<String>,
    /// For how long after it was drawn it cannot be answered, in microseconds.
    pub reading: i64,
    /// When it was first drawn.
    pub seen: Option<Watermark>,
    /// Whether it stands below the plan that it is about, which scrolls above it and says everything.
    pub is_docked: bool,
    pub order: Order,
}

impl Question {
    /// A question about writing to `tables`; the stronger of danger and profile decides how it
    /// must be answered.
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

    /// The question below the plan that it is about.
    #[must_use]
    pub fn docked(self) -> Self {
        Self {
            is_docked: true,
            ..self
        }
    }

    /// Whether what it is about has moved since: it is not to be answered, but asked anew.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        self.reading == NEVER
    }

    /// What it is about has moved: what was typed so far was meant of something else.
    pub fn outdate(&mut self) {
        self.reading = NEVER;
        self.yes = false;
        self.typed = Input::default();
        self.complaint = Some(MOVED.to_owned());
    }

    /// It came by itself, when what it is about arrived, rather than by a key.
    pub const fn came_by_itself(&mut self) {
        self.reading = READING;
    }

    /// Whether somebody can have read it by `now`: it was drawn, and where nobody expected it at that
    /// moment, some time has passed.
    #[must_use]
    pub fn is_readable(&self, now: Watermark) -> bool {
        !self.is_outdated()
            && self
                .seen
                .is_some_and(|seen| now.micros() - seen.micros() >= self.reading)
    }

    /// Whether what is typed is what was asked for.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        let typed = self.typed.value().trim();
        match &self.strength {
            Strength::YesNo => self.yes,
            Strength::Typed(Expected::Name(table)) => is_meant(typed, table),
            Strength::Typed(Expected::Number(number)) => typed == number.to_string(),
        }
    }
}
