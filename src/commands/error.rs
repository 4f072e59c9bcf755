//! Why a command failed or was refused.

use std::io;
use std::sync::Arc;

use super::exit::Exit;
use crate::backend::advice::command;
use crate::backend::{Error, error::chain};
use crate::config::ConfigError;
use crate::console::ConsoleError;
use crate::demo::DemoError;
use crate::jobs::Failure;

/// Everything that can end a command early.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line asks for something that cannot be done.
    #[error("{message}")]
    Usage { message: String, next: String },

    /// The configuration file, the environment or the flags are invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),

    /// The profile does not allow the write, or nobody confirmed it.
    #[error("{message}")]
    Refused { message: String, next: String },

    /// An operation of the backend failed.
    #[error(transparent)]
    Backend(#[from] Arc<Error>),

    /// A bug: a job panicked.
    #[error("the job panicked, which is a bug: {0}")]
    Panicked(String),

    /// The demo's own cluster failed.
    #[error(transparent)]
    Demo(#[from] DemoError),

    /// The console's terminal failed.
    #[error(transparent)]
    Console(#[from] ConsoleError),

    /// Something on this machine failed.
    #[error("{doing} failed")]
    Io {
        /// What was being done, and to what: `writing to stdout`.
        doing: String,
        #[source]
        cause: io::Error,
    },

    /// A signal stopped the command.
    #[error("interrupted; nothing was half-written")]
    Interrupted,
}

impl CommandError {
    /// A usage error, with what to do about it.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            next: next.into(),
        }
    }

    /// A refusal, with what would allow the write; `next` is empty if the user said no.
    pub fn refused(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            next: next.into(),
        }
    }

    /// The exit code of a command that fails with this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. }
            | Self::Config(_)
            | Self::Console(ConsoleError::NoTerminal | ConsoleError::DumbTerminal) => Exit::Usage,
            Self::Refused { .. } => Exit::Refused,
            Self::Interrupted
            | Self::Console(ConsoleError::Signal { .. } | ConsoleError::Cancelled(_)) => {
                Exit::Interrupted
            }
            Self::Backend(error) => match **error {
                Error::ReadOnly { .. } => Exit::Refused,
                Error::Config(_)
                | Error::Setting(_)
                | Error::Claim(_)
                | Error::Range(_)
                | Error::Edit(_) => Exit::Usage,
                Error::Cancelled => Exit::Interrupted,
                _ => Exit::Failed,
            },
            Self::Panicked(_) | Self::Demo(_) | Self::Console(_) | Self::Io { .. } => Exit::Failed,
        }
    }

    /// Whether the remedy concerns a service and not a table.
    #[must_use]
    pub fn is_of_service(&self) -> bool {
        matches!(self, Self::Backend(error) if error.is_of_service())
    }

    /// The error and its causes, outermost first.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        chain(self)
    }

    /// What to do about it, if there is anything to suggest.
    #[must_use]
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Usage { next, .. } | Self::Refused { next, .. } => {
                Some(next.clone()).filter(|next| !next.is_empty())
            }
            Self::Console(ConsoleError::Abandoned(_)) => Some(format!(
                "see what it left, if anything: {}; ingestion continues from there by itself",
                command("doctor")
            )),
            // The texts of these errors say so themselves.
            Self::Config(_)
            | Self::Demo(_)
            | Self::Console(_)
            | Self::Io { .. }
            | Self::Interrupted => None,
            Self::Backend(error) => Some(error.next_step()).filter(|next| !next.is_empty()),
            Self::Panicked(_) => Some("please report it, with the log".to_owned()),
        }
    }
}

impl From<std::convert::Infallible> for CommandError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Backend(Arc::new(error))
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Error(error) => Self::Backend(error),
            Failure::Panicked(message) => Self::Panicked(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_has_the_exit_code_of_the_contract() {
        let read_only = Error::ReadOnly {
            profile: "prod".to_owned(),
            doing: "ingest".to_owned(),
        };
        assert_eq!(CommandError::from(read_only).exit(), Exit::Refused);
        assert_eq!(
            CommandError::from(Error::Cancelled).exit(),
            Exit::Interrupted
        );
        let config = ConfigError::NoHome { variable: "HOME" };
        assert_eq!(CommandError::from(Error::from(config)).exit(), Exit::Usage);
        assert_eq!(
            CommandError::Console(ConsoleError::Cancelled(2)).exit(),
            Exit::Interrupted
        );
        let unknown = Error::UnknownTable {
            table: crate::vocabulary::TableName::parse("paymnt"),
            why: None,
        };
        assert_eq!(CommandError::from(unknown).exit(), Exit::Failed);
        assert_eq!(CommandError::usage("", "").exit(), Exit::Usage);
        assert_eq!(CommandError::refused("", "").exit(), Exit::Refused);
    }

    #[test]
    fn who_has_said_no_is_told_nothing_to_do() {
        assert_eq!(CommandError::refused("declined", "").next_step(), None);
        let next = CommandError::refused("careful", "add --yes").next_step();
        assert_eq!(next.as_deref(), Some("add --yes"));
    }
}
