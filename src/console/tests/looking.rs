use insta::assert_snapshot;

use super::support::*;
use crate::backend::ingest::PlannedObject;
use crate::backend::preview::Preview;
use crate::console::effect::Effect;
use crate::jobs::{Output, Request};
use crate::vocabulary::{ObjectKey, SequenceId};

const HOSTILE: &str =
    "{\"id\":2,\"note\":\"a\u{202e}b 価格 e\u{301}\u{200b}\",\"big\":12345678901234567890.10}";

pub fn preview() -> Preview {
    Preview {
        table: table("payment"),
        object: Some(PlannedObject {
            key: ObjectKey::new("payment/payment_00000102.jsonl"),
            sequence_id: SequenceId(102),
            rows: 7,
            from: Some(at("2026-05-16T10:50:30.123Z")),
            to: at("2026-05-16T14:02:20.5Z"),
        }),
        lines: vec![
            "{\"id\":1,\"paid\":true,\"amount\":1204.50,\"note\":null}".to_owned(),
            HOSTILE.to_owned(),
            "{\"id\":3,\"note\":\"\\u001b[31m\",\"tags\":[],\"more\":{\"a\":1}}".to_owned(),
        ],
    }
}

fn previewed(size: (u16, u16)) -> Console {
    let mut console = Console::filled(size);
    console.press("jp");
    let asked = console.last();
    assert!(
        matches!(asked.request, Request::Preview { ref table, .. } if table.name() == "payment")
    );
    console.done(&asked, Output::Preview(preview()));
    console
}

#[test]
fn a_preview_shows_key_bounds_and_the_exact_lines() {
    let console = previewed((80, 24));
    assert_snapshot!("preview_80x24", console.frame());
    assert_snapshot!("preview_40x12", previewed((40, 12)).frame());
    let mut pretty = previewed((80, 24));
    pretty.press("jz");
    assert_snapshot!("preview_pretty_80x24", pretty.frame());
}

#[test]
fn a_line_that_is_cut_at_the_edge_says_so_whatever_stands_there() {
    for columns in 40..60 {
        let mut console = Console::filled((columns, 12));
        console.press("jp");
        let asked = console.last();
        let mut preview = preview();
        let wide = "価".repeat(16);
        preview.lines = vec![format!("[\"{wide}\",1,\"価格価格価格価格\",2,\"{wide}\"]")];
        console.done(&asked, Output::Preview(preview));
        let line = console.line("  1 ");
        assert!(line.trim_end().ends_with('…'), "{columns}: {line}");
    }
}

#[test]
fn what_is_hostile_in_a_row_is_shown_and_copied_as_it_is() {
    let mut console = previewed((80, 24));
    assert!(console.shows("a\\u{202e}b 価格 e\u{301}\\u{200b}"));
    console.press("jyl");
    assert!(matches!(console.effects.last(), Some(Effect::Copy(text)) if text == HOSTILE));
}

#[test]
fn a_preview_is_searched_and_scrolled_sideways() {
    let mut console = previewed((80, 24));
    console.press("/NOTE<enter>");
    assert_eq!(console.model.scope(), crate::console::action::Scope::Viewer);
    let cursor = |console: &Console| match console.model.stack.last() {
        Some(crate::console::model::Screen::Viewer(viewer)) => viewer.scroll.cursor,
        _ => panic!("no viewer"),
    };
    assert_eq!(cursor(&console), 0, "it begins where the cursor is");
    console.press("n");
    assert_eq!(cursor(&console), 1);
    console.press("/<enter>");
    assert_eq!(cursor(&console), 2, "nothing is typed: the next one");
    console.press("N");
    assert_eq!(cursor(&console), 1);
    console.press("/<ctrl-u>nowhere<enter>");
    assert!(console.shows("nowhere is not in the first 3 rows"));
    console.press("/big<enter>");
    assert!(!console.shows("is not in the first"), "this one is");
    console.press("/nowhere<enter>");
    console.press("ll");
    let line = console.line(" 2 ");
    assert!(!line.contains("\"id\":2"), "{line}");
}

#[test]
fn an_object_is_read_and_a_late_preview_does_not_replace_it() {
    let mut console = Console::filled((80, 24));
    console.press("jp");
    let late = console.last();
    console.press("qo");
    let asked = console.last();
    assert!(matches!(asked.request, Request::ReadObject { .. }));
    console.done(&asked, object_lines(vec!["{\"id\":42}".to_owned()], false));
    console.done(&late, Output::Preview(preview()));
    assert!(console.shows("{\"id\":42}") && !console.shows("amount"));
    assert!(console.shows("t/t_00000102.jsonl"));
}

