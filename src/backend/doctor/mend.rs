//! Which repairs a finding about the two values has, worked out only from what was seen.
//!
//! | finding | repair |
//! |---|---|
//! | O > S without metadata, every row of S+1 … O is newer than T | T = newest row, S = O |
//! | the same, T is the newest row or past it with no rows in between, or they hold no rows | S = O |
//! | the same, some of the rows are newer than T, or T is past rows that they do not hold | a choice |
//! | S > O | S = O, and T = watermark(O) unless an edit set T |
//! | S > O without metadata | S = O; with rows between T and O, a choice |
//! | T missing or unreadable | T = watermark(O), S = O; a choice if rows before it are in no object or may still come |
//! | S missing or unreadable, O follows on T | T = watermark(O), S = O |
//! | the same, T is watermark(O) or past it with no rows in between, or an edit set it | S = O |
//! | T later than the clock | T = watermark(O); likewise |
//! | T and O disagree otherwise | a choice: T = watermark(O), or T stays, as an edit |
//!
//! T and S are the stored values, O the newest object; its watermark is in its metadata, or is the time of
//! its newest row. An object without metadata need not hold all rows up to its newest: if the source has rows
//! that are not in it, or nobody can tell, continuing where it ends is one side of a choice here too. No
//! other finding has a safe repair.

use crate::backend::finding::FindingCode;
use crate::backend::objects::ObjectHead;
use crate::backend::standing::end_in;
use crate::backend::stored::{ParameterWrite, Values};
use crate::backend::table_objects::contents::Contents;
use crate::config::Profile;
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

use super::repair::{Means, Repair};
use super::tip::Tip;

/// Continues where the newest object ends.
const USE_OBJECT: &str = "use-object";
/// Leaves the timestamp as it is, and records that this is on purpose.
const KEEP_PARAMETER: &str = "keep-parameter";
/// The repairs between which a person has to choose.
pub const CHOICES: [&str; 2] = [USE_OBJECT, KEEP_PARAMETER];
/// Makes the sequence id name the newest object.
const USE_NUMBER: &str = "use-number";

/// What is not known about objects that were not compared with the source.
const UNTOLD: &str = "; it is not known whether they hold all rows in between, and those that open transactions may still add";

/// Whether a finding of this kind may have a repair. Only an examination can tell whether it does; for any
/// other kind, no examination is needed.
#[must_use]
pub const fn may_have_repair(code: FindingCode) -> bool {
    matches!(
        code,
        FindingCode::StuckSequence
            | FindingCode::SequenceAhead
            | FindingCode::SequenceMissing
            | FindingCode::TimestampMissing
            | FindingCode::TimestampUnreadable
            | FindingCode::TimestampInFuture
            | FindingCode::TimestampMismatch
            | FindingCode::UploadAbandoned
    )
}

/// What the repairs of one finding are worked out from.
pub(super) struct Case<'a> {
    pub profile: &'a Profile,
    pub table: &'a TableName,
    pub code: FindingCode,
    pub values: &'a Values,
    pub tip: &'a Tip,
    /// Whether the newest version of the timestamp was written on purpose.
    pub timestamp_is_edit: bool,
    /// Where the objects being judged end: the newest, or all above the sequence id.
    pub end: Option<Watermark>,
    /// Those of these objects that had to be read.
    pub read: Vec<ObjectKey>,
    /// How many of their rows are newer than the timestamp.
    pub above: Option<u64>,
    /// The watermark of the newest highwater object before them: every row up to it is in an object.
    pub base: Option<Watermark>,
    /// Rows of the source between [`Self::since`] and `end`, if they were counted.
    pub between: Option<u64>,
    /// How many of these rows are in none of the objects that were read, if that could be told.
    pub left_out: Option<u64>,
    /// Below this, no open transaction can add a row any more; `None` if unknown.
    pub below: Option<Watermark>,
    /// Whether further objects reach into that range, not all of which could be read.
    pub is_unread: bool,
    /// Whether the table is written whole each time, so that there is no timestamp.
    pub whole: bool,
}

impl<'a> Case<'a> {
    /// Objects of another program above the sequence id; `stuck` describes the rows of all of them.
    pub fn stuck(&self, stuck: &Contents) -> Vec<Repair> {
        if self.whole || stuck.rows == 0 {
            return self.number_alone();
        }
        let (Some(timestamp), Some(newest)) = (self.values.timestamp.value, stuck.newest) else {
            return Vec::new();
        };
        if stuck.all_newer_than(timestamp) {
            return self.taken_over(newest);
        }
        if stuck.untimed > 0 {
            Vec::new()
        } else if newest == timestamp || (newest < timestamp && self.between == Some(0)) {
            self.number_alone()
        } else {
            self.choice()
        }
    }

