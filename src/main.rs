//! Parses the command line, installs the error hooks and the log, and hands over.

use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{ColorChoice, CommandFactory, FromArgMatches};
use highwater::commands;
use highwater::commands::cli::Cli;
use highwater::commands::log::{self, Aloud};

/// How long leftover tasks that nobody waits for may delay the exit.
const PATIENCE: Duration = Duration::from_millis(500);

fn main() -> color_eyre::Result<ExitCode> {
    let cli = parse();
    color_eyre::install()?;
    let _log = log::start(cli.global.verbose, aloud(&cli));
    // One worker may be busy encoding while another has to respond to a signal.
    let workers = available_parallelism().map_or(2, |cores| cores.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()?;
    let exit = runtime.block_on(commands::run(cli));
    runtime.shutdown_timeout(PATIENCE);
    Ok(exit.into())
}

/// In the console nothing is logged to stderr: the console has the screen to itself.
const fn aloud(cli: &Cli) -> Aloud {
    match cli.command {
        None => Aloud::Nothing,
        Some(_) if cli.global.verbose > 0 => Aloud::All,
        Some(_) if cli.global.quiet => Aloud::Nothing,
        Some(_) => Aloud::Warnings,
    }
}

/// The command line. Usage errors honour `--no-color` too, although clap prints them before it has
/// parsed the flag.
fn parse() -> Cli {
    let plain = std::env::args_os().any(|word| word == "--no-color");
    let colour = if plain {
        ColorChoice::Never
    } else {
        ColorChoice::Auto
    };
    let mut command = Cli::command().color(colour);
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}
