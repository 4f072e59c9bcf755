//! Terminal input, as messages.

use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::message::Message;

/// Maximum number of messages that are handled before the next frame.
pub const BATCH: usize = 1_024;

/// The result of waiting for input.
pub enum Typed {
    Messages(Vec<Message>),
    Failed(io::Error),
    /// The terminal has gone away.
    Ended,
}

/// The input of the terminal, for as long as there is one.
pub struct Input(EventStream);

impl Input {
    pub fn new() -> Self {
        Self(EventStream::new())
    }

    /// Waits for input, and returns it with everything else that is ready. The end of the input means that the
    /// terminal has gone away.
    pub async fn typed(&mut self) -> Typed {
        let mut messages = Vec::new();
        let mut next = Some(poll_fn(|context| self.poll(context)).await);
        while let Some(event) = next {
            match event {
                Some(Ok(event)) => messages.extend(message(event)),
                Some(Err(error)) => return Typed::Failed(error),
                None => return Typed::Ended,
            }
            next = if messages.len() < BATCH {
                self.ready().await
            } else {
                None
            };
        }
        Typed::Messages(messages)
    }

    /// Returns input that is ready, without waiting for more. It is polled with the waker of this task: the
    /// stream keeps the first waker that finds nothing, and would wake no other for the next key.
    async fn ready(&mut self) -> Option<Option<io::Result<Event>>> {
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Polls the stream, unless the terminal has gone away. Without this check the poll would never return:
    /// the stream keeps reading zero bytes from such a terminal, and the loop would never see another signal.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Event>>> {
        if has_gone(io::stdout()) {
            return Poll::Ready(None);
        }
        self.0.poll_next_unpin(context)
    }
}

/// Whether the other end of the terminal has been closed for good.
pub fn has_gone(terminal: impl AsFd) -> bool {
    let mut ends = [PollFd::new(&terminal, PollFlags::empty())];
    let asked = poll(&mut ends, Some(&Timespec::default()));
    asked.is_ok() && ends[0].revents().contains(PollFlags::HUP)
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key(key)),
        Event::Mouse(mouse) => Some(Message::Mouse(mouse)),
        Event::Resize(columns, lines) => Some(Message::Resize(columns, lines)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::FocusGained | Event::FocusLost => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_seen_that_nobody_is_at_the_other_end_any_more() {
        let (reader, writer) = io::pipe().expect("a pipe");
        assert!(!has_gone(&reader));
        drop(writer);
        assert!(has_gone(&reader));
    }
}