    /// The sequence id names an object that does not exist.
    pub fn ahead(&self) -> Vec<Repair> {
        let Some(metadata) = self.tip.metadata() else {
            let agree = self.values.timestamp.value == self.end || self.between == Some(0);
            return if self.whole || self.timestamp_is_edit || agree {
                self.number_alone()
            } else {
                self.choice()
            };
        };
        let draft = if self.whole || self.timestamp_is_edit {
            Some(self.draft())
        } else {
            end_in(metadata, self.tip.timezone).and_then(|end| self.draft().timestamp(end))
        };
        let draft = draft.map(|draft| draft.number(self.tip.sequence_id));
        let summary = format!("continue after object {}", self.tip.sequence_id);
        offered(draft, USE_OBJECT, summary)
    }

    /// Whether no open transaction can still add a row up to the end of the objects.
    pub fn is_over(&self) -> bool {
        matches!((self.end, self.below), (Some(end), Some(below)) if end < below)
    }

    /// From where on rows are compared with the objects: everything up to here is ingested. The stored
    /// timestamp, unless it is missing or in the future; then `base`.
    pub fn since(&self) -> Option<Watermark> {
        let stored = self.values.timestamp.value;
        let stored = stored.filter(|_| self.code != FindingCode::TimestampInFuture);
        stored.or(self.base)
    }

    /// Whether objects before those whose oldest row is from `oldest` may hold rows that matter.
    pub fn may_reach_further(&self, oldest: Option<Watermark>) -> bool {
        match (self.since(), oldest) {
            (Some(since), Some(oldest)) => oldest > since,
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// The timestamp is missing, or cannot be read.
    pub fn without_timestamp(&self) -> Vec<Repair> {
        let reached = self.reached();
        self.unless_left_out(reached.map_or_else(Vec::new, |reached| self.object_alone(reached)))
    }

    /// Up to where everything is ingested, as far as the objects show.
    fn reached(&self) -> Option<Watermark> {
        self.tip
            .watermark()
            .map(|end| end.max(self.base.unwrap_or(end)))
    }

    /// Leaves `repairs` to a person if rows before the end of the objects may be in none of them. This cannot
    /// be if highwater wrote the object: it ends where no row could be added any more.
    fn unless_left_out(&self, mut repairs: Vec<Repair>) -> Vec<Repair> {
        if self.tip.metadata().is_some() || self.base > self.end {
            return repairs;
        }
        let why = match self.left_out {
            _ if !self.is_over() => {
                "; rows that open transactions may still add before it would never be ingested"
                    .to_owned()
            }
            Some(0) => return repairs,
            Some(rows) => lost(rows),
            // Nothing shows which rows they should hold.
            None if self.base.is_none() => return repairs,
            None => UNTOLD.to_owned(),
        };
        for repair in &mut repairs {
            repair.is_choice = true;
            repair.summary += &why;
        }
        repairs
    }

    /// The sequence id is missing, or cannot be read.
    pub fn without_sequence_id(&self) -> Vec<Repair> {
        if self.whole {
            return self.number_alone();
        }
        let (Some(timestamp), Some(watermark)) =
            (self.values.timestamp.value, self.tip.watermark())
        else {
            return Vec::new();
        };
        let is_past = timestamp > watermark && self.between == Some(0);
        if timestamp == watermark || is_past || self.timestamp_is_edit {
            self.number_alone()
        } else if self.tip.follows(timestamp) {
            self.taken_over(watermark)
        } else {
            self.choice()
        }
    }

    /// The timestamp is later than the database's clock, `clock`.
    pub fn in_future(&self, clock: Watermark) -> Vec<Repair> {
        let watermark = self.reached().filter(|reached| *reached <= clock);
        let draft = watermark.and_then(|watermark| self.draft().timestamp(watermark));
        let summary = watermark.map_or_else(String::new, |at| self.going_on_from(at));
        self.unless_left_out(offered(draft, USE_OBJECT, summary))
    }

    /// The timestamp is not where the newest object ends, and nothing tells which is right.
    pub fn choice(&self) -> Vec<Repair> {
        let number = |draft: Draft<'a>| match self.values.sequence_id.value {
            // Numbers that were skipped on purpose stay skipped.
            Some(stored)
                if stored >= self.tip.sequence_id && self.code != FindingCode::SequenceAhead =>
            {
                draft
            }
            _ => draft.number(self.tip.sequence_id),
        };
        let object = self
            .end
            .and_then(|watermark| self.draft().timestamp(watermark).map(number));
        let kept = self.draft().same_timestamp().map(number);
        let (if_used, if_kept) = self.consequences();
        let used = self.at_object() + &if_used;
        let purpose = format!("continue from the stored timestamp, as a deliberate edit{if_kept}");
        let mut repairs = offered(object, USE_OBJECT, used);
        repairs.extend(offered(kept, KEEP_PARAMETER, purpose));
        for repair in &mut repairs {
            repair.is_choice = true;
        }
        repairs
    }

    /// Says that the profile's format cannot store where the objects end; empty if it can.
    pub fn unstorable(&self) -> String {
        let spelling = self.profile.spelling();
        let end = self
            .end
            .filter(|end| Some(*end) != self.values.timestamp.value);
        match end {
            Some(end) if spelling.write(end).is_err() => format!(
                "; the end of object {}, {end}, cannot be stored by timestamp_format = \"{}\": choose one that holds it, then examine again",
                self.tip.sequence_id, spelling.format
            ),
            _ => String::new(),
        }
    }

    /// What each choice means for the rows in between.
    fn consequences(&self) -> (String, String) {
        let Some(rows) = self.between else {
            let unknown = "; the rows in between could not be counted".to_owned();
            return (unknown.clone(), unknown);
        };
        if self.is_unread {
            let unknown = "; not all objects in between were read, so it is not known which of the rows they hold";
            return (unknown.to_owned(), format!("{unknown}: up to {rows}"));
        }
        if self.values.timestamp.value < self.end {
            let lost = match self.left_out {
                Some(0) => String::new(),
                Some(rows) => lost(rows),
                // Objects that highwater wrote hold all of them.
                None if self.read.is_empty() => String::new(),
                None => UNTOLD.to_owned(),
            };
            let again = self.above.unwrap_or(rows);
            (lost, format!("; rows written again: {again}"))
        } else {
            let ingested = format!("; rows in between, which would be ingested: {rows}");
            let skipped = format!("; rows in between, which would never be ingested: {rows}");
            (ingested, skipped)
        }
    }

    /// Continues from where an object ends whose rows follow on the timestamp. An object of another program
    /// may have left out some rows: then a person has to choose.
    fn taken_over(&self, watermark: Watermark) -> Vec<Repair> {
        if self.tip.metadata().is_some() || self.left_out == Some(0) {
            self.object_alone(watermark)
        } else {
            self.choice()
        }
    }

    fn object_alone(&self, watermark: Watermark) -> Vec<Repair> {
        let draft = self.draft().timestamp(watermark);
        let draft = draft.map(|draft| draft.number(self.tip.sequence_id));
        offered(draft, USE_OBJECT, self.going_on_from(watermark))
    }

    fn number_alone(&self) -> Vec<Repair> {
        let draft = self.draft().number(self.tip.sequence_id);
        let summary = format!("continue after object {}", self.tip.sequence_id);
        offered(Some(draft), USE_NUMBER, summary)
    }

    fn going_on_from(&self, watermark: Watermark) -> String {
        if Some(watermark) > self.tip.watermark() {
            format!("continue from {watermark}, where an object before the newest ends")
        } else {
            self.at_object()
        }
    }

    fn at_object(&self) -> String {
        format!("continue from where object {} ends", self.tip.sequence_id)
    }

    fn draft(&self) -> Draft<'a> {
        Draft {
            profile: self.profile,
            values: self.values,
            repair: Repair {
                table: self.table.clone(),
                code: self.code,
                id: "",
                summary: String::new(),
                is_choice: false,
                means: Means::Edit(Vec::new()),
                stands_on: vec![ObjectHead::clone(&self.tip.head)],
            },
            writes: Vec::new(),
        }
    }
}

