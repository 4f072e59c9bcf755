//! AWS SSM Parameter Store.
//!
//! Values are read with decryption, so a `SecureString` made by another program is read like any other.
//! An overwritten parameter keeps its type and its key; a new one is created as a `String`.

mod encryption;
mod names;
mod pace;
mod throttle;
mod tier;
mod write;

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter_history::GetParameterHistoryError;
use aws_sdk_ssm::types::{Parameter as SsmParameter, ParameterHistory, ParameterType};
use aws_smithy_types::DateTime as SdkDateTime;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{NewValue, Parameter, ParameterStore, ParameterVersion, Put};
use crate::backend::aws::{Aws, Call, is_amazon};
use crate::backend::error::{Error, Result, Service};
use crate::vocabulary::{ParameterName, Version};
use encryption::Keys;
use throttle::Patience;
use tier::Advanced;
use write::Writes;

/// Maximum number of names in one `GetParameters` request (Systems Manager API reference).
const NAMES_PER_REQUEST: usize = 10;
/// How many requests one [`get`](ParameterStore::get) has in flight at once. An account may send 40 a
/// second by default (Systems Manager quotas), so these requests alone never exhaust the quota.
const REQUESTS_AT_ONCE: usize = 4;
/// Maximum number of versions in one answer of `GetParameterHistory`.
const VERSIONS_PER_REQUEST: i32 = 50;

/// Parameters in SSM.
#[derive(Debug)]
pub struct SsmStore {
    client: Client,
    endpoint: Option<String>,
    missing_profile: Option<String>,
    partition: &'static str,
    writes: Writes,
    /// How long a read is retried while the store only answers that there are too many requests.
    patience: Duration,
    place: String,
    /// Types of the parameters seen to be something other than a `String`. An overwrite has to name the
    /// type again for an encrypted parameter to stay encrypted.
    types: Mutex<HashMap<ParameterName, ParameterType>>,
    keys: Keys,
    advanced: Advanced,
}

impl SsmStore {
    /// The parameters of the account and region that `aws` is configured for. If the store is Amazon's,
    /// writes are limited to the default rate of an account. Nothing is sent yet.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let (client, endpoint) = aws.ssm();
        let place = format!("SSM {}", aws.region().unwrap_or("without region"));
        let amazon = endpoint.as_deref().is_none_or(is_amazon);
        Self {
            client,
            endpoint,
            missing_profile: aws.missing_profile(),
            partition: aws.partition(),
            writes: Writes::new(aws.limits(), amazon),
            patience: aws.limits().operation.min(aws.limits().patience),
            place,
            types: Mutex::default(),
            keys: Keys::default(),
            advanced: Advanced::default(),
        }
    }

    /// Limits writes to `rate` a second; `None` leaves the limit as it is.
    #[must_use]
    pub fn with_write_rate(mut self, rate: Option<NonZeroU32>) -> Self {
        if let Some(rate) = rate {
            self.writes.set_rate(rate);
        }
        self
    }

    fn call<'a>(&'a self, doing: &'a str, permission: &'a str) -> Call<'a> {
        tracing::trace!(place = self.place, doing, "Parameter Store");
        Call {
            service: Service::Parameters,
            place: &self.place,
            endpoint: self.endpoint.as_deref(),
            missing_profile: self.missing_profile.as_deref(),
            partition: self.partition,
            doing,
            permission,
        }
    }

    /// Returns the values of at most ten distinct names.
    async fn get_batch(
        &self,
        names: &[ParameterName],
    ) -> Result<Vec<(ParameterName, Option<Parameter>)>> {
        let doing = format!("reading parameter {}", listed(names));
        let call = self.call(&doing, "ssm:GetParameters");
        let spelled: Vec<String> = names.iter().map(ToString::to_string).collect();
        let request = self.client.get_parameters().with_decryption(true);
        let request = request.set_names(Some(spelled));
        let patience = Patience::of(self.patience);
        let answer = loop {
            let answer = request.clone().send().await;
            if !patience.waits(&doing, &answer).await {
                break answer.map_err(|error| call.failed(&error))?;
            }
        };
        let mut found: HashMap<&str, &SsmParameter> = answer
            .parameters()
            .iter()
            .filter_map(|parameter| Some((parameter.name()?, parameter)))
            .collect();
        let absent: HashSet<&str> = answer
            .invalid_parameters()
            .iter()
            .map(String::as_str)
            .collect();
        names
            .iter()
            .map(|name| match found.remove(name.as_str()) {
                Some(parameter) => Ok((name.clone(), Some(self.read(name, parameter, call)?))),
                None if absent.contains(name.as_str()) => Ok((name.clone(), None)),
                // Neither a value nor "no such name": must not be taken for a first run.
                None => Err(call.other(format!("the answer does not mention {name}"))),
            })
            .collect()
    }

    fn read(
        &self,
        name: &ParameterName,
        parameter: &SsmParameter,
        call: Call<'_>,
    ) -> Result<Parameter> {
        self.remember_type(name, parameter.r#type());
        Ok(Parameter {
            value: parameter
                .value()
                .ok_or_else(|| call.other(format!("{name} came without a value")))?
                .to_owned(),
            version: Version(parameter.version()),
        })
    }

    fn remember_type(&self, name: &ParameterName, kind: Option<&ParameterType>) {
        let mut types = self.types.lock().unwrap_or_else(PoisonError::into_inner);
        match kind {
            None | Some(ParameterType::String) => types.remove(name),
            Some(other) => types.insert(name.clone(), other.clone()),
        };
    }

    fn type_of(&self, name: &ParameterName) -> ParameterType {
        self.types
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
            .unwrap_or(ParameterType::String)
    }

    /// Returns all versions of a parameter, oldest first; none if it does not exist.
    async fn versions(
        &self,
        name: &ParameterName,
        decrypted: bool,
    ) -> Result<Vec<ParameterHistory>> {
        let doing = history_of(name);
        let call = self.call(&doing, "ssm:GetParameterHistory");
        let request = self.client.get_parameter_history().name(name.as_str());
        let request = request.with_decryption(decrypted);
        let request = request.max_results(VERSIONS_PER_REQUEST);
        let mut patience = Patience::of(self.patience);
        let mut versions = Vec::new();
        let mut next = None;
        loop {
            let page = request.clone().set_next_token(next.clone()).send().await;
            if patience.waits(&doing, &page).await {
                continue;
            }
            let page = match page {
                Ok(page) => page,
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(GetParameterHistoryError::is_parameter_not_found) =>
                {
                    return Ok(Vec::new());
                }
                Err(error) => return Err(call.failed(&error)),
            };
            versions.extend(page.parameters.unwrap_or_default());
            next = further(page.next_token, next.as_deref());
            if next.is_none() {
                break;
            }
            patience = Patience::of(self.patience);
        }
        versions.sort_by_key(ParameterHistory::version);
        Ok(versions)
    }
}

