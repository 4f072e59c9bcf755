//! The FIFO that keeps the server alive while a program holds it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The writing end, held by a program for as long as it uses the server.
#[derive(Debug)]
pub(super) struct Lifeline {
    /// Never written to again: that it is open is what counts.
    _writing: File,
}

/// What a program finds that would join.
#[derive(Debug)]
pub(super) enum Found {
    /// The server will stay while this is held.
    Joined(Lifeline),
    /// The FIFO is there, but nobody watches it.
    Unwatched,
    /// No server, or one that is on its way out.
    Nothing,
}

/// Takes hold of the server that is there, if there is one.
pub(super) fn join(path: &Path) -> io::Result<Found> {
    let file = match open(path, OFlags::WRONLY) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return Ok(Found::Nothing),
        Err(Errno::NXIO) => return Ok(Found::Unwatched),
        Err(error) => return Err(error.into()),
    };
    // The guard that saw the last program go waits for this line before it makes up its mind.
    match (&file).write_all(b"\n") {
        Ok(()) => Ok(Found::Joined(Lifeline { _writing: file })),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// Opens both ends of a FIFO that was just made: the writing end for the program, the reading end for
/// the guard.
pub(super) fn open_both(path: &Path) -> io::Result<(Lifeline, OwnedFd)> {
    let reading = open(path, OFlags::RDONLY)?;
    let writing = open(path, OFlags::WRONLY)?;
    // Only opening must not wait; a shell's `read` has to.
    rustix::fs::fcntl_setfl(&reading, OFlags::empty())?;
    let lifeline = Lifeline {
        _writing: writing.into(),
    };
    Ok((lifeline, reading))
}

/// Opens one end without waiting for the other. Not inherited: a child that outlived the program
/// would keep the server alive.
fn open(path: &Path, end: OFlags) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(
        path,
        end | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    )
}
