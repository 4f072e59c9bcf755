//! The three pairs of stores that each suite runs against.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use highwater::backend::{
    Backend, Stores,
    aws::{Aws, Limits},
    ingest::{IngestOptions, IngestReport},
    journal::Journal,
    objects::s3::S3Store,
    parameters::ssm::SsmStore,
    progress::Context,
    source::Precision,
    status::{StatusPart, TableStatus},
};
use highwater::config::{self, Mode, ObjectStoreConfig, Profile};
use highwater::vocabulary::TableName;

use super::{Database, Emulator, FaultProxy, Sandbox, emulators, unique};

/// A backend for a database of its own and one pair of stores.
pub struct Stage {
    /// `local`, `moto` or `ministack`.
    pub name: String,
    pub sandbox: Sandbox,
    pub backend: Backend,
    pub emulator: Option<Emulator>,
}

impl Stage {
    /// A backend for the local stores.
    pub async fn local(database: &Database) -> Self {
        Self::open("local", Sandbox::local(database), None).await
    }

    /// A backend for each available pair of stores: local, moto, ministack.
    pub async fn all(database: &Database) -> Vec<Self> {
        let mut stages = vec![Self::local(database).await];
        for emulator in emulators() {
            stages.push(Self::emulated(database, &emulator).await);
        }
        stages
    }

    /// A backend for its own bucket and names in `emulator`.
    pub async fn emulated(database: &Database, emulator: &Emulator) -> Self {
        let bucket = unique("bucket");
        emulator.create_bucket(&bucket).await;
        let sandbox = Sandbox::emulated(database, emulator, &bucket, &unique("highwater"));
        Self::open(emulator.name(), sandbox, Some(emulator.clone())).await
    }

    /// Ingests a table, into objects of at most `max_rows` rows if given.
    pub async fn ingest(&self, name: &str, max_rows: Option<u64>) -> IngestReport {
        let (table, context) = (table(name), Context::default());
        let options = IngestOptions { max_rows };
        self.backend.ingest(&table, options, &context).await
    }

    /// The status of a table, with exact counts.
    pub async fn status(&self, name: &str) -> TableStatus {
        let tables = self.backend.tables().await.expect("tables");
        let described = tables.into_iter().find(|one| one.name == table(name));
        let catalog = described.expect("the table").findings;
        let blank = TableStatus::new(table(name), Mode::Incremental, catalog);
        let found = Mutex::new(blank);
        let apply = |part: StatusPart| found.lock().expect("no panic").apply(part.value);
        let (tables, context) = ([table(name)], Context::default());
        let exact = Precision::Exact;
        self.backend.status(&tables, exact, &context, &apply).await;
        found.into_inner().expect("no panic")
    }

    /// The same stores, which the sandbox and the backend now reach through `proxy`; `emulator`
    /// still reaches them directly.
    pub async fn through(&self, proxy: &FaultProxy) -> Self {
        let direct = self.emulator.clone().expect("a stage with an emulator");
        let mut sandbox = Sandbox::empty();
        let file = std::fs::read_to_string(self.sandbox.config_file()).expect("a configuration");
        sandbox.write_config(&file.replace(direct.endpoint(), proxy.endpoint()));
        for (name, value) in Emulator::at("proxy", proxy.endpoint()).environment() {
            sandbox.set(name, &value);
        }
        let backend = reopen(&sandbox).await;
        Self {
            name: format!("{} through a proxy", self.name),
            sandbox,
            backend,
            emulator: Some(direct),
        }
    }

