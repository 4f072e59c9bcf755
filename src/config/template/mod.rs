//! Templates of parameter names and object keys: text with placeholders in braces.
//!
//! | placeholder | stands for | in names | in keys |
//! |---|---|---|---|
//! | `{env}` | the profile's `env` | yes | yes |
//! | `{schema}` | the table's schema, even if it is `public` | yes | yes |
//! | `{table}` | the table's bare name | required | required |
//! | `{seq}`, `{seq:08}` | the sequence id, zero-padded to that many digits; larger ids take more | | required, once |
//! | `{date}` | the day of the run in UTC, `2024-05-16` | | yes |
//! | `{time}` | the time of the run in UTC, `10-50-30` | | yes |
//!
//! Neither date nor time contains a `_`, so a key split at `_` has the same parts whatever date and time are.
//! Matching is anchored and takes the table into account: a key of `payment_type` is never taken for one of
//! `payment`.
//!
//! A template is refused if its form alone would let two tables share a name. Whether tables that are actually
//! selected share one (as with `{table}` alone and two schemas) is checked by
//! [`Profile::check_names`](super::Profile::check_names).

mod error;
mod escape;
mod grammar;
mod key;
mod parameter;

pub use error::TemplateError;
pub use key::KeyTemplate;
pub use parameter::{NamedTable, ParameterTemplate};

/// The longest escaped form of one identifier: PostgreSQL keeps 63 bytes of a name (documentation, 4.1.1), and each
/// takes at most three characters.
const LONGEST_NAME: usize = 63 * 3;
/// The longest value of `{env}` that the configuration accepts.
pub const LONGEST_ENV: usize = 64;
