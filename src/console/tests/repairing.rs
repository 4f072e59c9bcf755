use std::sync::Arc;

use insta::assert_snapshot;

use super::doctor::*;
use super::support::*;
use crate::backend::Error;
use crate::backend::doctor::Examination;
use crate::backend::finding::FindingCode;
use crate::config::Safety;
use crate::console::action::Scope;
use crate::console::model::page::Tab;
use crate::jobs::{Output, Request};

#[test]
fn from_a_stuck_table_to_one_that_moves_it_takes_five_keys() {
    let mut console = opened((80, 24));
    console.press("<enter>");
    assert_snapshot!("doctor_question_80x24", console.frame());
    console.press("<enter>");
    assert!(console.model.question.is_none(), "the cursor is on no");
    console.press("<enter>y");
    let repair = console.asked(is_repair);
    assert!(console.model.jobs.running() == 1);
    console.done(&repair, Output::Repaired);
    assert_eq!(
        examined(&console),
        ["payment"],
        "it is examined again by itself"
    );
    let status = console.asked(|request| matches!(request, Request::Status { .. }));
    assert!(
        matches!(&status.request, Request::Status { tables, .. } if *tables == [table("payment")])
    );
    let again = console.asked(is_examination);
    console.done(&again, found(Vec::new()));
    assert_snapshot!("doctor_repaired_80x24", console.frame());
    console.press("<enter>");
    assert!(console.shows("repair: it is no longer found"));
    console.press("i");
    let plan = console.last();
    assert!(
        matches!(&plan.request, Request::PlanIngest { tables, .. } if *tables == [table("payment")]),
        "{:?}",
        plan.request
    );
}

#[test]
fn where_only_a_person_can_choose_each_choice_is_shown_and_its_name_is_typed() {
    let mut console = opened((80, 24));
    console.press("j<enter>");
    assert_eq!(console.model.scope(), Scope::Menu);
    assert_snapshot!("doctor_choice_80x24", console.frame());
    console.press("<down>");
    assert!(console.shows("rows written again: 216"));
    assert!(console.shows(&format!("= {THEN}, written again")));
    console.press("<enter>");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
    console.press("y<enter>");
    assert!(console.shows("that is not the table's name"));
    console.press("<back>sales_order<enter>");
    let repair = console.asked(is_repair);
    assert!(
        matches!(&repair.request, Request::Repair(repair) if repair.id == "keep-parameter"),
        "{:?}",
        repair.request
    );
    for size in SIZES {
        let mut console = opened(size);
        console.press("j<enter>");
        assert_snapshot!(
            format!("doctor_choice_{}x{}", size.0, size.1),
            console.frame()
        );
        console.press("1");
        assert_snapshot!(
            format!("doctor_typed_{}x{}", size.0, size.1),
            console.frame()
        );
    }
}

#[test]
fn all_that_needs_no_choice_is_repaired_after_one_confirmation_of_every_write() {
    let mut console = Console::filled((80, 24));
    console.press("jd");
    let first = console.last();
    console.done(&first, found(vec![stuck("payment")]));
    let rest = console.last();
    console.done(&rest, found(vec![stuck("design"), mismatch(), no_index()]));
    console.press("F");
    assert_snapshot!("doctor_all_80x24", console.frame());
    console.press("3<enter>");
    assert!(console.shows("that is not how many tables there are"));
    console.press("<back>2<enter>");
    assert!(
        console.shows("read on first, then press it again"),
        "every write is shown first: {}",
        console.frame()
    );
    console.press("<enter>");
    let repairs = console.started.iter().filter(|s| is_repair(&s.request));
    let repairs: Vec<_> = repairs.cloned().collect();
    assert_eq!(repairs.len(), 2, "a choice is not made for anybody");
    console.done(&repairs[0], Output::Repaired);
    console.fail(&repairs[1], unavailable());
    let told = "repair 2 tables: 1 failed (J tells more), 1 done";
    assert!(console.shows(told), "{}", console.frame());
}

