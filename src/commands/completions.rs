//! `highwater completions`: completions for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::cli::Cli;

/// The completion script for `shell` to source.
#[must_use]
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "highwater", &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_has_a_script_that_knows_the_commands() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).expect("UTF-8");
            for word in ["ingest", "params", "dry-run"] {
                assert!(script.contains(word), "{shell} does not know {word}");
            }
        }
    }
}
