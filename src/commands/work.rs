//! The jobs of one command, run to completion.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::invocation::Invocation;
use super::session::Session;
use crate::backend::Error;
use crate::jobs::{Event, Failure, JobId, Jobs, Output, Request, Update};

/// How a job ended.
pub type Ended = Result<Output, Failure>;

/// How long queued tables are held while a service is out of reach: a server that restarts is back by then.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to hear nothing before telling the watcher so, repeatedly.
const QUIET: Duration = Duration::from_secs(1);

/// What the watcher is told about jobs while they run.
#[derive(Debug, Clone, Copy)]
pub enum Sight<'a> {
    /// An update for the request at this index.
    Update(usize, &'a Update),
    /// Nothing new for a while.
    Quiet,
}

/// Runs `requests` as jobs, at most `concurrency` ingestions at once, and returns how each ended,
/// in the order of the requests. `watch` is called with everything seen of them.
///
/// A signal cancels all of them. Jobs that write are waited for, so that nothing is left
/// half-written; questions are abandoned at once.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    concurrency: usize,
    requests: Vec<Request>,
    mut watch: impl FnMut(Sight<'_>) + Send,
) -> Vec<Ended> {
    let writes = requests.iter().any(Request::writes);
    let (send, mut events) = mpsc::unbounded_channel();
    let mut jobs = Jobs::new(session.open(), concurrency, Some(PATIENCE), send);
    let mut ended: Vec<Option<Ended>> = requests.iter().map(|_| None).collect();
    for (id, request) in (0..).map(JobId).zip(requests) {
        jobs.start(id, request);
    }
    let mut stopping = false;
    while ended.iter().any(Option::is_none) {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => take(event, &mut ended, &mut watch),
                None => break,
            },
            () = tokio::time::sleep(QUIET) => watch(Sight::Quiet),
            () = invocation.interrupt.cancelled(), if !stopping => {
                stopping = true;
                (0..).map(JobId).take(ended.len()).for_each(|id| jobs.cancel(id));
                if !writes {
                    break;
                }
            }
        }
    }
    let ended = ended.into_iter();
    ended.map(|end| end.unwrap_or_else(cancelled)).collect()
}

/// Like [`run`], for a single request.
pub async fn run_one(
    session: &Session,
    invocation: &Invocation,
    request: Request,
    watch: impl FnMut(Sight<'_>) + Send,
) -> Ended {
    let mut ended = run(session, invocation, 1, vec![request], watch).await;
    ended.pop().unwrap_or_else(cancelled)
}

fn cancelled() -> Ended {
    Err(Failure::Error(Arc::new(Error::Cancelled)))
}

fn take(event: Event, ended: &mut [Option<Ended>], watch: &mut impl FnMut(Sight<'_>)) {
    let Ok(place) = usize::try_from(event.job.0) else {
        return;
    };
    watch(Sight::Update(place, &event.update));
    if let (Update::Done(end), Some(slot)) = (event.update, ended.get_mut(place)) {
        *slot = Some(end);
    }
}
