//! What has been written: the objects of a table.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::backend::{
    Backend,
    error::{Error, Result},
    objects::{Kind, ObjectHead},
};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// How many objects are asked for their metadata at once.
const HEADS: usize = 8;

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

    /// The first `limit` rows of an object, one JSON text each.
    ///
    /// # Errors
    /// As [`ObjectRows::next_row`](super::rows::ObjectRows::next_row).
    pub async fn read_object(&self, key: &ObjectKey, limit: usize) -> Result<Vec<String>> {
        let mut rows = self.object_rows(key);
        let mut lines = Vec::new();
        while lines.len() < limit {
            match rows.next_row().await? {
                Some(row) => lines.push(row),
                None => break,
            }
        }
        Ok(lines)
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
