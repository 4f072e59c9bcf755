use insta::assert_snapshot;

use super::doctor::{found, is_examination, stuck};
use super::support::*;
use super::tour_demo::entry;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::jobs::{Output, Request};

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
    console.press("yy");
    assert!(matches!(console.effects.last(), Some(Effect::Copy(text)) if text.starts_with('{')));
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
fn the_lines_in_front_are_written_to_the_letter() {
    let mut console = Console::filled((80, 24));
    console.press("jp");
    let asked = console.last();
    let shown = super::looking::preview();
    console.done(&asked, Output::Preview(shown.clone()));
    console.press("yawj");
    let Some(Effect::Save { name, text }) = console.effects.last().cloned() else {
        panic!("nothing is written\n{}", console.frame());
    };
    assert_eq!(name, "highwater-prod-20260516T140231Z.jsonl");
    assert_eq!(text, shown.lines.join("\n") + "\n");
    console.press("<esc>o");
    let asked = console.last();
    let row = "{\"big\":12345678901234567890.10}";
    console.done(&asked, object_lines(vec![row.to_owned()], false));
    console.press("w");
    assert!(console.shows("its only line"), "{}", console.frame());
    console.press("j");
    let saved = console.effects.last();
    assert!(
        matches!(saved, Some(Effect::Save { text, .. }) if *text == format!("{row}\n")),
        "{saved:?}"
    );
    console.press("?w");
    assert!(!console.shows("as CSV"), "the help is no list");
}

#[test]
fn the_jobs_in_front_are_written() {
    let mut console = Console::filled((80, 24));
    console.press("Jw");
    assert!(console.shows("0 jobs"), "{}", console.frame());
    console.press("<esc><esc>ji");
    let asked = console.last();
    let plans = vec![(table("payment"), Ok(super::ingesting::plan("payment", 7)))];
    console.done(&asked, Output::IngestPlans(plans));
    console.press("y");
    let asked = console.last();
    console.fail(&asked, unavailable());
    console.press("Jwc");
    let Some(Effect::Save { text, .. }) = console.effects.last().cloned() else {
        panic!("nothing is written");
    };
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("table,job,state,asked"), "{text}");
    assert!(
        lines[1].starts_with("payment,ingest,failed,2026-05-16T14:02:31"),
        "{text}"
    );
    assert!(lines[1].contains("connection refused"), "{text}");
}

#[test]
fn nothing_is_done_with_a_marked_table_that_is_not_shown() {
    let mut console = Console::filled((80, 24));
    console.press("j /sta<enter>");
    assert!(
        console.shows("1 table marked, 1 not shown"),
        "{}",
        console.frame()
    );
    let before = console.started.len();
    for keys in ["i", "b", "d"] {
        console.press(keys);
        let why = "no marked table is shown; Esc unmarks, then clears the filter";
        assert!(console.shows(why), "{keys}\n{}", console.frame());
        assert!(console.model.stack.is_empty());
    }
    assert_eq!(console.started.len(), before, "nothing is asked");
    // Only the marked table that is shown is planned; the other stays marked.
    console.press(" i");
    let asked = console.last();
    assert!(
        matches!(&asked.request, Request::PlanIngest { tables, .. } if *tables == [table("staff")]),
        "{:?}",
        asked.request
    );
    let plans = vec![(table("staff"), Ok(super::ingesting::plan("staff", 7)))];
    console.done(&asked, Output::IngestPlans(plans));
    console.press("y");
    assert!(
        console.shows("1 table marked, 1 not shown"),
        "{}",
        console.frame()
    );
    console.press("<esc>i");
    assert!(
        console.shows("a job is already at work on it"),
        "{}",
        console.frame()
    );
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
fn a_new_filter_takes_the_place_of_the_old_one_unless_a_key_goes_on_with_it() {
    let mut console = Console::filled((80, 24));
    console.press("/staff<enter>/pay");
    assert_eq!(console.model.tables.filter.text, "pay");
    console.press("<enter>/<end>ment<enter>");
    assert_eq!(console.model.tables.filter.text, "payment");
    console.press("/<back><enter>");
    assert_eq!(console.model.tables.filter.text, "paymen");
    console.press("R<esc>");
    assert_eq!(
        console.model.tables.filter.text, "",
        "one Esc, whatever was said"
    );
    console.press("/nothing like it<enter>d");
    assert!(console.shows("doctor: no table is shown; Esc clears the filter"));
}

#[test]
fn every_column_can_be_sorted_by() {
    let mut console = Console::filled((80, 24));
    for (letter, label) in [
        ("u", "unreachable rows ↓"),
        ("e", "rows, estimated ↓"),
        ("d", "size on disk ↓"),
    ] {
        console.press("S");
        console.press(letter);
        assert!(
            console.shows(&format!("sort: {label}")),
            "{}",
            console.frame()
        );
    }
}

#[test]
fn a_command_names_the_configuration_that_it_would_not_find_by_itself() {
    let mut console = Console::filled((120, 24));
    console.model.facts.config = Some("my configs/ops.toml".to_owned());
    console.press("jc");
    assert!(
        console.shows("highwater --config 'my configs/ops.toml' --profile prod status payment")
    );
}

#[test]
fn the_list_in_front_is_what_is_written_to_a_file() {
    let mut console = Console::filled((80, 24));
    console.press("L");
    let asked = console.last();
    console.done(
        &asked,
        Output::Journal(vec![entry("refund"), entry("staff")]),
    );
    console.press("/staff<enter>w");
    assert!(console.shows("1 change"), "{}", console.frame());
    console.press("c");
    let Some(Effect::Save { text, .. }) = console.effects.last().cloned() else {
        panic!("nothing is written");
    };
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "at,who,profile,table,action,what,before,after,reason"
    );
    assert!(
        lines.len() == 2 && lines[1].contains(",staff,repair,"),
        "{text}"
    );
    console.press("<esc><esc>jd");
    let asked = console.asked(is_examination);
    console.done(&asked, found(vec![stuck("payment")]));
    console.press("wj");
    let Some(Effect::Save { text, .. }) = console.effects.last().cloned() else {
        panic!("nothing is written");
    };
    assert!(text.contains("\"code\": \"stuck-sequence\""), "{text}");
}
