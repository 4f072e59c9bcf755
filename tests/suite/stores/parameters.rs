//! Parameters: values, versions, Descriptions and history.

use aws_sdk_ssm::types::ParameterType;
use chrono::{TimeDelta, Utc};
use highwater::backend::parameters::local::LocalParameters;
use highwater::backend::parameters::ssm::SsmStore;
use highwater::backend::parameters::{NewValue, Parameter, ParameterStore, Put};
use highwater::vocabulary::{ParameterName, Version};

use super::aws;
use crate::support::{emulator, emulators, unique};

/// A store under test, with a prefix that no other test uses.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) store: Box<dyn ParameterStore>,
    prefix: String,
    _folder: tempfile::TempDir,
}

impl Subject {
    pub(super) fn parameter(&self, name: &str) -> ParameterName {
        ParameterName::new(format!("/{}/{name}", self.prefix))
    }
}

pub(super) async fn subjects() -> Vec<Subject> {
    let subject = |name, store: Box<dyn ParameterStore>, folder| Subject {
        name,
        store,
        prefix: unique("stores"),
        _folder: folder,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let local = LocalParameters::new(&folder.path().join("parameters.db"));
    let mut all = vec![subject("local", Box::new(local), folder)];
    for emulator in emulators() {
        let name = if emulator.name() == "moto" {
            "moto"
        } else {
            "ministack"
        };
        let store = SsmStore::new(&aws(&emulator).await);
        all.push(subject(
            name,
            Box::new(store),
            tempfile::tempdir().expect("a folder"),
        ));
    }
    all
}

const fn written(version: i64) -> Put {
    Put::Written(Version(version))
}

#[tokio::test]
async fn what_was_never_written_is_none_and_has_no_history() {
    for subject in subjects().await {
        let name = subject.parameter("nothing");
        let found = subject.store.get(std::slice::from_ref(&name)).await;
        assert_eq!(found.expect(subject.name), [None], "{}", subject.name);
        let history = subject.store.history(&name).await.expect(subject.name);
        assert!(history.is_empty(), "{}: {history:?}", subject.name);
        let none = subject.store.get(&[]).await.expect(subject.name);
        assert!(none.is_empty(), "{}", subject.name);
    }
}

#[tokio::test]
async fn versions_count_from_one_and_the_newest_value_is_read() {
    for subject in subjects().await {
        let name = subject.parameter("timestamp");
        for version in 1..=3 {
            let value = format!("value {version}");
            let put = subject.store.put(&name, NewValue::over(&value, "")).await;
            assert_eq!(
                put.expect(subject.name),
                written(version),
                "{}",
                subject.name
            );
        }
        let found = subject.store.get(&[name]).await.expect(subject.name);
        let newest = Parameter {
            value: "value 3".to_owned(),
            version: Version(3),
        };
        assert_eq!(found, [Some(newest)], "{}", subject.name);
    }
}

#[tokio::test]
async fn more_names_than_one_request_takes_come_back_in_their_order() {
    for subject in subjects().await {
        let names: Vec<_> = (0..34)
            .map(|n| subject.parameter(&format!("p{n}")))
            .collect();
        for (n, name) in names
            .iter()
            .enumerate()
            .filter(|(n, _)| !n.is_multiple_of(3))
        {
            let value = n.to_string();
            let put = subject.store.put(name, NewValue::first(&value, "")).await;
            assert_eq!(put.expect(subject.name), written(1), "{}", subject.name);
        }
        let mut asked = names.clone();
        asked.reverse();
        asked.push(names[1].clone());
        let found = subject.store.get(&asked).await.expect(subject.name);
        let values: Vec<_> = found.into_iter().map(|p| p.map(|p| p.value)).collect();
        let expected: Vec<_> = (0..34)
            .rev()
            .chain([1])
            .map(|n: usize| (!n.is_multiple_of(3)).then(|| n.to_string()))
            .collect();
        assert_eq!(values, expected, "{}", subject.name);
    }
}

#[tokio::test]
async fn creating_what_exists_writes_nothing() {
    for subject in subjects().await {
        let name = subject.parameter("sequence_id");
        for (value, expected) in [("1", written(1)), ("2", Put::Exists)] {
            let put = subject
                .store
                .put(&name, NewValue::first(value, "mine"))
                .await;
            assert_eq!(put.expect(subject.name), expected, "{}", subject.name);
        }
        let found = subject.store.get(&[name]).await.expect(subject.name);
        let first = Parameter {
            value: "1".to_owned(),
            version: Version(1),
        };
        assert_eq!(found, [Some(first)], "{}", subject.name);
    }
}

#[tokio::test]
async fn history_has_every_version_oldest_first_with_its_description() {
    // More than one answer of GetParameterHistory holds.
    const VERSIONS: i64 = 55;
    for subject in subjects().await {
        let name = subject.parameter("timestamp");
        let start = Utc::now();
        for version in 1..=VERSIONS {
            let (value, description) = (format!("v{version}"), format!("run {version}: für 1 €"));
            let put = subject
                .store
                .put(&name, NewValue::over(&value, &description))
                .await;
            assert_eq!(
                put.expect(subject.name),
                written(version),
                "{}",
                subject.name
            );
        }
        let history = subject.store.history(&name).await.expect(subject.name);
        assert_eq!(history.len(), 55, "{}", subject.name);
        for (version, entry) in (1..).zip(&history) {
            assert_eq!(entry.version, Version(version), "{}", subject.name);
            assert_eq!(entry.value, format!("v{version}"), "{}", subject.name);
            assert_eq!(entry.description, format!("run {version}: für 1 €"));
            assert!(!entry.written_by.is_empty(), "{}", subject.name);
            let age = entry.written_at - start;
            assert!(age.abs() < TimeDelta::minutes(5), "{}: {age}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_description_is_not_carried_over_to_the_next_version() {
    for subject in subjects().await {
        let name = subject.parameter("timestamp");
        for description in ["highwater edit by=ada: a reason", ""] {
            let put = subject
                .store
                .put(&name, NewValue::over("1", description))
                .await;
            put.expect(subject.name);
        }
        let history = subject.store.history(&name).await.expect(subject.name);
        assert_eq!(history[1].description, "", "{}", subject.name);
    }
}

#[tokio::test]
async fn four_kilobytes_of_any_text_come_back_unchanged() {
    for subject in subjects().await {
        let name = subject.parameter("large");
        let value = "a \"quoted\" line\n".repeat(256);
        assert_eq!(value.len(), 4096);
        let put = subject.store.put(&name, NewValue::first(&value, "")).await;
        assert_eq!(put.expect(subject.name), written(1), "{}", subject.name);
        let found = subject.store.get(&[name]).await.expect(subject.name);
        let found = found[0].as_ref().expect(subject.name);
        assert_eq!(found.value, value, "{}", subject.name);
    }
}

#[tokio::test]
async fn a_label_on_the_oldest_of_a_hundred_versions_is_said_to_be_in_the_way() {
    // The only emulator that implements the limit.
    let Some(emulator) = emulator("moto") else {
        return;
    };
    let store = SsmStore::new(&aws(&emulator).await);
    let path = format!("/{}/timestamp", unique("stores"));
    let name = ParameterName::new(&path);
    let put = || store.put(&name, NewValue::over("1", ""));
    put().await.expect("written");
    let label = emulator.ssm().label_parameter_version().name(&path);
    let label = label.parameter_version(1).labels("good");
    label.send().await.expect("labelled");
    for _ in 2..=100 {
        put().await.expect("written");
    }
    let error = put().await.expect_err("no room");
    let step = error.next_step();
    let command = format!("aws ssm unlabel-parameter-version --name {path} ");
    assert!(step.contains(&command), "{step}");
}

#[tokio::test]
async fn a_secure_string_is_read_in_the_clear_and_stays_one() {
    for emulator in emulators() {
        let path = format!("/{}/secret", unique("stores"));
        let name = ParameterName::new(&path);
        let ssm = emulator.ssm();
        ssm.put_parameter()
            .name(&path)
            .value("2024-05-16T10:50:30.123456Z")
            .r#type(ParameterType::SecureString)
            .send()
            .await
            .expect("a SecureString can be made");
        let store = SsmStore::new(&aws(&emulator).await);
        let found = store.get(std::slice::from_ref(&name)).await.expect("read");
        let value = found[0].as_ref().map(|found| found.value.as_str());
        assert_eq!(value, Some("2024-05-16T10:50:30.123456Z"));
        let put = store.put(&name, NewValue::over("next", "")).await;
        assert_eq!(put.expect("written"), written(2));
        let history = store.history(&name).await.expect("history");
        let values: Vec<_> = history.iter().map(|entry| entry.value.as_str()).collect();
        assert_eq!(values, ["2024-05-16T10:50:30.123456Z", "next"]);
        let stored = ssm.get_parameter().name(&path).send().await.expect("there");
        let kind = stored.parameter().and_then(|stored| stored.r#type());
        assert_eq!(
            kind,
            Some(&ParameterType::SecureString),
            "{}",
            emulator.name()
        );
    }
}
