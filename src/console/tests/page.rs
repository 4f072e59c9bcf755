use insta::assert_snapshot;

use super::backfilling::{ID, is_search, left};
use super::doctor::{found, stuck};
use super::support::*;
use super::versions::history;
use crate::backend::{
    objects::Kind, preview::Preview, status::PartValue, table_objects::listing::ListedObject,
};
use crate::config::Safety;
use crate::console::action::Scope;
use crate::console::message::Message;
use crate::console::model::page::Tab;
use crate::jobs::{Output, Request};
use crate::vocabulary::{ObjectKey, SequenceId};

pub fn object(number: u64, rows: Option<u64>) -> ListedObject {
    ListedObject {
        key: ObjectKey::new(format!("payment/payment_{number:08}.jsonl")),
        sequence_id: SequenceId(number),
        bytes: number * 1_000,
        modified: at(&format!("2026-05-16T{:02}:00:00Z", number % 24)),
        kind: rows.map(|_| Kind::Ingest),
        rows,
        from: None,
        to: rows.map(|_| at("2026-05-16T10:50:30.123456Z")),
        run: None,
    }
}

/// The page of payment, with all its requests answered.
pub fn opened(size: (u16, u16)) -> Console {
    answered(Console::filled(size))
}

#[test]
fn the_number_behind_the_findings_is_that_of_their_list() {
    let mut console = opened((80, 24));
    console.press("5");
    let asked = console.last();
    let mut noted = stuck("payment");
    noted.finding = crate::backend::finding::Finding::new(
        crate::backend::finding::FindingCode::NoTimestampIndex,
        "payment: no index",
    );
    console.done(&asked, found(vec![stuck("payment"), noted]));
    assert!(console.shows("5 Findings 2"), "{}", console.frame());
    console.press("1");
    assert!(console.shows("5 Findings 2"), "{}", console.frame());
}

fn answered(mut console: Console) -> Console {
    console.press("j<enter>");
    let objects = console.asked(|request| matches!(request, Request::Objects { .. }));
    let versions = console.asked(|request| matches!(request, Request::History { .. }));
    let listed = [1204, 998, 40, 1310, 7].into_iter().enumerate();
    let listed = listed.map(|(place, rows)| object(102 - place as u64, Some(rows)));
    let listed = listed.chain([object(97, None)]).collect();
    console.done(&objects, objects_page(listed, 0));
    console.done(&versions, Output::History(history()));
    console
}

#[test]
fn the_page_of_a_table_shows_each_of_its_tabs_in_every_size() {
    for size in [(80, 24), (120, 40), (40, 12)] {
        let mut console = opened(size);
        for tab in Tab::ALL {
            let name = format!("page_{tab:?}_{}x{}", size.0, size.1).to_lowercase();
            if tab == Tab::Preview {
                let asked = console.last();
                assert!(matches!(asked.request, Request::Preview { .. }));
                let lines = vec!["{\"id\":1,\"amount\":12.50}".to_owned()];
                let preview = Preview {
                    table: table("payment"),
                    object: None,
                    lines,
                };
                console.done(&asked, Output::Preview(preview));
            }
            if tab == Tab::Findings {
                let asked = console.last();
                console.done(&asked, found(vec![stuck("payment")]));
            }
            assert_snapshot!(name, console.frame());
            console.press("<tab>");
        }
        assert_eq!(
            console.model.page().map(|page| page.tab),
            Some(Tab::State),
            "round"
        );
        console.press("<btab>");
        assert_eq!(
            console.model.page().map(|page| page.tab),
            Some(Tab::Columns)
        );
        console.press("q");
        assert!(console.model.stack.is_empty());
    }
}

#[test]
fn a_digit_opens_a_tab_from_the_list_and_answers_find_their_page() {
    let mut console = Console::filled((80, 24));
    console.press("j3");
    assert!(console.shows("reading all versions"));
    let versions = console.asked(|request| matches!(request, Request::History { .. }));
    console.press("2");
    console.done(&versions, Output::History(history()));
    console.press("3");
    assert!(console.shows("late corrections") || console.shows("ada"));
    console.press("q");
    console.press("jj3");
    console.done(&versions, Output::History(history()));
    assert!(
        console.shows("reading all versions"),
        "an answer about another table is stale"
    );
}

