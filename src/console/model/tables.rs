//! The Tables screen: the rows, which of them are shown, and the place in them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::filter::Filter;
use super::row::{Row, outage};
use super::scroll::Step;
use crate::backend::source::SourceTable;
use crate::backend::status::TableStatus;
use crate::backend::{TableName, Watermark};
use crate::config::Mode;
use crate::jobs::{Failure, JobId};

/// The order of the rows; ties are by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    /// Most pending rows first.
    Pending,
    /// Oldest watermark first.
    Age,
    /// What needs attention first.
    State,
}

impl Sort {
    /// The next order.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Name => Self::Pending,
            Self::Pending => Self::Age,
            Self::Age => Self::State,
            Self::State => Self::Name,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Pending => "pending",
            Self::Age => "oldest first",
            Self::State => "state",
        }
    }
}

/// The tables and the place among them. The cursor and the marks are names, so that they stay on
/// their tables whatever is refreshed, sorted or filtered.
#[derive(Debug, Default)]
pub struct Tables {
    /// By name.
    pub rows: Vec<Row>,
    /// Indexes of the rows that are shown, in their order.
    pub shown: Vec<usize>,
    pub cursor: Option<TableName>,
    /// The first row shown, as a place in `shown`.
    pub offset: usize,
    pub marks: BTreeSet<TableName>,
    /// Where a range of marks began.
    pub anchor: Option<TableName>,
    pub filter: Filter,
    pub sort: Sort,
    pub age: bool,
    /// Whether the list of tables has ever arrived.
    pub loaded: bool,
    /// Why the last question about tables failed as a whole.
    pub trouble: Option<Failure>,
    /// The sweep over all tables that is under way.
    pub sweep: Option<Sweep>,
    /// Questions about single tables that are under way.
    pub asked: HashMap<JobId, Vec<TableName>>,
    /// When the next sweep begins.
    pub due: Option<Watermark>,
    /// Sweeps that have ended.
    pub sweeps: u64,
}

/// A round of questions about all tables.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    pub job: JobId,
    pub began: Watermark,
}

impl Tables {
    /// Takes over the list of tables; what is known of those that stay is kept.
    pub fn replace(&mut self, tables: Vec<SourceTable>) {
        let mut known: HashMap<TableName, Row> = self
            .rows
            .drain(..)
            .map(|row| (row.status.table.clone(), row))
            .collect();
        self.rows = tables
            .into_iter()
            .map(|table| match known.remove(&table.name) {
                Some(mut row) => {
                    row.status.catalog = table.findings;
                    row
                }
                None => Row::new(TableStatus::new(
                    table.name,
                    Mode::default(),
                    table.findings,
                )),
            })
            .collect();
        self.rows
            .sort_by(|a, b| a.status.table.cmp(&b.status.table));
        let rows = &self.rows;
        self.marks
            .retain(|mark| rows.iter().any(|row| row.status.table == *mark));
        self.loaded = true;
    }

    /// The row of a table.
    pub fn row_mut(&mut self, table: &TableName) -> Option<&mut Row> {
        let at = self
            .rows
            .binary_search_by(|row| row.status.table.cmp(table))
            .ok()?;
        self.rows.get_mut(at)
    }

