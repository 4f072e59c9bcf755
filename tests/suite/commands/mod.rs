//! The commands as a user runs them: the binary, its output and its exit codes.

mod backfilling;
mod doctor;
mod endings;
mod explaining;
mod ingesting;
mod looking;
mod safety;
mod starting_over;
mod values;

use serde_json::Value;

use crate::support::{self, Database, Sandbox};

const TABLES: &str = "\
CREATE TABLE payment (id int PRIMARY KEY, note text, amount numeric(10,2), last_updated timestamp(3));
INSERT INTO payment SELECT i, 'note ' || i, i * 1.10, '2024-05-16 10:00:00'::timestamp + i * interval '1 second'
  FROM generate_series(1, 20) i;
CREATE TABLE staff (id int PRIMARY KEY, name text, last_updated timestamptz);
INSERT INTO staff VALUES (1, 'Ada', '2024-05-16 10:50:30.123456+00'), (2, 'Grace', '2024-05-17 00:00:00+00');
CREATE TABLE design (id int PRIMARY KEY, last_updated timestamp);
CREATE SCHEMA sales;";

/// A database with three tables, and a profile for it; `None` without a server.
async fn shop() -> Option<(Database, Sandbox)> {
    let database = support::postgres()?;
    database.run(TABLES).await;
    let sandbox = Sandbox::local(&database);
    Some((database, sandbox))
}

/// Sets the safety of the sandbox's profile.
fn guard(sandbox: &Sandbox, safety: &str) {
    let before = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
    sandbox.write_config(&before.replace(
        "[profiles.test.source]",
        &format!("[profiles.test]\nsafety = \"{safety}\"\n[profiles.test.source]"),
    ));
}

/// The only record of a command about one table.
#[track_caller]
fn one(sandbox: &Sandbox, words: &[&str]) -> Value {
    let mut words = words.to_vec();
    words.extend(["--output", "json"]);
    let records = sandbox.run(&words).expect_code(0).json();
    let records = records.as_array().expect("an array").clone();
    assert_eq!(records.len(), 1, "{records:?}");
    records.into_iter().next().expect("one record")
}

/// The names of an object's fields, in order.
fn fields(record: &Value) -> Vec<&str> {
    let fields = record.as_object().expect("an object");
    fields.keys().map(String::as_str).collect()
}

/// The record of `table` among the records of a command.
fn of<'a>(records: &'a Value, table: &str) -> &'a Value {
    let records = records.as_array().expect("an array");
    records
        .iter()
        .find(|record| record["table"] == table)
        .unwrap_or_else(|| panic!("no {table} in {records:?}"))
}
