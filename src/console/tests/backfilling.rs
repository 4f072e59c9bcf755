use std::time::Duration;

use insta::assert_snapshot;

use super::support::*;
use crate::backend::Error;
use crate::backend::backfill::{Backfill, BackfillPlan, BackfillReport, PlannedChunk, RangeError};
use crate::backend::error::ErrorReport;
use crate::backend::ingest::{ObjectWritten, Outcome};
use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::config::Safety;
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::jobs::{Output, Request, Update};
use crate::vocabulary::{BackfillId, ObjectKey, SequenceId};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];
pub const ID: &str = "20260516T140231-1f3a5c7e";

pub fn id() -> BackfillId {
    ID.parse().expect("an id")
}

fn is_plan(request: &Request) -> bool {
    matches!(request, Request::PlanBackfill(_))
}

pub fn is_backfill(request: &Request) -> bool {
    matches!(request, Request::Backfill(_))
}

/// The backfill of the last request for a plan.
pub fn ordered(console: &Console) -> Backfill {
    match console.asked(is_plan).request {
        Request::PlanBackfill(order) => order,
        _ => unreachable!("it was looked for"),
    }
}

/// A plan of three chunks, numbered from the stored sequence id on, of which `there` are already
/// written.
pub fn plan(order: &Backfill, there: usize) -> BackfillPlan {
    let name = order.table.name();
    let days = ["2026-05-13", "2026-05-14", "2026-05-15", "2026-05-16"];
    let chunk = |place: usize| PlannedChunk {
        key: ObjectKey::new(format!("{name}/{name}_{:08}.jsonl", 241 + place)),
        sequence_id: SequenceId(241 + place as u64),
        from: at(&format!("{}T00:00:00Z", days[place])),
        to: at(&format!("{}T00:00:00Z", days[place + 1])),
        rows: 4_401,
    };
    let chunks: Vec<PlannedChunk> = (there..3).map(chunk).collect();
    BackfillPlan {
        id: id(),
        backfill: order.clone(),
        recovers: Vec::new(),
        there,
        rows: chunks.iter().map(|chunk| chunk.rows).sum(),
        chunks,
    }
}

/// The form of `sales_order` with a range typed in.
fn typed(mut console: Console) -> Console {
    console.press("jjb2026-05-13<tab>2026-05-16<tab>1d");
    console
}

/// The plan of `sales_order`.
pub fn planned(console: Console) -> Console {
    let mut console = typed(console);
    console.press("<enter>");
    let asked = console.last();
    let plan = plan(&ordered(&console), 0);
    console.done(&asked, Output::BackfillPlan(plan));
    console
}

pub fn cancelled(console: &Console, objects: usize) -> BackfillReport {
    let object = |place: usize| ObjectWritten {
        key: ObjectKey::new(format!("sales_order/sales_order_{:08}.jsonl", 241 + place)),
        sequence_id: SequenceId(241 + place as u64),
        rows: 4_401,
        bytes: 900_000,
        from: Some(at("2026-05-13T00:00:00Z")),
        to: at("2026-05-14T00:00:00Z"),
        seconds: 0.2,
    };
    BackfillReport {
        table: ordered(console).table,
        backfill: id(),
        outcome: Outcome::Failed,
        objects: (0..objects).map(object).collect(),
        recovered: Vec::new(),
        error: Some(ErrorReport::from(&Error::Cancelled)),
    }
}

#[test]
fn a_range_is_read_as_it_is_typed_and_what_is_wrong_with_it_is_said_in_its_place() {
    let mut console = Console::filled((80, 24));
    console.press("jjb");
    assert_eq!(console.model.scope(), Scope::Backfill);
    assert_snapshot!("backfill_empty_80x24", console.frame());
    console.press("<enter>");
    assert!(console.shows("where does the range begin?"));
    console.press("x");
    assert!(console.shows("\"x\" is not a timestamp"));
    console.press("<back>-2d");
    assert!(console.shows("is 2026-05-14 14:02:31.000 UTC, inclusive"));
    console.press("<tab>now");
    assert!(console.shows("beyond the watermark of sales_order, 2026-05-16 10:58:02.000"));
    console.press("<enter>");
    assert!(
        !console
            .started
            .iter()
            .any(|started| is_plan(&started.request))
    );
    console.press("<ctrl-u>-3d");
    assert!(console.shows("the range is empty"));
    console.press("<ctrl-u><tab>soon");
    assert!(console.shows("not a duration like 1d, 6h or 90min"));
    console.press("<ctrl-u>6h");
    assert!(console.shows("an object holds 6 hours at most: 8 pieces of time"));
    console.press("<tab>20260516");
    assert!(console.shows("is not a backfill id"));
    console.press("<ctrl-u><enter>");
    let order = ordered(&console);
    assert_eq!(order.from, at("2026-05-14T14:02:31Z"));
    assert_eq!(
        order.to,
        at("2026-05-16T10:58:02.000001Z"),
        "nothing typed includes the watermark"
    );
    assert_eq!((order.chunk, order.resume), (Duration::from_hours(6), None));
}

