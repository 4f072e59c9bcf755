//! Whose credentials are used.

use super::answers::{Answer, Answers};
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
        sandbox.write_config(&format!(
            "[profiles.test.source]\nurl = \"{}\"\n[profiles.test.objects]\nbucket = \"b\"\n\
             [profiles.test.aws]\nregion = \"eu-west-2\"\nendpoint_url = \"{}\"\n{setting}\n",
            database.url(),
            server.endpoint,
        ));
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
