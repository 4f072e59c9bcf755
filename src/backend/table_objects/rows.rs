//! The rows of one object, whoever wrote it.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::backend::{
    Backend,
    error::{Cause, Error, Result, Service},
    jsonl::{BodyError, BodyReader},
    objects::ObjectStore,
    progress::Progress,
};
use crate::vocabulary::ObjectKey;

/// How much of a body is fetched at a time, in bytes.
const RANGE: u64 = 1 << 20;
/// How many bytes of rows are handed over at once; the last row may exceed it.
const BATCH: usize = 64 << 10;

impl Backend {
    /// Returns the rows of an object, one JSON text each, whether its body is JSON Lines or a
    /// JSON array, compressed or not. The body is fetched range by range, only as far as rows are
    /// asked for.
    #[must_use]
    pub fn object_rows(&self, key: &ObjectKey) -> ObjectRows {
        let body = RangedBody {
            store: Arc::clone(&self.inner.objects),
            key: key.clone(),
            runtime: Handle::current(),
            offset: 0,
            fetched: Bytes::new(),
            progress: Arc::clone(&self.progress),
        };
        let (sender, batches) = mpsc::channel(1);
        tokio::task::spawn_blocking(move || send_rows(body, &sender));
        ObjectRows {
            place: self.inner.objects.place().to_owned(),
            key: key.clone(),
            batches,
            batch: Vec::new().into_iter(),
            ended: false,
        }
    }
}

/// The rows of one object as they are read; memory stays bounded whatever its size.
pub struct ObjectRows {
    place: String,
    key: ObjectKey,
    batches: mpsc::Receiver<Result<Vec<String>, Cause>>,
    batch: std::vec::IntoIter<String>,
    /// Whether the end of the body has been reached, which is signalled by an empty batch.
    ended: bool,
}

impl ObjectRows {
    /// Returns the next row; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::NoSuchObject`], [`Error::Failed`] if its body cannot be read,
    /// [`Error::Unavailable`].
    pub async fn next_row(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            if self.ended {
                return Ok(None);
            }
            match self.batches.recv().await {
                Some(Ok(batch)) if batch.is_empty() => {
                    self.ended = true;
                }
                Some(Ok(batch)) => self.batch = batch.into_iter(),
                Some(Err(cause)) => return Err(self.failed(cause)),
                None => return Err(self.failed("reading ended before the end of the body".into())),
            }
        }
    }

    fn failed(&self, cause: Cause) -> Error {
        match cause.downcast::<Error>() {
            Ok(error) => *error,
            Err(cause) => Error::Failed {
                service: Service::Objects,
                place: self.place.clone(),
                doing: format!("reading {}", self.key),
                cause,
            },
        }
    }
}

/// Reads a body to its end, or until the receiver is dropped. An empty batch marks the end.
fn send_rows(body: impl Read + Send, batches: &mpsc::Sender<Result<Vec<String>, Cause>>) {
    let read = || {
        let mut reader = BodyReader::new(body).map_err(cause_of)?;
        loop {
            let mut batch = Vec::new();
            let ended = fill(&mut batch, &mut reader);
            let last = batch.is_empty();
            // Rows read before the body turned out to be damaged are good.
            let is_told = !last || ended.is_ok();
            if is_told && batches.blocking_send(Ok(batch)).is_err() {
                return Ok(());
            }
            ended?;
            if last {
                return Ok(());
            }
        }
    };
    if let Err(cause) = read() {
        // If the receiver is gone, nobody misses the error.
        let _ = batches.blocking_send(Err(cause));
    }
}

/// Fills a batch with the next rows.
fn fill(batch: &mut Vec<String>, reader: &mut BodyReader) -> Result<(), Cause> {
    let mut bytes = 0;
    while bytes < BATCH
        && let Some(row) = reader.next_row().map_err(cause_of)?
    {
        bytes += row.len();
        batch.push(row.to_owned());
    }
    Ok(())
}

/// Extracts the error of the store, if that is why the body could not be read.
fn cause_of(error: BodyError) -> Cause {
    match error {
        BodyError::Read(error) => match error.downcast::<Error>() {
            Ok(error) => error.into(),
            Err(error) => BodyError::Read(error).into(),
        },
        other => other.into(),
    }
}

/// A stored body as a blocking reader, which fetches range by range.
struct RangedBody {
    store: Arc<dyn ObjectStore>,
    key: ObjectKey,
    runtime: Handle,
    offset: u64,
    fetched: Bytes,
    progress: Arc<Progress>,
}

impl Read for RangedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fetched.is_empty() {
            let range = self.store.read(&self.key, self.offset, RANGE);
            let fetched = self.runtime.block_on(range).map_err(io::Error::other)?;
            self.fetched = fetched.ok_or_else(|| {
                io::Error::other(Error::NoSuchObject {
                    key: self.key.clone(),
                    place: self.store.place().to_owned(),
                })
            })?;
            let bytes = self.fetched.len() as u64;
            self.offset += bytes;
            self.progress.add(0, bytes);
        }
        let taken = buffer.len().min(self.fetched.len());
        buffer[..taken].copy_from_slice(&self.fetched.split_to(taken));
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of which only the beginning arrives.
    fn torn(beginning: &'static [u8]) -> impl Read + Send {
        beginning.chain(Down)
    }

    struct Down;

    impl Read for Down {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other(Error::Cancelled))
        }
    }

    #[test]
    fn rows_before_the_damage_are_told_before_it() {
        let (sender, mut receiver) = mpsc::channel(4);
        send_rows(b"{\"a\":1}\n{\"a\":2}\n{\"a\"".as_slice(), &sender);
        drop(sender);
        let rows = receiver.blocking_recv().expect("rows").expect("good ones");
        assert_eq!(rows, ["{\"a\":1}", "{\"a\":2}"]);
        assert!(receiver.blocking_recv().expect("the damage").is_err());
        assert!(receiver.blocking_recv().is_none());
    }

    #[test]
    fn what_the_store_fails_with_is_never_taken_for_a_damaged_body() {
        const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03";
        const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58";
        for beginning in [b"".as_slice(), b"{\"a\":1}\n{", b"[{", GZIP, ZSTD] {
            let rows = BodyReader::new(torn(beginning));
            let read = rows.map_err(cause_of).and_then(|mut reader| {
                loop {
                    let mut batch = Vec::new();
                    fill(&mut batch, &mut reader)?;
                    if batch.is_empty() {
                        break;
                    }
                }
                Ok(())
            });
            let cause = read.expect_err("the store is down");
            let is_the_stores = matches!(cause.downcast_ref(), Some(Error::Cancelled));
            assert!(is_the_stores, "{beginning:?}: {cause:?}");
        }
    }
}
