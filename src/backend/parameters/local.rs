//! Parameters in an `SQLite` file, for the demo and for profiles without AWS.
//!
//! It makes the same promises as SSM: versions count up from 1, each with its Description, time and author;
//! creating a parameter that exists writes nothing. Unlike SSM, it keeps every version. Several processes
//! may use the file at once: it is in WAL mode, and each write is one immediate transaction, so no version
//! is ever given out twice. Each write is on disk before it is reported, unless it is
//! [ahead](NewValue::is_ahead) of another.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use super::{NewValue, Parameter, ParameterStore, ParameterVersion, Presume, Put};
use crate::backend::error::{Cause, Error, Result, Service};
use crate::backend::os_user::os_user;
use crate::backend::sqlite::{self, Durable};
use crate::vocabulary::{ParameterName, Version};

/// Every version of every parameter; the greatest version is the current one.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS parameter_version (
        name        TEXT    NOT NULL,
        version     INTEGER NOT NULL,
        value       TEXT    NOT NULL,
        description TEXT    NOT NULL,
        written_at  INTEGER NOT NULL, -- microseconds since the Unix epoch
        written_by  TEXT    NOT NULL,
        PRIMARY KEY (name, version)
    ) STRICT, WITHOUT ROWID";

/// Parameters in one `SQLite` file.
#[derive(Debug)]
pub struct LocalParameters {
    file: Arc<sqlite::File>,
    place: String,
}

impl LocalParameters {
    /// The parameters in the file at `path`. The file and its folder are created by the first write; until
    /// then no parameter exists.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            file: Arc::new(sqlite::File::new(path.to_owned(), SCHEMA)),
            place: path.display().to_string(),
        }
    }

    /// Deletes a parameter with all its versions, as `aws ssm delete-parameter` does. highwater itself
    /// never deletes a table's parameters: this is for demonstrating what happens if somebody does.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the file cannot be written.
    pub async fn delete(&self, name: &ParameterName) -> Result<()> {
        let doing = format!("deleting parameter {name}");
        let name = name.clone();
        let deleted = self.existing(doing, move |connection| {
            let delete = "DELETE FROM parameter_version WHERE name = ?1";
            connection.execute(delete, [name.as_str()])
        });
        deleted.await.map(drop)
    }

    /// Runs `work` on the file; `None` if the file does not exist yet.
    async fn existing<T: Send + 'static>(
        &self,
        doing: String,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let done = self.file.existing(work).await;
        done.map_err(|cause| self.failed(doing, cause))
    }

    /// Anything wrong with the file or its path counts as "out of reach"; only an error about the statement
    /// itself does not.
    fn failed(&self, doing: String, cause: Cause) -> Error {
        let (service, place) = (Service::Parameters, self.place.clone());
        let code = cause
            .downcast_ref::<rusqlite::Error>()
            .and_then(rusqlite::Error::sqlite_error_code);
        if matches!(
            code,
            Some(ErrorCode::Unknown | ErrorCode::ConstraintViolation)
        ) {
            Error::Failed {
                service,
                place,
                doing,
                cause,
            }
        } else {
            Error::Unavailable {
                service,
                place,
                doing,
                cause,
            }
        }
    }
}

#[async_trait]
impl ParameterStore for LocalParameters {
    fn place(&self) -> &str {
        &self.place
    }

    async fn get(&self, names: &[ParameterName]) -> Result<Vec<Option<Parameter>>> {
        let doing = match names {
            [] => return Ok(Vec::new()),
            [only] => format!("reading parameter {only}"),
            [first, rest @ ..] => format!("reading parameter {first} and {} more", rest.len()),
        };
        let wanted = names.to_vec();
        let found = self
            .existing(doing, move |connection| {
                // One transaction, so that all values are from the same moment.
                let snapshot = connection.transaction()?;
                wanted.iter().map(|name| newest(&snapshot, name)).collect()
            })
            .await?;
        Ok(found.unwrap_or_else(|| vec![None; names.len()]))
    }

    async fn put(&self, name: &ParameterName, new: NewValue<'_>) -> Result<Put> {
        let doing = format!("writing parameter {name}");
        let (name, value) = (name.clone(), new.value.to_owned());
        let (description, presume) = (new.description.to_owned(), new.presume);
        let durable = if new.is_ahead {
            Durable::Later
        } else {
            Durable::AtOnce
        };
        let put = self
            .file
            .write(durable, move |connection| {
                let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let version = match (newest(&write, &name)?, presume) {
                    (Some(_), Presume::Absent) => return Ok(Put::Exists),
                    (Some(newest), Presume::Any) => newest.version.next(),
                    (None, _) => Version(1),
                };
                write.execute(
                    "INSERT INTO parameter_version VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![
                        name.as_str(),
                        version.0,
                        value,
                        description,
                        Utc::now().timestamp_micros(),
                        os_user(),
                    ],
                )?;
                write.commit()?;
                Ok(Put::Written(version))
            })
            .await;
        put.map_err(|cause| self.failed(doing, cause))
    }

    async fn history(&self, name: &ParameterName) -> Result<Vec<ParameterVersion>> {
        let doing = format!("reading the history of parameter {name}");
        let name = name.clone();
        let versions = self
            .existing(doing, move |connection| {
                connection
                    .prepare_cached(
                        "SELECT version, value, description, written_at, written_by
                         FROM parameter_version WHERE name = ?1 ORDER BY version",
                    )?
                    .query_map([name.as_str()], |row| {
                        Ok(ParameterVersion {
                            version: Version(row.get(0)?),
                            value: row.get(1)?,
                            description: row.get(2)?,
                            written_at: DateTime::from_timestamp_micros(row.get(3)?)
                                .unwrap_or_default(),
                            written_by: row.get(4)?,
                        })
                    })?
                    .collect()
            })
            .await?;
        Ok(versions.unwrap_or_default())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<ParameterName>> {
        let doing = format!("listing parameters under {prefix:?}");
        let prefix = prefix.to_owned();
        let names = self
            .existing(doing, move |connection| {
                // Not LIKE, for which an underscore in a name would be a wildcard.
                connection
                    .prepare_cached(
                        "SELECT DISTINCT name FROM parameter_version
                         WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
                    )?
                    .query_map([&prefix], |row| {
                        row.get::<_, String>(0).map(ParameterName::new)
                    })?
                    .collect()
            })
            .await?;
        Ok(names.unwrap_or_default())
    }
}

