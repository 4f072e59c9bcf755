//! One round: processes are started, and killed after a while.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use fastrand::Rng;
use highwater::backend::SequenceId;

use super::figures::Figures;
use crate::support::books::{Phase, phases, uploads};
use crate::support::{Stage, Traffic};

/// How long a run takes as long as none has come to its end.
const FIRST_GUESS: Duration = Duration::from_millis(600);

/// Longest that a run is given. One that has to mend something waits for a while first, lest it is
/// still being done.
const LONGEST: Duration = Duration::from_secs(4);

/// Round after round over one stage.
pub struct Rounds<'a> {
    stage: &'a Stage,
    random: Rng,
    number: usize,
    /// What killed processes have left behind so far: uploads, and where the tables stand.
    uploads: usize,
    phases: Vec<(SequenceId, Phase)>,
    /// How long runs took that were left alone, as a moving mean.
    usual: Duration,
}

/// A process of ours.
struct Process {
    child: Child,
    stdout: PathBuf,
    started: Instant,
}

impl<'a> Rounds<'a> {
    pub const fn new(stage: &'a Stage, random: Rng) -> Self {
        Self {
            stage,
            random,
            number: 0,
            uploads: 0,
            phases: Vec::new(),
            usual: FIRST_GUESS,
        }
    }

    /// Starts one process, or two that get into each other's way, and kills them after a while.
    /// Where one has ended by then, it must have ended well.
    pub async fn play(&mut self, figures: &mut Figures) {
        self.number += 1;
        let alone = self.random.u8(..) < 192;
        let mut processes: Vec<Process> = (0..if alone { 1 } else { 2 })
            .map(|index| self.start(index))
            .collect();
        // Up to somewhat longer than a run takes: most are killed, at any point of it.
        let longest = self.usual.mul_f64(1.2).as_micros();
        let longest = u64::try_from(longest).expect("seconds");
        tokio::time::sleep(Duration::from_micros(self.random.u64(0..longest))).await;
        let mut killed = 0;
        for process in &mut processes {
            if process.child.try_wait().expect("it is ours").is_none() {
                process.child.kill().expect("it is ours");
                killed += 1;
            }
        }
        for process in &mut processes {
            self.end(process, figures);
        }
        figures.round(killed);
        if alone && killed == 1 {
            self.note(figures).await;
        }
    }

    /// Takes note of where the process was that has just been killed.
    async fn note(&mut self, figures: &mut Figures) {
        let phases = phases(self.stage, &Traffic::tables()).await;
        let uploads = uploads(self.stage).await.len();
        // What stands as it stood before is the work of one that was killed earlier.
        let by_it: Vec<Phase> = phases
            .iter()
            .filter(|stands| !self.phases.contains(stands))
            .map(|(_, phase)| *phase)
            .collect();
        figures.killed(&by_it, uploads > self.uploads);
        (self.phases, self.uploads) = (phases, uploads);
    }

    fn start(&mut self, index: usize) -> Process {
        let stdout = self
            .stage
            .sandbox
            .path()
            .join(format!("{}-{index}.json", self.number));
        let rows = self.random.choice([5, 10, 30]).expect("one of three");
        let rows = rows.to_string();
        let words = ["ingest", "--all", "--max-rows", &rows, "--output", "json"];
        let child = self
            .stage
            .sandbox
            .command(&words)
            .stdout(File::create(&stdout).expect("a file"))
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary can be run");
        Process {
            child,
            stdout,
            started: Instant::now(),
        }
    }

    /// Takes note of how a process ended; one that was killed has no exit code.
    fn end(&mut self, process: &mut Process, figures: &mut Figures) {
        let status = process.child.wait().expect("it is ours");
        if let Some(code) = status.code() {
            let report = std::fs::read_to_string(&process.stdout).expect("UTF-8");
            figures.ended(code, &report);
            self.usual = (self.usual * 3 + process.started.elapsed()) / 4;
        } else {
            // Killed: it would have taken longer.
            self.usual = (self.usual.mul_f64(1.1)).min(LONGEST);
        }
        std::fs::remove_file(&process.stdout).expect("it is there");
    }
}
