//! Objects: created once, with their metadata, and read back.

mod folder;
mod reading;
mod uploads;

use std::sync::Arc;

use bytes::Bytes;
use highwater::backend::{
    objects::{
        Commit, Kind, Metadata, NewObject, ObjectStore, ObjectSummary, local::LocalObjects,
        s3::S3Store,
    },
    provenance::RunId,
};
use highwater::vocabulary::{ObjectKey, SequenceId, Watermark};

use super::{aws, files_below};
use crate::support::{emulators, unique};

const MIB: usize = 1024 * 1024;

/// A store under test, with an empty folder or bucket of its own.
struct Subject {
    name: String,
    store: Arc<dyn ObjectStore>,
    place: Place,
}

enum Place {
    Folder(tempfile::TempDir),
    Bucket(aws_sdk_s3::Client, String),
}

async fn subjects() -> Vec<Subject> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = vec![Subject {
        name: "local".to_owned(),
        store: Arc::new(LocalObjects::new(&folder.path().join("objects"))),
        place: Place::Folder(folder),
    }];
    for emulator in emulators() {
        let bucket = unique("stores");
        emulator.create_bucket(&bucket).await;
        all.push(Subject {
            name: emulator.name().to_owned(),
            store: Arc::new(S3Store::new(&aws(&emulator).await, &bucket)),
            place: Place::Bucket(emulator.s3(), bucket),
        });
    }
    all
}

impl Subject {
    async fn create(&self, object: NewObject, body: &Bytes) -> Commit {
        create(&*self.store, object, body).await
    }

    /// Creates an object like another program: without metadata.
    async fn plant(&self, key: &str, body: &'static [u8]) {
        match &self.place {
            Place::Folder(folder) => {
                let path = folder.path().join("objects").join(key);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
                std::fs::write(path, body).expect("written");
            }
            Place::Bucket(client, bucket) => {
                let put = client.put_object().bucket(bucket).key(key);
                put.body(Bytes::from_static(body).into())
                    .send()
                    .await
                    .expect("planted");
            }
        }
    }

    /// What an upload leaves behind besides the object: nothing, once it is over.
    async fn leftovers(&self) -> Vec<String> {
        match &self.place {
            Place::Folder(folder) => files_below(&folder.path().join("objects/.highwater/uploads")),
            Place::Bucket(client, bucket) => {
                let uploads = client.list_multipart_uploads().bucket(bucket).send().await;
                uploads
                    .expect("a list of uploads")
                    .uploads()
                    .iter()
                    .map(|upload| upload.key().unwrap_or_default().to_owned())
                    .collect()
            }
        }
    }

    async fn keys(&self, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
        let after = after.map(ObjectKey::new);
        let listed = self.store.list(prefix, after.as_ref(), limit).await;
        listed.expect(&self.name).iter().map(key).collect()
    }
}

fn key(object: &ObjectSummary) -> String {
    object.key.to_string()
}

pub(super) fn object(key: &str) -> NewObject {
    let to = Watermark::from_micros(1_715_856_630_123_456).expect("a timestamp");
    NewObject {
        key: ObjectKey::new(key),
        metadata: Metadata {
            kind: Kind::Ingest,
            from: None,
            to,
            watermark: to,
            sequence_id: SequenceId(1),
            rows: 7,
            run: RunId::random(),
            schema: "1f3a".to_owned(),
            timezone: Some("UTC".to_owned()),
            row_time: Some("0c5e".to_owned()),
            backfill: None,
        },
        content_type: "application/x-ndjson",
        content_encoding: None,
    }
}

/// Writes `body` in pieces, as ingestion does.
pub(super) async fn create(store: &dyn ObjectStore, object: NewObject, body: &Bytes) -> Commit {
    let mut upload = store.create(object).await.expect("begun");
    let mut body = body.clone();
    while !body.is_empty() {
        let piece = body.split_to(body.len().min(300 * 1024 + 7));
        upload.write(piece).await.expect("written");
    }
    upload.commit().await.expect("committed")
}

