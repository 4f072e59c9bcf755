//! The plan of an ingestion, and the question below it.

use std::borrow::Cow;
use std::sync::Arc;

use insta::assert_snapshot;

use super::ingesting::{is_ingest, plan, planned};
use super::support::*;
use crate::backend::finding::{Finding, FindingCode};
use crate::console::message::Message;
use crate::console::model::Screen;
use crate::jobs::{Failure, Output, Request, Update};
use crate::vocabulary::TableName;

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
    let mut left = Console::filled((80, 24));
    planned(&mut left, "jji", "sales_order");
    left.press("<esc>");
    assert!(left.shows("nothing is written; Enter asks again"));
    left.press("<esc>");
    assert!(!left.shows("asks again"), "Enter does something else now");
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

#[test]
fn where_nothing_is_pending_it_is_told_how_many_rows_are_held() {
    let mut console = Console::filled((80, 24));
    console.press("jji");
    let asked = console.last();
    let plans = vec![(table("sales_order"), Ok(plan("sales_order", 0)))];
    console.done(&asked, Output::IngestPlans(plans));
    let told = "nothing pending: sales_order (12 rows held)";
    assert!(console.shows(told), "{}", console.frame());
}

#[test]
fn a_yes_before_the_plan_is_there_answers_nothing() {
    let mut console = Console::filled((80, 24));
    console.press("jjiy");
    assert!(
        console.shows("the plan is not ready yet"),
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
    assert!(console.shows("that came before this could be read: press it again"));
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
fn a_plan_is_laid_out_once_for_each_width() {
    let is_laid_out = |console: &Console| match console.model.stack.last() {
        Some(Screen::Plan(plan)) => matches!(plan.wrapped(console.model.width()), Cow::Borrowed(_)),
        Some(Screen::BackfillPlan(plans)) => {
            matches!(plans.wrapped(console.model.width()), Cow::Borrowed(_))
        }
        _ => panic!("no plan\n{}", console.frame()),
    };
    let mut console = Console::filled((120, 40));
    planned(&mut console, "jji", "sales_order");
    assert!(is_laid_out(&console));
    console.send(Message::Resize(60, 20));
    assert!(is_laid_out(&console));
    let before = console.frame();
    console.press("<esc>R");
    let asked = console.last();
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("sales_order"), Ok(plan("sales_order", 9)))]),
    );
    assert!(is_laid_out(&console));
    assert!(
        console.shows("9 rows") && console.frame() != before,
        "{before}"
    );
}

#[test]
fn of_a_plan_that_could_not_be_made_nobody_says_that_there_is_nothing_to_write() {
    let mut console = Console::filled((80, 24));
    console.press("ji");
    let asked = console.last();
    let refused = Err(Failure::Error(Arc::new(unavailable())));
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("payment"), refused)]),
    );
    assert!(
        console.shows("payment   cannot be ingested"),
        "{}",
        console.frame()
    );
    assert!(!console.shows("nothing to write"));
}

#[test]
fn tables_that_cannot_be_ingested_for_the_same_reason_are_told_of_together() {
    let names: Vec<String> = (0..1000).map(|number| format!("t{number:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::new((80, 24));
    console.list(&names);
    console.press("ai");
    let asked = console.asked(|request| matches!(request, Request::PlanIngest { .. }));
    let refused = |name: &&str| {
        let error = match *name {
            "t003" => crate::backend::Error::Bug("of one table".to_owned()),
            _ => unavailable(),
        };
        (table(name), Err(Failure::Error(Arc::new(error))))
    };
    let plans = names.iter().map(refused).collect();
    console.done(&asked, Output::IngestPlans(plans));
    let said = "t000, t001, t002 and 996 more   cannot be ingested";
    assert!(console.shows(said), "{}", console.frame());
    assert!(console.shows("t003   cannot be ingested"));
    assert_eq!(console.frame().matches("cannot be reached").count(), 1);
}
