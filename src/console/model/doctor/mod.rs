//! Findings about tables, what would repair them, and the outcome of repairs.

mod case;
mod place;

use std::collections::{BTreeSet, HashSet, VecDeque};

pub use case::{Case, Stage, Widths};
pub use place::Reply;

use super::filter::complaint_of_findings;
use super::ledger::Subject;
use super::scroll::Scroll;
use super::words::Words;
use super::{Said, sweep};
use crate::backend::doctor::{Diagnosis, Examination, Repair, RepairWrite, Scope};
use crate::backend::finding::Severity;
use crate::jobs::{Failure, JobId, Request};
use crate::vocabulary::TableName;

/// The tables that one question is about.
#[derive(Debug, Clone)]
struct Part {
    tables: Vec<TableName>,
    scope: Scope,
}

/// An examination: the cases found so far, and what is yet to be examined.
#[derive(Debug, Clone)]
pub struct Doctor {
    /// The subject that its questions are asked under.
    pub subject: Subject,
    pub tables: Vec<TableName>,
    /// Whether to examine the whole profile, including what no table leads to.
    whole: bool,
    /// Worst first, then by table.
    pub cases: Vec<Case>,
    /// What the cases shown must contain.
    filter: Words,
    /// Indices of the cases shown.
    shown: Vec<usize>,
    /// What could not be examined, each failure once.
    pub failures: Vec<Failure>,
    pub scroll: Scroll,
    /// The preferred widths of the list.
    pub widths: Widths,
    queue: VecDeque<Part>,
    asked: Option<Part>,
    /// The tables of `asked` and `queue`.
    awaited: HashSet<TableName>,
    /// The table whose worst finding the cursor goes to once it has been examined.
    wanted: Option<TableName>,
    /// The result for that table, if there is no finding about it to go to. Its line is above the cases.
    pub reply: Option<Box<Reply>>,
}

impl Doctor {
    /// An examination of `tables` that has not started.
    #[must_use]
    pub fn new(subject: Subject, tables: Vec<TableName>, whole: bool) -> Self {
        Self {
            subject,
            tables,
            whole,
            cases: Vec::new(),
            filter: Words::default(),
            shown: Vec::new(),
            failures: Vec::new(),
            scroll: Scroll {
                cursor: 0,
                offset: 0,
            },
            widths: Widths::default(),
            queue: VecDeque::new(),
            asked: None,
            awaited: HashSet::new(),
            wanted: None,
            reply: None,
        }
    }

    /// Starts from the beginning: first `wanted`, because somebody is waiting for it, then the tables in
    /// `suspects`, then the others. Earlier findings stay until their tables have been examined again.
    pub fn begin(&mut self, wanted: Option<TableName>, suspects: &BTreeSet<TableName>) {
        self.failures.clear();
        let wanted = wanted.filter(|table| self.tables.contains(table));
        let before = self.under_cursor();
        self.cases.retain(|case| case.stage != Stage::Gone);
        self.pick();
        self.reply
            .take_if(|reply| Some(&reply.table) != wanted.as_ref());
        self.keep_cursor(&before);
        self.asked = None;
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
        self.note_awaited();
    }

