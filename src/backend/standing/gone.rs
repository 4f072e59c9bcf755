//! Judging a stored sequence id whose object does not exist.

use super::decision::{Decision, Question, gone, stop};
use super::recovery::Recovery;
use super::seen::{Author, Looked, Seen};
use crate::backend::advice::command_on;
use crate::backend::finding::FindingCode;
use crate::backend::objects::{Kind, Metadata};
use crate::backend::provenance::Provenance;
use crate::vocabulary::{SequenceId, TableName, Watermark};

impl Seen<'_> {
    /// No object has the stored number.
    pub(super) fn absent(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        let Some(timestamp_by) = &self.timestamp_by else {
            return Decision::Ask(Question::TimestampAuthor);
        };
        // A number that was used is never used again.
        if let Some((highest, _)) = timestamp_by.highest()
            && *highest > sequence_id
            && matches!(self.above, Looked::Unknown)
        {
            return Decision::Ask(Question::Above(*highest));
        }
        if let (true, Some(highest)) = (self.consumers_remove, timestamp_by.highest())
            && highest.0 >= sequence_id
        {
            return self.removed(highest, timestamp_by, timestamp);
        }
        // Before the first object, somebody may have set where to begin.
        if sequence_id.next() == SequenceId::FIRST {
            return self.go_on();
        }
        let agrees = self.claimed.as_ref().map(|claim| claim.watermark) == Some(timestamp);
        if self.consumers_remove && timestamp_by.hidden().is_some() && agrees {
            return self.go_on();
        }
        let Some(sequence_by) = &self.sequence_by else {
            return Decision::Ask(Question::SequenceAuthor);
        };
        // A run stores a number only after it has committed its object; the run of a backfill stores nothing
        // else.
        if let (true, Some(highest)) = (self.consumers_remove, sequence_by.highest())
            && highest.0 >= sequence_id
        {
            return self.removed(highest, timestamp_by, timestamp);
        }
        self.ahead((timestamp_by, sequence_by), timestamp, sequence_id)
    }

    /// Neither value is stored and there is no object, but claims show that this is not a first run: the
    /// values were deleted, and consumers, or the rules of the bucket, have removed the objects. Nothing
    /// shows whether the newest claim was followed by its object. `None` if there is at most the claim on a
    /// first object, from which a first run continues.
    pub(super) fn nothing_left(&self) -> Option<Decision> {
        let claim = self.claimed.as_ref()?;
        let id = claim.sequence_id;
        if id <= SequenceId::FIRST {
            return None;
        }
        let (code, names) = if self.whole {
            let name = self.stored.sequence_name.to_string();
            (FindingCode::SequenceMissing, format!("{name} is not"))
        } else {
            let (timestamp, number) = (&self.stored.timestamp_name, &self.stored.sequence_name);
            let names = format!("neither {timestamp} nor {number} is");
            (FindingCode::TimestampMissing, names)
        };
        let way = after_claim(self.table, claim, (!self.whole, true));
        Some(stop(
            code,
            format!(
                "{names} recorded, and there are no objects, but {id} of them were claimed; {way}"
            ),
        ))
    }

    /// No run has stored anything for the stored number.
    fn ahead(
        &self,
        (timestamp_by, sequence_by): (&Author<Watermark>, &Author<SequenceId>),
        timestamp: Watermark,
        sequence_id: SequenceId,
    ) -> Decision {
        if sequence_by.is_edit() {
            // Numbers after the newest object were skipped on purpose. Its run may have crashed before that.
            return match &self.newest {
                Looked::Unknown => Decision::Ask(Question::Newest),
                Looked::Found(newest) if newest.sequence_id > sequence_id => {
                    self.behind_object(newest, timestamp, sequence_id)
                }
                Looked::Found(newest) => self.judged_by(newest, timestamp),
                Looked::Nothing | Looked::Gone(_) => match (timestamp_by.highest(), &self.above) {
                    // What is left of the object shows whether its run knew of an edit that it overwrote.
                    (Some((highest, _)), Looked::Unknown) if self.consumers_remove => {
                        Decision::Ask(Question::Above(*highest))
                    }
                    _ => self.judged_by_history(timestamp_by, timestamp),
                },
            };
        }
        let name = &self.stored.sequence_name;
        let by = sequence_by.described();
        let message = if self.consumers_remove {
            format!(
                "{name} says {sequence_id}, written by {by}; the object is gone, and {} was written by {}, not with it",
                self.stored.timestamp_name,
                timestamp_by.described()
            )
        } else {
            format!(
                "{name} says {sequence_id}, written by {by}, but there is no such object; if consumers remove objects after use, say so with objects.consumers = \"remove\"; if objects.key or objects.compression was changed, objects have other names now"
            )
        };
        stop(FindingCode::SequenceAhead, message)
    }

    /// There is no object to judge the timestamp by, so what was decided last counts.
    fn judged_by_history(&self, by: &Author<Watermark>, timestamp: Watermark) -> Decision {
        match by
            .newest()
            .and_then(|newest| newest.value.zip(Some(newest)))
        {
            Some((at, newest)) if at != timestamp => {
                let why = format!(
                    "{} says {timestamp}, which was written late",
                    self.stored.timestamp_name
                );
                let recovery = Recovery::without_object(self.stored, why);
                Decision::recover(recovery.with_timestamp(at, newest.by.clone()))
            }
            _ => self.go_on(),
        }
    }

    /// The object with the stored number is gone, as expected if consumers remove objects. It did exist: a
    /// run has stored a value for the object `highest`, at or above that number.
    fn removed(
        &self,
        (highest, run): &(SequenceId, Provenance),
        timestamp_by: &Author<Watermark>,
        timestamp: Watermark,
    ) -> Decision {
        let claim = self.claimed.as_ref();
        let rightful = match claim.filter(|claim| claim.author() == *run) {
            Some(claim) => match self.rightful(claim, timestamp) {
                Ok((at, by)) => Some((at, by)),
                Err(decision) => return *decision,
            },
            // Another run has finished what the claim's run had begun, so the values that it stored count.
            None => timestamp_by
                .newest()
                .and_then(|newest| Some((newest.value?, newest.by.clone()))),
        };
        let moved = rightful.filter(|(at, _)| *at != timestamp);
        // Nothing more is looked up if nothing is amiss.
        let skips = if moved.is_some() || timestamp_by.is_edit() {
            match self.skips() {
                Ok(skips) => skips.filter(|(id, _)| id > highest),
                Err(decision) => return *decision,
            }
        } else {
            None
        };
        let behind = Some(*highest) != self.sequence_id();
        let why = match (&moved, &skips) {
            (None, None) if !behind => return self.go_on(),
            (None, Some((id, _))) => self.put_back(*id),
            _ => gone(run),
        };
        let number = skips.or_else(|| behind.then(|| (*highest, run.clone())));
        Decision::recover(Recovery::without_object(self.stored, why).with(moved, number))
    }
}

/// How a table continues after its newest `claim`, whose object does not exist: only a person can tell
/// whether it ever did. The two flags say whether the timestamp and the sequence id are missing.
pub(in crate::backend) fn after_claim(
    table: &TableName,
    claim: &Metadata,
    (timestamp, number): (bool, bool),
) -> String {
    let id = claim.sequence_id;
    let before = match claim.kind {
        Kind::Ingest => claim.from,
        Kind::Backfill | Kind::Snapshot => Some(claim.watermark),
    };
    let set = |at: Option<Watermark>, id: SequenceId| {
        let at = at.filter(|_| timestamp);
        let at = at.map_or_else(String::new, |at| format!(" --timestamp {at}"));
        let id = if number {
            format!(" --sequence-id {id} --force")
        } else {
            String::new()
        };
        format!("{}{at}{id} --reason TEXT", command_on(table, "params set"))
    };
    format!(
        "if object {id} was written and then taken away, continue after it: {}; if it never was, write it: {}",
        set(Some(claim.watermark), id),
        set(before, SequenceId(id.0.saturating_sub(1)))
    )
}