/// A repair being drafted. The timestamp is written first: a crash in between leaves the sequence id behind,
/// which is found and put right as such.
struct Draft<'a> {
    profile: &'a Profile,
    values: &'a Values,
    repair: Repair,
    writes: Vec<ParameterWrite>,
}

impl Draft<'_> {
    /// `None` if the profile's format cannot hold the timestamp.
    fn timestamp(mut self, at: Watermark) -> Option<Self> {
        let slot = &self.values.timestamp;
        if slot.value != Some(at) {
            let after = self.profile.spelling().write(at).ok()?;
            self.writes.push(slot.write(after));
        }
        Some(self)
    }

    /// Writes the same timestamp once more, so that its newest version is an edit.
    fn same_timestamp(mut self) -> Option<Self> {
        let slot = &self.values.timestamp;
        self.writes.push(slot.write(slot.spelled()?.to_owned()));
        Some(self)
    }

    fn number(mut self, id: SequenceId) -> Self {
        let slot = &self.values.sequence_id;
        if slot.value != Some(id) {
            self.writes.push(slot.write(id.to_string()));
        }
        self
    }
}

fn lost(rows: u64) -> String {
    format!("; rows in no object, which would never be ingested: {rows}")
}

/// The drafted repair, if it writes anything.
fn offered(draft: Option<Draft<'_>>, id: &'static str, summary: String) -> Vec<Repair> {
    let draft = draft.filter(|draft| !draft.writes.is_empty());
    let repair = draft.map(|draft| Repair {
        id,
        summary,
        means: Means::Edit(draft.writes),
        ..draft.repair
    });
    repair.into_iter().collect()
}
