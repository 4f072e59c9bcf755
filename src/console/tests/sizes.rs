//! Snapshots of every screen in the sizes that its own tests do not cover.

use insta::assert_snapshot;

use super::support::*;
use crate::config::Safety;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

/// Takes a snapshot of the frame, named after the screen and its size.
fn look(console: &Console, screen: &str) {
    let (columns, lines) = console.model.size;
    assert_snapshot!(format!("{screen}_{columns}x{lines}"), console.frame());
}

/// Screens that a few keys open and that request nothing.
const SCREENS: [(&str, &str); 11] = [
    ("help", "?"),
    ("edit", "jje-2h"),
    ("sort", "S"),
    ("columns", "C"),
    ("form_command", "jje-2h<f2>"),
    ("copy", "jy"),
    ("export", "w"),
    ("palette", ":in"),
    ("filter", "/pending>0"),
    ("command", "jc"),
    ("trouble", "jE"),
];

#[test]
fn what_a_few_keys_open_fits_every_size() {
    for size in SIZES {
        for (screen, keys) in SCREENS {
            let mut console = Console::filled(size);
            console.press(keys);
            look(&console, screen);
        }
    }
}

#[test]
fn what_waits_and_what_fails_fits_every_size() {
    for size in SIZES {
        let mut console = Console::filled(size);
        console.press("jji");
        look(&console, "plan_waiting");
        let asked = console.last();
        console.fail(&asked, unavailable());
        look(&console, "plan_failed");
        console.press("qL");
        look(&console, "journal_waiting");
        let asked = console.last();
        console.fail(&asked, unavailable());
        look(&console, "journal_failed");
        console.press("qp");
        let asked = console.last();
        console.fail(&asked, unavailable());
        look(&console, "preview_failed");
        console.press("qJ");
        look(&console, "jobs_empty");
    }
}

#[test]
fn every_screen_does_without_colour() {
    for (screen, keys) in SCREENS {
        let mut console = Console::with((80, 24), Safety::Normal, true).fill();
        console.press(keys);
        assert!(console.is_colourless(), "{screen}");
    }
}

#[test]
fn no_screen_draws_beyond_the_smallest_terminal_or_breaks_in_one_that_is_smaller_still() {
    for size in [(40, 12), (20, 6), (10, 3), (1, 1)] {
        for (_, keys) in SCREENS
            .iter()
            .chain(&[("doctor", "jd"), ("backfill", "jjb-2d")])
        {
            let mut console = Console::filled(size);
            console.press(keys);
            let lines = console.frame().lines().count();
            assert!(lines <= usize::from(size.1));
        }
    }
}
