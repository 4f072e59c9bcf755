//! Credentials that are looked for again once they may have changed.
//!
//! The SDK reads the shared files once. A console stays open all day, and somebody who renews the keys in
//! these files should not have to leave it.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_s3::config::SharedHttpClient;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::clock::Clock;

/// How long before their expiry credentials are no longer used, as in the SDK.
const BEFORE_THE_END: Duration = Duration::from_secs(10);
/// How long credentials without an expiry are kept, as in the SDK.
const WITHOUT_AN_END: Duration = Duration::from_mins(15);
/// How long looking for credentials may take: a process that prints them may ask a person for a fingerprint.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long they are looked for before the log says so.
const SILENCE: Duration = Duration::from_secs(3);
/// How long it is believed that there are none. A request that was waiting for them, or comes within this
/// time, does not have a person asked again, no matter how late it learns of the failure.
const BELIEVED: Duration = Duration::from_millis(1_500);

/// How old credentials that are rejected must be to be looked for again: those that were just found were never
/// good.
const USED: Duration = Duration::from_secs(3);
/// How long after that rejected ones are not looked for yet again. Requests that were sent with the old ones, and are
/// only now rejected, are tried with the new ones.
const REPLACED: Duration = Duration::from_mins(1);

/// The ordinary chain; or, if a profile of the shared files is set, that profile alone: as with `--profile`
/// of the AWS CLI, the keys in the environment do not count then.
#[derive(Debug, Clone)]
pub(super) struct Renewed {
    profile: Option<String>,
    http: SharedHttpClient,
    /// Where the chain asks other services, such as STS.
    region: Arc<OnceLock<Region>>,
    found: Arc<Mutex<Found>>,
    /// The clock of the requests that wait for credentials.
    clock: Clock,
}

/// The result of looking for credentials.
#[derive(Debug, Default)]
struct Found {
    kept: Option<Kept>,
    /// When and why none were found, if none were found the last time.
    failure: Option<(Instant, Arc<CredentialsError>)>,
    /// When credentials that had been in use were last rejected.
    rejected: Option<Instant>,
}

#[derive(Debug)]
struct Kept {
    credentials: Credentials,
    read: Instant,
    files: Files,
}

/// What shows that the shared files have been written: modification time and length of each, if it exists.
type Files = [Option<(SystemTime, u64)>; 2];

impl Renewed {
    pub(super) fn new(profile: Option<String>, http: SharedHttpClient, clock: Clock) -> Self {
        Self {
            profile,
            http,
            region: Arc::default(),
            found: Arc::default(),
            clock,
        }
    }

    /// Sets the region in which other services are asked, once it is known.
    pub(super) fn asks_in(&self, region: Option<&Region>) {
        if let Some(region) = region {
            // Set only once, after the configuration was loaded.
            let _ = self.region.set(region.clone());
        }
    }

    /// Valid credentials for a request that came at `came`.
    async fn current(&self, came: Instant) -> Result {
        // Held during the lookup: all requests that wait for credentials get what the first one finds.
        let mut found = self.found.lock().await;
        let files = shared_files();
        if let Some(kept) = found.kept.as_ref().filter(|kept| kept.is_good(&files)) {
            return Ok(kept.credentials.clone());
        }
        let failed = found.failure.as_ref();
        let failure = match failed.filter(|(at, _)| came.duration_since(*at) < BELIEVED) {
            Some((_, failure)) => Arc::clone(failure),
            None => match self.look_up_in_time().await {
                Ok(credentials) => {
                    found.kept = Some(Kept {
                        credentials: credentials.clone(),
                        read: Instant::now(),
                        files,
                    });
                    found.failure = None;
                    return Ok(credentials);
                }
                Err(error) => {
                    let failure = Arc::new(error);
                    found.failure = Some((Instant::now(), Arc::clone(&failure)));
                    failure
                }
            },
        };
        // The files may be half written at this very moment.
        let still = found.kept.as_ref().filter(|kept| kept.lasts());
        let still = still.ok_or_else(|| once_more(failure))?;
        tracing::warn!("no new credentials were found; those in use are still valid");
        Ok(still.credentials.clone())
    }

