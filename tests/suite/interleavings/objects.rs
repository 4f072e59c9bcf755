//! An object store in memory, with the guarantees of S3: exactly one writer creates a key, body and
//! metadata appear at once, and every reader sees the object from then on.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use highwater::backend::Result;
use highwater::backend::error::Service;
use highwater::backend::objects::{
    Commit, Metadata, NewObject, ObjectHead, ObjectStore, ObjectSummary, OpenUpload, Upload,
};
use highwater::vocabulary::ObjectKey;

use super::turns::{Call, Gate, Side, Verdict, unavailable};
use super::world::{Event, State};

/// The prefix of claims, which are not objects of a table.
const OWN: &str = "_highwater/";

/// The objects by key.
#[derive(Debug, Default)]
pub struct Bucket(BTreeMap<ObjectKey, Stored>);

#[derive(Debug, Clone)]
struct Stored {
    head: ObjectHead,
    metadata: Metadata,
    body: Vec<u8>,
}

impl Bucket {
    /// The existing objects of the table, by number.
    pub fn numbers(&self) -> Vec<(u64, ObjectKey)> {
        let objects = self.0.iter().filter(|(key, _)| !is_claim(key));
        objects
            .map(|(key, stored)| (stored.metadata.sequence_id.0, key.clone()))
            .collect()
    }

    pub fn remove(&mut self, key: &ObjectKey) -> bool {
        self.0.remove(key).is_some()
    }
}

fn is_claim(key: &ObjectKey) -> bool {
    key.as_str().starts_with(OWN)
}

/// The store as seen by one actor.
#[derive(Debug)]
pub struct MemoryObjects(pub Gate);

impl MemoryObjects {
    async fn ask<T: Send>(
        &self,
        call: Call,
        answer: impl FnMut(&mut State) -> T + Send,
    ) -> Result<T> {
        self.0.call(Service::Objects, call, answer).await
    }
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    fn place(&self) -> &'static str {
        "memory"
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>> {
        let head = |state: &mut State| {
            let head = state.objects.0.get(key).map(|stored| stored.head.clone());
            let is = if head.is_some() {
                "exists"
            } else {
                "is absent"
            };
            state.note(|| format!("{key} {is}"));
            head
        };
        self.ask(Call::HeadObject, head).await
    }

    async fn create(&self, object: NewObject) -> Result<Box<dyn Upload>> {
        self.ask(Call::CreateUpload, |_| ()).await?;
        Ok(Box::new(MemoryUpload {
            gate: self.0.clone(),
            object,
            body: Vec::new(),
        }))
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<ObjectSummary>> {
        let list = |state: &mut State| {
            let below = state.objects.0.iter().filter(|(key, _)| {
                key.as_str().starts_with(prefix) && after.is_none_or(|after| *key > after)
            });
            let summaries = below.map(|(key, stored)| ObjectSummary {
                key: key.clone(),
                bytes: stored.head.bytes,
                modified: stored.head.modified,
            });
            summaries.take(limit).collect()
        };
        self.ask(Call::ListObjects, list).await
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>> {
        let range = |size: usize| {
            let from = usize::try_from(offset).map_or(size, |from| from.min(size));
            let to = usize::try_from(length).map_or(size, |length| (from + length).min(size));
            from..to
        };
        let read = |state: &mut State| {
            let stored = state.objects.0.get(key)?;
            Some(Bytes::copy_from_slice(
                &stored.body[range(stored.body.len())],
            ))
        };
        self.ask(Call::ReadObject, read).await
    }

    /// There are none: the parts of an unfinished upload are kept by its writer, and are lost with
    /// it.
    async fn uploads(&self, _prefix: &str) -> Result<Vec<OpenUpload>> {
        self.ask(Call::ListObjects, |_| Vec::new()).await
    }

    async fn abort_upload(&self, _upload: &OpenUpload) -> Result<()> {
        self.ask(Call::AbortUpload, |_| ()).await
    }
}

/// An object that does not exist yet.
struct MemoryUpload {
    gate: Gate,
    object: NewObject,
    body: Vec<u8>,
}

impl MemoryUpload {
    /// `If-None-Match: *`: does nothing if the key exists.
    fn publish(&self, state: &mut State) -> Commit {
        let key = &self.object.key;
        if state.objects.0.contains_key(key) {
            state.note(|| format!("{key} exists already"));
            return Commit::Exists;
        }
        let stored = Stored {
            head: ObjectHead {
                key: key.clone(),
                bytes: self.body.len() as u64,
                modified: state.now().to_datetime(),
                metadata: Some(self.object.metadata.clone()),
            },
            metadata: self.object.metadata.clone(),
            body: self.body.clone(),
        };
        state.note(|| {
            let metadata = &stored.metadata;
            let from = metadata
                .from
                .map_or_else(|| "the beginning".to_owned(), |from| from.to_string());
            format!(
                "{key} is created by run {}: {} rows after {from} up to {}",
                metadata.run, metadata.rows, metadata.to
            )
        });
        if !is_claim(key) {
            state.events.push(Event::Created {
                metadata: stored.metadata.clone(),
                body: stored.body.clone(),
                looked_at: state
                    .looked_at
                    .get(&self.gate.actor)
                    .copied()
                    .unwrap_or_default(),
            });
        }
        state.objects.0.insert(key.clone(), stored);
        Commit::Created
    }
}

#[async_trait]
impl Upload for MemoryUpload {
    async fn write(&mut self, body: Bytes) -> Result<()> {
        self.gate
            .call(Service::Objects, Call::WritePart, |_| ())
            .await?;
        self.body.extend_from_slice(&body);
        Ok(())
    }

    fn describe(&mut self, metadata: Metadata) -> bool {
        self.object.metadata = metadata;
        true
    }

    async fn commit(self: Box<Self>) -> Result<Commit> {
        let lost = || unavailable(Service::Objects, Call::CommitUpload);
        match self.gate.turn(Call::CommitUpload, Side::Before).await {
            Verdict::Lost => return Err(lost()),
            Verdict::Conflict => return Ok(Commit::Conflict("injected".to_owned())),
            Verdict::Go | Verdict::Again => {}
        }
        let publish = || self.gate.world.with(|state| self.publish(state));
        let committed = publish();
        match self.gate.turn(Call::CommitUpload, Side::After).await {
            Verdict::Lost => Err(lost()),
            Verdict::Again => Ok(publish()),
            Verdict::Go | Verdict::Conflict => Ok(committed),
        }
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.gate
            .call(Service::Objects, Call::AbortUpload, |_| ())
            .await
    }
}
