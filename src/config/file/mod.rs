//! The profiles of a configuration file.

mod profile;
mod stores;

use std::collections::BTreeMap;
use std::path::Path;

use super::document::{Document, Known, Section, did_you_mean};
use super::error::ConfigError;
use super::places::Environment;
use super::{ConsoleConfig, Profile, console, values};

type Result<T> = std::result::Result<T, ConfigError>;

const TOP: Known = &["default_profile", "console", "profiles"];

/// The contents of a file.
pub(super) struct File {
    pub(super) default_profile: Option<String>,
    /// Whether it has a `[console]` section and nothing else, so that no profile is missing.
    pub(super) console_alone: bool,
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// What the paths and defaults in a file depend on.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    /// The folder of the file.
    base: &'a Path,
    env: Environment<'a>,
}

/// Reads all profiles of `document`, so that an error is found even in a profile that is not used now.
pub(super) fn read(document: &Document, env: Environment<'_>) -> Result<File> {
    let around = Surroundings {
        base: document.path().parent().unwrap_or_else(|| Path::new("")),
        env,
    };
    let table = document.parse()?;
    let top = Section::top(document, &table).with_keys(TOP)?;
    let console = console::read(&top)?;
    let mut profiles = BTreeMap::new();
    if let Some(sections) = top.section("profiles")? {
        for name in sections.names() {
            if let Err(problem) = values::plain_name(name) {
                return Err(sections.invalid(name, problem));
            }
            if let Some(section) = sections.section(name)? {
                let mut profile = profile::read(section, name, around)?;
                profile.console.clone_from(&console);
                profiles.insert(name.to_owned(), profile);
            }
        }
    }
    let default_profile = top.text("default_profile")?.map(str::to_owned);
    if let Some(name) = &default_profile
        && !profiles.contains_key(name)
    {
        let nearest = did_you_mean(name, profiles.keys().map(String::as_str));
        let problem = format!("there is no profile {name:?}{nearest}");
        return Err(top.invalid("default_profile", problem));
    }
    let names: Vec<&str> = top.names().collect();
    Ok(File {
        default_profile,
        console_alone: names == ["console"],
        profiles,
    })
}

/// Reads only the console's settings, and no profile.
pub(super) fn read_console(document: &Document) -> Result<ConsoleConfig> {
    let table = document.parse()?;
    let top = Section::top(document, &table).with_keys(TOP)?;
    console::read(&top)
}

/// Overwrites a default with the file's value, if it has one.
fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

#[cfg(test)]
mod tests;
