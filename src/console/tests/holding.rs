//! Jobs that wait while a service is out of reach.

use std::sync::Arc;

use super::ingesting::{report, running};
use super::support::*;
use crate::backend::Error;
use crate::console::effect::Effect;
use crate::jobs::{Output, Request, Update};

/// A console in which one job has failed because of a service, and the other is held.
fn held(size: (u16, u16)) -> (Console, Started) {
    let (mut console, jobs) = running(size);
    console.news(&jobs[0], Update::Started);
    console.fail(&jobs[0], unavailable());
    let out = Arc::new(unavailable());
    console.news(&jobs[1], Update::Held(Some(out)));
    (console, jobs[1].clone())
}

#[test]
fn jobs_that_are_held_say_so_everywhere_until_they_are_not() {
    let (mut console, job) = held((120, 24));
    let service = "PostgreSQL at db.example.com:5432 cannot be reached";
    let said = format!("1 waiting job held (X cancels): {service}");
    assert!(console.shows(&said), "{}", console.frame());
    assert!(console.line("transaction").ends_with("held"));
    console.press("J");
    let heading = format!("1 failed   1 waiting, held: {service}");
    assert!(console.shows(&heading), "{}", console.frame());
    console.press("<enter>");
    assert!(console.shows(&format!("is held: {service}")));
    console.press("q");
    // Asked again in vain: whatever was said since stays.
    console.press("Z");
    let out = Arc::new(unavailable());
    console.news(&job, Update::Held(Some(out)));
    assert!(console.shows("Z does nothing here"), "{}", console.frame());
    console.news(&job, Update::Held(None));
    assert!(console.shows("1 waiting job resumed: every service answers again"));
    assert!(console.line("transaction").contains("waiting for its turn"));
    console.news(&job, Update::Started);
    console.done(&job, Output::Ingested(report("transaction", 7)));
    assert!(!console.shows("held"), "{}", console.frame());
}

#[test]
fn one_key_cancels_all_jobs_that_wait_and_none_that_runs() {
    let (mut console, jobs) = running((80, 24));
    console.press("X");
    assert!(console.shows("cancelling 2 jobs"), "{}", console.frame());
    console.fail(&jobs[0], Error::Cancelled);
    console.fail(&jobs[1], Error::Cancelled);
    console.press("X");
    assert!(console.shows("no job is waiting for its turn"));

    let (mut console, jobs) = running((80, 24));
    console.news(&jobs[1], Update::Started);
    console.press("JX");
    let cancelled: Vec<_> = console
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Cancel(job) => Some(*job),
            _ => None,
        })
        .collect();
    assert!(cancelled.contains(&jobs[0].job) && !cancelled.contains(&jobs[1].job));
}

#[test]
fn a_hold_is_over_with_the_job_that_reported_it() {
    let (mut console, job) = held((120, 24));
    console.press("X");
    console.fail(&job, Error::Cancelled);
    console.press("J");
    assert!(!console.shows("held:"), "{}", console.frame());
}

#[test]
fn a_table_whose_job_never_began_is_not_looked_at_again() {
    let (mut console, jobs) = running((80, 24));
    let asked = |console: &Console| {
        let started = console.started.iter();
        let is_status = |one: &&Started| matches!(one.request, Request::Status { .. });
        started.filter(is_status).count()
    };
    let before = asked(&console);
    console.news(&jobs[1], Update::Started);
    console.press("X");
    console.fail(&jobs[0], Error::Cancelled);
    assert_eq!(asked(&console), before, "nothing was done to it");
    assert!(console.line("sales_order").contains("1,204"));
    console.fail(&jobs[1], Error::Cancelled);
    assert_eq!(asked(&console), before + 1);
}
