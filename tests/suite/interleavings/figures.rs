//! Totals of what was done, and the failures, grouped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use super::play::Played;

/// The totals over many schedules, and the first failure of each shape.
pub struct Figures<T> {
    what: &'static str,
    started: Instant,
    schedules: usize,
    all: Played,
    failed: usize,
    failures: BTreeMap<String, Failure<T>>,
}

/// Failures that differ only in numbers and names.
struct Failure<T> {
    times: usize,
    first: T,
    message: String,
}

impl<T> Figures<T> {
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            started: Instant::now(),
            schedules: 0,
            all: Played::default(),
            failed: 0,
            failures: BTreeMap::new(),
        }
    }

    /// Counts a schedule, which can be played again from `of`.
    pub fn add(&mut self, of: T, played: Result<Played, String>) {
        self.schedules += 1;
        match played {
            Ok(played) => self.sum(&played),
            Err(message) => {
                self.failed += 1;
                let failure = self.failures.entry(shape(&message)).or_insert(Failure {
                    times: 0,
                    first: of,
                    message,
                });
                failure.times += 1;
            }
        }
    }

    const fn sum(&mut self, played: &Played) {
        let (tally, more) = (&mut self.all.tally, &played.tally);
        tally.steps += more.steps;
        tally.crashes += more.crashes;
        tally.lost += more.lost;
        tally.again += more.again;
        tally.conflicts += more.conflicts;
        let (checked, more) = (&mut self.all.checked, &played.checked);
        checked.rows += more.rows;
        checked.written += more.written;
        checked.objects += more.objects;
        checked.edits += more.edits;
        checked.honoured += more.honoured;
        checked.stale += more.stale;
        checked.recoveries += more.recoveries;
        checked.removed += more.removed;
        checked.failed_runs += more.failed_runs;
    }

    /// Prints what was done, even if the test passes.
    ///
    /// # Panics
    /// Panics if anything has failed, with every shape of failure, how to replay the first one of each, and the
    /// trace of one; also if no object was ever written.
    pub fn end(self, name: impl Fn(&T) -> String, trace: impl Fn(&T) -> String) {
        // Not println, whose output the test harness hides if the test passes.
        let _ = writeln!(std::io::stderr(), "{self}");
        let mut failures: Vec<&Failure<T>> = self.failures.values().collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.times));
        let Some(most) = failures.first() else {
            assert!(self.all.checked.objects > 0, "nothing was tried: {self}");
            return;
        };
        let mut account = format!("{}\n", trace(&most.first));
        for failure in &failures {
            let (times, message) = (failure.times, &failure.message);
            let _ = writeln!(account, "{times} × {message}\n    {}", name(&failure.first));
        }
        panic!(
            "{account}{} of {} schedules fail; above, the steps of {}",
            self.failed,
            self.schedules,
            name(&most.first)
        );
    }
}

impl<T> std::fmt::Display for Figures<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tally, checked) = (&self.all.tally, &self.all.checked);
        write!(
            f,
            "{}: {} schedules, {} steps, {} crashes, {} lost answers, {} requests sent again, \
             {} conflicts, {} edits ({} moved ingestion), {} stale writes, {} recoveries, \
             {} objects taken away, {} runs that ended with an error, {} objects, {} rows checked \
             ({} written), {:.1} s",
            self.what,
            self.schedules,
            tally.steps,
            tally.crashes,
            tally.lost,
            tally.again,
            tally.conflicts,
            checked.edits,
            checked.honoured,
            checked.stale,
            checked.recoveries,
            checked.removed,
            checked.failed_runs,
            checked.objects,
            checked.rows,
            checked.written,
            self.started.elapsed().as_secs_f64(),
        )
    }
}

/// A message without the parts that differ between schedules.
fn shape(message: &str) -> String {
    let mut shape = String::new();
    for word in message.split_whitespace() {
        if !word.contains(|c: char| c.is_ascii_digit()) {
            shape.push_str(word);
            shape.push(' ');
        }
    }
    shape
}
