//! Totals of what a soak did.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::support::books::{Books, Phase};
use crate::support::{OLD, Sandbox, Stage, Work, table};

/// Counters that add up over all rounds.
#[derive(Debug, Default)]
pub struct Figures {
    rounds: usize,
    processes_killed: usize,
    /// Where single processes were when they were killed.
    at: BTreeMap<&'static str, usize>,
    /// How processes ended that were not killed.
    ended: BTreeMap<String, usize>,
    recoveries: usize,
    /// The backfills that were completed.
    backfills: Vec<String>,
    work: Work,
}

impl Figures {
    pub const fn round(&mut self, killed: usize) {
        self.rounds += 1;
        self.processes_killed += killed;
    }

    /// Counts where a single process was when it was killed, judging by what it left behind for each table.
    pub fn killed(&mut self, phases: &[Phase], left_an_upload: bool) {
        let at = if phases.contains(&Phase::Committed) {
            "after a commit, before the timestamp"
        } else if phases.contains(&Phase::TimestampWritten) {
            "between timestamp and sequence id"
        } else if left_an_upload {
            "while writing a body"
        } else {
            "elsewhere"
        };
        *self.at.entry(at).or_default() += 1;
    }

    /// Counts the end of a process that was left alone.
    ///
    /// # Panics
    /// Panics unless the process ended well: all tables done, or other runs constantly in the way.
    pub fn ended(&mut self, code: i32, report: &str, notes: &str) {
        let report: Value = serde_json::from_str(report)
            .unwrap_or_else(|error| panic!("{code}: {error}: {report}{notes}"));
        let mut end = format!("exit {code}");
        for table in report.as_array().expect("an array") {
            if let Some(error) = table["error"]["code"].as_str() {
                assert_eq!((code, error), (1, "contended"), "{table:#}");
                "contended".clone_into(&mut end);
            }
        }
        assert!(code == 0 || end == "contended", "{code}: {report:#}");
        *self.ended.entry(end).or_default() += 1;
    }

    /// Checks that a soak of more than a few rounds has killed something.
    pub fn check_kills(&self) {
        let few = self.rounds < 10;
        assert!(
            few || self.processes_killed > 0,
            "all was left alone: {self}"
        );
    }

    /// Records a completed backfill.
    pub fn backfilled(&mut self, id: String) {
        self.backfills.push(id);
    }

    /// Checks that every completed backfill has all the old rows; the audit makes sure that it has none twice.
    pub async fn check_backfills(&self, stage: &Stage) {
        let (name, _, _, rows) = OLD;
        let books = Books::of(stage, &table(name)).await;
        let backfills = books.backfills();
        for id in &self.backfills {
            let objects = backfills.get(id).map_or(&[][..], Vec::as_slice);
            let found: usize = objects.iter().map(|object| object.lines.len()).sum();
            assert_eq!(found, rows, "rows of backfill {id}");
        }
    }

    pub const fn writers(&mut self, work: Work) {
        self.work = work;
    }

    /// Counts, by the journal, how often a run completed the writes of one that had been killed.
    pub fn recoveries(&mut self, sandbox: &Sandbox) {
        let words = ["journal", "--limit", "1000000", "--output", "json"];
        let journal = sandbox.run(&words).expect_code(0).json();
        let entries = journal.as_array().expect("an array").iter();
        self.recoveries = entries.filter(|entry| entry["action"] == "recover").count();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} rounds, {} processes killed, {} values recovered, {} backfills done",
            self.rounds,
            self.processes_killed,
            self.recoveries,
            self.backfills.len()
        )?;
        writeln!(f, "  killed alone {:?}", self.at)?;
        writeln!(f, "  ended by themselves {:?}", self.ended)?;
        write!(f, "  {}", self.work)
    }
}
