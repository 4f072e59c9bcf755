//! The form for changing the two stored values.

use std::str::FromStr;

use tui_input::Input;

use super::Answer;
use super::moved::Moved;
use super::scroll::Direction;
use crate::backend::edits::{Edit, EditPlan};
use crate::backend::stored::Stored;
use crate::console::action::Danger;
use crate::vocabulary::{
    SequenceId, TableName, Watermark,
    watermark::{Spelling, read_change},
};

/// How long the user must pause in typing before the source is asked what the edit would do.
const REST: i64 = 250_000;
/// Placeholder for the reason, so that consequences are shown before one is typed.
const NO_REASON_YET: &str = "(not given yet)";

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Timestamp,
    SequenceId,
    Reason,
}

impl Field {
    /// All fields, in order.
    pub const ALL: [Self; 3] = [Self::Timestamp, Self::SequenceId, Self::Reason];

    /// The field below or above, wrapping around.
    #[must_use]
    pub const fn turn(self, direction: Direction) -> Self {
        Self::ALL[direction.turn(self as usize, Self::ALL.len())]
    }
}

/// The values as typed, and what the edit would do.
#[derive(Debug, Clone)]
pub struct EditForm {
    pub table: TableName,
    pub stored: Stored,
    /// What has been moved since the form was opened.
    pub moved: Moved,
    /// The watermark of the newest object written by highwater, if known: rows up to there are in
    /// objects.
    pub ends_at: Option<Watermark>,
    pub spelling: Spelling,
    pub field: Field,
    pub timestamp: Input,
    pub sequence_id: Input,
    pub reason: Input,
    /// Why the reason could not be written in an editor.
    pub trouble: Option<String>,
    pub force: bool,
    /// The time that words like `now` and `yesterday` refer to: when they were typed.
    meant_at: Watermark,
    /// The values as typed when they last changed, and whether by force.
    noted: (String, String, bool),
    /// When the values last changed.
    typed_at: Watermark,
    /// Whether the values have changed since the plan was made.
    pub changed: bool,
    /// Whether to apply the edit as soon as it is known what it would do.
    pub entered: bool,
    /// What the edit would write; `None` while nothing is changed.
    pub plan: Option<Answer<EditPlan>>,
}

impl EditForm {
    /// A form in which nothing has been changed yet.
    #[must_use]
    pub fn new(table: TableName, stored: Stored, spelling: Spelling, now: Watermark) -> Self {
        Self {
            table,
            moved: Moved::new(stored.clone()),
            stored,
            ends_at: None,
            spelling,
            field: Field::Timestamp,
            timestamp: Input::default(),
            sequence_id: Input::default(),
            reason: Input::default(),
            trouble: None,
            force: false,
            meant_at: now,
            noted: Default::default(),
            typed_at: now,
            changed: false,
            entered: false,
            plan: None,
        }
    }

    /// Records the values as typed. Only a change of a value makes the plan outdated, and only a change of the
    /// timestamp moves the time that its words refer to.
    pub fn note(&mut self, now: Watermark) {
        self.entered = false;
        let values = (
            self.timestamp.value().to_owned(),
            self.sequence_id.value().to_owned(),
            self.force,
        );
        if values.0 != self.noted.0 {
            self.meant_at = now;
        }
        if values != self.noted {
            self.noted = values;
            self.typed_at = now;
            self.changed = true;
        }
    }

    /// The input of the current field.
    pub const fn input(&mut self) -> &mut Input {
        match self.field {
            Field::Timestamp => &mut self.timestamp,
            Field::SequenceId => &mut self.sequence_id,
            Field::Reason => &mut self.reason,
        }
    }

    /// The new timestamp; `None` if it stays.
    ///
    /// # Errors
    /// Why the input is not a timestamp.
    pub fn new_timestamp(&self) -> Result<Option<Watermark>, String> {
        let typed = self.timestamp.value();
        if typed.trim().is_empty() {
            return Ok(None);
        }
        let stored = self.stored.timestamp.as_ref().map(|stored| stored.value);
        read_change(typed, stored, self.meant_at, &self.spelling)
            .map(Some)
            .map_err(|error| error.to_string())
    }

