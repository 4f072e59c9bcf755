//! Services that do not answer, or refuse to.

use std::sync::Arc;

use insta::assert_snapshot;

use super::support::*;
use crate::backend::status::PartValue;
use crate::config::Safety;
use crate::console::model::Tone;
use crate::jobs::Output;

#[test]
fn a_service_that_is_down_is_said_once_and_marked_in_its_cells() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    for name in ["design", "payment", "staff"] {
        console.part(&sweep, name, PartValue::Rows(Err(Arc::new(unavailable()))));
    }
    console.done(&sweep, Output::Status);
    assert_snapshot!("outage_80x24", console.frame());
    assert_eq!(console.frame().matches("cannot be reached").count(), 1);
    console.press("E");
    assert_snapshot!("outage_details_80x24", console.frame());
}

#[test]
fn who_does_not_answer_for_long_is_named_with_how_long_it_has_been() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    console.wait(2.0);
    assert!(!console.shows("has not answered"));
    console.wait(5.0);
    assert!(console.shows("the parameter store has not answered for 7 s"));
    for name in ["design", "payment", "sales_order", "staff", "transaction"] {
        console.part(&sweep, name, stored(name, None, None));
    }
    assert!(console.shows("PostgreSQL or the object store has not answered for 7 s"));
    console.describe(&sweep);
    console.wait(1.0);
    assert!(!console.shows("has not answered"), "{}", console.frame());
}

#[test]
fn what_was_known_before_an_outage_stays_dimmed() {
    let mut console = Console::filled((80, 24));
    console.press("j");
    console.wait(6.0);
    let sweep = console.last();
    console.part(
        &sweep,
        "sales_order",
        PartValue::Rows(Err(Arc::new(unavailable()))),
    );
    console.done(&sweep, Output::Status);
    assert!(console.line("sales_order").contains("1,204 +12"));
    let line = console.line("sales_order");
    let column = line.split("1,204").next().map_or(0, crate::text::width);
    let cells = console.cells("sales_order");
    assert!(
        cells[column]
            .modifier
            .contains(ratatui::style::Modifier::DIM)
    );
    console.wait(2.1);
    let sweep = console.last();
    console.describe(&sweep);
    console.done(&sweep, Output::Status);
    assert!(
        console.shows("everything answers again"),
        "{}",
        console.frame()
    );
    let cells = console.cells("sales_order");
    assert!(
        !cells[column]
            .modifier
            .contains(ratatui::style::Modifier::DIM)
    );
}

#[test]
fn an_outage_has_lasted_since_the_question_that_found_it_out() {
    let mut console = Console::filled((120, 24));
    console.wait(6.0);
    let sweep = console.last();
    console.wait(25.0);
    let out = PartValue::Rows(Err(Arc::new(unavailable())));
    console.part(&sweep, "staff", out);
    console.done(&sweep, Output::Status);
    assert!(console.shows("for 25 s"), "{}", console.frame());
    console.wait(2.1);
    let sweep = console.last();
    console.describe(&sweep);
    console.done(&sweep, Output::Status);
    let said = "everything answers again, after 27 s";
    assert!(console.shows(said), "{}", console.frame());

    let mut console = Console::new((120, 24));
    let asked = console.last();
    console.wait(5.0);
    console.fail(&asked, unavailable());
    console.wait(2.1);
    console.list(&["staff"]);
    let sweep = console.last();
    console.part(&sweep, "staff", stored("staff", None, None));
    console.part(&sweep, "staff", newest(None, None));
    console.part(&sweep, "staff", rows(0, 0));
    console.done(&sweep, Output::Status);
    assert!(console.shows("after 7 s"), "{}", console.frame());
}

#[test]
fn expired_credentials_are_said_once_with_what_to_run() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    for name in ["design", "payment", "sales_order", "staff", "transaction"] {
        let expired = crate::backend::Error::Denied {
            service: crate::backend::error::Service::Parameters,
            place: "eu-west-2".to_owned(),
            doing: "reading parameters".to_owned(),
            permission: "valid AWS credentials".to_owned(),
            cause: "ExpiredTokenException: the security token has expired".into(),
        };
        console.part(&sweep, name, PartValue::Stored(Err(Arc::new(expired))));
    }
    console.done(&sweep, Output::Status);
    let frame = console.frame();
    assert_eq!(
        frame.matches("needs valid AWS credentials").count(),
        1,
        "{frame}"
    );
    assert!(!frame.contains("missing-privilege"), "{frame}");
    assert!(
        console
            .line("sales_order")
            .contains("2026-05-16 10:58:02.000"),
        "what was known stays"
    );
    console.press("E");
    assert!(
        console.shows("aws sso login") && console.shows("has expired"),
        "{}",
        console.frame()
    );
}

