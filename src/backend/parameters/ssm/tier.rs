//! Parameters of the advanced tier.
//!
//! One that was made so, because it has a policy for example, cannot be written as a standard one any more
//! (Systems Manager user guide, "Managing parameter tiers"), and a write that names no tier has the one that
//! the account has by default (API reference, `PutParameter`, `Tier`). Who may do no more than ingestion needs
//! is not told the tier of a parameter: the refusal of the write tells.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::ParameterTier;

use crate::vocabulary::ParameterName;

/// The refusal of a write that would make an advanced parameter a standard one.
const DOWNGRADE: (&str, &str) = ("ValidationException", "uses the advanced-parameter tier");

/// The parameters that are known to be of it.
#[derive(Debug, Default)]
pub(super) struct Advanced(Mutex<HashSet<ParameterName>>);

impl Advanced {
    /// The tier that a write of a parameter names; `None` where none is known to be needed.
    pub fn tier(&self, name: &ParameterName) -> Option<ParameterTier> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(name).then_some(ParameterTier::Advanced)
    }

    /// Takes note of what a write without a tier was answered with; says whether it has to be sent again
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
