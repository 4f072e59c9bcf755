use insta::assert_snapshot;

use super::doctor::{diagnosis, found, is_examination, is_repair, stuck, use_object};
use super::ingesting::{plan, report};
use super::looking::preview;
use super::support::*;
use crate::backend::doctor::{Diagnosis, Evidence};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::journal::JournalEntry;
use crate::backend::source::Holder;
use crate::backend::status::PartValue;
use crate::config::Safety;
use crate::console::action::ActionId;
use crate::console::describe::tour::{press, says};
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::console::model::tour::Stop;
use crate::jobs::{Output, Request};

const TABLES: [&str; 7] = [
    "invoice",
    "payment",
    "refund",
    "sales_order",
    "shipment",
    "stock_count",
    "supplier",
];
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];
const TERMINATE: &str = "SELECT pg_terminate_backend(4711)";
const THEN: &str = "2026-05-16T10:50:30.123Z";

/// The demo as it is when the import has come.
fn demo(size: (u16, u16)) -> Console {
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

fn counted(pending: u64, findings: Vec<Finding>) -> PartValue {
    let mut counts = counts(pending, 0, true);
    counts.findings = findings;
    PartValue::Rows(Ok(counts))
}

fn holder() -> Holder {
    Holder {
        pid: 4711,
        user: "highwater".to_owned(),
        application: "warehouse-import".to_owned(),
        since: at("2026-05-16T14:00:00Z"),
        query: "INSERT INTO shipment".to_owned(),
    }
}

/// Answers the newest question about where a table stands.
fn tell(console: &mut Console, name: &str, part: PartValue) {
    let about = |request: &Request| matches!(request, Request::Status { tables, .. } if tables.contains(&table(name)));
    let asked = console.asked(about);
    console.part(&asked, name, part);
}

/// A finding that only the owner of the database can put right.
fn for_owner(name: &str, code: FindingCode, statement: &str) -> Diagnosis {
    let evidence = serde_json::json!({ "statement": statement });
    let mut found = diagnosis(name, code, "something is wrong", Vec::new());
    found.evidence = Evidence::from_iter(evidence.as_object().cloned().unwrap_or_default());
    found
}

fn held() -> Diagnosis {
    for_owner("shipment", FindingCode::HorizonHeld, TERMINATE)
}

fn repairable(name: &str, code: FindingCode) -> Diagnosis {
    diagnosis(
        name,
        code,
        "something is wrong",
        vec![use_object(name, code)],
    )
}

/// Answers every examination under way.
fn examine(console: &mut Console, all: &[Diagnosis]) {
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
fn at_stop(console: &Console, number: usize) {
    let expected = format!("tour {number} of 15");
    assert!(console.shows(&expected), "{expected}:\n{}", console.frame());
}

fn ingest(console: &mut Console, name: &str) {
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

fn repair(console: &mut Console, name: &str) {
    console.press("<enter>y");
    let job = console.asked(is_repair);
    console.done(&job, Output::Repaired(Vec::new()));
    examine(console, &[]);
    tell(console, name, stored(name, Some(THEN), Some(4)));
    tell(console, name, newest(Some((4, 48, "12:10:00")), None));
    tell(console, name, rows(19, 0));
}

/// The owner runs what the finding says.
fn own(console: &mut Console, name: &str, statement: &str, left: &[Diagnosis]) {
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

fn owned(console: &mut Console, name: &str, statement: &str, done: Result<(), String>) {
    console.send(Message::Owned {
        table: table(name),
        statement: statement.to_owned(),
        done,
    });
}

fn entry(name: &str) -> JournalEntry {
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

#[test]
fn the_tour_goes_on_by_what_is_done_until_every_trouble_is_over() {
    let mut console = demo((80, 24));
    console.press("<f1>");
    at_stop(&console, 1);
    assert!(console.shows("go to payment"));
    console.press("j");
    at_stop(&console, 2);
    ingest(&mut console, "payment");
    at_stop(&console, 3);
    console.press("jjp");
    at_stop(&console, 3);
    let asked = console.last();
    console.done(&asked, Output::Preview(preview()));
    at_stop(&console, 4);
    console.press("<esc>");
    at_stop(&console, 5);
    assert!(console.shows("go to invoice"));
    console.press("kkk");
    assert!(console.shows("d examines it"));
    console.press("d");
    let update = "UPDATE stock_count SET last_updated = now()";
    examine(
        &mut console,
        &[
            stuck("invoice"),
            repairable("refund", FindingCode::TimestampInFuture),
            repairable("supplier", FindingCode::SequenceMissing),
            for_owner("stock_count", FindingCode::RowsUnreachable, update),
            held(),
        ],
    );
    at_stop(&console, 6);
    assert!(
        console.shows("/highwater/invoice/timestamp"),
        "its exact writes"
    );
    repair(&mut console, "invoice");
    at_stop(&console, 7);
    assert!(console.shows("19 rows pending"));
    ingest(&mut console, "invoice");
    at_stop(&console, 8);
    assert!(console.shows("go to refund timestamp-in-future"));
    console.press("j");
    repair(&mut console, "refund");
    at_stop(&console, 9);
    console.press("j");
    repair(&mut console, "supplier");
    at_stop(&console, 10);
    console.press("j");
    own(&mut console, "stock_count", update, &[held()]);
    at_stop(&console, 10);
    tell(&mut console, "stock_count", rows(35, 0));
    at_stop(&console, 11);
    assert!(console.shows("warehouse-import has held back all that is newer than 14:00:00"));
    assert!(console.shows("go to horizon-held"), "{}", console.frame());
    console.press("j");
    assert!(console.shows("O has the demo's owner run it"));
    own(&mut console, "shipment", TERMINATE, &[]);
    tell(&mut console, "shipment", rows(47, 0));
    at_stop(&console, 12);
    console.press("L");
    let asked = console.last();
    console.done(&asked, Output::Journal(vec![entry("refund")]));
    at_stop(&console, 13);
    console.press("u");
    at_stop(&console, 14);
    console.press("<esc>");
    at_stop(&console, 15);
    console.press("<esc><esc><esc><esc>");
    assert!(console.model.visit().is_none(), "{}", console.frame());
    assert!(console.model.stack.is_empty());
}

#[test]
fn what_the_tour_speaks_of_is_never_covered_in_any_size() {
    for size in SIZES {
        let mut console = demo(size);
        console.press("<f1>");
        let name = format!("tour_row_{}x{}", size.0, size.1);
        assert_snapshot!(name, console.frame());
        console.press("ji");
        let asked = console.last();
        console.done(
            &asked,
            Output::IngestPlans(vec![(table("payment"), Ok(plan("payment", 40)))]),
        );
        let name = format!("tour_question_{}x{}", size.0, size.1);
        assert_snapshot!(name, console.frame());
    }
}

#[test]
fn the_cursor_stays_above_the_panel_however_far_down_it_is() {
    for size in SIZES {
        let mut console = demo(size);
        console.press("<f1>G");
        let name = "supplier";
        assert_eq!(console.model.tables.cursor, Some(table(name)));
        let frame = console.frame();
        let panel = frame.lines().position(|line| line.contains("tour 1 of 15"));
        let row = frame.lines().position(|line| line.contains(name));
        assert!(row.is_some() && row < panel, "{frame}");
    }
}

#[test]
fn the_first_help_over_the_demo_offers_the_tour_and_no_later_one() {
    let mut console = demo((80, 24));
    assert!(console.shows("? offers a tour of two minutes"));
    console.press("?");
    assert!(console.shows("A tour of two minutes?"));
    assert!(matches!(console.effects.last(), Some(Effect::Remember(kept)) if kept.toured));
    console.press("n");
    assert!(console.shows("Signs"), "the help is what was asked for");
    console.press("<esc>?");
    assert!(console.shows("Signs"));
    console.press("<esc><f1>");
    at_stop(&console, 1);
    console.press("<f1>");
    assert!(console.model.visit().is_none());

    let mut console = demo((80, 24));
    console.press("?<enter>");
    at_stop(&console, 1);
    console.press("<esc>");
    assert!(console.shows("the tour is over; F1 begins it again"));
}

#[test]
fn there_is_no_tour_but_over_a_demo_that_may_be_written_to() {
    let mut console = Console::filled((80, 24));
    assert!(!console.shows("offers a tour"));
    console.press("<f1>");
    assert!(console.shows("tour: it is over the demo: highwater --demo"));
    console.press("?");
    assert!(console.shows("Signs"));
    let mut console = Console::over_demo((80, 24), Safety::ReadOnly);
    console.press("<f1>");
    assert!(console.shows("tour: it writes, and --read-only is set"));
}

#[test]
fn what_was_put_right_before_is_not_asked_for_again() {
    let mut console = demo((80, 24));
    for name in ["invoice", "supplier"] {
        tell(&mut console, name, newest(Some((4, 48, "12:10:00")), None));
    }
    tell(&mut console, "invoice", rows(0, 0));
    console.press("<f1>j");
    tell(&mut console, "payment", rows(0, 0));
    at_stop(&console, 3);
    console.press("p");
    let asked = console.last();
    console.done(&asked, Output::Preview(preview()));
    console.press("<esc>");
    at_stop(&console, 8);
    tell(&mut console, "refund", rows(19, 0));
    at_stop(&console, 10);
    tell(&mut console, "shipment", rows(40, 0));
    console.wait(1.0);
    tell(&mut console, "stock_count", rows(35, 0));
    at_stop(&console, 11);
    tell(&mut console, "shipment", rows(40, 0));
    at_stop(&console, 12);
}

#[test]
fn whatever_else_is_done_meanwhile_the_tour_says_the_way_back() {
    let mut console = demo((80, 24));
    console.press("<f1>jJ");
    at_stop(&console, 2);
    assert!(console.shows("→ Esc goes back"));
    console.press("<esc>");
    at_stop(&console, 2);
    assert!(console.shows("→ i plans it"));
    console.press("<esc>/ref<enter>");
    assert!(console.model.visit().is_none(), "it was left at the list");
    console.press("<f1>");
    at_stop(&console, 1);
    assert!(console.shows("F1 leaves"), "Esc clears the filter first");
    console.press("<esc>");
    at_stop(&console, 1);
    assert!(console.shows("Esc leaves"));
}

#[test]
fn its_sentences_fit_the_smallest_terminal() {
    let mut console = demo((40, 12));
    console.press("<f1>");
    for stop in Stop::ALL {
        let [first, _] = says(&console.model, stop);
        let lines = crate::text::wrap(&first, 38);
        assert!((1..=2).contains(&lines.len()), "{first}");
        let key = press(&console.model, stop);
        assert!(crate::text::width(&key) <= 36, "{key}");
    }
}

#[test]
fn only_the_demos_owner_is_at_hand() {
    let mut console = Console::filled((80, 24));
    console.press("jd");
    let statement = "UPDATE payment SET last_updated = now()";
    let finding = for_owner("payment", FindingCode::RowsUnreachable, statement);
    let asked = console.last();
    console.done(&asked, found(vec![finding]));
    let said = console.frame();
    let (_, below) = said
        .split_once("the owner of the database can put this right with:")
        .expect("who can");
    assert_eq!(below.lines().nth(1).map(str::trim), Some(statement));
    assert!(!console.shows("nothing that could be written"));
    console.press("O");
    assert!(console.shows("owner: highwater only reads your database"));
    assert!(
        !console
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::AskOwner(_)))
    );
    assert_eq!(ActionId::AskOwner.name(), "ask-owner");
}

#[test]
fn what_the_owner_has_put_right_stays_under_the_cursor_and_is_not_run_twice() {
    let mut console = demo((80, 24));
    console.press("d");
    let update = "UPDATE stock_count SET last_updated = now()";
    let unreachable = for_owner("stock_count", FindingCode::RowsUnreachable, update);
    let mut also_held = held();
    also_held.table = Some(table("stock_count"));
    let all = [unreachable, held(), also_held];
    for _ in 0..4 {
        examine(&mut console, &all);
    }
    console.press("gj");
    assert!(console.shows("rows-unreachable"));
    console.press("Oy");
    owned(&mut console, "stock_count", update, Ok(()));
    console.press("O");
    assert!(
        console.shows("owner: its table is being examined again"),
        "{}",
        console.frame()
    );
    examine(&mut console, &all[1..]);
    assert!(console.line("✓ stock_count").contains("rows-unreachable"));
    assert!(console.shows("its owner has run the statement"));
    assert!(console.shows("looked at again: it is not found any more"));
    console.press("O");
    assert!(
        console.model.question.is_none(),
        "nothing is asked about the next finding"
    );
}

#[test]
fn what_the_owner_could_not_run_says_why() {
    let mut console = demo((80, 24));
    let why = "permission denied for table stock_count".to_owned();
    owned(&mut console, "stock_count", "UPDATE stock_count", Err(why));
    assert!(console.shows("stock_count: its owner could not: permission denied"));
}
