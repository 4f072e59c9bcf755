//! One table and everything about it, in tabs.

use super::Answer;
use super::doctor::Doctor;
use super::listing::Listing;
use super::pick::Pick;
use super::scroll::{Direction, Scroll};
use super::viewer::{Source, Viewer};
use super::words::Words;
use crate::backend::{
    backfill::BackfillPlan,
    edits::{HistoryEntry, Which},
    table_objects::listing::{ListedObject, ObjectPage},
};
use crate::console::describe;
use crate::figures::timestamp;
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, TableName, Version};

/// A tab of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    State,
    Objects,
    History,
    Preview,
    Findings,
    Columns,
}

impl Tab {
    /// All tabs, in order.
    pub const ALL: [Self; 6] = [
        Self::State,
        Self::Objects,
        Self::History,
        Self::Preview,
        Self::Findings,
        Self::Columns,
    ];

    /// The name of the tab.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Objects => "Objects",
            Self::History => "History",
            Self::Preview => "Next rows",
            Self::Findings => "Findings",
            Self::Columns => "Columns",
        }
    }

    /// The next or the previous tab, wrapping around.
    #[must_use]
    pub const fn turn(self, direction: Direction) -> Self {
        Self::ALL[direction.turn(self as usize, Self::ALL.len())]
    }
}

/// The page of one table. Anything fetched stays until it is fetched again.
#[derive(Debug, Clone)]
pub struct TablePage {
    pub table: TableName,
    pub tab: Tab,
    /// The objects, newest first.
    pub objects: Listing,
    /// All versions of both parameters, newest first.
    pub history: Answer<Vec<HistoryEntry>>,
    /// Its interrupted backfills, newest first.
    pub interrupted: Answer<Vec<BackfillPlan>>,
    /// What ingestion would write next; `None` until the tab is opened.
    pub next_rows: Option<Viewer>,
    /// The findings; `None` until the tab is opened.
    pub doctor: Option<Doctor>,
    /// The object that was looked for because the row of the table mentions it.
    pub sought: Option<SequenceId>,
    /// The versions that are shown.
    versions: Pick,
    /// What every column shown must contain.
    columns: Words,
    scrolls: [Scroll; Tab::ALL.len()],
}

impl TablePage {
    /// A page with nothing fetched yet.
    #[must_use]
    pub fn new(table: TableName, tab: Tab) -> Self {
        Self {
            table,
            tab,
            objects: Listing::default(),
            history: Answer::Waiting,
            interrupted: Answer::Waiting,
            next_rows: None,
            doctor: None,
            sought: None,
            versions: Pick::default(),
            columns: Words::default(),
            scrolls: [Scroll::default(); Tab::ALL.len()],
        }
    }

    /// Stores the newest objects. The cursor stays on its object, which may now have newer ones above it.
    pub fn take_objects(&mut self, newest: ObjectPage) {
        let before = self.object_under_cursor();
        self.objects.renew(newest);
        self.go_to_object(before.as_ref());
    }

    /// Stores the versions. The cursor stays on its version.
    pub fn take_history(&mut self, history: Vec<HistoryEntry>) {
        let before = self.version_under_cursor();
        self.versions.from(&history, holds);
        self.history = Answer::Ready(history);
        self.go_to_version(before);
    }

    fn object_under_cursor(&self) -> Option<ObjectKey> {
        let place = self.scrolls[Tab::Objects as usize].cursor;
        Some(self.objects.at(place)?.key.clone())
    }

    fn go_to_object(&mut self, key: Option<&ObjectKey>) {
        let place = self.objects.shown().position(|one| Some(&one.key) == key);
        if let Some(place) = place {
            self.scrolls[Tab::Objects as usize].cursor = place;
        }
    }

    fn version_under_cursor(&self) -> Option<(ParameterName, Version)> {
        let entry = self.shown_version(self.scrolls[Tab::History as usize].cursor)?;
        Some((entry.parameter.clone(), entry.version))
    }

    fn go_to_version(&mut self, version: Option<(ParameterName, Version)>) {
        let Some((parameter, version)) = version else {
            return;
        };
        let same = |one: &HistoryEntry| one.parameter == parameter && one.version == version;
        let place = self.shown_versions().position(same);
        if let Some(place) = place {
            self.scrolls[Tab::History as usize].cursor = place;
        }
    }