#[test]
fn the_form_and_the_plan_fit_every_size_and_need_no_colour() {
    for size in SIZES {
        let name = |what: &str| format!("backfill_{what}_{}x{}", size.0, size.1);
        let console = typed(Console::filled(size));
        assert_snapshot!(name("form"), console.frame());
        let mut console = planned(Console::filled(size));
        assert_snapshot!(name("plan"), console.frame());
        console.press("<esc>");
        assert_snapshot!(name("plan_aside"), console.frame());
    }
    let console = planned(Console::with((80, 24), Safety::Normal, true).fill());
    assert!(console.is_colourless());
}

#[test]
fn a_refusal_is_shown_in_the_plan_with_its_reason_and_the_form_is_kept() {
    let mut console = typed(Console::filled((80, 24)));
    console.press("<enter>");
    assert!(console.shows("sales_order: counting the chunks in one snapshot"));
    let asked = console.last();
    let table = table("sales_order");
    console.fail(&asked, RangeError::WrittenWhole { table }.into());
    assert!(console.shows("cannot be read again"));
    assert!(console.shows("sales_order is written in full by every run (mode = \"snapshot\")"));
    console.press("<enter>");
    assert!(console.shows("backfill: there is nothing to write"));
    console.press("<esc>");
    assert_eq!(console.model.scope(), Scope::Backfill);
    assert!(console.shows("2026-05-13"), "what was typed is still there");
}

#[test]
fn a_backfill_runs_as_a_job_with_its_progress_over_all_chunks() {
    let mut console = planned(Console::filled((80, 24)));
    console.press("<enter>");
    assert!(console.model.question.is_none(), "the cursor is on no");
    assert_eq!(console.model.scope(), Scope::Backfill, "the form is kept");
    console.press("<enter>");
    let asked = console.last();
    let plan = plan(&ordered(&console), 0);
    console.done(&asked, Output::BackfillPlan(plan));
    console.press("y");
    assert!(console.model.stack.is_empty(), "what led here is left");
    let job = console.asked(is_backfill);
    console.news(&job, Update::Started);
    console.news(
        &job,
        Update::Progress(ProgressSnapshot {
            phase: Phase::Copying,
            rows: 4_401,
            bytes: 900_000,
            total_rows: 13_203,
            objects: 1,
            tables: 0,
        }),
    );
    assert!(
        console.line("sales_order").contains("33 %"),
        "{}",
        console.frame()
    );
    console.press("b");
    assert!(console.shows("backfill: a job is already at work on it"));
    console.press("J");
    assert_snapshot!("backfill_job_80x24", console.frame());
    let report = BackfillReport {
        outcome: Outcome::Written,
        error: None,
        ..cancelled(&console, 3)
    };
    console.done(&job, Output::Backfilled(report));
    assert!(console.shows("backfill sales_order  13,203 rows in 3 objects, 2.7 MB"));
    console.press("c");
    let command = "highwater --profile prod backfill sales_order --from";
    assert!(console.frame().contains(command), "{}", console.frame());
    assert!(!console.shows("--resume"), "it has come to its end");
    console.press("<esc><enter>");
    let Request::Backfill(plan) = &job.request else {
        panic!("no backfill");
    };
    assert!(console.line("backfill   ").contains(&plan.id.to_string()));
    let bounds = "kB  2026-05-13 00:00:00.000 <= ts <";
    assert!(console.shows(bounds), "{}", console.frame());
    assert!(
        console.line("range ").contains(" <= ts < "),
        "{}",
        console.frame()
    );
}

