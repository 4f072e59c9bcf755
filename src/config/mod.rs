//! Configuration: the file, the environment and the flags become one [`Profile`].
//!
//! [`load`] finds the file, and the profile in it. Values that the file leaves out come from
//! `defaults`, and are documented in `assets/config.toml`. [`template`] names parameters and
//! objects; the methods of [`Profile`] apply all of this to a single table.

mod console;
mod defaults;
mod document;
mod error;
mod file;
mod load;
mod naming;
mod places;
mod profile;
mod redact;
mod selection;
mod starter;
pub mod template;
mod values;

pub use console::{ConsoleConfig, GlyphChoice, KeyBinding, ThemeChoice};
pub use defaults::DEMO;
pub(crate) use document::nearest;
pub use error::{ConfigError, Location};
pub use load::{Request, load, load_console, named_file};
pub use places::{Environment, default_file, state_dir};
pub use profile::*;
pub use redact::redact_url;
pub use selection::Selection;
pub use starter::{Answers, check_bucket, check_database, check_profile, starter};
