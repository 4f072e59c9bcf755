use super::doctor::opened;
use super::support::*;

#[test]
fn findings_are_filtered_counted_and_repaired_as_they_are_shown() {
    let mut console = opened((120, 40));
    console.press("/finding:stuck<enter>");
    assert!(console.shows("stuck-sequence") && !console.shows("timestamp-mismatch"));
    assert!(console.shows("1 error   finding:stuck"));
    assert!(!console.shows("1 note"));
    console.press("/!stuck");
    assert!(!console.shows("object 102 exists") && console.shows("sales_order"));
    // Esc leaves the filter as it was.
    console.press("<esc>");
    assert!(console.shows("1 error   finding:stuck"));
    console.press("/severity:note<enter>");
    assert!(console.shows("no index leads") && !console.shows("sales_order"));
    // What is not shown is not repaired.
    console.press("F");
    assert!(console.shows("no finding has a repair that needs no choice"));
    console.press("/nothing<enter>");
    assert!(console.shows("none of 3 findings matches the filter"));
}

#[test]
fn the_help_is_filtered_by_section_key_and_text() {
    let mut console = Console::filled((80, 24));
    console.press("?/backfill chunk<enter>");
    assert!(console.shows("nothing in the help matches the filter"));
    console.press("/interrupted<enter>");
    let frame = console.frame();
    assert!(
        frame.contains("Help   interrupted") && frame.contains("Ctrl-R"),
        "{frame}"
    );
    assert!(!frame.contains("Signs"), "{frame}");
}
