//! The local store, a folder that others can write to as well.

use bytes::Bytes;
use highwater::backend::error::Error;
use highwater::backend::objects::local::LocalObjects;
use highwater::backend::objects::{Commit, ObjectStore as _};
use highwater::vocabulary::ObjectKey;

use super::{MIB, body, create, object};
use crate::stores::files_below;

/// Larger than what is written before the disk is made to start writing, twice over.
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
            // The file system may well reuse the same inode.
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

#[tokio::test]
async fn keys_that_lead_out_of_the_folder_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalObjects::new(&folder.path().join("objects"));
    for key in [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        ".highwater/x",
        "a\0b",
    ] {
        let invalid = |error: Option<Error>| {
            assert!(
                matches!(error, Some(Error::UnfitKey { .. })),
                "{key:?}: {error:?}"
            );
        };
        invalid(store.head(&ObjectKey::new(key)).await.err());
        invalid(store.read(&ObjectKey::new(key), 0, 1).await.err());
        invalid(store.create(object(key)).await.err());
    }
    assert!(!folder.path().join("objects").exists());
}

#[tokio::test]
async fn a_root_that_is_no_folder_is_unavailable_and_never_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("objects");
    std::fs::write(&path, "a file").expect("written");
    let store = LocalObjects::new(&path);
    let key = ObjectKey::new("a/b.jsonl");
    for error in [
        store.head(&key).await.err(),
        store.read(&key, 0, 1).await.err(),
        store.list("", None, 1).await.err(),
        store.create(object("a.jsonl")).await.err(),
        store.uploads("").await.err(),
    ] {
        let error = error.expect("no folder");
        assert!(error.is_unavailable(), "{error:?}");
        assert!(error.to_string().contains(&*path.to_string_lossy()));
    }
}
