//! The Tables screen: the rows, which of them are shown, and the cursor among them.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;

use super::column::LeftOut;
use super::filter::Filter;
use super::gist::Gists;
use super::ledger::is_long;
use super::row::Row;
use super::scroll::Step;
use super::sort::Sort;
use super::sweep::Rounds;
use super::widths::Widths;
use crate::backend::source::SourceTable;
use crate::jobs::Failure;
use crate::vocabulary::{TableName, Watermark};

/// The tables, and the cursor among them. The cursor and the marks are names, so that they stay on their
/// tables through any refresh, sorting or filtering.
#[derive(Debug, Default)]
pub struct Tables {
    /// Sorted by name. What a list shows of a row changes only through [`Tables::row_mut`].
    pub rows: Vec<Row>,
    /// What the list as a whole needs of each row, as of when the list was last settled.
    pub(super) gists: Gists,
    /// Indices of the rows that are shown, in order.
    pub shown: Vec<usize>,
    pub cursor: Option<TableName>,
    /// Position of the cursor among the rows shown.
    place: usize,
    /// The table under the cursor when the list was last settled, and the lines above it on the screen.
    line: Option<(TableName, usize)>,
    /// The first row on the screen, as a position in `shown`.
    pub offset: usize,
    /// Number of lines that the list has room for.
    pub height: usize,
    pub marks: BTreeSet<TableName>,
    /// Where a range of marks starts.
    pub anchor: Option<TableName>,
    pub filter: Filter,
    pub sort: Sort,
    pub age: bool,
    /// Columns that are hidden.
    pub left_out: LeftOut,
    /// Whether updates have arrived that the list does not show yet.
    pub unsettled: bool,
    /// Whether the list of tables has ever arrived.
    pub loaded: bool,
    /// Why the last question about tables failed altogether.
    pub trouble: Option<Failure>,
    /// What keeps all tables from being up to date: each service that is out of reach, once.
    pub outages: Vec<String>,
    /// What holds back rows of all tables: a transaction, or a standby that is behind.
    pub held: Option<String>,
    /// What weakens the guarantee for all tables.
    pub weak: Option<String>,
    /// The preferred widths of the columns, over the tables shown.
    pub widths: Widths,
    /// The questions that keep the tables up to date.
    pub rounds: Rounds,
}

/// Compares two tables by their names as shown. Called thousands of times for every list.
fn by_shown(one: &TableName, other: &TableName) -> Ordering {
    shown(one).cmp(shown(other)).then_with(|| one.cmp(other))
}

/// The name as shown, which is without the schema if that is `public`.
fn shown(table: &TableName) -> impl Iterator<Item = u8> {
    let (schema, dot) = match table.schema() {
        "public" => ("", ""),
        schema => (schema, "."),
    };
    let name = table.name().bytes();
    schema.bytes().chain(dot.bytes()).chain(name)
}

impl Tables {
    /// Replaces the list of tables; what is known of tables that remain is kept.
    pub fn replace(&mut self, tables: Vec<SourceTable>) {
        let mut known: HashMap<TableName, Row> = self
            .rows
            .drain(..)
            .map(|row| (row.table().clone(), row))
            .collect();
        self.rows = tables
            .into_iter()
            .map(|table| match known.remove(&table.name) {
                Some(mut row) => {
                    row.describe(table);
                    row
                }
                None => Row::new(table),
            })
            .collect();
        self.rows.sort_by(|a, b| by_shown(a.table(), b.table()));
        self.gists.forget();
        let names: HashSet<&TableName> = self.rows.iter().map(Row::table).collect();
        self.marks.retain(|mark| names.contains(mark));
        self.loaded = true;
    }

    fn index_of(&self, table: &TableName) -> Option<usize> {
        self.rows
            .binary_search_by(|row| by_shown(row.table(), table))
            .ok()
    }