#[test]
fn what_only_the_owner_can_do_leads_to_the_key_that_has_it_done() {
    let mut console = Console::filled((80, 24));
    console.press("jd");
    let first = console.last();
    let update = "UPDATE payment SET last_updated = now()";
    let code = FindingCode::RowsUnreachable;
    let owners = super::tour_demo::for_owner("payment", code, update);
    console.done(&first, found(vec![owners]));
    console.press("<enter>");
    let told = "repair: only the owner of the database can put it right; y copies the statement";
    let words = |console: &Console| {
        let frame = console.frame();
        frame.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(words(&console).contains(told), "{}", console.frame());
    console.press("y");
    assert!(console.shows("statement"), "{}", console.frame());
    console.press("s");
    assert_eq!(console.copied().as_deref(), Some(update));
    console.model.facts.demo = true;
    console.press("<enter>");
    assert!(
        words(&console).contains("O has the demo's owner do it"),
        "{}",
        console.frame()
    );
}

#[test]
fn every_write_of_a_confirmation_can_be_scrolled_to_where_there_is_little_room() {
    let mut console = Console::filled((40, 12));
    console.press("jd");
    let first = console.last();
    console.done(&first, found(vec![stuck("payment")]));
    let rest = console.last();
    console.done(&rest, found(vec![stuck("design")]));
    console.press("F");
    assert!(!console.shows("+ 102"));
    for _ in 0..40 {
        console.press("<down>");
    }
    assert!(console.shows("+ 102"), "{}", console.frame());
    assert!(console.shows("2 tables: type how many"));
    console.press("<up>");
    assert!(console.shows("↓ 1 more"), "it does not scroll past its end");
}

#[test]
fn a_repair_that_is_outdated_says_so_in_its_place_and_the_finding_is_examined_again() {
    let mut console = opened((80, 24));
    console.press("<enter>y");
    let repair = console.asked(is_repair);
    let moved =
        "/highwater/payment/sequence_id was 101 (version 213), and is 102 (version 214) now";
    console.fail(
        &repair,
        Error::Outdated {
            table: table("payment"),
            code: FindingCode::StuckSequence,
            moved: moved.to_owned(),
        },
    );
    assert_eq!(examined(&console), ["payment"]);
    console.press("<enter>");
    assert!(console.shows("repair: its table is being examined again"));
    let again = console.asked(is_examination);
    console.done(&again, found(vec![stuck("payment")]));
    console.press("<ctrl-l>");
    assert_snapshot!("doctor_outdated_80x24", console.frame());
    console.press("<enter>");
    assert_eq!(
        console.model.scope(),
        Scope::Question,
        "it can be tried again"
    );
}

#[test]
fn a_careful_profile_wants_the_name_typed_for_the_safest_repair_too() {
    let mut console = with(Console::with((80, 24), Safety::Careful, false).fill());
    console.press("f");
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
    console.press("payment<enter>");
    assert!(is_repair(&console.last().request));
}

#[test]
fn a_read_only_profile_sees_every_write_and_does_none() {
    let mut console = with(Console::with((80, 24), Safety::ReadOnly, false).fill());
    assert_snapshot!("doctor_read_only_80x24", console.frame());
    for key in ["<enter>", "f", "F"] {
        console.press(key);
        assert!(console.shows("read-only, by profile prod or by --read-only"));
        assert!(console.model.question.is_none() && console.model.menu.is_none());
    }
    console.press("c");
    assert!(console.shows("doctor payment --only stuck-sequence"));
    assert!(!console.shows("--repair"));
}

#[test]
fn the_page_of_a_table_has_the_same_repairs_in_its_findings() {
    let mut console = Console::filled((80, 24));
    console.press("j<enter>d");
    assert_eq!(
        console.model.page().map(|page| page.tab),
        Some(Tab::Findings)
    );
    assert_eq!(examined(&console), ["payment"]);
    let asked = console.last();
    console.done(&asked, found(vec![stuck("payment")]));
    console.press("<enter>y");
    let repair = console.asked(is_repair);
    console.done(&repair, Output::Repaired);
    let again = console.asked(is_examination);
    console.done(&again, found(Vec::new()));
    assert!(
        console.shows("looked at again: no longer found"),
        "{}",
        console.frame()
    );
    console.press("<tab>");
    assert_eq!(
        console.model.page().map(|page| page.tab),
        Some(Tab::Columns)
    );
}

#[test]
fn a_finding_that_could_not_be_looked_at_again_is_not_called_gone() {
    let mut console = opened((80, 24));
    console.press("<enter>y");
    let repair = console.asked(is_repair);
    console.done(&repair, Output::Repaired);
    let again = console.asked(is_examination);
    let failed = Examination {
        diagnoses: Vec::new(),
        failures: vec![Arc::new(unavailable())],
    };
    console.done(&again, Output::Diagnosed(failed));
    assert!(!console.shows("no longer found"));
    assert!(console.line("payment ").contains("stuck-sequence"));
    assert!(console.shows("PostgreSQL at db.example.com:5432 cannot be reached"));
}

#[test]
fn many_findings_come_in_part_by_part_and_are_confirmed_by_their_number() {
    let names: Vec<String> = (0..1_000)
        .map(|number| format!("table_{number:05}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::new((80, 24));
    console.list(&names);
    console.press("d");
    while console
        .model
        .doctor()
        .is_some_and(|doctor| doctor.under_way().is_some())
    {
        let asked = console.asked(is_examination);
        let Request::Diagnose { tables, .. } = asked.request.clone() else {
            unreachable!("it was looked for")
        };
        let each = tables.iter().map(|table| stuck(table.name()));
        console.done(&asked, found(each.collect()));
    }
    assert!(console.shows("1,000 errors"));
    console.press("G");
    assert!(console.shows("table_00999"));
    console.press("F");
    assert!(
        console.shows("1,000 tables: type how many"),
        "{}",
        console.frame()
    );
}

#[test]
fn what_has_not_been_on_the_screen_is_shown_before_a_yes_counts() {
    let mut console = opened((40, 12));
    console.press("<enter>y");
    assert!(!console.started.iter().any(|one| is_repair(&one.request)));
    assert!(
        console.shows("read on first, then press it again"),
        "{}",
        console.frame()
    );
    let mut times = 0;
    while !console.started.iter().any(|one| is_repair(&one.request)) {
        times += 1;
        assert!(times < 5, "{}", console.frame());
        console.press("y");
    }
}
