use insta::assert_snapshot;

use super::doctor::{found, is_examination, no_index, opened, stuck};
use super::ingesting::{is_ingest, planned, report, running};
use super::support::*;
use crate::console::message::Message;
use crate::jobs::Output;

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
    // Findings that are not shown are not repaired.
    console.press("F");
    assert!(console.shows("no finding has a repair that needs no choice"));
    console.press("/nothing<enter>");
    assert!(console.shows("none of 3 findings matches the filter"));
}

#[test]
fn where_no_finding_matches_nothing_is_called_well_and_a_wrong_word_is_named() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    let first = console.last();
    console.done(&first, found(vec![no_index()]));
    let rest = console.asked(is_examination);
    console.done(&rest, found(vec![stuck("payment")]));
    assert!(console.shows("✓ staff"));
    for (filter, told) in [
        ("nowhere", "none of 2 findings matches the filter"),
        (
            "severity:eror",
            "severity:eror is not one of error, warning, note",
        ),
        ("finding:stuk", "finding:stuk is unknown"),
        (
            "pending>0",
            "pending>0 is not a predicate here; there are finding: severity:",
        ),
    ] {
        console.press(&format!("/<ctrl-u>{filter}"));
        assert!(console.shows(told), "{filter}\n{}", console.frame());
        console.press("<enter>");
        assert!(console.shows("none of 2 findings matches the filter"));
        assert!(console.shows(told), "{filter}\n{}", console.frame());
        assert!(!console.shows("nothing is wrong"), "{}", console.frame());
    }
    console.press("/<ctrl-u><enter>");
    assert!(console.shows("✓ staff"), "{}", console.frame());
}

#[test]
fn a_word_that_is_no_predicate_of_tables_is_told_with_those_that_are() {
    let mut console = Console::filled((80, 24));
    for filter in ["severity:error", "foo:bar"] {
        console.press(&format!("/<ctrl-u>{filter}"));
        let whole = |console: &Console| {
            let frame = console
                .frame()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let told = "is not a predicate; there are pending held unreachable rows seq age written state: finding: job:";
            frame.contains(&format!("{filter} {told}"))
        };
        assert!(whole(&console), "{}", console.frame());
        console.press("<enter>");
        assert!(whole(&console), "{}", console.frame());
    }
    // A table is also found by the code of its finding.
    console.press("/<ctrl-u>stuck<enter>");
    assert!(console.shows("Tables 1 of 5"), "{}", console.frame());
    assert!(console.shows("payment"));
}

#[test]
fn what_is_pasted_over_an_older_filter_takes_its_place_as_what_is_typed_does() {
    let mut console = Console::filled((80, 24));
    console.press("/staff<enter>/");
    console.send(Message::Paste("payment\n".to_owned()));
    assert_eq!(console.model.tables.filter.text, "payment");
    console.press("<left>");
    console.send(Message::Paste("x\ty".to_owned()));
    assert_eq!(console.model.tables.filter.text, "paymenx yt");
}

#[test]
fn a_clipboard_full_of_something_else_does_not_stop_the_console() {
    let mut console = Console::filled((80, 24));
    console.press("jje");
    let began = std::time::Instant::now();
    console.send(Message::Paste("row\n".repeat(500_000)));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert!(
        console.shows("too long: the first 4,096 characters were taken"),
        "{}",
        console.frame()
    );
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
    assert!(!frame.contains("Symbols"), "{frame}");
}

#[test]
fn filters_are_text_and_predicates() {
    let mut console = Console::filled((80, 24));
    console.press("/pending>0 ");
    assert!(console.shows("Tables 4 of 5"));
    assert!(!console.shows("staff"));
    console.press("pay<enter>");
    assert!(console.shows("Tables 1 of 5   pending>0 pay"));
    console.press("/<ctrl-u>state:needs<enter>");
    assert!(console.shows("payment") && !console.shows("design"));
    console.press("/x<esc>");
    assert!(
        console.shows("Tables 1 of 5"),
        "Esc leaves the filter as it was"
    );
    console.press("<esc>");
    assert!(console.shows("Tables 5"));
    console.press("/nonsense>");
    assert!(console.shows("nonsense> is not a predicate"));
    assert_snapshot!("filter_80x24", console.frame());
    console.press("<esc>");
    assert!(console.shows("Tables 5"));
}

#[test]
fn a_filter_that_cannot_be_read_says_why_and_is_no_empty_list() {
    for size in [(80, 24), (40, 12)] {
        let mut console = Console::filled(size);
        console.press("/pending>1k");
        assert!(
            console.shows(" /pending>1k    1k is not a number"),
            "{}",
            console.frame()
        );
        console.press("<enter>");
        assert!(console.shows("   1k is not a number"));
        console.press("/<ctrl-u>state:pnding");
        let frame = console.frame();
        let words: Vec<&str> = frame.split_whitespace().collect();
        let told = "state:pnding is not one of needs-attention,";
        assert!(words.join(" ").contains(told), "{frame}");
        assert!(!frame.contains('…') || size.0 == 40, "{frame}");
    }
}

#[test]
fn what_a_filter_leaves_of_the_help_is_in_sight_wherever_the_help_was_scrolled_to() {
    let mut console = Console::filled((80, 24));
    console.press("?G/mouse");
    assert!(console.shows("leave the mouse"), "{}", console.frame());
    console.press("<esc>");
    assert!(console.shows("Symbols"), "{}", console.frame());
}

#[test]
fn what_is_pasted_where_nothing_is_typed_is_said_to_go_nowhere() {
    let mut console = Console::filled((80, 24));
    console.send(Message::Paste("q\ny\n".to_owned()));
    assert!(console.shows("there is no field here to paste into"));
    assert!(!console.model.leaving);
}

#[test]
fn tables_whose_last_job_failed_are_found_marked_and_tried_again_until_it_goes_well() {
    let (mut console, jobs) = running((80, 24));
    console.press("/job:running<enter>");
    assert!(console.shows("Tables 2 of 5"), "{}", console.frame());
    console.done(&jobs[0], Output::Ingested(report("sales_order", 1204)));
    console.fail(&jobs[1], unavailable());
    console.press("/job:failed<enter>");
    assert!(console.shows("Tables 1 of 5"), "{}", console.frame());
    planned(&mut console, "ai", "transaction");
    console.press("y");
    assert!(
        console.line("transaction").contains("waiting for its turn"),
        "{}",
        console.frame()
    );
    let again = console.last();
    assert!(is_ingest(&again));
    console.done(&again, Output::Ingested(report("transaction", 7)));
    assert!(console.shows("no table matches the filter"));
}

#[test]
fn a_list_is_gone_through_while_its_filter_is_typed() {
    let mut console = Console::filled((80, 24));
    console.press("/");
    let words = " /    text  !text  pending>0  age>2h  state:pending  finding:stuck  job:failed";
    assert!(console.shows(words), "{}", console.frame());
    console.press("a<down>");
    assert!(!console.shows("!text"));
    let cursor = |console: &Console| console.model.tables.cursor.clone();
    assert_eq!(cursor(&console), Some(table("sales_order")));
    console.press("<pgdn><up>");
    assert_eq!(cursor(&console), Some(table("staff")));
    console.press("n<enter>");
    assert_eq!(
        cursor(&console),
        Some(table("transaction")),
        "{}",
        console.frame()
    );
}
