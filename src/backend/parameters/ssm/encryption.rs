//! The KMS keys of parameters that are encrypted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ssm::types::{ParameterHistory, ParameterType};

use super::SsmStore;
use crate::backend::error::Result;
use crate::vocabulary::ParameterName;

/// The keys that were asked for.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<ParameterName, Key>>);

/// What the store says of the key of a parameter, which may be nothing.
#[derive(Debug, Clone)]
struct Key(Option<String>);

impl Keys {
    fn of(&self, name: &ParameterName) -> Option<Key> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(name).cloned()
    }

    fn remember(&self, name: &ParameterName, key: Key) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(name.clone(), key);
    }
}

impl SsmStore {
    /// The key that an overwrite of a parameter of this type has to name, so that it stays encrypted
    /// with it: where a write names none, the account's default key is taken (Systems Manager API
    /// reference, `PutParameter`, `KeyId`), which others who read the parameter may not be allowed to
    /// use.
    ///
    /// Only the history names it to somebody who may do no more than ingestion needs. It is asked for
    /// once, and without decryption: old versions may have keys that are gone.
    ///
    /// # Errors
    /// As [`history`](crate::backend::parameters::ParameterStore::history): a key that is not known
    /// is not replaced by another.
    pub(super) async fn key_of(
        &self,
        name: &ParameterName,
        kind: &ParameterType,
    ) -> Result<Option<String>> {
        if *kind != ParameterType::SecureString {
            return Ok(None);
        }
        if let Some(Key(known)) = self.keys.of(name) {
            return Ok(known);
        }
        let versions = self.versions(name, false).await?;
        let newest = versions.last().and_then(ParameterHistory::key_id);
        let key = newest.map(str::to_owned);
        self.keys.remember(name, Key(key.clone()));
        Ok(key)
    }
}
