//! Parameters of the advanced tier.
//!
//! A parameter that was made advanced, because it has a policy for example, can no longer be written as a
//! standard one (Systems Manager user guide, "Managing parameter tiers"), and a write that names no tier gets
//! the account's default tier (API reference, `PutParameter`, `Tier`). With no more permissions than ingestion
//! needs, the tier of a parameter cannot be read: it only shows when the write is refused.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::ParameterTier;

use crate::vocabulary::ParameterName;

/// The error code and message that refuse a write which would make an advanced parameter a standard one.
const DOWNGRADE: (&str, &str) = ("ValidationException", "uses the advanced-parameter tier");

/// The parameters known to be of the advanced tier.
#[derive(Debug, Default)]
pub(super) struct Advanced(Mutex<HashSet<ParameterName>>);

impl Advanced {
    /// The tier that a write of a parameter has to name; `None` if it is not known to need one.
    pub fn tier(&self, name: &ParameterName) -> Option<ParameterTier> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(name).then_some(ParameterTier::Advanced)
    }

    /// Learns from the answer to a write that named no tier. Returns whether the write has to be sent again
    /// with one.
    pub fn learns<T, E: ProvideErrorMetadata>(
        &self,
        name: &ParameterName,
        answer: &Result<T, E>,
    ) -> bool {
        let (code, message) = DOWNGRADE;
        let refused = answer.as_ref().err().is_some_and(|error| {
            error.code() == Some(code) && error.message().is_some_and(|text| text.contains(message))
        });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused && known.insert(name.clone())
    }
}
