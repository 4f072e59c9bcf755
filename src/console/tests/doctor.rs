use std::sync::Arc;

use insta::assert_snapshot;

use super::support::*;
use crate::backend::doctor::{Diagnosis, Evidence, Examination, Repair};
use crate::backend::finding::{Finding, FindingCode};
use crate::config::Safety;
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::jobs::{Output, Request};

pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];
pub const THEN: &str = "2026-05-16T10:50:30.123000Z";
pub const NOW: &str = "2026-05-16T12:00:00.000000Z";

pub fn diagnosis(name: &str, code: FindingCode, message: &str, repairs: Vec<Repair>) -> Diagnosis {
    let evidence = serde_json::json!({
        "timestamp": THEN, "object": format!("{name}/{name}_00000102.jsonl"), "object_rows": 1204
    });
    Diagnosis {
        table: Some(table(name)),
        finding: Finding::new(code, format!("{name}: {message}")),
        evidence: Evidence::from_iter(evidence.as_object().cloned().unwrap_or_default()),
        repairs,
    }
}

pub fn use_object(name: &str, code: FindingCode) -> Repair {
    let (timestamp, number) = (
        format!("/highwater/{name}/timestamp"),
        format!("/highwater/{name}/sequence_id"),
    );
    let writes = [
        (timestamp.as_str(), Some((THEN, 214)), NOW),
        (number.as_str(), Some(("101", 213)), "102"),
    ];
    let of = (&table(name), code);
    Repair::writing(
        of,
        ("use-object", "continue from where object 102 ends"),
        writes,
    )
}

pub fn stuck(name: &str) -> Diagnosis {
    let code = FindingCode::StuckSequence;
    let message = "object 102 exists, but the sequence id says 101";
    diagnosis(name, code, message, vec![use_object(name, code)])
}

/// A finding for which only a person knows which side is right.
pub fn mismatch() -> Diagnosis {
    let code = FindingCode::TimestampMismatch;
    let of = (&table("sales_order"), code);
    let name = "/highwater/sales_order/timestamp";
    let keep = Repair::writing(
        of,
        (
            "keep-parameter",
            "continue from the stored timestamp; rows written again: 216",
        ),
        [(name, Some((THEN, 214)), THEN)],
    );
    let repairs = vec![use_object("sales_order", code), keep];
    let message = "the timestamp was written by something other than highwater";
    diagnosis("sales_order", code, message, repairs)
}

pub fn no_index() -> Diagnosis {
    let code = FindingCode::NoTimestampIndex;
    diagnosis(
        "staff",
        code,
        "no index leads to the newest rows",
        Vec::new(),
    )
}

pub fn found(diagnoses: Vec<Diagnosis>) -> Output {
    Output::Diagnosed(Examination {
        diagnoses,
        failures: Vec::new(),
    })
}

pub fn examined(console: &Console) -> Vec<String> {
    match console.asked(is_examination).request {
        Request::Diagnose { tables, .. } => tables.iter().map(ToString::to_string).collect(),
        _ => unreachable!("it was looked for"),
    }
}

pub const fn is_examination(request: &Request) -> bool {
    matches!(request, Request::Diagnose { .. })
}

pub const fn is_repair(request: &Request) -> bool {
    matches!(request, Request::Repair(_))
}

/// A console on the Doctor screen, with the cursor on the stuck table.
pub fn with(console: Console) -> Console {
    let mut console = console;
    console.press("jd");
    let first = console.asked(is_examination);
    console.done(&first, found(vec![stuck("payment")]));
    let rest = console.asked(is_examination);
    console.done(&rest, found(vec![mismatch(), no_index()]));
    console
}

pub fn opened(size: (u16, u16)) -> Console {
    with(Console::filled(size))
}

#[test]
fn the_table_that_somebody_waits_for_is_examined_first_and_findings_come_in_as_they_are_found() {
    let mut console = Console::filled((80, 24));
    console.press("jd");
    assert_eq!(examined(&console), ["payment"]);
    assert!(console.shows("examining payment and 4 more"));
    let first = console.last();
    console.done(&first, found(vec![stuck("payment")]));
    assert!(console.shows("continue from where object 102 ends"));
    assert_eq!(
        examined(&console),
        ["design", "sales_order", "staff", "transaction"]
    );
    let rest = console.last();
    let mut worse = stuck("design");
    worse.repairs.clear();
    console.done(&rest, found(vec![worse]));
    assert!(!console.shows("examining"));
    assert_eq!(
        under_cursor(&console),
        Some(table("payment")),
        "the cursor stays on its finding"
    );
}

