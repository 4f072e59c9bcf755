use std::sync::Arc;

use super::foreseeing::told;
use super::support::*;
use crate::backend::Error;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::status::PartValue;
use crate::jobs::{Output, Request};
use crate::vocabulary::ParameterName;

#[test]
fn a_refresh_keeps_cursor_marks_and_filter() {
    let mut console = Console::filled((80, 24));
    console.press("/s<enter>j ");
    let marked: Vec<String> = console
        .model
        .tables
        .marks
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(marked, ["sales_order"]);
    let before = console.frame();
    console.wait(6.0);
    let sweep = console.last();
    assert!(
        matches!(sweep.request, Request::Status { .. }),
        "{:?}",
        sweep.request
    );
    console.describe(&sweep);
    console.part(&sweep, "sales_order", rows(2000, 0));
    console.done(&sweep, Output::Status);
    let after = console.frame();
    assert!(after.contains("2,000"));
    let places = |frame: &str| -> Vec<String> {
        frame
            .lines()
            .skip(2)
            .map(|line| line.chars().take(16).collect())
            .collect()
    };
    assert_eq!(places(&before), places(&after));
    assert_eq!(console.model.tables.cursor, Some(table("staff")));
}

#[test]
fn a_table_that_appears_above_does_not_move_the_cursor_to_another_one() {
    let mut console = Console::filled((80, 24));
    console.press("jj");
    assert_eq!(console.model.tables.cursor, Some(table("sales_order")));
    console.press("R");
    console.list(&["address", "design", "payment", "sales_order", "staff"]);
    assert_eq!(console.model.tables.cursor, Some(table("sales_order")));
    assert!(
        console.line("payment").contains("1,204"),
        "what was known stays"
    );
}

#[test]
fn what_takes_long_to_refresh_is_dimmed_and_stays() {
    let mut console = Console::filled((80, 24));
    console.press("j");
    console.wait(6.0);
    let is_dim = |console: &Console| {
        let cells = console.cells("sales_order");
        cells[16..39]
            .iter()
            .all(|cell| cell.modifier.contains(ratatui::style::Modifier::DIM))
    };
    console.wait(0.5);
    assert!(!is_dim(&console), "a quick refresh does not flicker");
    console.wait(1.0);
    assert!(is_dim(&console) && console.line("sales_order").contains("1,204"));
}

#[test]
fn an_answer_that_was_long_in_coming_does_not_put_off_the_next_question() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let slow = console.last();
    console.wait(40.0);
    console.done(&slow, Output::Status);
    console.wait(6.0);
    let next = console.last();
    assert!(matches!(next.request, Request::Status { .. }));
    assert_ne!(next.job, slow.job);
}

#[test]
fn of_many_tables_those_on_the_screen_are_asked_about_first_and_scrolling_asks_for_more() {
    let mut console = Console::new((80, 24));
    let names: Vec<String> = (0..500)
        .map(|number| format!("table_{number:03}"))
        .collect();
    console.list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let asked_about = |started: &Started| match &started.request {
        Request::Status { tables, .. } => tables.clone(),
        _ => Vec::new(),
    };
    let first = console.last();
    let tables = asked_about(&first);
    assert_eq!((tables.len(), tables[0].clone()), (64, table("table_000")));
    console.press("G");
    console.wait(0.1);
    let scrolled = console.last();
    let tables = asked_about(&scrolled);
    assert!(
        tables.contains(&table("table_499")) && tables.len() < 30,
        "{tables:?}"
    );
    console.done(&first, Output::Status);
    let next = console.last();
    assert_eq!(
        asked_about(&next)[0],
        table("table_064"),
        "the sweep goes on"
    );
}

#[test]
fn where_nothing_is_known_of_a_table_it_is_not_called_well() {
    let mut console = Console::new((80, 24));
    console.list(&["payment"]);
    let sweep = console.last();
    let down = || Arc::new(unavailable());
    console.part(&sweep, "payment", PartValue::Stored(Err(down())));
    console.part(&sweep, "payment", PartValue::Newest(Err(down())));
    console.part(&sweep, "payment", PartValue::Rows(Err(down())));
    console.done(&sweep, Output::Status);
    console.press("E");
    assert!(console.shows("because connection refused"));
    assert!(!console.shows("nothing is wrong"), "{}", console.frame());
    assert!(console.shows("not known: its stored values, its objects, its rows"));
}

