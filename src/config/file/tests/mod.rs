//! What is read from a file.

mod complaints;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;
use regex::Regex;

use super::*;
use crate::config::{
    Answers, BodyFormat, Compression, Consumers, Mode, ObjectStoreConfig, ParameterStoreConfig,
    Safety, SslMode, starter,
};
use crate::vocabulary::{TableName, watermark::TimestampFormat};

const DOCUMENTED: &str = include_str!("../../../../assets/config.toml");

/// Only the settings that have no default.
const LEAST: &str = r#"
[profiles.dev.source]
url = "postgres://reader@localhost:5432/totesys"
[profiles.dev.objects]
bucket = "my-ingest-bucket"
"#;

fn env(name: &str) -> Option<String> {
    (name == "HOME").then(|| "/home/me".to_owned())
}

fn file(text: &str) -> Result<File> {
    read(
        &Document::new("/etc/hw/config.toml".into(), text.to_owned()),
        &env,
    )
}

fn profile(text: &str) -> Profile {
    match file(text) {
        Ok(mut file) => file.profiles.remove("dev").expect("the profile dev"),
        Err(error) => panic!("{error}"),
    }
}

/// The error that a whole file causes.
fn complaint_of(text: &str) -> String {
    match file(text) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error
            .to_string()
            .replace("/etc/hw/config.toml", "config.toml"),
    }
}

#[test]
fn the_documented_configuration_holds_the_defaults() {
    let documented = profile(DOCUMENTED);
    let mut least = profile(LEAST);
    // The documented example of a table's section only repeats the defaults.
    let address = documented.table_config(&TableName::parse("address"));
    assert_eq!(
        format!("{address:?}"),
        format!("{:?}", least.table_config(&TableName::parse("address")))
    );
    least.tables.clone_from(&documented.tables);
    assert_eq!(format!("{documented:#?}"), format!("{least:#?}"));
}

#[test]
fn the_documented_configuration_holds_every_key() {
    let keys = profile::ALL
        .into_iter()
        .chain(stores::ALL)
        .chain([TOP, console::ALL])
        .flatten();
    for key in keys {
        let line =
            format!(r"(?m)^(# )?{key} = |^\[profiles\.dev\.{key}[.\]]|^\[(console\.)?{key}[.\]]");
        assert!(
            Regex::new(&line).expect("a pattern").is_match(DOCUMENTED),
            "{key}"
        );
    }
}

