//! Stores that are down, or that never answer.

use std::time::{Duration, Instant};

use bytes::Bytes;
use highwater::backend::aws::{Aws, Limits};
use highwater::backend::error::{Error, chain};
use highwater::backend::objects::ObjectStore;
use highwater::backend::objects::s3::S3Store;
use highwater::backend::parameters::ssm::SsmStore;
use highwater::backend::parameters::{NewValue, ParameterStore};
use highwater::vocabulary::{ObjectKey, ParameterName};
use tokio::net::TcpListener;

use super::objects::object;
use super::{HASTY, chain as aws_chain};

/// Far above the limits, and far below the ten minutes of a hanging test.
const BOUND: Duration = Duration::from_secs(20);

/// The error of every operation of both stores against `endpoint`.
async fn errors_of(endpoint: &str, limits: Limits) -> Vec<(&'static str, Error)> {
    let aws = Aws::from_loader(aws_chain(endpoint), limits).await;
    let (parameters, objects) = (SsmStore::new(&aws), S3Store::new(&aws, "a-bucket"));
    let (name, key) = (
        ParameterName::new("/a/timestamp"),
        ObjectKey::new("a.jsonl"),
    );
    let mut errors = Vec::new();
    let mut note = |operation, error: Option<Error>| {
        errors.push((operation, error.expect("an endpoint that is not there")));
    };
    note(
        "get",
        parameters.get(std::slice::from_ref(&name)).await.err(),
    );
    note(
        "put",
        parameters.put(&name, NewValue::over("1", "")).await.err(),
    );
    note("history", parameters.history(&name).await.err());
    note("names", parameters.names("/a/").await.err());
    note("head", objects.head(&key).await.err());
    note("list", objects.list("", None, 10).await.err());
    note("uploads", objects.uploads("").await.err());
    note("read", objects.read(&key, 0, 10).await.err());
    let mut small = objects.create(object("a.jsonl")).await.expect("begun");
    small
        .write(Bytes::from_static(b"{}\n"))
        .await
        .expect("gathered");
    note("commit", small.commit().await.err());
    let mut large = objects.create(object("a.jsonl")).await.expect("begun");
    note(
        "multipart",
        large.write(vec![b'x'; 17 << 20].into()).await.err(),
    );
    large.abort().await.expect("nothing has begun");
    errors
}

fn assert_unavailable(errors: &[(&str, Error)], endpoint: &str) {
    for (operation, error) in errors {
        assert!(error.is_unavailable(), "{operation}: {error:?}");
        let text = chain(error).join("\n");
        assert!(text.contains(endpoint), "{operation}: {text}");
        for noise in [
            "ConnectorError",
            "SdkError",
            "dispatch failure",
            "{",
            "Some(",
        ] {
            assert!(!text.contains(noise), "{operation}: {text}");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    // The connection is refused at once, but the machine may be busy: no limit may come first.
    let unhurried = Limits {
        attempt: BOUND,
        operation: BOUND,
        ..HASTY
    };
    let errors = errors_of(&endpoint, unhurried).await;
    assert_unavailable(&errors, &endpoint);
    let text = chain(&errors[0].1).join("\n");
    assert!(text.contains("Connection refused"), "{text}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_unavailable_within_its_limits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    // The kernel accepts connections, but nobody ever reads from them.
    let start = Instant::now();
    let errors = errors_of(&endpoint, HASTY).await;
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    assert_unavailable(&errors, &endpoint);
    drop(listener);
}
