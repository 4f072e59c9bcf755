use insta::assert_snapshot;

use super::support::*;
use crate::backend::edits::{Consequence, Edit, EditPlan};
use crate::backend::parameters::Parameter;
use crate::backend::status::PartValue;
use crate::backend::stored::ParameterWrite;
use crate::config::Safety;
use crate::console::action::Scope;
use crate::jobs::{Output, Request};
use crate::vocabulary::{ParameterName, SequenceId, Version};

pub fn plan(edit: &Edit, consequence: Option<Consequence>) -> EditPlan {
    let write = |name, before: &str, version, after| ParameterWrite {
        name: ParameterName::new(format!("/highwater/sales_order/{name}")),
        before: Some(Parameter {
            value: before.to_owned(),
            version: Version(version),
        }),
        after,
    };
    EditPlan {
        table: edit.table.clone(),
        timestamp: edit.timestamp.map(|at| {
            let before = "2026-05-16T10:58:02.000000Z";
            write("timestamp", before, 214, at.to_string())
        }),
        sequence_id: edit
            .sequence_id
            .map(|id| write("sequence_id", "240", 213, id.to_string())),
        reason: edit.reason.clone(),
        consequence,
    }
}

pub fn asked(console: &Console) -> (super::support::Started, Edit) {
    let started = console.asked(|request| matches!(request, Request::PlanEdit(_)));
    match started.request.clone() {
        Request::PlanEdit(edit) => (started, edit),
        _ => unreachable!("it was looked for"),
    }
}

/// A console in which `keys` have been typed into the form of `sales_order` and the plan has
/// arrived.
pub fn planned(mut console: Console, keys: &str, consequence: Option<Consequence>) -> Console {
    console.press("jje");
    console.press(keys);
    console.wait(0.3);
    let (started, edit) = asked(&console);
    console.done(&started, Output::EditPlan(plan(&edit, consequence)));
    console
}

#[test]
fn what_is_typed_is_read_at_once_and_its_consequences_are_asked_for_once_it_rests() {
    let mut console = Console::filled((80, 24));
    console.press("jje-2");
    assert!(console.shows("is not a timestamp"), "{}", console.frame());
    console.press("h");
    assert!(console.shows("is 2026-05-16 08:58:02.000 UTC, 2 h earlier"));
    console.press("<back><back>1h59m");
    assert!(console.shows(", 1 h 59 min earlier"), "{}", console.frame());
    console.press("<ctrl-u>-2h");
    let asks = |console: &Console| {
        let is_plan = |s: &&super::support::Started| matches!(s.request, Request::PlanEdit(_));
        console.started.iter().filter(is_plan).count()
    };
    assert_eq!(asks(&console), 0, "not while keys are being pressed");
    console.wait(0.3);
    assert_eq!(asks(&console), 1);
    let (first, edit) = asked(&console);
    assert_eq!(edit.timestamp, Some(at("2026-05-16T08:58:02Z")));
    console.press("<back>");
    console.press("d");
    console.wait(0.3);
    let (_, second) = asked(&console);
    console.done(
        &first,
        Output::EditPlan(plan(&edit, Some(Consequence::Nothing))),
    );
    assert!(
        !console.shows("no rows lie"),
        "the answer to what was typed before is stale"
    );
    let (started, _) = asked(&console);
    let answer = plan(&second, Some(Consequence::ReIngests(1204)));
    console.done(&started, Output::EditPlan(answer));
    assert_snapshot!("edit_80x24", console.frame());
}

#[test]
fn an_edit_needs_a_reason_and_a_yes_and_is_then_applied_as_planned() {
    let console = Console::filled((80, 24));
    let mut console = planned(console, "-2h", Some(Consequence::ReIngests(1204)));
    console.press("<enter>");
    assert!(console.shows("a reason is needed"));
    console.press("late corrections<enter>");
    assert_eq!(console.model.scope(), Scope::Question);
    assert_snapshot!("edit_question_80x24", console.frame());
    console.press("y");
    let Request::ApplyEdit(plan) = console.last().request else {
        panic!("not applied: {:?}", console.last().request);
    };
    assert_eq!(plan.reason, "late corrections");
    assert_eq!(plan.writes().count(), 1);
    assert!(console.model.stack.is_empty());
    let job = console.last();
    console.done(&job, Output::Edited);
    assert!(
        matches!(console.last().request, Request::Status { .. }),
        "it is looked at again"
    );
}

