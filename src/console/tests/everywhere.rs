use insta::assert_snapshot;

use super::looking::preview;
use super::page::opened;
use super::support::*;
use crate::config::{KeyBinding, Location, Safety};
use crate::console::Keymap;
use crate::console::effect::Effect;
use crate::console::model::page::Tab;
use crate::jobs::{Output, Request};

#[test]
fn the_palette_finds_actions_by_their_letters_and_goes_to_tables() {
    let mut console = Console::filled((80, 24));
    console.press(":");
    assert_snapshot!("palette_80x24", console.frame());
    console.press("hst");
    assert!(
        console.line("history").contains("every version"),
        "{}",
        console.frame()
    );
    console.press("<esc>:history<enter>");
    assert_eq!(
        console.model.page().map(|page| page.tab),
        Some(Tab::History)
    );
    console.press(":transac<enter>");
    assert!(console.model.stack.is_empty());
    assert_eq!(console.model.tables.cursor, Some(table("transaction")));
    console.press(":revert");
    assert!(
        console
            .line("  revert ")
            .contains("belongs to Journal, Table"),
        "{}",
        console.frame()
    );
    console.press("<enter>");
    assert!(console.shows("revert: belongs to Journal, Table"));
    console.press(":force");
    assert!(console.shows("belongs to Edit"), "{}", console.frame());
    console.press("<esc>:object");
    assert!(!console.shows("not now"));
    console.press("<esc>g:object");
    assert!(
        console.shows("not now: no object of it is known"),
        "{}",
        console.frame()
    );
}

#[test]
fn where_there_is_no_command_none_is_offered() {
    let mut console = Console::filled((80, 24));
    console.press("J");
    assert!(!console.shows("c command"), "{}", console.frame());
    console.press("c");
    assert!(console.shows("command: no command does what is shown here"));
}

#[test]
fn a_menu_is_left_alone_by_letters_that_are_none_of_its() {
    let mut console = Console::filled((40, 12));
    console.press("S");
    assert_snapshot!("sort_40x12", console.frame());
    console.press("zq");
    assert!(console.model.menu.is_some());
    console.press("<down><enter>");
    assert!(console.shows("sort: state"));
    console.press(":<up>");
    assert_snapshot!("palette_40x12", console.frame());
}

#[test]
fn themes_differ_in_colours_only_and_are_kept() {
    let mut console = opened((80, 24));
    let before = console.frame();
    for _ in 0..4 {
        console.press("T<esc>");
        if console.model.stack.is_empty() {
            console.press("<enter>");
        }
    }
    assert!(
        console
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Remember(_)))
    );
    assert_eq!(before.lines().next(), console.frame().lines().next());
    console.press("TTT");
    assert!(console.is_colourless(), "the plain one");
    let mut plain = Console::with((80, 24), Safety::Normal, true).fill();
    plain.press("T");
    assert!(plain.shows("allows no colour") && plain.is_colourless());
}

#[test]
fn where_only_ascii_is_allowed_nothing_else_is_ever_drawn() {
    let mut console = Console::new((80, 24));
    console.model.looks.ascii = true;
    console.list(&["価格_ü", "payment"]);
    let sweep = console.last();
    console.part(&sweep, "価格_ü", rows(7, 3));
    for keys in [
        "", "<enter>", "2", "3", "<esc>S", "<esc>:", "<esc>?", "<esc>e", "<esc>J",
    ] {
        console.press(keys);
        let frame = console.frame();
        assert!(frame.is_ascii(), "{frame}");
    }
    console.press("<esc>");
    assert!(console.line("payment").starts_with(" / payment") || console.shows("payment"));
    assert!(
        console.shows("????_?"),
        "a question mark for each column\n{}",
        console.frame()
    );
}

/// Sets the keys of an action, as the configuration does.
fn bind(console: &mut Console, action: &str, keys: &[&str]) {
    let binding = KeyBinding {
        action: action.to_owned(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        at: Location {
            file: "config.toml".into(),
            line: 1,
        },
    };
    console.model.keymap = Keymap::new(&[binding]).expect("a key map");
}

#[test]
fn what_cannot_be_done_names_the_keys_that_are_set() {
    let mut console = Console::filled((80, 24));
    bind(&mut console, "search", &["f7"]);
    console.press("jp");
    let asked = console.last();
    console.done(&asked, Output::Preview(preview()));
    console.press("n");
    assert!(console.shows("there is no search; F7 starts one"));
    bind(&mut console, "abandon", &["f8"]);
    console.press("<esc>e");
    assert!(console.shows("F8 leaves all as it is"));
}

#[test]
fn other_keys_are_shown_everywhere_and_the_old_ones_do_nothing() {
    let mut console = Console::filled((80, 24));
    bind(&mut console, "ingest", &["ctrl-g", "I"]);
    assert!(console.shows("Ctrl-G ingest"));
    console.press("i");
    assert!(console.model.stack.is_empty());
    console.press("?");
    assert!(console.shows("Ctrl-G I"));
    console.press("q<ctrl-g>");
    assert!(matches!(console.last().request, Request::PlanIngest { .. }));
}

#[test]
fn the_backspace_of_a_terminal_that_sends_ctrl_h_deletes_too() {
    let mut console = Console::filled((80, 24));
    console.press("/payx<ctrl-h>");
    assert!(console.shows(" /pay"), "{}", console.frame());
    assert_eq!(console.model.tables.filter.text, "pay");
}

#[test]
fn what_is_left_out_is_no_estimate_and_no_home_where_only_ascii_is_allowed() {
    let mut console = Console::filled((80, 24));
    console.model.looks.ascii = true;
    console.model.facts.objects = "/srv/state/of/a/program/highwater/demo/objects".to_owned();
    let header = console.line("highwater");
    assert!(header.contains("*/"), "{header}");
    assert!(!console.frame().contains('~'), "{}", console.frame());
}

#[test]
fn esc_and_the_key_after_it_may_arrive_together() {
    let mut console = Console::filled((80, 24));
    console.press("/staff<enter>");
    assert!(!console.shows("payment"));
    console.press("<alt-/>pay<enter>");
    assert_eq!(console.model.tables.filter.text, "pay");
    console.press("?<alt-?>");
    assert!(console.shows("Symbols"), "left, and opened again");
    console.press("q<esc>e-2h<alt-e>");
    assert!(console.shows("-2h"), "what is typed into a form stays");
}
