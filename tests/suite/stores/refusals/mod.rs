//! Stores that answer, but refuse.

mod heads;
mod listings;
mod reasons;
mod uploads;

use aws_config::Region;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::error::CredentialsError;
use highwater::backend::aws::{Aws, Limits};
use highwater::backend::error::{Error, chain};
use highwater::backend::objects::s3::S3Store;
use highwater::backend::objects::{Commit, ObjectStore, OpenUpload};
use highwater::backend::parameters::ssm::SsmStore;
use highwater::backend::parameters::{NewValue, ParameterStore as _};
use highwater::vocabulary::{ObjectKey, ParameterName};

use super::answers::{Answer, Answers};
use super::objects::object;
use super::{aws, chain as aws_chain};
use crate::support::{emulators, unique};

const FORBIDDEN: &str = "403 Forbidden";
const BAD_REQUEST: &str = "400 Bad Request\r\nContent-Type: application/x-amz-json-1.1";

/// A single attempt, because every further one would get the same answer.
fn once() -> Limits {
    Limits {
        attempts: 1,
        patience: std::time::Duration::ZERO,
        ..Limits::default()
    }
}

fn s3_error(code: &str, message: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
}

fn ssm_error(code: &str, message: &str) -> String {
    format!(r#"{{"__type":"{code}","message":"{message}"}}"#)
}

async fn s3(server: &Answers) -> S3Store {
    let aws = Aws::from_loader(aws_chain(&server.endpoint), once()).await;
    S3Store::new(&aws, "a-bucket")
}

async fn ssm(server: &Answers) -> SsmStore {
    SsmStore::new(&Aws::from_loader(aws_chain(&server.endpoint), once()).await)
}

/// Creates an object with a body of `bytes`.
async fn create(store: &dyn ObjectStore, bytes: usize) -> Result<Commit, Error> {
    let mut upload = store.create(object("a.jsonl")).await?;
    if let Err(error) = upload.write(vec![b'x'; bytes].into()).await {
        upload.abort().await?;
        return Err(error);
    }
    upload.commit().await
}

fn assert_denied(error: Option<Error>, permission: &str, cause: &str) {
    match error {
        Some(Error::Denied {
            permission: needed,
            cause: text,
            ..
        }) => {
            assert_eq!(needed, permission);
            assert!(text.to_string().contains(cause), "{text}");
        }
        other => panic!("{permission}: {other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_of_s3_names_the_permission_and_is_never_taken_for_absent() {
    let server =
        Answers::serve(|_| Answer(FORBIDDEN, s3_error("AccessDenied", "Access Denied"))).await;
    let store = s3(&server).await;
    let key = ObjectKey::new("a.jsonl");
    let reading = "s3:GetObject and s3:ListBucket";
    assert_denied(store.head(&key).await.err(), reading, "HTTP 403");
    assert_denied(store.read(&key, 0, 1).await.err(), reading, "Access Denied");
    let listed = store.list("", None, 1).await.err();
    assert_denied(listed, "s3:ListBucket", "Access Denied");
    let uploads = store.uploads("").await.err();
    let listing = "s3:ListBucketMultipartUploads";
    assert_denied(uploads, listing, "Access Denied");
    let upload = OpenUpload {
        id: "u1".to_owned(),
        key,
        begun: chrono::Utc::now(),
    };
    let aborted = store.abort_upload(&upload).await.err();
    assert_denied(aborted, "s3:AbortMultipartUpload", "Access Denied");
    for bytes in [10, 17 << 20] {
        let created = create(&store, bytes).await.err();
        assert_denied(created, "s3:PutObject", "Access Denied");
    }
}

#[tokio::test]
async fn a_refusal_of_ssm_names_the_permission() {
    let server = Answers::serve(|_| {
        let message = "User: arn:aws:iam::1:user/ada is not authorized";
        Answer(BAD_REQUEST, ssm_error("AccessDeniedException", message))
    })
    .await;
    let store = ssm(&server).await;
    let name = ParameterName::new("/a/timestamp");
    let cause = "user/ada is not authorized";
    let got = store.get(std::slice::from_ref(&name)).await.err();
    assert_denied(got, "ssm:GetParameters", cause);
    let put = store.put(&name, NewValue::first("1", "")).await.err();
    assert_denied(put, "ssm:PutParameter", cause);
    let history = store.history(&name).await.err();
    assert_denied(history, "ssm:GetParameterHistory", cause);
    let names = store.names("/a/").await.err();
    assert_denied(names, "ssm:DescribeParameters", cause);
}

#[tokio::test]
async fn credentials_that_are_wrong_or_expired_are_said_to_be() {
    let server = Answers::serve(|request| {
        if request.starts_with("POST / ") || request == "POST /" {
            let body = ssm_error("ExpiredTokenException", "The security token is expired");
            return Answer(BAD_REQUEST, body);
        }
        Answer(FORBIDDEN, s3_error("InvalidAccessKeyId", "No such key id"))
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let got = ssm(&server).await.get(&[name]).await.err();
    assert_denied(got, "valid AWS credentials", "token is expired");
    let listed = s3(&server).await.list("", None, 1).await.err();
    assert_denied(listed, "valid AWS credentials", "No such key id");
}

#[tokio::test]
async fn without_credentials_the_error_says_what_to_set() {
    let server = Answers::serve(|_| Answer(FORBIDDEN, String::new())).await;
    let none = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded_no_source()) });
    let loader = aws_chain(&server.endpoint).credentials_provider(none);
    let aws = Aws::from_loader(loader, once()).await;
    let name = ParameterName::new("/a/timestamp");
    let got = SsmStore::new(&aws).get(&[name]).await.err();
    assert_denied(got, "valid AWS credentials", "AWS_PROFILE");
    let listed = S3Store::new(&aws, "a-bucket").list("", None, 1).await.err();
    assert_denied(
        listed,
        "valid AWS credentials",
        "no AWS credentials were found",
    );
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn without_a_region_the_error_says_what_to_set() {
    let server = Answers::serve(|_| Answer(FORBIDDEN, String::new())).await;
    let loader = aws_chain(&server.endpoint).region(None::<Region>);
    let aws = Aws::from_loader(loader, once()).await;
    let name = ParameterName::new("/a/timestamp");
    let got = SsmStore::new(&aws).get(&[name]).await.err();
    let listed = S3Store::new(&aws, "a-bucket").list("", None, 1).await.err();
    for error in [got, listed].into_iter().flatten() {
        let text = chain(&error).join("\n");
        assert!(text.contains("no AWS region is set"), "{text}");
        assert!(text.contains("AWS_REGION"), "{text}");
        assert_eq!(
            error.next_step(),
            "set aws.region of the profile, or AWS_REGION"
        );
    }
}

#[tokio::test]
async fn throttling_and_faults_are_unavailable_and_other_errors_are_not() {
    for (head, code, unavailable) in [
        ("503 Slow Down", "SlowDown", true),
        ("500 Internal Server Error", "InternalError", true),
        ("400 Bad Request", "InvalidArgument", false),
        ("501 Not Implemented", "NotImplemented", false),
    ] {
        let server = Answers::serve(move |_| Answer(head, s3_error(code, "a message"))).await;
        let key = ObjectKey::new("a.jsonl");
        let error = s3(&server).await.read(&key, 0, 1).await.expect_err(code);
        assert_eq!(error.is_unavailable(), unavailable, "{code}: {error:?}");
        assert!(chain(&error).join("\n").contains(code), "{error:?}");
    }
    let server = Answers::serve(|_| {
        Answer(
            BAD_REQUEST,
            ssm_error("ThrottlingException", "Rate exceeded"),
        )
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let store = ssm(&server).await;
    let get = store.get(std::slice::from_ref(&name)).await;
    let put = store.put(&name, NewValue::over("1", "")).await;
    for error in [get.expect_err("throttled"), put.expect_err("throttled")] {
        assert!(error.is_unavailable(), "{error:?}");
        let text = chain(&error).join("\n");
        assert!(text.contains("Rate exceeded"), "{text}");
        let step = error.next_step();
        assert!(step.starts_with("run it again later"), "{step}");
    }
}

#[tokio::test]
async fn an_object_in_an_archive_is_no_missing_permission() {
    let state = "The operation is not valid for the object's storage class";
    let server = Answers::serve(move |_| Answer(FORBIDDEN, s3_error("InvalidObjectState", state)));
    let server = server.await;
    let store = s3(&server).await;
    let error = store.read(&ObjectKey::new("a.jsonl"), 0, 1).await;
    let error = error.expect_err("archived");
    assert!(matches!(error, Error::Failed { .. }), "{error:?}");
    let step = error.next_step();
    assert!(step.starts_with("restore it from its archive"), "{step}");
}

#[tokio::test]
async fn a_bucket_in_another_region_says_which_to_set() {
    let head = "301 Moved Permanently\r\nx-amz-bucket-region: us-east-1";
    let server = Answers::serve(move |_| Answer(head, s3_error("PermanentRedirect", "elsewhere")));
    let server = server.await;
    let store = s3(&server).await;
    let error = store.read(&ObjectKey::new("a.jsonl"), 0, 1).await;
    let step = error.expect_err("elsewhere").next_step();
    let expected = "set objects.region of the profile to \"us-east-1\", ";
    assert!(step.starts_with(expected), "{step}");
}

#[tokio::test]
async fn what_is_not_s3_is_not_taken_for_an_empty_bucket() {
    for head in ["404 Not Found", "200 OK"] {
        let server = Answers::serve(move |request| {
            let head = if request.starts_with("HEAD") {
                "404 Not Found"
            } else {
                head
            };
            Answer(head, "<html>Welcome!</html>".to_owned())
        })
        .await;
        let store = s3(&server).await;
        let error = store.head(&ObjectKey::new("a.jsonl")).await;
        let error = error.expect_err("no bucket there");
        assert!(matches!(error, Error::Failed { .. }), "{head}: {error:?}");
        let read = store.read(&ObjectKey::new("a.jsonl"), 0, 9).await;
        if head != "200 OK" {
            assert!(matches!(read, Err(Error::Failed { .. })), "{read:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_ssm_that_leaves_a_name_out_is_not_taken_for_a_first_run() {
    let server = Answers::serve(|_| {
        let head = "200 OK\r\nContent-Type: application/x-amz-json-1.1";
        Answer(
            head,
            r#"{"Parameters":[],"InvalidParameters":[]}"#.to_owned(),
        )
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let error = ssm(&server)
        .await
        .get(&[name])
        .await
        .expect_err("no answer");
    assert!(matches!(error, Error::Failed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_named() {
    for emulator in emulators() {
        let bucket = unique("nowhere");
        let store = S3Store::new(&aws(&emulator).await, &bucket);
        let key = ObjectKey::new("a.jsonl");
        let errors = [
            store.head(&key).await.err(),
            store.read(&key, 0, 1).await.err(),
            store.list("", None, 1).await.err(),
            create(&store, 10).await.err(),
            create(&store, 17 << 20).await.err(),
        ];
        for error in errors {
            let error = error.expect("no bucket");
            assert!(matches!(error, Error::Failed { .. }), "{error:?}");
            let text = chain(&error).join("\n");
            assert!(text.contains(&bucket), "{text}");
            assert!(text.contains("NoSuchBucket"), "{}: {text}", emulator.name());
            let next = format!("correct objects.bucket of the profile, or create bucket {bucket}");
            assert_eq!(error.next_step(), next);
        }
    }
}
