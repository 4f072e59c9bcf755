//! What `highwater check` learns about a store by creating an object.

use std::sync::atomic::{AtomicBool, Ordering};

use highwater::backend::aws::{Aws, Limits};
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{ObjectStore as _, Stays};

use super::answers::{Answer, Answers};
use super::chain;
use super::objects::object;

/// A store that honours conditional writes, and answers HEAD requests with `head`.
async fn keeping_conditions(head: String) -> Answers {
    let exists = AtomicBool::new(false);
    let head: &'static str = head.leak();
    let exists_now = || {
        let refusal = "<Error><Code>PreconditionFailed</Code></Error>";
        Answer("412 Precondition Failed", refusal.to_owned())
    };
    Answers::serve(
        move |request| match request.split_once(' ').expect("a request line") {
            ("HEAD", _) => Answer(head, String::new()),
            ("DELETE", _) => Answer("204 No Content", String::new()),
            ("POST", target) if target.contains("uploads") => Answer(
                "200 OK",
                "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
            ),
            ("PUT", target)
                if !target.contains("partNumber") && exists.swap(true, Ordering::SeqCst) =>
            {
                exists_now()
            }
            ("PUT", _) => Answer("200 OK\r\nETag: \"e\"", String::new()),
            _ => exists_now(),
        },
    )
    .await
}

#[tokio::test]
async fn a_store_that_keeps_no_metadata_is_said_to_be_unfit() {
    let tried = object("_highwater/check");
    let kept = tried.metadata.to_map().into_iter();
    let kept = kept.fold("200 OK".to_owned(), |head, (name, value)| {
        head + "\r\nX-Amz-Meta-" + &name + ": " + &value
    });
    for (head, is_fit) in [(kept, true), ("200 OK".to_owned(), false)] {
        let server = keeping_conditions(head).await;
        let aws = Aws::from_loader(chain(&server.endpoint), Limits::default()).await;
        let store = S3Store::new(&aws, "a-bucket");
        match store.try_twice(tried.clone()).await {
            Ok(stays) => assert!(is_fit && stays == Stays(false), "{:?}", server.seen()),
            Err(error) => {
                let step = error.next_step();
                assert!(!is_fit, "{error:?}");
                assert!(step.starts_with("use another object store"), "{step}");
            }
        }
        let deleted = server.seen().iter().any(|seen| seen.starts_with("DELETE"));
        assert!(deleted, "{:?}", server.seen());
    }
}
