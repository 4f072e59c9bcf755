use std::sync::Arc;

use super::doctor::{diagnosis, examinations, examined, found, is_examination, stuck, use_object};
use super::support::*;
use crate::backend::Error;
use crate::backend::doctor::{Diagnosis, Examination};
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::status::PartValue;
use crate::jobs::{Output, Request};

fn row_leads_to(console: &Console) -> String {
    let line = console.line("stuck-sequence");
    let (_, hint) = line.rsplit_once(' ').expect("a hint");
    hint.to_owned()
}

#[test]
fn a_row_promises_a_repair_once_the_doctor_has_one_and_says_why_until_then() {
    let mut console = Console::new((80, 24)).counted();
    assert_eq!(row_leads_to(&console), "why");
    console.wait(1.0);
    assert_eq!(
        examined(&console),
        ["payment"],
        "nobody else may have a repair"
    );
    assert_eq!(row_leads_to(&console), "why");
    let asked = console.asked(is_examination);
    console.done(&asked, found(vec![stuck("payment")]));
    assert_eq!(row_leads_to(&console), "repair");
    console.wait(1.0);
    assert_eq!(examinations(&console), 1, "it is as it was");
}

#[test]
fn a_row_promises_nothing_where_the_doctor_has_no_repair_or_cannot_look() {
    let mut console = Console::new((80, 24)).counted();
    console.wait(1.0);
    let asked = console.asked(is_examination);
    let mut hopeless = stuck("payment");
    hopeless.repairs.clear();
    console.done(&asked, found(vec![hopeless]));
    assert_eq!(row_leads_to(&console), "why");
    console.press("jd");
    let asked = console.asked(is_examination);
    console.done(&asked, found(vec![stuck("payment")]));
    console.press("<esc>");
    assert_eq!(row_leads_to(&console), "repair", "what it said last counts");
    let mut console = Console::new((80, 24)).counted();
    console.wait(1.0);
    let asked = console.asked(is_examination);
    console.fail(&asked, Error::Cancelled);
    assert_eq!(row_leads_to(&console), "why");
    console.wait(1.0);
    assert_eq!(examinations(&console), 1);
    // Asked again after a while: a failure need not repeat itself.
    console.wait(60.0);
    assert_eq!(examinations(&console), 2);
    let asked = console.asked(is_examination);
    let nothing = Output::Diagnosed(Examination {
        diagnoses: Vec::new(),
        failures: vec![Arc::new(unavailable())],
    });
    console.done(&asked, nothing);
    console.wait(1.0);
    assert_eq!(examinations(&console), 2);
    console.wait(60.0);
    let asked = console.asked(is_examination);
    console.done(&asked, found(vec![stuck("payment")]));
    assert_eq!(row_leads_to(&console), "repair");
}

#[test]
fn what_the_doctor_said_of_another_state_of_the_table_is_not_promised() {
    let mut console = Console::filled((80, 24));
    assert_eq!(row_leads_to(&console), "repair");
    console.wait(5.0);
    let sweep = console.asked(|request| matches!(request, Request::Status { .. }));
    let still = Finding::new(FindingCode::StuckSequence, "object 103 exists, too");
    let newest = newest(Some((103, 1204, "13:00:00")), Some(still));
    console.part(&sweep, "payment", newest);
    assert_eq!(row_leads_to(&console), "why");
    console.done(&sweep, Output::Status);
    console.wait(0.1);
    assert_eq!(examinations(&console), 2);
}

#[test]
fn what_weakens_the_guarantee_for_all_tables_is_said_once_and_leads_to_the_doctor() {
    let mut console = Console::filled((80, 24));
    let message = "role reader cannot see when other sessions' transactions began";
    let weak = Finding::new(FindingCode::MissingPrivilege, message);
    let mut weakened = counts(3, 0, true);
    weakened.horizon.findings = vec![weak.clone()];
    weakened.findings = vec![weak];
    console.wait(5.0);
    let sweep = console.asked(|request| matches!(request, Request::Status { .. }));
    for name in ["design", "staff", "transaction"] {
        let part = PartValue::Rows(Ok(weakened.clone()));
        console.part(&sweep, name, part);
    }
    console.done(&sweep, Output::Status);
    console.wait(0.1);
    let frame = console.frame();
    assert_eq!(frame.matches("missing-privilege").count(), 1, "{frame}");
    assert!(
        frame.contains(" ! missing-privilege: role reader"),
        "{frame}"
    );
}

/// The newest object of `staff`, written by another program.
fn foreign(bytes: u64) -> PartValue {
    let PartValue::Newest(Ok(mut foreign)) = newest(Some((12, 3, "02:00:00")), None) else {
        panic!("no object");
    };
    if let Some(last) = &mut foreign.last {
        (last.rows, last.bytes) = (None, bytes);
    }
    PartValue::Newest(Ok(foreign))
}

fn beyond() -> Diagnosis {
    let code = FindingCode::TimestampMismatch;
    let message = "the newest row of object 12 is newer: 5 of its rows would be written again";
    let mut found = diagnosis("staff", code, message, vec![use_object("staff", code)]);
    found.finding.severity = Severity::Warning;
    found
}

#[test]
fn a_row_tells_where_an_object_of_another_program_ends_for_as_long_as_it_is_the_newest() {
    let mut console = Console::filled((80, 24));
    told(&mut console, foreign(4_000));
    assert_eq!(examined(&console), ["staff"]);
    let asked = console.asked(is_examination);
    console.done(&asked, found(vec![beyond()]));
    let line = console.line("timestamp-mismatch");
    assert!(line.contains("the newest row of object 12"), "{line}");
    assert!(line.trim_end().ends_with("d  repair"), "{line}");
    console.press("jjjE");
    assert!(console.shows("5 of its rows"), "{}", console.frame());
    console.press("<esc>");
    let before = console.started.len();
    console.wait(1.0);
    assert!(
        !console.started[before..]
            .iter()
            .any(|one| is_examination(&one.request)),
        "it was asked about already"
    );
    told(&mut console, newest(Some((13, 3, "14:00:00")), None));
    assert!(!console.shows("timestamp-mismatch"), "{}", console.frame());
}

#[test]
fn nobody_reads_a_long_object_of_another_program_unasked() {
    let mut console = Console::filled((80, 24));
    let before = console.started.len();
    told(&mut console, foreign(17 << 20));
    assert!(
        !console.started[before..]
            .iter()
            .any(|one| is_examination(&one.request))
    );
}

/// Delivers a new part of the status of `staff`.
pub fn told(console: &mut Console, part: PartValue) {
    console.press("R");
    let names = ["design", "payment", "sales_order", "staff", "transaction"];
    console.list(&names);
    let sweep = console.last();
    console.part(&sweep, "staff", part);
    console.done(&sweep, Output::Status);
    console.wait(0.1);
}
