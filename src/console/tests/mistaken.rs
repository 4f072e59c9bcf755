//! Answers of another kind than the one asked for: a bug, which is reported rather than waited out.

use super::backfilling::is_search;
use super::doctor::{is_examination, is_repair, opened};
use super::support::*;
use crate::jobs::{Output, Request};

/// The part of the message that every screen has room for.
const BUG: &str = "which is a bug";

/// Keys that ask a question, and what recognises its request.
type Question = (&'static str, fn(&Request) -> bool);

const QUESTIONS: [Question; 13] = [
    ("ji", |request| {
        matches!(request, Request::PlanIngest { .. })
    }),
    ("jp", |request| matches!(request, Request::Preview { .. })),
    ("jo", |request| {
        matches!(request, Request::ReadObject { .. })
    }),
    ("j2", |request| matches!(request, Request::Objects { .. })),
    ("j3", |request| matches!(request, Request::History { .. })),
    ("j4", |request| matches!(request, Request::Preview { .. })),
    ("j5", is_examination),
    ("j<enter>", is_search),
    ("jje-2h", |request| matches!(request, Request::PlanEdit(_))),
    ("jjb", is_search),
    ("jjb2026-05-13<tab>2026-05-16<enter>", |request| {
        matches!(request, Request::PlanBackfill(_))
    }),
    ("L", |request| matches!(request, Request::Journal { .. })),
    ("d", is_examination),
];

/// The console after these keys and this answer.
fn answered((keys, is): Question, output: Output) -> Console {
    let mut console = Console::filled((160, 40));
    console.press(keys);
    console.wait(0.3);
    let asked = console.asked(is);
    console.done(&asked, output);
    console
}

#[test]
fn a_wrong_answer_ends_the_waiting_of_every_screen_with_an_error() {
    for question in QUESTIONS {
        let console = answered(question, Output::Edited);
        let (keys, frame) = (question.0, console.frame());
        assert!(frame.contains(BUG), "after {keys}:\n{frame}");
    }
}

#[test]
fn lines_of_an_object_are_no_preview_and_a_preview_is_not_what_an_object_holds() {
    let lines = || object_lines(vec!["{\"id\":7}".to_owned()], false);
    let preview = Output::Preview(super::looking::preview());
    for (place, output) in [(1, lines()), (5, lines()), (2, preview)] {
        let console = answered(QUESTIONS[place], output);
        let frame = console.frame();
        assert!(frame.contains(BUG), "{frame}");
    }
}

#[test]
fn a_wrong_list_of_tables_is_told_instead_of_the_tables() {
    let mut console = Console::new((80, 24));
    let asked = console.last();
    console.done(&asked, Output::Edited);
    assert!(console.shows(BUG), "{}", console.frame());
}

#[test]
fn a_job_that_answers_something_else_has_failed() {
    let (mut console, jobs) = super::ingesting::running((120, 40));
    console.done(&jobs[0], Output::Repaired);
    console.press("J");
    assert!(console.shows(BUG), "{}", console.frame());
    let mut console = opened((120, 40));
    console.press("<enter>y");
    let repair = console.asked(is_repair);
    console.done(&repair, Output::Edited);
    let line = console.line("not applied: ");
    assert!(line.contains(BUG), "{line}");
}
