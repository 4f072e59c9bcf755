use insta::assert_snapshot;

use super::doctor::{found, stuck};
use super::ingesting::plan;
use super::looking::preview;
use super::support::*;
use super::tour_demo::*;
use crate::backend::finding::FindingCode;
use crate::config::Safety;
use crate::console::action::ActionId;
use crate::console::describe::tour::{press, says};
use crate::console::effect::Effect;
use crate::console::model::tour::Stop;
use crate::jobs::Output;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

#[test]
fn the_tour_goes_on_by_what_is_done_until_every_trouble_is_over() {
    let mut console = demo((80, 24));
    console.press("<f1>");
    at_stop(&console, 1);
    assert!(console.shows("go to payment"));
    console.press("j");
    at_stop(&console, 2);
    ingest(&mut console, "payment");
    at_stop(&console, 3);
    console.press("jjp");
    at_stop(&console, 3);
    let asked = console.last();
    console.done(&asked, Output::Preview(preview()));
    at_stop(&console, 4);
    console.press("<esc>");
    at_stop(&console, 5);
    assert!(console.shows("go to invoice"));
    console.press("kkk");
    assert!(console.shows("d examines it"));
    console.press("d");
    let update = "UPDATE stock_count SET last_updated = now()";
    examine(
        &mut console,
        &[
            stuck("invoice"),
            repairable("refund", FindingCode::TimestampInFuture),
            repairable("supplier", FindingCode::SequenceMissing),
            for_owner("stock_count", FindingCode::RowsUnreachable, update),
            held(),
        ],
    );
    at_stop(&console, 6);
    assert!(
        console.shows("/highwater/invoice/timestamp"),
        "its exact writes"
    );
    repair(&mut console, "invoice");
    at_stop(&console, 7);
    assert!(console.shows("19 rows pending"));
    ingest(&mut console, "invoice");
    at_stop(&console, 8);
    assert!(console.shows("go to refund timestamp-in-future"));
    console.press("j");
    repair(&mut console, "refund");
    at_stop(&console, 9);
    console.press("j");
    repair(&mut console, "supplier");
    at_stop(&console, 10);
    console.press("j");
    own(&mut console, "stock_count", update, &[held()]);
    at_stop(&console, 10);
    tell(&mut console, "stock_count", rows(35, 0));
    at_stop(&console, 11);
    assert!(console.shows("warehouse-import is holding back everything newer than 13:59:55"));
    assert!(console.shows("go to horizon-held"), "{}", console.frame());
    console.press("j");
    assert!(console.shows("O has the demo's owner run it"));
    own(&mut console, "shipment", TERMINATE, &[]);
    tell(&mut console, "shipment", rows(47, 0));
    at_stop(&console, 12);
    console.press("L");
    let asked = console.last();
    console.done(&asked, Output::Journal(vec![entry("refund")]));
    at_stop(&console, 13);
    console.press("u");
    at_stop(&console, 14);
    console.press("<esc>");
    at_stop(&console, 15);
    console.press("<esc><esc><esc><esc>");
    assert!(console.model.visit().is_none(), "{}", console.frame());
    assert!(console.model.stack.is_empty());
}

#[test]
fn a_preview_without_lines_is_not_what_the_tour_asks_for() {
    let mut console = demo((80, 24));
    console.press("<f1>j");
    ingest(&mut console, "payment");
    at_stop(&console, 3);
    tell(&mut console, "payment", rows(0, 0));
    assert!(
        !console.shows("p shows the next lines"),
        "{}",
        console.frame()
    );
    assert!(console.shows("go to "), "{}", console.frame());
    console.press("p");
    let asked = console.last();
    let mut empty = preview();
    empty.object = None;
    empty.lines.clear();
    console.done(&asked, Output::Preview(empty));
    at_stop(&console, 3);
    assert!(console.shows("Esc goes back"), "{}", console.frame());
}

#[test]
fn what_the_tour_speaks_of_is_never_covered_in_any_size() {
    for size in SIZES {
        let mut console = demo(size);
        console.press("<f1>");
        let name = format!("tour_row_{}x{}", size.0, size.1);
        assert_snapshot!(name, console.frame());
        console.press("ji");
        let asked = console.last();
        console.done(
            &asked,
            Output::IngestPlans(vec![(table("payment"), Ok(plan("payment", 40)))]),
        );
        let name = format!("tour_question_{}x{}", size.0, size.1);
        assert_snapshot!(name, console.frame());
    }
}

#[test]
fn the_cursor_stays_above_the_panel_however_far_down_it_is() {
    for size in SIZES {
        let mut console = demo(size);
        console.press("<f1>G");
        let name = "supplier";
        assert_eq!(console.model.tables.cursor, Some(table(name)));
        let frame = console.frame();
        let panel = frame.lines().position(|line| line.contains("tour 1 of 15"));
        let row = frame.lines().position(|line| line.contains(name));
        assert!(row.is_some() && row < panel, "{frame}");
    }
}

