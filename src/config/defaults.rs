//! Defaults: what holds if the configuration leaves a setting out.
//!
//! `assets/config.toml` spells out the same values with comments; a test keeps the two in step.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono_tz::Tz;

use super::template::{KeyTemplate, ParameterTemplate};
use super::{
    AwsConfig, BodyFormat, Compression, ConfigError, ConsoleConfig, Consumers, ObjectStoreConfig,
    ObjectsConfig, ParameterStoreConfig, ParametersConfig, Profile, Safety, Selection,
    SourceConfig,
};
use crate::vocabulary::watermark::TimestampFormat;

/// The file name of a local parameter store in its folder.
pub(super) const PARAMETERS_FILE: &str = "parameters.db";
/// The name of a local object store in its folder.
pub(super) const OBJECTS_FOLDER: &str = "objects";

impl SourceConfig {
    /// The source at `url`, with defaults for everything else.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            url_at: None,
            password_command: None,
            sslmode: None,
            sslrootcert: None,
            sslcert: None,
            sslkey: None,
            tables: vec!["public.*".to_owned()],
            exclude: Vec::new(),
            timestamp_columns: vec!["last_updated".to_owned()],
            timezone: Tz::UTC,
            settle: Duration::from_secs(5),
            horizon_ignore: Vec::new(),
            max_connections: 8,
        }
    }
}

impl ParametersConfig {
    /// Parameters in `store`, with the default names and format.
    #[must_use]
    pub fn new(store: ParameterStoreConfig) -> Self {
        Self {
            store,
            timestamp: parameter("/highwater/{table}/timestamp"),
            sequence_id: parameter("/highwater/{table}/sequence_id"),
            timestamp_format: TimestampFormat::Rfc3339,
            writes_per_second: None,
        }
    }
}

impl ObjectsConfig {
    /// Objects in `store`, with the default keys and format.
    ///
    /// # Panics
    /// Never: the default template is valid.
    #[must_use]
    pub fn new(store: ObjectStoreConfig) -> Self {
        Self {
            store,
            region: None,
            headers: BTreeMap::new(),
            key: KeyTemplate::parse("{table}/{table}_{seq:08}.jsonl")
                .expect("the default template is valid, as the tests of the defaults show"),
            format: BodyFormat::Jsonl,
            compression: Compression::None,
            max_rows_per_object: 1_000_000,
            consumers: Consumers::Keep,
        }
    }
}

/// The name of the built-in demo's profile.
pub const DEMO: &str = "demo";

impl Profile {
    /// A profile made of these parts, with defaults for everything else.
    ///
    /// # Errors
    /// [`ConfigError::Globs`] if a pattern of `source` is not a glob.
    pub fn new(
        name: impl Into<String>,
        source: SourceConfig,
        parameters: ParametersConfig,
        objects: ObjectsConfig,
    ) -> Result<Self, ConfigError> {
        let name = name.into();
        let tables = BTreeMap::new();
        let selection = Selection::new(&source, &tables).map_err(|cause| ConfigError::Globs {
            profile: name.clone(),
            cause,
        })?;
        Ok(Self {
            env: name.clone(),
            name,
            safety: Safety::Normal,
            colour: "green".to_owned(),
            source,
            parameters,
            objects,
            aws: AwsConfig::default(),
            tables,
            selection,
            console: ConsoleConfig::default(),
            demo: false,
        })
    }

    /// The profile of the built-in demo: the source at `url`, local stores in `folder`.
    ///
    /// # Panics
    /// Never: the default globs are valid.
    #[must_use]
    pub fn demo(url: impl Into<String>, folder: &Path) -> Self {
        let parameters = ParameterStoreConfig::Local {
            path: folder.join(PARAMETERS_FILE),
        };
        let objects = ObjectStoreConfig::Local {
            path: folder.join(OBJECTS_FOLDER),
        };
        let profile = Self::new(
            DEMO,
            SourceConfig::new(url),
            ParametersConfig::new(parameters),
            ObjectsConfig::new(objects),
        )
        .expect("the default globs are valid, as the tests of the defaults show");
        Self {
            colour: "cyan".to_owned(),
            demo: true,
            ..profile
        }
    }
}

fn parameter(template: &str) -> ParameterTemplate {
    ParameterTemplate::parse(template)
        .expect("the default template is valid, as the tests of the defaults show")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::TableName;

    #[test]
    fn the_demo_keeps_everything_in_its_folder() {
        let demo = Profile::demo("postgres://h/d", Path::new("/state/demo"));
        assert!(demo.demo && demo.selects(&TableName::parse("payment")));
        assert_eq!(
            demo.parameters.store,
            ParameterStoreConfig::Local {
                path: "/state/demo/parameters.db".into()
            }
        );
        assert_eq!(
            demo.objects.store,
            ObjectStoreConfig::Local {
                path: "/state/demo/objects".into()
            }
        );
    }
}
