//! Listing the existing parameters, and the uploads that nobody completed.

use bytes::Bytes;
use highwater::backend::objects::local::LocalObjects;
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{ObjectStore, OpenUpload};
use highwater::backend::parameters::NewValue;
use highwater::vocabulary::ParameterName;

use super::aws;
use super::objects::object;
use super::parameters::subjects as parameter_stores;
use crate::support::{emulators, unique};

fn keys(uploads: &[OpenUpload]) -> Vec<&str> {
    let mut keys: Vec<_> = uploads.iter().map(|upload| upload.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn parameters_are_listed_by_the_beginning_of_their_names() {
    for subject in parameter_stores().await {
        let (store, flat) = (&subject.store, unique("flat"));
        // More than one answer holds, in both of the forms that templates produce.
        let mut paths: Vec<_> = (0..23)
            .map(|n| subject.parameter(&format!("payment_{n:02}/timestamp")))
            .collect();
        let flats: Vec<_> = ["a_latest_packet_id", "b_latest_packet_id"]
            .map(|name| ParameterName::new(format!("{flat}_{name}")))
            .to_vec();
        let other = ParameterName::new(format!("{flat}x_a_latest_packet_id"));
        for name in paths.iter().chain(&flats).chain([&other]) {
            let put = store.put(name, NewValue::first("1", "")).await;
            put.expect(subject.name);
        }
        paths.sort();
        let prefix = subject.parameter("").to_string();
        let found = store.names(&prefix).await.expect(subject.name);
        assert_eq!(found, paths, "{}", subject.name);
        let found = store.names(&format!("{flat}_")).await.expect(subject.name);
        assert_eq!(
            found, flats,
            "{}: an underscore is no wildcard",
            subject.name
        );
        let none = store.names(&format!("/{flat}_")).await.expect(subject.name);
        assert!(none.is_empty(), "{}: {none:?}", subject.name);
        let all = store.names("").await.expect(subject.name);
        assert!(all.contains(&other), "{}", subject.name);
    }
}

#[tokio::test]
async fn an_upload_whose_writer_is_gone_is_listed_with_its_key_and_aborted() {
    for emulator in emulators() {
        let bucket = unique("stores");
        emulator.create_bucket(&bucket).await;
        let store = S3Store::new(&aws(&emulator).await, &bucket);
        assert_eq!(store.uploads("").await.expect("a list"), []);
        for key in ["payment/1.jsonl", "payment_type/1.jsonl"] {
            let begun = emulator.s3().create_multipart_upload();
            begun.bucket(&bucket).key(key).send().await.expect("begun");
        }
        let name = emulator.name();
        let all = store.uploads("").await.expect("a list");
        assert_eq!(
            keys(&all),
            ["payment/1.jsonl", "payment_type/1.jsonl"],
            "{name}"
        );
        let found = store.uploads("payment/").await.expect("a list");
        assert_eq!(keys(&found), ["payment/1.jsonl"], "{name}");
        // And once more, as if somebody else had been faster.
        for _ in 0..2 {
            store.abort_upload(&found[0]).await.expect("aborted");
        }
        let left = store.uploads("").await.expect("a list");
        assert_eq!(keys(&left), ["payment_type/1.jsonl"], "{name}");
    }
}

#[tokio::test]
async fn a_file_whose_writer_is_gone_is_listed_with_its_key_and_aborted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("objects");
    let store = LocalObjects::new(&path);
    assert_eq!(store.uploads("").await.expect("a list"), []);
    let mut living = store
        .create(object("payment/1.jsonl"))
        .await
        .expect("begun");
    living
        .write(Bytes::from_static(b"{}"))
        .await
        .expect("written");
    let living_only = store.uploads("").await.expect("a list");
    assert_eq!(living_only, [], "somebody writes it");
    // What a killed process leaves behind: the files, without a lock on them.
    let uploads = path.join(".highwater/uploads");
    for (id, key) in [("u1", "payment/2.jsonl"), ("u2", "payment_type/1.jsonl")] {
        std::fs::write(uploads.join(id), "{").expect("written");
        std::fs::write(uploads.join(format!("{id}.key")), key).expect("written");
    }
    let found = store.uploads("payment/").await.expect("a list");
    assert_eq!(keys(&found), ["payment/2.jsonl"]);
    for _ in 0..2 {
        store.abort_upload(&found[0]).await.expect("aborted");
    }
    let left = store.uploads("").await.expect("a list");
    assert_eq!(keys(&left), ["payment_type/1.jsonl"]);
    assert!(!uploads.join("u1").exists() && !uploads.join("u1.key").exists());
    living.commit().await.expect("committed");
    let key = object("payment/1.jsonl").key;
    assert!(store.head(&key).await.expect("a head").is_some());
    let files = std::fs::read_dir(&uploads).expect("a folder").count();
    assert_eq!(files, 2, "the other one, and nothing of the living");
}
