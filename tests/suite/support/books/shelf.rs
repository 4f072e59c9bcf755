//! The two stores of a stage, read with plain clients.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use highwater::backend::objects::ObjectStore;
use highwater::backend::objects::local::LocalObjects;
use highwater::backend::parameters::ParameterStore;
use highwater::backend::parameters::local::LocalParameters;
use highwater::config::{ObjectStoreConfig, ParameterStoreConfig};
use highwater::vocabulary::{ObjectKey, ParameterName};

use super::super::Stage;

/// Where objects and parameters are.
pub enum Shelf {
    Local {
        objects: PathBuf,
        parameters: PathBuf,
    },
    Aws {
        s3: aws_sdk_s3::Client,
        ssm: aws_sdk_ssm::Client,
        bucket: String,
    },
}

impl Shelf {
    pub fn of(stage: &Stage) -> Self {
        let profile = stage.profile();
        match (
            &stage.emulator,
            profile.objects.store,
            profile.parameters.store,
        ) {
            (Some(emulator), ObjectStoreConfig::S3 { bucket }, ParameterStoreConfig::Ssm) => {
                Self::Aws {
                    s3: emulator.s3(),
                    ssm: emulator.ssm(),
                    bucket,
                }
            }
            (
                None,
                ObjectStoreConfig::Local { path: objects },
                ParameterStoreConfig::Local { path: parameters },
            ) => Self::Local {
                objects,
                parameters,
            },
            other => panic!("a pair of stores that no stage has: {other:?}"),
        }
    }

    /// The keys that start with `prefix`.
    pub async fn keys(&self, prefix: &str) -> Vec<ObjectKey> {
        match self {
            Self::Local { objects, .. } => files(objects)
                .into_iter()
                .filter(|key| key.starts_with(prefix))
                .map(ObjectKey::new)
                .collect(),
            Self::Aws { s3, bucket, .. } => {
                let mut keys = Vec::new();
                let mut pages = s3
                    .list_objects_v2()
                    .bucket(bucket)
                    .prefix(prefix)
                    .into_paginator()
                    .send();
                while let Some(page) = pages.next().await {
                    let page = page.expect("a listing");
                    let found = page.contents().iter().filter_map(|object| object.key());
                    keys.extend(found.map(ObjectKey::new));
                }
                keys
            }
        }
    }

    /// The body of an object and its metadata.
    pub async fn read(&self, key: &ObjectKey) -> (String, HashMap<String, String>) {
        match self {
            Self::Local { objects, .. } => {
                let body = std::fs::read_to_string(objects.join(key.as_str()));
                let head = LocalObjects::new(objects).head(key).await.expect("a head");
                let metadata = head.and_then(|head| head.metadata);
                let metadata = metadata.map(|metadata| metadata.to_map());
                (body.expect("a body"), metadata.unwrap_or_default())
            }
            Self::Aws { s3, bucket, .. } => {
                let answer = s3.get_object().bucket(bucket).key(key.as_str()).send();
                let answer = answer.await.expect("an object");
                let body = answer.body.collect().await.expect("a body").to_vec();
                let metadata = answer.metadata.unwrap_or_default();
                (String::from_utf8(body).expect("UTF-8"), metadata)
            }
        }
    }

    /// The metadata of an object, if it has any.
    pub async fn metadata(&self, key: &ObjectKey) -> Option<HashMap<String, String>> {
        match self {
            Self::Local { objects, .. } => {
                let head = LocalObjects::new(objects)
                    .head(key)
                    .await
                    .expect("a head")?;
                Some(head.metadata?.to_map())
            }
            Self::Aws { s3, bucket, .. } => {
                let answer = s3.head_object().bucket(bucket).key(key.as_str()).send();
                match answer.await {
                    Ok(head) => head.metadata,
                    Err(error) if error.as_service_error()?.is_not_found() => None,
                    Err(error) => panic!("{key}: {error:?}"),
                }
            }
        }
    }

    /// The newest value of a parameter.
    pub async fn parameter(&self, name: &ParameterName) -> Option<String> {
        match self {
            Self::Local { parameters, .. } => LocalParameters::new(parameters)
                .get(std::slice::from_ref(name))
                .await
                .expect("an answer")
                .pop()?
                .map(|found| found.value),
            Self::Aws { ssm, .. } => match ssm.get_parameter().name(name.as_str()).send().await {
                Ok(answer) => answer.parameter?.value,
                Err(error) if error.as_service_error()?.is_parameter_not_found() => None,
                Err(error) => panic!("{name}: {error:?}"),
            },
        }
    }

    pub async fn uploads(&self) -> Vec<String> {
        match self {
            Self::Local { objects, .. } => files(&objects.join(".highwater/uploads")),
            Self::Aws { s3, bucket, .. } => {
                let listed = s3.list_multipart_uploads().bucket(bucket).send().await;
                listed
                    .expect("a listing of uploads")
                    .uploads()
                    .iter()
                    .map(|upload| upload.key().unwrap_or_default().to_owned())
                    .collect()
            }
        }
    }
}

/// The files below `root`, as paths relative to it, without the store's own files.
fn files(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if !path.ends_with(".highwater") {
                    folders.push(path);
                }
            } else {
                let below = path.strip_prefix(root).expect("below the root");
                files.push(below.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    files
}
