//! A bounded number of sessions, handed out and taken back.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};
use tokio::sync::Mutex;
use tokio_postgres::Client;

use super::environment::Environment;
use super::password::{Awaited, CommandError, Password};
use super::refusal::Refusals;
use super::session::Session;
use super::target::{self, Target};
use super::{attempt, failure};
use crate::backend::{Error, Result};
use crate::config::SourceConfig;

/// How long a pooled session may take to show that it is alive.
const PING_PATIENCE: Duration = Duration::from_secs(2);

/// The sessions with the source. Clones share them.
#[derive(Clone)]
pub struct SourcePool {
    sessions: managed::Pool<Sessions>,
    place: Arc<str>,
    awaited: Arc<Awaited>,
}

impl SourcePool {
    /// A pool of at most `config.max_connections` sessions. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]: the settings cannot be used (see [`Target::resolve`]).
    pub fn new(config: &SourceConfig, environment: &Environment) -> Result<Self> {
        let target = Target::resolve(config, environment)?;
        let place = target.place().into();
        let awaited = Arc::new(Awaited::default());
        let sessions = Sessions {
            target,
            awaited: Arc::clone(&awaited),
            refusals: Refusals::default(),
            asked: Mutex::default(),
            times: AtomicU64::new(0),
            silence: StdMutex::default(),
        };
        let sessions = managed::Pool::builder(sessions)
            .max_size(config.max_connections.max(1))
            .build()
            .map_err(|error| Error::Bug(format!("the pool of sessions cannot be made: {error}")))?;
        Ok(Self {
            sessions,
            place,
            awaited,
        })
    }

    /// Returns a live session; waits while all of them are in use. A session that the server has closed in the
    /// meantime is replaced.
    ///
    /// # Errors
    ///
    /// `Unavailable`, `Refused` (who or how), and `Denied` (no `CONNECT`).
    pub async fn get(&self) -> Result<Connection> {
        match self.sessions.get().await {
            Ok(session) => Ok(Connection {
                session: Some(session),
                occupied: AtomicBool::new(false),
            }),
            Err(PoolError::Backend(error)) => Err(error),
            Err(error) => Err(failure::unavailable(&self.place, "connecting", error)),
        }
    }

    /// `database @ host:port`, for headers and errors: neither user nor password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What else keeps sessions from being opened, as half a sentence: for example, a command that asks a person
    /// for the password.
    #[must_use]
    pub fn awaited(&self) -> Option<String> {
        self.awaited.now()
    }
}

/// A session from the pool, used as a [`Client`].
///
/// When dropped, it goes back to the pool, unless it is *occupied*: with a statement that is still streaming, or a
/// transaction that was begun by hand. Such a session is of no use to anybody else, so its statement is cancelled
/// at the server and the session is closed. Call [`occupy`](Self::occupy) before such work and
/// [`release`](Self::release) after it; then an error or a cancelled job in between needs no special care.
pub struct Connection {
    /// Present until dropped.
    session: Option<Object<Sessions>>,
    occupied: AtomicBool,
}

impl Connection {
    /// Marks the start of work that must not be handed on if the connection is dropped.
    pub fn occupy(&self) {
        self.occupied.store(true, Ordering::Relaxed);
    }

    /// Marks the end of that work, of which nothing is left.
    pub fn release(&self) {
        self.occupied.store(false, Ordering::Relaxed);
    }

    /// `database @ host:port` of the server that answered.
    #[must_use]
    pub fn place(&self) -> &str {
        self.session().place()
    }

    /// Turns the error of a statement on this connection into one of the backend.
    #[must_use]
    pub fn failure(&self, doing: impl Into<String>, error: tokio_postgres::Error) -> Error {
        failure::failure(self.place(), doing, error)
    }

    fn session(&self) -> &Session {
        self.session
            .as_ref()
            .expect("the session is there until the connection is dropped")
    }
}

