//! Which credentials are used, and which region.

use std::time::Duration;

use super::answers::{Answer, Answers};
use super::{config_at, sandbox_at};
use crate::support::{self, Sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_that_is_set_is_used_whatever_keys_the_environment_has() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::serve(|_| {
        let refusal = r#"{"__type":"ExpiredTokenException","message":"expired"}"#;
        Answer("400 Bad Request", refusal.to_owned())
    })
    .await;
    for (setting, expected) in [
        ("profile = \"of-the-team\"", "team-key"),
        ("", "environment-key"),
    ] {
        let mut sandbox = Sandbox::empty();
        let config = config_at(&database, &server.endpoint);
        sandbox.write_config(&format!("{config}{setting}\n"));
        let file = sandbox.path().join("credentials");
        let keys = "aws_access_key_id = team-key\naws_secret_access_key = secret\n";
        std::fs::write(&file, format!("[of-the-team]\n{keys}")).expect("written");
        sandbox.set("AWS_SHARED_CREDENTIALS_FILE", &file.to_string_lossy());
        sandbox.set("AWS_ACCESS_KEY_ID", "environment-key");
        sandbox.set("AWS_SECRET_ACCESS_KEY", "secret");
        let get = ["--profile", "test", "params", "get", "payment"];
        let told = sandbox.run(&get).expect_code(1).stderr;
        let asked = server.asked();
        let asked = asked.last().unwrap_or_else(|| panic!("nothing: {told}"));
        let credential = format!("credential={expected}/");
        assert!(asked.headers.contains(&credential), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_may_be_in_another_region_than_the_parameters() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::to(|asked| {
        if asked.headers.contains("x-amz-target") {
            return Answer::no_parameters(asked);
        }
        Answer("403 Forbidden", String::new())
    })
    .await;
    let sandbox = sandbox_at(&database, &server.endpoint);
    let config = config_at(&database, &server.endpoint);
    let elsewhere = "bucket = \"b\"\nregion = \"eu-west-1\"";
    sandbox.write_config(&config.replace("bucket = \"b\"", elsewhere));
    let run = sandbox.run(&["ingest", "payment"]).expect_code(1);
    let asked = server.asked();
    for (service, region) in [("ssm", "eu-west-2"), ("s3", "eu-west-1")] {
        let scope = format!("/{region}/{service}/aws4_request");
        let signed = asked.iter().any(|asked| asked.headers.contains(&scope));
        assert!(signed, "{scope}: {asked:?} {run:?}");
    }
}

/// As slow as a process that asks for a fingerprint may be.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_takes_long_for_the_credentials_is_run_once_and_waited_for() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::to(Answer::no_parameters).await;
    let mut sandbox = Sandbox::empty();
    let config = config_at(&database, &server.endpoint);
    sandbox.write_config(&format!("{config}profile = \"slow\"\n"));
    let runs = sandbox.path().join("runs");
    let config = sandbox.path().join("aws-config");
    sandbox.set("AWS_CONFIG_FILE", &config.to_string_lossy());
    let keys = r#"{"Version":1,"AccessKeyId":"slow-key","SecretAccessKey":"secret"}"#;
    let slow = format!("sleep 9; echo '{keys}'");
    for (rest, code, said) in [
        (slow.as_str(), 0, "waiting for AWS credentials"),
        ("exit 3", 1, "exit status: 3"),
    ] {
        let process = format!("echo once >> {}; {rest}", runs.display());
        let text = format!("[profile slow]\ncredential_process = {process}\n");
        std::fs::write(&config, text).expect("written");
        // A command that needs the credentials only once: a request some time after a failure would
        // fetch them again.
        let run = sandbox.run(&["params", "get", "payment"]);
        let run = run.expect_code(code);
        assert!(run.stderr.contains(said), "{run:?}");
        assert_eq!(std::fs::read_to_string(&runs).expect("runs"), "once\n");
        std::fs::remove_file(&runs).expect("removed");
    }
    let asked = server.asked();
    let asked = asked.last().expect("asked");
    assert!(asked.headers.contains("credential=slow-key/"), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_earlier_than_they_say_are_looked_for_again() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, last_updated timestamp)")
        .await;
    let server = Answers::to(|asked| {
        if asked.headers.contains("credential=key-1/") {
            // So that they have been in use for a while.
            std::thread::sleep(Duration::from_secs(4));
            let refusal = r#"{"__type":"ExpiredTokenException","message":"expired"}"#;
            return Answer("400 Bad Request", refusal.to_owned());
        }
        Answer::no_parameters(asked)
    })
    .await;
    let mut sandbox = Sandbox::empty();
    let config = config_at(&database, &server.endpoint);
    sandbox.write_config(&format!("{config}profile = \"short\"\n"));
    let runs = sandbox.path().join("runs");
    let keys = r#"{"Version":1,"AccessKeyId":"key-%d","SecretAccessKey":"secret"}"#;
    let process = format!(
        "echo once >> {0}; printf '{keys}' $(wc -l < {0})",
        runs.display()
    );
    let config = sandbox.path().join("aws-config");
    let text = format!("[profile short]\ncredential_process = {process}\n");
    std::fs::write(&config, text).expect("written");
    sandbox.set("AWS_CONFIG_FILE", &config.to_string_lossy());
    sandbox.run(&["params", "get", "payment"]).expect_code(0);
    let ran = std::fs::read_to_string(&runs).expect("runs");
    assert_eq!(ran, "once\nonce\n", "{:?}", server.asked());
}
