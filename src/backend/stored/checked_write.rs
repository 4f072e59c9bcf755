//! A single write on top of a version that was read.
//!
//! The store has no compare-and-set, so a write is judged by the [`Version`] that comes back: if it is not one
//! more than the version read, somebody wrote in between.

use super::collision::Before;
use crate::backend::os_user::os_user;
use crate::backend::parameters::{NewValue, ParameterVersion, Presume, Put};
use crate::backend::provenance::Provenance;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{ParameterName, TableName, Version, Watermark};

/// A write as requested.
struct Write<'a> {
    table: &'a TableName,
    name: &'a ParameterName,
    text: &'a str,
    /// The version it is made on top of; `None` for the first write.
    read: Option<Version>,
    by: &'a Provenance,
    /// See [`NewValue::is_ahead`].
    is_ahead: bool,
}

impl Write<'_> {
    const fn presumes(&self) -> Presume {
        match self.read {
            Some(_) => Presume::Any,
            None => Presume::Absent,
        }
    }

    fn expected(&self) -> Version {
        self.read.map_or(Version(1), Version::next)
    }

    fn is(&self, version: &ParameterVersion) -> bool {
        version.description == self.by.description() && version.value == self.text
    }

    fn interfered(&self, now: Option<String>) -> Error {
        Error::Interfered {
            table: self.table.clone(),
            parameter: self.name.clone(),
            read: self.read,
            now,
        }
    }
}

impl Backend {
    /// Writes a value on top of version `read`, or as the first version.
    ///
    /// If the answer to a write is lost, the client sends the write again, which makes one more version. So if a
    /// version other than the next one comes back, the history is read to see whether every version since is this
    /// write. If this write overwrote an edit that was made in between, the edit is written again: a person
    /// decided it.
    ///
    /// # Errors
    /// [`Error::Interfered`] if somebody else wrote in between, [`Error::ReadOnly`], [`Error::Unavailable`];
    /// [`Error::WrittenOver`] if an edit was written and there is no telling what it overwrote.
    pub(in crate::backend) async fn write_after(
        &self,
        table: &TableName,
        name: &ParameterName,
        text: &str,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        self.write_and_judge(&Write {
            table,
            name,
            text,
            read,
            by,
            is_ahead: false,
        })
        .await
    }

    /// Step 7 of the protocol: the same as `write_after`, for a run that has committed an object and stores its
    /// number next (step 8).
    ///
    /// A crash of the machine between the two steps may lose this write. That is no different from a crash right
    /// after the commit: the value is recovered from the object. Nothing older can be lost: the number of the
    /// previous object, and everything written until then, was on disk before this object was begun.
    ///
    /// # Errors
    /// As [`Self::write_timestamp`].
    pub(in crate::backend) async fn write_timestamp_ahead(
        &self,
        table: &TableName,
        timestamp: Watermark,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        let name = &self.profile().timestamp_parameter(table)?;
        let text = &self.timestamp_text(table, name, timestamp)?;
        self.write_and_judge(&Write {
            table,
            name,
            text,
            read,
            by,
            is_ahead: true,
        })
        .await
    }

    async fn write_and_judge(&self, write: &Write<'_>) -> Result<Version> {
        self.refuse_read_only(&format!("writing {}", write.name))?;
        let description = write.by.description();
        let put = self.inner.parameters.put(
            write.name,
            NewValue {
                value: write.text,
                description: &description,
                presume: write.presumes(),
                is_ahead: write.is_ahead,
            },
        );
        self.judge(write, put.await).await
    }

    /// Returns the author of an edit that writes `text`. If the newest version has the same Description but a
    /// different value, the author's Description is made to differ: a store keeps the previous Description when
    /// somebody writes a value without one, so the edit would be taken for such a write. Call this before the
    /// values are checked for the last time. If the history cannot be read, an edit made twice for the same reason
    /// is taken for somebody else's, and a person is asked.
    pub(in crate::backend) async fn editor(
        &self,
        name: &ParameterName,
        text: &str,
        reason: &str,
    ) -> Provenance {
        let by = Provenance::Edit {
            by: os_user(),
            reason: reason.to_owned(),
        };
        let history = self.inner.parameters.history(name).await;
        let history = history.unwrap_or_default();
        let newest = history.iter().max_by_key(|version| version.version);
        let description = by.description();
        match newest {
            Some(newest) if newest.description == description && newest.value != text => {
                by.once_more()
            }
            _ => by,
        }
    }

    /// Returns the result of a write to which the store has answered `put`.
    async fn judge(&self, write: &Write<'_>, put: Result<Put>) -> Result<Version> {
        let put = match put {
            Err(error) if error.is_unavailable() => {
                let written = self.written_unheard(write).await;
                written.map(Put::Written).ok_or(error)?
            }
            put => put?,
        };
        let Write { name, text, by, .. } = write;
        tracing::debug!(%name, text, by = by.description(), ?put, "stored");
        if put == Put::Written(write.expected()) {
            return Ok(write.expected());
        }
        let history = self.history_after(write, put).await?;
        let start = history.partition_point(|version| version.version < write.expected());
        let (earlier, since) = history.split_at(start);
        if let Some(last) = since.last()
            && since.iter().all(|version| write.is(version))
        {
            return Ok(last.version);
        }
        // Somebody else wrote in between. If this write overwrote theirs, and nobody has written since, what it
        // overwrote is written again.
        if let (Put::Written(written), Some((last, between))) = (put, since.split_last())
            && last.version == written
        {
            let before = Before {
                all: earlier.iter().chain(between).cloned().collect(),
                read: earlier.len(),
            };
            self.make_up(write.table, name, &before, last, by).await?;
        }
        Err(write.interfered(since.last().map(|last| last.value.clone())))
    }

    /// Returns the history of the value that was written, oldest first, once the store has answered `put`; empty
    /// if it cannot be read.
    ///
    /// # Errors
    /// [`Error::WrittenOver`] if it cannot be read and a person decided the write: they have to know that the
    /// write is there and may have overwritten something.
    async fn history_after(&self, write: &Write<'_>, put: Put) -> Result<Vec<ParameterVersion>> {
        let name = write.name;
        match self.inner.parameters.history(name).await {
            Ok(mut history) => {
                history.sort_by_key(|version| version.version);
                Ok(history)
            }
            Err(error) if write.by.is_edit() && put != Put::Exists => Err(Error::WrittenOver {
                table: write.table.clone(),
                parameter: name.clone(),
                cause: Box::new(error),
            }),
            Err(error) => {
                tracing::warn!(%name, error = &error as &dyn std::error::Error, "what a write went over is not known");
                Ok(Vec::new())
            }
        }
    }

    /// Returns the version made by a write whose answer was lost; `None` if the write is not known to have been
    /// made.
    async fn written_unheard(&self, write: &Write<'_>) -> Option<Version> {
        let history = self.inner.parameters.history(write.name).await.ok()?;
        let newest = history.into_iter().max_by_key(|version| version.version)?;
        (write.is(&newest) && Some(newest.version) > write.read).then_some(newest.version)
    }
}
