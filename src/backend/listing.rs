//! What has been written: the objects of a table, and their rows.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::runtime::Handle;

use super::error::{Cause, Error, Result, Service};
use super::jsonl::BodyReader;
use super::objects::{Kind, ObjectHead, ObjectKey, ObjectStore};
use super::{Backend, SequenceId, TableName, Watermark};

/// How many objects are asked for their metadata at once.
const HEADS: usize = 8;
/// How much of a body is fetched at a time, in bytes.
const RANGE: u64 = 1 << 20;

/// One object of a table; the shape of `highwater objects --output json`. What only highwater's
/// metadata tells is `None` for an object that another program wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedObject {
    pub key: ObjectKey,
    pub sequence_id: SequenceId,
    /// Size of the stored body.
    pub bytes: u64,
    pub modified: Watermark,
    pub kind: Option<Kind>,
    pub rows: Option<u64>,
    pub from: Option<Watermark>,
    pub to: Option<Watermark>,
    pub run: Option<String>,
}

impl Backend {
    /// The newest `limit` objects of `table`, newest first, also those beyond the stored sequence id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Denied`].
    pub async fn objects(&self, table: &TableName, limit: usize) -> Result<Vec<ListedObject>> {
        let mut keys = self.numbered_keys(table).await?;
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys.truncate(limit);
        let heads = stream::iter(keys).map(|(sequence_id, key)| async move {
            let head = self.inner.objects.head(&key).await?;
            Ok::<_, Error>(head.map(|head| listed(sequence_id, head)))
        });
        let listed: Vec<Option<ListedObject>> = heads.buffered(HEADS).try_collect().await?;
        Ok(listed.into_iter().flatten().collect())
    }

    /// The first `limit` rows of an object, one JSON text each, whether its body is JSON Lines or a
    /// JSON array, compressed or not. Fetches no more of it than they need.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no such object, [`Error::Failed`] where its body cannot be
    /// read, [`Error::Unavailable`].
    pub async fn read_object(&self, key: &ObjectKey, limit: usize) -> Result<Vec<String>> {
        let body = RangedBody {
            store: Arc::clone(&self.inner.objects),
            key: key.clone(),
            runtime: Handle::current(),
            offset: 0,
            fetched: Bytes::new(),
        };
        let read = tokio::task::spawn_blocking(move || rows(body, limit)).await;
        let read = read.unwrap_or_else(|error| Err(io::Error::other(error).into()));
        read.map_err(|cause| match cause.downcast::<Error>() {
            Ok(error) => *error,
            Err(cause) => Error::Failed {
                service: Service::Objects,
                place: self.inner.objects.place().to_owned(),
                doing: format!("reading {key}"),
                cause,
            },
        })
    }
}

fn listed(sequence_id: SequenceId, head: ObjectHead) -> ListedObject {
    let metadata = head.metadata.as_ref();
    ListedObject {
        sequence_id,
        bytes: head.bytes,
        modified: Watermark::from(head.modified),
        kind: metadata.map(|metadata| metadata.kind),
        rows: metadata.map(|metadata| metadata.rows),
        from: metadata.and_then(|metadata| metadata.from),
        to: metadata.map(|metadata| metadata.to),
        run: metadata.map(|metadata| metadata.run.to_string()),
        key: head.key,
    }
}

fn rows(body: RangedBody, limit: usize) -> Result<Vec<String>, Cause> {
    let mut lines = Vec::new();
    let mut reader = BodyReader::new(body).map_err(unwrap_cause)?;
    while lines.len() < limit {
        match reader.next_row().map_err(unwrap_cause)? {
            Some(row) => lines.push(row.to_owned()),
            None => break,
        }
    }
    Ok(lines)
}

/// The error of the store, where that is what kept the body from being read.
fn unwrap_cause(error: impl Into<Cause>) -> Cause {
    let error = error.into();
    match error.downcast::<io::Error>() {
        Ok(error)
            if error
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Error>) =>
        {
            error
                .into_inner()
                .unwrap_or_else(|| "the store failed".into())
        }
        Ok(error) => error,
        Err(error) => error,
    }
}

/// A stored body as a blocking reader, fetched range by range.
struct RangedBody {
    store: Arc<dyn ObjectStore>,
    key: ObjectKey,
    runtime: Handle,
    offset: u64,
    fetched: Bytes,
}

impl Read for RangedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fetched.is_empty() {
            let range = self.store.read(&self.key, self.offset, RANGE);
            let fetched = self.runtime.block_on(range).map_err(io::Error::other)?;
            self.fetched = fetched.ok_or_else(|| {
                io::Error::other(Error::Invalid(format!(
                    "there is no object {} at {}",
                    self.key,
                    self.store.place()
                )))
            })?;
            self.offset += self.fetched.len() as u64;
        }
        let taken = buffer.len().min(self.fetched.len());
        buffer[..taken].copy_from_slice(&self.fetched.split_to(taken));
        Ok(taken)
    }
}
