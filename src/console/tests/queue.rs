//! Jobs are found among many, told apart, and never mistaken for each other.

use super::ingesting::{plan, planned, report, running};
use super::support::*;
use crate::backend::Error;
use crate::console::effect::Effect;
use crate::jobs::{Failure, Output, Request, Update};

fn is_cancelled(console: &Console, job: &Started) -> bool {
    let mut effects = console.effects.iter();
    effects.any(|effect| matches!(effect, Effect::Cancel(one) if *one == job.job))
}

#[test]
fn jobs_are_filtered_and_the_cursor_stays_on_its_job() {
    let (mut console, jobs) = running((80, 24));
    console.press("J");
    assert!(console.shows("Jobs 2   2 waiting"), "{}", console.frame());
    console.news(&jobs[1], Update::Started);
    console.press("/running<enter>");
    assert!(console.shows("Jobs 1 of 2   running   1 running   1 waiting"));
    assert!(console.shows("ingest transaction") && !console.shows("sales_order"));
    // The job that the key was meant for has ended meanwhile: no other job is cancelled in its
    // place.
    console.tell(
        &jobs[1],
        Update::Done(Err(Failure::Panicked("a bug".to_owned()))),
    );
    console.press("x");
    assert!(console.shows("no job matches the filter; Esc clears it"));
    assert!(
        console.shows("no job is running here"),
        "{}",
        console.frame()
    );
    console.press("/<ctrl-u>failed a bug<enter>");
    assert!(console.shows("1 failed   1 waiting"), "{}", console.frame());
    assert!(console.line("transaction").contains("a bug"));
    console.press("c");
    assert!(console.shows("highwater --profile prod ingest transaction"));
    console.press("q<esc>");
    assert!(console.shows("Jobs 2   1 failed"), "{}", console.frame());
    assert!(console.shows("sales_order"));
    // The cursor has stayed.
    console.press("<enter>");
    assert!(console.shows("a bug") && !console.shows("Jobs 2"));
}

#[test]
fn a_key_meant_for_a_job_that_has_ended_cancels_no_other() {
    let (mut console, jobs) = running((80, 24));
    for job in &jobs {
        console.news(job, Update::Started);
    }
    console.press("J/running<enter>");
    let done = Output::Ingested(report("transaction", 7));
    console.done(&jobs[1], done);
    assert!(console.shows("Jobs 1 of 2"), "{}", console.frame());
    console.wait(2.0);
    console.press("x");
    assert!(!jobs.iter().any(|job| is_cancelled(&console, job)));
    assert!(
        console.shows("no job is running here"),
        "{}",
        console.frame()
    );
    // After moving the cursor, the key is meant for the job it is now on.
    console.press("kx");
    assert!(is_cancelled(&console, &jobs[0]), "{}", console.frame());
}

#[test]
fn jobs_of_tables_that_begin_alike_are_told_apart() {
    let names: Vec<String> = (1..=30)
        .map(|number| format!("customer_transactions_partition_{number:04}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::new((80, 24));
    console.list(&names);
    console.press("ai");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let plans = names.iter().map(|name| (table(name), Ok(plan(name, 7))));
    console.done(&asked, Output::IngestPlans(plans.collect()));
    console.press("yJ");
    assert!(
        console.shows("Jobs 30   1–20   30 waiting"),
        "{}",
        console.frame()
    );
    assert!(console.shows("ition_0030") && console.shows("ition_0011"));
}

#[test]
fn the_cursor_stays_where_the_filter_hides_the_job_that_was_started() {
    let (mut console, jobs) = running((80, 24));
    for job in &jobs {
        let failure = Failure::Panicked("a bug".to_owned());
        console.news(job, Update::Done(Err(failure)));
    }
    console.press("J/failed<enter>j");
    planned(&mut console, "r", "sales_order");
    console.press("y");
    assert!(console.shows("Jobs 2 of 3"), "{}", console.frame());
    console.press("c");
    let command = "highwater --profile prod ingest sales_order";
    assert!(console.shows(command), "{}", console.frame());
    // The cursor goes to a new job if the filter shows it.
    console.press("q<esc>k");
    planned(&mut console, "r", "transaction");
    console.press("yx");
    let started = console.asked(|request| matches!(request, Request::Ingest { .. }));
    assert!(is_cancelled(&console, &started), "{}", console.frame());
}

#[test]
fn the_jobs_of_all_marked_tables_are_cancelled_at_once() {
    let (mut console, jobs) = running((80, 24));
    console.press("/state:running<enter>ax");
    assert!(console.shows("cancelling 2 jobs"), "{}", console.frame());
    assert!(jobs.iter().all(|job| is_cancelled(&console, job)));
    assert!(!console.shows("marked"));
    console.fail(&jobs[0], Error::Cancelled);
    assert!(console.shows("cancelling 2 jobs"), "{}", console.frame());
    console.fail(&jobs[1], Error::Cancelled);
    assert!(
        console.shows("ingest 2 tables: 2 cancelled"),
        "{}",
        console.frame()
    );
}
