//! Numbers that were skipped on purpose.

use super::decision::{Decision, Question};
use super::seen::{Author, Seen};
use crate::backend::provenance::Provenance;
use crate::vocabulary::SequenceId;

impl Seen<'_> {
    /// The number and author of an edit that skipped numbers, if a late write has set the sequence id back
    /// below it. A number in between would not do: a run may already have continued from the edit without
    /// having stored anything.
    ///
    /// # Errors
    /// The question that has to be answered first.
    pub(super) fn skips(&self) -> Result<Option<(SequenceId, Provenance)>, Box<Decision>> {
        let Some(author) = &self.sequence_by else {
            return Err(Box::new(Decision::Ask(Question::SequenceAuthor)));
        };
        let highest = author.highest().map(|(id, _)| *id);
        let skipped = self
            .sequence_id()
            .and_then(|stored| skipped_to(Some(author), stored));
        Ok(skipped.map(|(id, by)| (id, by.again(highest))))
    }

    /// The message about a sequence id that was written late over such an edit.
    pub(super) fn put_back(&self, to: SequenceId) -> String {
        let stored = self.sequence_id().unwrap_or(SequenceId(0));
        format!(
            "{} says {stored}, which was written late; it was set to {to} on purpose",
            self.stored.sequence_name
        )
    }
}

/// The sequence id that was set on purpose to skip numbers after object `newest`, if that write counts.
pub(super) fn skipped_to(
    author: Option<&Author<SequenceId>>,
    newest: SequenceId,
) -> Option<(SequenceId, Provenance)> {
    let decided = author?.newest()?;
    let id = decided.value.filter(|id| *id > newest)?;
    decided.by.is_edit().then(|| (id, decided.by.clone()))
}
