//! One write after a version that was read.
//!
//! The store has no compare-and-set, so that a write is judged by the [`Version`] that comes back: one
//! more than the version read, or somebody wrote in between.

use super::collision::Before;
use crate::backend::parameters::{ParameterName, ParameterVersion, Presume, Put, Version};
use crate::backend::provenance::Provenance;
use crate::backend::watermark::Watermark;
use crate::backend::{Backend, Error, Result, TableName};

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
    /// [`Error::Unavailable`].
    pub(in crate::backend) async fn write_after(
        &self,
        table: &TableName,
        name: &ParameterName,
        text: &str,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        self.refuse_read_only(&format!("writing {name}"))?;
        let (presume, description) = (presumed(read), by.description());
        let parameters = &self.inner.parameters;
        let put = match parameters.put(name, text, &description, presume).await {
            Err(error) if error.is_unavailable() => {
                let written = self.written_unheard(name, text, read, by).await;
                written.map(Put::Written).ok_or(error)?
            }
            put => put?,
        };
        self.judge(table, name, text, read, by, put).await
    }

    /// The version that a write has made of which no answer was heard; `None` where it is not known to have
    /// been done.
    async fn written_unheard(
        &self,
        name: &ParameterName,
        text: &str,
        read: Option<Version>,
        by: &Provenance,
    ) -> Option<Version> {
        let history = self.inner.parameters.history(name).await.ok()?;
        let newest = history.into_iter().max_by_key(|version| version.version)?;
        let is_ours = newest.description == by.description() && newest.value == text;
        (is_ours && Some(newest.version) > read).then_some(newest.version)
    }

    /// Step 7 of the protocol, which step 8 follows: the same for a run that has committed an object and
    /// stores its number next.
    ///
    /// The end of the machine between the two may take this write back, to what it was when the object
    /// was committed; that is a crash right after the commit, whose object says what is to be written.
    /// It takes back no more than that: the number of the object before this one was on disk, and with it
    /// all that had been written until then, before this object was begun.
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
        let name = self.profile().timestamp_parameter(table)?;
        let text = self.timestamp_text(table, &name, timestamp)?;
        let (presume, description) = (presumed(read), by.description());
        let parameters = &self.inner.parameters;
        self.refuse_read_only(&format!("writing {name}"))?;
        let put = parameters.put_ahead(&name, &text, &description, presume);
        self.judge(table, &name, &text, read, by, put.await?).await
    }

    /// What a write after version `read` has come to.
    async fn judge(
        &self,
        table: &TableName,
        name: &ParameterName,
        text: &str,
        read: Option<Version>,
        by: &Provenance,
        put: Put,
    ) -> Result<Version> {
        let expected = read.map_or(Version(1), Version::next);
        let description = by.description();
        tracing::debug!(%name, text, by = description, ?put, "stored");
        if put == Put::Written(expected) {
            return Ok(expected);
        }
        let history = self.inner.parameters.history(name).await;
        let mut history = history.unwrap_or_default();
        history.sort_by_key(|version| version.version);
        let start = history.partition_point(|version| version.version < expected);
        let (earlier, since) = history.split_at(start);
        let ours = |version: &ParameterVersion| {
            version.description == description && version.value == text
        };
        if let Some(last) = since.last()
            && since.iter().all(ours)
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
            self.make_up(table, name, &before, last, by).await?;
        }
        Err(Error::Interfered {
            table: table.clone(),
            parameter: name.clone(),
            read,
            now: since.last().map(|last| last.value.clone()),
        })
    }
}

/// What a write after version `read` presumes.
fn presumed(read: Option<Version>) -> Presume {
    read.map_or(Presume::Absent, |_| Presume::Any)
}
