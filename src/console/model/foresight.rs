//! What the doctor has said about a table without being asked by the user: whether it has a repair for the
//! finding in the row, and up to where an object of another program goes.
//!
//! The latter is known only from reading the object. A row promises a repair only if the doctor has offered
//! one for the state that the table is still in; which findings have repairs is decided by the doctor
//! alone.

use super::digest::Remark;
use super::row::Row;
use crate::backend::{
    doctor::{Diagnosis, may_have_repair},
    finding::{Finding, FindingCode, Severity},
    standing::LastObject,
    table_objects::contents::READ_UNASKED,
};
use crate::vocabulary::{ObjectKey, Version, Watermark};

/// The state of a table when the doctor looked at it. The doctor's answer holds as long as this does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    /// The first finding of the status.
    code: Option<FindingCode>,
    timestamp: Option<Version>,
    sequence_id: Option<Version>,
    newest: Option<ObjectKey>,
}

/// The doctor's answer about one condition.
#[derive(Debug, Clone, Default)]
struct Said {
    /// The findings that it has a repair for.
    repairable: Vec<FindingCode>,
    /// The finding that the timestamp is not where the newest object ends, also as a remark.
    end: Option<(Finding, Remark)>,
}

/// The doctor's answer, and the condition it is about.
#[derive(Debug, Clone)]
pub struct Foresight {
    condition: Condition,
    /// `None` until the doctor has answered.
    said: Option<Said>,
    /// When to ask again, if the doctor could not look.
    again: Option<Watermark>,
}

/// How long to wait before asking the doctor again about a table it could not look at, in microseconds.
const PAUSE: i64 = 60_000_000;

impl Row {
    /// The condition to ask about; `None` until the stored values, or why they cannot be read, are known.
    fn condition(&self) -> Option<Condition> {
        self.status().stored.as_ref()?;
        let stored = self.stored().map(|known| &known.value);
        Some(Condition {
            code: self.digest().remark.as_ref().and_then(|told| told.code),
            timestamp: stored.and_then(|stored| Some(stored.timestamp.as_ref()?.version)),
            sequence_id: stored.and_then(|stored| Some(stored.sequence_id.as_ref()?.version)),
            newest: self.last_object().map(|last| last.key.clone()),
        })
    }

    /// The doctor's answer about the table in its present condition.
    fn said(&self) -> Option<&Said> {
        let foresight = self.foresight.as_ref()?;
        let said = foresight.said.as_ref()?;
        (self.condition().as_ref() == Some(&foresight.condition)).then_some(said)
    }

    /// Whether the doctor has a repair for the finding that the row shows.
    #[must_use]
    pub fn has_repair(&self) -> bool {
        let told = self.remark().and_then(|remark| remark.code);
        let said = self.said();
        told.is_some_and(|code| said.is_some_and(|said| said.repairable.contains(&code)))
    }

    /// What only the doctor can tell about the newest object, unless the status already shows something
    /// worse.
    fn foreseen(&self) -> Option<&(Finding, Remark)> {
        self.foresight.as_ref()?.said.as_ref()?.end.as_ref()?;
        let found = self.said()?.end.as_ref()?;
        let told = self.digest().remark.as_ref();
        told.is_none_or(|told| told.severity < found.0.severity)
            .then_some(found)
    }

    /// What only the doctor can tell, as a finding.
    #[must_use]
    pub fn foreseen_finding(&self) -> Option<&Finding> {
        self.foreseen().map(|(finding, _)| finding)
    }

    /// What only the doctor can tell, as a remark.
    #[must_use]
    pub fn foreseen_remark(&self) -> Option<&Remark> {
        self.foreseen().map(|(_, remark)| remark)
    }

    /// Whether to ask the doctor: there may be a repair, or something that only the newest object can tell;
    /// it has not been asked about the present condition of the table; and it has little to read for the
    /// answer.
    #[must_use]
    pub fn is_unforeseen(&self, now: Watermark) -> bool {
        let is_foreign = |last: &&LastObject| last.rows.is_none();
        let foreign = self.last_object().filter(is_foreign);
        let wanted = match self.digest().remark.as_ref() {
            Some(remark) if remark.code.is_some_and(may_have_repair) => true,
            Some(remark) => remark.severity == Severity::Info && foreign.is_some(),
            None => foreign.is_some(),
        };
        let known = self.foresight.as_ref();
        let is_known = |condition: &Condition| {
            known.is_some_and(|one| {
                one.condition == *condition && one.again.is_none_or(|at| now < at)
            })
        };
        wanted
            && self.job.is_none()
            && foreign.is_none_or(|last| last.bytes <= READ_UNASKED)
            && self
                .condition()
                .is_some_and(|condition| !is_known(&condition))
    }

    /// Records that the doctor is being asked about the table in its present condition.
    pub fn ask_doctor(&mut self) {
        self.foresight = self.condition().map(|condition| Foresight {
            condition,
            said: None,
            again: None,
        });
    }

    /// Whether the doctor has been asked and has not answered.
    #[must_use]
    pub fn awaits_doctor(&self) -> bool {
        let foresight = self.foresight.as_ref();
        foresight.is_some_and(|foresight| foresight.said.is_none())
    }

    /// Stores the doctor's answer, `found`, about the condition recorded when it was asked, or about the
    /// present condition if none was.
    pub fn hear_doctor(&mut self, found: &[Diagnosis]) {
        if !self.awaits_doctor() {
            self.ask_doctor();
        }
        let own = found
            .iter()
            .filter(|one| one.table.as_ref() == Some(self.table()));
        let mut said = Said::default();
        for diagnosis in own {
            if !diagnosis.repairs.is_empty() {
                said.repairable.push(diagnosis.code());
            }
            if diagnosis.code() == FindingCode::TimestampMismatch {
                let finding = diagnosis.finding.clone();
                let remark = Remark::of(self.table(), &finding);
                said.end = Some((finding, remark));
            }
        }
        if let Some(foresight) = &mut self.foresight {
            foresight.said = Some(said);
        }
    }

    /// Records that the doctor could not look at the table; it is asked again after a while.
    pub fn miss_doctor(&mut self, now: Watermark) {
        if let Some(foresight) = &mut self.foresight {
            foresight.said = Some(Said::default());
            foresight.again = Watermark::from_micros(now.micros() + PAUSE);
        }
    }
}
