//! What is wrong with tables, what would put it right, and what has become of that.

mod case;

use std::collections::{BTreeSet, VecDeque};

pub use case::{Case, Stage};

use super::ledger::Subject;
use super::scroll::{Scroll, Step};
use super::{Tone, sweep};
use crate::backend::TableName;
use crate::backend::doctor::{Diagnosis, Examination, Repair, RepairWrite, Scope};
use crate::backend::finding::{FindingCode, Severity};
use crate::jobs::{Failure, JobId, Request};

/// Tables that one question is about.
#[derive(Debug, Clone)]
struct Part {
    tables: Vec<TableName>,
    scope: Scope,
}

/// An examination: the cases found so far, and what is still looked at.
#[derive(Debug, Clone)]
pub struct Doctor {
    /// Under which its questions are asked.
    pub subject: Subject,
    pub tables: Vec<TableName>,
    /// Whether also what no table leads to is looked at.
    whole: bool,
    /// Worst first, then by table.
    pub cases: Vec<Case>,
    /// What could not be looked at, each once.
    pub failures: Vec<Failure>,
    pub scroll: Scroll,
    queue: VecDeque<Part>,
    asked: Option<Part>,
    /// The table to whose worst finding the cursor goes once it is there.
    wanted: Option<TableName>,
}

impl Doctor {
    /// An examination of `tables` that has not begun.
    #[must_use]
    pub const fn new(subject: Subject, tables: Vec<TableName>, whole: bool) -> Self {
        Self {
            subject,
            tables,
            whole,
            cases: Vec::new(),
            failures: Vec::new(),
            scroll: Scroll {
                cursor: 0,
                offset: 0,
            },
            queue: VecDeque::new(),
            asked: None,
            wanted: None,
        }
    }

    /// Begins anew: `wanted` first, because somebody waits for it, then those of `suspects`, then the
    /// others. What was found before stays until it has been looked at again.
    pub fn begin(&mut self, wanted: Option<TableName>, suspects: &BTreeSet<TableName>) {
        self.failures.clear();
        self.cases.retain(|case| case.stage != Stage::Gone);
        self.asked = None;
        let wanted = wanted.filter(|table| suspects.contains(table) && self.tables.contains(table));
        let (suspected, others): (Vec<_>, Vec<_>) = self
            .tables
            .iter()
            .filter(|table| Some(*table) != wanted.as_ref())
            .cloned()
            .partition(|table| suspects.contains(table));
        let first = wanted.clone().into_iter().collect::<Vec<_>>();
        self.queue = [first, suspected, others]
            .iter()
            .flat_map(|tables| tables.chunks(sweep::CHUNK))
            .map(|tables| Part {
                tables: tables.to_vec(),
                scope: Scope::Tables,
            })
            .collect();
        if self.whole
            && let Some(last) = self.queue.back_mut()
        {
            last.scope = Scope::Profile;
        }
        self.wanted = wanted;
    }

    /// Looks at a table again before everything else.
    pub fn look_again(&mut self, table: &TableName) {
        self.queue.push_front(Part {
            tables: vec![table.clone()],
            scope: Scope::Tables,
        });
    }

    /// The next question, unless one is under way.
    pub fn next_question(&mut self) -> Option<Request> {
        if self.asked.is_some() {
            return None;
        }
        let part = self.queue.pop_front()?;
        let request = Request::Diagnose {
            tables: part.tables.clone(),
            scope: part.scope,
        };
        self.asked = Some(part);
        Some(request)
    }

    /// The answer to the question under way.
    pub fn take(&mut self, answer: Result<Examination, Failure>) {
        let Some(part) = self.asked.take() else {
            return;
        };
        match answer {
            Ok(found) => {
                for failure in found.failures {
                    self.note_failure(Failure::Error(failure));
                }
                self.replace(&part, found.diagnoses);
            }
            Err(failure) => {
                self.queue.clear();
                self.note_failure(failure);
            }
        }
    }

    fn note_failure(&mut self, failure: Failure) {
        let chain = failure.chain();
        if self.failures.iter().all(|known| known.chain() != chain) {
            self.failures.push(failure);
        }
    }