fn newest(connection: &Connection, name: &ParameterName) -> rusqlite::Result<Option<Parameter>> {
    connection
        .prepare_cached(
            "SELECT value, version FROM parameter_version
             WHERE name = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([name.as_str()], |row| {
            Ok(Parameter {
                value: row.get(0)?,
                version: Version(row.get(1)?),
            })
        })
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ParameterName {
        ParameterName::new("/a/timestamp")
    }

    #[tokio::test]
    async fn reading_makes_no_file_and_writing_makes_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state/parameters.db");
        let store = LocalParameters::new(&path);
        assert_eq!(store.get(&[name()]).await.expect("read"), [None]);
        assert_eq!(store.history(&name()).await.expect("read"), []);
        assert!(!path.parent().expect("a folder").exists());
        store
            .put(&name(), NewValue::first("1", ""))
            .await
            .expect("written");
        assert!(path.exists());
    }

    #[tokio::test]
    async fn a_path_that_cannot_be_a_database_is_unavailable_and_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("text");
        std::fs::write(
            &text,
            "not a database, and long enough to be looked at: ".repeat(40),
        )
        .expect("written");
        for path in [folder.path().to_owned(), text.clone(), text.join("below")] {
            let store = LocalParameters::new(&path);
            for error in [
                store.get(&[name()]).await.expect_err("no database"),
                store
                    .put(&name(), NewValue::over("1", ""))
                    .await
                    .expect_err("no database"),
            ] {
                assert!(error.is_unavailable(), "{error:?}");
                assert!(error.to_string().contains(&*path.to_string_lossy()));
            }
        }
    }

    /// The values in the store as a crash of the machine may have left it, with the first `log` bytes of
    /// the log on disk.
    async fn left(from: &Path, log: u64, names: &[ParameterName]) -> Vec<Option<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("parameters.db");
        std::fs::copy(from, &path).expect("copied");
        let kept = path.with_extension("db-wal");
        std::fs::copy(from.with_extension("db-wal"), &kept).expect("copied");
        let kept = std::fs::File::options().write(true).open(&kept);
        let kept = kept.expect("a log");
        kept.set_len(log).expect("cut off");
        let found = LocalParameters::new(&path).get(names).await.expect("read");
        found
            .into_iter()
            .map(|found| found.map(|parameter| parameter.value))
            .collect()
    }

    #[tokio::test]
    async fn with_what_was_written_ahead_all_after_it_is_lost_and_nothing_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("parameters.db");
        let store = LocalParameters::new(&path);
        let log = || {
            let log = std::fs::metadata(path.with_extension("db-wal"));
            log.expect("a log").len()
        };
        let names = ["/a/seq", "/a/timestamp", "/b/seq"].map(ParameterName::new);
        let [before, ahead, after] = &names;
        let put = store.put(before, NewValue::first("1", "")).await;
        put.expect("written");
        let first = log();
        let new = NewValue {
            is_ahead: true,
            ..NewValue::first("2", "")
        };
        let put = store.put(ahead, new).await;
        assert_eq!(put.expect("written"), Put::Written(Version(1)));
        let second = log();
        let put = store.put(after, NewValue::first("3", "")).await;
        put.expect("written");
        let all = ["1", "2", "3"].map(|value| Some(value.to_owned()));
        let [one, two, _] = all.clone();
        assert_eq!(left(&path, log(), &names).await, all);
        assert_eq!(
            left(&path, log() - 1, &names).await,
            [one.clone(), two, None]
        );
        assert_eq!(
            left(&path, second - 1, &names).await,
            [one.clone(), None, None]
        );
        assert_eq!(left(&path, first, &names).await, [one, None, None]);
    }

    #[tokio::test]
    async fn writers_at_once_never_get_the_same_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("parameters.db");
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let store = LocalParameters::new(&path);
                tokio::spawn(async move {
                    let mut versions = Vec::new();
                    for _ in 0..10 {
                        match store.put(&name(), NewValue::over("x", "")).await {
                            Ok(Put::Written(version)) => versions.push(version.0),
                            other => panic!("{other:?}"),
                        }
                    }
                    versions
                })
            })
            .collect();
        let mut versions = Vec::new();
        for writer in writers {
            versions.extend(writer.await.expect("no panic"));
        }
        versions.sort_unstable();
        assert_eq!(versions, (1..=80).collect::<Vec<i64>>());
    }
}
