//! Listings in pages, some of which are empty.

use highwater::backend::error::{Error, chain};
use highwater::backend::objects::ObjectStore as _;

use super::s3;
use crate::stores::answers::{Answer, Answers};

/// A page with these keys. If `truncated`, more follow: at `next`, or the answer does not say where.
fn page(keys: &[&str], truncated: bool, next: Option<&str>) -> Answer {
    let contents = keys.iter().fold(String::new(), |all, key| {
        all + "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>"
    });
    let next = next.map_or_else(String::new, |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    Answer(
        "200 OK",
        format!(
            "<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{next}{contents}</ListBucketResult>"
        ),
    )
}

async fn keys(server: &Answers) -> Result<Vec<String>, Error> {
    let listed = s3(server).await.list("a/", None, 100).await?;
    Ok(listed.iter().map(|one| one.key.to_string()).collect())
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_of_a_listing_that_goes_on() {
    let server = Answers::serve(|request| match request {
        request if request.contains("continuation-token=t2") => page(&["a/1"], true, None),
        request if request.contains("continuation-token=t1") => page(&[], true, Some("t2")),
        request if request.contains("start-after=a%2F1") => page(&["a/2"], false, None),
        _ => page(&[], true, Some("t1")),
    })
    .await;
    let listed = keys(&server).await.expect("a listing");
    assert_eq!(listed, ["a/1", "a/2"], "{:?}", server.seen());
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_an_error_and_not_complete() {
    for next in [None, Some(""), Some("the same")] {
        let server = Answers::serve(move |_| page(&[], true, next)).await;
        let error = keys(&server).await.expect_err("no end");
        assert!(matches!(error, Error::Failed { .. }), "{next:?}: {error:?}");
        let text = chain(&error).join(": ");
        assert!(
            text.contains("does not say where the next begins"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_listing_of_uploads_that_breaks_off_is_an_error_and_not_complete() {
    for next in ["", "<NextKeyMarker>a/1</NextKeyMarker>"] {
        let body = format!(
            "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>{next}</ListMultipartUploadsResult>"
        );
        let server = Answers::serve(move |_| Answer("200 OK", body.clone())).await;
        let listed = s3(&server).await.uploads("a/").await;
        let error = listed.expect_err("no end");
        assert!(matches!(error, Error::Failed { .. }), "{next:?}: {error:?}");
    }
}