    /// What was found now takes the place of what was found before about the same tables; the cursor
    /// stays where it was.
    fn replace(&mut self, part: &Part, found: Vec<Diagnosis>) {
        let under_cursor = self
            .current()
            .map(|case| (case.table().cloned(), case.diagnosis.code()));
        let mut found: Vec<Option<Diagnosis>> = found.into_iter().map(Some).collect();
        let mut kept = Vec::new();
        for mut case in std::mem::take(&mut self.cases) {
            let again = found.iter_mut().find(|new| {
                new.as_ref()
                    .is_some_and(|new| case.is_about(new.table.as_ref(), new.code()))
            });
            if let Some(again) = again.and_then(Option::take) {
                case.diagnosis = again;
                if case.stage == Stage::Gone {
                    case = Case::new(case.diagnosis);
                }
                kept.push(case);
            } else if !self.covers(part, case.table()) || case.stage != Stage::Found {
                kept.push(case);
            } else if case.remark.is_some() {
                case.stage = Stage::Gone;
                kept.push(case);
            }
        }
        kept.extend(found.into_iter().flatten().map(Case::new));
        kept.sort_by(|a, b| a.rank().cmp(&b.rank()));
        self.cases = kept;
        self.find_cursor(under_cursor);
    }

    /// Whether everything about `table` was looked at for `part`.
    fn covers(&self, part: &Part, table: Option<&TableName>) -> bool {
        match table {
            Some(table) if part.tables.contains(table) => true,
            Some(table) => part.scope == Scope::Profile && !self.tables.contains(table),
            // What is said of the profile is said with every table.
            None => part.scope == Scope::Profile || !self.whole,
        }
    }

    fn find_cursor(&mut self, before: Option<(Option<TableName>, FindingCode)>) {
        let wanted = self.wanted.as_ref().and_then(|wanted| {
            self.cases
                .iter()
                .position(|case| case.table() == Some(wanted))
        });
        let place = wanted.or_else(|| {
            let (table, code) = before?;
            self.cases
                .iter()
                .position(|case| case.is_about(table.as_ref(), code))
        });
        if wanted.is_some() {
            self.wanted = None;
        }
        if let Some(place) = place {
            self.scroll.cursor = place;
        }
        self.scroll.cursor = self.scroll.cursor.min(self.cases.len().saturating_sub(1));
    }

    /// Whether all tables are looked at, and what no table leads to.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The case under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Case> {
        self.cases.get(self.scroll.cursor)
    }

    /// Moves the cursor in a list of which `height` lines are shown. From then on it stays where it
    /// was put.
    pub fn step(&mut self, step: Step, height: usize) {
        self.wanted = None;
        self.scroll.step(step, self.cases.len(), height);
    }

    /// The tables that are being looked at now, and how many are still to come.
    #[must_use]
    pub fn under_way(&self) -> Option<(&[TableName], usize)> {
        let part = self.asked.as_ref()?;
        let rest = self.queue.iter().map(|part| part.tables.len()).sum();
        Some((&part.tables, rest))
    }

    /// Whether a table is to be looked at again, so that what is known of it may not be true any more.
    #[must_use]
    pub fn is_awaited(&self, table: Option<&TableName>) -> bool {
        let Some(table) = table else {
            return false;
        };
        self.asked
            .iter()
            .chain(&self.queue)
            .any(|part| part.tables.contains(table))
    }

    /// Findings of a severity that are still there.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let found = self.cases.iter().filter(|case| {
            case.stage != Stage::Gone && case.diagnosis.finding.severity == severity
        });
        found.count()
    }

    /// The repairs that need no choice, at most one of each table: what else is wrong with it is
    /// worked out anew after that.
    #[must_use]
    pub fn safe_repairs(&self) -> Vec<&Repair> {
        let mut tables = BTreeSet::new();
        self.cases
            .iter()
            .filter(|case| case.stage == Stage::Found && !self.is_awaited(case.table()))
            .filter_map(Case::safe_repair)
            .filter(|repair| tables.insert(&repair.table))
            .collect()
    }

    /// A job puts a finding right now.
    pub fn repairing(&mut self, repair: &Repair, job: JobId) {
        let table = Some(&repair.table);
        let case = self.cases.iter_mut().find(|case| {
            case.is_about(table, repair.code) && case.diagnosis.repairs.contains(repair)
        });
        if let Some(case) = case {
            case.stage = Stage::Repairing(job);
            case.remark = None;
        }
    }

    /// The job has ended.
    pub fn repaired(&mut self, job: JobId, remark: (Tone, String), written: Vec<RepairWrite>) {
        let case = self
            .cases
            .iter_mut()
            .find(|case| case.stage == Stage::Repairing(job));
        if let Some(case) = case {
            case.stage = Stage::Found;
            case.remark = Some(remark);
            case.written = written;
        }
    }
}
