//! What an update asks to have done outside the model.

use super::Statement;
use super::preferences::Preferences;
use crate::jobs::{JobId, Request};
use crate::vocabulary::TableName;

/// A command for the event loop, which alone touches the terminal and the jobs.
#[derive(Debug, Clone)]
pub enum Effect {
    Start {
        job: JobId,
        request: Request,
    },
    Cancel(JobId),
    /// Copy text to the clipboard of the terminal, with OSC 52.
    Copy(String),
    /// Write a new file into the folder in which the program was started; the answer is a message.
    Save {
        name: String,
        text: String,
    },
    /// Save how this profile's tables are shown, for the next start.
    Remember(Preferences),
    /// Have the owner of the demo's database run a statement; the answer is a message.
    AskOwner(Statement),
    /// Capture the mouse, or leave it to the terminal for selecting text.
    CaptureMouse(bool),
    /// Give the terminal to an editor to write the reason of a change; the answer is a message.
    WriteReason {
        table: TableName,
        reason: String,
    },
    /// Give the terminal to a program that shows lines; the answer is a message.
    Show {
        tool: Tool,
        lines: String,
    },
    /// Stop the process as Ctrl-Z does, until it is continued.
    Suspend,
    /// Redraw everything, whatever the terminal shows now.
    Repaint,
    /// Cancel all jobs and leave.
    Quit,
}

/// The kind of program that the terminal is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `$VISUAL`, otherwise `$EDITOR`.
    Editor,
    /// `$PAGER`, otherwise `less`.
    Pager,
}
