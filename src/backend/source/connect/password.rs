//! The password, and the command that prints it.

use std::fmt;
use std::pin::pin;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::process::Command;

/// How long a command may take; it may ask the operator for a fingerprint.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait for it before saying so.
const SILENCE: Duration = Duration::from_secs(3);

/// A password. It has no `Display`, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The password itself, for the one place that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a command gave no password. Names the program, never its arguments or its output: both may contain
/// secrets.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("source.password_command is empty")]
    Empty,
    #[error("source.password_command: {program} cannot be run")]
    NotRun {
        program: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("source.password_command: {program} ended with {status}; run it in a shell to see why")]
    Failed {
        program: String,
        status: std::process::ExitStatus,
    },
    #[error("source.password_command: {program} printed no password on its standard output")]
    NoOutput { program: String },
    #[error("source.password_command: {program} did not end within {} s", PATIENCE.as_secs())]
    TimedOut { program: String },
}

/// Who is being waited for, so that anybody who sees nothing happen can be told.
#[derive(Debug, Default)]
pub struct Awaited(Mutex<Option<String>>);

impl Awaited {
    /// What is being waited for, as half a sentence; `None` if nothing has taken long so far.
    pub fn now(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Makes `what` known until the returned guard is dropped.
    fn tell(&self, what: String) -> impl Drop {
        *self.lock() = Some(what);
        Told(self)
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Told<'a>(&'a Awaited);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

/// Runs `command` and takes the first line of its standard output. If the command takes long, `awaited` says so.
///
/// # Errors
///
/// [`CommandError`] if the command cannot be run, fails, prints nothing, or does not end.
pub async fn from_command(command: &[String], awaited: &Awaited) -> Result<Password, CommandError> {
    let (program, arguments) = command.split_first().ok_or(CommandError::Empty)?;
    let program = program.clone();
    let running = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        // Its error output would be drawn over the console.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let mut running = pin!(tokio::time::timeout(PATIENCE, running));
    let ended = if let Ok(ended) = tokio::time::timeout(SILENCE, &mut running).await {
        ended
    } else {
        let seconds = PATIENCE.as_secs();
        let may = format!("{program} may be asking for input, and has {seconds} s");
        tracing::warn!("waiting for the password of source.password_command: {may}");
        let _told = awaited.tell(format!("waiting for the password: {may}"));
        running.await
    };
    let output = match ended {
        Err(_) => return Err(CommandError::TimedOut { program }),
        Ok(Err(cause)) => return Err(CommandError::NotRun { program, cause }),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let status = output.status;
        return Err(CommandError::Failed { program, status });
    }
    String::from_utf8(output.stdout)
        .ok()
        .and_then(|text| text.lines().next().map(str::to_owned))
        .filter(|line| !line.is_empty())
        .map(Password)
        .ok_or(CommandError::NoOutput { program })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(script: &str) -> Result<Password, CommandError> {
        let command = ["sh".to_owned(), "-c".to_owned(), script.to_owned()];
        from_command(&command, &Awaited::default()).await
    }

    #[tokio::test]
    async fn the_first_line_is_the_password() {
        let password = run("printf 'se cret\\r\\nmore\\n'").await.unwrap();
        assert_eq!(password.reveal(), "se cret");
        assert!(!format!("{password:?}").contains("cret"));
    }

    #[tokio::test]
    async fn a_failure_names_the_program_and_not_what_it_printed() {
        let error = run("echo s3cret; echo s3cret >&2; exit 3")
            .await
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("sh ended with exit status: 3"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }

    #[tokio::test]
    async fn no_output_and_no_program_are_errors_of_their_own() {
        assert!(matches!(
            run("true").await,
            Err(CommandError::NoOutput { .. })
        ));
        let missing = from_command(&["/nonexistent/op".to_owned()], &Awaited::default()).await;
        assert!(matches!(missing, Err(CommandError::NotRun { .. })));
    }

    #[tokio::test]
    async fn whoever_waits_for_long_is_told_until_it_is_over() {
        let awaited = Awaited::default();
        let command = ["sh", "-c", "sleep 3.4; echo secret"].map(str::to_owned);
        let told = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert_eq!(awaited.now(), None, "it is not for long yet");
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            awaited.now()
        };
        let (password, told) = tokio::join!(from_command(&command, &awaited), told);
        assert_eq!(password.expect("a password").reveal(), "secret");
        let told = told.expect("it is told");
        assert!(told.contains("sh may be asking for input"), "{told}");
        assert_eq!(awaited.now(), None, "it is over");
    }
}
