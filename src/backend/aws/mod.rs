//! The clients of AWS: one configuration for both services, and one interpretation of their errors.
//!
//! What the profile does not set comes from the usual chain of the AWS SDK: environment, shared files, SSO,
//! container and instance roles, `AWS_ENDPOINT_URL` included. `HTTPS_PROXY`, `NO_PROXY` and `AWS_CA_BUNDLE`
//! are honoured.
//!
//! # Time
//! Every request ends within a known bound ([`Limits`]): 3 s to connect, 8 s for an attempt, 20 s for all
//! attempts together (a minute to write a parameter). While SSM throttles, a read is retried for another
//! 20 s, and a write for three minutes. Looking for credentials has a minute of its own, during which none of
//! these clocks run (`clock`). A request with a body also gets the time that the body takes on a slow line
//! (`Limits::for_body`): a part of 6 MiB has 104 s for an attempt. An endpoint that accepts no more bytes is
//! noticed sooner, because the SDK itself monitors the throughput.
//!
//! # Limits of the account
//! SSM throttles the whole account, and for longer than a moment; `SsmStore` waits that out. The SDK's
//! adaptive retries are not used: after a single throttled request early in a process they wait for tens of
//! seconds. S3 throttles by prefix and recovers within moments.
//!
//! # Servers that are not AWS
//! If an endpoint is configured that is not Amazon's, buckets are addressed by path, because such servers
//! rarely have a DNS name for each bucket. Bodies are in memory when they are sent, so that their checksum
//! precedes them in a header instead of following them, which many such servers do not understand.
//! `AWS_REQUEST_CHECKSUM_CALCULATION` decides whether there is a checksum.

mod amazon;
mod clock;
mod credentials;
mod error;
mod named;
mod proxy;
mod rejected;
mod throttling;
mod trust;

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_s3::config::{
    RequestChecksumCalculation, ResponseChecksumValidation, RuntimeComponents, SharedHttpClient,
};
use aws_sdk_ssm::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_types::service_config::ServiceConfigKey;

use crate::config::AwsConfig;

use amazon::partition;
use clock::Clock;
use credentials::Renewed;
use rejected::Rejected;
use throttling::TooMany;

pub(super) use amazon::is_amazon;
pub(super) use error::{
    AwsCause, CREDENTIALS, Call, HttpResponse, PARTITION, refuses_checksums, status,
};

/// The slowest line that is still given enough time to send a body, in bytes per second. Three parts are sent
/// at once, so this is a line of 1.5 Mbit/s.
const SLOWEST_LINK: u64 = 64 * 1024;

/// How long a request may take, and how often it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To open a connection, TLS included.
    pub connect: Duration,
    /// For one attempt, from its start to the head of the response; the time for a body is added.
    pub attempt: Duration,
    /// For all attempts of one request together; the time for a body is added.
    pub operation: Duration,
    /// Added to both for what may take S3 long: beginning, completing and aborting a multipart upload. An
    /// attempt to begin an upload that is given up too early leaves an upload behind that nobody knows of.
    pub multipart: Duration,
    /// Attempts before a passing fault (throttling, a lost connection, 5xx) is reported. Between attempts the
    /// SDK waits up to 100 ms, then up to twice as long each time: 3 s in all.
    pub attempts: u32,
    /// How long a write of a parameter is retried while the store answers only that there are too many
    /// requests; a read is retried for as long as `operation`.
    pub patience: Duration,
}

/// The longest that the SDK waits before the second attempt; on average it waits half as long.
const BACKOFF: Duration = Duration::from_millis(100);
/// The longest that the SDK waits before it writes a parameter a second time. An account may do only 3 such
/// writes a second by default (Systems Manager quotas, "`PutParameter`").
const WRITE_BACKOFF: Duration = Duration::from_millis(250);

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(8),
            operation: Duration::from_secs(20),
            multipart: Duration::from_secs(20),
            attempts: 6,
            patience: Duration::from_mins(3),
        }
    }
}

impl Limits {
    /// The SDK's form of these limits for a request with a body of `bytes`.
    pub(super) fn for_body(self, bytes: u64) -> TimeoutConfig {
        self.extended(Duration::from_secs(bytes.div_ceil(SLOWEST_LINK)))
    }

    /// The SDK's form of these limits for a request about a multipart upload of `parts` parts. It may take S3
    /// "several minutes" to join them (API reference, `CompleteMultipartUpload`), and no response can be read
    /// before that.
    pub(super) fn for_multipart(self, parts: u32) -> TimeoutConfig {
        self.extended(self.multipart + Duration::from_millis(100) * parts)
    }

    /// The SDK's form of these limits for the write of a parameter.
    ///
    /// It comes after reads, so the store is known to answer, and it often completes a commit. Each of its
    /// attempts is bounded; all of them together are bounded only by the time for which throttling is waited
    /// out, because the SDK's own waiting for its turn counts as well.
    pub(super) fn for_parameter_write(self) -> (TimeoutConfig, RetryConfig) {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.patience.max(self.operation))
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(WRITE_BACKOFF);
        (timeouts, retries)
    }

    /// The attempts and pauses of these limits for everything else.
    fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(BACKOFF)
    }

    /// The SDK's form of these limits for a request that may take `extra` longer than others, in each of the
    /// first three attempts.
    fn extended(self, extra: Duration) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .operation_attempt_timeout(self.attempt + extra)
            .operation_timeout(self.operation + extra * self.attempts.min(3))
            .build()
    }
}

/// Region, endpoint, credentials and limits, shared by the clients of both services.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    limits: Limits,
    /// A profile that was asked for and does not exist.
    missing_profile: Option<String>,
    /// Where credentials come from, if they can be looked for again.
    credentials: Option<Renewed>,
}

