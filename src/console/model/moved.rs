//! What another writer has changed while a form about it is open.

use crate::backend::edits::{HistoryEntry, Which};
use crate::backend::stored::Stored;
use crate::figures::timestamp;
use crate::jobs::Request;
use crate::vocabulary::{TableName, Version};

/// Both values as they were when the form was opened, and who has moved them since.
#[derive(Debug, Clone)]
pub struct Moved {
    opened: Stored,
    /// All versions, once they have been requested.
    versions: Vec<HistoryEntry>,
    /// Whether they are to be requested.
    is_due: bool,
}

impl Moved {
    /// Nothing has been moved yet.
    #[must_use]
    pub const fn new(opened: Stored) -> Self {
        Self {
            opened,
            versions: Vec::new(),
            is_due: false,
        }
    }

    /// Records that other values, or other versions of the same values, are now stored.
    pub const fn note(&mut self) {
        self.is_due = true;
    }

    /// The request that tells who moved them; returned once for each move.
    pub fn next_question(&mut self, table: &TableName) -> Option<Request> {
        std::mem::take(&mut self.is_due).then(|| Request::History {
            table: table.clone(),
        })
    }

    /// Stores all versions.
    pub fn take(&mut self, versions: Vec<HistoryEntry>) {
        self.versions = versions;
    }

    /// The text of a value when the form was opened, and the version of it that is stored `now`; `None`
    /// if the value has not moved.
    #[must_use]
    pub fn of(
        &self,
        which: Which,
        now: &Stored,
    ) -> Option<(Option<String>, Option<&HistoryEntry>)> {
        let (before, after) = (recorded(which, &self.opened), recorded(which, now));
        let text = |recorded: &Option<(String, Version)>| recorded.clone().map(|(text, _)| text);
        if text(&before) == text(&after) {
            return None;
        }
        let name = match which {
            Which::Timestamp => &now.timestamp_name,
            Which::SequenceId => &now.sequence_name,
        };
        let is_stored = |entry: &&HistoryEntry| {
            entry.parameter == *name
                && after
                    .as_ref()
                    .is_some_and(|(_, version)| entry.version == *version)
        };
        Some((text(&before), self.versions.iter().find(is_stored)))
    }
}

fn recorded(which: Which, stored: &Stored) -> Option<(String, Version)> {
    match which {
        Which::Timestamp => {
            let recorded = stored.timestamp.as_ref()?;
            Some((timestamp(recorded.value), recorded.version))
        }
        Which::SequenceId => {
            let recorded = stored.sequence_id.as_ref()?;
            Some((recorded.value.to_string(), recorded.version))
        }
    }
}
