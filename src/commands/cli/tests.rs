//! Tests the command line against its contract.

use std::fmt::Write as _;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser as _};

use super::{Cli, Command, ProfileCommand};

fn parse(line: &str) -> Result<Cli, ErrorKind> {
    let words = std::iter::once("highwater").chain(line.split_whitespace());
    Cli::try_parse_from(words).map_err(|error| error.kind())
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_spelling_of_the_contract_is_accepted() {
    for line in [
        "",
        "status",
        "status payment public.staff --exact --output json",
        "ingest --all --dry-run --max-rows 10 --concurrency 2 --demo",
        "ingest payment --yes -q",
        "preview payment --limit 3",
        "params get payment --output csv",
        "params set payment --timestamp -2h --reason why",
        "params set payment --sequence-id 7 --force --confirm payment --reason why",
        "params history payment --output jsonl",
        "params revert payment --version 3 --reason why --parameter sequence-id",
        "doctor",
        "doctor payment staff --output json",
        "doctor payment --repair --only stuck-sequence sequence-ahead --yes",
        "doctor --repair --only stuck-sequence,stale --choose use-object",
        "backfill payment --from -2d --to yesterday --chunk 6h --dry-run",
        "backfill payment --resume",
        "backfill payment --resume 20240516T105030-1f3a5c7e --yes",
        "objects payment --limit 5",
        "objects cat payment/payment_00000001.jsonl --limit 5",
        "journal --limit 5 --no-color -vv",
        "check --config a.toml --profile prod --read-only",
        "init",
        "keys",
        "completions zsh",
        "man",
        "man params set",
        "demo reset",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
    }
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for line in [
        "ingest payment --all",
        "backfill payment",
        "backfill payment --from -2d",
        "backfill payment --from -2d --resume",
        "ingest --all --max-rows 0",
        "ingest --all --concurrency 0",
        "params set payment --reason why",
        "params set payment --timestamp now",
        "params set payment --timestamp now --reason",
        "params revert payment --reason why",
        "params revert payment --version 0 --reason why",
        "doctor --yes",
        "doctor --only nonsense",
        "doctor --repair --choose nonsense",
        "params set payment --sequence-id -1 --reason why",
        "objects",
        "preview",
        "status --output yaml",
        "status --demo --profile prod",
        "nonsense",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn a_name_that_a_script_left_empty_is_a_usage_error() {
    for line in [
        &["status", ""][..],
        &["ingest", "payment", ""],
        &["backfill", "", "--resume"],
        &["preview", ""],
        &["params", "get", ""],
        &["params", "set", "", "--timestamp", "now", "--reason", "why"],
        &["params", "history", ""],
        &["params", "revert", "", "--version", "1", "--reason", "why"],
        &["doctor", ""],
        &["objects", ""],
        &["objects", "cat", ""],
    ] {
        let words = std::iter::once("highwater").chain(line.iter().copied());
        assert!(Cli::try_parse_from(words).is_err(), "{line:?}");
    }
}

#[test]
fn what_is_no_number_is_told_what_is_expected() {
    for (line, expected) in [
        ("ingest --all --max-rows -1", "a whole number from 1 is"),
        ("ingest --all --max-rows 0", "a whole number from 1 is"),
        (
            "ingest --all --concurrency 70000",
            "a whole number from 1 to 65535 is",
        ),
        ("preview payment --limit x", "a whole number from 0 is"),
        ("objects payment --limit 1.5", "a whole number from 0 is"),
        ("objects cat a/b --limit -1", "a whole number from 0 is"),
        ("journal --limit many", "a whole number from 0 is"),
    ] {
        let words = std::iter::once("highwater").chain(line.split_whitespace());
        let error = Cli::try_parse_from(words).expect_err(line).to_string();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn the_help_of_every_command_reads_as_agreed() {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut text = String::new();
    add_help(&command, &mut text);
    insta::assert_snapshot!("help", text);
}

fn add_help(command: &clap::Command, text: &mut String) {
    let name = command.get_display_name().unwrap_or("highwater");
    let help = command.clone().render_help();
    // The global options are shown once, for the program itself.
    let help = help.to_string();
    let (own, _) = match help.split_once("Global options:") {
        Some(parts) if name != "highwater" => parts,
        _ => (help.as_str(), ""),
    };
    let _ = writeln!(text, "──── {name}\n{}\n", own.trim_end());
    if let Some(after) = command.get_after_help().filter(|_| name != "highwater") {
        let _ = writeln!(text, "{after}\n");
    }
    for subcommand in command.get_subcommands() {
        if subcommand.get_name() != "help" {
            add_help(subcommand, text);
        }
    }
}

#[test]
fn objects_takes_a_table_or_cat_and_a_key() {
    let objects = |line| match parse(line).expect("a command line").command {
        Some(Command::Profile(ProfileCommand::Objects(args))) => args,
        other => panic!("{other:?}"),
    };
    assert_eq!(objects("objects payment").table.as_deref(), Some("payment"));
    assert!(objects("objects cat a/b").table.is_none());
}