    /// What every line of the tab in front must contain, if the tab is a list that this page filters.
    #[must_use]
    pub const fn filter(&self) -> Option<&Words> {
        match self.tab {
            Tab::Objects => Some(self.objects.filter()),
            Tab::History => Some(self.versions.words()),
            Tab::Columns => Some(&self.columns),
            Tab::State | Tab::Preview | Tab::Findings => None,
        }
    }

    /// Shows only the lines of the tab in front that contain these words. The cursor stays on its line if
    /// that is shown.
    pub fn show_only(&mut self, words: Words) {
        match self.tab {
            Tab::Objects => {
                let before = self.object_under_cursor();
                self.objects.show_only(words);
                self.go_to_object(before.as_ref());
            }
            Tab::History => {
                let before = self.version_under_cursor();
                let history = self.history.ready().map_or(&[][..], Vec::as_slice);
                self.versions.by(words, history, holds);
                self.go_to_version(before);
            }
            Tab::Columns => self.columns = words,
            Tab::State | Tab::Preview | Tab::Findings => {}
        }
    }

    /// The versions that the filter lets through.
    pub fn shown_versions(&self) -> impl Iterator<Item = &HistoryEntry> {
        let history = self.history.ready().map_or(&[][..], Vec::as_slice);
        self.versions.of(history)
    }

    fn shown_version(&self, place: usize) -> Option<&HistoryEntry> {
        self.versions.at(self.history.ready()?, place)
    }

    /// A viewer for what ingestion would write next.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer::new(Source::Preview(self.table.clone()))
    }

    /// The position in the tab in front.
    #[must_use]
    pub const fn scroll(&self) -> Scroll {
        self.scrolls[self.tab as usize]
    }

    /// The position in the tab in front.
    pub const fn scroll_mut(&mut self) -> &mut Scroll {
        &mut self.scrolls[self.tab as usize]
    }

    /// Number of lines of the tab in front, if it is a list.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        match self.tab {
            Tab::Objects => Some(self.objects.shown_len()),
            Tab::History => Some(self.versions.count()),
            Tab::Findings => Some(self.doctor.as_ref().map_or(0, Doctor::lines)),
            _ => None,
        }
    }

    /// The object under the cursor.
    #[must_use]
    pub fn object(&self) -> Option<&ListedObject> {
        if self.tab != Tab::Objects {
            return None;
        }
        self.objects.at(self.scroll().cursor)
    }

    /// The version under the cursor.
    #[must_use]
    pub fn version(&self) -> Option<&HistoryEntry> {
        if self.tab != Tab::History {
            return None;
        }
        self.shown_version(self.scroll().cursor)
    }

    /// Whether `entry` is the newest version of its parameter.
    #[must_use]
    pub fn is_newest(&self, entry: &HistoryEntry) -> bool {
        let all = self.history.ready().into_iter().flatten();
        let same = all.filter(|other| other.parameter == entry.parameter);
        same.map(|other| other.version).max() == Some(entry.version)
    }

    /// The version before `entry` of the same parameter, if the store still has it.
    #[must_use]
    pub fn before(&self, entry: &HistoryEntry) -> Option<&HistoryEntry> {
        self.history
            .ready()?
            .iter()
            .filter(|older| older.parameter == entry.parameter && older.version < entry.version)
            .max_by_key(|older| older.version)
    }

    /// Rows of each object, oldest first, as far as known.
    #[must_use]
    pub fn rows_over_time(&self) -> Vec<u64> {
        let objects = self.objects.ready().map_or(&[][..], Vec::as_slice);
        objects
            .iter()
            .rev()
            .filter_map(|object| object.rows)
            .collect()
    }
}

/// Whether the version, or what the list shows of it, contains a word.
fn holds(entry: &HistoryEntry, word: &str) -> bool {
    let what = match entry.which {
        Which::Timestamp => "timestamp",
        Which::SequenceId => "sequence id",
    };
    let own: [&str; 6] = [
        &entry.value,
        entry.parameter.as_str(),
        &entry.description,
        &entry.written_by,
        &describe::writer(entry),
        &timestamp(entry.written_at),
    ];
    what.contains(word) || own.iter().any(|text| text.to_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_go_round_in_both_directions() {
        assert_eq!(Tab::Columns.turn(Direction::Forward), Tab::State);
        for tab in Tab::ALL {
            let next = tab.turn(Direction::Forward);
            assert_eq!(next.turn(Direction::Backward), tab);
        }
    }
}
