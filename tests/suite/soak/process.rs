//! One process of the binary, and how it ended.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{OLD, Stage, unique};

/// What a process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Ingests all tables, with `rows` rows per object.
    Ingest { rows: usize },
    /// Reads the old rows again, or resumes doing so.
    Backfill { resume: Option<String> },
}

/// A process that this test started.
pub struct Process {
    work: Work,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
    started: Instant,
}

/// How a process ended.
#[derive(Debug)]
pub struct End {
    /// `None` if it was killed.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub report: String,
    /// What it wrote to stderr.
    pub notes: String,
    /// The id of a backfill, if the process got far enough to print it.
    pub backfill: Option<String>,
    pub took: Duration,
}

impl Process {
    pub fn start(stage: &Stage, work: Work) -> Self {
        let mut words = match &work {
            Work::Ingest { rows } => {
                let rows = rows.to_string();
                ["ingest", "--all", "--max-rows", &rows]
                    .map(str::to_owned)
                    .to_vec()
            }
            Work::Backfill { .. } => {
                let (table, from, to, _) = OLD;
                ["backfill", table, "--from", from, "--to", to]
                    .map(str::to_owned)
                    .to_vec()
            }
        };
        if let Work::Backfill { resume: Some(id) } = &work {
            words.extend(["--resume".to_owned(), id.clone()]);
        }
        words.extend(["--output".to_owned(), "json".to_owned()]);
        let name = unique("process");
        let file = |suffix| stage.sandbox.path().join(format!("{name}.{suffix}"));
        let (stdout, stderr) = (file("out"), file("err"));
        let child = stage
            .sandbox
            .command(&words)
            .stdout(File::create(&stdout).expect("a file"))
            .stderr(Stdio::from(File::create(&stderr).expect("a file")))
            .spawn()
            .expect("the binary can be run");
        Self {
            work,
            child,
            stdout,
            stderr,
            started: Instant::now(),
        }
    }

    pub const fn is_backfill(&self) -> bool {
        matches!(self.work, Work::Backfill { .. })
    }

    /// Kills the process (SIGKILL), unless it has ended.
    pub fn kill(&mut self) -> Option<()> {
        let running = self.child.try_wait().expect("it is ours").is_none();
        running.then(|| self.child.kill().expect("it is ours"))
    }

    /// Waits for the process to end.
    pub fn end(mut self) -> End {
        let status = self.child.wait().expect("it is ours");
        let took = self.started.elapsed();
        let (report, notes) = (taken(&self.stdout), taken(&self.stderr));
        let said = notes
            .split_once("the watermark stays; id ")
            .map(|(_, id)| id);
        let said = said.and_then(|id| id.split([',', '\n']).next());
        let resumed = match self.work {
            Work::Backfill { resume } => resume,
            Work::Ingest { .. } => None,
        };
        End {
            code: status.code(),
            report,
            backfill: said.map(str::to_owned).or(resumed),
            took,
            notes,
        }
    }
}

/// The contents of a file, which is then removed.
fn taken(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("UTF-8");
    std::fs::remove_file(file).expect("it is there");
    text
}
