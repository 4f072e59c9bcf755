//! Why a range is not read again.

use super::pieces;
use crate::backend::advice::command_on;
use crate::vocabulary::{BackfillId, TableName, Watermark};

/// What is wrong with a requested backfill.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    #[error(
        "{table}: the range from {from} to {to} {}",
        if from > to { "ends before it begins" } else { "is empty: it includes its beginning, but not its end" }
    )]
    Empty {
        table: TableName,
        from: Watermark,
        to: Watermark,
    },

    #[error(
        "{table}: the range would be cut into {chunks} chunks, more than {}; choose longer ones",
        pieces::MOST
    )]
    TooManyChunks { table: TableName, chunks: u64 },

    #[error(
        "{table} has no watermark: rows that were never ingested are left to ingestion; {}",
        command_on(table, "ingest")
    )]
    NeverIngested { table: TableName },

    #[error("the range ends at {to}, beyond the watermark of {table}, {watermark}: rows above it are left to ingestion; end the range at {} at the latest, which includes the watermark", watermark.successor())]
    BeyondWatermark {
        table: TableName,
        to: Watermark,
        watermark: Watermark,
    },

    #[error(
        "{table} is written in full by every run (mode = \"snapshot\"): there is no range to read again; {}",
        command_on(table, "ingest")
    )]
    WrittenWhole { table: TableName },

    #[error(
        "backfill {id} of {table} re-reads {from} to {to}, which this range does not overlap: leave out --resume to begin a new one"
    )]
    Apart {
        id: BackfillId,
        table: TableName,
        from: Watermark,
        to: Watermark,
    },

    #[error("no object of {table} belongs to backfill {id}: leave out --resume to begin a new one")]
    Unknown { id: BackfillId, table: TableName },

    #[error("no backfill {id} of {table} that was begun from this machine is left to resume")]
    NotInterrupted { id: BackfillId, table: TableName },

    #[error(
        "backfill {id} of {table} is being run by another program on this machine; wait until it ends"
    )]
    CarriedOut { id: BackfillId, table: TableName },
}
