//! How the list of tables uses the room that it has.

use std::sync::Arc;

use super::answers::*;
use super::doctor::{found, stuck};
use super::support::*;
use crate::backend::status::PartValue;
use crate::console::message::Message;
use crate::jobs::Output;

#[test]
fn names_that_begin_alike_are_told_apart_where_there_is_room() {
    let long = "a_very_long_table_name_that_goes_on_and_on";
    let names = [format!("{long}_first"), format!("{long}_last")];
    for size in [(80, 24), (96, 24), (200, 50)] {
        let mut console = Console::new(size);
        console.list(&[&names[0], &names[1]]);
        let sweep = console.last();
        for name in &names {
            console.part(&sweep, name, stored(name, None, None));
            console.part(&sweep, name, newest(None, None));
            console.part(&sweep, name, rows(7, 0));
        }
        console.done(&sweep, Output::Status);
        let is_wide = size.0 > 100;
        for (name, end) in names.iter().zip(["on_first", "_on_last"]) {
            let shown = if is_wide { name } else { end };
            assert!(console.shows(shown), "{size:?}: {}", console.frame());
        }
    }
}

#[test]
fn one_long_name_does_not_cost_all_tables_their_timestamps() {
    let long = "a_very_long_table_name_that_goes_on_and_on_to_sixty_three_chars";
    let mut console = Console::new((120, 40));
    console.list(&[long, "staff"]);
    let sweep = console.last();
    for name in [long, "staff"] {
        let at = Some("2026-05-16T10:50:30.123456Z");
        console.part(&sweep, name, stored(name, at, Some(12)));
        console.part(&sweep, name, newest(Some((12, 3, "02:00:00")), None));
        console.part(&sweep, name, rows(7, 0));
    }
    console.done(&sweep, Output::Status);
    assert!(
        console.line("staff").contains("2026-05-16 10:50:30.123456"),
        "{}",
        console.frame()
    );
    console.send(Message::Resize(200, 40));
    assert!(console.shows(long), "{}", console.frame());
}

#[test]
fn what_was_known_before_an_outage_keeps_its_room() {
    let mut console = Console::new((80, 24));
    console.list(&["bulk"]);
    let sweep = console.last();
    console.part(
        &sweep,
        "bulk",
        stored("bulk", Some("2026-05-16T10:50:30Z"), Some(6)),
    );
    console.part(&sweep, "bulk", newest(None, None));
    console.part(&sweep, "bulk", rows(2_345_678_901, 12));
    console.done(&sweep, Output::Status);
    let counted = "2,345,678,901 +12";
    assert!(console.shows(counted), "{}", console.frame());
    console.wait(6.0);
    let again = console.last();
    let down = || PartValue::Rows(Err(Arc::new(unavailable())));
    console.part(&again, "bulk", down());
    console.done(&again, Output::Status);
    assert!(console.shows(counted), "{}", console.frame());
}

#[test]
fn findings_of_tables_that_begin_alike_are_told_apart_in_any_size() {
    let names = [1, 2].map(|number| format!("customer_transactions_partition_{number:04}"));
    for size in [(80, 24), (120, 40), (40, 12)] {
        let mut console = Console::new(size);
        console.list(&[&names[0], &names[1]]);
        console.press("d");
        let asked = console.last();
        console.done(&asked, found(vec![stuck(&names[0]), stuck(&names[1])]));
        for name in &names {
            let end = &name[name.len() - 4..];
            assert!(console.shows(end), "{size:?}: {}", console.frame());
        }
        console.press("<tab>");
        assert!(
            console.line("Columns").contains("0001"),
            "{}",
            console.frame()
        );
    }
}

#[test]
fn many_tables_are_counted_by_thousands() {
    let names: Vec<String> = (0..1_204).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::new((80, 24));
    console.list(&names);
    console.press("G");
    assert!(
        console.shows("Tables 1,204   1,186–1,204"),
        "{}",
        console.frame()
    );
    console.press("/t1<enter>");
    assert!(console.shows("of 1,204"), "{}", console.frame());
}
