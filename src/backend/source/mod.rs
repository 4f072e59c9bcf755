//! source/mod

pub mod connect;

pub use connect::{Connection, Environment, SourcePool};
