use insta::assert_snapshot;

use super::support::*;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::status::PartValue;
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::console::model::column::{Column, LeftOut};

#[test]
fn a_list_that_does_not_fit_says_which_of_it_is_in_sight() {
    let mut console = Console::new((80, 24));
    let names: Vec<String> = (10..40).map(|number| format!("table_{number}")).collect();
    console.list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(console.shows("Tables 30   1–19 "), "{}", console.frame());
    console.press("<end>");
    assert!(console.shows("Tables 30   12–30 "), "{}", console.frame());
    console.press("/table_2<enter>");
    assert!(
        console.shows("Tables 10 of 30   table_2"),
        "{}",
        console.frame()
    );
}

#[test]
fn pending_rows_stand_under_each_other_and_held_ones_behind_them() {
    let mut console = Console::new((80, 24));
    console.list(&["basket", "payment", "staff"]);
    let sweep = console.last();
    for (name, pending, held) in [("basket", 269, 3), ("payment", 19, 0), ("staff", 1_204, 12)] {
        console.part(&sweep, name, rows(pending, held));
    }
    let ends = |console: &Console, name: &str, number: &str| {
        let line = console.line(name);
        line.find(number)
            .map(|at| line[..at + number.len()].chars().count())
    };
    let ends = [("basket", "269"), ("payment", "19"), ("staff", "1,204")]
        .map(|(name, number)| ends(&console, name, number));
    assert!(
        ends[0].is_some() && ends[0] == ends[1] && ends[1] == ends[2],
        "{}",
        console.frame()
    );
    assert!(
        console.line("basket").contains("269 +3 ") && console.line("staff").contains("1,204 +12")
    );
}

#[test]
fn a_standby_that_is_behind_is_said_to_hold_rows_back_once_for_all_tables_and_on_the_page_of_one() {
    let mut console = Console::new((120, 30));
    console.list(&["basket", "staff"]);
    let sweep = console.last();
    let text = "held back by the standby, which has followed the primary up to 14:02:31";
    let behind = Finding::new(FindingCode::HorizonHeld, text);
    let mut held = counts(40, 7, true);
    held.horizon.findings.push(behind.clone());
    held.findings.push(behind);
    console.part(&sweep, "basket", PartValue::Rows(Ok(held)));
    // Counted at the same time, when the horizon was no longer held back.
    console.part(&sweep, "staff", rows(20, 0));
    let said = format!("rows since 14:02:26 {text}");
    assert_eq!(console.frame().matches(text).count(), 1);
    assert!(console.shows(&said), "{}", console.frame());
    console.press("<enter>");
    let page = console.frame();
    let mut below = page.lines().skip_while(|line| !line.contains("horizon  "));
    let below = below.nth(1).unwrap_or_default();
    assert!(below.contains(text), "{page}");
}

#[test]
fn tables_are_in_the_order_of_the_names_that_are_shown() {
    let mut console = Console::new((80, 24));
    console.list(&["audit.login", "zebra", "account", "public.bill"]);
    let rows = console.model.tables.visible();
    let names: Vec<String> = rows.map(|row| row.table().to_string()).collect();
    assert_eq!(names, ["account", "audit.login", "bill", "zebra"]);
    let sweep = console.last();
    for name in &names {
        console.part(&sweep, name, rows_of_seven());
    }
    assert_eq!(
        console.frame().matches("  7  ").count(),
        4,
        "{}",
        console.frame()
    );
}

fn rows_of_seven() -> PartValue {
    super::support::rows(7, 0)
}

#[test]
fn nothing_moves_as_the_age_of_a_last_object_grows() {
    let mut console = Console::filled((80, 24));
    let timestamps = |console: &Console| {
        assert!(
            console.shows("2026-05-16 10:58:02.000 "),
            "{}",
            console.frame()
        );
        console.line("TIMESTAMP").find("SEQ ID")
    };
    let before = timestamps(&console);
    for (minutes, shown) in [(5, "9 min ago"), (1, "10 min ago"), (46, "56 min ago")] {
        console.wait(f64::from(minutes) * 60.0);
        assert!(
            console.line("sales_order").ends_with(shown),
            "{}",
            console.frame()
        );
        assert_eq!(timestamps(&console), before);
    }
}

