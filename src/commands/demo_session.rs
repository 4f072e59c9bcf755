//! The built-in demo as a session: its server, its profile, its first ingestion.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt, StreamExt, stream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::cli::Global;
use super::demo;
use super::error::CommandError;
use super::machine::{journal, state_dir};
use super::notes::Notes;
use crate::backend::error::Service;
use crate::backend::journal::{Act, Change, Journal};
use crate::backend::progress::Context;
use crate::backend::{Backend, Error, Result};
use crate::config::{Profile, Safety};
use crate::console::{Owner, Statement};
use crate::demo::{Demo, DemoError, Preparation, Seeding, Server, Step};

/// Tables whose older rows are ingested at once.
const AT_ONCE: usize = 4;

/// A demo whose server runs as long as the session is open.
pub(super) struct DemoSession {
    demo: Demo,
    profile: Arc<Profile>,
    /// Whether new rows keep arriving.
    busy: bool,
    journal: Journal,
    notes: Notes,
    running: Mutex<Option<Running>>,
}

struct Running {
    server: Server,
    writer: Option<(CancellationToken, JoinHandle<()>)>,
}

impl DemoSession {
    pub(super) fn locate(global: &Global, busy: bool) -> std::result::Result<Self, CommandError> {
        let demo = Demo::locate(&state_dir()?);
        let mut profile = Profile::demo(demo.url(), demo.root());
        if global.read_only {
            profile.safety = Safety::ReadOnly;
        }
        // The console, which is what `busy` means here, has the screen to itself.
        let notes = Notes::new(
            global.quiet || busy,
            global.paints() && io::stdout().is_terminal(),
        );
        Ok(Self {
            demo,
            profile: Arc::new(profile),
            busy,
            journal: journal()?,
            notes,
            running: Mutex::default(),
        })
    }

    pub(super) fn profile(&self) -> Arc<Profile> {
        Arc::clone(&self.profile)
    }

    /// Runs statements as the owner of the demo's database, while its server runs.
    pub(super) fn owner(self: &Arc<Self>) -> Owner {
        let session = Arc::clone(self);
        Arc::new(move |statement| {
            let session = Arc::clone(&session);
            async move {
                let ran = session.demo.run_as_owner(&statement.text).await;
                ran.map_err(|error| crate::backend::error::chain(&error).join(": "))?;
                let profile = &session.profile.name;
                session.journal.record(profile, noted(statement)).await;
                Ok(())
            }
            .boxed()
        })
    }

    /// Starts the server, fills a newly created demo, and opens its backend.
    pub(super) async fn open(&self) -> Result<Backend> {
        let made = AtomicBool::new(false);
        let tell = |step| {
            made.fetch_or(step == Step::Creating, Ordering::Relaxed);
            if let Some(told) = told(step) {
                self.notes.note(told);
            }
        };
        let server = self.demo.start(&tell).await.map_err(failed)?;
        if made.into_inner() {
            self.forget_the_last().await;
        }
        let mut preparation = server.prepare().await.map_err(failed)?;
        while let Preparation::Fresh(seeding) = preparation {
            preparation = Box::pin(self.fill(*seeding)).await?;
        }
        let writer = self.busy.then(|| {
            let cancel = CancellationToken::new();
            let task = server.write_in_background(cancel.clone());
            (cancel, task)
        });
        let running = Running { server, writer };
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
        let profile = Profile::clone(&self.profile);
        Backend::open(profile, self.journal.clone()).await
    }

    /// The existing entries belong to a demo that was removed, or that is in another folder by now.
    async fn forget_the_last(&self) {
        if let Err(error) = demo::forget(&self.journal, None).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the journal still has entries of an earlier demo");
        }
    }

    /// Ingests the company's older rows, so that there is something to look at, and lets the last
    /// ninety minutes happen, so that there is something to ingest.
    async fn fill(&self, seeding: Seeding) -> Result<Preparation> {
        // The demo has to be filled even if nothing may be written afterwards (`--read-only`).
        let mut profile = Profile::clone(&self.profile);
        profile.safety = Safety::Normal;
        let backend = Backend::open(profile, self.journal.clone()).await?;
        let mut older = Vec::new();
        for table in backend.tables().await? {
            let Some(options) = seeding.ingestion(table.name.name()) else {
                continue;
            };
            let backend = backend.clone();
            older.push(async move {
                let context = Context::default();
                backend.ingest(&table.name, options, &context).await
            });
        }
        let mut reports = stream::iter(older).buffer_unordered(AT_ONCE);
        while let Some(report) = reports.next().await {
            if let Some(error) = report.error {
                return Err(trouble("ingesting its older rows", error.message));
            }
        }
        drop(reports);
        seeding.finish().await.map_err(failed)
    }

    pub(super) async fn stop(&self) -> std::result::Result<(), CommandError> {
        let running = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.take()
        };
        let Some(Running { server, writer }) = running else {
            return Ok(());
        };
        if let Some((cancel, task)) = writer {
            cancel.cancel();
            // A writer that panicked has stopped as well.
            let _ = task.await;
        }
        Ok(server.stop().await?)
    }
}

/// The journal entry for a statement that the owner has run.
fn noted(statement: Statement) -> Change {
    Change {
        table: statement.table,
        action: Act::Owner,
        what: statement.text,
        before: None,
        after: String::new(),
        reason: statement.finding.to_string(),
    }
}

/// The message for a step that takes long enough to make the user wonder.
const fn told(step: Step) -> Option<&'static str> {
    match step {
        Step::Fetching => Some("fetching PostgreSQL for the demo, once"),
        Step::Creating => Some("making the demo's database, once"),
        Step::Starting => None,
    }
}

fn failed(error: DemoError) -> Error {
    trouble("starting its server", error)
}

fn trouble(doing: &str, cause: impl Into<crate::backend::error::Cause>) -> Error {
    Error::Failed {
        service: Service::Source,
        place: "the demo".to_owned(),
        doing: doing.to_owned(),
        cause: cause.into(),
    }
}