#[test]
fn enter_while_it_is_counted_asks_for_the_confirmation_as_soon_as_it_is_counted() {
    let mut console = Console::filled((80, 24));
    console.press("jje-2h<tab><tab>late<enter>");
    assert_eq!(console.model.scope(), Scope::Edit);
    assert!(console.shows("counting what it would do; then asking for confirmation"));
    console.wait(0.3);
    let (started, edit) = asked(&console);
    let answer = || Output::EditPlan(plan(&edit, Some(Consequence::ReIngests(3))));
    console.done(&started, answer());
    assert_eq!(console.model.scope(), Scope::Question);
    assert!(console.shows("re-ingests 3 rows"));

    let mut console = Console::filled((80, 24));
    console.press("jje-2h<tab><tab>late<enter>r");
    console.wait(0.3);
    let (started, _) = asked(&console);
    console.done(&started, answer());
    assert_eq!(console.model.scope(), Scope::Edit, "something was typed");
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::Question);
}

#[test]
fn only_another_value_is_counted_anew_and_a_relative_time_stays_what_it_was() {
    let console = Console::filled((80, 24));
    let mut console = planned(console, "-2h<tab><tab>", Some(Consequence::ReIngests(3)));
    let (_, before) = asked(&console);
    console.press("late corrections");
    assert!(console.shows("re-ingests 3 rows"), "{}", console.frame());
    console.wait(2.0);
    console.press("<btab> ");
    console.press("<back>241");
    console.wait(1.0);
    let (_, edit) = asked(&console);
    assert_eq!(edit.sequence_id, Some(SequenceId(241)));
    assert_eq!(edit.timestamp, before.timestamp);
    console.press("<btab><ctrl-u>now");
    console.wait(1.0);
    let (_, edit) = asked(&console);
    assert_eq!(edit.timestamp, Some(at("2026-05-16T14:02:34.3Z")));
    console.press("<tab><tab> more");
    console.wait(1.0);
    let (_, later) = asked(&console);
    assert_eq!(later.timestamp, edit.timestamp, "now is when it was typed");
}

#[test]
fn a_sequence_id_that_is_not_the_next_wants_force_and_the_name_typed() {
    let mut console = Console::filled((80, 24));
    console.press("jje<tab>300");
    assert!(console.shows("only 241 can follow"));
    console.press("<ctrl-f><tab>gap known");
    assert!(console.shows("forced: 241 is the next"));
    console.wait(0.3);
    let (started, edit) = asked(&console);
    assert!(edit.force && edit.sequence_id == Some(SequenceId(300)));
    console.done(&started, Output::EditPlan(plan(&edit, None)));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
    console.press("sales<enter>");
    assert!(console.shows("that is not the table's name"));
    assert_snapshot!("edit_typed_80x24", console.frame());
    console.press("_order<enter>");
    assert!(matches!(console.last().request, Request::ApplyEdit(_)));
}

#[test]
fn the_next_sequence_id_needs_no_force() {
    let mut console = Console::filled((80, 24));
    console.press("jje<tab>241");
    assert!(console.shows("is the next"));
    console.wait(0.3);
    let (_, edit) = asked(&console);
    assert!(!edit.force);
}

#[test]
fn skipping_rows_is_destructive_and_wants_the_name_typed() {
    let console = Console::filled((80, 24));
    let mut console = planned(console, "now<tab><tab>x", Some(Consequence::Skips(3)));
    assert!(console.shows("skips 3 rows"));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
}

#[test]
fn to_outrun_the_clock_is_destructive_though_no_row_is_there_yet() {
    let console = Console::filled((80, 24));
    let mut console = planned(console, "now<tab><tab>x", Some(Consequence::Outruns(0)));
    assert!(console.shows("later than the database's clock"));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
}

#[test]
fn the_form_keeps_its_height_and_says_nothing_twice() {
    let mut console = Console::filled((80, 24));
    console.press("jje");
    let edges = |console: &Console| -> Vec<usize> {
        let frame = console.frame();
        let lines = frame.lines().enumerate();
        lines
            .filter(|(_, line)| line.starts_with(['┌', '└']))
            .map(|(y, _)| y)
            .collect()
    };
    let before = edges(&console);
    assert_eq!(before.len(), 2);
    for keys in ["x", "<back>-1h59m", "<tab>300", "<ctrl-u>241", "<tab>late"] {
        console.press(keys);
        assert_eq!(edges(&console), before, "{keys}\n{}", console.frame());
    }
    console.wait(0.3);
    assert_eq!(edges(&console), before);
    let (started, edit) = asked(&console);
    let answer = plan(&edit, Some(Consequence::ReIngests(3)));
    console.done(&started, Output::EditPlan(answer));
    assert_eq!(edges(&console), before, "{}", console.frame());
    console.press("<btab><ctrl-u>300<enter>");
    let told = "only 241 can follow";
    assert_eq!(
        console.frame().matches(told).count(),
        1,
        "{}",
        console.frame()
    );
    assert!(console.shows("correct the sequence id first"));
}

