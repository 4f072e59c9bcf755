//! The `highwater` binary in isolation, with its own configuration, state and environment.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Database, Emulator};

/// A folder with configuration and state for runs of the binary, deleted at the end of the test.
///
/// Nothing from the developer's environment reaches the binary: no `HOME`, `PG*`, `AWS_*` or
/// `HIGHWATER_*` except what the test sets.
pub struct Sandbox {
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
}

/// The result of one run.
#[derive(Debug)]
pub struct Run {
    /// The whole command line.
    #[expect(dead_code, reason = "what fails prints its run")]
    pub command: String,
    /// The exit code; ending by a signal fails the test.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// A sandbox without any configuration file.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut sandbox = Self {
            folder,
            environment: BTreeMap::new(),
        };
        for (name, sub) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "runtime"),
        ] {
            let path = sandbox.path().join(sub);
            std::fs::create_dir(&path).expect("a fresh folder is writable");
            sandbox.set(name, path.to_str().expect("temporary paths are UTF-8"));
        }
        sandbox.set("PATH", &std::env::var("PATH").unwrap_or_default());
        sandbox.set("TZ", "UTC");
        sandbox.set("AWS_EC2_METADATA_DISABLED", "true");
        sandbox
    }

    /// A profile `test` for `database` and local stores in the sandbox's folder.
    pub fn local(database: &Database) -> Self {
        let sandbox = Self::empty();
        let folder = sandbox.path().display();
        sandbox.write_config(&format!(
            r#"default_profile = "test"
[profiles.test.source]
url = "{url}"
settle = "0s"
[profiles.test.parameters]
store = "local"
path = "{folder}/parameters.db"
[profiles.test.objects]
store = "local"
path = "{folder}/objects"
"#,
            url = database.url(),
        ));
        sandbox
    }

    /// A profile `test` for `database` and the two services of `emulator`; `prefix` comes first in
    /// the names of the parameters, so that tests do not share any: `/{prefix}/{table}/timestamp`.
    pub fn emulated(database: &Database, emulator: &Emulator, bucket: &str, prefix: &str) -> Self {
        let mut sandbox = Self::empty();
        sandbox.write_config(&format!(
            r#"default_profile = "test"
[profiles.test.source]
url = "{url}"
settle = "0s"
[profiles.test.parameters]
store = "ssm"
timestamp = "/{prefix}/{{table}}/timestamp"
sequence_id = "/{prefix}/{{table}}/sequence_id"
[profiles.test.objects]
store = "s3"
bucket = "{bucket}"
"#,
            url = database.url(),
        ));
        for (name, value) in emulator.environment() {
            sandbox.set(name, &value);
        }
        sandbox
    }

    /// The folder that holds everything.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the binary looks for its configuration.
    pub fn config_file(&self) -> PathBuf {
        self.path().join("config/highwater/config.toml")
    }

    /// Replaces the configuration file.
    pub fn write_config(&self, text: &str) {
        let file = self.config_file();
        let folder = file.parent().expect("the file has a folder");
        std::fs::create_dir_all(folder).expect("the sandbox is writable");
        std::fs::write(file, text).expect("the sandbox is writable");
    }

    /// Adds lines to the configuration file, for settings of one test.
    pub fn append_config(&self, text: &str) {
        let before = std::fs::read_to_string(self.config_file()).unwrap_or_default();
        self.write_config(&format!("{before}\n{text}\n"));
    }

    /// Sets a variable of the binary's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// The binary with `args`, ready to be run or spawned.
    pub fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_highwater"));
        command
            .args(args)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Run {
        Self::finished(self.command(args), args)
    }

    /// Runs the binary to its end with `answers` on its stdin.
    pub fn run_answering<A: AsRef<OsStr>>(&self, args: &[A], answers: &str) -> Run {
        let file = self.path().join("answers");
        std::fs::write(&file, answers).expect("written");
        let mut command = self.command(args);
        command.stdin(std::fs::File::open(file).expect("opened"));
        Self::finished(command, args)
    }

    fn finished<A: AsRef<OsStr>>(mut command: Command, args: &[A]) -> Run {
        let output = command.output().expect("the binary can be run");
        let words: Vec<_> = args
            .iter()
            .map(|word| word.as_ref().to_string_lossy())
            .collect();
        let command = format!("highwater {}", words.join(" "));
        Run {
            code: output
                .status
                .code()
                .unwrap_or_else(|| panic!("{command} was ended by {}", output.status)),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            command,
        }
    }
}

impl Run {
    /// Returns this run, after checking that it ended with `code`.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// The one JSON value on stdout.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON: {error}: {self:#?}"))
    }

    /// The JSON values on stdout, one per line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("no JSON: {error}: {line}"))
            })
            .collect()
    }
}
