//! Clicks on what stands above the list.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::support::*;
use crate::console::action::Scope;
use crate::console::message::Message;
use crate::console::model::page::Tab;

/// Clicks on the first place at which `text` stands.
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
