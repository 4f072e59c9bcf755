use std::sync::Arc;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use super::support::{Started, *};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::status::PartValue;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::jobs::{Output, Request};

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
    assert!(console.shows("nonsense> is no predicate"));
    assert_snapshot!("filter_80x24", console.frame());
    console.press("<esc>");
    assert!(console.shows("Tables 5"));
}

#[test]
fn marks_are_set_one_by_one_in_ranges_and_all_at_once() {
    let mut console = Console::filled((80, 24));
    console.press(" jv j");
    let marked = |console: &Console| -> Vec<String> {
        console
            .model
            .tables
            .targets()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(marked(&console), ["design", "sales_order"]);
    console.press("<esc><esc>");
    assert_eq!(
        marked(&console),
        ["staff"],
        "the cursor's table where none is marked"
    );
    console.press("gvjj");
    assert_eq!(marked(&console), ["design", "payment", "sales_order"]);
    console.press("v");
    assert_snapshot!("marks_80x24", console.frame());
    console.press("a");
    assert_eq!(marked(&console).len(), 5);
    console.press("a");
    assert!(console.model.tables.marks.is_empty());
}

#[test]
fn the_list_scrolls_and_the_cursor_stays_in_sight() {
    let mut console = Console::new((40, 12));
    let names: Vec<String> = (0..50).map(|number| format!("table_{number:02}")).collect();
    console.list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    console.press("G");
    assert!(console.shows("table_49") && !console.shows("table_00"));
    console.press("g");
    assert!(console.shows("table_00") && !console.shows("table_49"));
    console.press("<pgdn><pgdn>");
    assert_eq!(console.model.tables.cursor, Some(table("table_12")));
    let cursor = console.cells("table_12");
    assert_eq!(cursor[5].bg, ratatui::style::Color::Cyan);
    console.send(Message::Resize(40, 24));
    console.send(Message::Resize(40, 8));
    assert!(console.shows("table_12"));
}

#[test]
fn a_click_and_the_wheel_move_the_cursor() {
    let mut console = Console::filled((80, 24));
    let event = |kind, row| {
        Message::Mouse(MouseEvent {
            kind,
            column: 10,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    // Header, title, column heads, design, payment and its finding, sales_order.
    console.send(event(MouseEventKind::Down(MouseButton::Left), 5));
    assert_eq!(console.model.tables.cursor, Some(table("payment")));
    console.send(event(MouseEventKind::Down(MouseButton::Left), 6));
    assert_eq!(console.model.tables.cursor, Some(table("sales_order")));
    console.send(event(MouseEventKind::ScrollDown, 6));
    assert_eq!(console.model.tables.cursor, Some(table("transaction")));
    console.press("m");
    assert!(matches!(
        console.effects.last(),
        Some(Effect::CaptureMouse(false))
    ));
}

#[test]
fn a_party_that_is_down_is_said_once_and_marked_in_its_cells() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    for name in ["design", "payment", "staff"] {
        console.part(&sweep, name, PartValue::Rows(Err(Arc::new(unavailable()))));
    }
    console.done(&sweep, Output::Status);
    assert_snapshot!("outage_80x24", console.frame());
    assert_eq!(console.frame().matches("cannot be reached").count(), 1);
    console.press("E");
    assert_snapshot!("outage_details_80x24", console.frame());
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
fn names_and_findings_from_outside_cannot_steer_the_terminal() {
    let mut console = Console::new((80, 24));
    let evil = "p\u{1b}[2Jy\u{202e}価格";
    console.list(&[evil, "zzz"]);
    let sweep = console.last();
    console.part(
        &sweep,
        evil,
        stored(evil, Some("2026-05-16T10:50:30.123Z"), Some(101)),
    );
    console.part(
        &sweep,
        "zzz",
        stored("zzz", Some("2026-05-16T10:50:30.123Z"), Some(101)),
    );
    let finding = Finding::new(FindingCode::StuckSequence, "object \u{1b}]0;x\u{7} exists");
    console.part(&sweep, evil, newest(None, Some(finding)));
    let frame = console.frame();
    assert!(frame.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(frame.contains("p\\u{1b}[2Jy\\u{202e}価格"), "{frame}");
    let column = |name: &str| {
        let line = console.line(name);
        crate::text::width(line.split("2026").next().expect("a timestamp"))
    };
    assert_eq!(
        column("p\\u"),
        column("zzz"),
        "columns stay aligned\n{frame}"
    );
}

#[test]
fn tables_are_sorted_by_any_column_and_turned_round_by_choosing_it_again() {
    let mut console = Console::filled((80, 24));
    let order = |console: &Console| -> Vec<String> {
        let rows = console.model.tables.visible();
        rows.map(|row| row.table().to_string()).collect()
    };
    console.press("S");
    assert_snapshot!("sort_80x24", console.frame());
    console.press("p");
    let pending = ["transaction", "sales_order", "design", "payment", "staff"];
    assert_eq!(order(&console), pending);
    assert!(console.shows("sort: pending ↓"));
    console.press("S<enter>");
    assert_eq!(
        order(&console),
        pending.iter().rev().copied().collect::<Vec<_>>()
    );
    console.press("St");
    assert_eq!(
        order(&console).last().map(String::as_str),
        Some("design"),
        "unknown comes last"
    );
    console.press("Ss");
    assert_eq!(
        order(&console)[0],
        "payment",
        "what needs attention comes first"
    );
    assert!(
        matches!(console.effects.last(), Some(Effect::Remember(kept)) if kept.sort == console.model.tables.sort)
    );
    console.press("t");
    assert!(console.line("staff").contains("2 d ago"));
}

#[test]
fn everything_of_a_row_can_be_copied() {
    let mut console = Console::filled((80, 24));
    console.press("jy");
    assert_snapshot!("copy_80x24", console.frame());
    for (letter, told) in [
        ("j", "{\"table\":\"payment\""),
        ("n", "payment"),
        ("t", "2026-05-16T10:50:30.123000Z"),
        ("s", "101"),
        ("k", "t/t_00000102.jsonl"),
        ("c", "highwater --profile prod status payment --exact"),
        ("e", "stuck-sequence"),
    ] {
        console.press("<esc>y");
        console.press(letter);
        let Some(Effect::Copy(text)) = console.effects.last() else {
            panic!("nothing was copied by {letter}");
        };
        assert!(text.starts_with(told), "{letter}: {text}");
        assert!(console.model.menu.is_none());
    }
    console.press("c");
    assert!(console.shows("highwater --profile prod status payment --exact"));
}

#[test]
fn the_tables_shown_and_the_screen_are_written_to_a_file() {
    let mut console = Console::filled((80, 24));
    console.press("/pay<enter>wc");
    let Some(Effect::Save { name, text }) = console.effects.last().cloned() else {
        panic!("nothing is written");
    };
    assert_eq!(name, "highwater-prod-20260516T140231Z.csv");
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .is_some_and(|head| head.starts_with("table,mode,timestamp,sequence_id"))
    );
    assert_eq!(
        lines.next(),
        Some(
            "payment,incremental,2026-05-16T10:50:30.123000Z,101,7,true,0,0,t/t_00000102.jsonl,1204,,needs-attention,stuck-sequence"
        )
    );
    assert_eq!(lines.next(), None, "only what is shown");
    console.press("ws");
    let Some(Effect::Save { text, .. }) = console.effects.last().cloned() else {
        panic!("nothing is written");
    };
    assert!(
        text.contains("✗ payment") && !text.contains("Write to a file"),
        "{text}"
    );
    console.send(Message::Saved(Ok("/home/ada/x.txt".into())));
    assert!(console.shows("written: /home/ada/x.txt"));
    console.send(Message::Saved(Err("/x: file exists".to_owned())));
    assert!(console.shows("not written: /x: file exists"));
}

#[test]
fn predicates_compare_and_can_be_turned_round() {
    let mut console = Console::filled((80, 24));
    for (filter, shown) in [
        ("pending>=20 pending!=1204", 2),
        ("!pay", 4),
        ("!state:pending", 3),
        ("finding:stuck", 1),
        ("rows<=3", 1),
        ("seq=7", 1),
        ("written<1h", 1),
    ] {
        console.press("/<ctrl-u>");
        console.press(&filter.replace('<', "<lt>"));
        assert_eq!(
            console.model.tables.shown.len(),
            shown,
            "{filter}\n{}",
            console.frame()
        );
        console.press("<enter>");
    }
}

#[test]
fn a_second_click_soon_after_the_first_opens_the_table() {
    let mut console = Console::filled((80, 24));
    let click = || {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 10,
            row: 6,
            modifiers: KeyModifiers::NONE,
        })
    };
    console.send(click());
    console.wait(1.0);
    console.send(click());
    assert!(
        console.model.stack.is_empty(),
        "too late for a double click"
    );
    console.wait(0.2);
    console.send(click());
    assert_eq!(
        console.model.page().map(|page| page.table.clone()),
        Some(table("sales_order"))
    );
}

#[test]
fn microseconds_of_one_table_do_not_cost_the_others_their_timestamps() {
    let mut console = Console::filled((80, 24));
    console.press("R");
    console.list(&["design", "payment", "sales_order", "staff", "transaction"]);
    let sweep = console.last();
    let value = stored("staff", Some("2026-05-14T09:00:00.000001Z"), Some(12));
    console.part(&sweep, "staff", value);
    assert!(
        console.line("staff").contains("2026-05-14 09:00:00"),
        "{}",
        console.frame()
    );
    console.send(Message::Resize(120, 24));
    assert!(console.line("staff").contains("2026-05-14 09:00:00.000001"));
}

#[test]
fn what_was_known_before_an_outage_stays_dimmed() {
    let mut console = Console::filled((80, 24));
    console.press("j");
    console.wait(6.0);
    let sweep = console.last();
    console.part(
        &sweep,
        "sales_order",
        PartValue::Rows(Err(Arc::new(unavailable()))),
    );
    console.done(&sweep, Output::Status);
    assert!(console.line("sales_order").contains("1,204 +12"));
    let line = console.line("sales_order");
    let column = line.split("1,204").next().map_or(0, crate::text::width);
    let cells = console.cells("sales_order");
    assert!(
        cells[column]
            .modifier
            .contains(ratatui::style::Modifier::DIM)
    );
    console.wait(2.1);
    let sweep = console.last();
    console.describe(&sweep);
    console.done(&sweep, Output::Status);
    assert!(
        console.shows("everything answers again"),
        "{}",
        console.frame()
    );
    let cells = console.cells("sales_order");
    assert!(
        !cells[column]
            .modifier
            .contains(ratatui::style::Modifier::DIM)
    );
}

#[test]
fn expired_credentials_are_said_once_with_what_to_run() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    for name in ["design", "payment", "sales_order", "staff", "transaction"] {
        let expired = crate::backend::Error::Denied {
            service: crate::backend::error::Service::Parameters,
            place: "eu-west-2".to_owned(),
            doing: "reading parameters".to_owned(),
            permission: "valid AWS credentials".to_owned(),
            cause: "ExpiredTokenException: the security token has expired".into(),
        };
        console.part(&sweep, name, PartValue::Stored(Err(Arc::new(expired))));
    }
    console.done(&sweep, Output::Status);
    let frame = console.frame();
    assert_eq!(
        frame.matches("wants valid AWS credentials").count(),
        1,
        "{frame}"
    );
    assert!(!frame.contains("missing-privilege"), "{frame}");
    assert!(
        console
            .line("sales_order")
            .contains("2026-05-16 10:58:02.000"),
        "what was known stays"
    );
    console.press("E");
    assert!(
        console.shows("aws sso login") && console.shows("has expired"),
        "{}",
        console.frame()
    );
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
