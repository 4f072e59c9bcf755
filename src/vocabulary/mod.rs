//! The names, numbers and timestamps that all parts of the program speak in.
//!
//! Types of their own, so that a table is never taken for a key, nor a version for a sequence id. They
//! know their spellings and nothing of where they are stored.

mod object_key;
mod parameter;
pub mod sequence;
pub mod table;
pub mod watermark;

pub use object_key::ObjectKey;
pub use parameter::{ParameterName, Version};
pub use sequence::SequenceId;
pub use table::TableName;
pub use watermark::Watermark;
