//! The versions of both values, on the page of a table.

use super::page::opened;
use super::support::*;
use crate::backend::{
    edits::{HistoryEntry, Which},
    provenance::{Origin, Provenance},
};
use crate::console::action::Scope;
use crate::console::model::Screen;
use crate::jobs::{Output, Request};
use crate::vocabulary::{ParameterName, Version};

const RUN: &str = "highwater run=3f2a91c0-0000-4000-8000-000000000000 seq=101";

fn version(which: &str, number: i64, value: &str, description: &str) -> HistoryEntry {
    let origin = match description {
        text if text.starts_with("highwater run") => Origin::Run,
        text if text.starts_with("highwater edit") => Origin::Edit,
        _ => Origin::Other,
    };
    HistoryEntry {
        by: Provenance::from_description(description),
        table: table("payment"),
        parameter: ParameterName::new(format!("/highwater/payment/{which}")),
        which: if which == "timestamp" {
            Which::Timestamp
        } else {
            Which::SequenceId
        },
        version: Version(number),
        value: value.to_owned(),
        written_at: at("2026-05-16T12:00:00Z"),
        written_by: "arn:aws:iam::1:user/ada".to_owned(),
        origin,
        description: description.to_owned(),
    }
}

/// A version of a table's timestamp, written by a run.
pub fn version_of(name: &str, number: i64, value: &str) -> HistoryEntry {
    HistoryEntry {
        table: table(name),
        parameter: ParameterName::new(format!("/highwater/{name}/timestamp")),
        ..version("timestamp", number, value, RUN)
    }
}

/// Five versions of both values, by a run, an edit and a script.
pub fn history() -> Vec<HistoryEntry> {
    vec![
        version("sequence_id", 213, "101", RUN),
        version("timestamp", 214, "2026-05-16T10:50:30.123000Z", RUN),
        version(
            "timestamp",
            213,
            "2026-05-16T08:00:00.000000Z",
            "highwater edit by=ada: late corrections",
        ),
        version("timestamp", 212, "2026-05-16T10:00:00.000000Z", "a script"),
        version("sequence_id", 212, "100", ""),
    ]
}

#[test]
fn by_how_much_a_version_moved_the_timestamp_is_told_by_two_units() {
    let mut console = opened((80, 24));
    let versions = console.asked(|request| matches!(request, Request::History { .. }));
    console.press("3R");
    let again = console.asked(|request| matches!(request, Request::History { .. }));
    assert_ne!(versions.job, again.job);
    let moved = vec![
        version("timestamp", 213, "2026-05-16T08:00:01.000000Z", RUN),
        version("timestamp", 212, "2026-05-16T10:00:00.000000Z", RUN),
    ];
    console.done(&again, Output::History(moved));
    assert!(console.shows(" −1h59m "), "{}", console.frame());
}

#[test]
fn versions_are_told_apart_where_no_stored_value_could_be_read() {
    let mut console = Console::new((80, 24));
    console.list(&["payment"]);
    console.press("<enter>3");
    let versions = console.asked(|request| matches!(request, Request::History { .. }));
    console.done(&versions, Output::History(history()));
    assert!(console.line(" 101 ").contains("sequence id"));
    assert!(console.line("2026-05-16 08:00").contains("timestamp"));
}

#[test]
fn a_version_tells_what_it_changed_and_can_be_gone_back_to() {
    let mut console = opened((80, 24));
    console.press("3jj<enter>");
    assert!(
        console.shows("- 2026-05-16T10:00:00.000000Z"),
        "{}",
        console.frame()
    );
    assert!(console.shows("+ 2026-05-16T08:00:00.000000Z"));
    assert!(console.shows("late corrections"));
    console.press("qu");
    assert_eq!(console.model.scope(), Scope::Edit);
    let Some(Screen::Edit(form)) = console.model.stack.last() else {
        panic!("no form");
    };
    assert_eq!(form.timestamp.value(), "2026-05-16T08:00:00.000000Z");
    assert_eq!(form.reason.value(), "back to version 213");
    console.wait(0.3);
    assert!(
        matches!(console.last().request, Request::PlanEdit(_)),
        "it says what it would do"
    );
    console.press("<esc>");
    assert_eq!(console.model.scope(), Scope::Table, "back to the page");
}

#[test]
fn an_older_sequence_id_is_gone_back_to_only_by_force_and_with_its_name() {
    let mut console = opened((80, 24));
    console.press("3Gu");
    let Some(Screen::Edit(form)) = console.model.stack.last() else {
        panic!("no form");
    };
    assert_eq!(form.sequence_id.value(), "100");
    assert!(form.is_forced());
    assert!(console.shows("forced: 102 is the next"));
}
