//! What a command or the console works on: a profile, and the backend that is opened for it.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::cli::Global;
use super::demo_session::DemoSession;
use super::error::CommandError;
use super::invocation::Invocation;
use super::machine::{journal, variable};
use crate::backend::Backend;
use crate::backend::source::connect::check_url;
use crate::config::{self, ConfigError, ConsoleConfig, Profile};
use crate::console::{Keymap, Owner};
use crate::jobs::Open;

type Opening = BoxFuture<'static, crate::backend::Result<Backend>>;

/// A profile and its backend, which is opened when first needed.
pub struct Session {
    pub profile: Arc<Profile>,
    open: Open,
    demo: Option<Arc<DemoSession>>,
}

impl Session {
    /// The profile that the flags, the environment and the file select; `None` if there is no configuration at all.
    ///
    /// # Errors
    /// [`CommandError::Config`] if the configuration cannot be read or is invalid.
    pub fn configured(global: &Global) -> Result<Option<Self>, CommandError> {
        let profile = config::load(&request(global), &variable)?;
        let Some(profile) = profile else {
            return Ok(None);
        };
        check(&profile)?;
        let profile = Arc::new(profile);
        let opened = Arc::clone(&profile);
        let journal = journal()?;
        let open = shared(move || {
            let profile = Profile::clone(&opened);
            Backend::open(profile, journal.clone()).boxed()
        });
        Ok(Some(Self {
            profile,
            open,
            demo: None,
        }))
    }

    /// The built-in demo; its server is started when the backend is first needed. With `busy`, the company keeps
    /// trading while the session is open.
    ///
    /// # Errors
    /// [`CommandError::Config`] if there is no home folder to keep it in.
    pub fn demo(global: &Global, busy: bool) -> Result<Self, CommandError> {
        let demo = Arc::new(DemoSession::locate(global, busy)?);
        let opened = Arc::clone(&demo);
        let open = shared(move || {
            let demo = Arc::clone(&opened);
            async move { Box::pin(demo.open()).await }.boxed()
        });
        Ok(Self {
            profile: demo.profile(),
            open,
            demo: Some(demo),
        })
    }

    /// The session of a headless command.
    ///
    /// # Errors
    /// As [`Session::configured`] and [`Session::demo`]; [`CommandError::Usage`] if there is neither a configuration
    /// nor `--demo`.
    pub fn headless(global: &Global) -> Result<Self, CommandError> {
        if global.demo {
            return Self::demo(global, false);
        }
        Self::configured(global)?.ok_or_else(|| {
            CommandError::usage(
                "there is no configuration",
                "try the built-in demo with --demo, or write a configuration with: highwater init",
            )
        })
    }

    /// The function that opens the backend; all callers get the same backend.
    #[must_use]
    pub fn open(&self) -> Open {
        Arc::clone(&self.open)
    }

    /// The owner of the database, if it is the demo's.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        self.demo.as_ref().map(DemoSession::owner)
    }

    /// The backend, unless a signal comes first.
    ///
    /// # Errors
    /// [`CommandError::Backend`] if it cannot be opened, [`CommandError::Interrupted`] if a signal comes first.
    pub async fn backend(&self, invocation: &Invocation) -> Result<Backend, CommandError> {
        invocation.until_interrupted((self.open)()).await
    }

    /// Releases what the session holds; the demo's server stops with its last user.
    ///
    /// # Errors
    /// [`CommandError::Demo`] if that server does not stop.
    pub async fn close(self) -> Result<(), CommandError> {
        match self.demo {
            Some(demo) => demo.stop().await,
            None => Ok(()),
        }
    }
}

/// Checks the parts of a profile that only the code which uses them can judge: its keys and the URL of its source.
/// An error in them is an error in the file, whichever command reads it.
///
/// # Errors
/// [`ConfigError::Invalid`], with file and line.
pub(super) fn check(profile: &Profile) -> Result<(), ConfigError> {
    Keymap::new(&profile.console.keys)?;
    match (check_url(&profile.source.url), &profile.source.url_at) {
        (Err(problem), Some(at)) => Err(ConfigError::Invalid {
            at: at.clone(),
            key: format!("profiles.{}.source.url", profile.name),
            problem,
        }),
        _ => Ok(()),
    }
}

/// The console's settings whatever the profile: as configured, if there is a configuration.
///
/// # Errors
/// [`CommandError::Config`] if it cannot be read, or its part about the console is invalid.
pub(super) fn console_of_any(global: &Global) -> Result<ConsoleConfig, CommandError> {
    Ok(config::load_console(&request(global), &variable)?)
}

fn request(global: &Global) -> config::Request {
    config::Request {
        config: global.config.clone(),
        profile: global.profile.clone(),
        read_only: global.read_only,
    }
}

/// An [`Open`] that opens once: a failure is retried by the next call, a backend is kept.
fn shared(open: impl Fn() -> Opening + Send + Sync + 'static) -> Open {
    let opened = Arc::new(OnceCell::new());
    let open = Arc::new(open);
    Arc::new(move || {
        let (opened, open) = (Arc::clone(&opened), Arc::clone(&open));
        async move { opened.get_or_try_init(|| open()).await.cloned() }.boxed()
    })
}
