//! highwater: an operations console for incremental ingestion from PostgreSQL to S3.

pub mod backend;
pub mod config;
pub mod demo;