#[test]
fn the_cursor_waits_for_the_table_that_was_asked_about_though_its_row_tells_of_nothing() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    assert_eq!(
        examined(&console),
        ["staff"],
        "it is what somebody waits for"
    );
    let first = console.last();
    let held = FindingCode::HorizonHeld;
    let held = diagnosis("staff", held, "held back by pid 7", Vec::new());
    console.done(&first, found(vec![no_index(), held]));
    answer_rest(&mut console, &[stuck("payment")]);
    let doctor = console.model.doctor().expect("the doctor");
    assert_eq!(doctor.current_table(), Some(&table("staff")));
    assert!(console.shows("horizon-held: held back by pid 7"));
}

#[test]
fn a_mere_note_about_the_table_does_not_hide_what_is_worse_elsewhere() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    let first = console.last();
    console.done(&first, found(vec![no_index()]));
    answer_rest(&mut console, &[stuck("payment")]);
    let well = "nothing is wrong with it, but for notes";
    assert!(console.line("✓ staff").contains(well));
    assert!(console.shows("stuck-sequence"));
    console.press("jj");
    assert!(console.shows("no index leads to the newest rows"));
}

#[test]
fn of_a_table_with_notes_alone_the_notes_are_told_and_errors_stay_in_sight() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    let first = console.last();
    let held = diagnosis(
        "staff",
        FindingCode::HorizonHeld,
        "held back by pid 7",
        Vec::new(),
    );
    console.done(&first, found(vec![held]));
    let names = ["design", "payment", "sales_order"];
    let all: Vec<Diagnosis> = names.iter().flat_map(|name| vec![stuck(name); 9]).collect();
    answer_rest(&mut console, &all);
    assert!(
        console.shows("✓ staff") && console.shows("✗ design"),
        "{}",
        console.frame()
    );
    assert!(
        console.shows("horizon-held: held back by pid 7"),
        "{}",
        console.frame()
    );
}

#[test]
fn a_table_that_is_well_says_so_and_no_other_tables_finding_is_under_the_cursor() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    let first = console.last();
    console.done(&first, found(Vec::new()));
    assert!(console.line("staff").contains("nothing is wrong with it"));
    answer_rest(&mut console, &[stuck("payment"), mismatch()]);
    assert_snapshot!("doctor_well_80x24", console.frame());
    console.press("<enter>");
    assert!(console.shows("no finding is under the cursor"));
    console.press("c");
    assert!(console.shows("highwater --profile prod doctor staff"));
    console.press("<esc>j");
    assert_eq!(under_cursor(&console), Some(table("payment")));
    console.press("R");
    assert_eq!(
        under_cursor(&console),
        Some(table("payment")),
        "the line above it has gone"
    );
    console.press("<esc>d");
    let first = console.last();
    console.done(&first, found(Vec::new()));
    answer_rest(&mut console, &[stuck("payment"), mismatch()]);
    console.press("R");
    let again = console.last();
    assert_eq!(examined(&console), ["staff"]);
    assert!(
        console.line("✓ staff").contains("nothing is wrong with it"),
        "it stays until it has been looked at again"
    );
    console.done(&again, found(vec![no_index()]));
    let well = "nothing is wrong with it, but for notes";
    assert!(console.line("✓ staff").contains(well));
}

#[test]
fn a_table_that_could_not_be_looked_at_is_not_called_well() {
    let mut console = Console::filled((80, 24));
    console.press("jjjd");
    let first = console.last();
    let failed = Examination {
        diagnoses: Vec::new(),
        failures: vec![Arc::new(unavailable())],
    };
    console.done(&first, Output::Diagnosed(failed));
    answer_rest(&mut console, &[stuck("payment")]);
    assert!(console.line("staff").contains("it could not be looked at"));
    assert!(!console.shows("nothing is wrong"));
    console.press("<enter>");
    assert!(console.shows("no finding is under the cursor"));
}

#[test]
fn findings_are_shown_with_their_evidence_and_exact_writes_in_every_size() {
    for size in SIZES {
        let console = opened(size);
        assert_snapshot!(format!("doctor_{}x{}", size.0, size.1), console.frame());
    }
    let console = with(Console::with((80, 24), Safety::Normal, true).fill());
    assert!(console.is_colourless());
    assert!(is_reversed(&console.cells("stuck-sequence")));
}

