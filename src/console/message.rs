//! What can happen to the console.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::jobs;
use crate::vocabulary::{TableName, Watermark};

/// An event that the update reacts to. The event loop sends a [`Message::Tick`] before every batch
/// of messages, so that the update always knows the time without asking for it.
#[derive(Debug, Clone)]
pub enum Message {
    /// The time now.
    Tick(Watermark),
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// The terminal now has this many columns and lines.
    Resize(u16, u16),
    /// Text was pasted, in one piece.
    Paste(String),
    /// News of a job.
    Job(jobs::Event),
    /// A file was written, or why it was not.
    Saved(Result<PathBuf, String>),
    /// The owner of the demo's database has run a statement about a table, or could not, and why.
    Owned {
        table: TableName,
        statement: String,
        done: Result<(), String>,
    },
    /// A reason was written in an editor, or why it was not.
    ReasonWritten(Result<String, String>),
    /// Lines were shown by another program, or why they were not.
    Shown(Result<(), String>),
    /// The process was stopped and has been resumed.
    Resumed,
}
