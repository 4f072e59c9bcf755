//! An emulator of SSM and S3 for the benches to write to.

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

/// Removes everything in the bucket: emulators keep objects in memory, which gigabytes would fill.
pub async fn empty(client: &Client, bucket: &str) -> Result<()> {
    let list = client.list_objects_v2().bucket(bucket);
    let mut pages = list.into_paginator().send();
    while let Some(page) = pages.try_next().await? {
        for key in page.contents().iter().filter_map(|object| object.key()) {
            let delete = client.delete_object().bucket(bucket).key(key);
            delete.send().await?;
        }
    }
    Ok(())
}

/// The section of a profile that points to the emulator.
pub fn section(endpoint: &str) -> String {
    format!("[profiles.bench.aws]\nregion = \"{REGION}\"\nendpoint_url = \"{endpoint}\"\n")
}
