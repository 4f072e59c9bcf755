//! The test servers answer, and behave as the tests assume.

use crate::support::{self, Sandbox, unique};

#[tokio::test]
async fn every_test_gets_an_empty_database_of_its_own() {
    let (Some(one), Some(other)) = (support::postgres(), support::postgres()) else {
        return;
    };
    let client = one.client().await;
    client
        .batch_execute("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2)")
        .await
        .unwrap();
    let row = client
        .query_one("SELECT count(*) FROM t", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 2);

    let query = "SELECT count(*) FROM pg_class WHERE relname = 't'";
    let row = other.client().await.query_one(query, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_database_is_dropped_with_its_guard_even_while_connected() {
    let (Some(watcher), Some(gone)) = (support::postgres(), support::postgres()) else {
        return;
    };
    let _still_open = gone.client().await;
    let url = gone.url();
    let name = url.rsplit('/').next().unwrap();
    drop(gone);
    let query = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let row = watcher
        .client()
        .await
        .query_one(query, &[&name])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_emulator_counts_the_versions_of_a_parameter() {
    for emulator in support::emulators() {
        let ssm = emulator.ssm();
        let name = format!("/{}/timestamp", unique("servers"));
        for version in 1..=2 {
            let written = ssm
                .put_parameter()
                .name(&name)
                .value(format!("value {version}"))
                .r#type(aws_sdk_ssm::types::ParameterType::String)
                .overwrite(true)
                .send()
                .await
                .unwrap();
            assert_eq!(written.version(), version, "{}", emulator.name());
        }
        let read = ssm.get_parameter().name(&name).send().await.unwrap();
        assert_eq!(
            read.parameter().unwrap().value(),
            Some("value 2"),
            "{}",
            emulator.name()
        );
    }
}

#[tokio::test]
async fn an_emulator_refuses_to_create_an_object_twice() {
    for emulator in support::emulators() {
        let bucket = unique("servers");
        emulator.create_bucket(&bucket).await;
        let put = || {
            emulator
                .s3()
                .put_object()
                .bucket(&bucket)
                .key("a/1.jsonl")
                .if_none_match("*")
                .body(b"{}\n".to_vec().into())
                .send()
        };
        put().await.unwrap();
        let second = put().await.unwrap_err();
        let status = second.raw_response().unwrap().status().as_u16();
        assert_eq!(status, 412, "{}", emulator.name());
    }
}

#[test]
fn the_binary_sees_nothing_of_the_developers_environment() {
    let sandbox = Sandbox::empty();
    let names: Vec<_> = sandbox
        .command(&["status"])
        .get_envs()
        .map(|(name, _)| name.to_owned())
        .collect();
    assert!(names.iter().any(|name| name == "XDG_STATE_HOME"));
    assert!(
        !names
            .iter()
            .any(|name| name == "HIGHWATER_CONFIG" || name == "PGHOST")
    );
    assert!(sandbox.path().join("state").is_dir());
}