    /// Notes that a service has rejected the credentials in use. Returns whether a request should be tried again,
    /// because there are others by now or may be.
    pub(super) fn reject(&self) -> bool {
        // Held during a lookup only.
        let Ok(mut found) = self.found.try_lock() else {
            return true;
        };
        let is_replaced = found.rejected.is_some_and(|at| at.elapsed() < REPLACED);
        let is_used = found
            .kept
            .as_ref()
            .is_some_and(|kept| kept.read.elapsed() > USED);
        if is_used && !is_replaced {
            tracing::info!("the AWS credentials in use were rejected; looking for others");
            found.kept = None;
            found.rejected = Some(Instant::now());
        }
        is_used || is_replaced
    }

    /// Looks for credentials while the clock of the requests stands still, and warns if it takes long.
    async fn look_up_in_time(&self) -> Result {
        let _standing = self.clock.stand_still();
        let mut looking = pin!(timeout(PATIENCE, self.look_up()));
        let found = if let Ok(found) = timeout(SILENCE, &mut looking).await {
            found
        } else {
            let seconds = PATIENCE.as_secs();
            tracing::warn!(
                "waiting for AWS credentials: a credential_process may be asking for input, and has {seconds} s"
            );
            looking.await
        };
        found.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(PATIENCE)))
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
        future::ProvideCredentials::new(self.current(Instant::now()))
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

/// The same failure for another request; if nothing was found at all, that is still what it says.
fn once_more(failure: Arc<CredentialsError>) -> CredentialsError {
    match *failure {
        CredentialsError::CredentialsNotLoaded(_) => CredentialsError::not_loaded(failure),
        _ => CredentialsError::provider_error(failure),
    }
}

/// The current state of the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, or else of
/// those in `~/.aws` (AWS SDKs and Tools Reference Guide, "Location of the shared config and credentials
/// files").
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
    use crate::backend::error::chain;

    #[tokio::test]
    async fn where_none_are_found_those_in_use_stay_in_use_until_their_end() {
        let now = SystemTime::now();
        for (end, expected) in [
            (now + Duration::from_hours(1), Some("in-use")),
            (now - Duration::from_hours(1), None),
        ] {
            // None are found in any file.
            let nowhere = Some("a profile that no file has".to_owned());
            let renewed = Renewed::new(nowhere, https(), Clock::default());
            let end = Some(end);
            renewed.found.lock().await.kept = Some(Kept {
                credentials: Credentials::new("in-use", "secret", None, end, "test"),
                read: Instant::now(),
                files: [Some((SystemTime::UNIX_EPOCH, 1)), None],
            });
            let found = renewed.current(Instant::now()).await.ok();
            let found = found.as_ref().map(Credentials::access_key_id);
            assert_eq!(found, expected);
        }
    }

    #[tokio::test]
    async fn those_in_use_that_are_rejected_are_looked_for_again_but_not_at_once_a_second_time() {
        let nowhere = Some("a profile that no file has".to_owned());
        let renewed = Renewed::new(nowhere, https(), Clock::default());
        let keep = async |age: Duration| {
            renewed.found.lock().await.kept = Some(Kept {
                credentials: Credentials::new("id", "secret", None, None, "test"),
                read: Instant::now().checked_sub(age).expect("it is up"),
                files: [None, None],
            });
        };
        let is_kept = async || renewed.found.lock().await.kept.is_some();
        keep(USED / 2).await;
        assert!(!renewed.reject(), "they were never good");
        assert!(is_kept().await);
        keep(USED * 2).await;
        assert!(renewed.reject());
        assert!(!is_kept().await);
        keep(Duration::ZERO).await;
        assert!(renewed.reject(), "this may be about those before");
        assert!(is_kept().await);
    }

    #[tokio::test]
    async fn whoever_waited_for_them_in_vain_or_comes_right_after_does_not_have_them_looked_for_again()
     {
        // Longer ago than a failure is believed, as on a busy machine.
        let at = Instant::now().checked_sub(2 * BELIEVED).expect("it is up");
        for (came, is_told) in [
            (at.checked_sub(BELIEVED).expect("it is up"), true),
            (at + BELIEVED / 2, true),
            (at + BELIEVED, false),
        ] {
            // None are found in any file.
            let nowhere = Some("a profile that no file has".to_owned());
            let renewed = Renewed::new(nowhere, https(), Clock::default());
            let failure = CredentialsError::not_loaded("nobody answered");
            renewed.found.lock().await.failure = Some((at, Arc::new(failure)));
            let error = renewed.current(came).await.expect_err("there are none");
            let told = chain(&error).join(": ");
            assert_eq!(told.contains("nobody answered"), is_told, "{told}");
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
