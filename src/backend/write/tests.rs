use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::*;
use crate::backend::Stores;
use crate::backend::error::Service;
use crate::backend::journal::Journal;
use crate::backend::objects::{ObjectHead, ObjectStore, ObjectSummary, OpenUpload};
use crate::backend::parameters::local::LocalParameters;
use crate::backend::source::SourcePool;
use crate::backend::source::connect::Environment;
use crate::config::Profile;

/// A store with one object in it.
#[derive(Debug)]
struct Holding(ObjectHead);

#[async_trait]
impl ObjectStore for Holding {
    fn place(&self) -> &'static str {
        "shelf"
    }

    async fn head(&self, _: &ObjectKey) -> Result<Option<ObjectHead>> {
        Ok(Some(self.0.clone()))
    }

    async fn create(&self, _: NewObject) -> Result<Box<dyn Upload>> {
        Err(Error::Cancelled)
    }

    async fn list(&self, _: &str, _: Option<&ObjectKey>, _: usize) -> Result<Vec<ObjectSummary>> {
        Ok(Vec::new())
    }

    async fn uploads(&self, _: &str) -> Result<Vec<OpenUpload>> {
        Ok(Vec::new())
    }

    async fn abort_upload(&self, _: &OpenUpload) -> Result<()> {
        Ok(())
    }

    async fn read(&self, _: &ObjectKey, _: u64, _: u64) -> Result<Option<Bytes>> {
        Ok(None)
    }
}

/// An upload whose commit ends with this error.
struct Ending(Error);

#[async_trait]
impl Upload for Ending {
    async fn write(&mut self, _: Bytes) -> Result<()> {
        Ok(())
    }

    fn describe(&mut self, _: Metadata) -> bool {
        false
    }

    async fn commit(self: Box<Self>) -> Result<Commit> {
        Err(self.0)
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// What becomes of an object that exists, but whose commit has ended with `error`.
async fn committed_with(error: Error) -> Result<ObjectKey> {
    let (table, key) = (TableName::parse("payment"), ObjectKey::new("payment/1"));
    let run = Run::new(Context::default());
    let to = Watermark::now();
    let metadata = Metadata {
        kind: Kind::Ingest,
        from: None,
        to,
        watermark: to,
        sequence_id: SequenceId::FIRST,
        rows: 1,
        run: run.id,
        schema: "1f3a".to_owned(),
        timezone: None,
        row_time: None,
        backfill: None,
    };
    let head = ObjectHead {
        key: key.clone(),
        bytes: 3,
        modified: to.to_datetime(),
        metadata: Some(metadata.clone()),
    };
    let folder = Path::new("/nowhere");
    let profile = Profile::demo("postgres://me@h/d", folder);
    let source = SourcePool::new(&profile.source, &Environment::default());
    let stores = Stores {
        source: Arc::new(source.expect("a URL")),
        parameters: Arc::new(LocalParameters::new(&folder.join("parameters.db"))),
        objects: Arc::new(Holding(head)),
    };
    let backend = Backend::with_stores(profile, stores, Journal::none());
    let target = Target {
        table: &table,
        sequence_id: SequenceId::FIRST,
        run: &run,
        after: None,
    };
    let upload = Box::new(Ending(error));
    backend.complete(&target, upload, (key, metadata)).await
}

#[tokio::test]
async fn an_object_whose_name_may_not_be_on_disk_is_not_counted_as_written() {
    let lost = Error::Unavailable {
        service: Service::Objects,
        place: "shelf".to_owned(),
        doing: "writing".to_owned(),
        cause: "the answer is lost".into(),
    };
    let written = committed_with(lost).await;
    assert_eq!(written.expect("written"), ObjectKey::new("payment/1"));
    let unsynced = Error::Unsynced {
        key: ObjectKey::new("payment/1"),
        place: "shelf".to_owned(),
        cause: "shelf/payment: no space is left".into(),
    };
    let written = committed_with(unsynced).await;
    assert!(
        matches!(written, Err(Error::Unsynced { .. })),
        "{written:?}"
    );
}
