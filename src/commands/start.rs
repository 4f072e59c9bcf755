//! No command: the console.

use url::Url;

use super::cli::Global;
use super::error::CommandError;
use super::exit::Exit;
use super::session::Session;
use crate::config::{ObjectStoreConfig, Profile};
use crate::console::{self, Facts, Setup};

/// Ingestions that the console runs at once.
const CONCURRENCY: usize = 4;

/// What is said where there is nothing to connect to yet.
const FIRST_STEPS: &str = "There is no configuration yet: this is the built-in demo, with a database of its own. \
     To go on with yours, write a configuration with: highwater init";

/// Opens the console over the profile; over the demo, saying so, where there is no configuration
/// at all.
///
/// # Errors
/// [`CommandError::Config`] where the configuration makes no sense, [`CommandError::Console`] where
/// the terminal cannot be used.
pub(super) async fn console(global: &Global) -> Result<Exit, CommandError> {
    let configured = if global.demo {
        None
    } else {
        Session::configured(global)?
    };
    let (session, notice) = match configured {
        Some(session) => (session, None),
        None => {
            let notice = (!global.demo).then(|| FIRST_STEPS.to_owned());
            (Session::demo(global, true)?, notice)
        }
    };
    let setup = Setup {
        facts: facts(&session.profile),
        open: session.open(),
        concurrency: CONCURRENCY,
        no_color: !global.colour(),
        notice,
    };
    let done = console::run(setup).await;
    let closed = session.close().await;
    done?;
    closed.map(|()| Exit::Done)
}

fn facts(profile: &Profile) -> Facts {
    Facts {
        profile: profile.name.clone(),
        colour: profile.colour.clone(),
        safety: profile.safety,
        demo: profile.demo,
        source: source(&profile.source.url),
        objects: match &profile.objects.store {
            ObjectStoreConfig::S3 { bucket } => format!("s3://{bucket}"),
            ObjectStoreConfig::Local { path } => path.display().to_string(),
        },
        timezone: profile.source.timezone,
    }
}

/// `totesys @ db.example.com`; the user, and above all the password, stay out of it.
fn source(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return "PostgreSQL".to_owned();
    };
    let database = url.path().trim_start_matches('/');
    match (database, url.host_str().unwrap_or_default()) {
        ("", "") => "PostgreSQL".to_owned(),
        (database, "") => database.to_owned(),
        ("", host) => host.to_owned(),
        // The folder of a socket, which says nothing to a reader.
        (database, host) if host.starts_with("%2F") => database.to_owned(),
        (database, host) => format!("{database} @ {host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_named_without_its_user_or_password() {
        for (url, shown) in [
            (
                "postgres://me:secret@db.example.com:5432/totesys?sslmode=require",
                "totesys @ db.example.com",
            ),
            ("postgres:///shop?host=%2Frun", "shop"),
            ("postgres://me@%2Frun%2Fpg/shop", "shop"),
            ("postgres://db", "db"),
            ("host=db password=secret", "PostgreSQL"),
        ] {
            assert_eq!(source(url), shown);
        }
    }
}
