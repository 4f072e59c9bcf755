//! Uploads that the store aborts, or refuses to commit.

use aws_sdk_s3::config::RequestChecksumCalculation;
use bytes::Bytes;
use highwater::backend::aws::Aws;
use highwater::backend::error::{Error, chain};
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{Commit, ObjectStore as _};

use super::{FORBIDDEN, assert_denied, create, once, s3, s3_error};
use crate::stores::answers::{Answer, Answers};
use crate::stores::chain as aws_chain;
use crate::stores::objects::object;

/// Answers like S3 up to the last step, to which the answer is `last`.
async fn upload_ending_in(last: &'static str, code: &'static str) -> Answers {
    Answers::serve(move |request| {
        let begun = "<InitiateMultipartUploadResult><UploadId>u1</UploadId>\
                     </InitiateMultipartUploadResult>";
        match request.split_once(' ').expect("a request line") {
            ("POST", target) if target.contains("uploads") => Answer("200 OK", begun.to_owned()),
            ("PUT", target) if target.contains("partNumber") => {
                Answer("200 OK\r\nETag: \"e\"", String::new())
            }
            ("DELETE", _) => Answer("204 No Content", String::new()),
            _ => Answer(last, s3_error(code, "a message")),
        }
    })
    .await
}

#[tokio::test]
async fn a_conflict_is_told_from_an_existing_key_and_both_give_the_upload_up() {
    let conflict = |code: &str| Commit::Conflict(format!("a message ({code}, HTTP 409)"));
    for (head, code, expected) in [
        (
            "409 Conflict",
            "ConditionalRequestConflict",
            conflict("ConditionalRequestConflict"),
        ),
        (
            "409 Conflict",
            "OperationAborted",
            conflict("OperationAborted"),
        ),
        (
            "412 Precondition Failed",
            "PreconditionFailed",
            Commit::Exists,
        ),
    ] {
        for bytes in [100, 17 << 20] {
            let server = upload_ending_in(head, code).await;
            let commit = create(&s3(&server).await, bytes).await.expect(code);
            let said = server.endpoint.clone() + ": ";
            assert_eq!(without(commit, &said), expected, "{bytes}");
            let aborted = server.seen().iter().any(|seen| seen.starts_with("DELETE"));
            assert_eq!(aborted, bytes > 16 << 20, "{:?}", server.seen());
        }
    }
}

/// `commit`, with `before` removed from the answer of a conflict.
fn without(commit: Commit, before: &str) -> Commit {
    match commit {
        Commit::Conflict(answer) => Commit::Conflict(answer.replacen(before, "", 1)),
        other => other,
    }
}

// S3 may begin to answer a completion before it knows how the completion ends.
#[tokio::test]
async fn a_completion_that_fails_behind_a_200_says_so_by_its_code() {
    for (code, expected) in [
        ("PreconditionFailed", true),
        ("ConditionalRequestConflict", false),
    ] {
        let server = upload_ending_in("200 OK", code).await;
        let commit = create(&s3(&server).await, 17 << 20).await.expect(code);
        match commit {
            Commit::Exists => assert!(expected, "{code}"),
            Commit::Conflict(answer) => assert!(!expected && answer.contains(code), "{answer}"),
            Commit::Created => panic!("{code}"),
        }
        let aborted = server.seen().iter().any(|seen| seen.starts_with("DELETE"));
        assert!(aborted, "{:?}", server.seen());
    }
}