#[test]
fn several_tables_are_planned_at_once_a_few_at_a_time_and_shown_in_their_order() {
    let mut console = Console::filled((80, 24));
    // The first of the five has never been ingested.
    console.press("ab2026-05-13<tab>2026-05-14<enter>");
    let plans = |console: &Console| -> Vec<Started> {
        let started = console.started.iter();
        let plans = started.filter(|started| is_plan(&started.request));
        plans.cloned().collect()
    };
    let asked = plans(&console);
    assert_eq!(asked.len(), 4, "others want to know something meanwhile");
    assert!(console.shows("5 tables: counting the chunks, each in one snapshot"));
    let order = |asked: &Started| match &asked.request {
        Request::PlanBackfill(order) => order.clone(),
        _ => unreachable!("it was looked for"),
    };
    for one in [&asked[3], &asked[2], &asked[1]] {
        console.done(one, Output::BackfillPlan(plan(&order(one), 0)));
    }
    assert!(console.line("Backfill 5").contains("counting 2 more"));
    let place = |name: &str| console.frame().find(&format!("{name}   13,203 rows"));
    assert!(
        place("payment") < place("sales_order"),
        "{}",
        console.frame()
    );
    console.press("R");
    let again = plans(&console);
    assert_eq!(again.len(), 9, "four, the fifth, and four anew");
    console.done(&asked[0], Output::BackfillPlan(plan(&order(&asked[0]), 0)));
    assert!(
        console.shows("5 tables: counting"),
        "what was asked before is not waited for any more"
    );
    console.press("<esc>");
    let given_up = console.effects.iter().rev();
    let given_up = given_up.take_while(|effect| matches!(effect, Effect::Cancel(_)));
    assert_eq!(given_up.count(), 4);
}

#[test]
fn marked_tables_are_planned_together_and_confirmed_together() {
    let mut console = Console::with((80, 24), Safety::Careful, false).fill();
    console.press("jj  b2026-05-13<enter>");
    let mut tables = Vec::new();
    let asked: Vec<Started> = console.started.iter().rev().take(2).cloned().collect();
    for asked in asked.into_iter().rev() {
        let Request::PlanBackfill(order) = asked.request.clone() else {
            panic!("no plan");
        };
        tables.push(order.table.to_string());
        console.done(&asked, Output::BackfillPlan(plan(&order, 0)));
    }
    assert_eq!(tables, ["sales_order", "staff"]);
    assert!(console.shows("26,406 rows in 6 objects"));
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
    assert_snapshot!("backfill_careful_80x24", console.frame());
    console.press("2<enter>");
    let jobs = console
        .started
        .iter()
        .filter(|started| is_backfill(&started.request));
    assert_eq!(jobs.count(), 2);
}

#[test]
fn nothing_is_read_again_where_nothing_may_be_or_was_never_ingested() {
    let mut console = Console::with((80, 24), Safety::ReadOnly, false).fill();
    console.press("jjb");
    assert!(console.shows("backfill: read-only, by profile prod or by --read-only"));
    let mut console = Console::filled((80, 24));
    console.press("b");
    assert!(console.shows("backfill: it has no watermark"));
    assert!(console.model.stack.is_empty());
}

pub fn is_search(request: &Request) -> bool {
    matches!(request, Request::InterruptedBackfills { .. })
}

/// What is left of the backfill of `sales_order` with this id, of which `there` objects are already
/// written.
pub fn left(id: &str, there: usize) -> BackfillPlan {
    let order = Backfill {
        table: table("sales_order"),
        from: at("2026-05-13T00:00:00Z"),
        to: at("2026-05-16T00:00:00Z"),
        chunk: Duration::from_hours(24),
        resume: Some(id.parse().expect("an id")),
    };
    BackfillPlan {
        id: id.parse().expect("an id"),
        ..plan(&order, there)
    }
}

#[test]
fn a_late_answer_to_a_form_that_was_left_is_dropped() {
    let mut console = Console::filled((80, 24));
    console.press("jjb");
    let asked = console.asked(is_search);
    console.press("<esc>");
    assert!(matches!(console.effects.last(), Some(Effect::Cancel(of)) if *of == asked.job));
    console.press("jb");
    console.done(&asked, Output::InterruptedBackfills(vec![left(ID, 1)]));
    assert!(!console.shows(ID), "it is of another table");
}

#[test]
fn the_range_that_is_typed_can_be_had_as_a_command() {
    let mut console = Console::filled((120, 40));
    console.press("jjb<f2>");
    assert!(console.shows("command: where does the range begin?"));
    console.press("2026-05-13<tab>2026-05-16<tab>6h<f2>");
    let command = "backfill sales_order --from 2026-05-13T00:00:00.000000Z \
                   --to 2026-05-16T00:00:00.000000Z --chunk 6h";
    console.press("y<enter>");
    let copied = console.copied().unwrap_or_default();
    assert!(copied.ends_with(command), "{copied}");
}

#[test]
fn the_form_stays_where_it_is_while_somebody_types() {
    let mut console = Console::filled((80, 24));
    console.press("jjb");
    let place = |console: &Console| {
        let frame = console.frame();
        frame
            .lines()
            .position(|line| line.contains("Backfill sales_order"))
    };
    let before = place(&console);
    assert!(before.is_some());
    for keys in ["y", "esterday", "<tab>x", "<ctrl-u>", "<tab>1"] {
        console.press(keys);
        assert_eq!(place(&console), before, "{keys}: {}", console.frame());
    }
}
