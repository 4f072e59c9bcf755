//! Parameters that are encrypted with a customer's key.

use aws_sdk_ssm::types::ParameterType;
use highwater::backend::aws::{Aws, Limits};
use highwater::backend::error::Error;
use highwater::backend::parameters::ssm::SsmStore;
use highwater::backend::parameters::{NewValue, ParameterStore as _, Put};
use highwater::vocabulary::{ParameterName, Version};

use super::answers::{Answer, Answers, Asked};
use super::{aws, chain};
use crate::support::{emulators, unique};

const JSON: &str = "200 OK\r\nContent-Type: application/x-amz-json-1.1";
const REFUSED: &str = "400 Bad Request\r\nContent-Type: application/x-amz-json-1.1";

fn asks(asked: &Asked, operation: &str) -> bool {
    let target = format!("x-amz-target: amazonssm.{operation}\n");
    asked.headers.contains(&target.to_lowercase())
}

/// A store with one `SecureString`, which answers requests for its history with `history`.
async fn holding_a_secret(history: Answer) -> Answers {
    let Answer(head, body) = history;
    Answers::to(move |asked| {
        if asks(asked, "GetParameters") {
            let value =
                r#"{"Parameters":[{"Name":"/a/t","Type":"SecureString","Value":"1","Version":2}]}"#;
            Answer(JSON, value.to_owned())
        } else if asks(asked, "GetParameterHistory") {
            Answer(head, body.clone())
        } else {
            Answer(JSON, r#"{"Version":3}"#.to_owned())
        }
    })
    .await
}

async fn store(server: &Answers) -> SsmStore {
    SsmStore::new(&Aws::from_loader(chain(&server.endpoint), Limits::default()).await)
}

#[tokio::test]
async fn an_overwrite_names_the_key_of_the_newest_version_which_is_asked_for_once() {
    let version = |version: u8, key: &str| {
        format!(r#"{{"Name":"/a/t","Type":"SecureString","Version":{version},"KeyId":"{key}"}}"#)
    };
    let (old, new) = (version(1, "alias/aws/ssm"), version(2, "arn:of-the-key"));
    let history = format!(r#"{{"Parameters":[{old},{new}]}}"#);
    let server = holding_a_secret(Answer(JSON, history)).await;
    let store = store(&server).await;
    let name = ParameterName::new("/a/t");
    store.get(std::slice::from_ref(&name)).await.expect("read");
    for _ in 0..2 {
        let put = store.put(&name, NewValue::over("2", "")).await;
        assert_eq!(put.expect("written"), Put::Written(Version(3)));
    }
    let asked = server.asked();
    let of = |operation: &str| {
        asked
            .iter()
            .filter(|one| asks(one, operation))
            .collect::<Vec<_>>()
    };
    let puts = of("PutParameter");
    assert_eq!(puts.len(), 2, "{asked:?}");
    for put in puts {
        assert!(put.body.contains(r#""KeyId":"arn:of-the-key""#), "{put:?}");
        assert!(put.body.contains(r#""Type":"SecureString""#), "{put:?}");
    }
    let histories = of("GetParameterHistory");
    assert_eq!(histories.len(), 1, "{asked:?}");
    assert!(
        !histories[0].body.contains(r#""WithDecryption":true"#),
        "{histories:?}"
    );
}

#[tokio::test]
async fn a_parameter_whose_key_is_not_known_is_not_written_with_another() {
    let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned();
    let server = holding_a_secret(Answer(REFUSED, refused)).await;
    let store = store(&server).await;
    let name = ParameterName::new("/a/t");
    store.get(std::slice::from_ref(&name)).await.expect("read");
    let error = store.put(&name, NewValue::over("2", "")).await;
    match error {
        Err(Error::Denied { permission, .. }) => assert_eq!(permission, "ssm:GetParameterHistory"),
        other => panic!("{other:?}"),
    }
    assert!(
        !server
            .asked()
            .iter()
            .any(|asked| asks(asked, "PutParameter"))
    );
}

#[tokio::test]
async fn a_secure_string_keeps_its_key() {
    for emulator in emulators() {
        let path = format!("/{}/secret", unique("stores"));
        let name = ParameterName::new(&path);
        let ssm = emulator.ssm();
        let made = ssm.put_parameter().name(&path).value("1");
        let made = made
            .r#type(ParameterType::SecureString)
            .key_id("alias/mine");
        made.send().await.expect("a SecureString can be made");
        let store = SsmStore::new(&aws(&emulator).await);
        store.get(std::slice::from_ref(&name)).await.expect("read");
        let put = store.put(&name, NewValue::over("2", "")).await;
        assert_eq!(put.expect("written"), Put::Written(Version(2)));
        let history = ssm.get_parameter_history().name(&path).send().await;
        let history = history.expect("a history");
        let keys: Vec<_> = history
            .parameters()
            .iter()
            .map(|one| one.key_id())
            .collect();
        assert_eq!(keys, [Some("alias/mine"); 2], "{}", emulator.name());
    }
}