#[test]
fn the_first_help_over_the_demo_offers_the_tour_and_no_later_one() {
    let mut console = demo((80, 24));
    assert!(console.shows("? offers a two-minute tour"));
    console.press("?");
    assert!(console.shows("A two-minute tour?"));
    assert!(matches!(console.effects.last(), Some(Effect::Remember(kept)) if kept.toured));
    console.press("n");
    assert!(console.shows("Symbols"), "the help is what was asked for");
    console.press("<esc>?");
    assert!(console.shows("Symbols"));
    console.press("<esc><f1>");
    at_stop(&console, 1);
    console.press("<f1>");
    assert!(console.model.visit().is_none());

    let mut console = demo((80, 24));
    console.press("?<enter>");
    at_stop(&console, 1);
    console.press("<esc>");
    assert!(console.shows("the tour is over; F1 starts it again"));
}

#[test]
fn there_is_no_tour_but_over_a_demo_that_may_be_written_to() {
    let mut console = Console::filled((80, 24));
    assert!(!console.shows("offers a two-minute tour"));
    console.press("<f1>");
    assert!(console.shows("tour: it needs the demo: highwater --demo"));
    console.press("?");
    assert!(console.shows("Symbols"));
    let mut console = Console::over_demo((80, 24), Safety::ReadOnly);
    console.press("<f1>");
    assert!(console.shows("tour: it writes, and --read-only is set"));
}

#[test]
fn what_was_put_right_before_is_not_asked_for_again() {
    let mut console = demo((80, 24));
    for name in ["invoice", "supplier"] {
        tell(&mut console, name, newest(Some((4, 48, "12:10:00")), None));
    }
    tell(&mut console, "invoice", rows(0, 0));
    console.press("<f1>j");
    tell(&mut console, "payment", rows(0, 0));
    at_stop(&console, 3);
    console.press("p");
    let asked = console.last();
    console.done(&asked, Output::Preview(preview()));
    console.press("<esc>");
    at_stop(&console, 8);
    tell(&mut console, "refund", rows(19, 0));
    at_stop(&console, 10);
    tell(&mut console, "shipment", rows(40, 0));
    console.wait(1.0);
    tell(&mut console, "stock_count", rows(35, 0));
    at_stop(&console, 11);
    tell(&mut console, "shipment", rows(40, 0));
    at_stop(&console, 12);
}

#[test]
fn whatever_else_is_done_meanwhile_the_tour_says_the_way_back() {
    let mut console = demo((80, 24));
    console.press("<f1>jJ");
    at_stop(&console, 2);
    assert!(console.shows("→ Esc goes back"));
    console.press("<esc>");
    at_stop(&console, 2);
    assert!(console.shows("→ i plans it"));
    console.press("<esc>/ref<enter>");
    assert!(console.model.visit().is_none(), "it was left at the list");
    console.press("<f1>");
    at_stop(&console, 1);
    assert!(console.shows("F1 leaves"), "Esc clears the filter first");
    console.press("<esc>");
    at_stop(&console, 1);
    assert!(console.shows("Esc leaves"));
}

#[test]
fn its_sentences_fit_the_smallest_terminal() {
    let mut console = demo((40, 12));
    console.press("<f1>");
    for stop in Stop::ALL {
        let [first, _] = says(&console.model, stop);
        let lines = crate::text::wrap(&first, 38);
        assert!((1..=2).contains(&lines.len()), "{first}");
        let key = press(&console.model, stop);
        assert!(crate::text::width(&key) <= 36, "{key}");
    }
}

#[test]
fn only_the_demos_owner_is_at_hand() {
    let mut console = Console::filled((80, 24));
    console.press("jd");
    let statement = "UPDATE payment SET last_updated = now()";
    let finding = for_owner("payment", FindingCode::RowsUnreachable, statement);
    let asked = console.last();
    console.done(&asked, found(vec![finding]));
    let said = console.frame();
    let (_, below) = said
        .split_once("the owner of the database can put this right with:")
        .expect("who can");
    assert_eq!(below.lines().nth(1).map(str::trim), Some(statement));
    assert!(!console.shows("nothing that can be written"));
    console.press("O");
    assert!(console.shows("owner: highwater only reads your database"));
    assert!(
        !console
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::AskOwner(_)))
    );
    assert_eq!(ActionId::AskOwner.name(), "ask-owner");
}

#[test]
fn what_the_owner_has_put_right_stays_under_the_cursor_and_is_not_run_twice() {
    let mut console = demo((80, 24));
    console.press("d");
    let update = "UPDATE stock_count SET last_updated = now()";
    let unreachable = for_owner("stock_count", FindingCode::RowsUnreachable, update);
    let mut also_held = held();
    also_held.table = Some(table("stock_count"));
    let all = [unreachable, held(), also_held];
    for _ in 0..4 {
        examine(&mut console, &all);
    }
    console.press("gj");
    assert!(console.shows("rows-unreachable"));
    console.press("Oy");
    owned(&mut console, "stock_count", update, Ok(()));
    console.press("O");
    assert!(
        console.shows("owner: its table is being examined again"),
        "{}",
        console.frame()
    );
    examine(&mut console, &all[1..]);
    assert!(console.line("✓ stock_count").contains("rows-unreachable"));
    assert!(console.shows("its owner has run the statement"));
    assert!(console.shows("looked at again: no longer found"));
    console.press("O");
    assert!(
        console.model.question.is_none(),
        "nothing is asked about the next finding"
    );
}

#[test]
fn what_the_owner_could_not_run_says_why() {
    let mut console = demo((80, 24));
    let why = "permission denied for table stock_count".to_owned();
    owned(&mut console, "stock_count", "UPDATE stock_count", Err(why));
    assert!(console.shows("stock_count: its owner could not: permission denied"));
}
