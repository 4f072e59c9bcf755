//! Values that another writer moves while they are being edited.

use insta::assert_snapshot;

use super::editing::{asked, plan, planned};
use super::support::*;
use crate::backend::edits::Consequence;
use crate::console::action::Scope;
use crate::jobs::{Output, Request};

#[test]
fn what_is_moved_while_the_form_is_open_is_told_and_a_confirmation_is_asked_again() {
    let console = Console::filled((80, 24));
    let mut console = planned(
        console,
        "-2h<tab><tab>late",
        Some(Consequence::ReIngests(3)),
    );
    assert!(!console.shows("changed meanwhile"));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::Question);
    let looked = console.asked(|request| matches!(request, Request::Status { .. }));
    let moved = || stored("sales_order", Some("2026-05-16T13:58:02Z"), Some(240));
    console.part(&looked, "sales_order", moved());
    console.press("y");
    assert!(console.shows("changed meanwhile: counting again, then asking again"));
    let is_applied = |s: &super::support::Started| matches!(s.request, Request::ApplyEdit(_));
    assert!(
        !console.started.iter().any(is_applied),
        "it was of the values before"
    );
    console.wait(0.3);
    let versions = console.asked(|request| matches!(request, Request::History { .. }));
    let entry = super::versions::version_of("sales_order", 214, "2026-05-16T13:58:02.000000Z");
    console.done(&versions, Output::History(vec![entry]));
    let (again, edit) = asked(&console);
    assert_eq!(edit.timestamp, Some(at("2026-05-16T11:58:02Z")));
    let answer = plan(&edit, Some(Consequence::ReIngests(1204)));
    console.done(&again, Output::EditPlan(answer));
    assert_eq!(console.model.scope(), Scope::Question);
    assert!(!console.shows("counting again"), "{}", console.frame());
    assert_snapshot!("edit_moved_80x24", console.frame());
    console.press("n");
    assert_snapshot!("edit_moved_form_80x24", console.frame());
    console.press("<enter>");
    console.wait(0.5);
    console.press("y");
    assert!(console.started.iter().any(is_applied));
}

#[test]
fn where_the_values_moved_so_that_the_edit_is_none_the_question_goes() {
    let mut console = Console::filled((80, 24));
    console.press("jje<tab>241<tab>late");
    console.wait(0.3);
    let (started, edit) = asked(&console);
    console.done(&started, Output::EditPlan(plan(&edit, None)));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::Question);
    let looked = console.asked(|request| matches!(request, Request::Status { .. }));
    let moved = stored("sales_order", Some("2026-05-16T10:58:02Z"), Some(242));
    console.part(&looked, "sales_order", moved);
    console.wait(0.3);
    assert_eq!(console.model.scope(), Scope::Edit);
    assert!(console.shows("only 243 can follow"), "{}", console.frame());
    assert!(
        console.shows("sequence id has changed meanwhile, it was 240"),
        "{}",
        console.frame()
    );
}
