//! Writes that are shown before they are made.

use crate::backend::journal::{Act, Change};
use crate::backend::parameters::Parameter;
use crate::backend::provenance::Provenance;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, TableName, Version};

/// One write of a parameter: the value before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterWrite {
    pub name: ParameterName,
    /// `None` if the parameter does not exist yet and will be created.
    pub before: Option<Parameter>,
    pub after: String,
}

/// What a set of writes is for, as recorded in the journal.
#[derive(Debug, Clone, Copy)]
pub(in crate::backend) struct Purpose<'a> {
    pub table: &'a TableName,
    pub act: Act,
    pub reason: &'a str,
}

impl ParameterWrite {
    /// The version that is overwritten; `None` if the parameter does not exist yet.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.before.as_ref().map(|before| before.version)
    }

    /// The value that is overwritten, exactly as stored.
    #[must_use]
    pub fn spelled_before(&self) -> Option<&str> {
        self.before.as_ref().map(|before| before.value.as_str())
    }
}

impl Backend {
    /// Pairs each of `writes` with its author, as an edit for `reason`; see [`Self::editor`].
    pub(in crate::backend) async fn edited_by<'a>(
        &self,
        writes: impl IntoIterator<Item = &'a ParameterWrite, IntoIter: Send> + Send,
        reason: &str,
    ) -> Vec<(&'a ParameterWrite, Provenance)> {
        let mut edited = Vec::new();
        for write in writes {
            let by = self.editor(&write.name, &write.after, reason).await;
            edited.push((write, by));
        }
        edited
    }

    /// Makes the writes one after another, each on top of the version it was shown with.
    ///
    /// # Errors
    /// As [`Self::write_noted`]; [`Error::HalfWritten`](crate::backend::Error::HalfWritten) around one
    /// of those if some were written before.
    pub(in crate::backend) async fn write_all(
        &self,
        purpose: Purpose<'_>,
        writes: Vec<(&ParameterWrite, Provenance)>,
    ) -> Result<()> {
        let mut written = Vec::new();
        for (write, by) in writes {
            if let Err(error) = self.write_noted(purpose, write, &by).await {
                return Err(error.after(purpose.table, written));
            }
            written.push(write.name.to_string());
        }
        Ok(())
    }

    /// Makes one write on top of the version it was shown with, and notes it in the journal.
    ///
    /// # Errors
    /// As [`Self::write_after`].
    pub(in crate::backend) async fn write_noted(
        &self,
        purpose: Purpose<'_>,
        write: &ParameterWrite,
        by: &Provenance,
    ) -> Result<()> {
        let Purpose { table, act, reason } = purpose;
        self.write_after(table, &write.name, &write.after, write.version(), by)
            .await?;
        self.record(Change {
            table: table.clone(),
            action: act,
            what: write.name.to_string(),
            before: write.spelled_before().map(str::to_owned),
            after: write.after.clone(),
            reason: reason.to_owned(),
        })
        .await;
        Ok(())
    }
}
