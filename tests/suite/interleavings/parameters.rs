//! A parameter store in memory, with the guarantees of SSM: versions that count up by one, a
//! history with Descriptions, creation only if the parameter does not exist, and no
//! compare-and-set.

use std::collections::BTreeMap;

use async_trait::async_trait;
use highwater::backend::Result;
use highwater::backend::error::Service;
use highwater::backend::parameters::{
    NewValue, Parameter, ParameterStore, ParameterVersion, Presume, Put,
};
use highwater::backend::provenance::Provenance;
use highwater::vocabulary::{ParameterName, Version};

use super::turns::{Call, Gate};
use super::world::{Event, State, Value};

/// All versions of all parameters, oldest first.
#[derive(Debug, Default)]
pub struct Shelf(BTreeMap<ParameterName, Vec<ParameterVersion>>);

/// The value that a parameter holds, judging by its name in the default template.
pub fn value_of(name: &ParameterName) -> Value {
    if name.as_str().ends_with("/timestamp") {
        Value::Timestamp
    } else {
        Value::SequenceId
    }
}

impl Shelf {
    /// The versions of the only parameter that holds this value.
    pub fn versions(&self, value: Value) -> &[ParameterVersion] {
        let found = self.0.iter().find(|(name, _)| value_of(name) == value);
        found.map_or(&[], |(_, versions)| versions)
    }

    /// The newest text of this value.
    pub fn newest(&self, value: Value) -> Option<&str> {
        Some(self.versions(value).last()?.value.as_str())
    }

    /// The name and version at an index in a value's history.
    pub fn at(&self, value: Value, place: usize) -> Option<(ParameterName, ParameterVersion)> {
        let (name, versions) = self.0.iter().find(|(name, _)| value_of(name) == value)?;
        Some((name.clone(), versions.get(place)?.clone()))
    }
}

/// The store as seen by one actor.
#[derive(Debug)]
pub struct MemoryParameters(pub Gate);

impl MemoryParameters {
    fn write(&self, state: &mut State, name: &ParameterName, new: NewValue<'_>) -> Put {
        let (value, description) = (new.value, new.description);
        let written_at = state.now().to_datetime();
        let versions = state.parameters.0.entry(name.clone()).or_default();
        if new.presume == Presume::Absent && !versions.is_empty() {
            state.note(|| format!("{name} exists"));
            return Put::Exists;
        }
        let version = versions
            .last()
            .map_or(Version(1), |newest| newest.version.next());
        versions.push(ParameterVersion {
            version,
            value: value.to_owned(),
            written_at,
            written_by: "memory".to_owned(),
            description: description.to_owned(),
        });
        state.events.push(Event::Written {
            actor: self.0.actor,
            value: value_of(name),
            text: value.to_owned(),
            by: Provenance::from_description(description),
        });
        state.note(|| format!("{name} = {value} as version {version}, {description}"));
        Put::Written(version)
    }
}

#[async_trait]
impl ParameterStore for MemoryParameters {
    fn place(&self) -> &'static str {
        "memory"
    }

    /// Read one after the other: nothing guarantees that SSM reads several names at the same
    /// moment.
    async fn get(&self, names: &[ParameterName]) -> Result<Vec<Option<Parameter>>> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let read = |state: &mut State| {
                let now = state.events.len();
                let looked_at = state.looked_at.entry(self.0.actor).or_default();
                match value_of(name) {
                    Value::Timestamp => looked_at.timestamp = now,
                    Value::SequenceId => looked_at.sequence_id = now,
                }
                let newest = state
                    .parameters
                    .0
                    .get(name)
                    .and_then(|versions| versions.last());
                let parameter = newest.map(|newest| Parameter {
                    value: newest.value.clone(),
                    version: newest.version,
                });
                state.note(|| match &parameter {
                    Some(Parameter { value, version }) => {
                        format!("{name} is {value}, version {version}")
                    }
                    None => format!("{name} is not there"),
                });
                parameter
            };
            found.push(
                self.0
                    .call(Service::Parameters, Call::GetParameter, read)
                    .await?,
            );
        }
        Ok(found)
    }

    async fn put(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put> {
        let write = |state: &mut State| self.write(state, name, new);
        self.0
            .call(Service::Parameters, Call::PutParameter, write)
            .await
    }

    async fn history(&self, name: &ParameterName) -> Result<Vec<ParameterVersion>> {
        let read = |state: &mut State| state.parameters.0.get(name).cloned().unwrap_or_default();
        self.0
            .call(Service::Parameters, Call::ParameterHistory, read)
            .await
    }
    async fn names(&self, prefix: &str) -> Result<Vec<ParameterName>> {
        let list = |state: &mut State| {
            let names = state.parameters.0.keys();
            let below = names.filter(|name| name.as_str().starts_with(prefix));
            below.cloned().collect()
        };
        self.0
            .call(Service::Parameters, Call::GetParameter, list)
            .await
    }
}