    /// The same stage, with a backend that gives up within `limits`.
    pub async fn limited(mut self, limits: Limits) -> Self {
        let profile = profile(&self.sandbox);
        let endpoint = profile.aws.endpoint_url.clone().expect("an endpoint");
        let chain = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(super::REGION))
            .credentials_provider(super::emulator::credentials())
            .endpoint_url(endpoint);
        let aws = Box::pin(Aws::from_loader(chain, limits)).await;
        let ObjectStoreConfig::S3 { bucket } = &profile.objects.store else {
            panic!("{}: no bucket", self.name)
        };
        let mut stores = Box::pin(Stores::of(&profile)).await.expect("stores");
        stores.parameters = Arc::new(SsmStore::new(&aws));
        stores.objects = Arc::new(S3Store::new(&aws, bucket));
        let journal = Journal::new(self.sandbox.path().join("journal.db"));
        self.backend = Backend::with_stores(profile, stores, journal);
        self
    }

    /// A backend whose parameters and objects are at `endpoint`, where nobody answers.
    pub async fn unreachable(database: &Database, endpoint: &str) -> Self {
        let emulator = Emulator::at("nobody", endpoint);
        let sandbox = Sandbox::emulated(database, &emulator, "bucket", "highwater");
        Self::open("nobody", sandbox, Some(emulator)).await
    }

    async fn open(name: &str, sandbox: Sandbox, emulator: Option<Emulator>) -> Self {
        if let Some(emulator) = &emulator {
            sandbox.append_config(&format!(
                "[profiles.test.aws]\nendpoint_url = \"{}\"\nregion = \"{}\"",
                emulator.endpoint(),
                super::REGION
            ));
        }
        let backend = reopen(&sandbox).await;
        Self {
            name: name.to_owned(),
            sandbox,
            backend,
            emulator,
        }
    }

    /// The profile of the sandbox.
    pub fn profile(&self) -> Profile {
        profile(&self.sandbox)
    }

    /// How often each `id` occurs in the objects of a table.
    pub async fn ids(&self, table_name: &str) -> BTreeMap<i64, usize> {
        let mut ids = BTreeMap::new();
        let objects = self.backend.objects(&table(table_name), usize::MAX).await;
        for object in objects.expect("a listing") {
            let mut rows = self.backend.object_rows(&object.key);
            while let Some(row) = rows.next_row().await.expect("a body") {
                let row: serde_json::Value = serde_json::from_str(&row).expect("JSON");
                *ids.entry(row["id"].as_i64().expect("an id")).or_default() += 1;
            }
        }
        ids
    }

    /// The same stage, in which only rows of at least this age are ingested: `500ms`.
    pub async fn with_settle(mut self, settle: &str) -> Self {
        self.set("settle", settle).await;
        self
    }

    /// The same stage with the source at `url`.
    pub async fn reading(mut self, url: &str) -> Self {
        self.set("url", url).await;
        self
    }

    /// Replaces the value of `key` in the configuration file by `value`.
    async fn set(&mut self, key: &str, value: &str) {
        let text = std::fs::read_to_string(self.sandbox.config_file()).expect("a configuration");
        let start = format!("{key} = ");
        let lines = text.lines().map(|line| {
            if line.starts_with(&start) {
                format!("{start}\"{value}\"\n")
            } else {
                format!("{line}\n")
            }
        });
        let changed: String = lines.collect();
        assert!(changed.contains(value), "there is no {key}: {text}");
        self.sandbox.write_config(&changed);
        self.backend = reopen(&self.sandbox).await;
    }

    /// The same stage with `line` added after each heading of `section` in the configuration file.
    pub async fn with_setting(self, section: &str, line: &str) -> Self {
        let text = std::fs::read_to_string(self.sandbox.config_file()).expect("a configuration");
        let heading = format!("[profiles.test.{section}]");
        assert!(text.contains(&heading), "{text}");
        self.sandbox
            .write_config(&text.replace(&heading, &format!("{heading}\n{line}")));
        self.configured("").await
    }

    /// The same stage after appending `change` to the configuration file.
    pub async fn configured(mut self, change: &str) -> Self {
        self.sandbox.append_config(change);
        self.backend = reopen(&self.sandbox).await;
        self
    }
}

/// The profile described by the sandbox's file.
pub fn profile(sandbox: &Sandbox) -> Profile {
    let request = config::Request {
        config: Some(sandbox.config_file()),
        profile: None,
        read_only: false,
    };
    config::load(&request, &|_| None)
        .unwrap_or_else(|error| panic!("the configuration: {error}"))
        .expect("there is a configuration")
}

async fn reopen(sandbox: &Sandbox) -> Backend {
    let journal = Journal::new(sandbox.path().join("journal.db"));
    // Opening AWS clients makes a large future, which every test that opens a stage would contain.
    Box::pin(Backend::open(profile(sandbox), journal))
        .await
        .expect("a backend")
}

/// Ingests the table that most tests use.
pub async fn ingest_payment(stage: &Stage) -> IngestReport {
    stage.ingest("payment", None).await
}

/// A table of schema public.
pub fn table(name: &str) -> TableName {
    TableName::parse(name)
}
