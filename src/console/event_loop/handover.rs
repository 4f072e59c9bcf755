//! Lending the terminal to another program. The loop keeps running meanwhile, but draws nothing and
//! reads no input.

use std::io;
use std::process::ExitStatus;

use tokio::process::Child;

use super::{Console, Woken};
use crate::console::effect::Tool;
use crate::console::external::ExternalProgram;
use crate::console::input::{Input, Typed};
use crate::console::message::Message;
use crate::vocabulary::TableName;

/// Who has the terminal.
pub(super) enum Holder {
    Console(Input),
    Program(Box<Running>),
}

/// A program that is running.
pub(super) struct Running {
    program: ExternalProgram,
    child: Child,
    purpose: Purpose,
}

/// What the holder of the terminal reports.
pub(super) enum Turn {
    Typed(Typed),
    /// The program has ended.
    Exited(io::Result<ExitStatus>),
}

/// What a program is started for.
#[derive(Clone, Copy)]
enum Purpose {
    /// To write the reason of a change.
    Reason,
    /// To show lines.
    Show,
}

impl Holder {
    /// The console, reading what is typed.
    pub(super) fn console() -> Self {
        Self::Console(Input::new())
    }

    pub(super) const fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// Waits for the next turn. This method is cancel safe.
    pub(super) async fn turn(&mut self) -> Turn {
        match self {
            Self::Console(input) => Turn::Typed(input.typed().await),
            Self::Program(running) => Turn::Exited(running.child.wait().await),
        }
    }
}

impl Purpose {
    /// The message for the loop once the program has ended or could not be started.
    fn message(self, done: Result<&ExternalProgram, String>) -> Message {
        match self {
            Self::Reason => Message::ReasonWritten(done.and_then(ExternalProgram::reason)),
            Self::Show => Message::Shown(done.map(drop)),
        }
    }
}

impl Console {
    /// Opens an editor for writing a reason.
    pub(super) fn write_reason(&mut self, table: &TableName, reason: &str) -> io::Result<()> {
        self.hand_over(Purpose::Reason, ExternalProgram::for_reason(table, reason))
    }

    /// Shows lines in another program.
    pub(super) fn show(&mut self, tool: Tool, lines: &str) -> io::Result<()> {
        self.hand_over(Purpose::Show, ExternalProgram::for_lines(tool, lines))
    }

    /// Gives the terminal to a program until it ends.
    fn hand_over(
        &mut self,
        purpose: Purpose,
        program: Result<ExternalProgram, String>,
    ) -> io::Result<()> {
        self.screen.leave();
        let started = program.and_then(|program| program.start().map(|child| (program, child)));
        match started {
            Ok((program, child)) => {
                self.holder = Holder::Program(Box::new(Running {
                    program,
                    child,
                    purpose,
                }));
                Ok(())
            }
            Err(why) => {
                // The loop itself holds the receiver, so this cannot fail.
                let _ = self.own.send(purpose.message(Err(why)));
                self.screen.enter_again()
            }
        }
    }

    /// Takes the terminal back from a program that has ended.
    pub(super) fn take_back(&mut self, ended: io::Result<ExitStatus>) -> Woken {
        let mut messages = match self.come_back() {
            Ok(size) => vec![size],
            Err(error) => return Woken::Ended(error.into()),
        };
        if let Holder::Program(running) = std::mem::replace(&mut self.holder, Holder::console()) {
            let done = running.program.judge(ended).map(|()| &running.program);
            messages.push(running.purpose.message(done));
        }
        Woken::Messages(messages)
    }
}
