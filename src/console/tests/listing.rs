//! The list of the objects of a table.

use super::page::{object, opened};
use super::support::*;
use crate::jobs::{Output, Request};
use crate::vocabulary::ObjectKey;

#[test]
fn the_end_of_an_objects_key_is_what_is_kept() {
    let mut console = opened((100, 24));
    let objects = console.asked(|request| matches!(request, Request::Objects { .. }));
    console.press("2R");
    let again = console.asked(|request| matches!(request, Request::Objects { .. }));
    assert_ne!(objects.job, again.job);
    let mut long = object(102, Some(7));
    let folder = "lake/raw/totesys/payment/2026/05/16";
    long.key = ObjectKey::new(format!("{folder}/payment_00000102.jsonl"));
    console.done(&again, objects_page(vec![long], 0));
    assert!(console.shows("_00000102.jsonl"), "{}", console.frame());
}

#[test]
fn older_objects_are_told_of_and_come_where_the_list_ends() {
    let mut console = opened((80, 24));
    let is_list = |request: &Request| matches!(request, Request::Objects { .. });
    let numbers = |newest: u64, oldest: u64| -> Vec<_> {
        let numbers = (oldest..=newest).rev();
        numbers.map(|number| object(number, Some(7))).collect()
    };
    console.press("2R");
    let asked = console.asked(is_list);
    console.done(&asked, objects_page(numbers(102, 53), 52));
    let said = "the newest 50 of 102; older ones follow at the end of the list";
    assert!(console.shows(said), "{}", console.frame());
    let before = console.started.len();
    console.press("<down>");
    assert_eq!(console.started.len(), before, "the end is not in sight");
    console.press("w");
    assert!(console.shows("the newest 50 of 102 objects"));
    console.press("<esc><end>");
    let asked = console.asked(is_list);
    let Request::Objects {
        before: Some(last), ..
    } = &asked.request
    else {
        panic!("not those before the last: {:?}", asked.request);
    };
    assert_eq!(last.sequence_id.0, 53);
    assert!(console.shows("listing older ones"), "{}", console.frame());
    console.done(&asked, objects_page(numbers(52, 3), 2));
    assert!(console.shows("the newest 100 of 102"));
    let on = |console: &Console| {
        let page = console.model.page().expect("a page");
        page.object().map(|object| object.sequence_id.0)
    };
    assert_eq!(on(&console), Some(53), "the cursor stays on its object");
    console.press("<end>");
    let asked = console.asked(is_list);
    console.fail(&asked, unavailable());
    assert!(
        console.line("the newest 100").contains("R tries again"),
        "{}",
        console.frame()
    );
    let before = console.started.len();
    console.press("<up><down>");
    assert_eq!(console.started.len(), before, "it is not tried by itself");
    console.press("R");
    let asked = console.asked(is_list);
    assert!(
        matches!(asked.request, Request::Objects { limit: 200, .. }),
        "{:?}",
        asked.request
    );
    console.done(&asked, objects_page(numbers(102, 1), 0));
    assert!(!console.shows("the newest"), "{}", console.frame());
    assert_eq!(on(&console), Some(3));
}

#[test]
fn what_could_not_be_fetched_anew_stays_and_says_so() {
    let mut console = opened((80, 24));
    console.press("2jjR");
    let asked = console.asked(|request| matches!(request, Request::Objects { .. }));
    console.fail(&asked, unavailable());
    assert!(console.shows("the objects are from before: PostgreSQL at"));
    let page = console.model.page().expect("a page");
    let on = page.object().map(|object| object.sequence_id.0);
    assert_eq!(on, Some(100), "{}", console.frame());
    console.press("3");
    let asked = console.asked(|request| matches!(request, Request::History { .. }));
    console.fail(&asked, unavailable());
    assert!(console.shows("the versions are from before"));
    assert!(console.shows("ada: late"), "{}", console.frame());
}

#[test]
fn what_another_program_writes_comes_to_the_page_that_is_open() {
    let mut console = opened((80, 24));
    let is_list = |request: &Request| matches!(request, Request::Objects { .. });
    console.press("2");
    let before = console.started.len();
    console.wait(6.0);
    let sweep = console.asked(|request| matches!(request, Request::Status { .. }));
    console.part(&sweep, "payment", newest(Some((103, 40, "14:02:33")), None));
    assert!(
        console.started[before..]
            .iter()
            .any(|one| is_list(&one.request))
    );
    let asked = console.asked(is_list);
    let objects = (97..=102).rev().map(|number| object(number, Some(7)));
    console.done(&asked, objects_page(objects.collect(), 0));
    console.part(&sweep, "payment", newest(Some((103, 40, "14:02:33")), None));
    assert_eq!(
        console.asked(is_list).job,
        asked.job,
        "what a listing does not have is not looked for again"
    );
    console.done(&sweep, Output::Status);
}
