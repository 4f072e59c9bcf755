//! Answers to a HEAD, which have no body: the reason for a refusal has to be found out by other
//! means.

use highwater::backend::error::{Error, chain};
use highwater::backend::objects::ObjectStore as _;
use highwater::vocabulary::ObjectKey;

use super::{FORBIDDEN, assert_denied, create, s3, s3_error};
use crate::stores::answers::{Answer, Answers};

/// A store that answers HEAD requests with `head`, and listings with `listing`.
async fn store(head: &'static str, listing: (&'static str, String)) -> Answers {
    Answers::serve(move |request| match request {
        request if request.starts_with("HEAD") => Answer(head, String::new()),
        request if request.contains("list-type=2") => Answer(listing.0, listing.1.clone()),
        request if request.contains("uploads") => Answer(
            "200 OK",
            "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
        ),
        request if request.starts_with("PUT") => Answer("200 OK\r\nETag: \"e\"", String::new()),
        request if request.starts_with("DELETE") => Answer("204 No Content", String::new()),
        _ => Answer("404 Not Found", s3_error("NoSuchUpload", "gone")),
    })
    .await
}

/// The errors of looking for an object, and of an upload that has vanished.
async fn both(server: &Answers) -> [Error; 2] {
    let store = s3(server).await;
    let head = store.head(&ObjectKey::new("a/1.jsonl")).await;
    let vanished = create(&store, 17 << 20).await;
    [head.expect_err("refused"), vanished.expect_err("refused")]
}

#[tokio::test]
async fn a_head_that_is_refused_without_a_reason_is_explained_by_a_listing_of_its_key() {
    for (head, code, message) in [
        ("400 Bad Request", "ExpiredToken", "The token has expired"),
        (FORBIDDEN, "InvalidAccessKeyId", "No such key id"),
    ] {
        let server = store(head, (head, s3_error(code, message))).await;
        for error in both(&server).await {
            assert_denied(Some(error), "valid AWS credentials", message);
        }
        let asked = "GET /a-bucket/?list-type=2&max-keys=1&prefix=a%2F1.jsonl";
        assert!(
            server.seen().contains(&asked.to_owned()),
            "{:?}",
            server.seen()
        );
    }
}

#[tokio::test]
async fn a_head_that_is_refused_where_a_listing_is_not_means_what_it_says() {
    let reading = "s3:GetObject and s3:ListBucket";
    let empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    // Neither a listing that is allowed nor one that fails without a reason tells anything more.
    for listing in [("200 OK", empty), (FORBIDDEN, "")] {
        let server = store(FORBIDDEN, (listing.0, listing.1.to_owned())).await;
        for error in both(&server).await {
            assert_denied(Some(error), reading, "HTTP 403");
        }
    }
    let server = store("400 Bad Request", ("200 OK", empty.to_owned())).await;
    for error in both(&server).await {
        assert!(matches!(error, Error::Failed { .. }), "{error:?}");
        let text = chain(&error).join(": ");
        assert!(text.contains("the bucket is elsewhere"), "{text}");
    }
}