    /// Examines a table again before any other.
    pub fn look_again(&mut self, table: &TableName) {
        self.queue.push_front(Part {
            tables: vec![table.clone()],
            scope: Scope::Tables,
        });
        self.note_awaited();
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

    /// Stores the answer to the question under way.
    pub fn take(&mut self, answer: Result<Examination, Failure>) {
        let Some(part) = self.asked.take() else {
            return;
        };
        match answer {
            Ok(found) => {
                let complete = found.failures.is_empty();
                for failure in found.failures {
                    self.note_failure(Failure::Error(failure));
                }
                self.replace(&part, found.diagnoses, complete);
            }
            Err(failure) => {
                let before = self.under_cursor();
                self.queue.clear();
                self.note_failure(failure);
                self.find_cursor(&before, &part.tables, false);
            }
        }
        self.note_awaited();
    }

    /// Updates the set of tables yet to be examined, which every line that is drawn looks up.
    fn note_awaited(&mut self) {
        let parts = self.asked.iter().chain(&self.queue);
        self.awaited = parts.flat_map(|part| part.tables.iter().cloned()).collect();
    }

    fn note_failure(&mut self, failure: Failure) {
        let chain = failure.chain();
        if self.failures.iter().all(|known| known.chain() != chain) {
            self.failures.push(failure);
        }
    }

    /// Replaces earlier findings about the same tables with the new ones; the cursor stays where it was.
    /// A finding counts as gone only if everything could be examined.
    fn replace(&mut self, part: &Part, found: Vec<Diagnosis>, complete: bool) {
        let before_cursor = self.under_cursor();
        let looked_at: BTreeSet<&TableName> = part.tables.iter().collect();
        let all: BTreeSet<&TableName> = self.tables.iter().collect();
        let profile = part.scope == Scope::Profile;
        let covers = |table: Option<&TableName>| match table {
            Some(table) => looked_at.contains(table) || profile && !all.contains(table),
            // Findings about the profile are reported with every table.
            None => profile || !self.whole,
        };
        let before = std::mem::take(&mut self.cases);
        self.cases = case::merge(before, found, |table| complete && covers(table));
        self.pick();
        self.find_cursor(&before_cursor, &part.tables, complete);
    }

    /// The filter as typed.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter.text
    }

    /// Why a word of the filter is invalid, if the filter lets nothing through.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        if !self.shown.is_empty() {
            return None;
        }
        self.filter.iter().find_map(complaint_of_findings)
    }

    /// Shows only the cases that match `text`. From then on the cursor no longer goes to a table by
    /// itself.
    pub fn show_only(&mut self, text: &str) {
        self.wanted = None;
        let before = self.under_cursor();
        self.filter = Words::parse(text);
        self.pick();
        self.keep_cursor(&before);
    }

    /// Works out which cases are shown.
    fn pick(&mut self) {
        let cases = self.cases.iter().enumerate();
        self.shown = cases
            .filter(|(_, case)| case.matches(&self.filter))
            .map(|(place, _)| place)
            .collect();
        self.widths = Widths::of(self.shown());
    }

    /// The cases that the filter lets through, worst first.
    pub fn shown(&self) -> impl Iterator<Item = &Case> {
        self.shown.iter().filter_map(|place| self.cases.get(*place))
    }

    /// Whether the whole profile is examined: all tables, and what no table leads to.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The tables being examined now, and how many are yet to come.
    #[must_use]
    pub fn under_way(&self) -> Option<(&[TableName], usize)> {
        let part = self.asked.as_ref()?;
        let rest = self.queue.iter().map(|part| part.tables.len()).sum();
        Some((&part.tables, rest))
    }

    /// Whether a table is yet to be examined again, so that what is known about it may be out of date.
    #[must_use]
    pub fn is_awaited(&self, table: Option<&TableName>) -> bool {
        table.is_some_and(|table| self.awaited.contains(table))
    }

    /// Number of findings that are still there, shown or not.
    #[must_use]
    pub fn found(&self) -> usize {
        let there = self.cases.iter().filter(|case| case.stage != Stage::Gone);
        there.count()
    }

    /// Number of findings shown of this severity that are still there.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let found = self.shown().filter(|case| {
            case.stage != Stage::Gone && case.diagnosis.finding.severity == severity
        });
        found.count()
    }

    /// The repairs shown that need no choice, at most one per table: any other finding about the table
    /// is worked out again after that repair.
    #[must_use]
    pub fn safe_repairs(&self) -> Vec<&Repair> {
        let mut tables = BTreeSet::new();
        self.shown()
            .filter(|case| case.stage == Stage::Found)
            .filter_map(Case::safe_repair)
            .filter(|repair| !self.is_awaited(Some(&repair.table)))
            .filter(|repair| tables.insert(&repair.table))
            .collect()
    }

    /// Records that a job is applying a repair.
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

    /// Records that the job has ended.
    pub fn repaired(&mut self, job: JobId, remark: Said, written: Vec<RepairWrite>) {
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

    /// Records that the owner of the database has run a statement. The findings it was about stay in the
    /// list, whether they are found again or not.
    pub fn owned(&mut self, statement: &str) {
        let found = self
            .cases
            .iter_mut()
            .filter(|case| case.stage == Stage::Found && case.statement() == Some(statement));
        for case in found {
            case.remark = Some(Said::ok("its owner has run the statement"));
        }
    }
}
