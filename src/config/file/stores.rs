//! The stores of a profile, and how they are reached.

use super::super::document::{Known, Section};
use super::super::template::{KeyTemplate, ParameterTemplate};
use super::super::{
    AwsConfig, BodyFormat, Compression, Consumers, ObjectStoreConfig, ObjectsConfig,
    ParameterStoreConfig, ParametersConfig, defaults, places, values,
};
use super::{Result, Surroundings, set};
use crate::vocabulary::watermark::TimestampFormat;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

const PARAMETERS: Known = &[
    "store",
    "path",
    "timestamp",
    "sequence_id",
    "timestamp_format",
    "writes_per_second",
];
const OBJECTS: Known = &[
    "store",
    "bucket",
    "region",
    "headers",
    "path",
    "key",
    "format",
    "compression",
    "max_rows_per_object",
    "consumers",
];
/// Headers of an upload that a bucket policy can require (service authorization reference, "Condition keys for
/// Amazon S3") and that no other setting controls.
const HEADERS: Known = &[
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    STORAGE_CLASS,
    "x-amz-tagging",
];
const STORAGE_CLASS: &str = "x-amz-storage-class";
/// Storage classes whose objects have to be restored before they can be read.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];
const AWS: Known = &["profile", "region", "endpoint_url"];

const FORMATS: [(&str, BodyFormat); 2] = [
    ("jsonl", BodyFormat::Jsonl),
    ("json-array", BodyFormat::JsonArray),
];
const COMPRESSIONS: [(&str, Compression); 3] = [
    ("none", Compression::None),
    ("gzip", Compression::Gzip),
    ("zstd", Compression::Zstd),
];
const CONSUMERS: [(&str, Consumers); 2] =
    [("keep", Consumers::Keep), ("remove", Consumers::Remove)];

/// Whether a store is on this machine.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Aws,
    Local,
}

const BUCKET: &str = "the bucket to write to (or set store = \"local\")";
const PARAMETER_TEMPLATE: &str = "a template like \"/highwater/{table}/timestamp\"";
const KEY_TEMPLATE: &str = "a template like \"{table}/{table}_{seq:08}.jsonl\"";

/// Reads `[profiles.NAME.parameters]`, which may be left out.
pub(super) fn parameters(
    profile: &Section<'_>,
    name: &str,
    around: Surroundings<'_>,
) -> Result<ParametersConfig> {
    let Some(section) = profile.section("parameters")? else {
        return Ok(ParametersConfig::new(ParameterStoreConfig::Ssm));
    };
    let section = section.with_keys(PARAMETERS)?;
    let store = match place(&section, "ssm")? {
        Place::Aws => ParameterStoreConfig::Ssm,
        Place::Local => ParameterStoreConfig::Local {
            path: path(&section, name, defaults::PARAMETERS_FILE, around)?,
        },
    };
    let mut parameters = ParametersConfig::new(store);
    let template = |key| section.parsed(key, PARAMETER_TEMPLATE, ParameterTemplate::parse);
    set(&mut parameters.timestamp, template("timestamp")?);
    set(&mut parameters.sequence_id, template("sequence_id")?);
    if parameters.timestamp == parameters.sequence_id {
        let problem =
            "it is the template of the other value, too: the two would overwrite each other";
        let key = if section.text("sequence_id")?.is_some() {
            "sequence_id"
        } else {
            "timestamp"
        };
        return Err(section.invalid(key, problem));
    }
    set(
        &mut parameters.timestamp_format,
        section.parsed(
            "timestamp_format",
            "\"rfc3339\", \"epoch\", \"epoch-millis\" or a strftime pattern",
            |text| {
                text.parse::<TimestampFormat>()
                    .map_err(|error| format!("{error}, nor is it rfc3339, epoch or epoch-millis"))
            },
        )?,
    );
    let rate = section.number("writes_per_second", 1..=1000)?;
    let rate = rate.and_then(|rate| u32::try_from(rate).ok());
    parameters.writes_per_second = rate.and_then(NonZeroU32::new);
    Ok(parameters)
}