#[tokio::test]
async fn a_conflict_that_is_of_no_other_writer_is_a_failure_with_the_text_of_the_store() {
    for bytes in [100, 17 << 20] {
        let server = upload_ending_in("409 Conflict", "InvalidBucketState").await;
        let error = create(&s3(&server).await, bytes)
            .await
            .expect_err("refused");
        assert!(matches!(error, Error::Failed { .. }), "{error:?}");
        let text = chain(&error).join(": ");
        assert!(
            text.contains("a message (InvalidBucketState, HTTP 409)"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_store_without_conditional_writes_is_said_to_be_unfit() {
    for bytes in [100, 17 << 20] {
        let server = upload_ending_in("501 Not Implemented", "NotImplemented").await;
        let error = create(&s3(&server).await, bytes)
            .await
            .expect_err("refused");
        let step = error.next_step();
        assert!(
            step.contains("does not honour conditional writes"),
            "{step}"
        );
    }
}

#[tokio::test]
async fn an_upload_that_has_vanished_has_to_be_done_again() {
    let server = Answers::serve(|request| match request {
        request if request.starts_with("HEAD") => Answer("404 Not Found", String::new()),
        request if request.contains("uploads") => Answer(
            "200 OK",
            "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
        ),
        request if request.starts_with("PUT") => Answer("200 OK\r\nETag: \"e\"", String::new()),
        _ => Answer("404 Not Found", s3_error("NoSuchUpload", "gone")),
    })
    .await;
    let commit = create(&s3(&server).await, 17 << 20).await;
    let gone = "the upload is gone, and there is no object".to_owned();
    assert_eq!(commit.expect("an answer"), Commit::Conflict(gone));
}

#[tokio::test]
async fn a_part_that_fails_fails_the_upload_and_nothing_is_committed() {
    let server = Answers::serve(|request| match request {
        request if request.contains("uploads") => Answer(
            "200 OK",
            "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
        ),
        request if request.contains("partNumber=2") => {
            Answer(FORBIDDEN, s3_error("AccessDenied", "Access Denied"))
        }
        request if request.starts_with("PUT") => Answer("200 OK\r\nETag: \"e\"", String::new()),
        request if request.starts_with("DELETE") => Answer("204 No Content", String::new()),
        _ => Answer("200 OK", "<CompleteMultipartUploadResult/>".to_owned()),
    })
    .await;
    let store = s3(&server).await;
    assert_denied(
        create(&store, 17 << 20).await.err(),
        "s3:PutObject",
        "Access",
    );
    assert_denied(
        create(&store, 24 << 20).await.err(),
        "s3:PutObject",
        "Access",
    );
    // Not even if the caller continues after the error.
    let mut upload = store.create(object("a.jsonl")).await.expect("begun");
    for _ in 0..5 {
        let _ = upload.write(Bytes::from(vec![b'x'; 5 << 20])).await;
    }
    upload.commit().await.expect_err("a part is missing");
    let completed = |seen: &String| seen.starts_with("POST") && seen.contains("uploadId=u1");
    assert!(!server.seen().iter().any(completed), "{:?}", server.seen());
    let aborts = server
        .seen()
        .iter()
        .filter(|seen| seen.starts_with("DELETE"))
        .count();
    assert_eq!(aborts, 3, "{:?}", server.seen());
}

/// A store whose policy denies unsigned bodies.
async fn wanting_signatures(last: &'static str) -> Answers {
    Answers::to(move |asked| {
        let unsigned = asked
            .headers
            .contains("x-amz-content-sha256: unsigned-payload");
        match asked.line.split_once(' ').expect("a request line") {
            ("POST", target) if target.contains("uploads") => Answer(
                "200 OK",
                "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
            ),
            ("PUT", _) if unsigned => Answer(FORBIDDEN, s3_error("AccessDenied", "Access Denied")),
            ("PUT", _) if last == FORBIDDEN => {
                Answer(last, s3_error("AccessDenied", "Access Denied"))
            }
            ("PUT", _) => Answer(last, String::new()),
            ("DELETE", _) => Answer("204 No Content", String::new()),
            _ => Answer("200 OK", "<CompleteMultipartUploadResult/>".to_owned()),
        }
    })
    .await
}

#[tokio::test]
async fn a_store_that_wants_bodies_signed_gets_them_signed_from_then_on() {
    let puts = |server: &Answers| {
        let asked = server.asked().into_iter();
        let puts = asked.filter(|asked| asked.line.starts_with("PUT"));
        puts.filter(|put| put.headers.contains("unsigned-payload"))
            .count()
    };
    for bytes in [100, 17 << 20] {
        let server = wanting_signatures("200 OK\r\nETag: \"e\"").await;
        let store = s3(&server).await;
        let commit = create(&store, bytes).await.expect("written");
        assert_eq!(commit, Commit::Created, "{bytes}");
        let before = puts(&server);
        assert!((1..=3).contains(&before), "{:?}", server.seen());
        create(&store, bytes).await.expect("written");
        assert_eq!(puts(&server), before, "{:?}", server.seen());
    }
    // If that is not the reason, nothing is concluded from the refusal.
    let server = wanting_signatures(FORBIDDEN).await;
    let store = s3(&server).await;
    for tried in 1..=2 {
        let refused = create(&store, 100).await.err();
        assert_denied(refused, "s3:PutObject", "Access Denied");
        assert_eq!(puts(&server), tried);
    }
}

/// A store that answers every step of an upload like S3, with a checksum for each part.
async fn checking() -> Answers {
    Answers::serve(|request| match request {
        request if request.contains("uploads") => Answer(
            "200 OK",
            "<R><UploadId>u1</UploadId></R>".replace('R', "InitiateMultipartUploadResult"),
        ),
        request if request.starts_with("PUT") => Answer(
            "200 OK\r\nETag: \"e\"\r\nx-amz-checksum-crc32: AAAAAA==",
            String::new(),
        ),
        _ => Answer("200 OK", "<CompleteMultipartUploadResult/>".to_owned()),
    })
    .await
}

#[tokio::test]
async fn an_upload_is_begun_with_the_checksum_that_its_completion_lists() {
    for (calculation, sent) in [
        (RequestChecksumCalculation::WhenSupported, true),
        (RequestChecksumCalculation::WhenRequired, false),
    ] {
        let server = checking().await;
        let loader = aws_chain(&server.endpoint).request_checksum_calculation(calculation);
        let store = S3Store::new(&Aws::from_loader(loader, once()).await, "a-bucket");
        let commit = create(&store, 17 << 20).await.expect("an answer");
        assert_eq!(commit, Commit::Created);
        let asked = server.asked();
        let (begun, completed) = (asked.first(), asked.last());
        let (begun, completed) = (begun.expect("begun"), completed.expect("completed"));
        assert!(begun.line.contains("uploads"), "{begun:?}");
        let announced = begun.headers.contains("x-amz-checksum-algorithm: crc32");
        assert_eq!(announced, sent, "{begun:?}");
        let listed = completed.body.contains("<ChecksumCRC32>AAAAAA==<");
        assert_eq!(listed, sent, "{completed:?}");
    }
}

#[tokio::test]
async fn a_store_that_knows_no_checksums_is_not_said_to_know_no_conditions() {
    let refusals = [
        (
            "501 Not Implemented",
            "NotImplemented",
            "Header 'x-amz-checksum-crc32' with value 'AAAAAA==' not implemented",
        ),
        (
            "400 Bad Request",
            "InvalidArgument",
            "Unsupported header 'x-amz-checksum-crc32' received for this API call.",
        ),
    ];
    for (status, code, message) in refusals {
        let server = Answers::serve(move |_| Answer(status, s3_error(code, message))).await;
        for bytes in [100, 17 << 20] {
            let error = create(&s3(&server).await, bytes)
                .await
                .expect_err("refused");
            let step = error.next_step();
            let expected = "set AWS_REQUEST_CHECKSUM_CALCULATION=when_required";
            assert!(step.starts_with(expected), "{step}");
        }
    }
}
