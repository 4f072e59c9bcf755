//! Trying the object store, in the folders that ingestion uses.

use super::{CheckItem, NOT_TRIED, Probe};
use crate::backend::objects::{Kind, Metadata, NewObject, Stays};
use crate::backend::provenance::RunId;
use crate::backend::table_objects::keys::common_start;
use crate::backend::{Backend, Error, Result};
use crate::config::ObjectStoreConfig;
use crate::config::template::KeyTemplate;
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// The name of the check that an existing object is protected.
const ONCE: &str = "create only once";
/// The prefix of the keys of all claims.
const CLAIMS: &str = "_highwater/claims/";
/// The prefix of permissions that may be granted for some keys and not for others.
const OF_S3: &str = "s3:";
/// The name with which a folder is tried: it is looked up, and an upload to it is begun; no object is created
/// there.
const TRIED: &str = "_highwater/check";

impl Backend {
    pub(super) async fn check_objects(&self, tables: &[TableName]) -> Vec<CheckItem> {
        let probe = Probe {
            service: "objects",
            place: self.inner.objects.place().to_owned(),
            local: !matches!(self.profile().objects.store, ObjectStoreConfig::S3 { .. }),
        };
        let folders = self.folders(tables);
        let written = self.try_writing(&folders).await;
        vec![
            probe.item("s3:ListBucket", self.try_listing(&folders).await),
            probe.item("s3:GetObject", self.try_reading(&folders).await),
            probe.item("s3:PutObject and s3:AbortMultipartUpload", written),
            probe.item(ONCE, self.try_creating_once().await),
        ]
    }

    /// The prefixes of the keys that ingestion reads and writes, one for each template: a policy may allow no
    /// others.
    fn folders(&self, tables: &[TableName]) -> Vec<String> {
        let profile = self.profile();
        let mut templates: Vec<&KeyTemplate> = Vec::new();
        let mut folders = Vec::new();
        for table in tables {
            let template = profile.key_template(table);
            if !templates.contains(&template) {
                templates.push(template);
                folders.push(folder(template, &profile.env, table));
            }
        }
        if folders.is_empty() {
            folders.push(String::new());
        }
        if tables.iter().any(|table| self.makes_claims(table)) {
            folders.push(CLAIMS.to_owned());
        }
        folders
    }

    async fn try_listing(&self, folders: &[String]) -> Result<String> {
        for folder in folders {
            self.inner.objects.list(folder, None, 1).await?;
        }
        Ok("objects can be listed".to_owned())
    }

    async fn try_reading(&self, folders: &[String]) -> Result<String> {
        for folder in folders {
            self.inner.objects.head(&tried(folder)).await?;
        }
        Ok("an object can be looked up".to_owned())
    }

    async fn try_writing(&self, folders: &[String]) -> Result<String> {
        if self.is_read_only() {
            return Ok(NOT_TRIED.to_owned());
        }
        for folder in folders {
            self.inner.objects.try_write(trial(folder)).await?;
        }
        Ok("allowed; nothing was left behind".to_owned())
    }

    /// Not in the folder of a table: a program that waits for objects there would take it for one.
    async fn try_creating_once(&self) -> Result<String> {
        if self.is_read_only() {
            return Ok(NOT_TRIED.to_owned());
        }
        let stays = match self.inner.objects.try_twice(trial("")).await {
            Ok(Stays(stays)) => stays,
            // Ingestion needs no object there. But what another service denies, such as the use of a key, it
            // denies to ingestion as well.
            Err(Error::Denied { permission, .. }) if permission.starts_with(OF_S3) => {
                return Ok(format!("not tried: {permission} on {TRIED} is not granted"));
            }
            Err(error) => return Err(error),
        };
        let left = if stays {
            format!("; {TRIED} stays, because deleting it is not allowed")
        } else {
            String::new()
        };
        Ok(format!("an existing object is not overwritten{left}"))
    }
}

fn tried(folder: &str) -> ObjectKey {
    ObjectKey::new(format!("{folder}{TRIED}"))
}

/// An object that belongs to no table.
fn trial(folder: &str) -> NewObject {
    let now = Watermark::now();
    NewObject {
        key: tried(folder),
        metadata: Metadata {
            kind: Kind::Ingest,
            from: None,
            to: now,
            watermark: now,
            sequence_id: SequenceId(0),
            rows: 0,
            run: RunId::random(),
            schema: String::new(),
            timezone: None,
            row_time: None,
            backfill: None,
        },
        content_type: "text/plain",
        content_encoding: None,
    }
}

/// The prefix that the keys of all tables share under `template`; if there is none, the folder of `table`.
fn folder(template: &KeyTemplate, env: &str, table: &TableName) -> String {
    // Two tables with nothing in common.
    let [a, b] = ["a", "b"].map(|name| template.prefix(env, &TableName::new(name, name)));
    let common = common_start(&a, &b);
    if !common.is_empty() {
        return common.to_owned();
    }
    let own = template.prefix(env, table);
    match own.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_all_tables_or_else_of_one() {
        let payment = TableName::parse("sales.payment");
        for (template, expected) in [
            ("raw/{table}/{table}_{seq:08}.jsonl", "raw/"),
            ("raw/{date}/{table}_{seq}.jsonl", "raw/"),
            ("{env}/raw-{table}_{seq}.jsonl", "prod/raw-"),
            ("{table}/{table}_{seq:08}.jsonl", "payment/"),
            ("{schema}/{table}/{seq}.jsonl", "sales/payment/"),
            ("{table}_{seq}.jsonl", "payment_"),
            ("{date}/{table}_{seq}.jsonl", ""),
        ] {
            let parsed = KeyTemplate::parse(template).expect(template);
            assert_eq!(folder(&parsed, "prod", &payment), expected, "{template}");
        }
    }
}