    /// The new sequence id; `None` if it stays.
    ///
    /// # Errors
    /// Why the input is not a sequence id, or not one that may follow.
    pub fn new_sequence_id(&self) -> Result<Option<SequenceId>, String> {
        let typed = self.sequence_id.value().trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let given: SequenceId = typed
            .parse()
            .map_err(|error: <SequenceId as FromStr>::Err| error.to_string())?;
        let stored = self.stored.sequence_id.as_ref().map(|stored| stored.value);
        if given == self.next_sequence_id() || Some(given) == stored || self.force {
            return Ok(Some(given));
        }
        Err(format!(
            "only {} can follow, unless another is forced",
            self.next_sequence_id()
        ))
    }

    /// The only sequence id that may follow without force.
    #[must_use]
    pub fn next_sequence_id(&self) -> SequenceId {
        self.stored
            .sequence_id
            .as_ref()
            .map_or(SequenceId::FIRST, |stored| stored.value.next())
    }

    /// Whether the sequence id as typed is accepted only by force.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        self.force
            && matches!(self.new_sequence_id(), Ok(Some(given)) if given != self.next_sequence_id()
                && self.stored.sequence_id.as_ref().is_none_or(|stored| stored.value != given))
    }

    /// The edit as typed; `None` if a field is invalid or nothing is changed.
    #[must_use]
    pub fn edit(&self) -> Option<Edit> {
        let timestamp = self.new_timestamp().ok()?;
        let sequence_id = self.new_sequence_id().ok()?;
        if timestamp.is_none() && sequence_id.is_none() {
            return None;
        }
        let reason = self.reason.value().trim();
        Some(Edit {
            table: self.table.clone(),
            timestamp,
            sequence_id,
            reason: if reason.is_empty() {
                NO_REASON_YET
            } else {
                reason
            }
            .to_owned(),
            // By force, the stored number can be written again, as a decision to continue after it.
            force: self.force,
        })
    }

    /// Whether the values have been left alone long enough to ask what the edit would do.
    #[must_use]
    pub const fn is_due(&self, now: Watermark) -> bool {
        self.changed && now.micros() - self.typed_at.micros() >= REST
    }

    /// Whether the timestamp goes back to where the newest object ends, in which case the rows it skips
    /// are in objects.
    #[must_use]
    pub fn returns(&self) -> bool {
        let new = self.new_timestamp().ok().flatten();
        new.is_some() && new == self.ends_at
    }

    /// How dangerous the planned edit is.
    #[must_use]
    pub fn danger(&self) -> Danger {
        let skips = !self.returns() && self.ready().is_some_and(EditPlan::may_lose_rows);
        if skips || self.is_forced() {
            Danger::Destructive
        } else {
            Danger::Writes
        }
    }

    /// The plan with the reason as typed; `None` while it is not known what the edit would do.
    ///
    /// # Errors
    /// What is missing or wrong, and the field that this is about.
    pub fn order(&self) -> Result<Option<EditPlan>, (Field, String)> {
        if let Err(wrong) = self.new_timestamp() {
            return Err((Field::Timestamp, wrong));
        }
        if let Err(wrong) = self.new_sequence_id() {
            return Err((Field::SequenceId, wrong));
        }
        if self.edit().is_none() {
            return Err((self.field, "nothing is changed yet".to_owned()));
        }
        let reason = self.reason.value().trim();
        if reason.is_empty() {
            return Err((
                Field::Reason,
                "a reason is needed: it goes into the history".to_owned(),
            ));
        }
        match (&self.plan, self.changed) {
            (Some(Answer::Ready(plan)), false) => Ok(Some(EditPlan {
                reason: reason.to_owned(),
                ..plan.clone()
            })),
            (Some(Answer::Failed(failure)), false) => Err((self.field, failure.to_string())),
            _ => Ok(None),
        }
    }

    /// Why the edit cannot be applied, if the form itself shows what is wrong.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        if self.new_timestamp().is_err() {
            return Some("it cannot be applied: correct the timestamp first");
        }
        if self.new_sequence_id().is_err() {
            return Some("it cannot be applied: correct the sequence id first");
        }
        let is_failed = matches!(self.plan, Some(Answer::Failed(_))) && !self.changed;
        (is_failed && !self.reason.value().trim().is_empty())
            .then_some("it cannot be applied: what it would do is not known")
    }

    fn ready(&self) -> Option<&EditPlan> {
        self.plan.as_ref()?.ready()
    }
}
