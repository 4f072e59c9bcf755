//! What every command is given besides its own arguments.

use std::io::{self, IsTerminal};

use tokio_util::sync::CancellationToken;

use super::cli::Global;
use super::error::CommandError;
use super::interrupt;
use super::notes::Notes;
use super::output::Out;

/// One run of the program: the global flags, the two ways out, and the wish to stop.
#[derive(Debug)]
pub struct Invocation {
    pub global: Global,
    pub out: Out,
    pub notes: Notes,
    pub interrupt: CancellationToken,
}

impl Invocation {
    /// Looks at the terminal and listens for signals. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`CommandError::Io`] where signals cannot be listened for.
    pub fn new(global: Global) -> Result<Self, CommandError> {
        let notes = global.notes();
        Ok(Self {
            out: Out::new(global.output, global.colour()),
            notes,
            interrupt: interrupt::watch(notes)?,
            global,
        })
    }

    /// Whether somebody can be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether progress can be shown: somebody watches, and no pipe waits for the results alone.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        !self.global.quiet && self.out.is_terminal() && io::stderr().is_terminal()
    }

    /// Waits for a question that may be given up at any point.
    ///
    /// # Errors
    /// [`CommandError::Interrupted`] once a signal has come, otherwise what `question` fails with.
    pub async fn until_interrupted<T: Send, E: Into<CommandError> + Send>(
        &self,
        question: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, CommandError> {
        tokio::select! {
            answer = question => answer.map_err(Into::into),
            () = self.interrupt.cancelled() => Err(CommandError::Interrupted),
        }
    }
}
