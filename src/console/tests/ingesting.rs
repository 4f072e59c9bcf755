use insta::assert_snapshot;

use super::support::*;
use crate::backend::Error;
use crate::backend::error::ErrorReport;
use crate::backend::ingest::{IngestPlan, IngestReport, ObjectWritten, Outcome, PlannedObject};
use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::console::effect::Effect;
use crate::jobs::{Failure, Output, Request, Update};
use crate::vocabulary::{ObjectKey, SequenceId};

pub fn plan(name: &str, rows: u64) -> IngestPlan {
    let from = Some(at("2026-05-16T10:58:02Z"));
    let objects = if rows == 0 {
        Vec::new()
    } else {
        vec![PlannedObject {
            key: ObjectKey::new(format!("{name}/{name}_00000241.jsonl")),
            sequence_id: SequenceId(241),
            rows,
            from,
            to: at("2026-05-16T14:02:20.5Z"),
        }]
    };
    IngestPlan {
        table: table(name),
        from,
        horizon: horizon(),
        recovers: Vec::new(),
        doubts: Vec::new(),
        rows,
        objects,
    }
}

pub fn report(name: &str, rows: u64) -> IngestReport {
    IngestReport {
        table: table(name),
        outcome: Outcome::Written,
        objects: vec![ObjectWritten {
            key: ObjectKey::new(format!("{name}/{name}_00000241.jsonl")),
            sequence_id: SequenceId(241),
            rows,
            bytes: 260_000,
            from: None,
            to: at("2026-05-16T14:02:20.5Z"),
            seconds: 0.8,
        }],
        is_held: false,
        doubts: Vec::new(),
        recovered: Vec::new(),
        error: None,
    }
}

pub fn copying(rows: u64) -> Update {
    Update::Progress(ProgressSnapshot {
        phase: Phase::Copying,
        rows,
        bytes: rows * 200,
        total_rows: 1_310_000,
        objects: 0,
        tables: 0,
    })
}

/// A console in which transaction and `sales_order` are being ingested.
pub fn running(size: (u16, u16)) -> (Console, Vec<super::support::Started>) {
    let mut console = Console::filled(size);
    console.press("jj jj i");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let plans = vec![
        (table("sales_order"), Ok(plan("sales_order", 1204))),
        (table("transaction"), Ok(plan("transaction", 1_310_000))),
    ];
    console.done(&asked, Output::IngestPlans(plans));
    console.press("y");
    let jobs: Vec<_> = console
        .started
        .iter()
        .filter(|started| matches!(started.request, Request::Ingest { .. }))
        .cloned()
        .collect();
    (console, jobs)
}

pub fn is_ingest(started: &Started) -> bool {
    matches!(started.request, Request::Ingest { .. })
}

/// Presses `keys`, which request the plan of one table, and answers the request.
pub fn planned(console: &mut Console, keys: &str, name: &str) {
    console.press(keys);
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let plans = vec![(table(name), Ok(plan(name, 7)))];
    console.done(&asked, Output::IngestPlans(plans));
}

#[test]
fn nothing_moves_while_jobs_only_wait_for_their_turn() {
    let (mut console, jobs) = running((80, 24));
    let frames = |console: &mut Console| {
        let before = console.frame();
        console.wait(0.1);
        (before, console.frame())
    };
    let (before, after) = frames(&mut console);
    assert_eq!(before, after);
    assert!(!console.model.jobs.is_any_turning());
    console.news(&jobs[1], Update::Started);
    let (before, after) = frames(&mut console);
    assert_ne!(before, after, "it is starting");
    assert!(console.model.jobs.is_any_turning());
    console.news(&jobs[1], copying(90_000));
    assert!(!console.model.jobs.is_any_turning());
}

#[test]
fn a_running_ingestion_shows_its_progress_in_its_row_and_then_its_result() {
    let (mut console, jobs) = running((80, 24));
    assert_eq!(jobs.len(), 2);
    assert!(console.line("transaction").contains("waiting for its turn"));
    console.news(&jobs[1], Update::Started);
    for step in 0..10 {
        console.wait(0.1);
        console.news(&jobs[1], copying(step * 90_000));
    }
    assert_snapshot!("running_80x24", console.frame());
    assert!(
        console.line("transaction").contains("61 %"),
        "{}",
        console.frame()
    );
    assert!(console.line("highwater").contains("2 jobs"));
    console.press("J");
    assert_snapshot!("jobs_80x24", console.frame());
    console.press("q");
    let before = console.started.len();
    console.done(&jobs[0], Output::Ingested(report("sales_order", 1204)));
    assert!(!console.line("sales_order").contains("waiting"));
    assert_eq!(
        console.started.len(),
        before + 1,
        "the table is looked at again"
    );
    assert!(
        matches!(console.last().request, Request::Status { ref tables, .. } if *tables == [table("sales_order")])
    );
    let (narrow, _) = running((40, 12));
    assert_snapshot!("running_40x12", narrow.frame());
}

#[test]
fn a_job_can_be_cancelled_and_started_again() {
    let (mut console, jobs) = running((80, 24));
    console.news(&jobs[1], Update::Started);
    console.press("Gx");
    assert!(matches!(console.effects.last(), Some(Effect::Cancel(job)) if *job == jobs[1].job));
    assert!(console.line("transaction").contains("cancelling"));
    let cancelled = Error::Cancelled;
    let report = IngestReport {
        outcome: Outcome::Failed,
        objects: Vec::new(),
        error: Some(ErrorReport::from(&cancelled)),
        ..report("transaction", 0)
    };
    console.done(&jobs[1], Output::Ingested(report));
    assert!(console.shows("ingest transaction: cancelled; nothing was half-written"));
    assert!(!console.shows("1 error"));
    planned(&mut console, "Jr", "transaction");
    assert!(console.shows("Ingest transaction?"));
    assert!(
        console.shows("transaction/transaction_00000241.jsonl"),
        "what it would write now is shown first: {}",
        console.frame()
    );
    console.press("y");
    assert!(matches!(console.last().request, Request::Ingest { .. }));
}

