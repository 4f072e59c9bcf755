//! Templates of parameter names and object keys: text with placeholders in braces.
//!
//! | placeholder | stands for | in names | in keys |
//! |---|---|---|---|
//! | `{env}` | the profile's `env` | yes | yes |
//! | `{schema}` | the table's schema, also where it is `public` | yes | yes |
//! | `{table}` | the table's bare name | required | required |
//! | `{seq}`, `{seq:08}` | the sequence id, zero-padded to so many digits; a longer one is longer | | required, once |
//! | `{date}` | the day of the run in UTC, `2024-05-16` | | yes |
//! | `{time}` | the time of the run in UTC, `10-50-30` | | yes |
//!
//! Neither date nor time holds a `_`, so that a key split at `_` has the same parts whatever they
//! say. Matching is anchored and knows the table: a key of `payment_type` is never one of
//! `payment`.
//!
//! A template is refused where two tables could meet at one name by the form of the template
//! alone. Whether the tables that are really selected do (`{table}` alone and two schemas) is for
//! [`Profile::check_names`](super::Profile::check_names).

mod error;
mod escape;
mod grammar;
mod key;
mod parameter;

pub use error::TemplateError;
pub use key::KeyTemplate;
pub use parameter::{NamedTable, ParameterTemplate};

/// Longest escaped form of one identifier: PostgreSQL keeps 63 bytes of a name (documentation,
/// 4.1.1), and each takes three characters at most.
const LONGEST_NAME: usize = 63 * 3;
/// Longest value of `{env}` that the configuration lets in.
pub const LONGEST_ENV: usize = 64;
