//! Refusals that name their reason.

use highwater::backend::error::Error;
use highwater::backend::objects::ObjectStore as _;
use highwater::backend::parameters::{NewValue, ParameterStore as _};
use highwater::vocabulary::{ObjectKey, ParameterName};

use super::{BAD_REQUEST, FORBIDDEN, assert_denied, create, s3, s3_error, ssm, ssm_error};
use crate::stores::answers::{Answer, Answers};

const KEY: &str = "arn:aws:kms:eu-west-2:1:key/k";

/// The text of a refusal, in the words of AWS.
fn not_authorized(action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::1:user/ada is not authorized to perform: {action} on resource: \
         {resource} because no identity-based policy allows the {action} action"
    )
}

#[tokio::test]
async fn a_permission_of_another_service_is_named_with_what_it_is_for() {
    let server = Answers::serve(|request| {
        if request.starts_with("POST / ") || request == "POST /" {
            let message = not_authorized("kms:Decrypt", KEY);
            return Answer(BAD_REQUEST, ssm_error("AccessDeniedException", &message));
        }
        let message = not_authorized("kms:GenerateDataKey", KEY);
        Answer(FORBIDDEN, s3_error("AccessDenied", &message))
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let read = ssm(&server).await.get(&[name]).await;
    let written = create(&s3(&server).await, 10).await;
    for (error, action) in [
        (read.expect_err("refused"), "kms:Decrypt"),
        (written.expect_err("refused"), "kms:GenerateDataKey"),
    ] {
        let step = error.next_step();
        let advised = format!("grant {action} on {KEY}; ");
        assert!(step.starts_with(&advised), "{step}");
        assert_denied(Some(error), action, action);
    }
}

#[tokio::test]
async fn of_the_permissions_of_a_call_the_one_that_is_missing_is_named() {
    let server = Answers::serve(|_| {
        let object = "\"arn:aws:s3:::a-bucket/a.jsonl\"";
        let message = not_authorized("s3:GetObject", object);
        Answer(FORBIDDEN, s3_error("AccessDenied", &message))
    })
    .await;
    let key = ObjectKey::new("a.jsonl");
    let error = s3(&server).await.read(&key, 0, 1).await;
    let error = error.expect_err("refused");
    let step = error.next_step();
    assert!(step.starts_with("grant s3:GetObject; "), "{step}");
    assert_denied(Some(error), "s3:GetObject", "not authorized");
}

// The reason comes from a listing, and reading the object may not be allowed either.
#[tokio::test]
async fn a_head_that_is_not_allowed_may_lack_both_permissions() {
    let server = Answers::serve(|_| {
        let message = not_authorized("s3:ListBucket", "\"arn:aws:s3:::a-bucket\"");
        Answer(FORBIDDEN, s3_error("AccessDenied", &message))
    })
    .await;
    let head = s3(&server).await.head(&ObjectKey::new("a.jsonl")).await;
    let both = "s3:GetObject and s3:ListBucket";
    assert_denied(head.err(), both, "perform: s3:ListBucket");
}

// Does not suggest other credentials: the ones in use are good.
#[tokio::test]
async fn a_clock_that_is_wrong_is_to_be_set() {
    let server = Answers::serve(|request| {
        if request.starts_with("POST / ") || request == "POST /" {
            let message = "Signature expired: 20240516T100000Z is now earlier than 20240516T101000Z (20240516T101500Z - 5 min.)";
            return Answer(BAD_REQUEST, ssm_error("InvalidSignatureException", message));
        }
        let message = "The difference between the request time and the current time is too large.";
        Answer(FORBIDDEN, s3_error("RequestTimeTooSkewed", message))
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let key = ObjectKey::new("a.jsonl");
    let errors = [
        ssm(&server).await.get(&[name]).await.err(),
        s3(&server).await.head(&key).await.err(),
        s3(&server).await.read(&key, 0, 1).await.err(),
    ];
    for error in errors {
        let error = error.expect("refused");
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!error.lacks_credentials(), "{error:?}");
        let step = error.next_step();
        assert!(step.starts_with("set the clock of this machine"), "{step}");
    }
}

#[tokio::test]
async fn where_a_policy_denies_no_grant_is_advised() {
    let server = Answers::serve(|_| {
        let message = "User: arn:aws:iam::1:user/ada is not authorized to perform: s3:PutObject on resource: \
                       \"arn:aws:s3:::a-bucket/a.jsonl\" with an explicit deny in a resource-based policy";
        Answer(FORBIDDEN, s3_error("AccessDenied", message))
    })
    .await;
    let store = s3(&server).await;
    for bytes in [10, 17 << 20] {
        let error = create(&store, bytes).await.expect_err("refused");
        let step = error.next_step();
        let expected = "see under which condition the resource-based policy denies s3:PutObject";
        assert!(step.starts_with(expected), "{step}");
        assert!(step.contains("objects.headers"), "{step}");
        assert_denied(Some(error), "s3:PutObject", "explicit deny");
    }
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_no_permission_of_the_store() {
    let server = Answers::serve(|_| {
        let message = "The ciphertext refers to a customer master key that does not exist, does not exist in \
                       this region, or you are not allowed to access.";
        Answer(BAD_REQUEST, ssm_error("AccessDeniedException", message))
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let error = ssm(&server).await.get(&[name]).await.expect_err("refused");
    let step = error.next_step();
    assert!(
        step.starts_with("grant kms:Decrypt on the KMS key"),
        "{step}"
    );
    assert_denied(Some(error), "kms:Decrypt", "customer master key");
}

#[tokio::test]
async fn an_account_that_is_full_of_parameters_says_how_to_make_room() {
    let server = Answers::serve(|_| {
        let message = "Parameter limit of 10000 exceeded";
        Answer(BAD_REQUEST, ssm_error("ParameterLimitExceeded", message))
    })
    .await;
    let name = ParameterName::new("/a/timestamp");
    let error = ssm(&server)
        .await
        .put(&name, NewValue::first("1", ""))
        .await;
    let error = error.expect_err("full");
    assert!(!error.is_unavailable(), "{error:?}");
    let step = error.next_step();
    assert!(
        step.contains("--setting-value Intelligent-Tiering"),
        "{step}"
    );
}