#[test]
fn below_the_first_rows_of_an_object_it_is_said_how_all_of_it_is_had() {
    let mut console = Console::filled((80, 24));
    console.press("jo");
    let asked = console.last();
    let lines: Vec<String> = (1..=501).map(|id| format!("{{\"id\":{id}}}")).collect();
    console.done(&asked, object_lines(lines[..500].to_vec(), false));
    console.press("G");
    assert!(console.shows("{\"id\":500}"));
    assert!(!console.shows("are shown"), "these are all");
    assert!(console.shows("all 500 rows"), "{}", console.frame());
    console.press("R");
    let asked = console.last();
    console.done(&asked, object_lines(lines[..500].to_vec(), true));
    for keys in ["G", "zG"] {
        console.press(keys);
        assert!(console.shows("the first 500 rows are shown; all of them:"));
        let all = "highwater --profile prod objects cat t/t_00000102.jsonl | less";
        assert!(console.shows(all), "{}", console.frame());
        assert!(!console.shows("{\"id\":501}"));
    }
    console.press("y");
    assert!(!console.shows("line  "), "it is no line of the object");
}

#[test]
fn what_is_in_none_of_the_first_rows_may_be_in_the_others() {
    let mut console = Console::filled((80, 24));
    console.press("jo");
    let asked = console.last();
    let lines: Vec<String> = (1..=501).map(|id| format!("{{\"id\":{id}}}")).collect();
    console.done(&asked, object_lines(lines[..500].to_vec(), true));
    for keys in ["/:501<enter>", "gn"] {
        console.press(keys);
        let told = ":501 is not in the first 500 rows; End says how to read all";
        assert!(console.shows(told), "{}", console.frame());
    }
    console.press("G");
    assert!(console.shows("objects cat"), "{}", console.frame());
    console.press("gy");
    assert!(console.shows("all 500 lines shown"), "{}", console.frame());
    console.press("<esc>R");
    let asked = console.last();
    console.done(&asked, object_lines(lines[..260].to_vec(), false));
    assert!(console.shows("all 260 rows"), "{}", console.frame());
    console.press("/:501<enter>");
    assert!(console.shows(":501 is not there"), "{}", console.frame());
    console.press("y");
    assert!(console.shows("all 260 lines  "), "{}", console.frame());
}

#[test]
fn below_the_first_lines_of_a_preview_it_is_said_how_all_of_them_are_had() {
    let mut console = previewed((80, 24));
    console.press("/zebra<enter>");
    assert!(console.shows("zebra is not in the first 3 rows"));
    console.press("G");
    let all = "highwater --profile prod preview payment | less";
    assert!(console.shows(all), "{}", console.frame());
}

#[test]
fn a_search_begins_empty_and_goes_on_with_the_one_before_if_nothing_is_typed() {
    let mut console = previewed((80, 24));
    console.press("/paid<enter>/amount<enter>");
    assert!(console.shows("/amount") && !console.shows("paidamount"));
    console.press("/note<enter>/<enter>");
    assert!(console.shows("/note"));
    assert!(!console.shows("is not there"));
    console.press("/x<esc>");
    assert!(console.shows("/note"), "Esc leaves what was searched for");
}

#[test]
fn a_preview_that_fails_says_so_in_its_place() {
    let mut console = Console::filled((80, 24));
    console.press("p");
    let asked = console.last();
    console.fail(&asked, unavailable());
    assert_snapshot!("preview_failed_80x24", console.frame());
    console.press("R");
    assert!(matches!(console.last().request, Request::Preview { .. }));
}

#[test]
fn help_and_details_come_from_what_is_known() {
    let mut console = Console::filled((80, 24));
    console.press("?");
    assert_snapshot!("help_80x24", console.frame());
    console.press("<end>");
    assert!(console.shows("twice: cancel all jobs cleanly and leave"));
    console.press("<esc>jE");
    assert_snapshot!("details_80x24", console.frame());
    console.press("q");
    assert!(console.shows("Tables 5"));
}

#[test]
fn a_key_that_does_nothing_here_says_where_it_does_something() {
    let mut console = Console::filled((80, 24));
    console.press("z");
    assert!(
        console.shows("z: pretty belongs to Preview"),
        "{}",
        console.frame()
    );
    console.press("jj<enter>p");
    assert!(
        console.shows("p: preview belongs to Tables"),
        "{}",
        console.frame()
    );
    console.press("Z");
    assert!(
        console.shows("Z does nothing here; ? lists the keys"),
        "{}",
        console.frame()
    );
}
