//! What every command gets besides its own arguments.

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

/// How long to wait for an answer on a pipe whose writer was started together with this program.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often progress is redrawn while a question is waited for.
const TICK: Duration = Duration::from_millis(500);

/// One run of the program: the global flags, stdout and stderr, and the request to stop.
#[derive(Debug)]
pub struct Invocation {
    pub global: Global,
    pub out: Out,
    pub notes: Notes,
    pub interrupt: CancellationToken,
    /// Whether stdin is not a terminal and had an answer on it when first looked at. Cached, because reading the first
    /// line takes the others off stdin as well.
    answered: OnceLock<bool>,
}

impl Invocation {
    /// Looks at the terminal and starts listening for signals. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`CommandError::Io`] if signals cannot be listened for.
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

    /// Whether there is a person at the terminal who can be asked.
    #[must_use]
    pub fn has_person(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a question will be answered: by a person, or by input already on stdin. A pipe that stays silent counts
    /// as nobody, because a command that runs unattended must not wait for it.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.has_person() || *self.answered.get_or_init(has_answer)
    }

    /// Whether progress can be shown: somebody is watching, and stdout is not piped.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        !self.global.quiet
            && self.out.is_terminal()
            && io::stderr().is_terminal()
            && terminal_obeys()
    }

    /// Waits for a question that can safely be abandoned at any point.
    ///
    /// # Errors
    /// [`CommandError::Interrupted`] once a signal has come, otherwise whatever `question` fails with.
    pub async fn until_interrupted<T: Send, E: Into<CommandError> + Send>(
        &self,
        question: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, CommandError> {
        tokio::select! {
            answer = question => answer.map_err(Into::into),
            () = self.interrupt.cancelled() => Err(CommandError::Interrupted),
        }
    }

    /// Like [`Self::until_interrupted`], for a question that may take long: shows meanwhile what is being done.
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

/// Whether stdin is not a terminal and has something to read.
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