impl Deref for Connection {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.session().client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Client {
        let session = self.session.as_mut();
        &mut session
            .expect("the session is there until the connection is dropped")
            .client
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !*self.occupied.get_mut() {
            return;
        }
        let Some(session) = self.session.take() else {
            return;
        };
        let session = Object::take(session);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(session.abandon());
            }
            Err(_) => session.cut(),
        }
    }
}

/// Creates sessions for the pool, and checks them before they are handed out again.
struct Sessions {
    target: Target,
    awaited: Arc<Awaited>,
    refusals: Refusals,
    /// What the password command printed last. The command may ask a person, so it is not run for every session;
    /// it is run again when its password is no longer accepted, because tokens expire.
    asked: Mutex<Asked>,
    /// How often the command has been run.
    times: AtomicU64,
    /// When the last session that did not answer was asked.
    silence: StdMutex<Option<Instant>>,
}

/// The results of running the password command.
#[derive(Default)]
struct Asked {
    /// What it printed last.
    password: Option<Password>,
    /// Why it printed nothing last time, if it failed.
    failure: Option<Arc<CommandError>>,
}

impl Sessions {
    /// Whether a session that was last handed out at `used` is likely not to answer either. If the network or the
    /// server is gone, all of them are silent, and asking one after another would use up all patience.
    fn is_doubted(&self, used: Instant) -> bool {
        let silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        silence.is_some_and(|at| used < at)
    }

    fn note_silence(&self, asked: Instant) {
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        *silence = Some(asked);
    }

    async fn open(&self) -> Result<Session> {
        let before = self.times.load(Ordering::Relaxed);
        let mut known = self.asked.lock().await;
        if let Some(password) = known.password.clone() {
            drop(known);
            match Session::open(&self.target, Some(&password)).await {
                Err(error) if attempt::may_want_another_password(&error) => {}
                decided => return decided,
            }
            known = self.asked.lock().await;
            // Another session may have run the command already.
            if known.password.as_ref() != Some(&password) {
                let password = known.password.clone();
                drop(known);
                return Session::open(&self.target, password.as_ref()).await;
            }
        }
        // If the command failed while this session was waiting, it is not run again: that would ask a person
        // again, or take another minute.
        let waited = self.times.load(Ordering::Relaxed) != before;
        if let Some(failure) = known.failure.as_ref().filter(|_| waited) {
            return Err(target::command_failed(&self.target, Arc::clone(failure)));
        }
        let asked = target::commanded_password(&self.target, &self.awaited).await;
        self.times.fetch_add(1, Ordering::Relaxed);
        match asked.map_err(Arc::new) {
            Ok(password) => {
                *known = Asked {
                    password,
                    failure: None,
                };
            }
            Err(failure) => {
                known.failure = Some(Arc::clone(&failure));
                return Err(target::command_failed(&self.target, failure));
            }
        }
        let password = known.password.clone();
        drop(known);
        Session::open(&self.target, password.as_ref()).await
    }
}

impl managed::Manager for Sessions {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session> {
        if let Some(refusal) = self.refusals.believed() {
            return Err(refusal);
        }
        // Boxed, because otherwise a handshake's large state would be part of every future that may connect.
        let opened = Box::pin(self.open()).await;
        opened.inspect_err(|error| self.refusals.note(error))
    }

    async fn recycle(&self, session: &mut Session, metrics: &Metrics) -> RecycleResult<Error> {
        if session.is_closed() {
            return Err(RecycleError::message("closed"));
        }
        if self.is_doubted(metrics.recycled.unwrap_or(metrics.created)) {
            return Err(RecycleError::message("as silent as another"));
        }
        let asked = Instant::now();
        // One round trip, so that no session is handed out whose closing is still on its way here.
        let ping = tokio::time::timeout(PING_PATIENCE, session.client.simple_query(""));
        match ping.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(RecycleError::message("no answer")),
            Err(_) => {
                self.note_silence(asked);
                Err(RecycleError::message("no answer in time"))
            }
        }
    }
}
