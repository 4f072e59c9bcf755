//! Runs requests as tokio tasks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, MissedTickBehavior, timeout_at};

use super::hold::Hold;
use super::{Event, Failure, JobId, Output, Request, Update};
use crate::backend::progress::{Context, Phase};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::TableName;

/// How often the progress of a job is checked: no more often than figures can be read, as each time costs a slow
/// connection dozens of bytes for each job.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// Number of questions that may run at once; further ones wait for their turn.
const QUESTIONS: usize = 8;
/// Number of edits and repairs that may run at once.
const EDITS: usize = 4;

/// Opens the backend: called by the first job that needs it, and again after each failure.
pub type Open = Arc<dyn Fn() -> BoxFuture<'static, Result<Backend>> + Send + Sync>;

/// The jobs of one program. Dropping this cancels all of them.
pub struct Jobs {
    shared: Arc<Shared>,
    running: HashMap<JobId, (Context, JoinHandle<()>)>,
}

struct Shared {
    open: Open,
    backend: OnceCell<Backend>,
    events: UnboundedSender<Event>,
    questions: Semaphore,
    /// Separate from `questions`, so that writing a value never waits for a question.
    edits: Semaphore,
    ingests: Semaphore,
    hold: Hold,
}

impl Jobs {
    /// Jobs on the backend that `open` returns, with at most `concurrency` ingestions at once. Events are sent
    /// to `events` until its receiver is dropped. While a service is out of reach, queued ingestions are held
    /// for at most `patience`; for as long as it takes if that is `None`.
    #[must_use]
    pub fn new(
        open: Open,
        concurrency: usize,
        patience: Option<Duration>,
        events: UnboundedSender<Event>,
    ) -> Self {
        let shared = Shared {
            open,
            backend: OnceCell::new(),
            events,
            questions: Semaphore::new(QUESTIONS),
            edits: Semaphore::new(EDITS),
            ingests: Semaphore::new(concurrency.max(1)),
            hold: Hold::within(patience),
        };
        Self {
            shared: Arc::new(shared),
            running: HashMap::new(),
        }
    }

    /// Starts a job. Must be called within a tokio runtime.
    pub fn start(&mut self, job: JobId, request: Request) {
        self.running.retain(|_, (_, task)| !task.is_finished());
        let context = Context::default();
        let shared = Arc::clone(&self.shared);
        let news = News {
            job,
            events: shared.events.clone(),
        };
        let supervised = shared.supervise(news, request, context.clone());
        self.running
            .insert(job, (context, tokio::spawn(supervised)));
    }

    /// Asks a job to stop; its last event tells when it has stopped. Does nothing if the job has ended.
    pub fn cancel(&self, job: JobId) {
        if let Some((context, _)) = self.running.get(&job) {
            context.cancel.cancel();
        }
    }

    /// Asks all jobs to stop and waits until they have, for at most `patience`. Returns the jobs that have not
    /// stopped by then.
    pub async fn shut_down(&mut self, patience: Duration) -> Vec<JobId> {
        for (context, _) in self.running.values() {
            context.cancel.cancel();
        }
        let deadline = Instant::now() + patience;
        let mut at_work = Vec::new();
        for (job, (_, task)) in self.running.drain() {
            // A supervisor does not panic; the job under it may, and its last event then says so.
            if timeout_at(deadline, task).await.is_err() {
                at_work.push(job);
            }
        }
        at_work
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for (context, _) in self.running.values() {
            context.cancel.cancel();
        }
    }
}

/// Where the news of one job goes.
#[derive(Clone)]
struct News {
    job: JobId,
    events: UnboundedSender<Event>,
}

impl News {
    /// Sends `update`. Nobody listens any more once the program is on its way out.
    fn tell(&self, update: Update) {
        let _ = self.events.send(Event {
            job: self.job,
            update,
        });
    }
}

