//! The console: a terminal application over the jobs.
//!
//! State flows one way. Whatever happens (a key, news of a job, the passing of time) is a
//! [`message::Message`]; [`update::update`] takes it into the [`model::Model`] and answers with
//! [`effect::Effect`]s, purely and synchronously; [`screens::view`] draws the model and decides
//! nothing. Only the event loop touches the terminal and the jobs, and it awaits nothing but the
//! next message.
//!
//! Each of these uses those above it, and none of those below:
//!
//! | module | what it is |
//! |---|---|
//! | [`model`], [`action`], [`describe`] | what is known; what a key can do, and why not now; both in words |
//! | [`widgets`] | parts of screens |
//! | [`screens`] | the model as a frame, and where on it what stands |
//! | [`update`] | what a message does to the model |
//! | `event_loop` | the terminal, signals, jobs and other programs |
//!
//! The first three lean on each other: an action stands in one table with the condition under which the model
//! allows it, and words about the model name the keys.

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

/// What draws the model; [`screens::view`], unless somebody brings another.
pub type View = fn(&Model, &mut Frame<'_>);

/// A statement for the owner of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub table: TableName,
    pub text: String,
    /// What it puts right.
    pub finding: FindingCode,
}

/// Runs a statement in the demo's database as its owner, or says why it cannot be run.
pub type Owner = Arc<dyn Fn(Statement) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the console is started with.
pub struct Setup {
    /// What the header shows before anything has been opened.
    pub facts: Facts,
    /// How the backend is opened. It is called by the first job, and again after each failure.
    pub open: Open,
    /// How many ingestions run at once.
    pub concurrency: usize,
    /// Whether colours are unwanted (`NO_COLOR`, `--no-color`).
    pub no_color: bool,
    /// Colours that the configuration asks for, whatever was chosen last.
    pub theme: Option<ThemeChoice>,
    /// Whether nothing but ASCII may be drawn.
    pub ascii: bool,
    /// Which keys do what.
    pub keymap: Keymap,
    /// Where it is kept how the tables are looked at; `None` keeps nothing.
    pub preferences: Option<PreferencesFile>,
    /// Who owns the database, where that is the demo's.
    pub owner: Option<Owner>,
    /// Something to say at the start, until Esc: that this is the demo, say, and how to go on.
    pub notice: Option<String>,
}

/// Why the console ended otherwise than by the wish of its user.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Standard input or output is no terminal.
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
    /// The program was told to end by a signal; jobs were cancelled and the terminal restored.
    #[error("ended by {signal}")]
    Signal { signal: &'static str },
    /// It was left while jobs that write were at work or waited for their turn, and these were cancelled.
    #[error("{} cancelled; nothing was half-written", count(length(*.0), "job"))]
    Cancelled(usize),
    /// Jobs that write were cancelled, and had not stopped when there was no more time to wait.
    #[error(
        "{} did not stop in time, and what it had begun may be left half-done",
        count(length(*.0), "job")
    )]
    Abandoned(usize),
}
