//! The two independent emulations of S3 and SSM.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use highwater::backend::aws;

use super::server;

/// The region that the emulators' clients use.
pub const REGION: &str = "eu-west-2";

/// An emulation of S3 and SSM. All tests share it, so each must use buckets and names of its own
/// (`unique`).
#[derive(Debug, Clone)]
pub struct Emulator {
    name: &'static str,
    endpoint: String,
}

/// Every running emulator; each one that is not running is noted on stderr.
pub fn emulators() -> Vec<Emulator> {
    [
        ("moto", "HIGHWATER_TEST_MOTO"),
        ("ministack", "HIGHWATER_TEST_MINISTACK"),
    ]
    .into_iter()
    .filter_map(|(name, variable)| {
        let endpoint = server(variable, name)?;
        Some(Emulator { name, endpoint })
    })
    .collect()
}

/// The emulator of this name, if it is running.
pub fn emulator(name: &str) -> Option<Emulator> {
    emulators()
        .into_iter()
        .find(|emulator| emulator.name() == name)
}

impl Emulator {
    /// A server at `endpoint`, under a name that the test chooses.
    pub fn at(name: &'static str, endpoint: &str) -> Self {
        Self {
            name,
            endpoint: endpoint.to_owned(),
        }
    }

    /// `moto` or `ministack`.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The URL of both services: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A plain S3 client, for setting things up and inspecting them.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .http_client(aws::https())
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(credentials())
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// A plain SSM client, for setting things up and inspecting them.
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::Config::builder()
            .http_client(aws::https())
            .behavior_version(aws_sdk_ssm::config::BehaviorVersion::latest())
            .region(aws_sdk_ssm::config::Region::new(REGION))
            .credentials_provider(credentials())
            .endpoint_url(&self.endpoint)
            .build();
        aws_sdk_ssm::Client::from_conf(config)
    }

    /// The environment in which any AWS client reaches this emulator and nothing else.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Creates `bucket`.
    pub async fn create_bucket(&self, bucket: &str) {
        let region = aws_sdk_s3::types::BucketLocationConstraint::from(REGION);
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
            .location_constraint(region)
            .build();
        self.s3()
            .create_bucket()
            .bucket(bucket)
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap_or_else(|error| {
                panic!("{}: cannot create bucket {bucket}: {error:?}", self.name)
            });
    }
}

pub(super) fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "tests")
}