#[test]
fn a_first_failure_says_when_it_is_tried_again() {
    let mut console = Console::new((80, 24));
    let asked = console.last();
    console.fail(&asked, unavailable());
    assert!(console.shows("because connection refused"));
    assert!(console.shows("   again in "), "{}", console.frame());
}

#[test]
fn where_the_demos_own_server_is_gone_the_way_on_is_to_start_it_again() {
    let mut console = Console::over_demo((120, 24), crate::config::Safety::Normal).fill();
    console.wait(6.0);
    let sweep = console.last();
    console.part(
        &sweep,
        "payment",
        PartValue::Rows(Err(Arc::new(unavailable()))),
    );
    console.done(&sweep, Output::Status);
    let told = "the demo's own server is gone: leave, and start it again";
    assert!(
        console.line("cannot be reached").contains(told),
        "{}",
        console.frame()
    );
    console.press("jE");
    assert!(console.shows(told), "{}", console.frame());
    assert!(!console.shows("host, port and network"));
}

#[test]
fn a_database_that_is_only_starting_is_not_called_silent() {
    let mut console = Console::over_demo((80, 24), Safety::Normal);
    console.wait(9.0);
    assert!(console.shows("starting the demo's database"));
    assert!(!console.shows("has not answered"), "{}", console.frame());
}

#[test]
fn who_does_not_answer_is_said_whatever_else_the_heading_says() {
    for size in [(80, 24), (60, 24), (40, 12)] {
        let mut console = Console::filled(size);
        console.press("a/pending>0 !design age<lt>100d state:pend<enter>");
        console.wait(6.0);
        let sweep = console.last();
        console.part(&sweep, "staff", stored("staff", None, None));
        console.wait(38.0);
        let heading = console.line("Tables");
        assert!(heading.contains("for 38 s"), "{heading}");
        assert!(
            heading.contains("Tables 2 of 5") && heading.contains('…'),
            "{heading}"
        );
        assert!(crate::text::width(&heading) <= usize::from(size.0));
    }
}

#[test]
fn while_the_parameter_store_is_out_of_reach_nobody_is_sent_to_the_doctor_for_it() {
    let mut console = Console::filled((80, 24));
    console.wait(6.0);
    let sweep = console.last();
    let out = || PartValue::Stored(Err(Arc::new(unavailable())));
    console.part(&sweep, "design", out());
    console.done(&sweep, Output::Status);
    console.press("e");
    let said = "edit: the stored values are not available now; E says why";
    assert!(console.shows(said), "{}", console.frame());
}

#[test]
fn what_is_said_covers_neither_who_is_out_of_reach_nor_the_cursor() {
    let names: Vec<String> = (0..40).map(|number| format!("t{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::new((80, 24));
    console.list(&names);
    let sweep = console.last();
    let out = PartValue::Rows(Err(Arc::new(unavailable())));
    console.part(&sweep, "t00", out);
    console.done(&sweep, Output::Status);
    console.press("<end>");
    assert!(console.shows("cannot be reached") && console.shows("t39"));
    let long = "something that takes more than a line to be told ".repeat(4);
    console.model.say(Tone::Error, long);
    console.wait(1.0);
    assert!(console.shows("cannot be reached"), "{}", console.frame());
    assert!(console.shows("t39"), "{}", console.frame());
}

#[test]
fn what_is_said_says_where_it_was_cut() {
    let mut console = Console::filled((40, 12));
    console.model.say(Tone::Error, "one two three ".repeat(20));
    console.wait(1.0);
    let frame = console.frame();
    let last = frame.lines().rev().nth(1).unwrap_or_default();
    assert!(last.ends_with('…'), "{frame}");
    console.model.say(Tone::Error, "one two three");
    console.wait(1.0);
    assert!(!console.line("one two three").contains('…'));
}
