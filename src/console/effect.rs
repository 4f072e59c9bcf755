//! What an update wants done outside the model.

use super::Statement;
use super::preferences::Preferences;
use crate::jobs::{JobId, Request};
use crate::vocabulary::TableName;

/// An order to the event loop, which alone touches the terminal and the jobs.
#[derive(Debug, Clone)]
pub enum Effect {
    Start {
        job: JobId,
        request: Request,
    },
    Cancel(JobId),
    /// Put text into the clipboard of the terminal, over OSC 52.
    Copy(String),
    /// Write a new file into the folder that the program was started in; the answer is a message.
    Save {
        name: String,
        text: String,
    },
    /// Keep for the next start how this profile's tables are looked at.
    Remember(Preferences),
    /// Have the owner of the demo's database run a statement; the answer is a message.
    AskOwner(Statement),
    /// Take the mouse, or leave it to the terminal for selecting text.
    CaptureMouse(bool),
    /// Give the terminal to an editor for the reason of a change; the answer is a message.
    WriteReason {
        table: TableName,
        reason: String,
    },
    /// Give the terminal to a program that shows lines; the answer is a message.
    Show {
        tool: Tool,
        lines: String,
    },
    /// Stop the program as Ctrl-Z does, until it is continued.
    Suspend,
    /// Draw everything anew, whatever the terminal shows now.
    Repaint,
    /// Cancel what runs and leave.
    Quit,
}

/// What kind of program the terminal is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `$VISUAL`, or else `$EDITOR`.
    Editor,
    /// `$PAGER`, or else `less`.
    Pager,
}
