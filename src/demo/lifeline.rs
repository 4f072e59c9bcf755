//! The FIFO that keeps the server running as long as a program holds it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The writing end, held by a program for as long as it uses the server.
#[derive(Debug)]
pub(super) struct Lifeline {
    /// Never written to again: all that counts is that it is open.
    _writing: File,
}

/// What a program finds when it tries to join.
#[derive(Debug)]
pub(super) enum Found {
    /// The server stays as long as this is held.
    Joined(Lifeline),
    /// The FIFO exists, but nothing reads it.
    Unwatched,
    /// There is no server, or it is shutting down.
    Nothing,
}

/// Joins the running server, if there is one.
pub(super) fn join(path: &Path) -> io::Result<Found> {
    let file = match open(path, OFlags::WRONLY) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return Ok(Found::Nothing),
        Err(Errno::NXIO) => return Ok(Found::Unwatched),
        Err(error) => return Err(error.into()),
    };
    // Once the guard has seen the last program go, it waits for this line before it decides to stop the server.
    match (&file).write_all(b"\n") {
        Ok(()) => Ok(Found::Joined(Lifeline { _writing: file })),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// Opens both ends of a newly created FIFO: the writing end for the program, the reading end for the guard.
pub(super) fn open_both(path: &Path) -> io::Result<(Lifeline, OwnedFd)> {
    let reading = open(path, OFlags::RDONLY)?;
    let writing = open(path, OFlags::WRONLY)?;
    // Only opening must not block; `read` in a shell has to.
    rustix::fs::fcntl_setfl(&reading, OFlags::empty())?;
    let lifeline = Lifeline {
        _writing: writing.into(),
    };
    Ok((lifeline, reading))
}

/// Opens one end without waiting for the other. Not inherited: a child that outlived the program would keep the
/// server running.
fn open(path: &Path, end: OFlags) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(
        path,
        end | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    )
}
