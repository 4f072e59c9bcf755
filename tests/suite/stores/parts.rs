//! Reading parts of a body.

use std::sync::atomic::{AtomicUsize, Ordering};

use highwater::backend::aws::{Aws, Limits};
use highwater::backend::error::{Error, chain};
use highwater::backend::objects::ObjectStore as _;
use highwater::backend::objects::s3::S3Store;
use highwater::vocabulary::ObjectKey;

use super::answers::{Answer, Answers};
use super::chain as aws_chain;
use crate::support::fault_proxy::{Fault, Operation, on};
use crate::support::{FaultProxy, emulators, unique};

async fn s3(server: &Answers) -> S3Store {
    let aws = Aws::from_loader(aws_chain(&server.endpoint), Limits::default()).await;
    S3Store::new(&aws, "a-bucket")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_asked_for_again() {
    for emulator in emulators() {
        let bucket = unique("parts");
        emulator.create_bucket(&bucket).await;
        let body = vec![b'x'; 300_000];
        let put = emulator.s3().put_object().bucket(&bucket).key("a.jsonl");
        put.body(body.clone().into()).send().await.expect("planted");
        let proxy = FaultProxy::before(&emulator).await;
        let aws = Aws::from_loader(aws_chain(proxy.endpoint()), Limits::default()).await;
        let store = S3Store::new(&aws, &bucket);
        let key = ObjectKey::new("a.jsonl");
        proxy.follow(&[on(Operation::GetObject, Fault::CutAnswer).times(2)]);
        let read = store.read(&key, 0, 1 << 20).await.expect("read");
        assert!(read.is_some_and(|read| read == body), "{}", emulator.name());
        proxy.follow(&[on(Operation::GetObject, Fault::CutAnswer).always()]);
        let error = store.read(&key, 0, 1 << 20).await.expect_err("cut off");
        assert!(error.is_unavailable(), "{error:?}");
    }
}

// A reader that fetches one part after the other would never reach the end.
#[tokio::test]
async fn a_store_that_sends_more_than_the_part_is_not_believed() {
    let server = Answers::serve(|_| Answer("200 OK", "0123456789".to_owned())).await;
    let store = s3(&server).await;
    let key = ObjectKey::new("a.jsonl");
    for (offset, length) in [(0, 9), (1, 20), (10, 1)] {
        let error = store
            .read(&key, offset, length)
            .await
            .expect_err("all of it");
        assert!(matches!(error, Error::Failed { .. }), "{error:?}");
        let text = chain(&error).join(": ");
        assert!(text.contains("sends the whole body"), "{text}");
    }
    let all = store.read(&key, 0, 10).await.expect("read");
    assert_eq!(all.as_deref(), Some(&b"0123456789"[..]));
}

#[tokio::test]
async fn a_store_that_gets_too_many_requests_is_asked_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let server = Answers::serve(|_| {
        if ASKED.fetch_add(1, Ordering::SeqCst) < 2 {
            return Answer("429 Too Many Requests", String::new());
        }
        Answer("200 OK", String::new())
    })
    .await;
    let head = s3(&server).await.head(&ObjectKey::new("a.jsonl")).await;
    assert!(head.expect("answered at last").is_some());
    assert_eq!(server.seen().len(), 3, "{:?}", server.seen());
}
