//! A pipeline that another program has run until now, with the profile that the README has for it.
//!
//! The other program writes plain objects and values in its own spelling, and may have died between any two of its
//! steps. Its consumers read what highwater writes afterwards as they always have.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{self, Database, Outsider, Stage, unique};

/// The name of `sales_order` contains the underscore at which its keys are split.
const TABLES: &str = "\
CREATE TABLE payment (id int PRIMARY KEY, last_updated timestamp(3));
CREATE TABLE sales_order (id int PRIMARY KEY, last_updated timestamp(3));
CREATE TABLE currency (id int PRIMARY KEY, code text);
CREATE TABLE department (id int PRIMARY KEY, name text);
INSERT INTO payment SELECT i, '2024-05-16 10:00:00.123'::timestamp + i * interval '1 s' FROM generate_series(1, 30) i;
INSERT INTO sales_order SELECT * FROM payment;
INSERT INTO currency VALUES (1, 'GBP'), (2, 'EUR');
INSERT INTO department VALUES (1, 'Sales');";

/// The pipeline on one pair of stores.
struct Pipeline {
    stage: Stage,
    outsider: Outsider,
    env: String,
}

/// How the other program spells the time of row `i`.
type Spelling = fn(i64) -> String;

fn spaced(i: i64) -> String {
    format!("2024-05-16 10:00:{i:02}.123")
}

fn with_a_t(i: i64) -> String {
    format!("2024-05-16T10:00:{i:02}.123")
}

fn with_offset(i: i64) -> String {
    format!("2024-05-16 12:00:{i:02}.123+02:00")
}

fn in_milliseconds(i: i64) -> String {
    (1_715_853_600_123 + i * 1000).to_string()
}

/// The profile of the README, pointed at these stores.
fn profile(database: &Database, stage: &Stage, env: &str) -> String {
    let readme = include_str!("../../README.md");
    let (_, after) = readme.split_once("<!-- profile:").expect("the profile");
    let (_, after) = after.split_once("```toml\n").expect("its beginning");
    let (text, _) = after.split_once("```").expect("its end");
    let replaced = |text: String, from: &str, to: &str| {
        assert!(text.contains(from), "no {from} in {text}");
        text.replace(from, to)
    };
    let text = replaced(text.to_owned(), "profiles.takeover", "profiles.test");
    let url = "postgres://reader@db.example.com:5432/totesys";
    let text = replaced(text, url, &database.url());
    let text = replaced(text, "env = \"prod\"", &format!("env = \"{env}\""));
    let bucket = "bucket = \"ingest-bucket\"";
    let folder = stage.sandbox.path().display();
    if let Some(emulator) = &stage.emulator {
        let own = format!("bucket = \"{}\"", stage.outsider().bucket());
        let text = replaced(text, bucket, &own);
        let aws = format!(
            "endpoint_url = \"{}\"\nregion = \"{}\"",
            emulator.endpoint(),
            support::REGION
        );
        return format!("{text}\n[profiles.test.aws]\n{aws}\n");
    }
    let own = format!("store = \"local\"\npath = \"{folder}/objects\"");
    let text = replaced(text, bucket, &own);
    let parameters = "[profiles.test.parameters]\n";
    let own = format!("{parameters}store = \"local\"\npath = \"{folder}/parameters.db\"\n");
    replaced(text, parameters, &own)
}

impl Pipeline {
    async fn all(database: &Database) -> Vec<Self> {
        let mut pipelines = Vec::new();
        for stage in Stage::all(database).await {
            let env = unique("prod");
            stage.sandbox.write_config(&profile(database, &stage, &env));
            let stage = stage.configured("").await;
            let outsider = stage.outsider();
            let pipeline = Self {
                stage,
                outsider,
                env,
            };
            pipeline.ran_well().await;
            pipelines.push(pipeline);
        }
        pipelines
    }

