//! Judging a table that others may be writing.

use std::time::Duration;

use super::Newest;
use crate::backend::stored::Stored;
use crate::backend::{Backend, Result};
use crate::vocabulary::{SequenceId, TableName, Version, Watermark};

/// How often a state is looked at before another run's unfinished writes are done for it. That run may be
/// alive, between its commit and its last write; it does no harm if both do them at the same time.
const LOOKS: u32 = 2;
/// How often values are read again if others keep writing them while they are judged.
const OVERTAKEN: u32 = 5;
/// Pause between two looks.
const BETWEEN: Duration = Duration::from_millis(400);

/// Where a table continues from, as the last batch left it.
#[derive(Debug, Clone, Copy)]
pub(in crate::backend) struct Position {
    pub watermark: Option<Watermark>,
    pub sequence_id: Option<SequenceId>,
    pub timestamp_version: Option<Version>,
    pub sequence_version: Option<Version>,
}

impl Position {
    /// Where a table continues from according to `newest`, which was judged from the values in `stored`.
    pub fn new(stored: &Stored, newest: &Newest) -> Self {
        let [timestamp_version, sequence_version] = stored.versions();
        Self {
            watermark: newest.watermark,
            sequence_id: newest.sequence_id,
            timestamp_version,
            sequence_version,
        }
    }

    /// The number of the next object.
    pub const fn next_id(&self) -> SequenceId {
        SequenceId::following(self.sequence_id)
    }
}

impl Backend {
    /// Step 1, with patience for another run that has committed its object and is about to store its values:
    /// at most [`LOOKS`] looks, and a few more if others write during each of them.
    ///
    /// # Errors
    /// [`Interfered`](crate::backend::Error::Interfered) if the values moved during every look,
    /// [`Unavailable`](crate::backend::Error::Unavailable) and [`Denied`](crate::backend::Error::Denied).
    pub(in crate::backend) async fn settled(
        &self,
        table: &TableName,
        mut stored: Stored,
    ) -> Result<(Stored, Newest)> {
        let mut newest = self.newest(table, &stored).await;
        for look in 1..OVERTAKEN {
            let moves = match &newest {
                Ok(newest) => look < LOOKS && newest.recovery().is_some(),
                Err(error) => error.is_interference(),
            };
            if !moves {
                break;
            }
            self.pause(BETWEEN).await;
            stored = self.stored(table).await?;
            newest = self.newest(table, &stored).await;
        }
        Ok((stored, newest?))
    }

    /// Checks the stored values once more.
    ///
    /// # Errors
    /// [`Interfered`](crate::backend::Error::Interfered) if somebody has written one of them since
    /// `position`, [`Unavailable`](crate::backend::Error::Unavailable).
    pub(in crate::backend) async fn still_at(
        &self,
        table: &TableName,
        position: &Position,
    ) -> Result<()> {
        let versions = [position.timestamp_version, position.sequence_version];
        self.still_stored(table, versions).await
    }
}
