//! The profile of the shared AWS files that somebody has named.

use aws_config::profile;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::config::AwsConfig;

/// The profile that the settings or `AWS_PROFILE` name, if the shared files do not have it. The SDK goes on
/// without it, and in the end reports only that it found no credentials.
pub(super) async fn missing(config: &AwsConfig) -> Option<String> {
    let env = Env::real();
    let variable = || env.get("AWS_PROFILE").ok();
    let name = config.profile.clone().or_else(variable);
    let name = name.filter(|name| !name.is_empty())?;
    // It is for the SDK to report files that cannot be read.
    let known = profile::load(&Fs::real(), &env, &EnvConfigFiles::default(), None).await;
    let is_missing = known.is_ok_and(|known| known.get_profile(&name).is_none());
    is_missing.then_some(name)
}
