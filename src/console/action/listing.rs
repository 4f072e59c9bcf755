//! The key table as text, for `highwater keys` and the README.

use std::fmt::Write as _;

use super::table::is_everywhere;
use super::{ACTIONS, Keymap, Scope};
use crate::config::Safety;

/// A line of the key table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyRow {
    /// `details`: the name by which the configuration gives it other keys.
    pub name: String,
    /// `Enter, E`
    pub keys: String,
    /// `details`
    pub label: String,
    /// `Tables, Jobs`, or `everywhere`.
    #[serde(rename = "where")]
    pub place: String,
    /// What the key does, in one line.
    pub help: String,
}

/// All actions with their keys, in the order of the help.
#[must_use]
pub fn key_table(keymap: &Keymap) -> Vec<KeyRow> {
    ACTIONS
        .iter()
        .map(|action| KeyRow {
            name: action.id.name().to_owned(),
            keys: keymap.line(action.id, ", "),
            label: action.label.to_owned(),
            place: place(action.scopes),
            help: action.help.to_owned(),
        })
        .collect()
}

/// The table of the default keys as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| key | where | what it does |\n|---|---|---|\n");
    for action in ACTIONS {
        let keys: Vec<String> = action.keys.iter().map(|key| format!("`{key}`")).collect();
        let line = (keys.join(" "), place(action.scopes), action.help);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} | {} |", line.0, line.1, line.2);
    }
    text
}

/// A section of the help screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct HelpSection {
    pub heading: &'static str,
    pub entries: Vec<HelpEntry>,
}

/// Keys or a symbol, and their meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct HelpEntry {
    pub keys: String,
    pub help: &'static str,
}

/// The symbols of the Tables screen, and their meaning.
const SIGNS: [(&str, &str); 9] = [
    (
        "✗",
        "something is wrong with the table: the line under it says what",
    ),
    (
        "!",
        "a service does not answer; anything dimmed was known before",
    ),
    ("● ✓", "rows are pending; nothing is pending"),
    ("○ ◐", "never ingested; is being ingested, or read again"),
    ("~1,204", "an estimate, until the rows have been counted"),
    (
        "+12",
        "held rows: at or above the horizon, where an open transaction may still add older ones",
    ),
    ("▁▂▅", "pending rows at the last few counts"),
    ("▌", "marked"),
    ("–", "there is none"),
];

/// The help, section by section, without actions that a profile of this safety does not allow.
pub(in crate::console) fn help(keymap: &Keymap, safety: Safety) -> Vec<HelpSection> {
    let signs = SIGNS.map(|(sign, help)| HelpEntry {
        keys: sign.to_owned(),
        help,
    });
    let mut sections = vec![HelpSection {
        heading: "Symbols",
        entries: signs.to_vec(),
    }];
    sections.extend(SECTIONS.map(|(heading, belongs)| {
        HelpSection {
            heading,
            entries: ACTIONS
                .iter()
                .filter(|action| belongs(action.scopes) && action.is_allowed(safety))
                .filter(|action| !keymap.keys(action.id).is_empty())
                .map(|action| HelpEntry {
                    keys: keymap.line(action.id, " "),
                    help: action.help,
                })
                .collect(),
        }
    }));
    sections
}

type Section = (&'static str, fn(&[Scope]) -> bool);

const SECTIONS: [Section; 10] = [
    ("Tables", |scopes| has(scopes, Scope::Tables)),
    ("One table", |scopes| {
        has(scopes, Scope::Table) && !scopes.contains(&Scope::Tables)
    }),
    ("Doctor", |scopes| {
        has(scopes, Scope::Doctor) && !scopes.contains(&Scope::Table)
    }),
    ("Ingest plan", |scopes| has(scopes, Scope::Plan)),
    ("Backfill", |scopes| {
        let is_form = has(scopes, Scope::Backfill) && !scopes.contains(&Scope::Question);
        is_form || has(scopes, Scope::BackfillPlan)
    }),
    ("Preview and objects", |scopes| {
        has(scopes, Scope::Viewer) && !scopes.contains(&Scope::Table)
    }),
    ("Edit", |scopes| has(scopes, Scope::Edit)),
    ("Jobs and journal", |scopes| {
        has(scopes, Scope::Jobs) || has(scopes, Scope::Journal)
    }),
    ("Questions, menus, filter and search", |scopes| {
        [Scope::Question, Scope::Prompt, Scope::Menu, Scope::Palette]
            .iter()
            .any(|scope| has(scopes, *scope))
    }),
    ("Everywhere", is_everywhere),
];

fn has(scopes: &[Scope], scope: Scope) -> bool {
    !is_everywhere(scopes) && scopes.contains(&scope)
}

fn place(scopes: &[Scope]) -> String {
    if is_everywhere(scopes) {
        return "everywhere".to_owned();
    }
    let mut names: Vec<&str> = scopes.iter().map(|scope| scope.title()).collect();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_keys_places_and_effects() {
        let rows = key_table(&Keymap::default());
        let details = rows.iter().find(|row| row.label == "details");
        assert_eq!(
            details.map(|row| (row.keys.as_str(), row.place.as_str())),
            Some(("Enter, E", "Jobs, Journal"))
        );
        assert!(rows.iter().any(|row| row.place == "everywhere"));
        assert!(markdown().contains("| `Space` | Tables |"));
    }

    #[test]
    fn the_readme_shows_the_key_table_as_it_is() {
        let readme = include_str!("../../../README.md");
        let table = readme
            .split_once("a test compares -->\n")
            .and_then(|(_, rest)| rest.split_once("<!-- /keys -->"))
            .map(|(table, _)| table);
        assert_eq!(
            table,
            Some(markdown().as_str()),
            "run: highwater keys --markdown"
        );
    }
}
