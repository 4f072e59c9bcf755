//! A whole `highwater ingest`: the process with its connections, horizon, count, commit and both parameter writes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::payments::peak_memory;
use crate::setting::Result;

/// Pause between two looks at the process's memory. Linux reports a maximum, so only its last moments can be
/// missed.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a program with a limit of 64 MB on its own memory: data, heap and stacks (setrlimit(2), `RLIMIT_DATA`).
const LIMITED: &str = r#"ulimit -d 65536 && exec "$0" "$@""#;

/// What is ingested, and into which stores.
pub struct Ingestion<'a> {
    pub url: &'a str,
    /// Arguments of the command after `ingest`.
    pub tables: &'a [&'a str],
    /// The row limit of an object: a table with no more rows than this becomes one object.
    pub rows: u64,
    /// Lines of `[profiles.bench.objects]`, and of any sections after it.
    pub objects: String,
}

/// The time and memory that a process took.
pub struct Taken {
    pub time: Duration,
    /// The most memory resident at once, in KB.
    pub memory: u64,
}

impl Taken {
    /// Measures a program from start to end.
    ///
    /// # Errors
    /// The program cannot be started, or it fails.
    pub fn by(command: &mut Command) -> Result<Self> {
        let start = Instant::now();
        let memory = watch(command.spawn()?)?;
        let time = start.elapsed();
        Ok(Self { time, memory })
    }
}

/// A local store in `folder`, as the lines of its section.
pub fn local(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    format!("store = \"local\"\npath = \"{}\"\n", path.display())
}

impl Ingestion<'_> {
    /// Ingests with fresh parameters, with configuration and state in `folder`.
    pub fn run(&self, folder: &Path) -> Result<Taken> {
        let mut command = self.command(folder, &["ingest", "--quiet"])?;
        Taken::by(command.args(self.tables))
    }

    /// The program with these arguments, under the limit, with its configuration in `folder`.
    pub fn command(&self, folder: &Path, words: &[&str]) -> Result<Command> {
        let file = folder.join("config.toml");
        let config = format!(
            "[profiles.bench.source]\nurl = \"{}\"\n[profiles.bench.parameters]\n{}\
             [profiles.bench.objects]\nmax_rows_per_object = {}\n{}",
            self.url,
            local(folder, "parameters.db"),
            self.rows,
            self.objects
        );
        std::fs::write(&file, config)?;
        let mut command = Command::new("sh");
        command
            .args(["-c", LIMITED, env!("CARGO_BIN_EXE_highwater")])
            .args(["--config".as_ref(), file.as_os_str()])
            .args(words)
            .env("XDG_STATE_HOME", folder)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdout(Stdio::null());
        Ok(command)
    }
}

/// Waits for the process to end, and returns the most memory it used.
fn watch(mut process: Child) -> Result<u64> {
    let id = process.id().to_string();
    let mut memory = 0;
    loop {
        memory = memory.max(peak_memory(&id).unwrap_or_default());
        if let Some(status) = process.try_wait()? {
            return if status.success() {
                Ok(memory)
            } else {
                Err(format!("the program ended with {status}").into())
            };
        }
        std::thread::sleep(LOOK);
    }
}
