//! The arguments of the commands that look at tables and move rows.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::whole;
use crate::vocabulary::BackfillId;

/// `highwater status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Tables, as `name` or `schema.name` [default: all selected]
    #[arg(value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    pub tables: Vec<String>,
    /// Count pending rows, however long it takes
    #[arg(long)]
    pub exact: bool,
}

/// `highwater ingest`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  highwater ingest --all                     what is pending in every selected table
  highwater ingest payment staff --dry-run   only say which objects would be written")]
pub struct IngestArgs {
    /// Tables, as `name` or `schema.name`
    #[arg(value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    pub tables: Vec<String>,
    /// All selected tables
    #[arg(long, conflicts_with = "tables")]
    pub all: bool,
    /// Only say what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// The most rows per object, if less than the profile allows
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(1..=u64::MAX))]
    pub max_rows: Option<u64>,
    /// Tables to ingest at once
    #[arg(long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = whole::<u16>(1..=u64::from(u16::MAX)))]
    pub concurrency: u16,
    /// Do not ask in a careful profile
    #[arg(long)]
    pub yes: bool,
}

/// `highwater backfill`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  highwater backfill payment --from 2026-05-01 --to 2026-05-08 --dry-run
  highwater backfill payment --resume        resume the one that was interrupted")]
pub struct BackfillArgs {
    /// The table, as `name` or `schema.name`
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    /// Where the range begins, inclusive: 2024-05-16, 2024-05-16T10:50:30Z, -2d, yesterday 09:00; if no
    /// zone is given, in the profile's source.timezone
    #[arg(
        long,
        value_name = "TS",
        allow_hyphen_values = true,
        required_unless_present_any = ["resume", "forget"],
        requires = "to"
    )]
    pub from: Option<String>,
    /// Where it ends, exclusive; not beyond the watermark
    #[arg(
        long,
        value_name = "TS",
        allow_hyphen_values = true,
        required_unless_present_any = ["resume", "forget"],
        requires = "from"
    )]
    pub to: Option<String>,
    /// The most time that one object covers [default: 1d, or that of the backfill to resume]
    #[arg(long, value_name = "DURATION", value_parser = chunk)]
    pub chunk: Option<Duration>,
    /// Resume a backfill that was interrupted, leaving out what it has written. One that was begun
    /// from this machine needs no range, and no id if it is the only one
    #[arg(long, value_name = "ID", num_args = 0..=1)]
    pub resume: Option<Option<BackfillId>>,
    /// Forget a backfill that was begun from this machine and interrupted, instead of resuming it: what it has
    /// written stays. No id is needed if it is the only one
    #[arg(
        long,
        value_name = "ID",
        num_args = 0..=1,
        conflicts_with_all = ["from", "to", "chunk", "resume", "dry_run"]
    )]
    pub forget: Option<Option<BackfillId>>,
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
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    /// Lines to show [default: all; on a terminal 100]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>(0..=u64::MAX))]
    pub limit: Option<usize>,
}

/// `highwater objects`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ObjectsArgs {
    #[command(subcommand)]
    pub command: Option<ObjectsCommand>,
    /// The table, as `name` or `schema.name`; one named cat as `public.cat`
    #[arg(required = true, value_parser = NonEmptyStringValueParser::new())]
    pub table: Option<String>,
    /// Newest objects to show
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        allow_negative_numbers = true,
        value_parser = whole::<usize>(0..=u64::MAX)
    )]
    pub limit: usize,
}

/// `highwater objects cat`
#[derive(Debug, Subcommand)]
pub enum ObjectsCommand {
    /// The rows of an object, one per line
    Cat {
        /// Key of the object, without its bucket
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        key: String,
        /// Rows to show [default: all; on a terminal 100]
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>(0..=u64::MAX))]
        limit: Option<usize>,
    },
}

/// # Errors
/// A message for a text that is not a duration, or is a duration of zero.
fn chunk(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("a chunk has to be longer than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}