#[async_trait]
impl ParameterStore for SsmStore {
    fn place(&self) -> &str {
        &self.place
    }

    async fn get(&self, names: &[ParameterName]) -> Result<Vec<Option<Parameter>>> {
        // SSM refuses a request that contains the same name twice.
        let mut seen = HashSet::new();
        let different: Vec<ParameterName> =
            names.iter().filter(|n| seen.insert(*n)).cloned().collect();
        let batches = different.chunks(NAMES_PER_REQUEST).map(<[_]>::to_vec);
        let values: HashMap<ParameterName, Option<Parameter>> = stream::iter(batches)
            .map(|batch| async move { self.get_batch(&batch).await })
            .buffer_unordered(REQUESTS_AT_ONCE)
            .try_fold(HashMap::new(), |mut all, batch| async move {
                all.extend(batch);
                Ok(all)
            })
            .await?;
        Ok(names
            .iter()
            .map(|name| values.get(name).cloned().flatten())
            .collect())
    }

    async fn put(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put> {
        self.write(name, new).await
    }

    async fn history(&self, name: &ParameterName) -> Result<Vec<ParameterVersion>> {
        let versions = self.versions(name, true).await?;
        let doing = history_of(name);
        let call = self.call(&doing, "ssm:GetParameterHistory");
        let versions = versions
            .iter()
            .map(|version| read_version(name, version, call));
        versions.collect()
    }

    async fn names(&self, prefix: &str) -> Result<Vec<ParameterName>> {
        self.list_names(prefix).await
    }
}

/// What is being done, as worded in errors.
fn history_of(name: &ParameterName) -> String {
    format!("reading the history of parameter {name}")
}

/// The token of the page after the one that was requested with `asked`. Some servers return an empty
/// token with the last page, and a token that stays the same would lead to an endless loop.
fn further(token: Option<String>, asked: Option<&str>) -> Option<String> {
    token.filter(|token| !token.is_empty() && Some(token.as_str()) != asked)
}

fn read_version(
    name: &ParameterName,
    version: &ParameterHistory,
    call: Call<'_>,
) -> Result<ParameterVersion> {
    let incomplete = |what: &str| -> Error {
        call.other(format!(
            "version {} of {name} came without {what}",
            version.version()
        ))
    };
    Ok(ParameterVersion {
        version: Version(version.version()),
        value: version
            .value()
            .ok_or_else(|| incomplete("a value"))?
            .to_owned(),
        written_at: version
            .last_modified_date()
            .and_then(datetime)
            .ok_or_else(|| incomplete("a date"))?,
        written_by: version.last_modified_user().unwrap_or_default().to_owned(),
        description: version.description().unwrap_or_default().to_owned(),
    })
}

fn datetime(at: &SdkDateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// The first name, and the number of others.
fn listed(names: &[ParameterName]) -> String {
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    }
}
