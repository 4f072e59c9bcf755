//! What the list as a whole needs of each row, side by side.
//!
//! The list is settled whenever something has arrived, and that goes over all tables: their order, the
//! widths of the columns, who is out of reach. With ten thousand of them it must not go over everything
//! that is known of each. So a few words of each stand here, worked out anew only for the rows that have
//! changed.

use std::collections::BTreeSet;

use super::digest::{held_by_standby, is_of_source, outage};
use super::row::Row;
use super::sort::{Sort, SortColumn};
use super::tables::Tables;
use super::widths::Widths;
use crate::backend::source::Horizon;
use crate::figures::{ago_width, clock};
use crate::jobs::Failure;
use crate::text::visible;
use crate::vocabulary::Watermark;

/// Columns of `59 min ago`: an age below a day takes no more, and its column does not grow as it grows.
const AGO: usize = 10;

/// What orders a row: what is not known comes last.
type Key = (bool, Option<i64>);

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gist {
    /// By the column that the list is sorted by.
    key: Key,
    widths: Widths,
    /// When the last object was written.
    written: Option<Watermark>,
    /// When the rows were counted, and whether something held the horizon back then.
    counted: Option<(Watermark, bool)>,
    /// Whether rows are held back.
    holds: bool,
    /// Whether a party was out of reach.
    is_out: bool,
    /// Whether a part of it has never been there.
    is_unfilled: bool,
}

impl Gist {
    fn of(row: &Row, sort: Sort) -> Self {
        let counts = row.counts();
        Self {
            key: sort.key(row),
            widths: Widths::of(row.digest()),
            written: row.last_object().map(|last| last.modified),
            counted: counts.map(|known| (known.at, known.value.horizon.is_held())),
            holds: counts.is_some_and(|known| known.value.held > Some(0)),
            is_out: !row.digest().outages.is_empty(),
            is_unfilled: !row.is_answered(),
        }
    }
}

/// All rows, by their places in the list of all tables.
#[derive(Debug, Default)]
pub(super) struct Gists {
    of_rows: Vec<Gist>,
    /// Places of the rows that have changed.
    outdated: Vec<usize>,
    /// The order that the keys are for.
    sort: Sort,
}

impl Gists {
    /// A row is about to change.
    pub fn outdate(&mut self, place: usize) {
        self.outdated.push(place);
    }

    /// The list of all tables is another one.
    pub fn forget(&mut self) {
        self.of_rows.clear();
    }

    /// Brings all in line with `rows`, to be sorted by `sort`.
    pub fn follow(&mut self, rows: &[Row], sort: Sort) {
        if self.of_rows.len() != rows.len() || self.sort != sort {
            self.sort = sort;
            self.outdated.clear();
            self.of_rows = rows.iter().map(|row| Gist::of(row, sort)).collect();
            return;
        }
        for place in self.outdated.drain(..) {
            if let (Some(row), Some(gist)) = (rows.get(place), self.of_rows.get_mut(place)) {
                *gist = Gist::of(row, sort);
            }
        }
    }

    /// Puts the places of rows in order; ties are by name, as the rows themselves are.
    pub fn order(&self, sort: Sort, shown: &mut [usize]) {
        if sort.column == SortColumn::Name {
            shown.sort_unstable();
            if sort.down {
                shown.reverse();
            }
            return;
        }
        let key = |place: usize| self.of_rows.get(place).map(|gist| gist.key);
        // Stable, which this needs not be, because that sort is quick where little is out of order.
        shown.sort_by(|a, b| (key(*a), a).cmp(&(key(*b), b)));
    }

    /// The widest of each column over the rows shown, so that nothing moves when the list is scrolled.
    pub fn widths(&self, shown: &[usize], now: Watermark) -> Widths {
        let mut widest = Widths::default();
        for gist in shown.iter().filter_map(|place| self.of_rows.get(*place)) {
            widest.widen(&gist.widths);
            let ago = gist
                .written
                .map_or(0, |written| ago_width(written, now).max(AGO));
            widest.ago = widest.ago.max(ago);
        }
        widest
    }
}

impl Tables {
    /// The horizon as the table that was counted last has it.
    fn newest_horizon(&self) -> Option<&Horizon> {
        let gists = self.gists.of_rows.iter().enumerate();
        let counted = gists.filter_map(|(place, gist)| Some((gist.counted?, place)));
        let (_, place) = counted.max()?;
        Some(&self.rows.get(place)?.counts()?.value.horizon)
    }

    /// What weakens the guarantee for all tables.
    pub(super) fn find_weakness(&self) -> Option<String> {
        let mut findings = self.newest_horizon()?.findings.iter();
        let weak = findings.find(|finding| is_of_source(finding.code))?;
        Some(format!("{}: {}", weak.code, visible(&weak.message)))
    }

    /// Who holds rows back.
    pub(super) fn find_holder(&self) -> Option<String> {
        let horizon = self.newest_horizon()?;
        if !self.gists.of_rows.iter().any(|gist| gist.holds) {
            return None;
        }
        // Rows are held from the horizon on, which is somewhat before the transaction began.
        let since = horizon.at.map(|at| format!(" since {}", clock(at)));
        let since = since.unwrap_or_default();
        let Some(holder) = &horizon.holder else {
            return held_by_standby(horizon).map(|held| format!("rows{since} {held}"));
        };
        let who = if holder.application.is_empty() {
            &holder.user
        } else {
            &holder.application
        };
        Some(format!(
            "rows{since} held back by {}, pid {}",
            visible(who),
            holder.pid
        ))
    }

    /// The parties that are out of reach, each once.
    pub(super) fn find_outages(&self) -> Vec<String> {
        let gists = self.rows.iter().zip(&self.gists.of_rows);
        let out = gists.filter(|(_, gist)| gist.is_out);
        let known = out.flat_map(|(row, _)| &row.digest().outages);
        let mut lines: BTreeSet<String> = BTreeSet::new();
        for line in known {
            if !lines.contains(line) {
                lines.insert(line.clone());
            }
        }
        match &self.trouble {
            Some(Failure::Error(error)) => {
                lines.insert(outage(error).unwrap_or_else(|| error.to_string()));
            }
            Some(panicked) => lines.extend(panicked.chain().into_iter().next()),
            None => {}
        }
        lines.into_iter().collect()
    }

    /// Whether a value that was never there is being fetched.
    #[must_use]
    pub fn is_filling(&self) -> bool {
        let rows = self.rows.iter().zip(&self.gists.of_rows);
        rows.filter(|(_, gist)| gist.is_unfilled)
            .any(|(row, _)| row.is_filling())
    }
}
