use insta::assert_snapshot;

use super::support::*;
use crate::backend::source::Precision;
use crate::backend::status::PartValue;
use crate::console::action::ACTIONS;
use crate::jobs::{Output, Request, Update};

#[test]
fn a_long_local_path_leaves_the_safety_level_its_room() {
    let mut console = Console::filled((80, 24));
    console.model.facts.objects = "/home/ada/.local/state/highwater/demo/objects".to_owned();
    let line = console.line("highwater");
    assert!(line.contains("  …/demo/objects  normal "), "{line}");
}

#[test]
fn the_first_frame_stands_before_anything_has_been_fetched() {
    let console = Console::new((80, 24));
    assert_eq!(console.started.len(), 1);
    assert!(matches!(console.last().request, Request::Tables));
    assert_snapshot!("start_80x24", console.frame());
}

#[test]
fn a_source_that_cannot_be_opened_is_said_in_place_and_tried_again() {
    let mut console = Console::new((80, 24));
    let asked = console.last();
    console.fail(&asked, unavailable());
    assert_snapshot!("start_failed_80x24", console.frame());
    console.wait(1.0);
    assert_eq!(console.started.len(), 1);
    console.wait(1.1);
    assert_eq!(console.started.len(), 2, "it is tried again by itself");
    let asked = console.last();
    console.fail(&asked, unavailable());
    console.wait(3.0);
    assert_eq!(console.started.len(), 2, "a little later each time");
    console.wait(1.1);
    assert_eq!(console.started.len(), 3);
    console.list(&["payment"]);
    assert!(console.shows("payment"));
    assert!(!console.shows("cannot be reached"));
    let sweep = console.last();
    console.done(&sweep, Output::Status);
    assert!(
        console.shows("everything answers again, after 6 s"),
        "{}",
        console.frame()
    );
}

#[test]
fn who_is_waited_for_is_said_as_long_as_that_lasts() {
    let mut console = Console::new((80, 24));
    let asked = console.last();
    let who = "waiting for the password of source.password_command: op may be asking for input";
    console.news(&asked, Update::Awaits(Some(who.to_owned())));
    let said = "op may be asking";
    assert!(console.shows(said), "{}", console.frame());
    console.wait(20.0);
    console.press("Tx");
    assert!(
        console.shows(said),
        "whatever else is said: {}",
        console.frame()
    );
    console.news(&asked, Update::Awaits(None));
    assert!(!console.shows(said), "{}", console.frame());
    console.news(&asked, Update::Awaits(Some(who.to_owned())));
    console.fail(&asked, unavailable());
    assert!(!console.shows(said), "nobody waits any more");
}

#[test]
fn values_fill_in_one_by_one_estimates_first() {
    let mut console = Console::new((80, 24));
    console.list(&["design", "payment"]);
    let sweep = console.last();
    assert!(matches!(
        sweep.request,
        Request::Status { precision: Precision::Estimate, ref tables } if tables.len() == 2
    ));
    console.part(
        &sweep,
        "payment",
        stored("payment", Some("2026-05-16T10:50:30.123Z"), Some(101)),
    );
    let line = console.line("payment");
    assert!(line.contains("2026-05-16 10:50:30.123"), "{line}");
    assert!(line.contains('⠋'), "what is missing turns: {line}");
    console.part(
        &sweep,
        "payment",
        PartValue::Rows(Ok(counts(1204, 0, false))),
    );
    assert!(console.line("payment").contains("~1,204"));
    assert_snapshot!("filling_80x24", console.frame());
    console.done(&sweep, Output::Status);
    let exact = console.last();
    assert!(matches!(
        exact.request,
        Request::Status {
            precision: Precision::Exact,
            ..
        }
    ));
    console.part(&exact, "payment", rows(1187, 17));
    assert!(console.line("payment").contains("1,187 +17"));
}

#[test]
fn the_tables_fill_the_sizes_they_are_given() {
    for size in [(80, 24), (120, 40), (40, 12)] {
        let console = Console::filled(size);
        assert_snapshot!(format!("tables_{}x{}", size.0, size.1), console.frame());
    }
}

#[test]
fn without_colour_only_modifiers_are_used_and_the_selection_is_seen() {
    let console = Console::with((80, 24), crate::config::Safety::Normal, true).fill();
    assert!(console.is_colourless());
    assert!(is_reversed(&console.cells("design")));
    assert!(!is_reversed(&console.cells("payment")));
    let coloured = Console::filled((80, 24));
    assert!(!coloured.is_colourless());
}

#[test]
fn a_tick_redraws_only_when_the_second_turns_or_something_moves() {
    let mut console = Console::filled((80, 24));
    console.model.dirty = false;
    console.wait(0.2);
    assert!(!console.model.dirty);
    console.wait(0.9);
    assert!(console.model.dirty);
}

#[test]
fn every_action_is_carried_out_without_a_panic_wherever_it_is_offered() {
    for opened in [
        "",
        "i",
        "p",
        "e",
        "J",
        "L",
        "?",
        "<enter>",
        "/",
        "c",
        "e<tab>1<ctrl-f>",
        "2",
        "3",
        "4",
        "5",
        "6",
        "S",
        "y",
        "w",
        ":",
        ":pay",
    ] {
        for action in ACTIONS {
            let mut console = Console::filled((80, 24));
            console.press(opened);
            if action.scopes.contains(&console.model.scope()) {
                crate::console::update::perform_for_tests(&mut console.model, action.id);
                let _ = console.frame();
            }
        }
    }
}

#[test]
fn every_screen_is_drawn_in_every_size_however_small_or_large() {
    for opened in [
        "", "i", "p", "e", "J", "L", "?", "E", "/", "c", "1", "2", "3", "4", "5", "6", "S", "y",
        "w", ":", "q", "<ctrl-c>",
    ] {
        let mut console = Console::filled((80, 24));
        console.press("j");
        console.press(opened);
        for size in [
            (300, 100),
            (120, 40),
            (40, 12),
            (20, 5),
            (9, 3),
            (3, 2),
            (1, 1),
        ] {
            console.send(crate::console::message::Message::Resize(size.0, size.1));
            console.press("<down><up>");
            let frame = console.frame();
            assert!(frame.lines().count() <= usize::from(size.1));
        }
    }
}

#[test]
fn parts_of_an_older_question_are_dropped() {
    let mut console = Console::new((80, 24));
    console.list(&["payment"]);
    let old = console.last();
    console.press("R");
    console.list(&["payment"]);
    let new = console.last();
    assert_ne!(old.job, new.job);
    console.part(&new, "payment", rows(7, 0));
    console.part(&old, "payment", rows(99, 0));
    console.news(&old, Update::Done(Ok(Output::Status)));
    assert!(
        console.line("payment").contains("  7 "),
        "{}",
        console.frame()
    );
    assert!(!console.shows("99"));
}
