//! The progress of an ingestion, as one line on a terminal.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::commands::status_line::StatusLine;
use crate::commands::work::Sight;
use crate::figures;
use crate::jobs::Update;
use crate::text::visible;

/// How long nothing may move before the line says so.
const RESTED: Duration = Duration::from_secs(5);
/// Cells of the bar.
const BAR: u64 = 20;

/// Rows, bytes, rate and time left over all tables of one command.
pub struct ProgressLine {
    line: StatusLine,
    started: Instant,
    /// When anything was last heard of any table.
    moved: Instant,
    tables: Vec<Option<ProgressSnapshot>>,
    done: usize,
    /// The table that waits for a service on behalf of all that have not begun, and the error, safe to show.
    held: Option<(usize, String)>,
}

/// The counters of all tables together.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    done: usize,
    tables: usize,
    rows: u64,
    /// Counts only tables whose rows have been counted.
    expected: u64,
    bytes: u64,
    /// The furthest phase among the tables that are running.
    phase: Option<Phase>,
}

impl ProgressLine {
    /// A line for `tables` tables; if not `shown`, it draws nothing.
    pub fn new(tables: usize, shown: bool) -> Self {
        Self {
            line: StatusLine::new(shown),
            started: Instant::now(),
            moved: Instant::now(),
            tables: vec![None; tables],
            done: 0,
            held: None,
        }
    }

    /// Takes over the progress of the tables, and draws if a redraw is due.
    pub fn take(&mut self, sight: Sight<'_>) {
        match sight {
            Sight::Update(place, Update::Progress(now)) => self.tables[place] = Some(*now),
            Sight::Update(place, Update::Held(by)) => {
                self.held = by.as_ref().map(|by| (place, visible(&by.to_string())));
            }
            Sight::Update(place, Update::Done(_)) => {
                self.done += 1;
                self.held.take_if(|(by, _)| *by == place);
                if let Some(last) = &mut self.tables[place] {
                    last.phase = Phase::Waiting;
                }
            }
            Sight::Update(
                _,
                Update::Started | Update::Part(_) | Update::Found(_) | Update::Awaits(_),
            ) => return,
            Sight::Quiet => {}
        }
        if !matches!(sight, Sight::Quiet) {
            self.moved = Instant::now();
        }
        let totals = self.totals();
        let (elapsed, rested) = (self.started.elapsed(), self.moved.elapsed());
        let held = self.held.as_ref();
        self.line.draw(|| match held {
            Some((_, held)) => format!("{}/{} tables  held: {held}", totals.done, totals.tables),
            None => text(totals, elapsed, rested),
        });
    }

    fn totals(&self) -> Totals {
        let blank = Totals {
            done: self.done,
            tables: self.tables.len(),
            ..Totals::default()
        };
        self.tables.iter().flatten().fold(blank, |sum, now| Totals {
            rows: sum.rows + now.rows,
            expected: sum.expected + now.total_rows.max(now.rows),
            bytes: sum.bytes + now.bytes,
            phase: sum.phase.max(Some(now.phase)),
            ..sum
        })
    }
}

fn text(totals: Totals, elapsed: Duration, rested: Duration) -> String {
    let mut line = format!("{}/{} tables", totals.done, totals.tables);
    let phase = totals.phase.filter(|phase| *phase != Phase::Waiting);
    let phase = phase.map_or("waiting", Phase::label);
    let rested =
        (rested >= RESTED).then(|| format!("  {phase}, nothing for {}", figures::duration(rested)));
    if totals.expected == 0 {
        line += &rested.unwrap_or_else(|| format!("  {phase}"));
        return line;
    }
    let parts = |of: u64| totals.rows.saturating_mul(of) / totals.expected;
    let filled = usize::try_from(parts(BAR)).unwrap_or(usize::MAX);
    let rest = usize::try_from(BAR)
        .unwrap_or(usize::MAX)
        .saturating_sub(filled);
    // Writing to a String cannot fail.
    let _ = write!(
        line,
        "  {}{} {} %  {} of {} rows  {}",
        "━".repeat(filled),
        "─".repeat(rest),
        parts(100),
        figures::thousands(totals.rows),
        figures::thousands(totals.expected),
        figures::bytes(totals.bytes),
    );
    if let Some(rested) = rested {
        return line + &rested;
    }
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let rate = totals.rows.saturating_mul(1000) / millis.max(1);
    if let Some(left) = (totals.expected - totals.rows).checked_div(rate) {
        let left = figures::duration(Duration::from_secs(left));
        let _ = write!(line, "  {}  {left} left", figures::rate(rate));
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::Error;
    use crate::backend::error::Service;
    use crate::jobs::Failure;

    #[test]
    fn the_line_tells_rows_bytes_rate_and_time_left() {
        let totals = Totals {
            done: 3,
            tables: 11,
            rows: 500_000,
            expected: 1_000_000,
            bytes: 189_000_000,
            phase: Some(Phase::Copying),
        };
        let expected = "3/11 tables  ━━━━━━━━━━────────── 50 %  500,000 of 1,000,000 rows  \
                        189 MB  250 k rows/s  2 s left";
        let two = Duration::from_secs(2);
        assert_eq!(text(totals, two, Duration::ZERO), expected);
        let silent = text(totals, two, Duration::from_secs(75));
        let end = "189 MB  copying, nothing for 1 min 15 s";
        assert!(silent.ends_with(end), "{silent}");
    }

    #[test]
    fn what_holds_the_rest_is_safe_to_show_and_forgotten_with_the_table_that_waited() {
        let error = || Error::Unavailable {
            service: Service::Source,
            place: "totesys @ db:5432".to_owned(),
            doing: "reading \u{1b}[2J".to_owned(),
            cause: "no answer".into(),
        };
        let mut line = ProgressLine::new(3, false);
        line.take(Sight::Update(1, &Update::Held(Some(Arc::new(error())))));
        let (by, held) = line.held.clone().expect("held");
        assert_eq!(by, 1);
        assert!(
            held.contains("totesys") && !held.contains('\u{1b}'),
            "{held}"
        );
        let failed = || Update::Done(Err(Failure::Error(Arc::new(error()))));
        line.take(Sight::Update(0, &failed()));
        assert!(line.held.is_some(), "the others still wait");
        line.take(Sight::Update(1, &failed()));
        assert_eq!(line.held, None);
    }

    #[test]
    fn before_anything_is_counted_there_is_nothing_to_divide_by() {
        let totals = Totals {
            tables: 2,
            ..Totals::default()
        };
        let zero = Duration::ZERO;
        assert_eq!(text(totals, zero, zero), "0/2 tables  waiting");
        let counting = Totals {
            phase: Some(Phase::Counting),
            ..totals
        };
        assert_eq!(text(counting, zero, zero), "0/2 tables  counting");
    }
}
