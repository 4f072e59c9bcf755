//! Holding the queue while a service is out of reach.
//!
//! Without this, each of a thousand queued tables would fail by itself, after seconds without an answer. So
//! once a job has failed because of a service, the next one in the queue first asks whether all services
//! answer. It asks on behalf of all jobs behind it, until they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::{Failure, Output};
use crate::backend::Error;
use crate::backend::error::ErrorReport;

/// Pause before the services are asked again; doubled each time, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether the queue is held.
#[derive(Debug)]
pub(super) struct Hold {
    /// Whether a job has failed because of a service since all services were last known to answer.
    is_doubtful: AtomicBool,
    /// What is known to be out of reach; locked by the job that asks.
    outage: Mutex<Option<Outage>>,
    /// How long the queue is held before the jobs in it fail; without limit if `None`.
    patience: Option<Duration>,
    first_pause: Duration,
}

#[derive(Debug)]
struct Outage {
    since: Instant,
    error: Arc<Error>,
}

impl Hold {
    /// Holds the queue for at most `patience`.
    pub fn within(patience: Option<Duration>) -> Self {
        Self {
            is_doubtful: AtomicBool::new(false),
            outage: Mutex::default(),
            patience,
            first_pause: FIRST_PAUSE,
        }
    }

    /// Takes note of how a job from the queue ended.
    pub fn note(&self, ended: &Result<Output, Failure>) {
        if is_of_service(ended) {
            self.is_doubtful.store(true, Ordering::SeqCst);
        }
    }

    /// Waits until the next job may begin. `ask` returns the error of a service that is out of reach; `tell`
    /// is given each such error, and `None` once the wait is over.
    ///
    /// # Errors
    /// The last such error, if the queue has been held for as long as it may be.
    pub async fn pass<A>(
        &self,
        ask: impl Fn() -> A,
        tell: impl Fn(Option<Arc<Error>>),
    ) -> Result<(), Arc<Error>>
    where
        A: Future<Output = Option<Arc<Error>>>,
    {
        if !self.is_doubtful() {
            return Ok(());
        }
        let mut outage = self.outage.lock().await;
        let mut pause = self.first_pause;
        while self.is_doubtful() {
            if let Some(known) = outage.as_ref().filter(|known| self.is_too_long(known)) {
                return Err(Arc::clone(&known.error));
            }
            let Some(error) = ask().await else {
                self.is_doubtful.store(false, Ordering::SeqCst);
                if outage.take().is_some() {
                    tell(None);
                }
                break;
            };
            tell(Some(Arc::clone(&error)));
            let since = outage
                .as_ref()
                .map_or_else(Instant::now, |known| known.since);
            *outage = Some(Outage { since, error });
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        Ok(())
    }

    fn is_doubtful(&self) -> bool {
        self.is_doubtful.load(Ordering::SeqCst)
    }

    fn is_too_long(&self, outage: &Outage) -> bool {
        let patience = self.patience;
        patience.is_some_and(|patience| outage.since.elapsed() >= patience)
    }
}

/// Whether a job failed because of a service rather than its table.
fn is_of_service(ended: &Result<Output, Failure>) -> bool {
    let report = match ended {
        Ok(Output::Ingested(report)) => report.error.as_ref(),
        Ok(Output::Backfilled(report)) => report.error.as_ref(),
        Ok(_) | Err(Failure::Panicked(_)) => None,
        Err(Failure::Error(error)) => return error.is_of_service(),
    };
    report.is_some_and(|error: &ErrorReport| error.is_of_service)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::backend::error::Service;

    fn unavailable() -> Error {
        Error::Unavailable {
            service: Service::Source,
            place: "totesys @ db:5432".to_owned(),
            doing: "connecting".to_owned(),
            cause: "connection refused".into(),
        }
    }

    fn failed() -> Result<Output, Failure> {
        Err(Failure::Error(Arc::new(unavailable())))
    }

    /// A hold that is not told of anything yet, and asks again soon.
    fn hold(patience: Option<Duration>) -> Hold {
        Hold {
            first_pause: Duration::from_millis(20),
            ..Hold::within(patience)
        }
    }

    /// A service that is out of reach for the first few questions, and how often it was asked and told of.
    #[derive(Default)]
    struct Scene {
        in_vain: usize,
        asked: AtomicUsize,
        held: AtomicUsize,
        resumed: AtomicUsize,
    }

    impl Scene {
        fn out_for(in_vain: usize) -> Self {
            Self {
                in_vain,
                ..Self::default()
            }
        }

        async fn pass(&self, hold: &Hold) -> Result<(), Arc<Error>> {
            let ask = || async {
                let before = self.asked.fetch_add(1, Ordering::SeqCst);
                (before < self.in_vain).then(|| Arc::new(unavailable()))
            };
            let tell = |out: Option<_>| {
                let told = if out.is_some() {
                    &self.held
                } else {
                    &self.resumed
                };
                told.fetch_add(1, Ordering::SeqCst);
            };
            hold.pass(ask, tell).await
        }

        /// How often it was asked, said to be out of reach, and said to be back.
        fn told(&self) -> [usize; 3] {
            [&self.asked, &self.held, &self.resumed].map(|number| number.load(Ordering::SeqCst))
        }
    }

    #[tokio::test]
    async fn while_no_job_fails_because_of_a_service_nothing_is_asked() {
        let (hold, scene) = (hold(None), Scene::out_for(9));
        hold.note(&Ok(Output::Edited));
        hold.note(&Err(Failure::Panicked("a bug".to_owned())));
        hold.note(&Err(Failure::Error(Arc::new(Error::Cancelled))));
        assert!(scene.pass(&hold).await.is_ok());
        assert_eq!(scene.told(), [0, 0, 0]);
    }

    #[tokio::test]
    async fn one_job_asks_for_all_and_all_go_on_once_the_service_answers() {
        let (hold, scene) = (hold(None), Scene::out_for(2));
        hold.note(&failed());
        let all = futures_util::join!(scene.pass(&hold), scene.pass(&hold), scene.pass(&hold));
        assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok());
        assert_eq!(scene.told(), [3, 2, 1]);
        assert!(scene.pass(&hold).await.is_ok());
        assert_eq!(scene.told(), [3, 2, 1], "nothing is doubtful any more");
    }

    #[tokio::test]
    async fn a_failure_after_which_every_service_answers_is_not_reported() {
        let (hold, scene) = (hold(None), Scene::out_for(0));
        hold.note(&failed());
        assert!(scene.pass(&hold).await.is_ok());
        assert_eq!(scene.told(), [1, 0, 0]);
    }

    #[tokio::test]
    async fn when_the_job_that_asks_is_cancelled_the_next_one_asks() {
        let (hold, scene) = (hold(None), Scene::out_for(2));
        hold.note(&failed());
        tokio::select! {
            biased;
            _ = scene.pass(&hold) => panic!("the service is out of reach"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(scene.told(), [1, 1, 0]);
        assert!(scene.pass(&hold).await.is_ok());
        assert_eq!(scene.told(), [3, 2, 1]);
    }

    #[tokio::test]
    async fn when_it_takes_too_long_all_fail_without_being_asked_again() {
        let (hold, scene) = (hold(Some(Duration::ZERO)), Scene::out_for(9));
        hold.note(&failed());
        let all = futures_util::join!(scene.pass(&hold), scene.pass(&hold), scene.pass(&hold));
        assert!(all.0.is_err() && all.1.is_err() && all.2.is_err());
        assert_eq!(scene.told(), [1, 1, 0]);
    }
}