    /// Writes two packets of the large tables, and the small tables on two days, each time as packet 0.
    async fn ran_well(&self) {
        for table in ["payment", "sales_order"] {
            for (packet, from, to) in [(1, 1, 10), (2, 11, 20)] {
                self.object(table, packet, from, to, spaced).await;
                self.timestamp(table, &spaced(to)).await;
                self.packet_id(table, packet).await;
            }
        }
        for table in ["currency", "department"] {
            for day in ["2024-05-15", "2024-05-16"] {
                let key = format!("{day}/{table}_00000000_23-59-59.jsonl");
                self.outsider
                    .put_object(&key, "[\n    {\n        \"id\": 1\n    }\n]")
                    .await;
            }
            self.timestamp(table, &spaced(20)).await;
            self.packet_id(table, 0).await;
        }
    }

    async fn object(&self, table: &str, packet: u64, from: i64, to: i64, spelled: Spelling) {
        let row = |i| {
            let at = spelled(i);
            let at = if at.contains(':') {
                format!("\"{at}\"")
            } else {
                at
            };
            format!("    {{\n        \"id\": {i},\n        \"last_updated\": {at}\n    }}")
        };
        let rows: Vec<String> = (from..=to).map(row).collect();
        let key = format!("2024-05-16/{table}_{packet:08}_10-0{packet}-00.jsonl");
        let body = format!("[\n{}\n]", rows.join(",\n"));
        self.outsider.put_object(&key, &body).await;
    }

    async fn timestamp(&self, table: &str, value: &str) {
        let name = format!("{}_{table}_latest_extracted_timestamp", self.env);
        self.outsider.put_parameter(&name, value).await;
    }

    async fn packet_id(&self, table: &str, packet: u64) {
        let name = format!("{}_{table}_latest_packet_id", self.env);
        self.outsider
            .put_parameter(&name, &packet.to_string())
            .await;
    }

    /// Runs the binary and returns its records.
    #[track_caller]
    fn run(&self, words: &str, code: i32) -> Vec<Value> {
        let mut words: Vec<&str> = words.split(' ').collect();
        words.extend(["--output", "json"]);
        let run = self.stage.sandbox.run(&words).expect_code(code);
        run.json().as_array().expect("an array").clone()
    }

    /// What a consumer reads: the packets of each table by number, which is the second to last part of the key when
    /// it is split at underscores, with each body parsed as a whole.
    async fn packets(&self) -> BTreeMap<String, BTreeMap<u64, Vec<Value>>> {
        let mut packets: BTreeMap<String, BTreeMap<u64, Vec<Value>>> = BTreeMap::new();
        for (key, body) in self.outsider.read_objects().await {
            let Some((_, file)) = key.split_once('/').filter(|(day, _)| day.starts_with("20"))
            else {
                assert!(key.starts_with("_highwater/"), "{key}");
                continue;
            };
            let parts: Vec<&str> = file.split('_').collect();
            let packet = parts[parts.len() - 2].parse().expect("a packet id");
            let table = parts[..parts.len() - 2].join("_");
            let rows: Vec<Value> = serde_json::from_str(&body).expect("one JSON array");
            packets.entry(table).or_default().insert(packet, rows);
        }
        packets
    }

    /// Asserts that every row of both large tables is in exactly one packet, once.
    async fn each_row_once(&self) {
        let packets = self.packets().await;
        for table in ["payment", "sales_order"] {
            let rows = packets[table].values().flatten();
            let mut ids: Vec<i64> = rows.map(|row| row["id"].as_i64().expect("an id")).collect();
            ids.sort_unstable();
            let expected: Vec<i64> = (1..=30).collect();
            assert_eq!(ids, expected, "{}: {table}", self.stage.name);
        }
    }
}

fn of<'a>(records: &'a [Value], table: &str) -> &'a Value {
    let record = records.iter().find(|record| record["table"] == table);
    record.unwrap_or_else(|| panic!("no {table} in {records:?}"))
}