#[test]
fn what_the_documented_configuration_comments_out_is_valid_too() {
    let uncommented = Regex::new("(?m)^# ([a-z_]+ = )").expect("a pattern");
    let text = uncommented.replace_all(DOCUMENTED, "$1");
    insta::assert_snapshot!(complaint_of(&text), @r#"config.toml:78: profiles.dev.parameters.path: it is for store = "local" only"#);
    let text = text
        .replace("store = \"ssm\"", "store = \"local\"")
        .replace("store = \"s3\"", "store = \"local\"");
    let profile = profile(&text);
    assert_eq!(profile.aws.region.as_deref(), Some("eu-west-2"));
    assert_eq!(profile.source.sslmode, Some(SslMode::VerifyFull));
}

/// A value other than the default for nearly every key.
const EVERYTHING: &str = r##"
[profiles.dev]
safety = "careful"
colour = "#ff8800"
env = "prod-1"
[profiles.dev.source]
url = "postgresql://u:p@a,b/d?sslmode=require"
password_command = ["pass", "db"]
sslmode = "verify-ca"
sslrootcert = "~/ca.pem"
sslcert = "client.crt"
sslkey = "/k/client.key"
tables = ["*.*"]
exclude = ["audit.*"]
timestamp_columns = ["a", "b"]
timezone = "Europe/London"
settle = "1m 30s"
horizon_ignore = ["pg_dump"]
max_connections = 3
[profiles.dev.parameters]
store = "local"
path = "p.db"
writes_per_second = 10
timestamp = "{env}_{table}_t"
sequence_id = "{env}_{table}_s"
timestamp_format = "%Y-%m-%d %H:%M:%S%.6f"
[profiles.dev.objects]
store = "local"
key = "{date}/{table}_{seq:08}_{time}.jsonl"
format = "json-array"
compression = "gzip"
max_rows_per_object = 10_000
consumers = "remove"
[profiles.dev.aws]
profile = "x"
region = "eu-west-2"
endpoint_url = "http://127.0.0.1:4566"
[profiles.dev.tables.address]
mode = "snapshot"
key = "{table}_{seq}"
timestamp_columns = ["c"]
[profiles.dev.tables."sales.old"]
skip = true
"##;

#[test]
fn every_key_is_read() {
    let profile = profile(EVERYTHING);
    assert_eq!(profile.safety, Safety::Careful);
    assert_eq!(
        (profile.colour.as_str(), profile.env.as_str()),
        ("#ff8800", "prod-1")
    );
    let source = &profile.source;
    assert_eq!(source.url, "postgresql://u:p@a,b/d?sslmode=require");
    assert_eq!(
        source.password_command.as_deref(),
        Some(&["pass".to_owned(), "db".to_owned()][..])
    );
    assert_eq!(source.sslmode, Some(SslMode::VerifyCa));
    assert_eq!(source.sslrootcert, Some(PathBuf::from("/home/me/ca.pem")));
    assert_eq!(source.sslcert, Some(PathBuf::from("/etc/hw/client.crt")));
    assert_eq!(source.sslkey, Some(PathBuf::from("/k/client.key")));
    assert_eq!(source.timezone, Tz::Europe__London);
    assert_eq!(source.settle, Duration::from_secs(90));
    assert_eq!(source.horizon_ignore, ["pg_dump"]);
    assert_eq!(source.max_connections, 3);
    let parameters = &profile.parameters;
    assert_eq!(
        parameters.store,
        ParameterStoreConfig::Local {
            path: "/etc/hw/p.db".into()
        }
    );
    assert!(matches!(
        parameters.timestamp_format,
        TimestampFormat::Strftime(_)
    ));
    assert_eq!(parameters.writes_per_second, NonZeroU32::new(10));
    let objects = &profile.objects;
    assert_eq!(
        objects.store,
        ObjectStoreConfig::Local {
            path: "/home/me/.local/state/highwater/dev/objects".into()
        }
    );
    assert_eq!(
        (objects.format, objects.compression),
        (BodyFormat::JsonArray, Compression::Gzip)
    );
    assert_eq!(
        (objects.max_rows_per_object, objects.consumers),
        (10_000, Consumers::Remove)
    );
    assert_eq!(
        profile.aws.endpoint_url.as_deref(),
        Some("http://127.0.0.1:4566")
    );
}

#[test]
fn a_table_has_its_own_settings_or_those_of_the_profile() {
    let profile = profile(EVERYTHING);
    let address = TableName::parse("address");
    assert_eq!(profile.table_config(&address).mode, Mode::Snapshot);
    assert_eq!(profile.timestamp_columns(&address), ["c"]);
    assert_eq!(
        profile.key_template(&address).to_string(),
        "{table}_{seq}.gz"
    );
    let payment = TableName::parse("sales.payment");
    assert_eq!(profile.timestamp_columns(&payment), ["a", "b"]);
    assert_eq!(
        profile.key_template(&payment).to_string(),
        "{date}/{table}_{seq:08}_{time}.jsonl.gz"
    );
    let name = profile.timestamp_parameter(&payment).expect("a name");
    assert_eq!(name.as_str(), "prod-1_payment_t");
    assert!(profile.selects(&payment));
    assert!(!profile.selects(&TableName::parse("sales.old")));
    assert!(!profile.selects(&TableName::parse("audit.log")));
}

#[test]
fn a_starter_is_read_with_what_was_answered() {
    let mut answers = Answers {
        profile: "dev".to_owned(),
        url: "postgres://u:\"p\\'@h/d".to_owned(),
        bucket: "my-bucket".to_owned(),
        region: None,
    };
    let text = starter(&answers);
    assert!(text.contains("\n[profiles.dev.source]\n"), "{text}");
    let without_region = profile(&text);
    assert_eq!(without_region.source.url, answers.url);
    assert_eq!(
        without_region.objects.store,
        ObjectStoreConfig::S3 {
            bucket: "my-bucket".to_owned()
        }
    );
    assert_eq!(without_region.aws.region, None);

    answers.profile = "prod.eu".to_owned();
    answers.region = Some("eu-west-2".to_owned());
    let text = starter(&answers)
        .replace("# [", "[")
        .replace("# mode", "mode");
    let file = file(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(file.default_profile.as_deref(), Some("prod.eu"));
    let profile = &file.profiles["prod.eu"];
    assert_eq!(profile.aws.region.as_deref(), Some("eu-west-2"));
    assert_eq!(
        profile.table_config(&TableName::parse("address")).mode,
        Mode::Snapshot
    );
}
