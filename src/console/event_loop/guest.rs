//! Another program has the terminal for a while.

use std::io;
use std::process::ExitStatus;

use tokio::process::Child;

use super::Console;
use crate::backend::TableName;
use crate::console::ConsoleError;
use crate::console::effect::Tool;
use crate::console::message::Message;
use crate::console::signals::INTERRUPT;
use crate::console::visit::Visit;

impl Console {
    /// Has a reason written in an editor.
    pub(super) async fn write_reason(
        &mut self,
        table: &TableName,
        reason: &str,
    ) -> Result<(), ConsoleError> {
        let written = match Visit::for_reason(table, reason) {
            Ok(visit) => self.receive(&visit).await?.and_then(|()| visit.reason()),
            Err(why) => Err(why),
        };
        // The loop itself listens.
        let _ = self.own.send(Message::ReasonWritten(written));
        Ok(())
    }

    /// Has lines shown by another program.
    pub(super) async fn show(&mut self, tool: Tool, lines: &str) -> Result<(), ConsoleError> {
        let shown = match Visit::for_lines(tool, lines) {
            Ok(visit) => self.receive(&visit).await?,
            Err(why) => Err(why),
        };
        // The loop itself listens.
        let _ = self.own.send(Message::Shown(shown));
        Ok(())
    }

    /// Gives the terminal to a program until that has ended, and says what came of it. Jobs go on
    /// meanwhile, and their news wait.
    async fn receive(&mut self, visit: &Visit) -> Result<Result<(), String>, ConsoleError> {
        // The stream would go on to read what is typed.
        self.input = None;
        self.screen.leave();
        let ended = match visit.start() {
            Ok(mut child) => visit.judge(self.until_left(&mut child).await?),
            Err(why) => Err(why),
        };
        self.screen.enter_again()?;
        let (columns, lines) = self.screen.size()?;
        let _ = self.own.send(Message::Resize(columns, lines));
        Ok(ended)
    }

    /// Waits for the end of a program that has the terminal. Ctrl-C is meant for it alone, though the
    /// terminal sends the signal to both.
    async fn until_left(
        &mut self,
        child: &mut Child,
    ) -> Result<io::Result<ExitStatus>, ConsoleError> {
        loop {
            tokio::select! {
                biased;
                signal = self.signals.next() => match signal {
                    Some(INTERRUPT) | None => {}
                    Some(signal) => return Err(ConsoleError::Signal { signal }),
                },
                ended = child.wait() => return Ok(ended),
            }
        }
    }
}