fn codes(records: &[Value], severity: &str) -> Vec<String> {
    let found = records
        .iter()
        .filter(|record| record["severity"] == severity);
    found
        .map(|record| {
            format!(
                "{} {}",
                record["table"].as_str().unwrap_or_default(),
                record["code"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn highwater_goes_on_where_the_other_program_stopped() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for pipeline in Pipeline::all(&database).await {
        let name = &pipeline.stage.name;
        let statuses = pipeline.run("status", 0);
        for table in ["payment", "sales_order"] {
            let status = of(&statuses, table);
            assert_eq!(status["state"], "pending", "{name}: {status}");
            assert_eq!(
                (&status["sequence_id"], &status["pending_rows"]),
                (&2.into(), &10.into())
            );
            assert_eq!(status["timestamp"], "2024-05-16T10:00:20.123000Z");
        }
        let found = pipeline.run("doctor", 0);
        assert_eq!(codes(&found, "warning"), [""; 0], "{name}: {found:#?}");
        let preview = pipeline
            .stage
            .sandbox
            .run(&["preview", "sales_order"])
            .expect_code(0);
        assert_eq!(preview.stdout.lines().count(), 10, "{name}");

        let reports = pipeline.run("ingest --all", 0);
        for report in &reports {
            assert_eq!(report["outcome"], "written", "{name}: {report}");
        }
        assert_eq!(of(&reports, "payment")["objects"][0]["sequence_id"], 3);
        pipeline.each_row_once().await;
        let packets = pipeline.packets().await;
        let newest = |table: &str| packets[table].last_key_value().expect("a packet").1;
        assert_eq!(newest("payment")[0]["id"], 21, "{name}: only what is new");
        let codes_of: Vec<&Value> = newest("currency").iter().map(|row| &row["code"]).collect();
        assert_eq!(codes_of, ["GBP", "EUR"], "{name}: the whole table");
        assert_eq!(newest("department").len(), 1);

        // The values are spelled as the other program reads them.
        let history = pipeline.run("params history payment", 0);
        let values: Vec<&str> = history
            .iter()
            .filter_map(|entry| entry["value"].as_str())
            .collect();
        assert!(
            values.contains(&"2024-05-16 10:00:30.123"),
            "{name}: {values:?}"
        );
        let found = pipeline.run("doctor", 0);
        assert_eq!(codes(&found, "warning"), [""; 0], "{name}: {found:#?}");
        let again = pipeline.run("ingest payment sales_order", 0);
        assert_eq!(of(&again, "sales_order")["outcome"], "nothing-pending");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_left_half_done_is_mended_and_no_row_is_lost_or_repeated() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    // What the other program left: only the object; the object and its timestamp; the object and its packet id;
    // only the timestamp. Each case has its own spelling.
    let spellings: [Spelling; 4] = [with_a_t, spaced, with_offset, in_milliseconds];
    for (case, spelled) in (0..4).zip(spellings) {
        for pipeline in Pipeline::all(&database).await {
            let context = format!("{}, case {case}", pipeline.stage.name);
            if case < 3 {
                pipeline.object("payment", 3, 21, 25, spelled).await;
            }
            if case == 1 || case == 3 {
                pipeline.timestamp("payment", &spelled(25)).await;
            }
            if case == 2 {
                pipeline.packet_id("payment", 3).await;
            }
            let (severity, expected) = match case {
                0 | 1 => ("error", "payment stuck-sequence"),
                _ => ("warning", "payment timestamp-mismatch"),
            };
            let found = pipeline.run("doctor", 3);
            assert_eq!(codes(&found, severity), [expected], "{context}: {found:#?}");
            if severity == "error" {
                let statuses = pipeline.run("status", 0);
                assert_eq!(
                    of(&statuses, "payment")["state"],
                    "needs-attention",
                    "{context}"
                );
                let reports = pipeline.run("ingest --all", 1);
                assert_eq!(of(&reports, "payment")["outcome"], "failed", "{context}");
                assert_eq!(
                    of(&reports, "sales_order")["outcome"],
                    "written",
                    "{context}"
                );
                pipeline.run("doctor --repair --yes", 0);
            } else {
                pipeline.run("doctor --repair --yes", 3);
                pipeline.run("doctor --repair --yes --choose use-object", 0);
            }
            let before = pipeline.run("params history payment", 0);
            pipeline.run("doctor --repair --yes --choose use-object", 0);
            assert_eq!(
                pipeline.run("params history payment", 0),
                before,
                "{context}"
            );
            pipeline.run("ingest payment sales_order", 0);
            pipeline.each_row_once().await;
        }
    }
}
