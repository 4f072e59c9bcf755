//! The bucket that the store and its uploads share.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::Client;

use crate::backend::aws::{Aws, Call, Limits};
use crate::backend::error::{Result, Service};

/// A bucket and the client to reach it with.
#[derive(Debug)]
pub(super) struct Bucket {
    pub client: Client,
    pub name: String,
    pub place: String,
    pub limits: Limits,
    endpoint: Option<String>,
    missing_profile: Option<String>,
    confirmed: AtomicBool,
}

impl Bucket {
    pub fn new(aws: &Aws, name: &str) -> Self {
        let (client, endpoint) = aws.s3();
        Self {
            client,
            name: name.to_owned(),
            place: format!("s3://{name}"),
            limits: aws.limits(),
            endpoint,
            missing_profile: aws.missing_profile(),
            confirmed: AtomicBool::new(false),
        }
    }

    pub fn call<'a>(&'a self, doing: &'a str, permission: &'a str) -> Call<'a> {
        Call {
            service: Service::Objects,
            place: &self.place,
            endpoint: self.endpoint.as_deref(),
            missing_profile: self.missing_profile.as_deref(),
            doing,
            permission,
        }
    }

    /// Makes sure, once, that the bucket is there.
    ///
    /// The answer to a HEAD has no body: 404 is the same for a key that does not exist, for a
    /// bucket that does not, and from any web server that an endpoint was mistaken for. A listing
    /// tells them apart, and needs no permission that reading does not need anyway.
    pub async fn confirm(&self) -> Result<()> {
        if self.confirmed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let doing = format!("looking for bucket {}", self.name);
        self.client
            .list_objects_v2()
            .bucket(&self.name)
            .max_keys(1)
            .send()
            .await
            .map_err(|error| self.call(&doing, "s3:ListBucket").failed(&error))?;
        self.confirmed.store(true, Ordering::Relaxed);
        Ok(())
    }
}
