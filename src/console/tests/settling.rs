//! Compares the list after each piece of news with one that is settled from scratch.

use std::sync::Arc;

use super::support::*;
use crate::backend::source::Holder;
use crate::backend::status::PartValue;
use crate::console::message::Message;
use crate::console::model::filter::Filter;
use crate::console::model::sort::SortColumn;
use crate::console::model::tables::Tables;
use crate::jobs::Request;

/// Everything that the list shows.
fn whole(tables: &Tables) -> impl PartialEq + std::fmt::Debug {
    (
        tables.shown.clone(),
        tables.widths,
        tables.outages.clone(),
        tables.held.clone(),
        tables.is_filling(),
    )
}

/// A random part of a status.
fn any_part(random: &mut fastrand::Rng, name: &str) -> PartValue {
    let number = random.u64(0..2_000);
    match random.u8(0..5) {
        0 => stored(name, Some("2026-05-16T10:58:02.000123Z"), Some(number)),
        1 => stored(name, None, None),
        2 => newest(Some((number, number * 7, "12:00:00")), None),
        3 => {
            let mut counts = counts(number, number % 3, true);
            counts.horizon.holder = random.bool().then(|| Holder {
                pid: 7,
                user: "ada".to_owned(),
                application: String::new(),
                since: at("2026-05-16T14:00:00Z"),
                query: String::new(),
            });
            PartValue::Rows(Ok(counts))
        }
        _ => PartValue::Rows(Err(Arc::new(unavailable()))),
    }
}

#[test]
fn a_list_that_is_settled_row_by_row_is_as_one_that_is_settled_as_a_whole() {
    let mut random = fastrand::Rng::with_seed(7);
    let names: Vec<String> = (0..40).map(|number| format!("table_{number:02}")).collect();
    let mut console = Console::new((120, 40));
    console.list(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for round in 0..400 {
        let sweep = console.asked(|request| matches!(request, Request::Status { .. }));
        let name = random.choice(&names).expect("a name").clone();
        let part = any_part(&mut random, &name);
        console.part(&sweep, &name, part);
        if round % 20 == 0 {
            let column = *random.choice(&SortColumn::ALL).expect("a column");
            console.model.tables.sort = console.model.tables.sort.choose(column);
            let filter = *random.choice(&["", "pending>500", "_1"]).expect("a filter");
            console.model.tables.filter = Filter::parse(filter);
        }
        console.wait(0.0);
        console.send(Message::Resumed);
        let mut anew = Tables::default();
        anew.rows.clone_from(&console.model.tables.rows);
        anew.sort = console.model.tables.sort;
        anew.filter = console.model.tables.filter.clone();
        anew.settle(console.model.now, console.model.body_height());
        assert_eq!(whole(&console.model.tables), whole(&anew), "round {round}");
    }
}
