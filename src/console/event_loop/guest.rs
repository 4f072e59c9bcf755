//! Another program has the terminal for a while. The loop goes on meanwhile, but draws nothing and
//! reads nothing that is typed.

use std::io;
use std::process::ExitStatus;

use crossterm::event::EventStream;
use futures_util::StreamExt;
use tokio::process::Child;

use super::{Console, Woken};
use crate::console::effect::Tool;
use crate::console::input::{Typed, typed};
use crate::console::message::Message;
use crate::console::visit::Visit;
use crate::vocabulary::TableName;

/// Who has the terminal.
pub(super) enum Holder {
    Console(EventStream),
    Guest(Box<Guest>),
}

/// A program that was invited.
pub(super) struct Guest {
    visit: Visit,
    child: Child,
    errand: Errand,
}

/// What comes from the terminal.
pub(super) enum Turn {
    Typed(Typed),
    /// The guest has ended.
    Left(io::Result<ExitStatus>),
}

/// What a guest has come for.
#[derive(Clone, Copy)]
enum Errand {
    /// To write the reason of a change.
    Reason,
    /// To show lines.
    Show,
}

impl Holder {
    /// The console, reading what is typed.
    pub(super) fn console() -> Self {
        Self::Console(EventStream::new())
    }

    pub(super) const fn is_guest(&self) -> bool {
        matches!(self, Self::Guest(_))
    }

    /// Waits for the next turn; may be dropped without losing one.
    pub(super) async fn turn(&mut self) -> Turn {
        match self {
            Self::Console(input) => Turn::Typed(typed(input.next().await, input).await),
            Self::Guest(guest) => Turn::Left(guest.child.wait().await),
        }
    }
}

impl Errand {
    /// What the loop is told once the guest has left, or could not come.
    fn message(self, visit: Result<&Visit, String>) -> Message {
        match self {
            Self::Reason => Message::ReasonWritten(visit.and_then(Visit::reason)),
            Self::Show => Message::Shown(visit.map(drop)),
        }
    }
}

impl Console {
    /// Has a reason written in an editor.
    pub(super) fn write_reason(&mut self, table: &TableName, reason: &str) -> io::Result<()> {
        self.receive(Errand::Reason, Visit::for_reason(table, reason))
    }

    /// Has lines shown by another program.
    pub(super) fn show(&mut self, tool: Tool, lines: &str) -> io::Result<()> {
        self.receive(Errand::Show, Visit::for_lines(tool, lines))
    }

    /// Gives the terminal to a program, until that ends.
    fn receive(&mut self, errand: Errand, visit: Result<Visit, String>) -> io::Result<()> {
        self.screen.leave();
        let started = visit.and_then(|visit| visit.start().map(|child| (visit, child)));
        match started {
            Ok((visit, child)) => {
                self.holder = Holder::Guest(Box::new(Guest {
                    visit,
                    child,
                    errand,
                }));
                Ok(())
            }
            Err(why) => {
                // The loop itself listens.
                let _ = self.own.send(errand.message(Err(why)));
                self.screen.enter_again()
            }
        }
    }

    /// Takes the terminal back from a guest that has ended.
    pub(super) fn see_off(&mut self, ended: io::Result<ExitStatus>) -> Woken {
        let size = self.screen.enter_again().and_then(|()| self.screen.size());
        let (columns, lines) = match size {
            Ok(size) => size,
            Err(error) => return Woken::Ended(error.into()),
        };
        let mut messages = vec![Message::Resize(columns, lines)];
        if let Holder::Guest(guest) = std::mem::replace(&mut self.holder, Holder::console()) {
            let done = guest.visit.judge(ended).map(|()| &guest.visit);
            messages.push(guest.errand.message(done));
        }
        Woken::Messages(messages)
    }
}
