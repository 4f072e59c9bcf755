//! What is typed, as messages.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;

use super::message::Message;

/// Messages that are taken in before the next frame.
pub const BATCH: usize = 1_024;

/// What became of waiting for input.
pub enum Typed {
    Messages(Vec<Message>),
    Failed(io::Error),
    /// The terminal has gone.
    Ended,
}

/// What was typed, and whatever else is there already. The end of the input is that of the
/// terminal.
pub async fn typed(first: Option<io::Result<Event>>, input: &mut EventStream) -> Typed {
    let mut messages = Vec::new();
    let mut next = Some(first);
    while let Some(event) = next {
        match event {
            Some(Ok(event)) => messages.extend(message(event)),
            Some(Err(error)) => return Typed::Failed(error),
            None => return Typed::Ended,
        }
        next = if messages.len() < BATCH {
            ready(input).await
        } else {
            None
        };
    }
    Typed::Messages(messages)
}

/// What has been typed already, without waiting for more. It is this task that asks: the stream keeps
/// the first waker that finds nothing, and would wake nobody else for the next key.
async fn ready(input: &mut EventStream) -> Option<Option<io::Result<Event>>> {
    poll_fn(|context| match input.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(Some(event)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
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
