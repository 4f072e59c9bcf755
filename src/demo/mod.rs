//! The built-in demo: a private PostgreSQL server with a small trading company in it.
//!
//! ```text
//! locate ─▶ start ─▶ prepare ─┬▶ Ready ─────────────────────────────────────▶ write_in_background … stop
//!                      ┌──────┴▶ Fresh ─▶ (ingest the older rows) ─▶ finish ┐
//!                      └────────────────────────────────────────────────────┘
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`binaries`], `fetch` | finds PostgreSQL's server on this machine, or downloads it |
//! | `layout`, `identity` | where the files are kept; the user that the server runs as |
//! | `cluster` | creates the cluster; the server's command line |
//! | [`server`], `locks`, `lifeline` | starts, joins and stops the server, which several programs may share |
//! | [`seed`] | the company's data |
//! | [`troubles`] | what goes wrong with five of its tables |
//! | `writer` | keeps the data changing |
//! | `import` | a transaction that stays open |

pub mod binaries;
mod cluster;
mod connection;
pub mod error;
mod fetch;
mod identity;
mod import;
mod layout;
mod lifeline;
mod locks;
pub mod seed;
pub mod server;
pub mod troubles;
mod writer;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use self::binaries::Search;
pub use self::error::DemoError;
use self::layout::{Layout, SHARED};
pub use self::seed::{Preparation, Seeding};
pub use self::server::Server;

/// The `application_name` of a session of the database's owner.
const OWNER: &str = "demo-owner";

/// A step at the start that takes a while, for whoever is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// PostgreSQL is being downloaded.
    Fetching,
    /// The cluster is being created.
    Creating,
    /// The server is being started.
    Starting,
}

/// The demo of one state folder, whether or not it was ever started.
#[derive(Debug, Clone)]
pub struct Demo {
    layout: Layout,
    search: Search,
}

impl Demo {
    /// The demo in `demo/` of the state folder. Touches nothing yet.
    #[must_use]
    pub fn locate(state: &Path) -> Self {
        let layout = Layout::of(&state.join("demo"));
        let search = Search::everywhere(cache(layout.root()));
        Self { layout, search }
    }

    /// The same demo, but with another search for the server's binaries.
    #[must_use]
    pub fn with_binaries(self, search: Search) -> Self {
        Self { search, ..self }
    }

    /// The folder of the demo.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// The path of the local parameter store.
    #[must_use]
    pub fn parameters(&self) -> PathBuf {
        self.layout.parameters()
    }

    /// The path of the local object store.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.layout.objects()
    }

    /// The libpq URL of the company's database, valid as long as a [`Server`] is held.
    #[must_use]
    pub fn url(&self) -> String {
        connection::url(&self.layout)
    }

    /// Starts the server, or joins the one that another program has started. Creates the cluster first if there is
    /// none yet. Steps that take a while are reported to `tell`.
    ///
    /// # Errors
    /// Every [`DemoError`] except [`DemoError::InUse`].
    pub async fn start(&self, tell: &(dyn Fn(Step) + Send + Sync)) -> Result<Server, DemoError> {
        server::start(self, tell).await
    }

    /// Runs a statement in the company's database, as its owner would from a session of their own.
    ///
    /// # Errors
    /// [`DemoError::Database`], including when the server is not running.
    pub async fn run_as_owner(&self, statement: &str) -> Result<(), DemoError> {
        let failed = "running a statement as its owner";
        let mut config = connection::config(&self.layout);
        config.application_name(OWNER);
        let client = connection::connect(&config)
            .await
            .map_err(DemoError::database(failed))?;
        client
            .batch_execute(statement)
            .await
            .map_err(DemoError::database(failed))
    }

    /// Deletes everything: cluster, parameters and objects.
    ///
    /// # Errors
    /// [`DemoError::InUse`] while another program uses the demo, [`DemoError::LeftBehind`] if a server is running
    /// that nothing watches over, [`DemoError::Io`].
    pub async fn reset(&self) -> Result<(), DemoError> {
        server::reset(&self.layout).await
    }
}

/// Where downloaded binaries are kept. The server's user must be able to read them as well, and that is another
/// user if the program runs as root.
fn cache(root: &Path) -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from(SHARED);
    }
    etcetera::choose_base_strategy().map_or_else(
        |_| root.join("cache"),
        |folders| folders.cache_dir().join("highwater"),
    )
}
