//! What every command is given besides its own arguments.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use tokio_util::sync::CancellationToken;

use super::cli::{Global, terminal_obeys};
use super::error::CommandError;
use super::interrupt;
use super::notes::Notes;
use super::output::Out;
use super::waiting::Waiting;

/// How long the writer of a pipe, which was started together with this program, may take for its answer.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often somebody who waits is told so.
const TICK: Duration = Duration::from_millis(500);

/// One run of the program: the global flags, the two ways out, and the wish to stop.
#[derive(Debug)]
pub struct Invocation {
    pub global: Global,
    pub out: Out,
    pub notes: Notes,
    pub interrupt: CancellationToken,
    /// Whether stdin is no terminal and had an answer on it when it was first looked at: reading the first
    /// line takes the others off it.
    answered: OnceLock<bool>,
}

impl Invocation {
    /// Looks at the terminal and listens for signals. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`CommandError::Io`] where signals cannot be listened for.
    pub fn new(global: Global) -> Result<Self, CommandError> {
        let notes = global.notes();
        Ok(Self {
            out: Out::new(global.output, global.paints()),
            notes,
            interrupt: interrupt::watch(notes)?,
            answered: OnceLock::new(),
            global,
        })
    }

    /// Whether a person sits before it who can be asked.
    #[must_use]
    pub fn has_person(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a question finds an answer: that of a person, or one that was put on stdin beforehand. A pipe
    /// that stays silent is nobody: a command that runs by itself must not wait for it.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.has_person() || *self.answered.get_or_init(has_answer)
    }

    /// Whether progress can be shown: somebody watches, and no pipe waits for the results alone.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        !self.global.quiet
            && self.out.is_terminal()
            && io::stderr().is_terminal()
            && terminal_obeys()
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

    /// As [`Self::until_interrupted`], for a question that may take long: what is being done is shown
    /// meanwhile.
    ///
    /// # Errors
    /// As [`Self::until_interrupted`].
    pub fn patiently<'a, T: Send + 'a, E: Into<CommandError> + Send + 'a>(
        &'a self,
        doing: &'static str,
        question: impl Future<Output = Result<T, E>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, CommandError>> {
        let mut question = self.until_interrupted(question).boxed();
        async move {
            let mut waiting = Waiting::new(self, doing, 0);
            loop {
                tokio::select! {
                    answer = &mut question => return answer,
                    () = tokio::time::sleep(TICK) => waiting.draw(),
                }
            }
        }
        .boxed()
    }
}

/// Whether something can be read from stdin that is no terminal.
fn has_answer() -> bool {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return false;
    }
    let patience = Timespec::try_from(PATIENCE).ok();
    let mut wanted = [PollFd::new(&stdin, PollFlags::IN)];
    let ready = poll(&mut wanted, patience.as_ref());
    ready.is_ok_and(|ready| ready > 0) && ioctl_fionread(&stdin).is_ok_and(|bytes| bytes > 0)
}
