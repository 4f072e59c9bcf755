//! Several jobs at once, and a job that makes no progress.

use super::ingesting::{copying, report, running};
use crate::jobs::{Failure, Output, Update};

#[test]
fn the_last_of_several_jobs_says_what_came_of_all() {
    let (mut console, jobs) = running((120, 40));
    console.done(&jobs[0], Output::Ingested(report("sales_order", 1204)));
    assert!(
        !console.shows("ingest sales_order:"),
        "not while others run"
    );
    console.done(&jobs[1], Output::Ingested(report("transaction", 7)));
    assert!(console.shows("ingest 2 tables: 1,211 rows in 2 objects, 520 kB"));

    let (mut console, jobs) = running((120, 40));
    console.news(
        &jobs[0],
        Update::Done(Err(Failure::Panicked("a bug".to_owned()))),
    );
    assert!(console.shows("ingest sales_order failed"));
    console.done(&jobs[1], Output::Ingested(report("transaction", 7)));
    assert!(console.shows("ingest 2 tables: 1 failed (J tells more), 7 rows in 1 object"));
}

#[test]
fn a_job_whose_rows_do_not_come_says_for_how_long() {
    let (mut console, jobs) = running((120, 40));
    console.news(&jobs[1], Update::Started);
    for step in 0..10 {
        console.wait(0.1);
        console.news(&jobs[1], copying(step * 90_000));
    }
    assert!(console.line("transaction").contains("rows/s"));
    console.wait(32.0);
    let line = console.line("transaction");
    assert!(line.contains("no row for 32 s"), "{line}");
    assert!(!line.contains("rows/s") && !line.contains("left"), "{line}");
    console.news(&jobs[1], copying(900_000));
    assert!(!console.line("transaction").contains("no row"));
}