#[test]
fn without_a_finding_it_says_what_was_looked_at() {
    for size in SIZES {
        let mut console = Console::filled(size);
        console.press("d");
        answer_rest(&mut console, &[]);
        assert_snapshot!(
            format!("doctor_healthy_{}x{}", size.0, size.1),
            console.frame()
        );
        console.press("<enter>");
        assert!(console.shows("no finding is under the cursor"));
    }
}

#[test]
fn what_cannot_be_looked_at_is_said_and_nothing_is_called_healthy() {
    let mut console = Console::filled((80, 24));
    console.press("d");
    let first = console.last();
    let failures = vec![Arc::new(unavailable()), Arc::new(unavailable())];
    let diagnoses = Vec::new();
    console.done(
        &first,
        Output::Diagnosed(Examination {
            diagnoses,
            failures,
        }),
    );
    answer_rest(&mut console, &[]);
    assert!(!console.shows("nothing is wrong"));
    assert_snapshot!("doctor_outage_80x24", console.frame());
    console.press("E");
    assert!(console.shows("because connection refused"));
}

#[test]
fn the_marked_tables_alone_are_examined() {
    let mut console = Console::filled((80, 24));
    console.press("jj  kd");
    assert_eq!(examined(&console), ["sales_order", "staff"]);
    console.press("<esc>");
    assert!(
        matches!(console.effects.last(), Some(Effect::Cancel(_))),
        "nobody waits for it"
    );
}

#[test]
fn a_finding_can_be_copied_opened_and_had_as_a_command() {
    let mut console = opened((80, 24));
    console.press("jc");
    let command = "highwater --profile prod doctor sales_order --repair --only timestamp-mismatch";
    assert!(
        console.frame().replace("\n    ", "").contains(command),
        "{}",
        console.frame()
    );
    console.press("<esc>y");
    assert_snapshot!("doctor_copy_80x24", console.frame());
    console.press("w");
    let copied = format!("/highwater/sales_order/timestamp: {THEN} → {NOW}");
    assert!(
        matches!(console.effects.last(), Some(Effect::Copy(text)) if text.starts_with(&copied)),
        "{:?}",
        console.effects.last()
    );
    console.press("E");
    assert_eq!(console.model.scope(), Scope::Details);
    assert!(console.shows("object rows  1,204"), "{}", console.frame());
}

#[test]
fn examining_anew_keeps_what_is_shown_until_the_answer_is_there() {
    let mut console = opened((80, 24));
    console.press("R");
    assert!(console.shows("stuck-sequence"));
    assert_eq!(examined(&console), ["payment"]);
    let first = console.last();
    console.done(&first, found(Vec::new()));
    assert!(!console.shows("stuck-sequence"), "it has gone by itself");
}

/// Answers every examination under way.
fn answer_rest(console: &mut Console, all: &[Diagnosis]) {
    while console
        .model
        .doctor()
        .is_some_and(|doctor| doctor.under_way().is_some())
    {
        let asked = console.asked(is_examination);
        let Request::Diagnose { tables, .. } = &asked.request else {
            return;
        };
        let own = |found: &&Diagnosis| found.table.as_ref().is_some_and(|it| tables.contains(it));
        let own = all.iter().filter(own).cloned().collect();
        console.done(&asked, found(own));
    }
}

fn under_cursor(console: &Console) -> Option<crate::vocabulary::TableName> {
    let current = console.model.doctor().and_then(|doctor| doctor.current());
    current.and_then(|case| case.table().cloned())
}

pub fn examinations(console: &Console) -> usize {
    let started = console.started.iter();
    let asked = started.filter(|started| is_examination(&started.request));
    asked.count()
}

#[test]
fn the_writes_of_each_repair_are_copied_by_a_letter_of_their_own() {
    let mut console = Console::filled((120, 40));
    console.press("jjd");
    let first = console.asked(is_examination);
    let mut torn = mismatch();
    torn.repairs
        .push(use_object("sales_order", torn.finding.code));
    console.done(&first, found(vec![torn]));
    let choices = crate::console::describe::choices(&console.model);
    let writes = choices
        .iter()
        .filter(|item| item.label.starts_with("writes of"));
    assert_eq!(writes.count(), 3);
    let mut letters: Vec<char> = choices.iter().map(|item| item.letter).collect();
    let all = letters.len();
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(letters.len(), all, "{letters:?}");
}
