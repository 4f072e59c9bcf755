//! What the list as a whole needs from each row, side by side.
//!
//! The list is settled whenever something has arrived, and that goes over all tables: their order, the
//! widths of the columns, which services cannot be reached. With ten thousand tables it must not go over
//! everything that is known of each, so a few words of each are kept here, and recomputed only for the
//! rows that have changed.

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

/// Width of `59 min ago`: no age below a day is wider, so the column does not widen as ages grow.
const AGO: usize = 10;

/// Sort key of a row: unknown values come last.
type Key = (bool, Option<i64>);

/// The gist of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gist {
    /// The value in the column that the list is sorted by.
    key: Key,
    widths: Widths,
    /// When the last object was written.
    written: Option<Watermark>,
    /// When the rows were counted, and whether something held the horizon back then.
    counted: Option<(Watermark, bool)>,
    /// Whether rows are held.
    holds: bool,
    /// Whether a service could not be reached.
    is_out: bool,
    /// Whether a part of the row has never been known.
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

/// The gists of all rows, by their indices in the list of all tables.
#[derive(Debug, Default)]
pub(super) struct Gists {
    of_rows: Vec<Gist>,
    /// Indices of the rows that have changed.
    outdated: Vec<usize>,
    /// The order that the keys were computed for.
    sort: Sort,
}

impl Gists {
    /// Marks a row as about to change.
    pub fn outdate(&mut self, place: usize) {
        self.outdated.push(place);
    }

    /// Discards everything, as the list of tables is another one.
    pub fn forget(&mut self) {
        self.of_rows.clear();
    }

    /// Brings the gists up to date with `rows`, to be sorted by `sort`.
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

    /// Sorts the indices of rows; ties are in the order of the rows, which is by name.
    pub fn order(&self, sort: Sort, shown: &mut [usize]) {
        if sort.column == SortColumn::Name {
            shown.sort_unstable();
            if sort.down {
                shown.reverse();
            }
            return;
        }
        let key = |place: usize| self.of_rows.get(place).map(|gist| gist.key);
        // A stable sort, not for its stability, but because it is fast if little is out of order.
        shown.sort_by(|a, b| (key(*a), a).cmp(&(key(*b), b)));
    }

    /// The widest cell of each column over the rows shown, so that nothing moves when the list is
    /// scrolled.
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
    /// The horizon according to the table that was counted last.
    fn newest_horizon(&self) -> Option<&Horizon> {
        let gists = self.gists.of_rows.iter().enumerate();
        let counted = gists.filter_map(|(place, gist)| Some((gist.counted?, place)));
        let (_, place) = counted.max()?;
        Some(&self.rows.get(place)?.counts()?.value.horizon)
    }

    /// What weakens the guarantee for all tables, if anything does.
    pub(super) fn find_weakness(&self) -> Option<String> {
        let mut findings = self.newest_horizon()?.findings.iter();
        let weak = findings.find(|finding| is_of_source(finding.code))?;
        Some(format!("{}: {}", weak.code, visible(&weak.message)))
    }

    /// Who holds rows back, if anybody does.
    pub(super) fn find_holder(&self) -> Option<String> {
        let horizon = self.newest_horizon()?;
        if !self.gists.of_rows.iter().any(|gist| gist.holds) {
            return None;
        }
        // Rows are held from the horizon on, which lies slightly before the start of the transaction.
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

    /// The services that cannot be reached, each once.
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

    /// Whether a value that has never been known is being fetched.
    #[must_use]
    pub fn is_filling(&self) -> bool {
        let rows = self.rows.iter().zip(&self.gists.of_rows);
        rows.filter(|(_, gist)| gist.is_unfilled)
            .any(|(row, _)| row.is_filling())
    }
}
