//! The proxy named in the environment.

use super::answers::{Answer, Answers};
use super::sandbox_at;
use crate::support;

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_over_tls_goes_through_the_proxy_of_the_environment() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let get = ["--profile", "test", "params", "get", "payment"];
    let proxy =
        Answers::serve(|_| Answer("407 Proxy Authentication Required", String::new())).await;
    let address = proxy.endpoint.trim_start_matches("http://");
    let far = "https://ssm.nowhere.invalid";
    for (name, value) in [
        ("HTTPS_PROXY", proxy.endpoint.as_str()),
        ("all_proxy", address),
    ] {
        let mut sandbox = sandbox_at(&database, far);
        sandbox.set(name, value);
        let before = proxy.seen().len();
        let told = sandbox.run(&get).expect_code(1).stderr;
        let seen = proxy.seen();
        let connect = "CONNECT ssm.nowhere.invalid:443".to_owned();
        assert!(seen[before..].contains(&connect), "{seen:?}: {told}");
        assert!(told.contains("cannot be reached"), "{told}");
    }
    // The proxy is used neither for excluded hosts, nor for unencrypted connections.
    let near = Answers::serve(|_| Answer("200 OK", "{\"InvalidParameters\":[]}".to_owned())).await;
    let seen = proxy.seen().len();
    for (endpoint, not) in [(far, "localhost,.nowhere.invalid"), (&near.endpoint, "")] {
        let mut sandbox = sandbox_at(&database, endpoint);
        sandbox.set("HTTPS_PROXY", &proxy.endpoint);
        sandbox.set("HTTP_PROXY", &proxy.endpoint);
        sandbox.set("NO_PROXY", not);
        sandbox.run(&get).expect_code(1);
        assert_eq!(proxy.seen().len(), seen, "{:?}", proxy.seen());
    }
    assert!(!near.seen().is_empty());
}
