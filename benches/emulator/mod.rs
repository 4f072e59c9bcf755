//! An emulator of SSM and S3 for the benches to write to: nothing in it is cleaned up.

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Credentials};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use highwater::backend::aws;

use crate::setting::Result;

const REGION: &str = "eu-west-2";

/// The endpoint that `HIGHWATER_BENCH_AWS` names; if it names none, prints so and returns `None`.
pub fn endpoint() -> Option<String> {
    let endpoint = std::env::var("HIGHWATER_BENCH_AWS").ok();
    if endpoint.is_none() {
        println!("left out: HIGHWATER_BENCH_AWS names no endpoint");
    }
    endpoint
}

/// The configuration of clients of the emulator.
pub fn loader(endpoint: &str) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(aws::https())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
        .endpoint_url(endpoint)
}

/// Creates a bucket that nobody else uses, and returns its name and a client.
pub async fn bucket(endpoint: &str) -> Result<(String, Client)> {
    let config = loader(endpoint).load().await;
    let client = Client::from_conf(Builder::from(&config).force_path_style(true).build());
    let bucket = format!("highwater-bench-{}", std::process::id());
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuWest2)
        .build();
    let create = client.create_bucket().bucket(&bucket);
    create.create_bucket_configuration(place).send().await?;
    Ok((bucket, client))
}

/// The section of a profile that points to the emulator.
pub fn section(endpoint: &str) -> String {
    format!("[profiles.bench.aws]\nregion = \"{REGION}\"\nendpoint_url = \"{endpoint}\"\n")
}
