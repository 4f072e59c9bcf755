//! Objects: created once, with their metadata, and read back.

use std::sync::Arc;

use bytes::Bytes;
use highwater::backend::Watermark;
use highwater::backend::objects::local::LocalObjects;
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{
    Commit, Kind, Metadata, NewObject, ObjectKey, ObjectStore, ObjectSummary,
};
use highwater::backend::provenance::RunId;
use highwater::backend::sequence::SequenceId;

use super::{aws, files_below};
use crate::support::{emulators, unique};

const MIB: usize = 1024 * 1024;

/// A store under test: an empty folder or bucket of its own.
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

    /// Puts an object there as another program does: without metadata.
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

    /// What an upload has left that is no object: nothing, once it is over.
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
            backfill: None,
        },
        content_type: "application/x-ndjson",
        content_encoding: None,
    }
}

/// Writes `body` in pieces, as ingestion does.
async fn create(store: &dyn ObjectStore, object: NewObject, body: &Bytes) -> Commit {
    let mut upload = store.create(object).await.expect("begun");
    let mut body = body.clone();
    while !body.is_empty() {
        let piece = body.split_to(body.len().min(300 * 1024 + 7));
        upload.write(piece).await.expect("written");
    }
    upload.commit().await.expect("committed")
}

/// Bytes of which no two stretches are alike, so that parts in a wrong order are noticed.
fn body(bytes: usize) -> Bytes {
    let numbered =
        (0_u64..).flat_map(|n| [&b"some text, and a number "[..], &n.to_be_bytes()].concat());
    numbered.take(bytes).collect()
}

/// Reads a whole body through ranges.
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

