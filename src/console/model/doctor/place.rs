//! Where the cursor is, and where it goes when an answer arrives.
//!
//! A user who examines a table is waiting for that table: the cursor goes to its first finding, or to a line
//! saying that there is none, but never to a finding about another table. Notes are at the end of the list,
//! and the cursor on one could scroll worse findings out of sight: for a table with nothing but notes, the
//! cursor goes to that line as well, and the notes are shown with it.

use super::{Case, Doctor};
use crate::backend::finding::FindingCode;
use crate::console::model::scroll::Step;
use crate::vocabulary::TableName;

/// The result for the table that the user asked about, if there is no finding about it to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub table: TableName,
    /// Whether everything could be examined, so that nothing is wrong with the table.
    pub is_healthy: bool,
    /// Whether there are notes about the table.
    pub is_noted: bool,
}

/// What the cursor is on.
pub(super) enum Under {
    Nothing,
    Reply(TableName),
    Case(Option<TableName>, FindingCode),
}

impl Under {
    fn is(&self, case: &Case) -> bool {
        matches!(self, Self::Case(table, code) if case.is_about(table.as_ref(), *code))
    }
}

impl Doctor {
    /// Number of lines in the list.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.heads() + self.shown.len()
    }

    /// Number of lines above the cases. With a filter there are none: it selects from the findings alone.
    #[must_use]
    pub fn heads(&self) -> usize {
        usize::from(self.reply.is_some() && self.filter.is_empty())
    }

    /// The case under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Case> {
        self.case_at(self.scroll.cursor)
    }

    /// The case on a line of the list.
    #[must_use]
    pub fn case_at(&self, line: usize) -> Option<&Case> {
        let place = self.shown.get(line.checked_sub(self.heads())?)?;
        self.cases.get(*place)
    }

    /// The reply, if the cursor is on it. Without any findings there is no list for it to be a line of.
    #[must_use]
    pub fn current_reply(&self) -> Option<&Reply> {
        let on_it = self.scroll.cursor == 0 && self.heads() > 0 && !self.cases.is_empty();
        self.reply.as_deref().filter(|_| on_it)
    }

    /// The notes about a table.
    pub fn notes(&self, table: &TableName) -> impl Iterator<Item = &Case> {
        let cases = self.cases.iter().filter(|case| case.is_note());
        cases.filter(move |case| case.table() == Some(table))
    }

    /// The table that the line under the cursor is about.
    #[must_use]
    pub fn current_table(&self) -> Option<&TableName> {
        self.current().map_or_else(
            || self.current_reply().map(|reply| &reply.table),
            Case::table,
        )
    }

    pub(super) fn under_cursor(&self) -> Under {
        match (self.current(), &self.reply) {
            (Some(case), _) => Under::Case(case.table().cloned(), case.diagnosis.code()),
            (None, Some(reply)) => Under::Reply(reply.table.clone()),
            (None, None) => Under::Nothing,
        }
    }

    /// Puts the cursor where it belongs after the tables in `looked_at` were examined: on the table that the
    /// user is waiting for, or else on what it was on `before`.
    pub(super) fn find_cursor(&mut self, before: &Under, looked_at: &[TableName], complete: bool) {
        let wanted = match (self.wanted.take(), before) {
            (None, Under::Reply(table)) => Some(table.clone()),
            (wanted, _) => wanted,
        };
        let is_told = |table: &TableName| {
            let mut cases = self.cases.iter().filter(|case| !case.is_note());
            cases.any(|case| case.table() == Some(table))
        };
        if let Some(wanted) = wanted {
            if is_told(&wanted) {
                self.reply = None;
                self.point_at_table(&wanted, before);
                return;
            }
            if looked_at.contains(&wanted) {
                let is_noted = self.cases.iter().any(|case| case.table() == Some(&wanted));
                self.reply = Some(Box::new(Reply {
                    table: wanted,
                    is_healthy: complete,
                    is_noted,
                }));
                self.scroll.cursor = 0;
                return;
            }
            self.wanted = Some(wanted);
        }
        if self
            .reply
            .as_ref()
            .is_some_and(|reply| is_told(&reply.table))
        {
            self.reply = None;
        }
        self.keep_cursor(before);
    }

    /// Puts the cursor back on what it was on `before`, if that is still there.
    pub(super) fn keep_cursor(&mut self, before: &Under) {
        let place = self.shown().position(|case| before.is(case));
        if let Some(place) = place {
            self.scroll.cursor = self.heads() + place;
        }
        self.scroll.cursor = self.scroll.cursor.min(self.lines().saturating_sub(1));
    }

    /// Puts the cursor on the first finding about `table`, unless it is on one already.
    fn point_at_table(&mut self, table: &TableName, before: &Under) {
        let own = |case: &Case| case.table() == Some(table);
        let same = self.shown().position(|case| own(case) && before.is(case));
        let place = same.or_else(|| self.shown().position(own));
        self.scroll.cursor = place.unwrap_or(0);
    }

    /// Moves the cursor in a list that shows `height` lines. From then on it no longer goes to a table by
    /// itself.
    pub fn step(&mut self, step: Step, height: usize) {
        self.wanted = None;
        self.scroll.step(step, self.lines(), height);
    }
}
