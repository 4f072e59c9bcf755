//! The arguments of the commands that look at the two values and repair them.

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::whole;
use crate::backend::doctor::CHOICES;
use crate::backend::finding::FindingCode;
use crate::commands::confirm::Consent;
use crate::vocabulary::{SequenceId, Version};

/// `highwater params`
#[derive(Debug, Subcommand)]
pub enum ParamsCommand {
    /// Both values with their versions
    Get {
        /// The table, as `name` or `schema.name`
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        table: String,
    },
    /// Change one or both values
    Set(SetArgs),
    /// Every version of both values, newest first
    History {
        /// The table, as `name` or `schema.name`
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        table: String,
    },
    /// Go back to an older version
    Revert(RevertArgs),
}

/// `highwater params set`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  highwater params set payment --timestamp -2h --reason 'late corrections'
  highwater params set payment --sequence-id 102 --reason 'object 102 is there'")]
#[command(group = clap::ArgGroup::new("value").required(true).multiple(true))]
pub struct SetArgs {
    /// The table, as `name` or `schema.name`
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    /// New watermark: 2024-05-16T10:50:30Z, 2024-05-16 10:50, -2h (before the stored one), now, yesterday 09:00;
    /// if no zone is given, in the profile's source.timezone
    #[arg(long, value_name = "TS", group = "value", allow_hyphen_values = true)]
    pub timestamp: Option<String>,
    /// New sequence id: the stored one plus one; anything else needs --force
    #[arg(long, value_name = "N", group = "value", allow_negative_numbers = true)]
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
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    /// The version to go back to, as params history shows it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = version)]
    pub version: Version,
    #[command(flatten)]
    pub reason: Reason,
    /// Which value [default: the timestamp, and the sequence id if both were edited together]
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
    /// Do not ask; in a careful profile, not enough for --force or to revert to a number that is not the next
    #[arg(long)]
    pub yes: bool,
    /// Confirm by naming the table; enough for --force, too
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
#[command(after_help = codes_and_examples())]
pub struct DoctorArgs {
    /// Tables, as `name` or `schema.name` [default: all selected]
    #[arg(value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    pub tables: Vec<String>,
    /// Show the writes that would put it right, and apply them once confirmed
    #[arg(long)]
    pub repair: bool,
    /// Only findings with these codes; name tables before it
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',', value_parser = codes(), hide_possible_values = true)]
    pub only: Vec<FindingCode>,
    /// Do not ask; if a finding has several repairs, none is applied without --choose
    #[arg(long, requires = "repair")]
    pub yes: bool,
    /// Which repair, if a finding has several
    #[arg(long, value_name = "ID", requires = "repair", value_parser = PossibleValuesParser::new(CHOICES))]
    pub choose: Option<String>,
}

/// `highwater journal`
#[derive(Debug, Args)]
pub struct JournalArgs {
    /// Newest changes to show
    #[arg(
        long,
        value_name = "N",
        default_value_t = 50,
        allow_negative_numbers = true,
        value_parser = whole::<usize>(0..=u64::MAX)
    )]
    pub limit: usize,
}

/// The part of the doctor's help that follows its options.
fn codes_and_examples() -> String {
    let all: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    format!(
        "\
Codes: {}

Examples:
  highwater doctor payment --repair          show each repair, ask, apply
  highwater doctor --repair --yes            for a script: all that need no choice
  highwater doctor --only stuck-sequence stale --output json",
        all.join(", ")
    )
}

/// Parses a finding code; shells can complete it.
fn codes() -> impl TypedValueParser<Value = FindingCode> {
    let all = FindingCode::ALL.iter().map(|code| code.as_str());
    PossibleValuesParser::new(all).try_map(|code| code.parse::<FindingCode>())
}

fn version(text: &str) -> Result<Version, String> {
    match text.parse() {
        Ok(version) if version > 0 => Ok(Version(version)),
        _ => Err("a version is a number from 1".to_owned()),
    }
}
