//! All actions and tables, found by typing a few letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use crate::console::action::{ACTIONS, Action, Scope};
use crate::console::model::Model;
use crate::console::model::scroll::Direction;
use crate::vocabulary::TableName;

/// Maximum number of tables that are listed.
const TABLES: usize = 50;
/// Maximum number of lines that are shown at once.
pub const LINES: usize = 12;

/// An entry of the palette.
#[derive(Debug, Clone)]
pub enum Entry {
    Action(&'static Action),
    /// An action that belongs to another screen.
    Elsewhere(&'static Action),
    /// Go to this table.
    Table(TableName),
}

/// The input and the entries that match it, best first.
#[derive(Debug, Clone)]
pub struct Palette {
    pub input: Input,
    pub found: Vec<Entry>,
    pub cursor: usize,
    /// The first line shown.
    pub offset: usize,
}

impl Palette {
    /// A palette with nothing typed.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut palette = Self {
            input: Input::default(),
            found: Vec::new(),
            cursor: 0,
            offset: 0,
        };
        palette.search(model);
        palette
    }

    /// Moves the cursor, wrapping around, and keeps it in sight.
    pub fn step(&mut self, direction: Direction) {
        self.cursor = direction.turn(self.cursor, self.found.len());
        let least = (self.cursor + 1).saturating_sub(LINES);
        self.offset = self.offset.clamp(least, self.cursor.max(least));
    }

    /// Searches again for what matches the input.
    pub fn search(&mut self, model: &Model) {
        self.cursor = 0;
        self.offset = 0;
        let typed = self.input.value().trim();
        let actions = actions(model);
        if typed.is_empty() {
            self.found = actions.map(Entry::Action).collect();
            return;
        }
        let mut search = Search::new(typed);
        let mut found: Vec<(u32, Entry)> = actions
            .filter_map(|action| Some((search.action(action)?, Entry::Action(action))))
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut tables: Vec<(u32, &TableName)> = model
            .tables
            .rows
            .iter()
            .filter_map(|row| Some((search.score(&row.digest().name)?, row.table())))
            .collect();
        tables.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let tables = tables
            .into_iter()
            .take(TABLES)
            .map(|(score, table)| (score, Entry::Table(table.clone())));
        found.extend(tables);
        // A table that matches better than an action comes before it.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut others: Vec<(u32, Entry)> = elsewhere(model)
            .filter_map(|action| Some((search.action(action)?, Entry::Elsewhere(action))))
            .collect();
        others.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        // Actions of other screens come last, however well they match.
        let found = found.into_iter().chain(others);
        self.found = found.map(|(_, entry)| entry).collect();
    }
}

/// The actions of the screen in front, except for moving around.
fn actions(model: &Model) -> impl Iterator<Item = &'static Action> + use<> {
    let scope = model.screen_scope();
    of_profile(model).filter(move |action| action.scopes.contains(&scope))
}

/// The actions of other screens and forms.
fn elsewhere(model: &Model) -> impl Iterator<Item = &'static Action> + use<> {
    let scope = model.screen_scope();
    of_profile(model).filter(move |action| {
        !action.scopes.contains(&scope) && action.scopes.iter().any(|scope| scope.is_opened())
    })
}

fn of_profile(model: &Model) -> impl Iterator<Item = &'static Action> + use<> {
    let safety = model.facts.safety;
    ACTIONS.iter().filter(move |action| {
        action.is_allowed(safety)
            && !action.is_movement()
            && !action.scopes.contains(&Scope::Palette)
    })
}

/// Scores how well entries match the input.
struct Search {
    matcher: Matcher,
    /// The letters in order, with others between them.
    fuzzy: Pattern,
    /// Whole words: a few letters in order are found in almost any sentence.
    plain: Pattern,
    characters: Vec<char>,
}

impl Search {
    fn new(typed: &str) -> Self {
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            fuzzy: pattern(typed, AtomKind::Fuzzy),
            plain: pattern(typed, AtomKind::Substring),
            characters: Vec::new(),
        }
    }

    fn score(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.characters);
        self.fuzzy.score(text, &mut self.matcher)
    }

    /// Scores an action by its label, and less by its description.
    fn action(&mut self, action: &Action) -> Option<u32> {
        let label = self.score(action.label).map(|score| score * 2);
        let help = Utf32Str::new(action.help, &mut self.characters);
        label.max(self.plain.score(help, &mut self.matcher))
    }
}

fn pattern(typed: &str, kind: AtomKind) -> Pattern {
    Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, kind)
}
