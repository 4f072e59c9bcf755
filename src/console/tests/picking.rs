//! Filters of the lists on the page of a table.

use super::columns::{column, showing};
use super::doctor::{found, no_index, stuck};
use super::page::{object, opened};
use super::support::*;
use crate::backend::objects::Kind;
use crate::backend::table_objects::listing::ListedObject;
use crate::console::effect::Effect;
use crate::jobs::Request;

const fn is_list(request: &Request) -> bool {
    matches!(request, Request::Objects { .. })
}

/// Objects of which every tenth was written by a backfill.
fn objects(newest: u64, oldest: u64) -> Vec<ListedObject> {
    let object = |number: u64| ListedObject {
        kind: Some(if number.is_multiple_of(10) {
            Kind::Backfill
        } else {
            Kind::Ingest
        }),
        ..object(number, Some(7))
    };
    (oldest..=newest).rev().map(object).collect()
}

fn under_cursor(console: &Console) -> Option<u64> {
    let page = console.model.page().expect("a page");
    page.object().map(|object| object.sequence_id.0)
}

#[test]
fn the_objects_of_a_table_are_filtered_and_written_as_they_are_shown() {
    for size in [(80, 24), (40, 12), (200, 50)] {
        let mut console = opened(size);
        console.press("2jjj");
        assert_eq!(under_cursor(&console), Some(99));
        console.press("/0009");
        assert!(
            console.shows(" 3 of 6 objects   0009"),
            "{}",
            console.frame()
        );
        assert_eq!(under_cursor(&console), Some(99), "it stays on its object");
        console.press("<ctrl-u>foreign<enter>");
        assert!(console.shows(" 1 of 6 objects   foreign"));
        assert_eq!(under_cursor(&console), Some(97));
        console.press("wj");
        let Some(Effect::Save { text, .. }) = console.effects.last() else {
            panic!("nothing is written");
        };
        assert_eq!(text.matches("\"key\"").count(), 1, "{text}");
        console.press("<esc>");
        assert!(!console.shows("of 6 objects"), "Esc clears the filter");
        assert_eq!(under_cursor(&console), Some(97), "and stays on its object");
        console.press("<esc>");
        assert!(console.model.page().is_none(), "then leaves the page");
    }
}

#[test]
fn what_a_filter_leaves_of_the_objects_is_looked_for_among_older_ones_until_it_fills_the_screen() {
    let mut console = opened((80, 24));
    console.press("2R");
    let asked = console.asked(is_list);
    console.done(&asked, objects_page(objects(1_000, 901), 900));
    let before = console.started.len();
    console.press("/backfill");
    assert_eq!(
        console.started.len(),
        before,
        "while it is typed nothing is asked"
    );
    console.press("<enter>");
    let (mut rounds, mut last) = (0, 901);
    loop {
        let asked = console.asked(is_list);
        let is_open = console.shows("listing older ones");
        if !is_open {
            break;
        }
        rounds += 1;
        let oldest = last - 50;
        let older = usize::try_from(oldest - 1).expect("few");
        console.done(&asked, objects_page(objects(last - 1, oldest), older));
        last = oldest;
    }
    assert!((1..=3).contains(&rounds), "{rounds}");
    assert!(console.shows("older ones follow"), "{}", console.frame());
    console.press("<end>");
    assert!(console.shows("listing older ones"), "{}", console.frame());
    let before = console.asked(is_list);
    console.press("<esc>");
    console.done(&before, objects_page(objects(last - 1, last - 50), 0));
    assert!(!console.shows("of 1,000"), "{}", console.frame());
}

#[test]
fn a_filter_that_lets_nothing_through_stops_after_a_thousand_objects() {
    let mut console = opened((80, 24));
    console.press("2R");
    let asked = console.asked(is_list);
    console.done(&asked, objects_page(objects(9_000, 8_801), 8_800));
    console.press("/nothing<enter>");
    let mut last = 8_801;
    while console.shows("listing older ones") {
        let asked = console.asked(is_list);
        let older = usize::try_from(last - 201).expect("few");
        console.done(&asked, objects_page(objects(last - 1, last - 200), older));
        last -= 200;
    }
    assert!(
        console.shows(" 0 of 1,000 objects   nothing"),
        "{}",
        console.frame()
    );
    let said = "the newest 1,000 of 9,000; older ones are not searched";
    assert!(console.shows(said), "{}", console.frame());
}

#[test]
fn the_versions_of_both_values_are_filtered_by_what_and_who() {
    let mut console = opened((80, 24));
    console.press("3/sequence");
    assert!(console.shows(" 2 of 5 versions   sequence"));
    assert!(!console.shows("timestamp "), "{}", console.frame());
    console.press("<ctrl-u>ada: late<enter>");
    assert!(console.shows(" 1 of 5 versions   ada: late"));
    console.press("<enter>");
    assert!(console.shows("- 2026-05-16T10:00:00.000000Z"));
    console.press("qu");
    assert!(console.shows("back to version 213"), "{}", console.frame());
    console.press("<esc>1");
    assert!(!console.shows("of 5 versions"));
    console.press("/");
    assert!(console.shows("filter: this tab is not a list"));
    console.press("3");
    assert!(console.shows(" 1 of 5 versions   ada: late"));
}

#[test]
fn of_many_columns_those_that_are_looked_for_are_shown() {
    let columns = (0..500).map(|number| match number % 100 {
        7 => column(&format!("payload_{number}"), "jsonb"),
        _ => column(&format!("amount_{number}"), "numeric"),
    });
    let mut console = showing(columns.collect(), (80, 24));
    assert!(!console.shows("payload_407"));
    console.press("G/jsonb");
    assert!(
        console.shows(" 5 of 500 columns   jsonb") && console.shows("payload_7 "),
        "{}",
        console.frame()
    );
    assert!(console.shows("payload_407") && !console.shows("amount"));
    console.press("<enter>yp");
    let copied = console.copied().expect("a page");
    assert_eq!(copied.matches("jsonb").count(), 5, "{copied}");
    console.press("/<ctrl-u>nothing<enter>");
    assert!(console.shows(" 0 of 500 columns   nothing"));
    assert!(console.line("nothing").contains("Esc  clears"));
}

#[test]
fn that_the_findings_of_a_table_are_filtered_is_said_as_of_its_other_lists() {
    let mut console = opened((80, 24));
    console.press("5");
    let asked = console.last();
    let mut noted = stuck("payment");
    noted.finding = no_index().finding;
    console.done(&asked, found(vec![stuck("payment"), noted]));
    console.press("/stuck<enter>");
    assert!(
        console.shows(" 1 of 2 findings   stuck"),
        "{}",
        console.frame()
    );
}
