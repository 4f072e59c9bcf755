//! The section of the console: keys, colours, signs. Which actions and keys there are, only the
//! console knows; here they are words with the line they stand in.

use super::document::{Known, Section};
use super::error::{ConfigError, Location};

const CONSOLE: Known = &["theme", "glyphs", "keys"];

/// Which colours the console uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// The sixteen colours that the terminal's owner has chosen.
    #[default]
    Terminal,
    /// Colours of its own, for a dark background.
    Dark,
    /// Colours of its own, for a light background.
    Light,
    /// No colour, only bold, dim, underlined and reversed.
    Plain,
}

/// Which signs the console draws with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GlyphChoice {
    /// Unicode where the locale says UTF-8, or none is set.
    #[default]
    Auto,
    Unicode,
    /// Nothing but ASCII, also of what the database holds.
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

/// How the console looks and which keys it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// `None` where the file leaves it to what was chosen last.
    pub theme: Option<ThemeChoice>,
    pub glyphs: GlyphChoice,
    pub keys: Vec<KeyBinding>,
}

/// Other keys for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// As it is written, known or not.
    pub action: String,
    /// As they are written; none takes all keys away.
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

/// All keys of the section, for the test of the documented configuration.
#[cfg(test)]
pub(super) const ALL: Known = CONSOLE;
