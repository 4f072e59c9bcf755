//! Connecting to PostgreSQL: what libpq understands, over rustls, with a pool.
//!
//! A connection is described by the profile, by `PG*` variables and by libpq's files, in this order of
//! precedence (PostgreSQL documentation, 34.1 to 34.19):
//!
//! | what | first | then | then | then |
//! |---|---|---|---|---|
//! | password | `password_command` | `source.url` | `PGPASSWORD` | `PGPASSFILE` or `~/.pgpass` |
//! | `sslmode` | `source.sslmode` | `source.url` | `PGSSLMODE` | `verify-full`, `prefer` for a local host |
//! | `sslrootcert` | `source.sslrootcert` | `source.url` | `PGSSLROOTCERT` | `~/.postgresql/root.crt`, system |
//! | all else | | `source.url` | its variable | libpq's default |
//!
//! Differences from libpq are documented where they occur: the default of `sslmode` ([`tls`]), a server's own
//! certificate as trust anchor ([`tls`]), `application_name` (always our own), read-only transactions
//! ([`transaction`]), and options that are refused rather than silently ignored ([`options`]).

mod attempt;
pub mod endpoint;
pub mod environment;
pub mod failure;
mod handshake;
pub mod options;
mod passfile;
pub mod password;
mod pool;
pub mod promises;
mod refusal;
mod service;
pub mod session;
mod setting;
pub mod target;
pub mod tls;
pub mod tls_error;
pub mod transaction;
mod trust;
mod values;

pub use environment::Environment;
pub use pool::{Connection, SourcePool};
pub use setting::SettingError;
pub use target::{Target, check_url};