    /// The row of a table.
    #[must_use]
    pub fn row(&self, table: &TableName) -> Option<&Row> {
        let at = self
            .rows
            .binary_search_by(|row| row.status.table.cmp(table))
            .ok()?;
        self.rows.get(at)
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor.as_ref()?)
    }

    /// The rows shown, in their order.
    pub fn visible(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|index| self.rows.get(*index))
    }

    /// Place of the cursor among the rows shown.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place_of(self.cursor.as_ref()).unwrap_or(0)
    }

    fn place_of(&self, table: Option<&TableName>) -> Option<usize> {
        let table = table?;
        self.visible().position(|row| row.status.table == *table)
    }

    /// Whether a table is marked, or in the range that is being marked.
    #[must_use]
    pub fn is_marked(&self, table: &TableName) -> bool {
        self.marks.contains(table) || self.range().contains(&table)
    }

    /// The tables between where the range began and the cursor.
    #[must_use]
    pub fn range(&self) -> Vec<&TableName> {
        let Some(from) = self.place_of(self.anchor.as_ref()) else {
            return Vec::new();
        };
        let to = self.place();
        self.visible()
            .skip(from.min(to))
            .take(from.abs_diff(to) + 1)
            .map(|row| &row.status.table)
            .collect()
    }

    /// What an action works on: the marked tables, or else the one under the cursor.
    #[must_use]
    pub fn targets(&self) -> Vec<TableName> {
        let marked: Vec<TableName> = self
            .rows
            .iter()
            .map(|row| &row.status.table)
            .filter(|table| self.is_marked(table))
            .cloned()
            .collect();
        if marked.is_empty() {
            self.current()
                .map(|row| row.status.table.clone())
                .into_iter()
                .collect()
        } else {
            marked
        }
    }

    /// What keeps all tables from being up to date, each party that is out of reach once.
    #[must_use]
    pub fn outages(&self) -> Vec<String> {
        let errors = self.rows.iter().flat_map(|row| row.status.errors());
        let mut lines: BTreeSet<String> = errors.filter_map(|error| outage(error)).collect();
        match &self.trouble {
            Some(Failure::Error(error)) => {
                lines.insert(outage(error).unwrap_or_else(|| error.to_string()));
            }
            Some(panicked) => lines.extend(panicked.chain().into_iter().next()),
            None => {}
        }
        lines.into_iter().collect()
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step) {
        self.point_at(step.from(self.place(), self.shown.len()));
    }

    /// Puts the cursor on a place among the rows shown.
    pub fn point_at(&mut self, place: usize) {
        let row = self
            .shown
            .get(place)
            .and_then(|index| self.rows.get(*index));
        if let Some(row) = row {
            self.cursor = Some(row.status.table.clone());
        }
    }

    /// Finds out anew which rows are shown and in which order, and keeps the cursor on its table
    /// and in sight of a list of `height` lines. A table that is filtered away hands the cursor to
    /// the one that takes its place.
    pub fn settle(&mut self, now: Watermark, height: usize) {
        let before = self.place();
        let mut shown: Vec<usize> = (0..self.rows.len())
            .filter(|index| self.filter.matches(&self.rows[*index], now))
            .collect();
        self.order(&mut shown);
        self.shown = shown;
        if self.place_of(self.cursor.as_ref()).is_none() {
            self.cursor = None;
            self.point_at(before.min(self.shown.len().saturating_sub(1)));
        }
        self.keep_in_sight(height);
    }

    fn order(&self, shown: &mut [usize]) {
        let status_of = |index: &usize| &self.rows[*index].status;
        match self.sort {
            Sort::Name => {}
            Sort::Pending => shown.sort_by_key(|index| {
                Reverse(status_of(index).counts().map(|counts| counts.pending))
            }),
            Sort::Age => shown.sort_by_key(|index| status_of(index).timestamp()),
            Sort::State => shown.sort_by_key(|index| {
                let standing = self.rows[*index].state();
                (standing.is_none(), standing)
            }),
        }
    }

    fn keep_in_sight(&mut self, height: usize) {
        let place = self.place();
        let lowest = self.shown.len().saturating_sub(1);
        let earliest = self.first_above(place, height);
        let latest = place.min(self.first_above(lowest, height)).max(earliest);
        self.offset = self.offset.clamp(earliest, latest);
    }

    /// The earliest place from which `bottom` is still in sight.
    fn first_above(&self, bottom: usize, height: usize) -> usize {
        let lines = |place: usize| {
            self.shown
                .get(place)
                .and_then(|index| self.rows.get(*index))
                .map_or(0, Row::height)
        };
        let mut first = bottom;
        let mut taken = lines(bottom);
        while first > 0 && taken + lines(first - 1) <= height {
            first -= 1;
            taken += lines(first);
        }
        first
    }
}
