//! An emulator of SSM and S3 that the benches write to: nothing there is cleaned up.

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Credentials};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use highwater::backend::aws;

use crate::setting::Result;

const REGION: &str = "eu-west-2";

/// The endpoint that `HIGHWATER_BENCH_AWS` names; `None`, and said, where it names none.
pub fn endpoint() -> Option<String> {
    let endpoint = std::env::var("HIGHWATER_BENCH_AWS").ok();
    if endpoint.is_none() {
        println!("left out: HIGHWATER_BENCH_AWS names no endpoint");
    }
    endpoint
}

/// How clients of the emulator are set up.
pub fn loader(endpoint: &str) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(aws::https())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
        .endpoint_url(endpoint)
}

/// Makes a bucket that is nobody else's, and returns its name with a client that reaches it.
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

/// The section of a profile that leads to the emulator.
pub fn section(endpoint: &str) -> String {
    format!("[profiles.bench.aws]\nregion = \"{REGION}\"\nendpoint_url = \"{endpoint}\"\n")
}
