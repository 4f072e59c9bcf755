//! The command line.

mod ingestion;
#[cfg(test)]
mod tests;
mod values;

use std::io::{self, IsTerminal as _};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

pub use ingestion::{
    BackfillArgs, IngestArgs, ObjectsArgs, ObjectsCommand, PreviewArgs, StatusArgs,
};
pub use values::{
    ConsentArgs, DoctorArgs, JournalArgs, ParameterArg, ParamsCommand, Reason, RevertArgs, SetArgs,
};

use super::notes::Notes;
use super::output::Format;
use crate::text::shell;

/// Operations console for incremental ingestion from PostgreSQL to S3 as JSON Lines
///
/// Without a command it opens the console; without any configuration, on a built-in demo.
#[derive(Debug, Parser)]
#[command(name = "highwater", version, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done, 1 failed (of several tables the others are done), 2 usage or configuration,
3 doctor found errors or warnings, 4 refused (read-only, or not confirmed), 130 interrupted (nothing half-written)

Kept in $XDG_STATE_HOME/highwater (~/.local/state/highwater): the journal, log/ of the last week,
the demo, and local stores")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file [default: `$HIGHWATER_CONFIG`, then `$XDG_CONFIG_HOME/highwater/config.toml`]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Profile [default: `$HIGHWATER_PROFILE`, then the file's `default_profile`]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Use the built-in demo instead of a profile
    #[arg(long, global = true, conflicts_with_all = ["config", "profile"])]
    pub demo: bool,
    /// Refuse every write, whatever the profile says
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Format of the results, where it applies
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value_t
    )]
    pub output: Format,
    /// No colours [also: the environment variable `NO_COLOR`]
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log more: -v what is done, -vv every step; also to stderr, except in the console
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl Global {
    /// Whether colours are allowed at all (<https://no-color.org>: set and not empty forbids them).
    #[must_use]
    pub fn colour(&self) -> bool {
        !self.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Whether the output of commands may be coloured on a terminal: the terminal also has to support it.
    #[must_use]
    pub fn paints(&self) -> bool {
        self.colour() && terminal_obeys()
    }

    /// The beginning of a command line for the same profile.
    #[must_use]
    pub fn command(&self) -> String {
        let mut command = "highwater".to_owned();
        if self.demo {
            command.push_str(" --demo");
        }
        if let Some(file) = &self.config {
            command.push_str(" --config ");
            command.push_str(&shell(&file.to_string_lossy()));
        }
        if let Some(profile) = &self.profile {
            command.push_str(" --profile ");
            command.push_str(&shell(profile));
        }
        command
    }

    /// The notes on stderr, as these flags configure them.
    #[must_use]
    pub fn notes(&self) -> Notes {
        Notes::new(self.quiet, self.paints() && io::stdout().is_terminal())
    }
}

/// Whether the terminal obeys escape sequences: one that is called dumb, as in an editor, or has no name at all, would
/// print them.
#[must_use]
pub fn terminal_obeys() -> bool {
    std::env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb")
}

/// What can be asked for without the console.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Profile(ProfileCommand),
    /// Ask a few questions and write a commented configuration file
    Init,
    /// The keys of the console, as configured
    Keys {
        /// The default keys as the Markdown table of the README
        #[arg(long)]
        markdown: bool,
    },
    /// Completions for a shell, on stdout
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// The manual page, on stdout
    Man(ManArgs),
    /// The built-in demo
    #[command(subcommand)]
    Demo(DemoCommand),
}

/// Commands that work on a profile.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Where every table stands
    Status(StatusArgs),
    /// Write what is pending
    Ingest(IngestArgs),
    /// Re-read an older range into further objects; the watermark stays
    Backfill(BackfillArgs),
    /// The JSON lines that ingestion would write
    Preview(PreviewArgs),
    /// The two stored values of a table
    #[command(subcommand)]
    Params(ParamsCommand),
    /// What is wrong, what shows it, and what would put it right
    Doctor(DoctorArgs),
    /// What has been written
    Objects(ObjectsArgs),
    /// Every change made from this machine
    Journal(JournalArgs),
    /// Reach every store and say which permission is missing
    Check,
}

/// `highwater man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Show the page of this command, such as params set
    #[arg(value_name = "COMMAND", conflicts_with = "directory")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: Option<PathBuf>,
}

/// `highwater demo`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DemoCommand {
    /// Start the demo over, with a new database, values and objects
    Reset,
}

/// A reader of whole numbers within `range`, which says in words what is expected: the standard library only
/// tells of digits, and not of numbers.
fn whole<N: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<N, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| match (range.start(), range.end()) {
                (least, &u64::MAX) => format!("a whole number from {least} is expected"),
                (least, most) => format!("a whole number from {least} to {most} is expected"),
            })
    }
}