#[tokio::test]
async fn an_upload_cannot_be_seen_before_its_commit_and_leaves_nothing_when_aborted() {
    for subject in subjects().await {
        for bytes in [10_000, 17 * MIB] {
            let key = ObjectKey::new("payment/payment_00000002.jsonl");
            let upload = subject.store.create(object(key.as_str())).await;
            let mut upload = upload.expect(&subject.name);
            upload.write(body(bytes)).await.expect(&subject.name);
            let head = subject.store.head(&key).await.expect(&subject.name);
            assert_eq!(head, None, "{}, {bytes}", subject.name);
            assert!(subject.keys("", None, 10).await.is_empty());
            upload.abort().await.expect(&subject.name);
            let head = subject.store.head(&key).await.expect(&subject.name);
            assert_eq!(head, None, "{}, {bytes}", subject.name);
            let left = subject.leftovers().await;
            assert!(left.is_empty(), "{}, {bytes}: {left:?}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_dropped_upload_cannot_be_seen() {
    for subject in subjects().await {
        for bytes in [10_000, 17 * MIB] {
            let upload = subject.store.create(object("a.jsonl")).await;
            let mut upload = upload.expect(&subject.name);
            upload.write(body(bytes)).await.expect(&subject.name);
            drop(upload);
            assert!(subject.keys("", None, 10).await.is_empty());
        }
        let created = subject.create(object("a.jsonl"), &body(3)).await;
        assert_eq!(created, Commit::Created, "{}", subject.name);
    }
}

#[tokio::test]
async fn a_listing_is_in_the_order_of_keys_and_honours_prefix_after_and_limit() {
    let keys = [
        "a-b.jsonl",
        "a.jsonl",
        "a/1.jsonl",
        "a/b/2.jsonl",
        "a0.jsonl",
        "payment/payment_00000001.jsonl",
        "payment/payment_00000002.jsonl",
        "payment_type/payment_type_00000001.jsonl",
    ];
    for subject in subjects().await {
        for key in keys.iter().rev() {
            subject.plant(key, b"{}\n").await;
        }
        let created = subject.create(object("z.jsonl"), &body(100)).await;
        assert_eq!(created, Commit::Created);
        let name = &subject.name;
        let all: Vec<&str> = keys.into_iter().chain(["z.jsonl"]).collect();
        assert_eq!(subject.keys("", None, 100).await, all, "{name}");
        assert_eq!(subject.keys("", None, 3).await, &all[..3], "{name}");
        assert_eq!(subject.keys("", None, 0).await, [""; 0], "{name}");
        assert_eq!(subject.keys("a/", None, 9).await, &all[2..4], "{name}");
        assert_eq!(
            subject.keys("payment/p", None, 9).await,
            &all[5..7],
            "{name}"
        );
        assert_eq!(subject.keys("payment", None, 9).await, &all[5..8], "{name}");
        assert_eq!(subject.keys("nothing", None, 9).await, [""; 0], "{name}");
        let after = subject.keys("", Some("a/1.jsonl"), 2).await;
        assert_eq!(after, &all[3..5], "{name}");
        let after = subject.keys("payment/", Some(all[5]), 9).await;
        assert_eq!(after, &all[6..7], "{name}");
        let after = subject.keys("", Some("a/b"), 2).await;
        assert_eq!(after, &all[3..5], "{name}: a key that is not there");
    }
}

#[tokio::test]
async fn a_listing_goes_on_beyond_the_thousand_keys_of_one_answer() {
    for subject in subjects().await {
        // It takes ten times as long to fill.
        if subject.name == "moto" {
            continue;
        }
        let expected: Vec<String> = (0..1_003).map(|n| format!("t/{n:04}.jsonl")).collect();
        for keys in expected.chunks(16) {
            futures_util::future::join_all(keys.iter().map(|key| subject.plant(key, b"x"))).await;
        }
        let all = subject.keys("t/", None, usize::MAX).await;
        assert!(all == expected, "{}: {} keys", subject.name, all.len());
        let some = subject.keys("t/", None, 1_001).await;
        assert!(some == expected[..1_001], "{}", subject.name);
    }
}

#[tokio::test]
async fn a_range_is_cut_at_the_end_of_the_body() {
    for subject in subjects().await {
        subject.plant("a.jsonl", b"0123456789").await;
        subject.plant("empty.jsonl", b"").await;
        for (key, offset, length, expected) in [
            ("a.jsonl", 0, 4, "0123"),
            ("a.jsonl", 4, 3, "456"),
            ("a.jsonl", 8, 100, "89"),
            ("a.jsonl", 0, u64::MAX, "0123456789"),
            ("a.jsonl", 10, 5, ""),
            ("a.jsonl", 1_000, 5, ""),
            ("a.jsonl", 3, 0, ""),
            ("empty.jsonl", 0, 5, ""),
        ] {
            let read = subject
                .store
                .read(&ObjectKey::new(key), offset, length)
                .await;
            let read = read.expect(&subject.name).expect(&subject.name);
            assert_eq!(read, expected, "{}: {offset}, {length}", subject.name);
        }
    }
}

/// Larger than what is written before the disk is set to work for the first time, twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_local_object_has_every_byte_in_its_place() {
    const CHUNKS: u64 = 72;
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalObjects::new(folder.path());
    let mut upload = store.create(object("a.jsonl")).await.expect("begun");
    for number in 0..CHUNKS {
        let chunk = number.to_be_bytes().repeat(MIB / 8);
        upload.write(Bytes::from(chunk)).await.expect("taken");
    }
    assert_eq!(upload.commit().await.expect("committed"), Commit::Created);
    let key = ObjectKey::new("a.jsonl");
    let head = store.head(&key).await.expect("found").expect("an object");
    assert_eq!(head.bytes, CHUNKS * MIB as u64);
    for number in 0..CHUNKS {
        let middle = number * MIB as u64 + 4096;
        let read = store.read(&key, middle, 8).await.expect("read");
        assert_eq!(read.as_deref(), Some(&number.to_be_bytes()[..]), "{number}");
    }
    assert_eq!(
        files_below(folder.path()).len(),
        2,
        "the object and its metadata"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_writers_at_once_exactly_one_creates_the_key() {
    for subject in subjects().await {
        // It looks whether a key exists and creates it in two steps.
        if subject.name == "moto" {
            continue;
        }
        for (round, bytes) in [100, 100, 100, 17 * MIB].into_iter().enumerate() {
            let key = format!("{round}.jsonl");
            let body = body(bytes);
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    let (store, body) = (Arc::clone(&subject.store), body.clone());
                    let object = object(&key);
                    let run = object.metadata.run;
                    tokio::spawn(async move { (run, create(&*store, object, &body).await) })
                })
                .collect();
            let mut winners = Vec::new();
            for writer in writers {
                let (run, commit) = writer.await.expect("no panic");
                winners.extend((commit == Commit::Created).then_some(run));
            }
            assert_eq!(winners.len(), 1, "{}: {winners:?}", subject.name);
            let head = subject.store.head(&ObjectKey::new(&key)).await;
            let metadata = head.expect("head").expect("there").metadata;
            let run = metadata.map(|metadata| metadata.run);
            assert_eq!(run, winners.pop(), "{}", subject.name);
            let left = subject.leftovers().await;
            assert!(left.is_empty(), "{}: {left:?}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_local_file_that_was_edited_or_replaced_has_no_metadata() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalObjects::new(folder.path());
    for key in ["edited.jsonl", "replaced.jsonl"] {
        create(&store, object(key), &body(100)).await;
        let path = folder.path().join(key);
        let head = store.head(&ObjectKey::new(key)).await.expect("head");
        assert!(head.expect("there").metadata.is_some());
        if key == "replaced.jsonl" {
            // The file system may well give the same inode again.
            std::fs::remove_file(&path).expect("removed");
        }
        std::fs::write(&path, body(100)).expect("written");
        let head = store.head(&ObjectKey::new(key)).await.expect("head");
        assert_eq!(head.expect("there").metadata, None, "{key}");
    }
}

#[tokio::test]
async fn what_a_dead_process_left_in_the_folder_is_removed_and_what_a_live_one_writes_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let uploads = folder.path().join(".highwater/uploads");
    let first = LocalObjects::new(folder.path());
    let live = first.create(object("live.jsonl")).await.expect("begun");
    std::fs::write(uploads.join("dead"), b"half").expect("written");
    std::fs::write(uploads.join("recent"), b"half").expect("written");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    for path in files_below(&uploads) {
        if !path.ends_with("recent") {
            let file = std::fs::File::options().append(true).open(path);
            file.expect("there").set_modified(long_ago).expect("set");
        }
    }
    let second = LocalObjects::new(folder.path());
    create(&second, object("a.jsonl"), &body(3)).await;
    assert!(!uploads.join("dead").exists());
    assert!(uploads.join("recent").exists());
    assert_eq!(live.commit().await.expect("committed"), Commit::Created);
}
