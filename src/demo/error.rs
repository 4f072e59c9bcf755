//! Errors on the way from "show me the demo" to a server that answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every error of the demo. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No server binaries were found, and none could be downloaded.
    #[error(
        "the demo needs PostgreSQL's server binaries (version 13 or newer), and there are none.\n\
         Looked for them in:\n{}\n\
         Fetching them: {fetch}\n\
         Install them (Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server; \
         macOS: brew install postgresql@17), or set HIGHWATER_POSTGRES_BIN to the folder that holds \
         initdb and postgres",
        bullets(looked)
    )]
    NoBinaries {
        /// Each place, and why it is unusable.
        looked: Vec<String>,
        /// Why nothing was downloaded.
        fetch: String,
    },

    /// The folder that the user named contains no usable server.
    #[error(
        "HIGHWATER_POSTGRES_BIN is {}, which {reason}; set it to a folder that holds initdb and postgres of version 13 or newer, or unset it",
        folder.display()
    )]
    NamedBinaries { folder: PathBuf, reason: String },

    /// Only other major versions than the one that created the cluster can be found.
    #[error(
        "the demo's cluster {} was made by PostgreSQL {made}, and there is no server of that version any more.\n\
         Looked for it in:\n{}\n\
         Fetching it: {fetch}\n\
         Install that version again, set HIGHWATER_POSTGRES_BIN to its folder, or start over with: highwater demo reset",
        cluster.display(), bullets(looked)
    )]
    OtherVersion {
        cluster: PathBuf,
        made: u32,
        looked: Vec<String>,
        fetch: String,
    },

    /// The demo was started as root, PostgreSQL refuses to run as root, and there is no user to
    /// switch to.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user nobody or postgres to run it as; start the demo as an ordinary user"
    )]
    NoUnprivilegedUser,

    /// A folder that another user could have prepared.
    #[error("{} belongs to another user, so the demo does not use it; remove it", path.display())]
    NotOurs { path: PathBuf },

    /// A file or folder cannot be used.
    #[error("{doing} {} failed", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },

    /// A program cannot be run.
    #[error("{} cannot be run", program.display())]
    Run {
        program: PathBuf,
        #[source]
        source: std::io::Error,
    },

    /// `initdb` failed.
    #[error("making the demo's cluster with {} failed: {output}", program.display())]
    InitDb { program: PathBuf, output: String },

    /// The server ended before it answered.
    #[error("the demo's server ended at once; the end of its log {}:\n{tail}", log.display())]
    ServerEnded { log: PathBuf, tail: String },

    /// The server did not answer in time.
    #[error("the demo's server did not answer within {after:?}; the end of its log {}:\n{tail}", log.display())]
    NotReady {
        after: Duration,
        log: PathBuf,
        tail: String,
    },

    /// Another program has held the demo for so long that something must be wrong with it.
    #[error("another program has been starting or stopping the demo {} for {after:?}; end it, or try again later", root.display())]
    Busy { root: PathBuf, after: Duration },

    /// A server is running, but nothing watches over it, so it can be neither joined nor replaced.
    #[error("the demo's server {} was left behind{}", cluster.display(), kill_hint(*pid))]
    LeftBehind { cluster: PathBuf, pid: Option<u32> },

    /// The demo cannot be reset while another program uses it.
    #[error("another program uses the demo {}; end it, then reset again", root.display())]
    InUse { root: PathBuf },

    /// A value that belongs to one of the troubles could not be written.
    #[error("the demo's table {table} could not be put into its broken state")]
    Trouble {
        table: &'static str,
        #[source]
        source: Box<crate::backend::Error>,
    },

    /// The server answered, but not as expected.
    #[error("the demo's database: {doing} failed")]
    Database {
        doing: &'static str,
        #[source]
        source: tokio_postgres::Error,
    },
}

impl DemoError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn trouble<E: Into<crate::backend::Error>>(
        table: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Trouble {
            table,
            source: Box::new(source.into()),
        }
    }

    pub(super) fn database(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}

fn bullets(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| format!("  - {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn kill_hint(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "; end it, then try again".to_owned(),
        |pid| format!("; end it with: kill -INT {pid}"),
    )
}
