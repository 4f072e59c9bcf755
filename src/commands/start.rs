//! No command: the console.

use super::cli::Global;
use super::error::CommandError;
use super::exit::Exit;
use super::session::Session;
use crate::backend::source::{Environment, SourcePool};
use crate::config::{ObjectStoreConfig, Profile, SourceConfig};
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
    let (session, notice) = if let Some(session) = configured {
        (session, None)
    } else {
        let notice = (!global.demo).then(|| FIRST_STEPS.to_owned());
        (Session::demo(global, true)?, notice)
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
        source: source(&profile.source),
        objects: match &profile.objects.store {
            ObjectStoreConfig::S3 { bucket } => format!("s3://{bucket}"),
            ObjectStoreConfig::Local { path } => path.display().to_string(),
        },
        timezone: profile.source.timezone,
    }
}

/// `totesys @ db.example.com:5432`, without user and password; of a socket the database alone. A source
/// that cannot be made sense of is reported by the first job that needs it.
fn source(config: &SourceConfig) -> String {
    let Ok(pool) = SourcePool::new(config, &Environment::of_process()) else {
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
