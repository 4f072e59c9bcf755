//! The console: a terminal application on top of the jobs.
//!
//! State flows one way. Everything that happens (a key, news of a job, the passing of time) is a
//! [`message::Message`]; [`update::update`] applies it to the [`model::Model`] and returns
//! [`effect::Effect`]s, purely and synchronously; [`screens::view`] draws the model and decides nothing. Only
//! the event loop touches the terminal and the jobs, and it awaits nothing but the next message.
//!
//! The modules of each row use those above and none of those below:
//!
//! | module | what it is |
//! |---|---|
//! | [`message`], [`json`], [`spark`] | what can happen; JSON, split for display; a line of bars |
//! | [`model`], [`action`], [`describe`] | what is known; what each key does, or why not now; both in words |
//! | [`effect`], [`preferences`], [`theme`] | what an update asks for; what is kept for the next start; styles |
//! | [`widgets`] | parts of screens |
//! | [`screens`] | the model as a frame, and where on the frame each thing is |
//! | [`update`] | what a message does to the model |
//! | `event_loop` | the jobs; with `terminal`, `input`, `signals`, and `external` for other programs |
//!
//! The modules of the second row depend on each other: one table holds each action together with the condition
//! under which the model allows it, and the words about the model name keys. Those of the third are made of parts
//! of the model, which knows them, too.

pub mod action;
pub mod describe;
pub mod effect;
mod event_loop;
mod external;
mod input;
pub mod json;
pub mod message;
pub mod model;
pub mod preferences;
pub mod screens;
mod signals;
pub mod spark;
mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod widgets;

use std::io;
use std::sync::Arc;

pub use action::{KeyRow, Keymap, key_table, markdown as key_table_markdown};
pub use event_loop::{run, run_with};
use futures_util::future::BoxFuture;
pub use model::Facts;
use model::Model;
pub use preferences::PreferencesFile;
use ratatui::Frame;

use crate::backend::finding::FindingCode;
use crate::config::ThemeChoice;
use crate::figures::{count, length};
use crate::jobs::Open;
use crate::vocabulary::TableName;

/// Draws the model; [`screens::view`] unless the caller supplies another.
pub type View = fn(&Model, &mut Frame<'_>);

/// A statement for the owner of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub table: TableName,
    pub text: String,
    /// The finding that it puts right.
    pub finding: FindingCode,
}

/// Runs a statement in the demo's database as its owner, or says why it cannot be run.
pub type Owner = Arc<dyn Fn(Statement) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the console is started with.
pub struct Setup {
    /// What the header shows before anything has been opened.
    pub facts: Facts,
    /// Opens the backend: called by the first job, and again after each failure.
    pub open: Open,
    /// How many ingestions may run at once.
    pub concurrency: usize,
    /// Whether to do without colours (`NO_COLOR`, `--no-color`).
    pub no_color: bool,
    /// The theme set in the configuration, which overrides the one last chosen.
    pub theme: Option<ThemeChoice>,
    /// Whether to draw nothing but ASCII.
    pub ascii: bool,
    /// Which keys do what.
    pub keymap: Keymap,
    /// Where the user's preferences (order, columns, theme) are kept; `None` keeps nothing.
    pub preferences: Option<PreferencesFile>,
    /// The owner of the database, if it is the demo's.
    pub owner: Option<Owner>,
    /// Text to show at the start until Esc is pressed: that this is the demo, for example, and how to go on.
    pub notice: Option<String>,
}

/// Why the console ended other than by the user leaving it.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Standard input or output is not a terminal.
    #[error("the console needs a terminal; `highwater status` and the other commands do not")]
    NoTerminal,
    /// The terminal cannot be drawn on.
    #[error(
        "the console needs a terminal that can be drawn on, and TERM=dumb says that this one cannot be; `highwater status` and the other commands do not need it"
    )]
    DumbTerminal,
    /// The terminal could not be set up, read or drawn.
    #[error("the terminal fails")]
    Terminal(#[from] io::Error),
    /// A signal told the program to end; jobs were cancelled and the terminal restored.
    #[error("ended by {signal}{}", also_cancelled(*.cancelled))]
    Signal {
        signal: &'static str,
        /// Jobs that write and were running or waiting for their turn.
        cancelled: usize,
    },
    /// The user left while jobs that write were running or waiting for their turn, and these were cancelled.
    #[error("{} cancelled; nothing was half-written", count(length(*.0), "job"))]
    Cancelled(usize),
    /// Jobs that write were cancelled, but had not stopped when the time to wait ran out.
    #[error(
        "{} did not stop in time, and what it had begun may be left half-done",
        count(length(*.0), "job")
    )]
    Abandoned(usize),
}

/// What else has happened, if a signal has ended the console.
fn also_cancelled(jobs: usize) -> String {
    match jobs {
        0 => String::new(),
        jobs => format!("; {}", ConsoleError::Cancelled(jobs)),
    }
}
