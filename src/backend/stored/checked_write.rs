//! One write after a version that was read.
//!
//! The store has no compare-and-set, so that a write is judged by the [`Version`] that comes back: one
//! more than the version read, or somebody wrote in between.

use super::collision::Before;
use crate::backend::os_user::os_user;
use crate::backend::parameters::{NewValue, ParameterVersion, Presume, Put};
use crate::backend::provenance::Provenance;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{ParameterName, TableName, Version, Watermark};

/// A write, as it is asked for.
struct Write<'a> {
    table: &'a TableName,
    name: &'a ParameterName,
    text: &'a str,
    /// The version after which it is made; `None` for the first one.
    read: Option<Version>,
    by: &'a Provenance,
    /// As [`NewValue::is_ahead`].
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
    /// Writes a value after version `read` of it, or the first one.
    ///
    /// A write whose answer was lost is sent again by the client, and makes one version more: where
    /// another version comes back than the next, the history tells whether all since are this write.
    /// An edit that was made in between, and that this write went over, is written again: a person
    /// has decided it.
    ///
    /// # Errors
    /// [`Error::Interfered`] where somebody else wrote in between, [`Error::ReadOnly`],
    /// [`Error::Unavailable`]; [`Error::WrittenOver`] where an edit was written, and nothing tells what
    /// it went over.
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

    /// Step 7 of the protocol, which step 8 follows: the same for a run that has committed an object and
    /// stores its number next.
    ///
    /// A crash of the machine between the two may lose this write. That is the same as a crash right after
    /// the commit, from which the object recovers it. Nothing older can be lost: the number of the object
    /// before was on disk, with all that had been written until then, before this object was begun.
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

    /// The author of an edit that writes `text`, under whose Description it cannot be taken for that of the
    /// version before: a store may have left that over a value of somebody else's. To be asked for before the
    /// values are looked at a last time. Where the history may not be read, an edit that is made twice for the
    /// same reason counts as somebody else's, and a person is asked.
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

    /// What a write has come to, of which the store has said `put`.
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
        // Somebody else wrote in between. If this write went over theirs, and nobody has written since,
        // it makes up for that.
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

    /// The versions of what was written, oldest first, where the store has said `put`; none where they cannot be
    /// read.
    ///
    /// # Errors
    /// [`Error::WrittenOver`] where they cannot be read and somebody has decided the write: they have to know that
    /// it is there, and may have gone over something.
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

    /// The version that a write has made of which no answer was heard; `None` where it is not known to have
    /// been done.
    async fn written_unheard(&self, write: &Write<'_>) -> Option<Version> {
        let history = self.inner.parameters.history(write.name).await.ok()?;
        let newest = history.into_iter().max_by_key(|version| version.version)?;
        (write.is(&newest) && Some(newest.version) > write.read).then_some(newest.version)
    }
}
