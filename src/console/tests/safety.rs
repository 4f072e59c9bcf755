use insta::assert_snapshot;

use super::support::*;
use crate::backend::ingest::{IngestPlan, PlannedObject};
use crate::config::Safety;
use crate::console::action::Scope;
use crate::jobs::{Output, Request};
use crate::vocabulary::{ObjectKey, SequenceId};

fn plan(name: &str) -> IngestPlan {
    IngestPlan {
        table: table(name),
        from: None,
        horizon: horizon(),
        recovers: Vec::new(),
        doubts: Vec::new(),
        rows: 7,
        objects: vec![PlannedObject {
            key: ObjectKey::new(format!("{name}/{name}_00000001.jsonl")),
            sequence_id: SequenceId(1),
            rows: 7,
            from: None,
            to: at("2026-05-16T14:02:20.5Z"),
        }],
    }
}

#[test]
fn a_careful_profile_is_unmistakable_and_wants_names_and_numbers_typed() {
    let mut console = Console::with((80, 24), Safety::Careful, true).fill();
    assert!(is_reversed(&console.cells("highwater")));
    assert!(console.line("highwater").contains("careful"));
    console.press("i");
    let asked = console.last();
    console.done(
        &asked,
        Output::IngestPlans(vec![(table("design"), Ok(plan("design")))]),
    );
    assert_eq!(console.model.scope(), Scope::TypedQuestion);
    assert_snapshot!("careful_question_80x24", console.frame());
    console.press("y<enter>");
    assert!(
        !console
            .started
            .iter()
            .any(|s| matches!(s.request, Request::Ingest { .. }))
    );
    console.press("<ctrl-u>public.design<enter>");
    assert!(matches!(console.last().request, Request::Ingest { .. }));
}

#[test]
fn the_region_is_named_where_there_is_room_for_it() {
    for (columns, is_named) in [(120, true), (80, false)] {
        let mut console = Console::filled((columns, 24));
        console.model.facts.region = Some("eu-west-2".to_owned());
        console.press("j");
        let header = console.line("highwater");
        assert_eq!(
            header.contains("s3://ingest-prod  eu-west-2"),
            is_named,
            "{header}"
        );
        assert!(header.contains("s3://ingest-prod"), "{header}");
    }
}

/// A console asking whether to ingest `payment`.
fn asking() -> Console {
    let mut console = Console::filled((80, 24));
    console.press("ji");
    let asked = console.last();
    let plans = vec![(table("payment"), Ok(plan("payment")))];
    console.done(&asked, Output::IngestPlans(plans));
    assert_eq!(console.model.scope(), Scope::Question);
    console
}

const fn is_ingest(started: &Started) -> bool {
    matches!(started.request, Request::Ingest { .. })
}

#[test]
fn no_letter_of_a_word_that_is_typed_is_taken_for_an_answer() {
    let mut console = asking();
    console.press("payment");
    assert!(!console.started.iter().any(is_ingest), "y is in it");
    assert_eq!(console.model.scope(), Scope::Question, "so is n");
    assert_snapshot!("strayed_question_80x24", console.frame());
    console.press("<enter>");
    assert!(console.model.question.is_none(), "the cursor is on no");
    let mut console = asking();
    console.press("payment<left><enter>");
    assert!(console.started.iter().any(is_ingest));
    let mut console = asking();
    console.press("py<esc>");
    assert!(console.model.question.is_none());
    let mut console = asking();
    console.press("y");
    assert!(console.started.iter().any(is_ingest));
}

#[test]
fn several_tables_are_confirmed_by_their_number() {
    let mut console = Console::with((80, 24), Safety::Careful, false).fill();
    console.press("  i");
    let asked = console.last();
    let plans = ["design", "payment"].map(|name| (table(name), Ok(plan(name))));
    console.done(&asked, Output::IngestPlans(plans.to_vec()));
    assert!(console.shows("2 tables: type how many"));
    console.press("3<enter>");
    assert!(console.shows("that is not how many"));
    console.press("<back>2<enter>");
    let ingests = console
        .started
        .iter()
        .filter(|s| matches!(s.request, Request::Ingest { .. }));
    assert_eq!(ingests.count(), 2);
}

#[test]
fn a_read_only_profile_has_no_action_that_writes() {
    let mut console = Console::with((80, 24), Safety::ReadOnly, false).fill();
    assert!(console.line("highwater").contains("read-only"));
    let footer = console.frame().lines().last().expect("a footer").to_owned();
    assert!(
        !footer.contains("ingest") && !footer.contains("edit"),
        "{footer}"
    );
    console.press("ie");
    assert!(console.model.stack.is_empty());
    assert!(console.shows("read-only, by profile prod or by --read-only"));
    console.press("?");
    assert!(!console.shows("plan the ingestion"));
    console.press("qp");
    assert!(matches!(console.last().request, Request::Preview { .. }));
}

#[test]
fn a_name_to_be_typed_stands_in_full_and_what_is_typed_is_in_sight() {
    let long =
        "sales_of_the_northern_region.payments_received_from_counterparties_by_wire_transfer";
    for size in [(80, 24), (40, 16)] {
        let mut console = Console::with(size, Safety::Careful, false);
        console.list(&[long]);
        console.press("i");
        let asked = console.last();
        let plans = vec![(table(long), Ok(plan(long)))];
        console.done(&asked, Output::IngestPlans(plans));
        let words = console.frame().replace(['\n', '│', ' '], "");
        assert!(
            words.contains(&format!("type{long}toconfirm:")),
            "{}",
            console.frame()
        );
        console.press("sales_of_the_x");
        assert!(console.shows("│ sales_of_the_x"), "{}", console.frame());
        console.press(&format!("<ctrl-u>{long}"));
        assert!(console.shows("wire_transfer"), "{}", console.frame());
        console.press("<enter>");
        assert!(console.started.iter().any(is_ingest), "{}", console.frame());
    }
}

#[test]
fn a_name_that_cannot_be_typed_is_typed_as_it_is_shown() {
    let mut console = Console::with((80, 24), Safety::Careful, false);
    console.list(&["tab\tle "]);
    console.press("i");
    let asked = console.last();
    let plans = vec![(table("tab\tle "), Ok(plan("tab\tle ")))];
    console.done(&asked, Output::IngestPlans(plans));
    assert!(
        console.shows("type tab\\tle  to confirm"),
        "{}",
        console.frame()
    );
    console.press("tab le<enter>");
    assert!(console.shows("that is not the table's name"));
    console.press("<ctrl-u>tab\\tle<enter>");
    assert!(console.started.iter().any(is_ingest), "{}", console.frame());
}
