//! Backend verbs as tasks: started with a request, watched through events, cancelled by id.
//!
//! The caller chooses a job's [`JobId`], which comes back with every [`Event`], so that an answer nobody
//! is waiting for any more can be dropped. A panic in a job becomes an error of that job. The number of
//! jobs that run at once is bounded, separately for ingestion and for questions, so that a long queue of
//! work never delays a refresh. While a service is out of reach, the queue of ingestions is held.

mod hold;
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

/// Number of a job, chosen by the caller that starts it; never used twice in one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// An update, and the job it is about.
#[derive(Debug, Clone)]
pub struct Event {
    pub job: JobId,
    pub update: Update,
}

/// What happened to a job. [`Update::Done`] is the last event of every job.
#[derive(Debug, Clone)]
pub enum Update {
    /// The job has been given a slot and is running.
    Started,
    /// Part of a status has arrived.
    Part(StatusPart),
    /// Some of the changes that were searched for; more may follow.
    Found(Found),
    /// The job, and with it the queue behind it, is held because this service is out of reach; `None` once
    /// it no longer is.
    Held(Option<Arc<Error>>),
    /// The job is waiting for something that is not a service, such as a person who has to answer; `None`
    /// once it no longer is.
    Awaits(Option<String>),
    /// How far the job has come, about five times a second while that changes.
    Progress(ProgressSnapshot),
    /// The job has ended.
    Done(Result<Output, Failure>),
}

/// Why a job failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The backend returned an error.
    Error(Arc<Error>),
    /// A bug: the task panicked with this message, or returned an answer of the wrong kind.
    Panicked(String),
}

impl Failure {
    /// The failure of a job that returned an answer of the wrong kind, which is a bug.
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

    /// Whether the job ended because it was cancelled.
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
