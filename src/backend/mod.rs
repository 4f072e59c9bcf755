//! Everything that touches the outside; knows no terminal.

pub mod aws;
pub mod error;
pub mod finding;
pub mod jsonl;
pub mod objects;
pub mod os_user;
pub mod parameters;
pub mod provenance;
pub mod sequence;
pub mod source;
pub mod table;
pub mod watermark;

pub use error::{Error, Result};
pub use sequence::SequenceId;
pub use table::TableName;
pub use watermark::Watermark;
