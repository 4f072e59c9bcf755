//! How a user likes to see the tables of a profile, kept from one start to the next.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::model::column::LeftOut;
use super::model::sort::Sort;
use crate::config::ThemeChoice;

/// The preferences for one profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub sort: Sort,
    /// Whether timestamps are shown as ages.
    pub age: bool,
    /// Columns of the Tables screen that are hidden.
    pub left_out: LeftOut,
    /// `None` until a theme has been chosen.
    pub theme: Option<ThemeChoice>,
    /// Whether the tour has been offered.
    pub toured: bool,
}

/// The file in which preferences are kept, opened for one profile.
#[derive(Debug, Clone)]
pub struct PreferencesFile {
    path: PathBuf,
    profile: String,
    /// Preferences that are yet to be written.
    latest: Arc<Mutex<Option<Preferences>>>,
    /// Held while the file is written.
    writing: Arc<Mutex<()>>,
}

impl PreferencesFile {
    /// The preferences of `profile` in `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, profile: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            profile: profile.into(),
            latest: Arc::default(),
            writing: Arc::default(),
        }
    }

    /// Returns the stored preferences. If the file is missing or cannot be read, returns the defaults: a
    /// preference never keeps anybody from working.
    #[must_use]
    pub fn load(&self) -> Preferences {
        let all = read(&self.path).unwrap_or_default();
        all.get(&self.profile).copied().unwrap_or_default()
    }

    /// Sets what the next [`save`](Self::save) will write.
    pub fn set(&self, preferences: Preferences) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = Some(preferences);
    }

    /// Writes what was last set, next to the preferences of other profiles, unless another `save` has
    /// written it already. The file is replaced as a whole, so that another program never reads half of
    /// it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = self
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(preferences) = latest else {
            return Ok(());
        };
        let mut all = read(&self.path).unwrap_or_default();
        all.insert(self.profile.clone(), preferences);
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = self
            .path
            .with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&fresh, serde_json::to_vec_pretty(&all)?)?;
        std::fs::rename(&fresh, &self.path)
    }
}

fn read(path: &Path) -> Option<BTreeMap<String, Preferences>> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::model::column::Column;
    use crate::console::model::sort::SortColumn;

    #[test]
    fn each_profile_keeps_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/console.json");
        let prod = PreferencesFile::new(&path, "prod");
        let dev = PreferencesFile::new(&path, "dev");
        assert_eq!(prod.load(), Preferences::default());
        let liked = Preferences {
            sort: Sort::default().choose(SortColumn::Pending),
            age: true,
            left_out: LeftOut::default().toggle(Column::Trend),
            theme: Some(ThemeChoice::Light),
            toured: true,
        };
        prod.set(Preferences::default());
        prod.set(liked);
        prod.save().expect("kept");
        // The save that was queued for the earlier value finds nothing left to write.
        prod.save().expect("kept");
        dev.set(Preferences::default());
        dev.save().expect("kept");
        assert_eq!((prod.load(), dev.load()), (liked, Preferences::default()));
        std::fs::write(&path, "{ nonsense").expect("written");
        assert_eq!(prod.load(), Preferences::default());
    }
}
