//! Cursors stay on what they are on, whatever arrives meanwhile.

use super::ingesting::{planned, report};
use super::page::{object, opened};
use super::support::*;
use super::versions::version_of;
use crate::jobs::{Failure, Output, Request, Update};
use crate::vocabulary::SequenceId;

#[test]
fn the_cursor_stays_on_its_object_and_on_its_version_when_newer_ones_come() {
    let mut console = opened((80, 24));
    console.press("2jj");
    let on = |console: &Console| {
        let page = console.model.page().expect("a page");
        page.object().map(|object| object.sequence_id)
    };
    assert_eq!(on(&console), Some(SequenceId(100)));
    console.press("R");
    let asked = console.asked(|request| matches!(request, Request::Objects { .. }));
    let objects = (97..=104).rev().map(|number| object(number, Some(7)));
    console.done(&asked, objects_page(objects.collect(), 0));
    assert_eq!(on(&console), Some(SequenceId(100)), "{}", console.frame());
    console.press("3");
    let on = |console: &Console| {
        let page = console.model.page().expect("a page");
        page.version().map(|version| version.value.clone())
    };
    let answer = |console: &mut Console, newest: i64| {
        console.press("R");
        let asked = console.asked(|request| matches!(request, Request::History { .. }));
        let versions = (1..=newest).rev();
        let versions = versions.map(|number| version_of("payment", number, &number.to_string()));
        console.done(&asked, Output::History(versions.collect()));
    };
    answer(&mut console, 4);
    console.press("gj");
    assert_eq!(on(&console).as_deref(), Some("3"));
    answer(&mut console, 9);
    assert_eq!(on(&console).as_deref(), Some("3"), "{}", console.frame());
}

#[test]
fn what_is_read_again_is_shown_from_where_it_was() {
    let mut console = Console::filled((80, 24));
    console.press("jo");
    let lines: Vec<String> = (1..=300).map(|id| format!("{{\"id\":{id}}}")).collect();
    let asked = console.last();
    console.done(&asked, object_lines(lines.clone(), false));
    console.press("<end><up><up>");
    assert!(console.shows("{\"id\":298}"));
    console.press("R");
    let asked = console.last();
    console.wait(1.0);
    console.done(&asked, object_lines(lines, false));
    let viewer = console.model.viewer().expect("a viewer");
    assert_eq!(viewer.line(), Some(297), "{}", console.frame());
    assert!(console.shows("{\"id\":298}"), "{}", console.frame());
}

#[test]
fn lines_are_scrolled_to_the_right_no_further_than_they_go() {
    let mut console = Console::filled((80, 24));
    console.press("jo");
    let asked = console.last();
    let line = format!("{{\"note\":\"{}end\"}}", "x".repeat(100));
    console.done(&asked, object_lines(vec![line], false));
    console.press(&"l".repeat(40));
    assert!(console.shows("end\"}"), "{}", console.frame());
    console.press(&"h".repeat(14));
    assert!(console.shows("{\"note\""), "{}", console.frame());
}

#[test]
fn the_cursor_goes_to_the_job_that_was_started_again() {
    let mut console = Console::filled((80, 24));
    for name in ["staff", "payment", "design"] {
        let tables = vec![table(name)];
        let effects = crate::console::update::ingest_for_tests(&mut console.model, tables);
        console.take(effects);
        let job = console.last();
        let why = std::sync::Arc::new(unavailable());
        console.news(&job, Update::Done(Err(Failure::Error(why))));
    }
    planned(&mut console, "Jjr", "payment");
    assert!(console.shows("Ingest payment?"), "{}", console.frame());
    console.press("y");
    let started = console.asked(|request| matches!(request, Request::Ingest { .. }));
    console.press("x");
    let cancelled = console.effects.last();
    let is_it = matches!(cancelled, Some(crate::console::effect::Effect::Cancel(job)) if *job == started.job);
    assert!(is_it, "{cancelled:?}\n{}", console.frame());
    console.done(&started, Output::Ingested(report("payment", 3)));
}

#[test]
fn of_tables_sorted_by_size_those_of_which_none_is_known_come_last() {
    let mut console = Console::new((80, 24));
    let mut tables = ["known", "larger", "unknown"].map(source_table);
    tables[1].bytes = 16_384;
    (tables[2].bytes, tables[2].estimated_rows) = (0, None);
    let asked = console.last();
    console.done(&asked, Output::Tables(tables.to_vec()));
    let order = |console: &Console| {
        let rows = console.model.tables.visible();
        let names = rows.map(|row| row.table().to_string());
        names.collect::<Vec<_>>()
    };
    console.press("Sd");
    assert_eq!(order(&console), ["larger", "known", "unknown"]);
    console.press("Sd");
    assert_eq!(order(&console), ["known", "larger", "unknown"]);
}
