//! Work done with keys alone, on the built-in demo.

use super::{demo, in_a_shell};
use crate::support::Terminal;

#[test]
fn the_console_starts_over_the_demo_ingests_and_leaves_the_terminal_as_it_was() {
    let mut terminal = Terminal::start(&["sh", "-c", &in_a_shell(&demo())], (80, 24));
    terminal.wait_for("highwater");
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.press("i");
    terminal.wait_for("transaction_0");
    terminal.agree("Ingest transaction?");
    terminal.wait_for("ingest transaction: ");
    terminal.press("q");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for("ended with 0");
    terminal.wait_for("same modes");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn a_stuck_table_is_repaired_by_keys_alone_and_moves() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for(" ago");
    terminal.press("e");
    terminal.wait_for("Edit transaction");
    terminal.press("2031-01-01\t\ta mistake");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change transaction?");
    terminal.wait_for("type transaction to confirm");
    terminal.press("transaction\r");
    terminal.wait_for("timestamp-in-future");
    terminal.press("d");
    terminal.wait_for("repair use-object: continue from where object 1 ends");
    terminal.press("\r");
    terminal.wait_for("Repair transaction?");
    terminal.press("y");
    terminal.wait_for("looked at again: no longer found");
    terminal.press("i");
    terminal.wait_for("transaction/transaction_00000002.jsonl");
    terminal.agree("Ingest transaction?");
    terminal.wait_for("ingest transaction: ");
    terminal.press("L");
    terminal.wait_for("transaction     repair");
    terminal.press("qqq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn a_range_is_read_again_by_keys_alone() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for(" ago");
    terminal.press("b");
    terminal.wait_for("Backfill transaction");
    terminal.press("-3d\t\t1d");
    terminal.wait_for("an object holds 1 day at most: 3 pieces of time");
    terminal.press("\r");
    terminal.wait_for("transaction/transaction_00000004.jsonl");
    terminal.agree("Backfill transaction?");
    terminal.wait_for("backfill transaction: ");
    terminal.press("2");
    terminal.wait_for("backfill  20");
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn an_edit_is_made_by_keys_alone() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/counterparty\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for(" ago");
    terminal.press("e");
    terminal.wait_for("Edit counterparty");
    terminal.press("-3h\t\tchecked by a test");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change counterparty?");
    terminal.press("y");
    terminal.wait_for("edit counterparty: 1 value written");
    terminal.press("L");
    terminal.wait_for("counterparty    edit");
    terminal.press("\r");
    terminal.wait_for("checked by a test");
    terminal.press("qu");
    terminal.wait_for("revert: checked by a test");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change counterparty?");
    terminal.press("y");
    terminal.wait("back to the journal", |screen| {
        let text = screen.contents();
        text.contains("Journal") && text.contains("edit counterparty: 1 value written")
    });
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn the_tour_is_offered_once_and_the_demos_owner_runs_what_a_finding_asks_for() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("? offers a two-minute tour");
    terminal.wait_for("payment_type");
    terminal.press("?");
    terminal.wait_for("A two-minute tour?");
    terminal.press("y");
    terminal.wait_for("tour 1 of 15");
    terminal.press("\x1b");
    terminal.wait_for("the tour is over");
    terminal.press("/stock_count\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for("rows-unreachable");
    terminal.press("d");
    terminal.wait_for("UPDATE \"public\".\"stock_count\"");
    terminal.press("O");
    terminal.wait_for("Have the demo's owner run it?");
    terminal.press("y");
    terminal.wait_for("stock_count: its owner has run the statement");
    terminal.wait_for("looked at again: no longer found");
    terminal.press("L");
    terminal.wait_for("owner   UPDATE \"public\"");
    terminal.press("qqq");
    assert_eq!(terminal.wait_for_end(), 0);
    let kept = terminal.folder().join("highwater/console.json");
    let kept = std::fs::read_to_string(kept).expect("preferences");
    assert!(kept.contains("\"toured\": true"), "{kept}");
}

#[test]
fn the_page_of_a_table_is_filled_from_the_real_stores_and_the_screen_is_written_to_a_file() {
    let mut terminal = Terminal::console((120, 40));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.press("\r");
    terminal.wait_for("by run ");
    terminal.press("\t");
    terminal.wait_for("transaction/transaction_00000001.jsonl");
    terminal.press("\t");
    terminal.wait_for("sequence id      1  1");
    terminal.press("\t");
    terminal.wait_for("\"transaction_id\":");
    terminal.press("\t\t");
    terminal.wait_for("timestamp(3) without time zone");
    terminal.press("ws");
    terminal.wait_for("written: ");
    let files = std::fs::read_dir(terminal.folder()).expect("a folder");
    let written = files
        .filter_map(Result::ok)
        .find(|file| {
            file.file_name()
                .to_string_lossy()
                .starts_with("highwater-demo-")
        })
        .expect("a file");
    let text = std::fs::read_to_string(written.path()).expect("text");
    assert!(text.contains("timestamp(3) without time zone"), "{text}");
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
}
