//! The command line.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::confirm::Consent;
use super::notes::Notes;
use super::output::Format;
use crate::backend::SequenceId;
use crate::backend::backfill::BackfillId;
use crate::backend::finding::FindingCode;
use crate::backend::parameters::Version;

/// Operations console for incremental ingestion from PostgreSQL to S3 as JSON Lines
///
/// Without a command it opens the console; without any configuration, the console over a built-in
/// demo.
#[derive(Debug, Parser)]
#[command(name = "highwater", version, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done, 1 failed (of several tables the others are done), 2 usage or configuration,
3 doctor found errors or warnings, 4 refused (read-only, or not confirmed), 130 interrupted (nothing half-written)")]
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
    /// How results are printed, where it applies
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

    /// stderr under these flags.
    #[must_use]
    pub fn notes(&self) -> Notes {
        Notes::new(self.quiet, self.colour() && io::stdout().is_terminal())
    }
}

/// What can be asked for without the console.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Profile(ProfileCommand),
    /// Write a commented configuration file by asking
    Init,
    /// The keys of the console
    Keys {
        /// As a Markdown table, as it stands in the README
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
    /// Read an older range again, as further objects; the watermark stays
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

/// `highwater status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Tables, as `name` or `schema.name` [default: all selected]
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// Count pending rows, however long it takes
    #[arg(long)]
    pub exact: bool,
}

/// `highwater ingest`
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Tables, as `name` or `schema.name`
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// All selected tables
    #[arg(long, conflicts_with = "tables")]
    pub all: bool,
    /// Only say what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// Rows an object may have, where that is less than the profile allows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_rows: Option<u64>,
    /// Tables at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// Do not ask in a careful profile
    #[arg(long)]
    pub yes: bool,
}

/// `highwater backfill`
#[derive(Debug, Args)]
pub struct BackfillArgs {
    /// The table, as `name` or `schema.name`
    pub table: String,
    /// Where the range begins, inclusive: 2024-05-16, 2024-05-16T10:50:30Z, -2d, yesterday 09:00
    #[arg(
        long,
        value_name = "TS",
        allow_hyphen_values = true,
        required_unless_present = "resume",
        requires = "to"
    )]
    pub from: Option<String>,
    /// Where it ends, exclusive; not beyond the watermark
    #[arg(
        long,
        value_name = "TS",
        allow_hyphen_values = true,
        required_unless_present = "resume",
        requires = "from"
    )]
    pub to: Option<String>,
    /// Time that one object holds at most [default: 1d, or that of the backfill to go on with]
    #[arg(long, value_name = "DURATION", value_parser = chunk)]
    pub chunk: Option<Duration>,
    /// Go on with a backfill that was interrupted: what it has written is left out. One that was begun
    /// from this machine needs no range, and no id where it is the only one
    #[arg(long, value_name = "ID", num_args = 0..=1)]
    pub resume: Option<Option<BackfillId>>,
    /// Only say what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask in a careful profile
    #[arg(long)]
    pub yes: bool,
}

/// `highwater preview`
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The table, as `name` or `schema.name`
    pub table: String,
    /// Lines to show [default: all; on a terminal 100]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// `highwater params`
#[derive(Debug, Subcommand)]
pub enum ParamsCommand {
    /// Both values with their versions
    Get {
        /// The table, as `name` or `schema.name`
        table: String,
    },
    /// Change one or both values
    Set(SetArgs),
    /// Every version of both values, newest first
    History {
        /// The table, as `name` or `schema.name`
        table: String,
    },
    /// Go back to an older version
    Revert(RevertArgs),
}

/// `highwater params set`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("value").required(true).multiple(true))]
pub struct SetArgs {
    /// The table, as `name` or `schema.name`
    pub table: String,
    /// New watermark: 2024-05-16T10:50:30Z, 2024-05-16 10:50, -2h, now, yesterday 09:00
    #[arg(long, value_name = "TS", group = "value", allow_hyphen_values = true)]
    pub timestamp: Option<String>,
    /// New sequence id: the stored one plus one; anything else needs --force
    #[arg(long, value_name = "N", group = "value")]
    pub sequence_id: Option<SequenceId>,
    #[command(flatten)]
    pub reason: Reason,
    /// Allow any sequence id
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

/// `highwater params revert`
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub struct RevertArgs {
    /// The table, as `name` or `schema.name`
    pub table: String,
    /// The version to go back to, as params history shows it
    #[arg(long, value_name = "N", value_parser = version)]
    pub version: Version,
    #[command(flatten)]
    pub reason: Reason,
    /// Which value [default: the timestamp, and the sequence id if it was edited with it]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub parameter: Option<ParameterArg>,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

/// Why a value is changed.
#[derive(Debug, Args)]
pub struct Reason {
    /// Why; kept in the parameter's description and in the journal
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
}

/// Flags that stand for a typed confirmation.
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// Do not ask in a careful profile; not enough for --force
    #[arg(long)]
    pub yes: bool,
    /// Confirm by naming the table, also --force
    #[arg(long, value_name = "TABLE")]
    pub confirm: Option<String>,
}

impl From<&ConsentArgs> for Consent {
    fn from(args: &ConsentArgs) -> Self {
        Self {
            yes: args.yes,
            confirm: args.confirm.clone(),
        }
    }
}

/// One of the two values, as it is named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ParameterArg {
    Timestamp,
    SequenceId,
}

