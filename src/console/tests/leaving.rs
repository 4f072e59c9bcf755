use insta::assert_snapshot;

use super::ingesting::{report, running};
use super::support::*;
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::jobs::Output;

/// A console with a running job.
fn busy() -> Console {
    let mut console = Console::filled((80, 24));
    let effects =
        crate::console::update::ingest_for_tests(&mut console.model, vec![table("staff")]);
    assert_eq!(effects.len(), 1);
    console
}

#[test]
fn quitting_leaves_at_once_when_nothing_runs() {
    let mut console = Console::filled((80, 24));
    console.press("q");
    assert!(matches!(console.effects.last(), Some(Effect::Quit)));
}

#[test]
fn quitting_with_running_jobs_asks_with_the_cursor_on_no() {
    let mut console = busy();
    console.press("q");
    assert_eq!(console.model.scope(), Scope::Question);
    assert_snapshot!("quit_80x24", console.frame());
    console.press("<enter>");
    assert!(!matches!(console.effects.last(), Some(Effect::Quit)));
    console.press("qy");
    assert!(matches!(console.effects.last(), Some(Effect::Quit)));
}

#[test]
fn the_question_follows_the_jobs_and_goes_away_with_the_last() {
    let (mut console, jobs) = running((80, 24));
    console.press("q");
    assert!(console.shows("Cancel 2 jobs and leave?"));
    console.done(&jobs[0], Output::Ingested(report("sales_order", 3)));
    assert!(console.shows("Cancel 1 job and leave?"));
    console.done(&jobs[1], Output::Ingested(report("transaction", 3)));
    assert_eq!(console.model.scope(), Scope::Tables, "{}", console.frame());
}

#[test]
fn ctrl_c_twice_leaves_from_anywhere_but_not_when_the_second_comes_late() {
    let mut console = busy();
    console.press("?<ctrl-c>");
    assert!(console.shows("Ctrl-C again cancels 1 job and leaves"));
    console.wait(5.5);
    assert!(!console.shows("Ctrl-C again"), "nor is it said any more");
    console.press("<ctrl-c>");
    assert!(!console.model.leaving);
    console.wait(4.5);
    assert!(console.shows("Ctrl-C again cancels 1 job and leaves"));
    console.press("<ctrl-c>");
    assert!(console.model.leaving);
    assert!(matches!(console.effects.last(), Some(Effect::Quit)));
}

#[test]
fn ctrl_z_suspends_and_coming_back_paints_everything_anew() {
    let mut console = Console::filled((80, 24));
    console.press("<ctrl-z>");
    assert!(matches!(console.effects.last(), Some(Effect::Suspend)));
    console.send(Message::Resumed);
    assert!(matches!(console.effects.last(), Some(Effect::Repaint)));
}
