//! All actions and tables, found by a few of their letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use crate::console::action::{ACTIONS, Action, Scope};
use crate::console::model::Model;
use crate::console::model::scroll::Direction;
use crate::vocabulary::TableName;

/// Tables that are listed at most.
const TABLES: usize = 50;
/// Lines that are shown at once, at most.
pub const LINES: usize = 12;

/// Something that can be done.
#[derive(Debug, Clone)]
pub enum Entry {
    Action(&'static Action),
    /// Something that is done on another screen.
    Elsewhere(&'static Action),
    /// Go to this table.
    Table(TableName),
}

/// What is typed and what it finds, best first.
#[derive(Debug, Clone)]
pub struct Palette {
    pub input: Input,
    pub found: Vec<Entry>,
    pub cursor: usize,
    /// The first line shown.
    pub offset: usize,
}

impl Palette {
    /// A palette in which nothing is typed.
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

    /// Moves the cursor, going round, and keeps it in sight.
    pub fn step(&mut self, direction: Direction) {
        self.cursor = direction.turn(self.cursor, self.found.len());
        let least = (self.cursor + 1).saturating_sub(LINES);
        self.offset = self.offset.clamp(least, self.cursor.max(least));
    }

    /// Finds anew what matches what is typed.
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
        // A table that matches better than an action stands before it.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut others: Vec<(u32, Entry)> = elsewhere(model)
            .filter_map(|action| Some((search.action(action)?, Entry::Elsewhere(action))))
            .collect();
        others.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        // What cannot be done from here stands below what can, however well it matches.
        let found = found.into_iter().chain(others);
        self.found = found.map(|(_, entry)| entry).collect();
    }
}

/// What the screen in front can do, without what its keys alone are for.
fn actions(model: &Model) -> impl Iterator<Item = &'static Action> + use<> {
    let scope = model.screen_scope();
    of_profile(model).filter(move |action| action.scopes.contains(&scope))
}

/// What other screens and forms can do.
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

/// How well something matches.
struct Search {
    matcher: Matcher,
    /// Letters in their order, with others between them.
    fuzzy: Pattern,
    /// Whole words: in a sentence everything matches a few letters.
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

    /// An action is found by its label first, and by what it does.
    fn action(&mut self, action: &Action) -> Option<u32> {
        let label = self.score(action.label).map(|score| score * 2);
        let help = Utf32Str::new(action.help, &mut self.characters);
        label.max(self.plain.score(help, &mut self.matcher))
    }
}

fn pattern(typed: &str, kind: AtomKind) -> Pattern {
    Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, kind)
}
