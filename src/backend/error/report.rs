//! An error in the output of a command.

use serde::Serialize;

use super::{Error, chain};

/// An error as output shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    pub code: String,
    /// The error with all its causes, in one line.
    pub message: String,
    pub next_step: String,
    /// Whether the error concerns a service rather than a table.
    #[serde(skip)]
    pub is_of_service: bool,
}

impl ErrorReport {
    /// Whether somebody asked for it to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.code == Error::Cancelled.code()
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: chain(error).join(": "),
            next_step: error.next_step(),
            is_of_service: error.is_of_service(),
        }
    }
}
