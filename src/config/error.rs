//! Errors in the configuration.

use std::fmt;
use std::path::{Path, PathBuf};

use super::template::TemplateError;
use crate::text::shell;
use crate::vocabulary::TableName;

/// A line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Why there is no profile to work with. Every message says where the error is and what to do; none
/// contains the line itself, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}, named by {named_by}, does not exist; correct that, or write the file with: {}", .file.display(), init(.file, .named_by))]
    Missing {
        file: PathBuf,
        /// `--config` or `HIGHWATER_CONFIG`.
        named_by: &'static str,
    },

    #[error("{} cannot be read", .file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        cause: std::io::Error,
    },

    #[error("{at}: this is not TOML: {problem}")]
    Syntax { at: Location, problem: String },

    #[error("{at}: there is no {key} in {section}; {hint}")]
    UnknownKey {
        at: Location,
        key: String,
        section: String,
        /// The nearest known key, or all of them.
        hint: String,
    },

    #[error("{at}: {key} is {found}, but {expected} is expected")]
    WrongType {
        at: Location,
        key: String,
        found: &'static str,
        expected: &'static str,
    },

    #[error("{at}: {section} lacks {key}, {what}")]
    MissingKey {
        at: Location,
        section: String,
        key: &'static str,
        /// What the key is for, with an example.
        what: &'static str,
    },

    #[error("{at}: {key}: {problem}")]
    Invalid {
        at: Location,
        key: String,
        problem: String,
    },

    #[error(
        "profile {profile:?} was asked for by {asked_by}, but there is no configuration{}; write one with: highwater init",
        looked_at(.file.as_ref())
    )]
    NoConfiguration {
        profile: String,
        asked_by: &'static str,
        /// The place where the configuration would be.
        file: Option<PathBuf>,
    },

    #[error("{} has no profile {profile:?}, asked for by {asked_by}; {hint}", .file.display())]
    UnknownProfile {
        file: PathBuf,
        profile: String,
        asked_by: &'static str,
        /// The nearest profile, or all of them.
        hint: String,
    },

    #[error("{} has several profiles ({available}): choose one with --profile, HIGHWATER_PROFILE or default_profile", .file.display())]
    NoProfileChosen { file: PathBuf, available: String },

    #[error("{} has no profile; one starts with [profiles.NAME.source]", .file.display())]
    NoProfiles { file: PathBuf },

    #[error("the home folder is not known: set HOME{}", or_variable(.variable))]
    NoHome { variable: &'static str },

    #[error("profile {profile}: source.tables or source.exclude: {cause}")]
    Globs {
        profile: String,
        #[source]
        cause: globset::Error,
    },

    #[error("profile {profile}: {setting} = {template:?} gives no valid name for {table}: {cause}")]
    Unnamable {
        profile: String,
        setting: &'static str,
        template: String,
        table: Box<TableName>,
        #[source]
        cause: TemplateError,
    },

    #[error("profile {profile}: under {setting} = {template:?} {} would share the name {name}; {}", pair(.tables), cure(.tables, .template))]
    SharedName {
        profile: String,
        setting: &'static str,
        template: String,
        /// The same table twice if its own two parameters share the name.
        tables: Box<[TableName; 2]>,
        name: String,
    },

    #[error(
        "profile {profile}: {} and {} look the same when shown, and nobody could tell which is meant: leave one out with source.exclude",
        tables[0],
        tables[1]
    )]
    ShownAlike {
        profile: String,
        /// Quoted as in SQL.
        tables: Box<[String; 2]>,
    },
}

/// The command that writes the file.
fn init(file: &Path, named_by: &str) -> String {
    if named_by == "--config" {
        let file = shell(&file.to_string_lossy());
        format!("highwater --config {file} init")
    } else {
        "highwater init".to_owned()
    }
}

fn looked_at(file: Option<&PathBuf>) -> String {
    file.map_or_else(String::new, |file| format!(" at {}", file.display()))
}

fn pair([first, second]: &[TableName; 2]) -> String {
    if first == second {
        format!("the timestamp and the sequence id of {first}")
    } else {
        format!("{first} and {second}")
    }
}

fn cure([first, second]: &[TableName; 2], template: &str) -> String {
    if first == second {
        "let the two templates differ".to_owned()
    } else if first.schema() == second.schema() {
        "let their templates differ, or leave one of them out with source.exclude".to_owned()
    } else if template.contains("{schema}") {
        "put something that is in neither name, such as a slash, between {schema} and {table}, or leave one of them out with source.exclude".to_owned()
    } else {
        "put {schema} into the template, or leave one of them out with source.exclude".to_owned()
    }
}

fn or_variable(variable: &str) -> String {
    if variable == "~" {
        ", or write the path without ~".to_owned()
    } else {
        format!(" or {variable}")
    }
}
