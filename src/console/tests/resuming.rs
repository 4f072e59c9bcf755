//! Resumed backfills.

use insta::assert_snapshot;

use super::backfilling::{ID, cancelled, id, is_backfill, is_search, left, ordered, plan, planned};
use super::support::*;
use crate::backend::backfill::BackfillReport;
use crate::backend::ingest::Outcome;
use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::jobs::{Output, Request, Update};

#[test]
fn a_cancelled_backfill_goes_on_where_it_ended() {
    let mut console = planned(Console::filled((80, 24)));
    console.press("y");
    let job = console.asked(is_backfill);
    console.press("x");
    assert!(matches!(console.effects.last(), Some(Effect::Cancel(of)) if *of == job.job));
    console.news(&job, Update::Started);
    let aborted = ProgressSnapshot {
        phase: Phase::Copying,
        rows: 5_000,
        bytes: 1_000_000,
        total_rows: 13_203,
        objects: 1,
        tables: 0,
    };
    console.news(&job, Update::Progress(aborted));
    let report = cancelled(&console, 1);
    console.done(&job, Output::Backfilled(report));
    assert!(
        console.shows("backfill sales_order: cancelled; 4,401 rows in 1 object stay"),
        "{}",
        console.frame()
    );
    console.press("J<enter>");
    assert!(console.shows("4,401 rows in 1 object stay; nothing was half-written"));
    let done = console.line("done  ");
    assert!(done.contains("4,401 rows, 900 kB"), "{done}");
    console.press("<esc>r");
    assert_eq!(console.model.scope(), Scope::BackfillPlan);
    let order = ordered(&console);
    assert_eq!(order.resume, Some(id()));
    let asked = console.last();
    console.done(&asked, Output::BackfillPlan(plan(&order, 1)));
    assert_snapshot!("backfill_resumed_80x24", console.frame());
    console.press("<esc>c");
    assert!(console.shows(&format!("--resume {ID}")));
    console.press("<esc><esc><esc>b");
    assert!(console.shows(&format!("Ctrl-R resumes {ID}")));
    console.press("<ctrl-r>");
    assert_snapshot!("backfill_taken_over_80x24", console.frame());
    console.press("<enter>");
    assert_eq!(ordered(&console), order);
}

#[test]
fn a_backfill_that_wrote_nothing_is_begun_anew() {
    let mut console = planned(Console::filled((80, 24)));
    console.press("y");
    let job = console.asked(is_backfill);
    let report = BackfillReport {
        outcome: Outcome::Skipped,
        ..cancelled(&console, 0)
    };
    console.done(&job, Output::Backfilled(report));
    console.press("Jr");
    assert_eq!(ordered(&console).resume, None);
}

#[test]
fn backfills_that_were_interrupted_before_are_offered_with_what_is_left_of_them() {
    const OLDER: &str = "20260515T090000-00c0ffee";
    let mut console = Console::filled((80, 24));
    console.press("jjb<ctrl-r>");
    assert!(console.shows("resume: interrupted ones are still being looked for"));
    let asked = console.asked(is_search);
    assert!(
        matches!(&asked.request, Request::InterruptedBackfills { table: of, .. } if *of == table("sales_order"))
    );
    let found = vec![left(ID, 1), left(OLDER, 2)];
    console.done(&asked, Output::InterruptedBackfills(found));
    assert_snapshot!("backfill_interrupted_80x24", console.frame());
    console.press("<ctrl-r>");
    assert!(console.shows("1 of 3 objects written, 8,802 rows left"));
    console.press("<ctrl-r>");
    assert!(console.shows("2 of 3 objects written, 4,401 rows left"));
    console.press("<enter>");
    let order = ordered(&console);
    assert_eq!(order, left(OLDER, 2).backfill);
    assert!(
        console.shows("counting the chunks in one snapshot"),
        "nothing is written without a plan"
    );
}

#[test]
fn what_has_come_to_its_end_is_not_offered_and_what_cannot_be_looked_for_is_said() {
    let mut console = planned(Console::filled((80, 24)));
    console.press("y");
    let job = console.asked(is_backfill);
    let report = cancelled(&console, 1);
    console.done(&job, Output::Backfilled(report));
    console.press("b");
    assert!(console.shows(&format!("resumes {ID}")));
    let asked = console.asked(is_search);
    // Another process has resumed it meanwhile.
    console.done(&asked, Output::InterruptedBackfills(Vec::new()));
    assert!(!console.shows(ID));
    console.press("<ctrl-r>");
    assert!(console.shows("no interrupted backfill of it is known here"));
    console.press("<esc>b");
    let asked = console.asked(is_search);
    console.fail(&asked, journal_gone());
    assert!(
        console.shows(&format!("resumes {ID}")),
        "it is known all the same"
    );
    let mut console = Console::filled((80, 24));
    console.press("jjb");
    let asked = console.asked(is_search);
    console.fail(&asked, journal_gone());
    assert!(console.shows("interrupted ones could not be looked for"));
}