#[test]
fn an_object_of_the_list_is_opened_and_the_page_keeps_its_place() {
    let mut console = opened((80, 24));
    console.press("2jj<enter>");
    let asked = console.last();
    let Request::ReadObject { key, .. } = &asked.request else {
        panic!("nothing is read: {:?}", asked.request);
    };
    assert_eq!(key.as_str(), "payment/payment_00000100.jsonl");
    console.done(&asked, object_lines(vec!["{\"id\":7}".to_owned()], false));
    assert!(console.shows("{\"id\":7}"));
    console.press("q");
    let object = console.model.page().and_then(|page| page.object());
    assert_eq!(
        object.map(|object| object.sequence_id),
        Some(SequenceId(100))
    );
    console.send(Message::Resize(40, 12));
    console.send(Message::Resize(120, 40));
    let object = console.model.page().and_then(|page| page.object());
    assert_eq!(
        object.map(|object| object.sequence_id),
        Some(SequenceId(100))
    );
}

#[test]
fn a_read_only_profile_shows_the_page_and_reverts_nothing() {
    let console = Console::with((80, 24), Safety::ReadOnly, false).fill();
    let mut console = answered(console);
    console.press("3u");
    assert_eq!(console.model.scope(), Scope::Table);
    assert!(console.shows("revert: read-only, by profile prod or by --read-only"));
}

#[test]
fn the_page_works_on_its_own_table_whatever_is_marked() {
    let mut console = Console::filled((80, 24));
    console.press("GGk ");
    let console = {
        console.press("g");
        answered(console)
    };
    let mut console = console;
    console.press("i");
    let Request::PlanIngest { tables, .. } = console.last().request else {
        panic!("no plan");
    };
    assert_eq!(tables, [table("payment")]);
}

#[test]
fn a_part_that_fails_keeps_its_last_value_with_its_age_and_the_whole_cause() {
    let mut console = opened((80, 24));
    console.press("R");
    let asked = console.asked(|request| matches!(request, Request::Status { .. }));
    console.part(
        &asked,
        "payment",
        PartValue::Stored(Err(std::sync::Arc::new(unavailable()))),
    );
    assert!(
        console.shows("because connection refused"),
        "{}",
        console.frame()
    );
    assert!(console.shows("2026-05-16 10:50:30.123"));
    assert!(console.shows("known"));
}

#[test]
fn the_tabs_are_reached_from_the_screens_that_show_the_same_of_a_table() {
    for (keys, tab) in [
        ("jp2", Tab::Objects),
        ("jp<tab>", Tab::Findings),
        ("jp<btab>", Tab::History),
        ("jo<tab>", Tab::History),
        ("jd2", Tab::Objects),
        ("jd<tab>", Tab::Columns),
    ] {
        let mut console = Console::filled((80, 24));
        console.press(&keys[..2]);
        if keys.starts_with("jd") {
            let asked = console.last();
            console.done(&asked, found(vec![stuck("payment")]));
        }
        console.press(&keys[2..]);
        let page = console.model.page().expect("a page");
        assert_eq!((page.table.name(), page.tab), ("payment", tab), "{keys}");
    }
    let mut console = Console::filled((80, 24));
    console.press("jpb");
    assert!(console.shows("Backfill payment"), "{}", console.frame());
}

#[test]
fn backfills_that_were_interrupted_are_told_of_with_the_keys_that_go_on() {
    let mut console = opened((80, 24));
    let asked = console.asked(is_search);
    console.done(&asked, Output::InterruptedBackfills(vec![left(ID, 1)]));
    assert_snapshot!("page_interrupted_80x24", console.frame());
    console.press("R");
    let asked = console.asked(is_search);
    console.fail(&asked, journal_gone());
    assert!(console.shows("interrupted ones could not be looked for"));
}
