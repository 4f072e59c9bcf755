use insta::assert_snapshot;

use super::support::*;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::ingest::{
    ErrorReport, IngestPlan, IngestReport, ObjectWritten, Outcome, PlannedObject,
};
use crate::backend::objects::ObjectKey;
use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::backend::{Error, SequenceId, TableName};
use crate::console::effect::Effect;
use crate::jobs::{Failure, Output, Request, Update};

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
        recovered: Vec::new(),
        error: None,
    }
}

#[test]
fn a_plan_that_does_not_fit_says_how_much_follows() {
    let mut console = Console::filled((80, 12));
    console.press("ai");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let names = ["design", "payment", "sales_order", "staff", "transaction"];
    let plans = names.map(|name| (table(name), Ok(plan(name, 7))));
    console.done(&asked, Output::IngestPlans(plans.to_vec()));
    let said = console.line("more");
    assert!(
        said.contains("… ") && said.contains(" lines more"),
        "{said}"
    );
    assert!(
        console.shows("Ingest 5 tables?"),
        "the question stays in sight"
    );
    console.press(&"<pgdn>".repeat(9));
    assert!(!console.shows("lines more") && console.shows("transaction"));
    console.press("<up>");
    assert!(console.shows("lines more") && console.shows("Ingest 5 tables?"));
}

fn copying(rows: u64) -> Update {
    Update::Progress(ProgressSnapshot {
        phase: Phase::Copying,
        rows,
        bytes: rows * 200,
        total_rows: 1_310_000,
        objects: 0,
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

#[test]
fn a_plan_is_shown_before_anything_is_written() {
    let mut console = Console::filled((80, 24));
    console.press("jj jj i");
    let asked = console.last();
    let Request::PlanIngest { tables, .. } = &asked.request else {
        panic!("not a plan: {:?}", asked.request);
    };
    let names: Vec<String> = tables.iter().map(TableName::to_string).collect();
    assert_eq!(names, ["sales_order", "transaction"]);
    assert!(console.shows("counting in one snapshot"));
    let failure = Failure::Error(std::sync::Arc::new(unavailable()));
    let plans = vec![
        (table("sales_order"), Ok(plan("sales_order", 1204))),
        (table("transaction"), Err(failure)),
    ];
    console.done(&asked, Output::IngestPlans(plans));
    assert_snapshot!("plan_80x24", console.frame());
    console.press("<esc>");
    assert_snapshot!("plan_aside_80x24", console.frame());
    console.press("<enter><enter>");
    assert!(console.model.question.is_none(), "the cursor is on no");
    assert!(console.model.stack.is_empty(), "no to the plan leaves it");
    assert!(!console.started.iter().any(is_ingest));
    let mut console = Console::filled((80, 24));
    planned(&mut console, "jji", "sales_order");
    console.press("<left><enter>");
    let last = console.last();
    assert!(
        matches!(last.request, Request::Ingest { ref table, .. } if table.name() == "sales_order")
    );
}

fn is_ingest(started: &Started) -> bool {
    matches!(started.request, Request::Ingest { .. })
}

/// Presses `keys`, which ask for the plan of one table, and answers it.
fn planned(console: &mut Console, keys: &str, name: &str) {
    console.press(keys);
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let plans = vec![(table(name), Ok(plan(name, 7)))];
    console.done(&asked, Output::IngestPlans(plans));
}

#[test]
fn a_yes_before_the_plan_is_there_answers_nothing() {
    let mut console = Console::filled((80, 24));
    console.press("jjiy");
    assert!(
        console.shows("the plan is not there yet"),
        "{}",
        console.frame()
    );
    planned(&mut console, "", "sales_order");
    assert!(!console.started.iter().any(is_ingest));
    assert!(console.shows("Ingest sales_order?"));
    console.press("y");
    assert!(is_ingest(&console.last()));
}

#[test]
fn what_is_pressed_before_a_question_can_be_read_does_not_answer_it() {
    let mut console = Console::filled((80, 24));
    console.press("jji");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let plans = vec![(table("sales_order"), Ok(plan("sales_order", 7)))];
    let done = Update::Done(Ok(Output::IngestPlans(plans)));
    console.tell(&asked, done);
    console.press("y");
    assert!(console.shows("that came before this could be read: once more"));
    console.press("<left><enter>x");
    assert!(!console.started.iter().any(is_ingest));
    console.wait(0.5);
    console.press("y");
    assert!(is_ingest(&console.last()), "{}", console.frame());
}

#[test]
fn a_question_that_was_never_on_the_screen_is_not_answered() {
    let mut console = Console::filled((80, 24));
    planned(&mut console, "jji", "sales_order");
    console.press("<esc>");
    console.send_at_once("\ny");
    assert!(!console.started.iter().any(is_ingest));
    assert!(console.shows("Ingest sales_order?"));
    console.press("y");
    assert!(is_ingest(&console.last()));
}

#[test]
fn a_plan_that_comes_while_something_lies_over_it_asks_nothing_by_itself() {
    let mut console = Console::filled((80, 24));
    console.press("jji:");
    planned(&mut console, "", "sales_order");
    assert!(console.model.question.is_none());
    console.press("<esc>?");
    planned(&mut console, "", "sales_order");
    assert!(console.model.question.is_none());
    console.press("<esc><enter>y");
    assert!(is_ingest(&console.last()));
}

#[test]
fn a_plan_that_is_put_aside_can_be_copied_had_as_a_command_and_asked_about_again() {
    let mut console = Console::filled((80, 24));
    planned(&mut console, "jji", "sales_order");
    console.press("<esc>");
    assert!(console.shows("nothing is written; Enter asks again"));
    console.press("c");
    assert!(console.shows("highwater --profile prod ingest sales_order"));
    console.press("<esc>y");
    assert!(console.shows("Copy"));
    console.press("<esc>i");
    assert!(console.shows("Ingest sales_order?"));
    console.press("n");
    assert!(console.model.stack.is_empty() && console.shows("all is left as it is"));
}

#[test]
fn a_plan_with_nothing_pending_cannot_be_run() {
    let mut console = Console::filled((80, 24));
    console.press("jjji");
    let asked = console.last();
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("staff"), Ok(plan("staff", 0)))]),
    );
    console.press("<enter>");
    assert!(console.model.question.is_none());
    assert!(console.shows("ingest: nothing is pending"));
}

