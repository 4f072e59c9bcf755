//! Backend verbs as tasks: started with a request, watched through events, cancelled by id.
//!
//! Whoever starts a job chooses its [`JobId`], which comes back with every [`Event`], so that an answer
//! nobody waits for any more can be dropped. A panic in a job is an error of that job. How many jobs
//! run at once is bounded, separately for ingestion and for questions, so that a long queue of work
//! never delays a refresh.

mod request;
mod runner;

use std::fmt;
use std::sync::Arc;

pub use request::{IngestPlans, Output, Request};
pub use runner::{Jobs, Open};

use crate::backend::Error;
use crate::backend::journal::Found;
use crate::backend::progress::ProgressSnapshot;
use crate::backend::status::StatusPart;

/// Number of a job, chosen by whoever starts it; never used twice in one program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// News of a job.
#[derive(Debug, Clone)]
pub struct Event {
    pub job: JobId,
    pub update: Update,
}

/// What happened to a job. `Done` is the last event of every job.
#[derive(Debug, Clone)]
pub enum Update {
    /// It has got its place and runs.
    Started,
    /// A part of a status has arrived.
    Part(StatusPart),
    /// Changes that are looked for have been found, and others may follow.
    Found(Found),
    /// It waits for something that is no party, a person who has to answer, say; or does not any more.
    Awaits(Option<String>),
    /// How far it has come, about ten times a second while it changes.
    Progress(ProgressSnapshot),
    /// It has ended.
    Done(Result<Output, Failure>),
}

/// Why a job did not end well.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The backend said so.
    Error(Arc<Error>),
    /// A bug: the task panicked with this message, or answered what was not asked.
    Panicked(String),
}

impl Failure {
    /// Something else was answered than what was asked, which is a bug.
    #[must_use]
    pub fn wrong_answer(output: &Output) -> Self {
        Self::Panicked(format!("an unexpected answer: {}", output.name()))
    }

    /// The failure and its causes, outermost first.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        match self {
            Self::Error(error) => crate::backend::error::chain(error.as_ref()),
            Self::Panicked(message) => vec![
                "the job panicked, which is a bug".to_owned(),
                message.clone(),
            ],
        }
    }

    /// What the operator can do next.
    #[must_use]
    pub fn next_step(&self) -> String {
        match self {
            Self::Error(error) => error.next_step(),
            Self::Panicked(_) => "please report it, with the log".to_owned(),
        }
    }

    /// Whether it ended because somebody asked for that.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Error(error) if matches!(**error, Error::Cancelled))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain().join(": "))
    }
}
