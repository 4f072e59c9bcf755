//! No command: the console.

use super::cli::Global;
use super::error::CommandError;
use super::exit::Exit;
use super::machine::{state_dir, variable};
use super::session::{self, Session};
use crate::backend::advice;
use crate::backend::source::SourcePool;
use crate::config::{Environment, GlyphChoice, ObjectStoreConfig, Profile, SourceConfig};
use crate::console::{self, Facts, Keymap, PreferencesFile, Setup};

/// Ingestions that the console runs concurrently.
const CONCURRENCY: usize = 4;

/// Shown if there is no configuration yet.
const FIRST_STEPS: &str = "There is no configuration yet: this is the built-in demo. \
     To continue with a database of your own: highwater init";

/// Opens the console on the profile, or on the demo if `--demo` asks for it. Without any configuration it opens on the
/// demo as well, and says so.
///
/// # Errors
/// [`CommandError::Config`] if the configuration is invalid, [`CommandError::Console`] if the terminal cannot be used.
pub(super) async fn console(global: &Global) -> Result<Exit, CommandError> {
    let configured = if global.demo {
        None
    } else {
        Session::configured(global)?
    };
    let (session, notice) = if let Some(session) = configured {
        (session, None)
    } else {
        let notice = (!global.demo).then(|| FIRST_STEPS.to_owned());
        (Session::demo(global, true)?, notice)
    };
    let looks = if session.profile.demo {
        session::console_of_any(global)?
    } else {
        session.profile.console.clone()
    };
    let facts = facts(&session.profile, global);
    advice::called_as(facts.program());
    let setup = Setup {
        facts,
        open: session.open(),
        concurrency: CONCURRENCY,
        no_color: !global.colour(),
        theme: looks.theme,
        ascii: match looks.glyphs {
            GlyphChoice::Auto => !has_symbols(&variable),
            GlyphChoice::Unicode => false,
            GlyphChoice::Ascii => true,
        },
        keymap: Keymap::new(&looks.keys)?,
        preferences: Some(PreferencesFile::new(
            state_dir()?.join("console.json"),
            &session.profile.name,
        )),
        owner: session.owner(),
        notice,
    };
    let done = console::run(setup).await;
    let closed = session.close().await;
    done?;
    closed.map(|()| Exit::Done)
}

/// Whether the terminal can be expected to have the console's symbols. The fonts of the Linux console hold 512
/// characters at most (`console_codes(4)`), and show the same box for all states of a table.
fn has_symbols(env: Environment<'_>) -> bool {
    is_utf8(env) && env("TERM").is_none_or(|name| name != "linux")
}

/// Whether the locale uses UTF-8 (POSIX, 8.2: the first of these variables that is set and not empty decides). If none
/// is set, as is usual in containers, the terminal can be expected to use UTF-8 all the same; somebody who sets
/// `LC_ALL=C` has asked for ASCII.
fn is_utf8(env: Environment<'_>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env(name).filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase().replace('-', "");
        locale.contains("utf8")
    })
}

fn facts(profile: &Profile, global: &Global) -> Facts {
    Facts {
        profile: profile.name.clone(),
        config: global
            .config
            .as_ref()
            .map(|file| file.display().to_string()),
        colour: profile.colour.clone(),
        safety: profile.safety,
        demo: profile.demo,
        source: source(&profile.source),
        objects: match &profile.objects.store {
            ObjectStoreConfig::S3 { bucket } => format!("s3://{bucket}"),
            ObjectStoreConfig::Local { path } => path.display().to_string(),
        },
        region: region(profile),
        spelling: profile.spelling(),
    }
}

/// The AWS region, if the profile or the environment names it; a shared AWS configuration file is read by the first job
/// that needs it.
fn region(profile: &Profile) -> Option<String> {
    let of_environment = |name| std::env::var(name).ok().filter(|region| !region.is_empty());
    let named = profile.aws.region.clone();
    let named = named.or_else(|| of_environment("AWS_REGION"));
    let is_s3 = matches!(profile.objects.store, ObjectStoreConfig::S3 { .. });
    named
        .or_else(|| of_environment("AWS_DEFAULT_REGION"))
        .filter(|_| is_s3)
}

/// `totesys @ db.example.com:5432`, without user and password; for a socket, only the database. A source that cannot be
/// parsed is reported by the first job that needs it.
fn source(config: &SourceConfig) -> String {
    let Ok(pool) = SourcePool::new(config, &crate::backend::source::Environment::of_process())
    else {
        return "PostgreSQL".to_owned();
    };
    let place = pool.place();
    let socket = place.split_once(" @ /").map(|(database, _)| database);
    socket.unwrap_or(place).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_that_is_set_decides_and_none_is_utf_8_except_on_the_linux_console() {
        for (set, expected) in [
            (&[][..], true),
            (&[("LC_ALL", "C")], false),
            (&[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")], false),
            (&[("LC_ALL", ""), ("LANG", "en_GB.UTF-8")], true),
            (&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true),
            (&[("LANG", "de_DE.ISO-8859-1")], false),
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "xterm")], true),
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")], false),
        ] {
            let env = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(has_symbols(&env), expected, "{set:?}");
        }
    }

    #[test]
    fn the_source_is_named_without_its_user_or_password() {
        for (url, shown) in [
            (
                "postgres://me:secret@db.example.com:5432/to%20tesys?sslmode=require",
                "to tesys @ db.example.com:5432",
            ),
            ("postgres://me@%2Fvar%2Frun:5432/shop", "shop"),
            ("mysql://me:secret@db/x", "PostgreSQL"),
        ] {
            assert_eq!(source(&SourceConfig::new(url)), shown);
        }
    }
}
