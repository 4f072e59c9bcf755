//! An object appears all at once, created by one writer, or not at all.

use std::sync::Arc;

use highwater::backend::objects::Commit;
use highwater::vocabulary::ObjectKey;

use super::{MIB, body, create, object, subjects};

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

#[tokio::test(flavor = "multi_thread")]
async fn of_writers_at_once_exactly_one_creates_the_key() {
    for subject in subjects().await {
        // moto checks whether a key exists and creates it in two steps.
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
