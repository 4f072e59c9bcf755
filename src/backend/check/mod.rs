//! Trying every service and every permission, harmlessly.
//!
//! Reads are tried as they are. The two writes are tried in a way that changes no table: creating a parameter
//! that already exists, which the store refuses, but only after it has checked the permission; and beginning
//! a multipart upload and aborting it. There is no way to ask whether a store creates an object only once: in
//! S3, a small object with a name of its own is created until that is refused, and then deleted. Under a
//! read-only profile, none of the writes are tried.

mod objects;

use chrono::Utc;
use serde::Serialize;

use super::error::chain;
use super::finding::{FindingCode, Severity};
use super::parameters::{NewValue, Parameter, Put};
use super::source::SourceTable;
use super::tables::none_is_selected;
use super::{Backend, Error, Result, grant, source};
use crate::config::ParameterStoreConfig;
use crate::figures::{count, length};
use crate::vocabulary::{ParameterName, TableName};

/// One thing that was tried; the shape of `highwater check --output json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckItem {
    /// `source`, `parameters` or `objects`.
    pub service: &'static str,
    /// Host, endpoint or path.
    pub place: String,
    /// What was tried, or the permission it needs: `ssm:GetParameters`.
    pub what: String,
    pub ok: bool,
    /// The outcome; for a failure, with its causes.
    pub message: String,
    /// The statement that grants what is missing, or the next step.
    pub remedy: Option<String>,
}

/// The outcome of a write under a profile that allows none.
const NOT_TRIED: &str = "not tried: the profile is read-only";

/// The outcome for the permission to write values before the first run. The only ways to try it are to
/// overwrite a value and to create one that exists, and both need an existing value.
const NOTHING_TO_PUT: &str = "not tried: no value is recorded yet, and trying it would write one";

/// The same where the source does not say which tables there are, or none is selected.
const NO_TABLE_TO_PUT: &str = "not tried: no table is known that could have a value";

/// Stands in for a table where none is known: a store can only be asked for names.
const STAND_IN: &str = "highwater-check";

/// The service that is being tried.
struct Probe {
    service: &'static str,
    place: String,
    /// Whether it is a file or a folder, to which the permissions of AWS do not apply.
    local: bool,
}

/// What is wrong, as a message.
struct Fault {
    message: String,
    /// What puts it right, if the message does not say so.
    remedy: Option<String>,
}

/// The outcome of a trial.
type Tried = Result<String, Fault>;

impl Fault {
    const fn new(message: String) -> Self {
        Self {
            message,
            remedy: None,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            message: chain(&error).join(": "),
            remedy: Some(grant::remedy(&error)).filter(|remedy| !remedy.is_empty()),
        }
    }
}

impl Probe {
    fn item(&self, what: &str, tried: Result<String, impl Into<Fault>>) -> CheckItem {
        let (ok, message, remedy) = match tried.map_err(Into::into) {
            Ok(message) => (true, message, None),
            Err(Fault { message, remedy }) => (false, message, remedy),
        };
        CheckItem {
            service: self.service,
            place: self.place.clone(),
            what: self.name(what),
            ok,
            message,
            remedy,
        }
    }

    /// The name of what is tried: the permission that it needs, or for a local store the same act in plain
    /// words.
    fn name(&self, what: &str) -> String {
        let plain = match what {
            "ssm:GetParameters" | "s3:GetObject" => "read",
            "ssm:GetParameterHistory" => "read the history",
            "ssm:PutParameter" | "s3:PutObject and s3:AbortMultipartUpload" => "write",
            "s3:ListBucket" => "list",
            other => other,
        };
        if self.local { plain } else { what }.to_owned()
    }
}

impl Backend {
    /// Reaches every store, tries every permission, and says what is missing and how to grant it. Leaves
    /// nothing behind, unless an object in S3 may be created but not deleted: then one, with a name of its
    /// own.
    pub async fn check(&self) -> Vec<CheckItem> {
        let (tables, mut items) = self.check_source().await;
        items.extend(self.check_parameters(&tables).await);
        items.extend(self.check_objects(&tables).await);
        items
    }

