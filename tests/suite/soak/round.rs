//! One round: starts processes, and kills them after a while.

use std::time::Duration;

use fastrand::Rng;
use highwater::vocabulary::SequenceId;

use super::figures::Figures;
use super::process::{Process, Work};
use crate::support::books::{Phase, phases, uploads};
use crate::support::{OLD, Stage, Traffic, table};

/// How long a run is assumed to take until one has ended by itself.
const FIRST_GUESS: Duration = Duration::from_millis(600);
/// The longest time that a run is given. A run that has to recover something first waits for a
/// while, in case another run is still at it.
const LONGEST: Duration = Duration::from_secs(4);

/// Consecutive rounds on one stage.
pub struct Rounds<'a> {
    stage: &'a Stage,
    random: Rng,
    number: usize,
    /// The backfill that was begun and has not been completed.
    unfinished: Option<String>,
    /// What killed processes have left behind so far: uploads, and the state of the tables.
    uploads: usize,
    phases: Vec<(SequenceId, Phase)>,
    /// How long runs took that were left alone, as a moving average.
    usual: Duration,
}

impl<'a> Rounds<'a> {
    pub const fn new(stage: &'a Stage, random: Rng) -> Self {
        Self {
            stage,
            random,
            number: 0,
            unfinished: None,
            uploads: 0,
            phases: Vec::new(),
            usual: FIRST_GUESS,
        }
    }

    /// Starts one process, or two that get in each other's way, and kills them after a while. A
    /// process that has ended by then must have ended well.
    pub async fn play(&mut self, figures: &mut Figures) {
        self.number += 1;
        let alone = self.random.u8(..) < 192;
        let mut processes = vec![self.start().await];
        if !alone {
            let rows = self.rows();
            processes.push(Process::start(self.stage, Work::Ingest { rows }));
        }
        // Up to somewhat longer than a run takes, so that most runs are killed, at any point.
        let longest = self.usual.mul_f64(1.2).as_micros();
        let longest = u64::try_from(longest).expect("seconds");
        tokio::time::sleep(Duration::from_micros(self.random.u64(0..longest))).await;
        let killed = processes.iter_mut().filter_map(Process::kill).count();
        for process in processes {
            self.end(process, figures);
        }
        figures.round(killed);
        if alone && killed == 1 {
            self.note(figures).await;
        }
    }

    /// Completes any backfill that is still unfinished.
    pub fn finish(&mut self, figures: &mut Figures) {
        while self.unfinished.is_some() {
            let resume = self.unfinished.clone();
            let process = Process::start(self.stage, Work::Backfill { resume });
            self.end(process, figures);
        }
        assert_eq!(
            self.unfinished, None,
            "a backfill that nobody disturbs ends"
        );
    }

    async fn start(&mut self) -> Process {
        let rows = self.rows();
        let work = if self.random.u8(..) < 64 && self.has_old_rows().await {
            let resume = self.unfinished.clone();
            Work::Backfill { resume }
        } else {
            Work::Ingest { rows }
        };
        Process::start(self.stage, work)
    }

    fn rows(&mut self) -> usize {
        self.random.choice([5, 10, 30]).expect("one of three")
    }

    /// Whether the rows that a backfill is to read again have been ingested.
    async fn has_old_rows(&self) -> bool {
        let (name, _, until, _) = OLD;
        let reached = self.stage.backend.get_timestamp(&table(name)).await;
        reached.is_ok_and(|reached| reached.to_string().as_str() > until)
    }

    /// Records how a process ended; a killed process has no exit code.
    fn end(&mut self, process: Process, figures: &mut Figures) {
        let is_backfill = process.is_backfill();
        let end = process.end();
        if is_backfill && end.code == Some(2) && end.notes.contains("leave out --resume") {
            // The process that announced this id was killed before its first commit.
            self.unfinished = None;
            return;
        }
        if is_backfill {
            self.unfinished = end.backfill.clone().filter(|_| end.code != Some(0));
        }
        match end.code {
            Some(code) => {
                figures.ended(code, &end.report, &end.notes);
                self.usual = (self.usual * 3 + end.took) / 4;
            }
            // It was killed, so it would have taken longer.
            None => self.usual = self.usual.mul_f64(1.1).min(LONGEST),
        }
        if is_backfill && end.code == Some(0) {
            figures.backfilled(end.backfill.expect("an id"));
        }
    }

    /// Records where the process was that has just been killed.
    async fn note(&mut self, figures: &mut Figures) {
        let phases = phases(self.stage, &Traffic::tables()).await;
        let uploads = uploads(self.stage).await.len();
        // Whatever is unchanged was left by a process that was killed earlier.
        let by_it: Vec<Phase> = phases
            .iter()
            .filter(|stands| !self.phases.contains(stands))
            .map(|(_, phase)| *phase)
            .collect();
        figures.killed(&by_it, uploads > self.uploads);
        (self.phases, self.uploads) = (phases, uploads);
    }
}
