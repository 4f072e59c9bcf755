//! Credentials that are looked for anew once they may be others.
//!
//! The SDK reads the shared files once. A console is open for a day, and whoever renews the keys in them
//! should not have to leave it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_s3::config::SharedHttpClient;
use tokio::sync::Mutex;

/// How long before their end credentials are not used any more, as in the SDK.
const BEFORE_THE_END: Duration = Duration::from_secs(10);
/// How long credentials are kept that have no end, as in the SDK.
const WITHOUT_AN_END: Duration = Duration::from_mins(15);

/// The ordinary chain, or, where a profile of the shared files is set, that profile alone: as with the
/// `--profile` of the AWS CLI, the keys of the environment are not meant then.
#[derive(Debug, Clone)]
pub(super) struct Renewed {
    profile: Option<String>,
    http: SharedHttpClient,
    /// Where the chain asks others, STS say.
    region: Arc<OnceLock<Region>>,
    kept: Arc<Mutex<Option<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    credentials: Credentials,
    read: Instant,
    files: Files,
}

/// What tells that the shared files have been written: time and length of each, where it is there.
type Files = [Option<(SystemTime, u64)>; 2];

impl Renewed {
    pub(super) fn new(profile: Option<String>, http: SharedHttpClient) -> Self {
        Self {
            profile,
            http,
            region: Arc::default(),
            kept: Arc::default(),
        }
    }

    /// Says in which region others are to be asked, once that is known.
    pub(super) fn asks_in(&self, region: Option<&Region>) {
        if let Some(region) = region {
            // It is said once, after the configuration was loaded.
            let _ = self.region.set(region.clone());
        }
    }

    async fn current(&self) -> Result {
        // Held meanwhile: all requests that wait for credentials get those that the first one finds.
        let mut kept = self.kept.lock().await;
        let files = shared_files();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_good(&files)) {
            return Ok(kept.credentials.clone());
        }
        let credentials = match self.look_up().await {
            Ok(credentials) => credentials,
            // The files may be half written in this very moment.
            Err(error) => {
                let still = kept.as_ref().filter(|kept| kept.lasts()).ok_or(error)?;
                tracing::warn!("credentials were looked for in vain; those in use are still good");
                return Ok(still.credentials.clone());
            }
        };
        *kept = Some(Kept {
            credentials: credentials.clone(),
            read: Instant::now(),
            files,
        });
        Ok(credentials)
    }

    async fn look_up(&self) -> Result {
        let asked = ProviderConfig::default()
            .with_region(self.region.get().cloned())
            .with_http_client(self.http.clone());
        let Some(profile) = &self.profile else {
            let chain = DefaultCredentialsChain::builder().configure(asked);
            return chain.build().await.provide_credentials().await;
        };
        let provider = ProfileFileCredentialsProvider::builder().configure(&asked);
        let provider = provider.profile_name(profile).build();
        provider.provide_credentials().await
    }
}

impl ProvideCredentials for Renewed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.current())
    }
}

impl Kept {
    fn is_good(&self, files: &Files) -> bool {
        self.lasts() && self.files == *files
    }

    fn lasts(&self) -> bool {
        match self.credentials.expiry() {
            Some(end) => SystemTime::now() + BEFORE_THE_END < end,
            None => self.read.elapsed() < WITHOUT_AN_END,
        }
    }
}

/// How the files are now that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, or else those in
/// `~/.aws` (AWS SDKs and Tools Reference Guide, "Location of the shared config and credentials files").
fn shared_files() -> Files {
    let files = [
        ("AWS_CONFIG_FILE", ".aws/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ];
    files.map(|(variable, at_home)| {
        let named = std::env::var_os(variable).map(PathBuf::from);
        let path = named.or_else(|| Some(std::env::home_dir()?.join(at_home)));
        let found = std::fs::metadata(path?).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::aws::https;

    #[tokio::test]
    async fn where_none_are_found_those_in_use_stay_in_use_until_their_end() {
        let now = SystemTime::now();
        for (end, expected) in [
            (now + Duration::from_hours(1), Some("in-use")),
            (now - Duration::from_hours(1), None),
        ] {
            // Of no file.
            let nowhere = Some("a profile that no file has".to_owned());
            let renewed = Renewed::new(nowhere, https());
            let end = Some(end);
            *renewed.kept.lock().await = Some(Kept {
                credentials: Credentials::new("in-use", "secret", None, end, "test"),
                read: Instant::now(),
                files: [Some((SystemTime::UNIX_EPOCH, 1)), None],
            });
            let found = renewed.current().await.ok();
            let found = found.as_ref().map(Credentials::access_key_id);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn credentials_are_kept_until_their_end_or_until_the_files_are_written() {
        let kept = |end: Option<SystemTime>| Kept {
            credentials: Credentials::new("id", "secret", None, end, "test"),
            read: Instant::now(),
            files: [None, None],
        };
        let now = SystemTime::now();
        let hour = Duration::from_hours(1);
        for (end, is_good) in [
            (None, true),
            (Some(now + hour), true),
            (Some(now + BEFORE_THE_END / 2), false),
            (Some(now - hour), false),
        ] {
            assert_eq!(kept(end).is_good(&[None, None]), is_good, "{end:?}");
        }
        let written = [None, Some((now, 80))];
        assert!(!kept(None).is_good(&written));
        assert!(!kept(Some(now + hour)).is_good(&written));
    }
}
