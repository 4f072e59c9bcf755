//! Writing a parameter, at a rate the account allows.
//!
//! An account may write about three parameters a second, over all its processes (Systems Manager quotas,
//! "`PutParameter`"). So the writes of one process take turns, and if others use up the limit, throttling is
//! waited out: it means that the store answers, and a write usually completes a commit that has already been
//! made.

use std::num::NonZeroU32;

use aws_sdk_ssm::config::Builder as ConfigBuilder;
use aws_sdk_ssm::config::retry::RetryPartition;
use aws_sdk_ssm::error::SdkError;
use aws_sdk_ssm::operation::put_parameter::{PutParameterError, PutParameterOutput};
use aws_sdk_ssm::types::ParameterType;

use super::pace::Pace;
use super::throttle::{Patience, is_throttled};
use super::{SsmStore, Version};
use crate::backend::advice::command;
use crate::backend::aws::{HttpResponse, Limits, unlimited};
use crate::backend::error::Result;
use crate::backend::parameters::{NewValue, Presume, Put};
use crate::vocabulary::ParameterName;

/// Parameters that an account may write per second by default.
const RATE: NonZeroU32 = NonZeroU32::new(3).expect("three is not zero");

/// The message if throttling outlasts all patience.
const OVERUSED: &str = "the account's limit on parameter writes is used up: let fewer programs write at once, or have the limit raised";

/// The advice if an account has as many standard parameters in a region as it may have (Systems Manager user
/// guide, "Managing parameter tiers").
fn full() -> String {
    format!(
        "delete parameters that nobody needs: an account may have 10,000 of the standard tier in a region, and {} lists those of tables that are gone; or let further ones be of the advanced tier, which costs: aws ssm update-service-setting --setting-id /ssm/parameter-store/default-parameter-tier --setting-value Intelligent-Tiering",
        command("doctor")
    )
}

/// The advice if SSM cannot remove the oldest of a parameter's 100 versions to make room (user guide, "Working
/// with parameter versions").
fn labelled(name: &ParameterName) -> String {
    format!(
        "the oldest of the 100 versions of {name} has a label, so it cannot be replaced: move the label to a newer version, or remove it: aws ssm unlabel-parameter-version --name {name} --parameter-version VERSION --labels LABEL"
    )
}

/// How the writes of one process are sent, over all tables.
#[derive(Debug)]
pub(super) struct Writes {
    /// If `None`, writes are sent as they come, until the server throttles them.
    pace: Option<Pace>,
    /// Keeps what the SDK learns about throttled writes apart from reads, which have limits of their own.
    partition: RetryPartition,
    limits: Limits,
}

impl Writes {
    /// Limited to the default rate of an account if the store is Amazon's, unlimited on any other server.
    pub fn new(limits: Limits, amazon: bool) -> Self {
        Self {
            pace: amazon.then(|| Pace::of(RATE)),
            partition: unlimited("ssm parameter writes"),
            limits,
        }
    }

    /// Limits writes to `rate` a second, whatever the store is.
    pub fn set_rate(&mut self, rate: NonZeroU32) {
        self.pace = Some(Pace::of(rate));
    }

    async fn turn(&self) {
        if let Some(pace) = &self.pace {
            pace.turn().await;
        }
    }

    fn config(&self) -> ConfigBuilder {
        let (timeouts, retries) = self.limits.for_parameter_write();
        ConfigBuilder::default()
            .timeout_config(timeouts)
            .retry_config(retries)
            .retry_partition(self.partition.clone())
    }
}

/// What a write specifies about the parameter besides its value.
struct Form {
    kind: ParameterType,
    /// The KMS key it is encrypted with.
    key: Option<String>,
    overwrites: bool,
}

/// The service's answer to a write.
type Answer = Result<PutParameterOutput, SdkError<PutParameterError, HttpResponse>>;

impl SsmStore {
    /// Writes a value. If the first answer is lost, the SDK sends the write again: the result is then
    /// [`Put::Exists`], or one version more than expected, and the Description shows whose version it is.
    pub(super) async fn write(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put> {
        let doing = format!("writing parameter {name}");
        let form = self.form_of(name, new.presume).await?;
        let patience = Patience::of(self.writes.limits.patience);
        let written = loop {
            self.writes.turn().await;
            let written = self.send(name, new, &form).await;
            if self.advanced.learns(name, &written) {
                continue;
            }
            if !patience.waits(&doing, &written).await {
                break written;
            }
        };
        let throttled = is_throttled(&written);
        match written {
            Ok(answer) => Ok(Put::Written(Version(answer.version()))),
            Err(error) if throttled => {
                let call = self.call(&doing, "ssm:PutParameter");
                Err(call.throttled(format!("{OVERUSED} ({})", call.answer(&error))))
            }
            Err(error) => match error.as_service_error() {
                Some(PutParameterError::ParameterAlreadyExists(_))
                    if new.presume == Presume::Absent =>
                {
                    Ok(Put::Exists)
                }
                Some(PutParameterError::ParameterMaxVersionLimitExceeded(_)) => {
                    let call = self.call(&doing, "ssm:PutParameter");
                    Err(call.remedied(call.answer(&error), labelled(name)))
                }
                Some(PutParameterError::ParameterLimitExceeded(_)) => {
                    let call = self.call(&doing, "ssm:PutParameter");
                    Err(call.remedied(call.answer(&error), full()))
                }
                _ => Err(self.call(&doing, "ssm:PutParameter").failed(&error)),
            },
        }
    }

    /// An existing parameter keeps its form.
    async fn form_of(&self, name: &ParameterName, presume: Presume) -> Result<Form> {
        let overwrites = presume == Presume::Any;
        let kind = if overwrites {
            self.type_of(name)
        } else {
            ParameterType::String
        };
        let key = self.key_of(name, &kind).await?;
        Ok(Form {
            kind,
            key,
            overwrites,
        })
    }

    async fn send(&self, name: &ParameterName, new: NewValue<'_>, form: &Form) -> Answer {
        self.client
            .put_parameter()
            .name(name.as_str())
            .value(new.value)
            .description(new.description)
            .r#type(form.kind.clone())
            .set_key_id(form.key.clone())
            .set_tier(self.advanced.tier(name))
            .overwrite(form.overwrites)
            .customize()
            .config_override(self.writes.config())
            .send()
            .await
    }
}