    async fn check_source(&self) -> (Vec<TableName>, Vec<CheckItem>) {
        let probe = Probe {
            service: "source",
            place: self.inner.source.place().to_owned(),
            local: false,
        };
        let selection = match self.selection().await {
            Ok(selection) => selection,
            Err(error) => {
                return (
                    Vec::new(),
                    vec![probe.item("connect and list the tables", Err(error))],
                );
            }
        };
        let tables = selection.tables;
        let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
        let listed = match (names.len(), selection.others) {
            (0, 0) => Ok(none_is_selected(0)),
            (0, others) => Err(Fault::new(none_is_selected(others))),
            (selected, _) => Ok(format!("{} selected", count(length(selected), "table"))),
        };
        let mut items = vec![probe.item("connect and list the tables", listed)];
        for table in &tables {
            items.extend(table.findings.iter().map(|finding| CheckItem {
                service: probe.service,
                place: probe.place.clone(),
                what: table.name.to_string(),
                ok: finding.severity < Severity::Error,
                message: format!("{}: {}", finding.code, finding.message),
                remedy: None,
            }));
        }
        let strays = selection.strays.into_iter();
        items.extend(
            strays.map(|stray| probe.item("tables of the profile", Err(Fault::new(stray)))),
        );
        items.push(probe.item("SELECT", self.check_select(&names).await));
        items.push(probe.item("pg_read_all_stats", self.check_horizon().await));
        if let Some(naive) = tables.iter().find(|table| self.is_without_zone(table)) {
            let checked = self.check_timezone(&naive.name).await;
            items.push(probe.item("source.timezone", checked));
        }
        (names, items)
    }

    async fn check_select(&self, tables: &[TableName]) -> Tried {
        let connection = self.inner.source.connection().await?;
        let missing = source::missing_privileges(&connection, tables);
        let missing = connection.ask("asking for privileges", missing).await?;
        let mut said = Vec::new();
        if let Some(grant) = grant::reading(&missing) {
            let schemas = missing.schemas.iter().map(|name| format!("schema {name}"));
            let tables = missing.tables.iter().map(ToString::to_string);
            let all: Vec<String> = schemas.chain(tables).collect();
            said.push(format!(
                "this role may not read {}: {grant}",
                all.join(", ")
            ));
        }
        if !missing.filtered.is_empty() {
            let filtered: Vec<String> = missing.filtered.iter().map(ToString::to_string).collect();
            said.push(format!(
                "row-level security hides rows of {} from this role, and no row may be hidden: {}",
                filtered.join(", "),
                grant::unfiltered(&missing.role),
            ));
        }
        if said.is_empty() {
            Ok("every selected table can be read".to_owned())
        } else {
            Err(Fault::new(said.join("; ")))
        }
    }

    /// Whether the rows of a table are dated by timestamps without a time zone.
    fn is_without_zone(&self, table: &SourceTable) -> bool {
        let named = self.profile().timestamp_columns(&table.name);
        let mut columns = table.columns.iter();
        !self.is_whole(&table.name)
            && columns.any(|column| column.is_naive_timestamp() && named.contains(&column.name))
    }

    /// Checks that timestamps without a zone, such as those of `table`, are in the zone that the profile
    /// assumes. Only whoever stamps the rows knows, and most often that is the clock of the server.
    async fn check_timezone(&self, table: &TableName) -> Tried {
        let zone = self.profile().source.timezone;
        let connection = self.inner.source.connection().await?;
        let zones = source::zones(&connection, zone, Utc::now());
        let zones = connection.ask("comparing time zones", zones).await?;
        if let Some(at) = zones.disagree_on {
            return Err(Fault::new(format!(
                "on {} the server and highwater take {zone} for different offsets: the time zone data of one of them is out of date, and rows would be taken for older or newer than they are",
                at.date_naive()
            )));
        }
        Ok(if zones.is_the_same {
            format!(
                "timestamps without zone, like those of {table}, are read in {zone}, which is the server's zone"
            )
        } else {
            format!(
                "timestamps without zone, like those of {table}, are read in {zone}; the server's zone is {}: if the server's clock stamps the rows, set source.timezone to that, or late commits are not waited for",
                zones.server
            )
        })
    }

