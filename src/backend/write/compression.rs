//! Compression alongside the encoding: on a separate thread, one chunk behind.

use std::io;

use tokio::task::JoinHandle;

use crate::backend::jsonl::Compressor;
use crate::config;

/// Passes the bytes of a body through its compressor, if it has one. While one chunk is being
/// compressed, the lines of the next are encoded.
pub struct Compression(State);

enum State {
    Plain,
    Idle(Box<Compressor>),
    Busy(JoinHandle<io::Result<(Box<Compressor>, Vec<u8>)>>),
    /// Finished, or a chunk was lost to an error: nothing can follow.
    Ended,
}

impl Compression {
    /// The compression of an empty body.
    ///
    /// # Errors
    /// The compressor cannot be set up.
    pub fn new(compression: config::Compression) -> io::Result<Self> {
        let compressor = Compressor::new(compression)?;
        Ok(Self(compressor.map_or(State::Plain, |compressor| {
            State::Idle(Box::new(compressor))
        })))
    }

    /// Takes the next chunk of the body, and returns the output that is ready for the chunks
    /// before it; without compression, the chunk itself.
    ///
    /// # Errors
    /// The compressor fails, or has failed before.
    pub async fn push(&mut self, chunk: Vec<u8>) -> io::Result<Vec<u8>> {
        let (mut compressor, ready) = match std::mem::replace(&mut self.0, State::Ended) {
            State::Plain => {
                self.0 = State::Plain;
                return Ok(chunk);
            }
            State::Idle(compressor) => (compressor, Vec::new()),
            State::Busy(task) => task.await??,
            State::Ended => return Err(io::Error::other("the compressor has ended before")),
        };
        self.0 = State::Busy(tokio::task::spawn_blocking(move || {
            let ready = compressor.compress(&chunk)?;
            Ok((compressor, ready))
        }));
        Ok(ready)
    }

    /// Takes the last chunk, and returns the rest of the body. Nothing can follow it.
    ///
    /// # Errors
    /// The compressor fails.
    pub async fn finish(&mut self, last: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut rest = self.push(last).await?;
        if let State::Busy(task) = std::mem::replace(&mut self.0, State::Ended) {
            let (compressor, ready) = task.await??;
            rest.extend(ready);
            rest.extend(compressor.finish()?);
        }
        Ok(rest)
    }
}