#[test]
fn a_failure_that_is_looked_at_among_the_jobs_does_not_lead_there() {
    let (mut console, jobs) = running((80, 24));
    console.press("J");
    console.fail(&jobs[0], unavailable());
    let said = "ingest sales_order failed (Enter tells more): PostgreSQL at";
    assert!(console.shows(said), "{}", console.frame());
}

#[test]
fn a_failure_is_counted_and_shown_with_its_causes() {
    let (mut console, jobs) = running((80, 24));
    console.fail(&jobs[0], unavailable());
    assert!(console.line("highwater").contains("1 error"));
    assert!(
        console.shows("ingest sales_order failed (J tells more): PostgreSQL at db.example.com")
    );
    console.news(
        &jobs[1],
        Update::Done(Err(Failure::Panicked("index out of bounds".to_owned()))),
    );
    assert!(console.line("highwater").contains("2 errors"));
    console.press("J");
    assert!(
        !console.line("highwater").contains("error"),
        "they have been read"
    );
    console.press("<down><enter>");
    assert_snapshot!("job_details_80x24", console.frame());
}

#[test]
fn the_row_of_a_table_tells_of_the_job_that_failed_until_a_later_one_succeeds() {
    let (mut console, jobs) = running((80, 24));
    console.fail(&jobs[0], unavailable());
    console.done(&jobs[1], Output::Ingested(report("transaction", 7)));
    console.press("J<esc>kk");
    console.wait(120.0);
    assert_snapshot!("row_after_a_failure_80x24", console.frame());
    assert_eq!(console.model.tables.cursor, Some(table("sales_order")));
    console.press("E");
    assert!(console.shows("ingest failed 2 min ago:"));
    assert!(console.shows("because connection refused"));
    assert!(console.shows("nothing else is wrong with this table"));
    planned(&mut console, "<esc>i", "sales_order");
    console.press("y");
    assert!(!console.shows("failed 2 min ago"), "it is tried again");
    let again = console.last();
    console.done(&again, Output::Ingested(report("sales_order", 7)));
    assert!(!console.shows("failed"), "{}", console.frame());
    console.press("E");
    assert!(console.shows("nothing is wrong with it"));
}

#[test]
fn what_is_wrong_with_a_table_itself_comes_before_the_job_that_failed() {
    let mut console = Console::filled((80, 24));
    planned(&mut console, "ji", "payment");
    console.press("y");
    let job = console.last();
    console.fail(&job, unavailable());
    assert!(console.shows("stuck-sequence: object 102"));
    assert!(!console.shows("ingest failed"));
    console.press("E");
    assert!(console.shows("ingest failed"), "{}", console.frame());
}

#[test]
fn news_of_a_job_that_nobody_waits_for_are_dropped() {
    let (mut console, jobs) = running((80, 24));
    let mut stale = jobs[0].clone();
    stale.job = crate::jobs::JobId(0);
    console.done(&stale, Output::Ingested(report("sales_order", 1204)));
    assert_eq!(console.model.jobs.running(), 2);
}

#[test]
fn the_page_of_a_job_says_what_has_become_of_it_by_now() {
    let (mut console, jobs) = running((80, 24));
    console.news(&jobs[1], Update::Started);
    console.press("J<enter>");
    assert!(console.shows("is running"), "{}", console.frame());
    console.done(&jobs[1], Output::Ingested(report("transaction", 7)));
    assert!(!console.shows("is running"), "{}", console.frame());
    assert!(console.shows("7 rows in 1 object"));
    let key = "transaction/transaction_00000241.jsonl";
    assert!(console.shows(key), "{}", console.frame());
    let bounds = "7 rows, 260 kB  from the beginning  to 2026-05-16 14:02:20.500";
    assert!(console.shows(bounds), "{}", console.frame());
}

#[test]
fn a_job_of_which_nothing_comes_says_so_and_for_how_long() {
    let (mut console, jobs) = running((80, 24));
    console.news(&jobs[0], Update::Started);
    console.news(&jobs[1], Update::Started);
    console.news(&jobs[1], copying(655_000));
    let Update::Progress(counting) = copying(0) else {
        return;
    };
    let counting = ProgressSnapshot {
        phase: Phase::Counting,
        total_rows: 0,
        ..counting
    };
    console.news(&jobs[0], Update::Progress(counting));
    console.press("J");
    assert!(console.shows("counting") && !console.shows("nothing for"));
    console.wait(130.0);
    let frame = console.frame();
    assert!(frame.contains("counting, nothing for 2 min"), "{frame}");
    assert!(frame.contains("no row for 2 min"), "{frame}");
    let Update::Progress(committing) = copying(1_310_000) else {
        return;
    };
    let committing = ProgressSnapshot {
        phase: Phase::Committing,
        ..committing
    };
    console.news(&jobs[1], Update::Progress(committing));
    console.wait(13.0);
    let frame = console.frame();
    assert!(frame.contains("committing, nothing for 13 s"), "{frame}");
    console.press("<end><enter>");
    let frame = console.frame();
    assert!(
        frame.contains("is running: counting, nothing for 2 min"),
        "{frame}"
    );
}