#[test]
fn a_plan_that_may_repeat_rows_says_so_and_wants_the_name_typed() {
    let mut console = Console::filled((80, 24));
    console.press("jjji");
    let asked = console.last();
    let mut plan = plan("staff", 12);
    let code = FindingCode::TimestampMismatch;
    let doubt = Finding::new(code, "5 of its rows would be written again".to_owned());
    plan.doubts = vec![doubt];
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("staff"), Ok(plan))]),
    );
    assert!(console.shows("timestamp-mismatch: 5 of its rows would be written again"));
    console.press("y");
    assert!(!is_ingest(&console.last()));
    console.press("<back>staff<enter>");
    assert!(matches!(console.last().request, Request::Ingest { .. }));
}

#[test]
fn of_many_tables_those_that_may_repeat_rows_are_left_out_and_named_first() {
    let mut console = Console::filled((80, 24));
    console.press("jj  i");
    let asked = console.last();
    let mut risky = plan("staff", 12);
    let code = FindingCode::TimestampMismatch;
    risky.doubts = vec![Finding::new(code, "5 of its rows would be written again")];
    let plans = vec![
        (table("sales_order"), Ok(plan("sales_order", 7))),
        (table("staff"), Ok(risky)),
    ];
    console.done(&asked, Output::IngestPlans(plans));
    let frame = console.frame();
    let first = frame.lines().nth(2).unwrap_or_default();
    assert!(
        first.contains("staff   is left out: ingest it by itself"),
        "{frame}"
    );
    assert!(frame.contains("Ingest sales_order?") && frame.contains("7 rows in 1 object"));
    assert_eq!(frame.matches("horizon 2026").count(), 1, "{frame}");
    console.press("y");
    let ingested = console.started.iter().filter(|one| is_ingest(one));
    assert_eq!(ingested.count(), 1);
}

#[test]
fn a_plan_that_only_puts_something_right_can_be_run_and_says_what() {
    let mut console = Console::filled((80, 24));
    console.press("jjji");
    let asked = console.last();
    let mut plan = plan("staff", 0);
    plan.recovers = vec!["run 3f2a crashed: sequence id 12 → 13".to_owned()];
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("staff"), Ok(plan))]),
    );
    assert!(console.shows("first put right: run 3f2a crashed: sequence id 12 → 13"));
    console.press("y");
    assert!(is_ingest(&console.last()));
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
    assert!(console.shows("ingest sales_order: 1,204 rows in 1 object, 260 kB"));
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
    console.press("Jr");
    assert!(console.shows("Ingest transaction?"));
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
fn news_of_a_job_with_another_generation_is_dropped() {
    let (mut console, jobs) = running((80, 24));
    let mut stale = jobs[0].clone();
    stale.generation = crate::jobs::Generation(0);
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
}
