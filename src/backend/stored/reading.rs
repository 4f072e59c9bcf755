//! Reading both values of one table or of many at once.

use super::{Stored, read_sequence};
use crate::backend::parameters::Parameter;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{ParameterName, TableName, Version};

impl Backend {
    /// Returns both stored values of `table`, read together.
    ///
    /// # Errors
    /// [`Error::Timestamp`], [`Error::SequenceUnreadable`], [`Error::Unavailable`]. A value that is
    /// not recorded is `None`.
    pub async fn stored(&self, table: &TableName) -> Result<Stored> {
        let mut found = self.stored_values(std::slice::from_ref(table)).await?;
        found.pop().unwrap_or_else(|| Err(not_looked_up(table)))
    }

    /// Checks that the stored values still have the versions `read`, of timestamp and sequence id.
    ///
    /// # Errors
    /// [`Error::Interfered`] if somebody has written one of them since, [`Error::Unavailable`].
    pub(in crate::backend) async fn still_stored(
        &self,
        table: &TableName,
        read: [Option<Version>; 2],
    ) -> Result<()> {
        let now = self.stored(table).await?;
        let timestamp = now.timestamp.map(|at| (at.version, at.text));
        let sequence_id = now.sequence_id.map(|id| (id.version, id.text));
        let names = [now.timestamp_name, now.sequence_name];
        for ((parameter, now), read) in names.into_iter().zip([timestamp, sequence_id]).zip(read) {
            let (version, text) = now.unzip();
            if version != read {
                return Err(Error::Interfered {
                    table: table.clone(),
                    parameter,
                    read,
                    now: text,
                });
            }
        }
        Ok(())
    }

    /// Returns both stored values of each of `tables`, in their order, with as few requests as
    /// possible.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for all of them; an error in one table's values takes that table's place.
    pub async fn stored_values(&self, tables: &[TableName]) -> Result<Vec<Result<Stored>>> {
        let readable = self.readable_values(tables).await?;
        let whole = |(stored, unreadable): (_, Vec<Error>)| {
            unreadable.into_iter().next().map_or(Ok(stored), Err)
        };
        Ok(readable.into_iter().map(whole).collect())
    }

    /// Returns the stored values of `table` that can be read, and the errors of those that cannot.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Denied`].
    pub async fn readable(&self, table: &TableName) -> Result<(Stored, Vec<Error>)> {
        let mut found = self.readable_values(std::slice::from_ref(table)).await?;
        found.pop().ok_or_else(|| not_looked_up(table))
    }

    /// [`Self::readable`] of each of `tables`, in their order, with as few requests as possible.
    ///
    /// # Errors
    /// As [`Self::readable`], for all of them.
    pub(in crate::backend) async fn readable_values(
        &self,
        tables: &[TableName],
    ) -> Result<Vec<(Stored, Vec<Error>)>> {
        let mut names = Vec::with_capacity(tables.len() * 2);
        for table in tables {
            names.push(self.profile().timestamp_parameter(table)?);
            names.push(self.profile().sequence_parameter(table)?);
        }
        let values = self.inner.parameters.get(&names).await?;
        let mut found = names.into_iter().zip(values);
        let read = |table| {
            let (timestamp, sequence_id) = found.next().zip(found.next())?;
            Some(self.as_far_as_readable(table, timestamp, sequence_id))
        };
        Ok(tables.iter().map_while(read).collect())
    }

    fn as_far_as_readable(
        &self,
        table: &TableName,
        (timestamp_name, timestamp): (ParameterName, Option<Parameter>),
        (sequence_name, sequence_id): (ParameterName, Option<Parameter>),
    ) -> (Stored, Vec<Error>) {
        let mut unreadable = Vec::new();
        let timestamp = timestamp
            .map(|value| self.read_timestamp(table, &timestamp_name, value))
            .transpose()
            .unwrap_or_else(|error| {
                // The timestamp of a table that is written whole is not used for anything.
                if !self.is_whole(table) {
                    unreadable.push(error);
                }
                None
            });
        let sequence_id = sequence_id
            .map(|value| read_sequence(table, &sequence_name, value))
            .transpose()
            .unwrap_or_else(|error| {
                unreadable.push(error);
                None
            });
        let stored = Stored {
            timestamp_name,
            timestamp,
            sequence_name,
            sequence_id,
        };
        (stored, unreadable)
    }
}

fn not_looked_up(table: &TableName) -> Error {
    Error::Bug(format!("{table} was not looked up"))
}
