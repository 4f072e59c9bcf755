//! The KMS keys of encrypted parameters.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ssm::types::{ParameterHistory, ParameterType};

use super::SsmStore;
use crate::backend::error::Result;
use crate::vocabulary::ParameterName;

/// The keys looked up so far.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<ParameterName, Key>>);

/// The key of a parameter according to the store, which may not name one.
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
    /// Returns the key that an overwrite of a parameter of this type has to name for it to stay
    /// encrypted with that key. A write that names none uses the account's default key (Systems
    /// Manager API reference, `PutParameter`, `KeyId`), which others who read the parameter may not
    /// be allowed to use.
    ///
    /// With no more permissions than ingestion needs, only the history reveals the key. It is read
    /// once, and without decryption, because the keys of old versions may be gone.
    ///
    /// # Errors
    /// As [`history`](crate::backend::parameters::ParameterStore::history): if the key cannot be
    /// found out, it is not replaced by another.
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
