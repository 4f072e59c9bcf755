//! Clicks and the wheel.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::looking::preview;
use super::support::*;
use crate::console::action::Scope;
use crate::console::effect::Effect;
use crate::console::message::Message;
use crate::console::model::page::Tab;
use crate::jobs::Output;

/// Clicks on the first occurrence of `text`.
fn click(console: &mut Console, text: &str) {
    let frame = console.frame();
    let (row, line) = frame
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(text))
        .unwrap_or_else(|| panic!("no {text:?} in\n{frame}"));
    let before = line.split(text).next().unwrap_or_default();
    let column = crate::text::width(before);
    console.send(Message::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: u16::try_from(column).expect("a column"),
        row: u16::try_from(row).expect("a line"),
        modifiers: KeyModifiers::NONE,
    }));
}

#[test]
fn a_click_on_a_tab_shows_it() {
    for size in [(80, 24), (120, 40), (70, 20)] {
        let mut console = Console::filled(size);
        console.press("<enter>");
        for (label, tab) in [
            ("Objects", Tab::Objects),
            ("Columns", Tab::Columns),
            ("State", Tab::State),
            ("Findings", Tab::Findings),
        ] {
            click(&mut console, label);
            assert_eq!(console.model.tab(), Some(tab), "{}", console.frame());
        }
    }
    let mut console = Console::filled((40, 12));
    console.press("<enter>");
    click(&mut console, "1 of 6");
    assert_eq!(console.model.tab(), Some(Tab::Objects));
}

#[test]
fn a_click_on_the_order_of_the_list_offers_others() {
    let mut console = Console::filled((80, 24));
    click(&mut console, "Tables 5");
    assert_eq!(console.model.scope(), Scope::Tables);
    click(&mut console, "sort: name");
    assert_eq!(console.model.scope(), Scope::Menu);
    assert!(console.shows("Sort by"), "{}", console.frame());
}

#[test]
fn clicks_above_the_list_open_no_table() {
    let mut console = Console::filled((80, 24));
    for text in ["highwater", "highwater", "Tables 5", "Tables 5"] {
        click(&mut console, text);
    }
    assert!(console.model.stack.is_empty(), "{}", console.frame());
}

#[test]
fn a_click_and_the_wheel_move_the_cursor() {
    let mut console = Console::filled((80, 24));
    let event = |kind, row| {
        Message::Mouse(MouseEvent {
            kind,
            column: 10,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    // Header, title, column heads, design, payment and its finding, sales_order.
    console.send(event(MouseEventKind::Down(MouseButton::Left), 5));
    assert_eq!(console.model.tables.cursor, Some(table("payment")));
    console.send(event(MouseEventKind::Down(MouseButton::Left), 6));
    assert_eq!(console.model.tables.cursor, Some(table("sales_order")));
    console.send(event(MouseEventKind::ScrollDown, 6));
    assert_eq!(console.model.tables.cursor, Some(table("transaction")));
    console.press("m");
    assert!(matches!(
        console.effects.last(),
        Some(Effect::CaptureMouse(false))
    ));
}

#[test]
fn a_second_click_soon_after_the_first_opens_the_table() {
    let mut console = Console::filled((80, 24));
    let click = || {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 10,
            row: 6,
            modifiers: KeyModifiers::NONE,
        })
    };
    console.send(click());
    console.wait(1.0);
    console.send(click());
    assert!(
        console.model.stack.is_empty(),
        "too late for a double click"
    );
    console.wait(0.2);
    console.send(click());
    assert_eq!(
        console.model.page().map(|page| page.table.clone()),
        Some(table("sales_order"))
    );
}

#[test]
fn a_click_goes_to_a_row_of_what_comes_next_whichever_way_it_is_opened() {
    for keys in ["p", "<enter>4"] {
        let mut console = Console::filled((80, 24));
        console.press(keys);
        let asked = console.last();
        console.done(&asked, Output::Preview(preview()));
        let cursor = |console: &Console| console.model.viewer().map(|lines| lines.scroll.cursor);
        assert_eq!(cursor(&console), Some(0));
        click(&mut console, " 2 {");
        assert_eq!(cursor(&console), Some(1), "{keys}: {}", console.frame());
    }
}

#[test]
fn a_click_after_the_wheel_is_no_double_click() {
    let mut console = Console::filled((80, 24));
    let event = |kind| {
        Message::Mouse(MouseEvent {
            kind,
            column: 10,
            row: 6,
            modifiers: KeyModifiers::NONE,
        })
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    for kind in [click, MouseEventKind::ScrollDown, click] {
        console.send(event(kind));
    }
    assert!(console.model.stack.is_empty(), "{}", console.frame());
    console.send(event(click));
    assert!(
        !console.model.stack.is_empty(),
        "two clicks in a row are one"
    );
}