#[test]
fn esc_leaves_all_as_it_is_at_every_step() {
    let console = Console::filled((80, 24));
    let mut console = planned(console, "-2h<tab><tab>x", Some(Consequence::Nothing));
    console.press("<enter><esc>");
    assert_eq!(console.model.scope(), Scope::Edit);
    console.press("<esc>");
    assert_eq!(console.model.scope(), Scope::Tables);
    assert!(
        !console
            .started
            .iter()
            .any(|s| matches!(s.request, Request::ApplyEdit(_)))
    );
}

#[test]
fn a_refused_plan_is_shown_with_its_causes() {
    let mut console = Console::filled((80, 24));
    console.press("jje-2h<tab><tab>x");
    console.wait(0.3);
    let (started, _) = asked(&console);
    console.fail(&started, unavailable());
    assert!(
        console.shows("because connection refused"),
        "{}",
        console.frame()
    );
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::Edit, "it cannot be applied");
}

#[test]
fn in_a_careful_profile_every_edit_wants_the_name_typed() {
    let console = Console::with((80, 24), Safety::Careful, false).fill();
    let mut console = planned(console, "-2h<tab><tab>x", Some(Consequence::Nothing));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
}

#[test]
fn the_form_fits_a_small_terminal() {
    let console = Console::filled((40, 12));
    let console = planned(console, "-2h", Some(Consequence::ReIngests(1204)));
    assert_snapshot!("edit_40x12", console.frame());
}

#[test]
fn what_is_typed_can_be_had_as_a_command_and_the_form_is_kept() {
    let mut console = Console::filled((120, 40));
    console.press("jje<f2>");
    assert!(console.shows("command: nothing is changed yet"));
    console.press("x<f2>");
    assert!(console.shows("command: \"x\" is not a timestamp"));
    console.press("<ctrl-u>-2h<tab>9");
    console.press("<f2>");
    assert!(console.shows("command: only 241 can follow"));
    console.press("<ctrl-f><tab>it's late<f2>");
    let command = "highwater --profile prod params set sales_order \
                   --timestamp 2026-05-16T08:58:02.000000Z --sequence-id 9 --force --reason 'it'\\''s late'";
    console.press("y<enter>");
    assert_eq!(console.copied().as_deref(), Some(command));
    console.press("<esc>");
    assert_eq!(console.model.scope(), Scope::Edit);
    assert!(console.shows("it's late"));
}

#[test]
fn going_back_to_where_the_newest_object_ends_skips_nothing_that_is_in_no_object() {
    let console = Console::filled((80, 24));
    let PartValue::Newest(Ok(mut own)) = newest(Some((240, 998, "13:58:30")), None) else {
        panic!("no object");
    };
    if let Some(last) = &mut own.last {
        last.watermark = Some(at("2026-05-16T12:00:00Z"));
    }
    let keys = "2026-05-16 12:00<tab><tab>back";
    let mut console = planned(console, keys, Some(Consequence::Skips(3)));
    let asked = console.asked(|request| matches!(request, Request::Status { .. }));
    console.part(&asked, "sales_order", PartValue::Newest(Ok(own)));
    assert!(
        console.shows("skips 3 rows: the newest object ends there"),
        "{}",
        console.frame()
    );
    console.press("<enter>");
    assert_eq!(
        console.model.scope(),
        Scope::Question,
        "no name is asked for"
    );
}

#[test]
fn the_sequence_id_that_is_stored_is_no_change_and_needs_no_force() {
    let mut console = Console::filled((80, 24));
    console.press("jje<tab>240");
    assert!(console.shows("is the stored one"), "{}", console.frame());
    console.press("<ctrl-f>");
    assert!(!console.shows("forced"), "{}", console.frame());
    assert!(console.shows("written again"), "{}", console.frame());
}
