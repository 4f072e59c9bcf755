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

const DOCUMENTED: &str = include_str!("../../../assets/config.toml");

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

/// The error that `lines` cause in one section of an otherwise valid profile.
fn complaint(section: &str, lines: &str) -> String {
    let path = match section {
        "" => "profiles.dev".to_owned(),
        _ => format!("profiles.dev.{section}"),
    };
    let mut before = String::new();
    let mut after = String::new();
    for (name, key) in [
        ("source", "url = \"postgres://localhost\""),
        ("objects", "bucket = \"b\""),
    ] {
        if name != section {
            before = format!("{before}[profiles.dev.{name}]\n{key}\n");
        } else if !lines.contains(&key[..3]) {
            after = format!("{key}\n");
        }
    }
    complaint_of(&format!("{before}[{path}]\n{lines}\n{after}"))
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
    insta::assert_snapshot!(complaint_of(&text), @r#"config.toml:76: profiles.dev.parameters.path: it is for store = "local" only"#);
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
fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
    insta::assert_snapshot!(complaint("source", "setle = \"5s\""), @r#"config.toml:4: there is no "setle" in [profiles.dev.source]; did you mean settle?"#);
    insta::assert_snapshot!(complaint("objects", "buket = \"b\""), @r#"config.toml:4: there is no "buket" in [profiles.dev.objects]; did you mean bucket?"#);
    insta::assert_snapshot!(complaint("objects", "\n\nfrobnicate = 1"), @r#"config.toml:6: there is no "frobnicate" in [profiles.dev.objects]; it takes store, bucket, region, headers, path, key, format, compression, max_rows_per_object, consumers"#);
    insta::assert_snapshot!(complaint("", "color = \"red\""), @r#"config.toml:6: there is no "color" in [profiles.dev]; did you mean colour?"#);
    insta::assert_snapshot!(complaint("sauce", ""), @r#"config.toml:5: there is no "sauce" in [profiles.dev]; did you mean source?"#);
    insta::assert_snapshot!(complaint("tables.\"public.address\"", "skipp = true"), @r#"config.toml:6: there is no "skipp" in [profiles.dev.tables."public.address"]; did you mean skip?"#);
    insta::assert_snapshot!(complaint_of("default_profil = \"dev\""), @r#"config.toml:1: there is no "default_profil" in the file; did you mean default_profile?"#);
    insta::assert_snapshot!(complaint_of("[profile.dev]"), @r#"config.toml:1: there is no "profile" in the file; did you mean profiles?"#);
}

#[test]
fn a_wrong_type_is_named_with_what_is_expected() {
    insta::assert_snapshot!(complaint("source", "settle = 5"), @r#"config.toml:4: profiles.dev.source.settle is a whole number, but a duration like "5s" is expected"#);
    insta::assert_snapshot!(complaint("source", "tables = \"public.*\""), @r#"config.toml:4: profiles.dev.source.tables is a string, but a list of strings like ["a", "b"] is expected"#);
    insta::assert_snapshot!(complaint("source", "tables = [1]"), @r#"config.toml:4: profiles.dev.source.tables: a list of strings like ["a", "b"] is expected"#);
    insta::assert_snapshot!(complaint("source", "max_connections = 1.5"), @"config.toml:4: profiles.dev.source.max_connections is a number, but a whole number is expected");
    insta::assert_snapshot!(complaint("objects", "max_rows_per_object = \"many\""), @"config.toml:4: profiles.dev.objects.max_rows_per_object is a string, but a whole number is expected");
    insta::assert_snapshot!(complaint("objects", "bucket = true"), @"config.toml:4: profiles.dev.objects.bucket is true or false, but the name of a bucket is expected");
    insta::assert_snapshot!(complaint("tables.x", "skip = \"yes\""), @"config.toml:6: profiles.dev.tables.x.skip is a string, but true or false is expected");
    insta::assert_snapshot!(complaint("", "safety = 2024-05-16"), @"config.toml:6: profiles.dev.safety is a date, but a string is expected");
    insta::assert_snapshot!(complaint("", "aws = \"x\""), @"config.toml:6: profiles.dev.aws is a string, but a section of its own is expected");
}

#[test]
fn a_value_that_makes_no_sense_is_named_with_the_reason() {
    insta::assert_snapshot!(complaint("", "safety = \"carefull\""), @r#"config.toml:6: profiles.dev.safety: "carefull" is not one of normal, careful, read-only; did you mean careful?"#);
    insta::assert_snapshot!(complaint("", "colour = \"grene\""), @r#"config.toml:6: profiles.dev.colour: "grene" is not a colour; use #rrggbb or one of black, red, green, yellow, blue, magenta, cyan, gray, dark-gray, light-red, light-green, light-yellow, light-blue, light-magenta, light-cyan, white; did you mean green?"#);
    insta::assert_snapshot!(complaint("", "env = \"a/b\""), @r#"config.toml:6: profiles.dev.env: "a/b" cannot be used in names and paths: it takes up to 64 letters, digits and _ - . and does not start with a dot"#);
    insta::assert_snapshot!(complaint("", "env = \"\""), @"config.toml:6: profiles.dev.env: it is empty; to use the default, leave the key out");
    insta::assert_snapshot!(complaint("source", "settle = \"5 parsecs\""), @r#"config.toml:4: profiles.dev.source.settle: "5 parsecs" is not a duration like "5s": unknown time unit "parsecs", supported units: ns, us/µs, ms, sec, min, hours, days, weeks, months, years (and few variations)"#);
    insta::assert_snapshot!(complaint("source", "settle = \"2 days\""), @r#"config.toml:4: profiles.dev.source.settle: "2 days" is more than a day: rows would be held back that long"#);
    insta::assert_snapshot!(complaint("source", "timezone = \"CET\""), @r#"config.toml:4: profiles.dev.source.timezone: "CET" has no summer time in PostgreSQL, but does elsewhere; name a place, like "Europe/Brussels""#);
    insta::assert_snapshot!(complaint("source", "timezone = \"Europe/Londn\""), @r#"config.toml:4: profiles.dev.source.timezone: "Europe/Londn" is not a time zone like "Europe/London"; did you mean Europe/London?"#);
    insta::assert_snapshot!(complaint("source", "tables = []"), @"config.toml:4: profiles.dev.source.tables: the list is empty");
    insta::assert_snapshot!(complaint("source", "tables = [\"\"]"), @"config.toml:4: profiles.dev.source.tables: one of its strings is empty");
    insta::assert_snapshot!(complaint("source", "exclude = [\"a[\"]"), @"config.toml:4: profiles.dev.source.exclude: error parsing glob 'public.a[': unclosed character class; missing ']'");
    insta::assert_snapshot!(complaint("source", "timestamp_columns = [\"a\", \"a\"]"), @r#"config.toml:4: profiles.dev.source.timestamp_columns: "a" is in it twice"#);
    insta::assert_snapshot!(complaint("source", "max_connections = 0"), @"config.toml:4: profiles.dev.source.max_connections: 0 is not between 1 and 1000");
    insta::assert_snapshot!(complaint("source", "sslmode = \"verify\""), @r#"config.toml:4: profiles.dev.source.sslmode: "verify" is not one of disable, allow, prefer, require, verify-ca, verify-full; did you mean verify-ca?"#);
    insta::assert_snapshot!(complaint("source", "sslcert = \"c.pem\""), @"config.toml:4: profiles.dev.source.sslcert: it has no effect without sslkey");
    insta::assert_snapshot!(complaint("parameters", "timestamp = \"/x/{tabel}\""), @"config.toml:6: profiles.dev.parameters.timestamp: there is no placeholder {tabel} here; there is {env}, {schema}, {table}");
    insta::assert_snapshot!(complaint("parameters", "timestamp = \"/highwater/{table}/sequence_id\""), @"config.toml:6: profiles.dev.parameters.timestamp: it is the template of the other value, too: the two would overwrite each other");
    insta::assert_snapshot!(complaint("parameters", "timestamp_format = \"iso\""), @r#"config.toml:6: profiles.dev.parameters.timestamp_format: "iso" is not a strftime pattern, nor is it rfc3339, epoch or epoch-millis"#);
    insta::assert_snapshot!(complaint("parameters", "path = \"x.db\""), @r#"config.toml:6: profiles.dev.parameters.path: it is for store = "local" only"#);
    insta::assert_snapshot!(complaint("objects", "store = \"s4\""), @r#"config.toml:4: profiles.dev.objects.store: "s4" is not one of s3, local"#);
    insta::assert_snapshot!(complaint("objects", "bucket = \"s3://b\""), @"config.toml:4: profiles.dev.objects.bucket: it is the bucket's name alone, without s3://");
    insta::assert_snapshot!(complaint("objects", "max_rows_per_object = 0"), @"config.toml:4: profiles.dev.objects.max_rows_per_object: 0 is not 1 or more");
    insta::assert_snapshot!(complaint("objects", "max_rows_per_object = -1"), @"config.toml:4: profiles.dev.objects.max_rows_per_object: -1 is not 1 or more");
    insta::assert_snapshot!(complaint("objects", "key = \"{table}.jsonl\""), @"config.toml:4: profiles.dev.objects.key: it lacks {seq}: every object's key would be the same");
    insta::assert_snapshot!(complaint("tables.x", "key = \"../{table}/{seq}\""), @"config.toml:6: profiles.dev.tables.x.key: a part of it is . or .., which is not a name");
    insta::assert_snapshot!(complaint("aws", "endpoint_url = \"localhost\""), @"config.toml:6: profiles.dev.aws.endpoint_url: it is not a URL like http://localhost:4566");
}

#[test]
fn what_is_missing_is_named_with_an_example() {
    insta::assert_snapshot!(complaint_of("[profiles.dev]\n[profiles.dev.objects]\nbucket = \"b\""), @r#"config.toml:1: [profiles.dev] lacks source.url, the database to read from, like "postgres://reader@localhost:5432/totesys""#);
    insta::assert_snapshot!(complaint_of("\n[profiles.dev.source]\ntables = [\"a\"]"), @r#"config.toml:2: [profiles.dev.source] lacks url, the database to read from, like "postgres://reader@localhost:5432/totesys""#);
    insta::assert_snapshot!(complaint_of("[profiles.dev.source]\nurl = \"postgres://\""), @r#"config.toml:1: [profiles.dev] lacks objects.bucket, the bucket to write to (or set store = "local")"#);
    insta::assert_snapshot!(complaint_of("[profiles.dev.source]\nurl = \"postgres://\"\n[profiles.dev.objects]\n"), @r#"config.toml:3: [profiles.dev.objects] lacks bucket, the bucket to write to (or set store = "local")"#);
}

#[test]
fn names_of_profiles_and_tables_are_checked() {
    insta::assert_snapshot!(complaint_of("[profiles.\"a b\".source]"), @r#"config.toml:1: profiles."a b": "a b" cannot be used in names and paths: it takes up to 64 letters, digits and _ - . and does not start with a dot"#);
    insta::assert_snapshot!(complaint_of(&format!("default_profile = \"dve\"\n{LEAST}")), @r#"config.toml:1: default_profile: there is no profile "dve"; did you mean dev?"#);
    insta::assert_snapshot!(complaint("tables.public.address", "skip = true"), @r#"config.toml:5: profiles.dev.tables.public: a table's name is written in quotes: [profiles.dev.tables."public.address"]"#);
    insta::assert_snapshot!(complaint("tables.\"public.a\"", "skip = true\n[profiles.dev.tables.a]"), @r#"config.toml:5: profiles.dev.tables."public.a": the same table has another section, with or without its schema"#);
}

#[test]
fn no_error_shows_a_password() {
    let source = |line: &str| {
        format!("[profiles.dev.source]\n{line}\n[profiles.dev.objects]\nbucket = \"b\"\n")
    };
    for text in [
        source("url = postgres://u:hunter2@h/d"),
        source("url = \"postgres://u:hunter2@h/d"),
        source("url = \"postgres://u:hunter2@h/d\"\nurl = \"postgres://u:hunter2@h/d\""),
        source("url = \"postgres://u:\\qhunter2@h/d\""),
        source("url = \"postgres://u:hunter2@h/d\" x"),
        source("url = [\"postgres://u:hunter2@h/d\"]"),
        source("url = { a = \"hunter2\" }"),
        source("url = \"mysql://u:hunter2@h/d\""),
        source("url = \"u:hunter2@h/d\""),
        source("url \"postgres://u:hunter2@h/d\""),
        source("password = \"hunter2\""),
        source("\"postgres://u:hunter2@h/d\" = 1"),
        source("timezone = \"postgres://u:hunter2@h/d\""),
        source("sslmode = \"postgres://u:hunter2@h/d\""),
        source("password_command = \"hunter2\""),
        "[profiles.\"postgres://u:hunter2@h/d\"]\n".to_owned(),
        format!("{LEAST}[profiles.dev.aws]\nendpoint_url = \"http://u:hunter2@h\"\n"),
        format!("{LEAST}[profiles.dev.tables.x]\nkey = \"postgres://u:hunter2@h/{{tabel}}\"\n"),
    ] {
        let error = file(&text)
            .err()
            .unwrap_or_else(|| panic!("accepted:\n{text}"));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let profile = profile(&LEAST.replace("reader@", "reader:hunter2@"));
    assert!(!format!("{profile:?} {profile:#?}").contains("hunter2"));
}

#[test]
fn a_starter_is_read_with_what_was_answered() {
    let mut answers = Answers {
        profile: "dev".to_owned(),
        url: "postgres://u:\"p\\'@h/d".to_owned(),
        bucket: "my-bucket".to_owned(),
        region: None,
    };
    let without_region = profile(&starter(&answers));
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

#[test]
fn headers_of_an_upload_are_those_that_a_policy_can_ask_for() {
    let text = LEAST.to_owned()
        + r#"headers = { "x-amz-server-side-encryption" = "aws:kms", "x-amz-acl" = "bucket-owner-full-control" }"#;
    let headers = profile(&text).objects.headers;
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [
            ("x-amz-acl", "bucket-owner-full-control"),
            ("x-amz-server-side-encryption", "aws:kms"),
        ]
    );
    let refused = |header: &str| complaint("objects", &format!("headers = {{ {header} }}"));
    insta::assert_snapshot!(refused(r#""x-amz-server-side-encyption" = "AES256""#), @r#"config.toml:4: there is no "x-amz-server-side-encyption" in [profiles.dev.objects.headers]; did you mean x-amz-server-side-encryption?"#);
    insta::assert_snapshot!(refused(r#""x-amz-acl" = "für alle""#), @r#"config.toml:4: profiles.dev.objects.headers.x-amz-acl: "für alle" is not ASCII text without spaces around it"#);
    insta::assert_snapshot!(refused(r#""x-amz-storage-class" = "DEEP_ARCHIVE""#), @"config.toml:4: profiles.dev.objects.headers.x-amz-storage-class: objects of this class cannot be read at once, which highwater has to");
}

#[test]
fn a_bucket_that_does_not_keep_what_the_protocol_needs_is_refused() {
    let refused = |name: &str| complaint("objects", &format!("bucket = \"{name}\""));
    insta::assert_snapshot!(refused("ingest--euw2-az1--x-s3"), @r#"config.toml:4: profiles.dev.objects.bucket: "ingest--euw2-az1--x-s3" is a directory bucket, whose listings have no order: name a general purpose bucket"#);
    insta::assert_snapshot!(refused("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"), @r#"config.toml:4: profiles.dev.objects.bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap" is a multi-region access point, behind which two writers can both create an object, each in a different bucket: name one bucket"#);
    assert_eq!(
        refused("arn:aws:s3:eu-west-2:123456789012:accesspoint/ingest"),
        "accepted"
    );
}
