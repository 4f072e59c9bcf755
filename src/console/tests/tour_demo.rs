//! The demo as the tour finds it, and the steps of a user who takes the tour.

use super::doctor::{diagnosis, found, is_examination, is_repair, stuck, use_object};
use super::ingesting::{plan, report};
use super::support::*;
use crate::backend::doctor::{Diagnosis, Evidence};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::journal::JournalEntry;
use crate::backend::source::Holder;
use crate::backend::status::PartValue;
use crate::config::Safety;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::jobs::{Output, Request};

pub const TABLES: [&str; 7] = [
    "invoice",
    "payment",
    "refund",
    "sales_order",
    "shipment",
    "stock_count",
    "supplier",
];
pub const TERMINATE: &str = "SELECT pg_terminate_backend(4711)";
pub const THEN: &str = "2026-05-16T10:50:30.123Z";

/// The demo once the import has arrived.
pub fn demo(size: (u16, u16)) -> Console {
    let mut console = Console::over_demo(size, Safety::Normal);
    console.list(&TABLES);
    let sweep = console.last();
    console.done(&sweep, Output::Status);
    for name in TABLES {
        tell(&mut console, name, stored(name, Some(THEN), Some(3)));
        tell(&mut console, name, newest(Some((3, 200, "12:00:00")), None));
        tell(&mut console, name, rows(40, 0));
    }
    let finding = |code| Finding::new(code, "something is wrong");
    let stuck = finding(FindingCode::StuckSequence);
    let other = newest(Some((4, 48, "12:10:00")), Some(stuck));
    tell(&mut console, "invoice", other);
    let missing = finding(FindingCode::SequenceMissing);
    let gone = newest(Some((3, 200, "12:00:00")), Some(missing));
    tell(&mut console, "supplier", gone);
    let future = finding(FindingCode::TimestampInFuture);
    tell(&mut console, "refund", counted(0, vec![future]));
    let unreachable = finding(FindingCode::RowsUnreachable);
    tell(&mut console, "stock_count", counted(26, vec![unreachable]));
    let mut held = counts(40, 7, true);
    held.horizon.holder = Some(holder());
    held.horizon.at = Some(at("2026-05-16T13:59:55Z"));
    tell(&mut console, "shipment", PartValue::Rows(Ok(held)));
    console.wait(0.0);
    let offers = [
        self::stuck("invoice"),
        repairable("refund", FindingCode::TimestampInFuture),
        repairable("supplier", FindingCode::SequenceMissing),
    ];
    examine(&mut console, &offers);
    console
}

pub fn counted(pending: u64, findings: Vec<Finding>) -> PartValue {
    let mut counts = counts(pending, 0, true);
    counts.findings = findings;
    PartValue::Rows(Ok(counts))
}

pub fn holder() -> Holder {
    Holder {
        pid: 4711,
        user: "highwater".to_owned(),
        application: "warehouse-import".to_owned(),
        since: at("2026-05-16T14:00:00Z"),
        query: "INSERT INTO shipment".to_owned(),
    }
}

/// Answers the newest request for the state of a table.
pub fn tell(console: &mut Console, name: &str, part: PartValue) {
    let about = |request: &Request| matches!(request, Request::Status { tables, .. } if tables.contains(&table(name)));
    let asked = console.asked(about);
    console.part(&asked, name, part);
}

/// A finding that only the owner of the database can repair.
pub fn for_owner(name: &str, code: FindingCode, statement: &str) -> Diagnosis {
    let evidence = serde_json::json!({ "statement": statement });
    let mut found = diagnosis(name, code, "something is wrong", Vec::new());
    found.evidence = Evidence::from_iter(evidence.as_object().cloned().unwrap_or_default());
    found
}

pub fn held() -> Diagnosis {
    for_owner("shipment", FindingCode::HorizonHeld, TERMINATE)
}

pub fn repairable(name: &str, code: FindingCode) -> Diagnosis {
    diagnosis(
        name,
        code,
        "something is wrong",
        vec![use_object(name, code)],
    )
}

/// Answers every examination under way.
pub fn examine(console: &mut Console, all: &[Diagnosis]) {
    for _ in 0..2 {
        let asked = console.asked(is_examination);
        let Request::Diagnose { tables, .. } = &asked.request else {
            return;
        };
        let own = |found: &&Diagnosis| found.table.as_ref().is_some_and(|it| tables.contains(it));
        console.done(
            &asked,
            self::found(all.iter().filter(own).cloned().collect()),
        );
    }
}

#[track_caller]
pub fn at_stop(console: &Console, number: usize) {
    let expected = format!("tour {number} of 15");
    assert!(console.shows(&expected), "{expected}:\n{}", console.frame());
}

pub fn ingest(console: &mut Console, name: &str) {
    console.press("i");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    console.done(
        &asked,
        Output::IngestPlans(vec![(table(name), Ok(plan(name, 40)))]),
    );
    console.press("y");
    let job = console.asked(|request| matches!(request, Request::Ingest { .. }));
    console.done(&job, Output::Ingested(report(name, 40)));
    tell(console, name, stored(name, Some(THEN), Some(9)));
    tell(console, name, newest(Some((9, 40, "14:02:00")), None));
    tell(console, name, rows(0, 0));
}

pub fn repair(console: &mut Console, name: &str) {
    console.press("<enter>y");
    let job = console.asked(is_repair);
    console.done(&job, Output::Repaired);
    examine(console, &[]);
    tell(console, name, stored(name, Some(THEN), Some(4)));
    tell(console, name, newest(Some((4, 48, "12:10:00")), None));
    tell(console, name, rows(19, 0));
}

/// Has the owner run the statement of the finding.
pub fn own(console: &mut Console, name: &str, statement: &str, left: &[Diagnosis]) {
    console.press("Oy");
    let asked = console
        .effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::AskOwner(of) => Some((of.table.to_string(), of.text.clone())),
            _ => None,
        });
    assert_eq!(asked, Some((name.to_owned(), statement.to_owned())));
    owned(console, name, statement, Ok(()));
    examine(console, left);
}

pub fn owned(console: &mut Console, name: &str, statement: &str, done: Result<(), String>) {
    console.send(Message::Owned {
        table: table(name),
        statement: statement.to_owned(),
        done,
    });
}

pub fn entry(name: &str) -> JournalEntry {
    JournalEntry {
        at: at("2026-05-16T14:02:00Z"),
        who: "ada".to_owned(),
        profile: "prod".to_owned(),
        table: table(name),
        action: "repair".to_owned(),
        what: format!("/highwater/{name}/timestamp"),
        before: Some("2027-05-16T10:50:30.123000Z".to_owned()),
        after: "2026-05-16T10:50:30.123000Z".to_owned(),
        reason: "timestamp-in-future, use-object".to_owned(),
    }
}