    /// The row of a table.
    pub fn row_mut(&mut self, table: &TableName) -> Option<&mut Row> {
        let at = self.index_of(table)?;
        self.gists.outdate(at);
        self.rows.get_mut(at)
    }

    /// The row of a table.
    #[must_use]
    pub fn row(&self, table: &TableName) -> Option<&Row> {
        self.rows.get(self.index_of(table)?)
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor.as_ref()?)
    }

    /// The rows shown, in order.
    pub fn visible(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|index| self.rows.get(*index))
    }

    /// The rows that are on the screen.
    pub fn on_screen(&self) -> impl Iterator<Item = &Row> {
        self.visible().skip(self.offset).take(self.height)
    }

    /// The service that has kept rows on the screen waiting for long enough to be reported, and since when. A
    /// service that is known to be out of reach is reported elsewhere.
    #[must_use]
    pub fn unanswered(&self, now: Watermark) -> Option<(Watermark, &'static str)> {
        let rows = self.on_screen().filter_map(|row| row.awaited.silent());
        let list = self.rounds.listing.map(|since| (since, "PostgreSQL"));
        // Until the list has arrived, the wait is reported in its place.
        let is_told = !self.loaded || !self.outages.is_empty();
        rows.chain(list)
            .min_by_key(|(since, _)| *since)
            .filter(|(since, _)| !is_told && is_long(*since, now))
    }

    /// Positions of the first and the last row in sight; `None` if all are.
    #[must_use]
    pub fn in_sight(&self) -> Option<(usize, usize)> {
        let mut lines = 0;
        let visible = self.visible().skip(self.offset);
        let seen = visible.take_while(|row| {
            lines += row.height();
            lines <= self.height
        });
        let last = self.offset + seen.count();
        let all = self.offset == 0 && last == self.shown.len();
        (!all && last > self.offset).then(|| (self.offset, last - 1))
    }

    /// Position of the cursor among the rows shown.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.place
    }

    fn place_of(&self, table: Option<&TableName>) -> Option<usize> {
        let index = self.index_of(table?)?;
        self.shown.iter().position(|shown| *shown == index)
    }

    /// Whether a table is marked, or in the range being marked.
    #[must_use]
    pub fn is_marked(&self, table: &TableName, place: usize) -> bool {
        self.marks.contains(table)
            || self
                .range_places()
                .is_some_and(|range| range.contains(&place))
    }

    /// Positions between the start of the range and the cursor.
    fn range_places(&self) -> Option<RangeInclusive<usize>> {
        let from = self.place_of(self.anchor.as_ref())?;
        Some(from.min(self.place)..=from.max(self.place))
    }

    /// The tables between the start of the range and the cursor.
    pub fn range(&self) -> impl Iterator<Item = &TableName> {
        let (skipped, taken) = self.range_places().map_or((0, 0), |range| {
            (*range.start(), range.end() - range.start() + 1)
        });
        self.visible().skip(skipped).take(taken).map(Row::table)
    }

    /// The tables that are marked or in the range being marked, by name.
    #[must_use]
    pub fn marked(&self) -> BTreeSet<&TableName> {
        self.marks.iter().chain(self.range()).collect()
    }

    /// The marked tables that the filter lets through, by name.
    #[must_use]
    pub fn marked_and_shown(&self) -> BTreeSet<&TableName> {
        let shown = self.visible().map(Row::table);
        let marked = shown.filter(|table| self.marks.contains(*table));
        marked.chain(self.range()).collect()
    }

    /// Whether tables are marked, but none of them is shown.
    #[must_use]
    pub fn is_marked_unseen(&self) -> bool {
        !self.marks.is_empty() && self.marked_and_shown().is_empty()
    }

    /// Removes the marks from the tables shown, as an action now applies to them.
    pub fn unmark_shown(&mut self) {
        let shown: Vec<TableName> = self.marked_and_shown().into_iter().cloned().collect();
        self.marks.retain(|mark| !shown.contains(mark));
    }

    /// The tables an action applies to: the marked ones, or else the one under the cursor. An action never
    /// applies to a table that is not shown, nor to an unmarked one instead of marked ones: if tables are
    /// marked but none of them is shown, it applies to none.
    #[must_use]
    pub fn targets(&self) -> Vec<TableName> {
        if self.is_marked_unseen() {
            return Vec::new();
        }
        let marked = self.marked_and_shown();
        if marked.is_empty() {
            self.current()
                .map(|row| row.table().clone())
                .into_iter()
                .collect()
        } else {
            marked.into_iter().cloned().collect()
        }
    }

    /// Number of lines around the rows: the column heads, and what is said about all tables.
    #[must_use]
    pub fn heads(&self) -> usize {
        1 + self.outages.len() + usize::from(self.held.is_some()) + usize::from(self.weak.is_some())
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step) {
        self.point_at(step.from(self.place(), self.shown.len()));
    }

    /// Puts the cursor on a position among the rows shown.
    pub fn point_at(&mut self, place: usize) {
        let row = self
            .shown
            .get(place)
            .and_then(|index| self.rows.get(*index));
        if let Some(row) = row {
            self.cursor = Some(row.table().clone());
            self.place = place;
        }
    }

    /// Works out again which rows are shown and in which order, and keeps the cursor on its table and within a
    /// body of `body` lines. If the table is filtered out, the cursor goes to the one that takes its place.
    pub fn settle(&mut self, now: Watermark, body: usize) {
        self.gists.follow(&self.rows, self.sort);
        self.outages = self.find_outages();
        self.held = self.find_holder();
        self.weak = self.find_weakness();
        self.height = body.saturating_sub(self.heads());
        self.arrange(now);
        let before = self.place;
        if let Some(place) = self.place_of(self.cursor.as_ref()) {
            self.place = place;
        } else {
            self.cursor = None;
            self.place = 0;
            self.point_at(before.min(self.shown.len().saturating_sub(1)));
        }
        self.widths = self.gists.widths(&self.shown, now);
        self.keep_line();
        self.keep_in_sight(self.height);
        self.line = self
            .cursor
            .clone()
            .map(|cursor| (cursor, self.lines_above()));
    }

    /// Lines between the top of the visible list and the cursor.
    fn lines_above(&self) -> usize {
        let above = self.shown.get(self.offset..self.place).unwrap_or_default();
        above.iter().map(|index| self.lines_of(*index)).sum()
    }

    fn lines_of(&self, index: usize) -> usize {
        self.rows.get(index).map_or(0, Row::height)
    }

    /// Keeps the cursor on its line of the screen, as far as the list allows, when rows above it come or go,
    /// or gain or lose a remark.
    fn keep_line(&mut self) {
        let Some((table, line)) = self.line.take() else {
            return;
        };
        if self.cursor.as_ref() != Some(&table) || self.lines_above() == line {
            return;
        }
        let (mut first, mut lines) = (self.place, 0);
        for index in self.shown.iter().take(self.place).rev() {
            lines += self.lines_of(*index);
            if lines > line {
                break;
            }
            first -= 1;
        }
        self.offset = first;
    }

    /// Finds the rows that match, in order. If all do, the previous order is almost the new one, and sorting
    /// it again is cheap.
    fn arrange(&mut self, now: Watermark) {
        if !self.filter.is_empty() || self.shown.len() != self.rows.len() {
            let matches = |index: &usize| self.filter.matches(&self.rows[*index], now);
            self.shown = (0..self.rows.len()).filter(matches).collect();
        }
        self.gists.order(self.sort, &mut self.shown);
    }

    fn keep_in_sight(&mut self, height: usize) {
        let place = self.place();
        let lowest = self.shown.len().saturating_sub(1);
        let earliest = self.first_above(place, height);
        let latest = place.min(self.first_above(lowest, height)).max(earliest);
        self.offset = self.offset.clamp(earliest, latest);
    }

    /// The earliest offset at which `bottom` is still in sight.
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
