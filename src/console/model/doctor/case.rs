//! A finding, and what has become of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use crate::backend::doctor::{Diagnosis, Repair, RepairWrite};
use crate::backend::finding::{FindingCode, Severity};
use crate::console::model::Said;
use crate::console::model::words::Words;
use crate::jobs::JobId;
use crate::text::{visible, width};
use crate::vocabulary::TableName;

/// A finding, and what has been done about it.
#[derive(Debug, Clone)]
pub struct Case {
    pub diagnosis: Diagnosis,
    pub stage: Stage,
    /// The outcome of the last repair, shown next to the finding.
    pub remark: Option<Said>,
    /// What the last repair wrote.
    pub written: Vec<RepairWrite>,
}

/// The state of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Found,
    /// This job is repairing it.
    Repairing(JobId),
    /// Not found any more. It stays in the list, so that what was done can be read there.
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

    /// The table that the finding is about; `None` if it is about the whole profile.
    #[must_use]
    pub const fn table(&self) -> Option<&TableName> {
        self.diagnosis.table.as_ref()
    }

    /// Whether it is merely a note, which nobody waits for.
    #[must_use]
    pub fn is_note(&self) -> bool {
        self.diagnosis.finding.severity == Severity::Info
    }

    /// The only repair, if it needs no choice.
    #[must_use]
    pub fn safe_repair(&self) -> Option<&Repair> {
        match self.diagnosis.repairs.as_slice() {
            [only] if !only.is_choice => Some(only),
            _ => None,
        }
    }

    /// The statement about it that the owner of the database can run.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.diagnosis.statement()
    }

    pub(super) fn is_about(&self, table: Option<&TableName>, code: FindingCode) -> bool {
        self.table() == table && self.diagnosis.code() == code
    }

    /// Whether the filter lets it through: `finding:stuck` matches the code alone, and `severity:error`
    /// the severity.
    pub(super) fn matches(&self, filter: &Words) -> bool {
        if filter.is_empty() {
            return true;
        }
        let finding = &self.diagnosis.finding;
        let code = finding.code.as_str();
        let severities: &[&str] = match finding.severity {
            Severity::Error => &["error"],
            Severity::Warning => &["warning"],
            Severity::Info => &["info", "note"],
        };
        let table = self.table().map_or_else(String::new, ToString::to_string);
        let texts = [table.as_str(), code, &finding.message].map(str::to_lowercase);
        filter.match_by(|word| {
            if let Some(wanted) = word.strip_prefix("finding:") {
                code.starts_with(wanted)
            } else if let Some(wanted) = word.strip_prefix("severity:") {
                severities.iter().any(|name| name.starts_with(wanted))
            } else {
                texts.iter().any(|text| text.contains(word))
            }
        })
    }

    /// Sort key: worst first, then by table.
    pub(super) const fn rank(&self) -> (Reverse<Severity>, Option<&TableName>, FindingCode) {
        let finding = &self.diagnosis.finding;
        (Reverse(finding.severity), self.table(), finding.code)
    }
}

/// Replaces the cases `before` by what was `found` now. A finding that was not found again is removed if
/// `is_gone` holds for its table, but stays, as gone, if something was done about it.
pub(super) fn merge(
    before: Vec<Case>,
    found: Vec<Diagnosis>,
    is_gone: impl Fn(Option<&TableName>) -> bool,
) -> Vec<Case> {
    let mut new: BTreeMap<(Option<TableName>, FindingCode), VecDeque<Diagnosis>> = BTreeMap::new();
    for diagnosis in found {
        let key = (diagnosis.table.clone(), diagnosis.code());
        new.entry(key).or_default().push_back(diagnosis);
    }
    let mut cases = Vec::with_capacity(before.len());
    for mut case in before {
        let key = (case.table().cloned(), case.diagnosis.code());
        if let Some(again) = new.get_mut(&key).and_then(VecDeque::pop_front) {
            if case.stage == Stage::Gone {
                case = Case::new(again);
            } else {
                case.diagnosis = again;
            }
        } else if case.stage == Stage::Found && is_gone(case.table()) {
            if case.remark.is_none() {
                continue;
            }
            case.stage = Stage::Gone;
        }
        cases.push(case);
    }
    cases.extend(new.into_values().flatten().map(Case::new));
    cases.sort_by(|a, b| a.rank().cmp(&b.rank()));
    cases
}

/// The preferred widths of the columns of a list of cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct Widths {
    pub table: usize,
    pub code: usize,
}

impl Widths {
    pub(super) fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        cases.fold(Self::default(), |widest, case| {
            let table = case.table().map(ToString::to_string).unwrap_or_default();
            Self {
                table: widest.table.max(width(&visible(&table))),
                code: widest.code.max(case.diagnosis.code().as_str().len()),
            }
        })
    }
}
