//! The names, numbers and timestamps that all parts of the program share.
//!
//! Each is a type of its own, so that a table is never mistaken for a key, nor a version for a sequence id. The
//! types know how they are spelled, but not where they are stored.

mod backfill_id;
mod object_key;
mod parameter;
pub mod sequence;
pub mod table;
pub mod watermark;

pub use backfill_id::{BackfillId, NoBackfillId};
pub use object_key::ObjectKey;
pub use parameter::{ParameterName, Version};
pub use sequence::SequenceId;
pub use table::TableName;
pub use watermark::Watermark;
