//! What a person can do if no repair is safe: the commands that get the table moving.

use super::diagnosis::Diagnosis;
use super::state::Patient;
use super::tip::Tip;
use crate::backend::Result;
use crate::backend::advice::command_on;
use crate::backend::finding::{FindingCode, Severity};
use crate::backend::objects::Metadata;
use crate::backend::standing::after_claim;
use crate::vocabulary::SequenceId;

impl Patient<'_> {
    /// What the newest claim says, if consumers remove objects and it is above all that exist: its object may
    /// have been written, so nothing that is left shows how far the table is ingested.
    pub(super) async fn claimed_beyond(&self) -> Result<Option<Metadata>> {
        if !self.backend.consumers_remove() {
            return Ok(None);
        }
        let newest = self.keys.iter().map(|one| one.sequence_id).max();
        let claimed = self.backend.newest_claim(self.table).await?;
        Ok(claimed.filter(|claim| Some(claim.sequence_id) > newest))
    }

    /// Adds what somebody can do who knows whether the object of the newest claim was written.
    pub(super) fn after_claim(&self, diagnosis: Diagnosis, claim: Option<&Metadata>) -> Diagnosis {
        let timestamp = self.values.timestamp.value;
        let timestamp = timestamp.filter(|at| self.clock.is_none_or(|clock| *at <= clock));
        let missing = (
            timestamp.is_none() && !self.whole,
            self.values.sequence_id.value.is_none(),
        );
        let Some(claim) = claim.filter(|_| missing != (false, false)) else {
            return diagnosis;
        };
        let way = after_claim(self.table, claim, missing);
        if diagnosis.finding.message.contains(&way) {
            return diagnosis;
        }
        diagnosis.advising(&way)
    }

    /// Adds what a person can do if the newest object ends later than the clock of the database, too.
    pub(super) fn after_set_back(&self, diagnosis: Diagnosis, tip: Option<&Tip>) -> Diagnosis {
        let end = tip.and_then(Tip::watermark);
        if end.is_none() || end <= self.clock {
            return diagnosis;
        }
        let step = format!(
            "the newest object ends there, too, so the clock was set back: rows stamped before it has caught up are never ingested; set the timestamp to the moment it was set back to, and rows since then are written again: {} --timestamp TS --reason TEXT",
            command_on(self.table, "params set")
        );
        diagnosis.advising(&step)
    }

    /// Adds a way on to a diagnosis that stops the table and has neither a repair nor a command in its
    /// message.
    pub(super) fn with_a_way_on(&self, diagnosis: Diagnosis) -> Diagnosis {
        let set = command_on(self.table, "params set");
        let says_one = diagnosis.next_step().is_some() || diagnosis.finding.message.contains(&set);
        let stops = diagnosis.finding.severity == Severity::Error;
        if !stops || says_one || !diagnosis.repairs.is_empty() {
            return diagnosis;
        }
        let before = format!(
            "what was there before: {}",
            command_on(self.table, "params history")
        );
        let numbers = self.keys.iter().map(|one| one.sequence_id);
        let newest = numbers.max().unwrap_or(SequenceId(0));
        let step = match diagnosis.code() {
            FindingCode::TimestampMissing
            | FindingCode::TimestampUnreadable
            | FindingCode::TimestampInFuture => format!(
                "{before}; set it to where the ingested rows end: {set} --timestamp TS --reason TEXT"
            ),
            FindingCode::SequenceMissing => format!(
                "{before}; continue with object {}: {set} --sequence-id {newest} --force --reason TEXT",
                newest.next()
            ),
            FindingCode::SequenceAhead => {
                let stored = self.values.sequence_id.value.unwrap_or(newest);
                format!(
                    "{before}; continue with object {}: {set} --sequence-id {stored} --force --reason TEXT",
                    stored.next()
                )
            }
            _ => return diagnosis,
        };
        diagnosis.advising(&step)
    }

    /// What a person can do if all objects are gone: nothing else tells whether they should exist.
    pub(super) fn without_any_object(&self, code: FindingCode) -> String {
        let nothing_stored =
            self.values.sequence_id.value.is_none() && self.values.timestamp.value.is_none();
        match self.values.sequence_id.value {
            // The claims tell then, and the finding says what.
            None if nothing_stored => String::new(),
            Some(stored) if code == FindingCode::SequenceAhead => format!(
                ". No object of the table is left: if the profile names the wrong bucket or key, correct it; to continue from the stored timestamp with object {}: {} --sequence-id {stored} --force --reason TEXT",
                stored.next(),
                command_on(self.table, "params set")
            ),
            None if code == FindingCode::SequenceMissing => format!(
                ". There is no object of the table; if there never was one, begin with object 1, above the stored timestamp: {} --sequence-id 0 --force --reason TEXT",
                command_on(self.table, "params set")
            ),
            _ if code == FindingCode::TimestampMissing => format!(
                ". There is no object of the table to tell how far it was ingested: {} --timestamp TS --reason TEXT",
                command_on(self.table, "params set")
            ),
            _ => String::new(),
        }
    }

    /// What somebody can do who knows the object.
    pub(super) fn ways_past(&self, tip: &Tip) -> String {
        let next = self.values.sequence_id.value.map(SequenceId::next);
        let force = if next == Some(tip.sequence_id) {
            ""
        } else {
            " --force"
        };
        format!(
            ". To go past it: {} --sequence-id {}{force} --reason TEXT; rows above the timestamp are then written, including those that it may hold. Remove it only if nobody has used it and the timestamp is not past its rows",
            command_on(self.table, "params set"),
            tip.sequence_id
        )
    }
}
