//! The stores of parameters and of objects: one suite, run on the local stores and on both
//! emulators.

mod answers;
mod certificates;
mod demands;
mod encrypted;
mod faults;
mod leftovers;
mod listings;
mod objects;
mod parameters;
mod parts;
mod profiles;
mod proxies;
mod refusals;
mod tiers;
mod trials;

use std::path::Path;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_s3::config::Credentials;
use highwater::backend::aws::{Aws, Limits};

use crate::support::{Database, Emulator, Sandbox};

/// Limits that soon expose a store that does not answer.
const HASTY: Limits = Limits {
    connect: Duration::from_millis(500),
    attempt: Duration::from_millis(500),
    operation: Duration::from_millis(800),
    multipart: Duration::from_millis(100),
    attempts: 2,
    patience: Duration::ZERO,
};

/// The AWS chain with everything given explicitly, so that none of the developer's own settings is
/// used.
fn chain(endpoint: &str) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-2"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
}

async fn aws(emulator: &Emulator) -> Aws {
    Aws::from_loader(chain(emulator.endpoint()), Limits::default()).await
}

/// A configuration for `database` with stores at `endpoint`. It ends with the AWS section.
fn config_at(database: &Database, endpoint: &str) -> String {
    format!(
        "[profiles.test.source]\nurl = \"{}\"\n[profiles.test.objects]\nbucket = \"b\"\n\
         [profiles.test.aws]\nregion = \"eu-west-2\"\nendpoint_url = \"{endpoint}\"\n",
        database.url(),
    )
}

/// The binary with that configuration, and with credentials.
fn sandbox_at(database: &Database, endpoint: &str) -> Sandbox {
    let mut sandbox = Sandbox::empty();
    sandbox.write_config(&config_at(database, endpoint));
    sandbox.set("AWS_ACCESS_KEY_ID", "test");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "test");
    sandbox
}

/// The names of all files below `folder`.
fn files_below(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path.display().to_string()]
            }
        })
        .collect()
}
