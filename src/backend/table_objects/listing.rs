//! The objects of a table, as shown to the user.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::keys::NumberedKey;
use crate::backend::{
    Backend,
    error::{Error, Result},
    objects::{Kind, ObjectHead},
};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// How many objects' metadata is requested at once.
const HEADS: usize = 8;

/// How many bytes of lines are kept to be looked at, at most: a few hundred rows may hold gigabytes. The first
/// line is kept whatever its size.
pub(in crate::backend) const LOOKED_AT: usize = 4 * 1_024 * 1_024;

/// One object of a table; the shape of `highwater objects --output json`. Fields that are known only from
/// highwater's metadata are `None` for an object that another program wrote.
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

impl ListedObject {
    /// Its position among the objects of its table.
    #[must_use]
    pub fn place(&self) -> NumberedKey {
        NumberedKey {
            sequence_id: self.sequence_id,
            key: self.key.clone(),
        }
    }
}

/// A page of a table's objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectPage {
    /// Newest first.
    pub objects: Vec<ListedObject>,
    /// How many more objects there are before the last of these; `None` if they have not been counted.
    pub older: Option<usize>,
    /// The last position that was looked at; the next page continues before it.
    pub until: Option<NumberedKey>,
}

/// The first rows of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstRows {
    /// One JSON text for each row.
    pub lines: Vec<String>,
    /// Whether the object holds more.
    pub is_cut: bool,
}

impl Backend {
    /// Returns the newest `limit` objects of `table`, newest first, including those beyond the stored sequence
    /// id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Denied`].
    pub async fn objects(&self, table: &TableName, limit: usize) -> Result<Vec<ListedObject>> {
        let (keys, _) = self.newest_keys(table, limit).await?;
        self.listed(keys).await
    }

    /// Returns the newest `limit` objects of `table`, or of those before `before` if it is given, and how many
    /// come before them.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub async fn objects_before(
        &self,
        table: &TableName,
        before: Option<&NumberedKey>,
        limit: usize,
    ) -> Result<ObjectPage> {
        let (keys, older) = match before {
            None => self.newest_keys(table, limit).await?,
            Some(before) => {
                let mut keys = self.numbered_keys(table).await?;
                keys.retain(|place| place < before);
                keys.sort_unstable_by(|a, b| b.cmp(a));
                let older = keys.len().saturating_sub(limit);
                keys.truncate(limit);
                (keys, Some(older))
            }
        };
        let until = keys.last().cloned();
        Ok(ObjectPage {
            objects: self.listed(keys).await?,
            older,
            until,
        })
    }

    /// Returns what is at these keys, leaving out objects that are gone by now.
    async fn listed(&self, keys: Vec<NumberedKey>) -> Result<Vec<ListedObject>> {
        let heads = stream::iter(keys).map(|one| async move {
            let head = self.inner.objects.head(&one.key).await?;
            Ok::<_, Error>(head.map(|head| listed(one.sequence_id, head)))
        });
        let listed: Vec<Option<ListedObject>> = heads.buffered(HEADS).try_collect().await?;
        Ok(listed.into_iter().flatten().collect())
    }

    /// Returns the first `limit` rows of an object, or fewer if these exceed a few megabytes.
    ///
    /// # Errors
    /// As [`ObjectRows::next_row`](super::rows::ObjectRows::next_row).
    pub async fn read_object(&self, key: &ObjectKey, limit: usize) -> Result<FirstRows> {
        let mut rows = self.object_rows(key);
        let mut first = FirstRows::default();
        let mut bytes = 0;
        while let Some(row) = rows.next_row().await? {
            bytes += row.len();
            let is_much = bytes > LOOKED_AT && !first.lines.is_empty();
            if is_much || first.lines.len() == limit {
                first.is_cut = true;
                break;
            }
            first.lines.push(row);
        }
        Ok(first)
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
