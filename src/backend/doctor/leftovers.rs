//! What no table leads to: uploads that nobody finished, and parameters of tables that are gone.

use std::collections::{BTreeMap, HashSet};

use chrono::{TimeDelta, Utc};

use crate::backend::advice::{command, command_on};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::objects::OpenUpload;
use crate::backend::table_objects::keys::common_start;
use crate::backend::{Backend, Result, source};
use crate::vocabulary::{ParameterName, TableName, Watermark};

use super::diagnosis::{Diagnosis, Evidence};
use super::repair::{Means, Repair};

/// Age from which an upload counts as abandoned: no object takes a day to write.
const ABANDONED: TimeDelta = TimeDelta::days(1);

impl Backend {
    /// The uploads for objects of `tables` that were begun long ago.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::backend::Error::Denied) if uploads may not be listed,
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable).
    pub(super) async fn abandoned_uploads(&self, tables: &[TableName]) -> Result<Vec<Diagnosis>> {
        let profile = self.profile();
        let prefixes = tables
            .iter()
            .map(|table| profile.key_template(table).prefix(&profile.env, table));
        let Some(prefix) = prefixes.reduce(|a, b| common_start(&a, &b).to_owned()) else {
            return Ok(Vec::new());
        };
        let mut uploads = self.inner.objects.uploads(&prefix).await?;
        let long_ago = Utc::now() - ABANDONED;
        uploads.retain(|upload| upload.begun < long_ago);
        uploads.sort_by(|a, b| (&a.key, a.begun, &a.id).cmp(&(&b.key, b.begun, &b.id)));
        let of_table = |table: &TableName| {
            let template = profile.key_template(table);
            let own = uploads
                .iter()
                .filter(|upload| template.matches(&profile.env, table, &upload.key).is_some());
            abandoned(table, own.cloned().collect())
        };
        Ok(tables.iter().filter_map(of_table).collect())
    }

    /// The parameters that the profile's templates name for tables that the source does not have, selected or
    /// not.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::backend::Error::Denied) if parameters may not be listed,
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable).
    pub(super) async fn orphans(&self) -> Result<Vec<Diagnosis>> {
        let connection = self.inner.source.connection().await?;
        let tables = source::tables(&connection);
        let tables = connection.ask("listing the tables", tables).await?;
        drop(connection);
        let profile = self.profile();
        let names = tables.keys().flat_map(|table| {
            [
                profile.timestamp_parameter(table),
                profile.sequence_parameter(table),
            ]
        });
        // A name that is set for a single table may look like that of another table.
        let taken: HashSet<ParameterName> = names.flatten().collect();
        let mut orphans: BTreeMap<TableName, Vec<ParameterName>> = BTreeMap::new();
        for template in [
            &profile.parameters.timestamp,
            &profile.parameters.sequence_id,
        ] {
            let names = self
                .inner
                .parameters
                .names(&template.prefix(&profile.env))
                .await?;
            for name in names {
                let Some(owner) = template.matches(&profile.env, &name) else {
                    continue;
                };
                if taken.contains(&name) || tables.keys().any(|table| owner.is(table)) {
                    continue;
                }
                let table = TableName::new(owner.schema.as_deref().unwrap_or("public"), owner.name);
                orphans.entry(table).or_default().push(name);
            }
        }
        Ok(orphans
            .into_iter()
            .map(|(table, names)| orphan(&table, &names))
            .collect())
    }
}

fn abandoned(table: &TableName, uploads: Vec<OpenUpload>) -> Option<Diagnosis> {
    let oldest = uploads.iter().min_by_key(|upload| upload.begun)?;
    let others = match uploads.len() {
        1 => String::new(),
        many => format!(", and {} more", many - 1),
    };
    let message = format!(
        "an upload of {}{others} was begun {} and never finished: its writer is gone, but what it sent is still stored and charged for",
        oldest.key,
        Watermark::from(oldest.begun)
    );
    let keys: Vec<_> = uploads.iter().map(|upload| &upload.key).collect();
    let begun: Vec<_> = uploads
        .iter()
        .map(|upload| Watermark::from(upload.begun))
        .collect();
    let evidence = Evidence::default().with("keys", keys).with("begun", begun);
    let code = FindingCode::UploadAbandoned;
    let repair = Repair {
        table: table.clone(),
        code,
        id: "abort",
        summary: "remove what was sent".to_owned(),
        is_choice: false,
        means: Means::Abort(uploads),
        stands_on: Vec::new(),
    };
    let diagnosis = Diagnosis::new(table, Finding::new(code, message));
    Some(diagnosis.because(evidence).offering([repair]))
}

fn orphan(table: &TableName, names: &[ParameterName]) -> Diagnosis {
    let list: Vec<_> = names.iter().map(ToString::to_string).collect();
    let message = format!(
        "the source has no table {table}, but the parameter store has {}: perhaps the table was dropped or renamed",
        list.join(" and ")
    );
    let finding = Finding::new(FindingCode::ParameterOrphan, message);
    let step = format!(
        "if it was renamed, give its new name these values: {}; what they were: {}; otherwise remove them from the store, or leave them",
        command("params set"),
        command_on(table, "params history")
    );
    let evidence = Evidence::default().with("parameters", names);
    Diagnosis::new(table, finding)
        .because(evidence)
        .advising(&step)
}
