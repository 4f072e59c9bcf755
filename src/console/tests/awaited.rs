//! Answers that take long to arrive.

use super::support::*;

#[test]
fn an_answer_that_is_long_in_coming_says_for_how_long() {
    let mut console = Console::filled((80, 24));
    console.press("jji");
    console.wait(0.5);
    assert!(console.shows("counting in one snapshot"));
    assert!(!console.shows(", for"), "{}", console.frame());
    console.wait(8.0);
    assert!(console.shows("counting in one snapshot, for 8 s"));
}

#[test]
fn the_page_of_a_table_says_what_is_still_to_come_and_who_does_not_answer() {
    let mut console = Console::new((80, 24));
    console.list(&["design"]);
    let sweep = console.last();
    console.part(&sweep, "design", stored("design", None, None));
    console.press("<enter>");
    let line = console.line("pending");
    assert!(line.contains("being counted"), "{line}");
    assert!(!console.shows("has not answered"));
    console.wait(38.0);
    assert!(console.shows("PostgreSQL or the object store has not answered for 38 s"));
    console.part(&sweep, "design", newest(None, None));
    console.part(&sweep, "design", rows(20, 0));
    assert!(!console.shows("has not answered") && !console.shows("being counted"));
}