    async fn check_horizon(&self) -> Tried {
        for finding in self.horizon().await?.findings {
            match finding.code {
                FindingCode::MissingPrivilege => return Err(Fault::new(finding.message)),
                // No permission mends that; the doctor warns about it.
                FindingCode::StandbySource => return Ok(finding.message),
                _ => {}
            }
        }
        Ok("open transactions of every role can be seen".to_owned())
    }

    async fn check_parameters(&self, tables: &[TableName]) -> Vec<CheckItem> {
        let probe = Probe {
            service: "parameters",
            place: self.inner.parameters.place().to_owned(),
            local: self.profile().parameters.store != ParameterStoreConfig::Ssm,
        };
        let stand_in = [TableName::parse(STAND_IN)];
        let is_known = !tables.is_empty();
        let asked = if is_known { tables } else { &stand_in };
        let (names, values) = match self.recorded_timestamps(asked).await {
            Ok(found) => found,
            Err(error) => return vec![probe.item("ssm:GetParameters", Err(error))],
        };
        let there = values.iter().flatten().count();
        let got = if is_known {
            format!("{there} of {} timestamps are recorded", names.len())
        } else {
            "values can be read; no table is known that could have one".to_owned()
        };
        let mut items = vec![probe.item("ssm:GetParameters", Tried::Ok(got))];
        let mut recorded = names.iter().zip(values);
        let recorded = recorded.find_map(|(name, value)| Some((name, value?)));
        let asked = recorded.as_ref().map(|(name, _)| *name);
        if let Some(name) = asked.or_else(|| names.first()) {
            let history = self.try_history(name).await;
            items.push(probe.item("ssm:GetParameterHistory", history));
        }
        let put = match recorded {
            None if !is_known => Ok(NO_TABLE_TO_PUT.to_owned()),
            None => Ok(NOTHING_TO_PUT.to_owned()),
            Some((name, parameter)) => self.try_to_create(name, &parameter).await,
        };
        items.push(probe.item("ssm:PutParameter", put));
        items
    }

    /// Tried even with a name that does not exist: SSM checks the permission first.
    async fn try_history(&self, name: &ParameterName) -> Result<String> {
        let versions = self.inner.parameters.history(name).await?;
        Ok(format!(
            "{} of {name}",
            count(length(versions.len()), "version")
        ))
    }

    /// The names of the timestamps of `tables`, and what is stored under each.
    async fn recorded_timestamps(
        &self,
        tables: &[TableName],
    ) -> Result<(Vec<ParameterName>, Vec<Option<Parameter>>)> {
        let profile = self.profile();
        let names = tables
            .iter()
            .map(|table| profile.timestamp_parameter(table));
        let names = names.collect::<std::result::Result<Vec<_>, _>>()?;
        let values = self.inner.parameters.get(&names).await?;
        Ok((names, values))
    }

    /// Tries to create a parameter that exists. If it is deleted at this very moment, it is created with the
    /// same value.
    async fn try_to_create(&self, name: &ParameterName, parameter: &Parameter) -> Result<String> {
        if self.is_read_only() {
            return Ok(NOT_TRIED.to_owned());
        }
        let store = &self.inner.parameters;
        let put = store.put(name, NewValue::first(&parameter.value, ""));
        let put = put.await?;
        Ok(match put {
            Put::Exists => format!("allowed; {name} was left as it is"),
            Put::Written(_) => format!("allowed; {name} had just been deleted, and is there again"),
        })
    }
}
