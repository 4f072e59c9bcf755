//! `highwater man`: the manual pages.

use std::io;
use std::path::Path;

use clap::CommandFactory;

use super::cli::{Cli, ManArgs};
use super::error::CommandError;
use super::exit::Exit;
use super::output::Out;

/// Prints a page, or writes all of them into a folder.
///
/// # Errors
/// [`CommandError::Usage`] if there is no such command, [`CommandError::Io`] if a page cannot be
/// written.
pub fn run(args: &ManArgs) -> Result<Exit, CommandError> {
    match &args.directory {
        Some(directory) => write_all(directory)?,
        None => Out::text(&page(&args.command)?)?,
    }
    Ok(Exit::Done)
}

/// The page of the command that `words` name; of the program itself if there are none.
fn page(words: &[String]) -> Result<Vec<u8>, CommandError> {
    let mut command = Cli::command();
    command.build();
    let found = words.iter().try_fold(&command, |command, word| {
        command.find_subcommand(word).ok_or_else(|| {
            CommandError::usage(
                format!("there is no command {}", words.join(" ")),
                "highwater --help lists the commands",
            )
        })
    })?;
    // A subcommand's page is named after its full path: highwater-params-set.
    let title = found.get_display_name().unwrap_or_else(|| found.get_name());
    let mut page = Vec::new();
    clap_mangen::Man::new(found.clone())
        .title(title)
        .render(&mut page)
        .map_err(|cause| failed("writing the page", cause))?;
    Ok(page)
}

fn write_all(directory: &Path) -> Result<(), CommandError> {
    let doing = || format!("writing pages into {}", directory.display());
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(|cause| failed(doing(), cause))
}

fn failed(doing: impl Into<String>, cause: io::Error) -> CommandError {
    CommandError::Io {
        doing: doing.into(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[&str]) -> Result<String, CommandError> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        Ok(String::from_utf8(page(&words)?).expect("UTF-8"))
    }

    #[test]
    fn the_program_and_each_command_have_a_page() {
        let page = text(&[]).expect("a page");
        assert!(page.contains(".TH highwater 1"), "{page}");
        let page = text(&["params", "set"]).expect("a page");
        assert!(page.contains(".TH highwater-params-set 1"), "{page}");
        assert!(page.contains("reason"));
    }

    #[test]
    fn an_unknown_command_is_a_usage_error() {
        let error = text(&["nonsense"]).expect_err("no page");
        assert_eq!(error.exit(), Exit::Usage);
    }

    #[test]
    fn all_pages_are_written_into_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        write_all(folder.path()).expect("pages");
        for name in [
            "highwater.1",
            "highwater-ingest.1",
            "highwater-params-set.1",
        ] {
            assert!(folder.path().join(name).exists(), "{name}");
        }
    }
}
