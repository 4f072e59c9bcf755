//! What can happen to the console.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::jobs;
use crate::vocabulary::{TableName, Watermark};

/// Something that has happened. The event loop sends a [`Message::Tick`] before every batch, so
/// that the update always knows what time it is without asking.
#[derive(Debug, Clone)]
pub enum Message {
    /// It is now this late.
    Tick(Watermark),
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// The terminal has this many columns and lines now.
    Resize(u16, u16),
    /// Text was pasted, all at once.
    Paste(String),
    /// News of a job.
    Job(jobs::Event),
    /// A file was written, or why it was not.
    Saved(Result<PathBuf, String>),
    /// The owner of the demo's database has run a statement about a table, or why they could not.
    Owned {
        table: TableName,
        statement: String,
        done: Result<(), String>,
    },
    /// A reason was written in an editor, or why it was not.
    ReasonWritten(Result<String, String>),
    /// Lines were shown by another program, or why they were not.
    Shown(Result<(), String>),
    /// The program runs again after it was stopped.
    Resumed,
}
