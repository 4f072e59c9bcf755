//! Headers that the policy of a bucket requires with each object.

use std::collections::BTreeMap;

use highwater::backend::aws::{Aws, Limits};
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{Commit, ObjectStore as _};

use super::answers::{Answer, Answers};
use super::chain;
use super::objects::{body, create, object};

const ENCRYPTION: &str = "x-amz-server-side-encryption";

/// A store whose policy denies creating objects without the encryption header.
async fn demanding() -> Answers {
    Answers::to(|asked| {
        let says = asked
            .headers
            .contains(&format!("\n{ENCRYPTION}: aws:kms\n"));
        let signed = asked.headers.contains(&format!(";{ENCRYPTION};"));
        match asked.line.split_once(' ').expect("a request line") {
            ("PUT", target) if target.contains("partNumber") && !says => {
                Answer("200 OK\r\nETag: \"e\"", String::new())
            }
            ("PUT", _) if says && signed => Answer("200 OK\r\nETag: \"e\"", String::new()),
            ("POST", target) if target.contains("uploads") && says && signed => Answer(
                "200 OK",
                "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
            ),
            ("POST", target) if target.contains("uploadId") && !says => {
                Answer("200 OK", "<CompleteMultipartUploadResult/>".to_owned())
            }
            _ => Answer(
                "403 Forbidden",
                "<Error><Code>AccessDenied</Code></Error>".to_owned(),
            ),
        }
    })
    .await
}

#[tokio::test]
async fn what_the_policy_of_a_bucket_wants_goes_with_each_object_and_is_signed() {
    let headers = BTreeMap::from([(ENCRYPTION.to_owned(), "aws:kms".to_owned())]);
    for bytes in [100, 17 << 20] {
        let server = demanding().await;
        let aws = Aws::from_loader(chain(&server.endpoint), Limits::default()).await;
        let plain = S3Store::new(&aws, "a-bucket");
        let mut refused = plain.create(object("a.jsonl")).await.expect("begun");
        let written = refused.write(body(bytes)).await;
        assert!(
            written.is_err() || refused.commit().await.is_err(),
            "{bytes}"
        );
        let store = S3Store::new(&aws, "a-bucket").with_headers(&headers);
        let commit = create(&store, object("a.jsonl"), &body(bytes)).await;
        assert_eq!(commit, Commit::Created, "{:?}", server.seen());
    }
}
