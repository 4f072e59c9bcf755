//! The `[console]` section: keys, colours and glyphs. Only the console knows which actions and keys
//! exist; here they are plain words with the line they stand on.

use super::document::{Known, Section};
use super::error::{ConfigError, Location};

const CONSOLE: Known = &["theme", "glyphs", "keys"];

/// The colours that the console uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// The sixteen colours that the terminal's owner has chosen.
    #[default]
    Terminal,
    /// A palette of its own, for a dark background.
    Dark,
    /// A palette of its own, for a light background.
    Light,
    /// No colour, only bold, dim, underlined and reversed.
    Plain,
}

/// The characters that the console draws with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GlyphChoice {
    /// Unicode if the locale is UTF-8, or if no locale is set.
    #[default]
    Auto,
    Unicode,
    /// Nothing but ASCII, even for what the database holds.
    Ascii,
}

const THEMES: [(&str, ThemeChoice); 4] = [
    ("terminal", ThemeChoice::Terminal),
    ("dark", ThemeChoice::Dark),
    ("light", ThemeChoice::Light),
    ("plain", ThemeChoice::Plain),
];
const GLYPHS: [(&str, GlyphChoice); 3] = [
    ("auto", GlyphChoice::Auto),
    ("unicode", GlyphChoice::Unicode),
    ("ascii", GlyphChoice::Ascii),
];

/// The look of the console, and its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// `None` if the file leaves it to the last choice made in the console.
    pub theme: Option<ThemeChoice>,
    pub glyphs: GlyphChoice,
    pub keys: Vec<KeyBinding>,
}

/// The configured keys of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The action as it is written, known or not.
    pub action: String,
    /// The keys as they are written; an empty list leaves the action without a key.
    pub keys: Vec<String>,
    pub at: Location,
}

impl KeyBinding {
    /// An error about this binding.
    #[must_use]
    pub fn wrong(&self, problem: String) -> ConfigError {
        ConfigError::Invalid {
            at: self.at.clone(),
            key: format!("console.keys.{}", self.action),
            problem,
        }
    }
}

/// Reads `[console]`, which may be left out.
pub(super) fn read(top: &Section<'_>) -> Result<ConsoleConfig, ConfigError> {
    let Some(section) = top.section("console")? else {
        return Ok(ConsoleConfig::default());
    };
    let section = section.with_keys(CONSOLE)?;
    let mut keys = Vec::new();
    if let Some(bindings) = section.section("keys")? {
        for action in bindings.names() {
            keys.push(KeyBinding {
                action: action.to_owned(),
                keys: bindings.list(action)?.unwrap_or_default(),
                at: bindings.place(action),
            });
        }
    }
    keys.sort_by_key(|binding| binding.at.line);
    Ok(ConsoleConfig {
        theme: section.choice("theme", &THEMES)?,
        glyphs: section.choice("glyphs", &GLYPHS)?.unwrap_or_default(),
        keys,
    })
}

/// All keys of the section, for the test that compares them with the documented configuration.
#[cfg(test)]
pub(super) const ALL: Known = CONSOLE;