#[test]
fn one_value_that_cannot_be_read_does_not_hide_the_other() {
    let mut console = Console::new((80, 24));
    console.list(&["payment"]);
    let sweep = console.last();
    let known = stored("payment", Some("2026-05-16T10:50:30Z"), Some(12));
    console.part(&sweep, "payment", known);
    assert!(console.line(" payment").contains("2026-05-16 10:50:30"));
    let unreadable = Error::SequenceUnreadable {
        table: table("payment"),
        parameter: ParameterName::new("/highwater/payment/sequence_id"),
        value: "twelve".to_owned(),
    };
    let failure = PartValue::Stored(Err(Arc::new(unreadable)));
    let half = stored_values("payment", Some("2026-05-16T10:50:31Z"), None);
    console.part(&sweep, "payment", failure);
    console.part(&sweep, "payment", PartValue::Readable(half));
    let line = console.line(" payment");
    assert!(line.contains("2026-05-16 10:50:31"), "{line}");
    assert!(line.contains('!') && !line.contains("12"), "{line}");
    console.press("<enter>");
    assert!(
        console.shows("none that can be read"),
        "{}",
        console.frame()
    );
    assert!(console.shows("2026-05-16 10:50:31"), "{}", console.frame());
}

#[test]
fn a_table_that_has_not_been_looked_at_is_not_called_well() {
    let mut console = Console::new((80, 24));
    console.list(&["payment"]);
    console.press("E");
    assert!(
        console.shows("why: not everything has been looked at yet"),
        "{}",
        console.frame()
    );
    let sweep = console.last();
    console.part(&sweep, "payment", stored("payment", None, None));
    console.part(&sweep, "payment", newest(None, None));
    console.part(&sweep, "payment", rows(20, 0));
    console.press("E");
    assert!(console.shows("why: nothing is wrong with it"));
}

#[test]
fn where_the_list_of_tables_cannot_be_had_what_was_known_is_not_called_well() {
    let mut console = Console::filled((80, 24));
    console.press("R");
    let asked = console.last();
    console.fail(&asked, unavailable());
    console.press("E");
    assert!(!console.shows("nothing is wrong"), "{}", console.frame());
    assert!(console.shows("it is not known what is wrong with this table now"));
}

#[test]
fn the_cursor_keeps_its_line_when_something_is_said_above_it() {
    let mut console = Console::filled((80, 10));
    console.press("G");
    let line_of = |console: &Console| {
        let frame = console.frame();
        frame.lines().position(|line| line.contains("transaction"))
    };
    let before = line_of(&console);
    let unreachable = Finding::new(FindingCode::RowsUnreachable, "3 rows have no timestamp");
    let mut counts = counts(0, 0, true);
    counts.findings = vec![unreachable];
    told(&mut console, PartValue::Rows(Ok(counts)));
    assert!(console.shows("rows-unreachable"), "{}", console.frame());
    // The line may move by one, as a row of two lines is never shown in half.
    let moved = before
        .zip(line_of(&console))
        .map(|(from, to)| from.abs_diff(to));
    assert!(moved <= Some(1), "{}", console.frame());
    // Lines about all tables are below the list.
    let mut console = Console::filled((80, 24));
    console.press("GR");
    let names = ["design", "payment", "sales_order", "staff", "transaction"];
    console.list(&names);
    let sweep = console.last();
    let before = line_of(&console);
    let out = PartValue::Rows(Err(Arc::new(unavailable())));
    console.part(&sweep, "staff", out);
    console.done(&sweep, Output::Status);
    assert!(console.shows("cannot be reached"), "{}", console.frame());
    assert_eq!(line_of(&console), before, "{}", console.frame());
}
