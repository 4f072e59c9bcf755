//! The columns of a table.

use super::support::*;
use crate::backend::jsonl::{CatalogType, Parts};
use crate::backend::source::SourceColumn;
use crate::jobs::Output;

pub fn column(name: &str, type_name: &str) -> SourceColumn {
    SourceColumn {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        nullable: false,
        catalog: CatalogType {
            oid: 23,
            base_oid: 23,
            base_kind: 'b',
            has_json_cast: false,
            parts: Parts::Unknown,
        },
        is_watermark: name == "last_updated",
        is_indexed: name != "counterparty_legal_name_as_registered",
    }
}

/// The page of payment, with these columns, on the tab that shows them.
pub fn showing(columns: Vec<SourceColumn>, size: (u16, u16)) -> Console {
    let mut console = Console::new(size);
    let mut listed = source_table("payment");
    listed.columns = columns;
    listed.estimated_rows = Some(1_234_567);
    let asked = console.last();
    console.done(&asked, Output::Tables(vec![listed]));
    console.press("<enter>6");
    console
}

#[test]
fn the_columns_stand_a_line_each_where_there_is_little_room() {
    let columns = vec![
        column("payment_id", "integer"),
        column("last_updated", "timestamp without time zone"),
        column(
            "counterparty_legal_name_as_registered",
            "character varying(200)",
        ),
    ];
    for (size, shown) in [
        (
            (40, 12),
            ["payment_id", "integer", "timestamp", "varchar(200)"],
        ),
        (
            (120, 40),
            [
                "not null",
                "integer",
                "timestamp without time zone  not null  watermark  indexed",
                "character varying(200)",
            ],
        ),
    ] {
        let console = showing(columns.clone(), size);
        for text in shown {
            assert!(console.shows(text), "{text}\n{}", console.frame());
        }
        let page = console.model.page().expect("a page");
        let row = console.model.tables.row(&page.table).expect("a row");
        let room = console.model.width() - 6;
        let lines = crate::console::describe::tab(&console.model, page).expect("lines");
        assert_eq!(row.columns.len(), 3);
        assert!(
            lines
                .iter()
                .all(|said| crate::text::width(&said.text) <= room),
            "{lines:?}"
        );
        assert!(console.shows("3 columns") && console.shows("about 1,234,567 rows"));
    }
}

#[test]
fn long_names_of_columns_are_whole_where_there_is_room_and_always_in_what_is_copied() {
    let [billed, shipped] = ["billed", "shipped"]
        .map(|what| format!("amount_in_the_currency_of_the_counterparty_{what}_to_date"));
    let columns = vec![
        column(&billed, "numeric"),
        column(&shipped, "numeric"),
        column("last_updated", "timestamp without time zone"),
    ];
    let console = showing(columns.clone(), (120, 24));
    assert!(console.shows(&billed) && console.shows(&shipped));
    let mut console = showing(columns, (80, 24));
    assert!(!console.shows(&billed) && console.shows("watermark"));
    console.press("yp");
    let copied = console.copied().expect("a page");
    assert!(
        copied.contains(&billed) && copied.contains(&shipped),
        "{copied}"
    );
}