/// Bytes in which no two stretches are alike, so that parts in the wrong order are noticed.
pub(super) fn body(bytes: usize) -> Bytes {
    let numbered =
        (0_u64..).flat_map(|n| [&b"some text, and a number "[..], &n.to_be_bytes()].concat());
    numbered.take(bytes).collect()
}

/// Reads a whole body in ranges.
async fn read_back(store: &dyn ObjectStore, key: &ObjectKey) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let piece = store.read(key, all.len() as u64, 5_000_011).await;
        let piece = piece.expect("read").expect("there");
        if piece.is_empty() {
            return all;
        }
        all.extend_from_slice(&piece);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_none() {
    for subject in subjects().await {
        let key = ObjectKey::new("payment/payment_00000001.jsonl");
        let head = subject.store.head(&key).await.expect(&subject.name);
        assert_eq!(head, None, "{}", subject.name);
        let read = subject.store.read(&key, 0, 10).await.expect(&subject.name);
        assert_eq!(read, None, "{}", subject.name);
        let read = subject.store.read(&key, 0, 0).await.expect(&subject.name);
        assert_eq!(read, None, "{}", subject.name);
        assert!(subject.keys("", None, 10).await.is_empty());
    }
}

#[tokio::test]
async fn an_object_comes_back_with_its_body_and_metadata_and_is_never_replaced() {
    // Empty, one request, exactly the most that one request carries, and a multipart upload.
    for bytes in [0, 20_000, 16 * MIB, 20 * MIB] {
        let body = body(bytes);
        for subject in subjects().await {
            let mine = object("payment/payment_00000001.jsonl");
            let theirs = object("payment/payment_00000001.jsonl");
            let created = subject.create(mine.clone(), &body).await;
            assert_eq!(created, Commit::Created, "{}, {bytes}", subject.name);
            let second = subject.create(theirs, &body.slice(..bytes / 2)).await;
            assert_eq!(second, Commit::Exists, "{}, {bytes}", subject.name);
            if bytes > 16 * MIB {
                let multipart = subject.create(object(mine.key.as_str()), &body).await;
                assert_eq!(multipart, Commit::Exists, "{}", subject.name);
            }

            let head = subject.store.head(&mine.key).await.expect(&subject.name);
            let head = head.expect(&subject.name);
            assert_eq!(head.metadata, Some(mine.metadata), "{}", subject.name);
            assert_eq!(head.bytes, bytes as u64, "{}", subject.name);
            let back = read_back(&*subject.store, &mine.key).await;
            assert!(back == body, "{}, {bytes}: the body differs", subject.name);
            assert!(subject.leftovers().await.is_empty(), "{}", subject.name);
        }
    }
}

#[tokio::test]
async fn content_type_and_encoding_are_those_of_the_object() {
    for emulator in emulators() {
        let bucket = unique("stores");
        emulator.create_bucket(&bucket).await;
        let store = S3Store::new(&aws(&emulator).await, &bucket);
        for bytes in [100, 17 * MIB] {
            let mut object = object(&format!("{bytes}.jsonl.gz"));
            object.content_encoding = Some("gzip");
            let key = object.key.to_string();
            create(&store, object, &body(bytes)).await;
            let client = emulator.s3();
            let head = client.head_object().bucket(&bucket).key(key).send().await;
            let head = head.expect("there");
            assert_eq!(head.content_type(), Some("application/x-ndjson"));
            assert_eq!(head.content_encoding(), Some("gzip"), "{}", emulator.name());
        }
    }
}

#[tokio::test]
async fn an_object_of_another_program_has_no_metadata() {
    for subject in subjects().await {
        subject.plant("payment/old.jsonl", b"{}\n").await;
        let key = ObjectKey::new("payment/old.jsonl");
        let head = subject.store.head(&key).await.expect(&subject.name);
        let head = head.expect(&subject.name);
        assert_eq!((head.bytes, head.metadata), (3, None), "{}", subject.name);
        let second = subject.create(object("payment/old.jsonl"), &body(9)).await;
        assert_eq!(second, Commit::Exists, "{}", subject.name);
    }
}
