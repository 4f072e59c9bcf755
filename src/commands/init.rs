//! `highwater init`: asks a few questions and writes a commented configuration file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::cli::Global;
use super::confirm::read_answer;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::machine::variable;
use crate::backend::source::connect::check_url;
use crate::config::{
    self, Answers, check_bucket, check_database, check_profile, default_file, named_file, starter,
};

/// A question whose answer cannot be guessed.
#[derive(Clone, Copy)]
struct Question<'a> {
    text: &'static str,
    /// The value that an empty answer stands for, if there is one.
    presumed: Option<&'a str>,
    /// Says what is wrong with an answer, if anything; the message holds no secret.
    check: fn(&str) -> Result<(), String>,
}

/// Asks for the name of the profile; an empty answer means `presumed`.
const fn profile(presumed: &str) -> Question<'_> {
    Question {
        text: "name of the profile",
        presumed: Some(presumed),
        check: check_profile,
    }
}

const URL: Question<'_> = Question {
    text: "URL of the database, postgres://user@host/database",
    presumed: None,
    check: |url| check_database(url).and_then(|()| check_url(url)),
};

const BUCKET: Question<'_> = Question {
    text: "S3 bucket for the objects",
    presumed: None,
    check: check_bucket,
};

const REGION: Question<'_> = Question {
    text: "AWS region (empty: from the AWS chain)",
    presumed: Some(""),
    check: |_| Ok(()),
};

/// Asks for what cannot be guessed and writes the file. An existing file is left alone.
///
/// # Errors
/// [`CommandError::Refused`] if the file exists, nothing may be written, or there is no terminal to ask on,
/// [`CommandError::Io`] if the file cannot be written.
pub(super) async fn run(invocation: &Invocation) -> Result<Exit, CommandError> {
    if invocation.global.read_only {
        return Err(CommandError::refused(
            "a configuration file is not written with --read-only",
            "leave out --read-only",
        ));
    }
    let file = file(invocation)?;
    if file.exists() {
        return Err(exists(&file));
    }
    let answers = answers_for(&file, invocation).await?;
    write_checked(&file, answers)?;
    // The new profile is the default of its file, so the suggested command need not name it.
    let program = Global {
        profile: None,
        ..invocation.global.clone()
    };
    invocation.notes.note(&format!(
        "wrote {}; check that everything can be reached with: {} check",
        file.display(),
        program.command()
    ));
    Ok(Exit::Done)
}

/// The answers for a new file.
///
/// # Errors
/// [`CommandError::Refused`] if there is nobody to ask, or not every question was answered.
async fn answers_for(file: &Path, invocation: &Invocation) -> Result<Answers, CommandError> {
    let by_hand = format!("run it in a terminal, or write {} by hand", file.display());
    if !invocation.can_ask() {
        return Err(CommandError::refused(
            "there is no terminal to ask on",
            by_hand,
        ));
    }
    ask(invocation).await?.ok_or_else(|| {
        let why = "the input ended before every question was answered, and nothing was written";
        CommandError::refused(why, by_hand)
    })
}

/// Writes the file, and removes it again if it cannot be loaded: the answers may make no sense.
///
/// # Errors
/// [`CommandError::Refused`] if the file exists, [`CommandError::Config`] if it cannot be loaded, [`CommandError::Io`]
/// if it cannot be written, or cannot be removed again.
fn write_checked(file: &Path, answers: Answers) -> Result<(), CommandError> {
    write(file, &starter(&answers)).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => exists(file),
        _ => CommandError::Io {
            doing: format!("writing {}", file.display()),
            cause,
        },
    })?;
    let request = config::Request {
        config: Some(file.to_owned()),
        profile: Some(answers.profile),
        ..config::Request::default()
    };
    if let Err(error) = config::load(&request, &variable) {
        std::fs::remove_file(file).map_err(|cause| CommandError::Io {
            doing: format!("removing {}", file.display()),
            cause,
        })?;
        return Err(error.into());
    }
    Ok(())
}

/// The place where the next run will look for the file.
fn file(invocation: &Invocation) -> Result<PathBuf, CommandError> {
    Ok(
        match named_file(invocation.global.config.clone(), &variable)? {
            Some((file, _)) => file,
            None => default_file(&variable)?,
        },
    )
}

/// All answers; `None` if the input ends before the last one.
async fn ask(invocation: &Invocation) -> Result<Option<Answers>, CommandError> {
    let presumed = invocation.global.profile.as_deref().unwrap_or("dev");
    let Some(profile) = answer(invocation, profile(presumed)).await? else {
        return Ok(None);
    };
    let Some(url) = answer(invocation, URL).await? else {
        return Ok(None);
    };
    let Some(bucket) = answer(invocation, BUCKET).await? else {
        return Ok(None);
    };
    let Some(region) = answer(invocation, REGION).await? else {
        return Ok(None);
    };
    Ok(Some(Answers {
        profile,
        url,
        bucket,
        region: Some(region).filter(|region| !region.is_empty()),
    }))
}

/// One answer. An empty line is asked again unless it has a presumed meaning; an invalid answer is asked again only if
/// a person gives it. `None` if the input ends.
async fn answer(
    invocation: &Invocation,
    question: Question<'_>,
) -> Result<Option<String>, CommandError> {
    let Question { text, presumed, .. } = question;
    loop {
        let hint = presumed.filter(|text| !text.is_empty());
        let hint = hint.map_or_else(String::new, |text| format!(" [{text}]"));
        invocation.notes.say(&format!("{text}{hint}:"));
        let line = invocation.until_interrupted(read_answer()).await?;
        if line.is_empty() {
            return Ok(None);
        }
        let answer = match (line.trim(), presumed) {
            ("", Some(presumed)) => return Ok(Some(presumed.to_owned())),
            ("", None) => continue,
            (answer, _) => answer,
        };
        match (question.check)(answer) {
            Ok(()) => return Ok(Some(answer.to_owned())),
            Err(problem) if invocation.has_person() => invocation.notes.say(&problem),
            Err(problem) => {
                let problem = format!("{text}: {problem}");
                return Err(CommandError::usage(problem, "nothing was written"));
            }
        }
    }
}

/// Creates the file readable only by its owner, since the URL may hold a password; never overwrites another file.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(file)?.write_all(text.as_bytes())
}

fn exists(file: &Path) -> CommandError {
    CommandError::refused(
        format!("{} already exists", file.display()),
        "edit it, or name another file with --config",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("highwater/config.toml");
        write(&file, "one").expect("written");
        let mode = file.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let error = write(&file, "two").expect_err("it is there");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "one");
    }
}