impl Shared {
    /// Carries out the request once there is a slot for it, and reports on it. [`Update::Done`] is sent last.
    async fn supervise(self: Arc<Self>, news: News, request: Request, context: Context) {
        let rows_of = request.moves_rows_of().cloned();
        let turn = async {
            let place = self.places(&request).acquire().await;
            if let Some(table) = &rows_of {
                self.pass(&news, table).await?;
            }
            Ok(place)
        };
        let turn = tokio::select! {
            turn = turn => turn,
            () = context.cancel.cancelled() => Err(cancelled()),
        };
        let place = match turn {
            Ok(place) => place,
            Err(failure) => return news.tell(Update::Done(Err(failure))),
        };
        news.tell(Update::Started);
        let writes = request.writes();
        let (worker, its, told) = (Arc::clone(&self), context.clone(), news.clone());
        let task = tokio::spawn(async move { worker.work(&told, request, &its).await });
        let awaited = || self.backend.get().and_then(Backend::awaited);
        let ended = watch(task, writes, &context, &news, awaited).await;
        if rows_of.is_some() {
            // Before the next job gets the slot.
            self.hold.note(&ended);
        }
        drop(place);
        news.tell(Update::Done(ended));
    }

    /// Waits while the queue is held.
    async fn pass(&self, news: &News, table: &TableName) -> Result<(), Failure> {
        let ask = || async {
            let out = match self.backend().await {
                Ok(backend) => backend.outage(table).await,
                Err(error) => Some(error).filter(Error::is_outage),
            };
            out.map(Arc::new)
        };
        let tell = |outage| news.tell(Update::Held(outage));
        self.hold.pass(ask, tell).await.map_err(Failure::Error)
    }

    async fn backend(&self) -> Result<&Backend> {
        self.backend.get_or_try_init(|| (self.open)()).await
    }

    /// The slots that `request` takes one of: requests that only read never wait for those that write.
    const fn places(&self, request: &Request) -> &Semaphore {
        if request.moves_rows_of().is_some() {
            &self.ingests
        } else if request.writes() {
            &self.edits
        } else {
            &self.questions
        }
    }

    async fn work(
        &self,
        news: &News,
        request: Request,
        context: &Context,
    ) -> Result<Output, Failure> {
        let failed = |error: Error| Failure::Error(Arc::new(error));
        let backend = self.backend().await.map_err(failed)?;
        let told = |update| news.tell(update);
        request.run(backend, context, &told).await.map_err(failed)
    }
}

/// Reports the progress of `task` until it ends, and anything that is `awaited` meanwhile. On cancellation, a
/// question is aborted wherever it is; a task that `writes` ends by itself, at a point where nothing is
/// half-written.
async fn watch(
    mut task: JoinHandle<Result<Output, Failure>>,
    writes: bool,
    context: &Context,
    news: &News,
    awaited: impl Fn() -> Option<String>,
) -> Result<Output, Failure> {
    let mut ticks = tokio::time::interval(PROGRESS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = context.progress.snapshot();
    let mut told = None;
    let ended = loop {
        tokio::select! {
            ended = &mut task => break ended,
            () = context.cancel.cancelled(), if !writes && !task.is_finished() => {
                task.abort();
                break (&mut task).await;
            }
            _ = ticks.tick() => {
                let now = context.progress.snapshot();
                if now != last && now.phase != Phase::Waiting {
                    news.tell(Update::Progress(now));
                    last = now;
                }
                let awaits = awaited();
                if awaits != told {
                    news.tell(Update::Awaits(awaits.clone()));
                    told = awaits;
                }
            }
        }
    };
    ended.unwrap_or_else(|error| Err(panicked(error)))
}

fn cancelled() -> Failure {
    Failure::Error(Arc::new(Error::Cancelled))
}

fn panicked(error: JoinError) -> Failure {
    let Ok(payload) = error.try_into_panic() else {
        return cancelled();
    };
    let message = payload
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    Failure::Panicked(message)
}
