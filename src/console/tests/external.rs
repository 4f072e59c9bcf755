use super::support::*;
use crate::backend::preview::Preview;
use crate::console::action::Scope;
use crate::console::effect::{Effect, Tool};
use crate::console::message::Message;
use crate::console::model::Screen;
use crate::console::model::edit::Field;
use crate::jobs::{Output, Request};

/// The edit form of `sales_order`, with a timestamp and the start of a reason typed in.
fn form() -> Console {
    let mut console = Console::filled((80, 24));
    console.press("jje-2h<tab><tab>late");
    assert_eq!(console.model.scope(), Scope::Edit);
    console
}

fn reason(console: &Console) -> String {
    match console.model.stack.last() {
        Some(Screen::Edit(form)) => form.reason.value().to_owned(),
        _ => panic!("the form is gone"),
    }
}

fn written(console: &Console) -> Option<(String, String)> {
    match console.effects.last() {
        Some(Effect::WriteReason { table, reason }) => Some((table.to_string(), reason.clone())),
        _ => None,
    }
}

#[test]
fn a_reason_that_is_written_in_an_editor_takes_the_place_of_what_was_typed() {
    let mut console = form();
    console.press("<btab><ctrl-o>");
    let given = ("sales_order".to_owned(), "late".to_owned());
    assert_eq!(written(&console), Some(given));
    console.send(Message::ReasonWritten(Ok("late corrections".to_owned())));
    assert!(console.line("reason").contains("late corrections"));
    let field = match console.model.stack.last() {
        Some(Screen::Edit(form)) => form.field,
        _ => panic!("the form is gone"),
    };
    assert_eq!(field, Field::Reason);
    console.press(", twice");
    assert_eq!(
        reason(&console),
        "late corrections, twice",
        "it is typed on at its end"
    );
    assert!(
        console.line("timestamp").contains("-2h"),
        "the rest is as it was"
    );
}

#[test]
fn an_editor_that_fails_says_so_below_the_reason_until_something_is_typed() {
    let mut console = form();
    console.press("<ctrl-o>");
    let why = "there is no program nonesuch";
    console.send(Message::ReasonWritten(Err(why.to_owned())));
    let frame = console.frame();
    let mut lines = frame.lines().skip_while(|line| !line.contains("reason"));
    assert!(
        lines.next().is_some_and(|line| line.contains("late")),
        "{frame}"
    );
    assert!(
        lines.next().is_some_and(|line| line.contains(why)),
        "{frame}"
    );
    console.press("r");
    assert!(!console.shows(why));
    assert_eq!(reason(&console), "later");
}

#[test]
fn what_is_shown_is_given_to_the_pager_and_to_the_editor_as_it_is_shown() {
    let mut console = Console::filled((80, 24));
    console.press("jjpv");
    assert!(console.shows("pager: there are no lines to show"));
    let asked = console.asked(|request| matches!(request, Request::Preview { .. }));
    let lines = ["{\"id\":1,\"note\":\"a\u{202e}b\"}", "{\"id\":2}"];
    let preview = Preview {
        table: table("sales_order"),
        object: None,
        lines: lines.map(str::to_owned).to_vec(),
    };
    console.done(&asked, Output::Preview(preview));
    console.press("v");
    let shown = "{\"id\":1,\"note\":\"a\\u{202e}b\"}\n{\"id\":2}\n";
    assert!(
        matches!(console.effects.last(), Some(Effect::Show { tool: Tool::Pager, lines }) if lines == shown),
        "{:?}",
        console.effects.last()
    );
    console.press("zV");
    assert!(
        matches!(console.effects.last(), Some(Effect::Show { tool: Tool::Editor, lines }) if lines.lines().count() > 4),
        "{:?}",
        console.effects.last()
    );
    console.send(Message::Shown(Err("there is no program less".to_owned())));
    assert!(console.shows("there is no program less"));
    assert_eq!(console.model.scope(), Scope::Viewer);
}