/// `highwater doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Tables, as `name` or `schema.name` [default: all selected]
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// Show the writes that would put it right, and do them once they are confirmed
    #[arg(long)]
    pub repair: bool,
    /// Only findings with these codes; name tables before it
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',', value_parser = code)]
    pub only: Vec<FindingCode>,
    /// Do not ask; where a finding has several repairs, none of them is done without --choose
    #[arg(long, requires = "repair")]
    pub yes: bool,
    /// Which repair, where a finding has several: use-object, keep-parameter
    #[arg(long, value_name = "ID", requires = "repair")]
    pub choose: Option<String>,
}

/// `highwater objects`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ObjectsArgs {
    #[command(subcommand)]
    pub command: Option<ObjectsCommand>,
    /// The table, as `name` or `schema.name`; one named cat as `public.cat`
    #[arg(required = true)]
    pub table: Option<String>,
    /// Newest objects to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// `highwater objects cat`
#[derive(Debug, Subcommand)]
pub enum ObjectsCommand {
    /// The rows of an object, one a line
    Cat {
        /// Key of the object, without its bucket
        key: String,
        /// Rows to show [default: all; on a terminal 100]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

/// `highwater journal`
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// Newest changes to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// `highwater man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A command, for its own page: params set
    #[arg(value_name = "COMMAND", conflicts_with = "directory")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: Option<PathBuf>,
}

/// `highwater demo`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DemoCommand {
    /// Start the demo over: its database, values and objects are made anew
    Reset,
}

fn code(text: &str) -> Result<FindingCode, String> {
    text.parse().map_err(|error| {
        let codes: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        format!("{error}; they are {}", codes.join(", "))
    })
}

fn version(text: &str) -> Result<Version, String> {
    match text.parse() {
        Ok(version) if version > 0 => Ok(Version(version)),
        _ => Err("a version is a number from 1".to_owned()),
    }
}

/// # Errors
/// What is wrong with a text that is no duration longer than nothing.
fn chunk(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a chunk has to be longer than nothing".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;
    use std::fmt::Write as _;

    fn parse(line: &str) -> Result<Cli, ErrorKind> {
        let words = std::iter::once("highwater").chain(line.split_whitespace());
        Cli::try_parse_from(words).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_spelling_of_the_contract_is_accepted() {
        for line in [
            "",
            "status",
            "status payment public.staff --exact --output json",
            "ingest --all --dry-run --max-rows 10 --concurrency 2 --demo",
            "ingest payment --yes -q",
            "preview payment --limit 3",
            "params get payment --output csv",
            "params set payment --timestamp -2h --reason why",
            "params set payment --sequence-id 7 --force --confirm payment --reason why",
            "params history payment --output jsonl",
            "params revert payment --version 3 --reason why --parameter sequence-id",
            "doctor",
            "doctor payment staff --output json",
            "doctor payment --repair --only stuck-sequence sequence-ahead --yes",
            "doctor --repair --only stuck-sequence,stale --choose use-object",
            "backfill payment --from -2d --to yesterday --chunk 6h --dry-run",
            "backfill payment --resume",
            "backfill payment --resume 20240516T105030-1f3a5c7e --yes",
            "objects payment --limit 5",
            "objects cat payment/payment_00000001.jsonl --limit 5",
            "journal --limit 5 --no-color -vv",
            "check --config a.toml --profile prod --read-only",
            "init",
            "keys",
            "completions zsh",
            "man",
            "man params set",
            "demo reset",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
        }
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        for line in [
            "ingest payment --all",
            "backfill payment",
            "backfill payment --from -2d",
            "backfill payment --from -2d --resume",
            "ingest --all --max-rows 0",
            "ingest --all --concurrency 0",
            "params set payment --reason why",
            "params set payment --timestamp now",
            "params set payment --timestamp now --reason",
            "params revert payment --reason why",
            "params revert payment --version 0 --reason why",
            "doctor --yes",
            "doctor --only nonsense",
            "objects",
            "preview",
            "status --output yaml",
            "status --demo --profile prod",
            "nonsense",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_of_every_command_reads_as_agreed() {
        let mut command = Cli::command().term_width(100);
        command.build();
        let mut text = String::new();
        add_help(&command, &mut text);
        insta::assert_snapshot!("help", text);
    }

    fn add_help(command: &clap::Command, text: &mut String) {
        let name = command.get_display_name().unwrap_or("highwater");
        let help = command.clone().render_help();
        // The global options are said once, with the program.
        let help = help.to_string();
        let (own, _) = match help.split_once("Global options:") {
            Some(parts) if name != "highwater" => parts,
            _ => (help.as_str(), ""),
        };
        let _ = writeln!(text, "──── {name}\n{}\n", own.trim_end());
        for subcommand in command.get_subcommands() {
            if subcommand.get_name() != "help" {
                add_help(subcommand, text);
            }
        }
    }

    #[test]
    fn objects_takes_a_table_or_cat_and_a_key() {
        let objects = |line| match parse(line).expect("a command line").command {
            Some(Command::Profile(ProfileCommand::Objects(args))) => args,
            other => panic!("{other:?}"),
        };
        assert_eq!(objects("objects payment").table.as_deref(), Some("payment"));
        assert!(objects("objects cat a/b").table.is_none());
    }
}
