//! `highwater init`: a commented configuration file, by asking.

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

/// Something that cannot be guessed.
#[derive(Clone, Copy)]
struct Question<'a> {
    text: &'static str,
    /// What no answer means, where it means something.
    presumed: Option<&'a str>,
    /// What is wrong with an answer, if anything is; holds no secret.
    check: fn(&str) -> Result<(), String>,
}

/// The questions, where no answer to the first means `profile`.
fn questions(profile: &str) -> [Question<'_>; 4] {
    [
        Question {
            text: "name of the profile",
            presumed: Some(profile),
            check: check_profile,
        },
        Question {
            text: "URL of the database, postgres://user@host/database",
            presumed: None,
            check: |url| check_database(url).and_then(|()| check_url(url)),
        },
        Question {
            text: "S3 bucket for the objects",
            presumed: None,
            check: check_bucket,
        },
        Question {
            text: "AWS region (empty: as the AWS chain has it)",
            presumed: Some(""),
            check: |_| Ok(()),
        },
    ]
}

/// Asks for what cannot be guessed and writes the file. One that is there is left alone.
///
/// # Errors
/// [`CommandError::Refused`] where the file exists, nothing may be written, or there is no terminal to ask on,
/// [`CommandError::Io`] where it cannot be written.
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
    let by_hand = format!("run it on a terminal, or write {} by hand", file.display());
    if !invocation.can_ask() {
        return Err(CommandError::refused(
            "there is no terminal to ask on",
            by_hand,
        ));
    }
    let Some(answers) = ask(invocation).await? else {
        let why = "the input ended before every question was answered, and nothing was written";
        return Err(CommandError::refused(why, by_hand));
    };
    write(&file, &starter(&answers)).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => exists(&file),
        _ => CommandError::Io {
            doing: format!("writing {}", file.display()),
            cause,
        },
    })?;
    // What was answered may make no sense; a file that cannot be loaded is not left behind.
    let request = config::Request {
        config: Some(file.clone()),
        profile: Some(answers.profile),
        ..config::Request::default()
    };
    if let Err(error) = config::load(&request, &variable) {
        std::fs::remove_file(&file).map_err(|cause| CommandError::Io {
            doing: format!("removing {}", file.display()),
            cause,
        })?;
        return Err(error.into());
    }
    // The profile is the default one of its file.
    let program = Global {
        profile: None,
        ..invocation.global.clone()
    };
    invocation.notes.note(&format!(
        "wrote {}; see whether everything can be reached with: {} check",
        file.display(),
        program.command()
    ));
    Ok(Exit::Done)
}

/// Where the next run will look for it.
fn file(invocation: &Invocation) -> Result<PathBuf, CommandError> {
    Ok(
        match named_file(invocation.global.config.clone(), &variable)? {
            Some((file, _)) => file,
            None => default_file(&variable)?,
        },
    )
}

/// All answers; `None` where the input ends before the last.
async fn ask(invocation: &Invocation) -> Result<Option<Answers>, CommandError> {
    let mut answers = Vec::new();
    let profile = invocation.global.profile.as_deref().unwrap_or("dev");
    for question in questions(profile) {
        match answer(invocation, question).await? {
            Some(answer) => answers.push(answer),
            None => return Ok(None),
        }
    }
    let Ok([profile, url, bucket, region]) = <[String; 4]>::try_from(answers) else {
        return Ok(None);
    };
    Ok(Some(Answers {
        profile,
        url,
        bucket,
        region: Some(region).filter(|region| !region.is_empty()),
    }))
}

/// One answer; asked again while there is none and none can be presumed, and of a person while it makes no
/// sense. `None` where the input ends.
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

/// Readable by its owner alone, since the URL may hold a password; never over another file.
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
        format!("{} exists already", file.display()),
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
