//! The cluster's files, and the server's command line.

use std::path::Path;

use tokio::process::Command;

use super::binaries::Binaries;
use super::error::DemoError;
use super::identity::Identity;
use super::layout::{Layout, remove};

/// The superuser of the cluster.
pub(super) const USER: &str = "highwater";

/// The port in the name of the socket. Nothing listens on the network.
pub(super) const PORT: u16 = 5432;

/// Settings that make the server start and write fast and stay small, since its data can be created again. `fsync`
/// only protects against a crash of the machine, not of the server.
const SETTINGS: [&str; 13] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=64MB",
    "shared_buffers=32MB",
    "max_connections=60",
    "log_checkpoints=off",
    "jit=off",
    "timezone=UTC",
];

/// The major version that created the cluster; `None` if there is no cluster yet. A link to any other place leads
/// to the cluster of another folder, from which this one was moved or copied, and does not count.
///
/// # Errors
/// [`DemoError::Io`] if there is a cluster that cannot be read.
pub(super) fn made_by(layout: &Layout) -> Result<Option<u32>, DemoError> {
    let cluster = layout.cluster();
    if std::fs::read_link(&cluster).is_ok_and(|of| of != layout.data()) {
        return Ok(None);
    }
    let path = cluster.join("PG_VERSION");
    match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| {
            DemoError::io("reading", &path)(std::io::Error::other(format!("no version: {text:?}")))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DemoError::io("reading", &path)(error)),
    }
}

/// Creates the cluster under another name first, so that a half-made one is never used.
///
/// # Errors
/// [`DemoError::InitDb`] with the output of `initdb`, [`DemoError::Run`], [`DemoError::Io`].
pub(super) async fn make(
    layout: &Layout,
    binaries: &Binaries,
    identity: Identity,
) -> Result<(), DemoError> {
    let program = binaries.initdb();
    let unfinished = layout
        .home()
        .join(format!("unfinished-{}", uuid::Uuid::new_v4().simple()));
    remove_unfinished(layout.home())?;
    let output = identity
        .command(&program)
        .arg("--pgdata")
        .arg(&unfinished)
        .args([
            "--username",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| DemoError::Run {
            program: program.clone(),
            source,
        })?;
    if !output.status.success() {
        return Err(DemoError::InitDb {
            program,
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    let data = layout.data();
    // Left over if the link to it was removed together with the rest of the state folder.
    remove(&data)?;
    std::fs::rename(&unfinished, &data).map_err(DemoError::io("renaming to", &data))?;
    let link = layout.cluster();
    if link != data {
        remove(&link)?;
        std::os::unix::fs::symlink(&data, &link).map_err(DemoError::io("linking", &link))?;
    }
    Ok(())
}

/// Removes what a killed `initdb` left behind.
fn remove_unfinished(home: &Path) -> Result<(), DemoError> {
    let entries = std::fs::read_dir(home).map_err(DemoError::io("reading the folder", home))?;
    for entry in entries {
        let entry = entry.map_err(DemoError::io("reading the folder", home))?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b"unfinished-")
        {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes what a killed server left behind. PostgreSQL would take the process id in its file for a running server
/// if another process has that id by now. Must only be called with the server's lock held.
///
/// # Errors
/// [`DemoError::Io`].
pub(super) fn remove_leftovers(layout: &Layout) -> Result<(), DemoError> {
    remove(&layout.data().join("postmaster.pid"))?;
    let socket = layout.socket().join(format!(".s.PGSQL.{PORT}"));
    remove(&socket.with_extension(format!("{PORT}.lock")))?;
    remove(&socket)
}

/// The process id of the server, from the server's own file.
pub(super) fn server_pid(layout: &Layout) -> Option<u32> {
    let text = std::fs::read_to_string(layout.data().join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// Appends the server and its arguments to the command that runs it.
pub(super) fn add_server(command: &mut Command, layout: &Layout, binaries: &Binaries) {
    command
        .arg(binaries.postgres())
        .arg("-D")
        .arg(layout.data())
        .arg("-k")
        .arg(layout.socket())
        .args(["-p", &PORT.to_string()]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
}