#[test]
fn timestamps_of_a_column_are_all_told_to_the_same() {
    let mut console = Console::new((100, 24));
    console.list(&["design", "payment"]);
    let sweep = console.last();
    let micros = "2026-05-16T10:50:30.123456Z";
    console.part(
        &sweep,
        "payment",
        stored("payment", Some(micros), Some(101)),
    );
    let whole = "2026-05-16T10:50:30Z";
    console.part(&sweep, "design", stored("design", Some(whole), Some(101)));
    assert!(console.shows("10:50:30.123456") && console.shows("10:50:30.000000"));
}

#[test]
fn of_a_table_without_statistics_neither_rows_nor_size_are_known() {
    let mut console = Console::new((200, 24));
    let mut fresh = source_table("payment");
    (fresh.bytes, fresh.estimated_rows) = (0, None);
    let asked = console.last();
    console.done(&asked, crate::jobs::Output::Tables(vec![fresh]));
    assert!(
        !console.line("payment").contains("0 B"),
        "{}",
        console.frame()
    );
    console.press("<enter>6");
    let told = "size and rows –: PostgreSQL has no statistics on it yet";
    assert!(console.shows(told), "{}", console.frame());
}

#[test]
fn sizes_in_rows_and_in_bytes_are_told_apart_before_microseconds() {
    let mut console = Console::new((79, 24));
    console.list(&["design", "payment"]);
    let sweep = console.last();
    let first = "2026-05-16T10:50:30.123456Z";
    console.part(&sweep, "payment", stored("payment", Some(first), Some(101)));
    let size = newest(Some((102, 1_204, "12:02:31")), None);
    console.part(&sweep, "payment", size);
    let line = console.line("payment");
    assert!(
        line.contains("10:50:30.123456 ") && line.contains(" 1,204 · 2 h ago"),
        "{line}"
    );
    let PartValue::Newest(Ok(mut foreign)) = newest(Some((102, 43, "12:02:31")), None) else {
        panic!("no object");
    };
    if let Some(last) = &mut foreign.last {
        last.rows = None;
    }
    console.part(&sweep, "design", PartValue::Newest(Ok(foreign)));
    let line = console.line("payment");
    assert!(
        line.contains("10:50:30.123 ") && line.contains(" 1,204 rows · 2 h ago"),
        "{line}"
    );
    assert!(
        console.line("design").contains("8.6 kB · 2 h ago"),
        "{}",
        console.frame()
    );
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
fn a_column_that_is_left_out_gives_its_room_to_the_others_and_is_remembered() {
    let mut console = Console::filled((80, 24));
    assert!(!console.shows("TREND"));
    console.press("Cl");
    assert!(!console.shows("LAST OBJECT") && console.shows("TREND"));
    assert_eq!(console.model.scope(), Scope::Menu, "more can be chosen");
    let kept = console
        .effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Remember(preferences) => Some(preferences.left_out),
            _ => None,
        });
    let left_out = LeftOut::default().toggle(Column::LastObject);
    assert_eq!(kept, Some(left_out));
    console.press("l");
    assert!(console.shows("LAST OBJECT") && !console.shows("TREND"));
    console.press("tiplr<esc>");
    let heads = console.line("TABLE");
    let heads: Vec<&str> = heads.split_whitespace().collect();
    let expected = ["TABLE", "AGE", "UNREACHABLE", "TABLE", "ROWS", "SIZE"];
    assert_eq!(heads, expected);
}

#[test]
fn a_wide_terminal_shows_more_of_each_table() {
    for size in [(200, 50), (300, 100)] {
        let mut console = Console::filled(size);
        assert_snapshot!(format!("wide_{}x{}", size.0, size.1), console.frame());
        console.press("t");
        assert_eq!(console.frame().matches(" AGE ").count(), 1);
    }
}
