//! What a file is refused for, and in which words.

use super::{LEAST, complaint_of, file, profile};

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