/// Reads `[profiles.NAME.objects]`.
pub(super) fn objects(
    profile: &Section<'_>,
    name: &str,
    around: Surroundings<'_>,
) -> Result<ObjectsConfig> {
    let Some(section) = profile.section("objects")? else {
        return Err(profile.missing("objects.bucket", BUCKET));
    };
    let section = section.with_keys(OBJECTS)?;
    let bucket = section.parsed("bucket", "the name of a bucket", values::bucket)?;
    let store = match (place(&section, "s3")?, bucket) {
        (Place::Local, _) => ObjectStoreConfig::Local {
            path: path(&section, name, defaults::OBJECTS_FOLDER, around)?,
        },
        (Place::Aws, Some(bucket)) => ObjectStoreConfig::S3 { bucket },
        (Place::Aws, None) => return Err(section.missing("bucket", BUCKET)),
    };
    let mut objects = ObjectsConfig::new(store);
    objects.region = section.text("region")?.map(str::to_owned);
    objects.headers = headers(&section)?;
    set(
        &mut objects.key,
        section.parsed("key", KEY_TEMPLATE, KeyTemplate::parse)?,
    );
    set(&mut objects.format, section.choice("format", &FORMATS)?);
    set(
        &mut objects.compression,
        section.choice("compression", &COMPRESSIONS)?,
    );
    objects.key = objects.key.with_suffix(objects.compression.suffix());
    set(
        &mut objects.max_rows_per_object,
        section.number("max_rows_per_object", 1..=u64::MAX)?,
    );
    set(
        &mut objects.consumers,
        section.choice("consumers", &CONSUMERS)?,
    );
    Ok(objects)
}

/// Reads `headers` of `[profiles.NAME.objects]`, which may be left out.
fn headers(objects: &Section<'_>) -> Result<BTreeMap<String, String>> {
    let Some(section) = objects.section("headers")? else {
        return Ok(BTreeMap::new());
    };
    let section = section.with_keys(HEADERS)?;
    let mut headers = BTreeMap::new();
    for name in section.names() {
        let value = section.parsed(name, "the value of a header", values::header)?;
        if name == STORAGE_CLASS && ARCHIVES.iter().any(|class| value.as_deref() == Some(class)) {
            let problem = "objects of this class cannot be read at once, which highwater has to";
            return Err(section.invalid(name, problem));
        }
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(headers)
}

/// Reads `[profiles.NAME.aws]`, which may be left out.
pub(super) fn aws(profile: &Section<'_>) -> Result<AwsConfig> {
    let Some(section) = profile.section("aws")? else {
        return Ok(AwsConfig::default());
    };
    let section = section.with_keys(AWS)?;
    Ok(AwsConfig {
        profile: section.text("profile")?.map(str::to_owned),
        region: section.text("region")?.map(str::to_owned),
        endpoint_url: section.parsed("endpoint_url", "a URL", values::endpoint)?,
    })
}

fn place(section: &Section<'_>, aws: &str) -> Result<Place> {
    let place = section.choice("store", &[(aws, Place::Aws), ("local", Place::Local)])?;
    let place = place.unwrap_or(Place::Aws);
    // Whoever names a path expects it to be used: without this check, the writes would silently go to AWS.
    if place == Place::Aws && section.text("path")?.is_some() {
        return Err(section.invalid("path", "it is for store = \"local\" only"));
    }
    Ok(place)
}

/// The place of a local store: as configured, or else in the profile's part of the state folder.
fn path(
    section: &Section<'_>,
    profile: &str,
    name: &str,
    around: Surroundings<'_>,
) -> Result<PathBuf> {
    match section.text("path")? {
        Some(path) => places::resolve(path, around.base, around.env),
        None => Ok(places::state_dir(around.env)?.join(profile).join(name)),
    }
}

/// All keys of each kind of section, for the test that compares them with the documented configuration.
#[cfg(test)]
pub(super) const ALL: [Known; 3] = [PARAMETERS, OBJECTS, AWS];
