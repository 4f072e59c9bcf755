//! A finding, and what has become of it.

use std::cmp::Reverse;

use crate::backend::TableName;
use crate::backend::doctor::{Diagnosis, Repair, RepairWrite};
use crate::backend::finding::{FindingCode, Severity};
use crate::console::model::Tone;
use crate::jobs::JobId;

/// A finding, with what has been done about it.
#[derive(Debug, Clone)]
pub struct Case {
    pub diagnosis: Diagnosis,
    pub stage: Stage,
    /// What became of the last repair, said beside the finding.
    pub remark: Option<(Tone, String)>,
    /// What the last repair wrote.
    pub written: Vec<RepairWrite>,
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Found,
    /// This job puts it right.
    Repairing(JobId),
    /// It is not found any more. It stays in the list, so that what was done can be read there.
    Gone,
}

impl Case {
    pub(super) const fn new(diagnosis: Diagnosis) -> Self {
        Self {
            diagnosis,
            stage: Stage::Found,
            remark: None,
            written: Vec::new(),
        }
    }

    /// The table it is about; `None` where it is about the whole profile.
    #[must_use]
    pub const fn table(&self) -> Option<&TableName> {
        self.diagnosis.table.as_ref()
    }

    /// The only repair, where there is no choice.
    #[must_use]
    pub fn safe_repair(&self) -> Option<&Repair> {
        match self.diagnosis.repairs.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub(super) fn is_about(&self, table: Option<&TableName>, code: FindingCode) -> bool {
        self.table() == table && self.diagnosis.code() == code
    }

    /// Worst first, then by table.
    pub(super) const fn rank(&self) -> (Reverse<Severity>, Option<&TableName>, FindingCode) {
        let finding = &self.diagnosis.finding;
        (Reverse(finding.severity), self.table(), finding.code)
    }
}