impl Aws {
    /// Reads the ordinary AWS chain, overridden by what the profile sets: if it names a profile of the shared
    /// files, credentials come from that profile, whatever keys are in the environment.
    ///
    /// Sends nothing to SSM or S3, and looks for credentials only when the first request needs them. If no
    /// region is set in the profile, the environment or the shared files, the instance metadata is asked for
    /// one, which takes a few seconds if there is none.
    pub async fn load(config: &AwsConfig) -> Self {
        let http = https_trusting(&trust::of(config).await);
        let clock = Clock::default();
        let credentials = Renewed::new(config.profile.clone(), http.clone(), clock.clone());
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .sleep_impl(clock)
            .credentials_provider(credentials.clone())
            .identity_cache(IdentityCache::no_cache());
        if let Some(profile) = &config.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &config.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &config.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let aws = Self::over(http, loader, Limits::default()).await;
        credentials.asks_in(aws.config.region());
        Self {
            missing_profile: named::missing(config).await,
            credentials: Some(credentials),
            ..aws
        }
    }

    /// Settings from a chain that is already set up, with limits of its own.
    pub async fn from_loader(loader: ConfigLoader, limits: Limits) -> Self {
        Self::over(https(), loader, limits).await
    }

    async fn over(http: SharedHttpClient, loader: ConfigLoader, limits: Limits) -> Self {
        let config = loader
            .http_client(http)
            .timeout_config(limits.for_body(0))
            .retry_config(limits.retries())
            .load()
            .await;
        Self {
            config,
            limits,
            missing_profile: None,
            credentials: None,
        }
    }

    /// The same settings in another region; `None` leaves them as they are.
    #[must_use]
    pub fn in_region(self, region: Option<&str>) -> Self {
        let Some(region) = region else {
            return self;
        };
        let region = Region::new(region.to_owned());
        Self {
            config: self.config.into_builder().region(region).build(),
            ..self
        }
    }

    /// The region in force.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    /// The first part of the names of resources (ARNs) in the region in force.
    pub(super) fn partition(&self) -> &'static str {
        partition(self.region().unwrap_or_default())
    }

    /// The profile of the shared files that was asked for and does not exist.
    pub(super) fn missing_profile(&self) -> Option<String> {
        self.missing_profile.clone()
    }

    /// The limits in force.
    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether every body is sent with a checksum.
    pub(super) fn sends_checksums(&self) -> bool {
        let calculation = self.config.request_checksum_calculation();
        calculation == Some(RequestChecksumCalculation::WhenSupported)
    }

    /// A client of SSM and its endpoint, if one is set.
    pub(super) fn ssm(&self) -> (aws_sdk_ssm::Client, Option<String>) {
        let endpoint = self.endpoint("SSM");
        let mut config = aws_sdk_ssm::config::Builder::from(&self.config)
            .retry_partition(unlimited("ssm parameters"));
        if let Some(credentials) = &self.credentials {
            config = config.retry_classifier(Rejected(credentials.clone()));
        }
        (aws_sdk_ssm::Client::from_conf(config.build()), endpoint)
    }

    /// A client of S3 and its endpoint, if one is set.
    pub(super) fn s3(&self) -> (aws_sdk_s3::Client, Option<String>) {
        let endpoint = self.endpoint("S3");
        // Only ranges are read, and S3 sends no checksum with a range.
        let mut config = aws_sdk_s3::config::Builder::from(&self.config)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_classifier(TooMany);
        if let Some(credentials) = &self.credentials {
            config = config.retry_classifier(Rejected(credentials.clone()));
        }
        if endpoint.as_deref().is_some_and(|url| !is_amazon(url)) {
            config = config.force_path_style(true);
        }
        (aws_sdk_s3::Client::from_conf(config.build()), endpoint)
    }

    /// The endpoint in force for one service, looked up in the same way as the SDK: that of the profile, then
    /// that of the service (`AWS_ENDPOINT_URL_S3` or its section of the shared file), then
    /// `AWS_ENDPOINT_URL`. `None` means Amazon's own.
    fn endpoint(&self, service: &str) -> Option<String> {
        let common = self.config.endpoint_url().map(str::to_owned);
        if self.config.get_origin("endpoint_url").is_client_config() {
            return common;
        }
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        self.config
            .service_config()
            .zip(key.ok())
            .and_then(|(config, key)| config.load_config(key))
            .or(common)
    }
}

/// A retry partition of the SDK in which only [`Limits`] bounds the number of retries, rather than a quota that
/// many throttled requests at once would use up.
pub(super) fn unlimited(name: &'static str) -> RetryPartition {
    RetryPartition::custom(name)
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// The HTTP client of all requests, those for credentials included.
///
/// It uses the same cryptography as connections to PostgreSQL, rather than a second implementation. If the
/// environment names a proxy, requests go through it, as with the SDK's own client.
#[must_use]
pub fn https() -> SharedHttpClient {
    https_trusting(&TrustStore::default())
}

/// [`https`], trusting only these certificates.
fn https_trusting(trusted: &TrustStore) -> SharedHttpClient {
    let proxy = proxy::of_environment();
    let tls = TlsContext::builder().with_trust_store(trusted.clone());
    let tls = tls.build().unwrap_or_default();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_gets_the_time_that_a_slow_line_needs() {
        let limits = Limits::default();
        let part = limits.for_body(6 * 1024 * 1024);
        assert_eq!(
            part.operation_attempt_timeout(),
            Some(Duration::from_secs(8 + 96))
        );
        assert_eq!(
            limits.for_body(0).operation_timeout(),
            Some(Duration::from_secs(20))
        );
    }
}
