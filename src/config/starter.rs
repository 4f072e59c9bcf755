//! The configuration file that a new user starts with.

use toml::Value;

use super::document::quoted;
use super::values;

/// The answers that the file is written from.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Name of the profile: letters, digits and `_ - .`.
    pub profile: String,
    /// URL of the database.
    pub url: String,
    pub bucket: String,
    /// `None` leaves the region to the AWS chain.
    pub region: Option<String>,
}

/// # Errors
/// Why `text` cannot be the name of a profile.
pub fn check_profile(text: &str) -> Result<(), String> {
    values::plain_name(text).map(drop)
}

/// # Errors
/// Why `text` cannot be the URL of a database, judging by its beginning.
pub fn check_database(text: &str) -> Result<(), String> {
    let checked = values::database_url(text);
    checked.map(drop).map_err(str::to_owned)
}

/// # Errors
/// Why `text` cannot be the name of a bucket.
pub fn check_bucket(text: &str) -> Result<(), String> {
    values::bucket(text).map(drop)
}

/// A configuration of one profile, with comments: the answers, and the settings that are changed
/// most often. May contain a password, if the URL does.
#[must_use]
pub fn starter(answers: &Answers) -> String {
    let text = |text: &str| Value::String(text.to_owned()).to_string();
    let default = text(&answers.profile);
    let profile = quoted(&answers.profile);
    let url = text(&answers.url);
    let bucket = text(&answers.bucket);
    let region = answers.region.as_deref().map_or_else(
        || "# region = \"eu-west-2\"".to_owned(),
        |region| format!("region = {}", text(region)),
    );
    format!(
        r#"# Configuration of highwater. What is left out has its default.
default_profile = {default}

[profiles.{profile}]
safety = "normal"                 # normal | careful (typed confirmation) | read-only
colour = "green"                  # colour of the header

[profiles.{profile}.source]
url = {url}
# password_command = ["op", "read", "op://dev/db/password"]
tables = ["public.*"]             # globs over schema.name
# exclude = ["*._prisma_migrations"]
timestamp_columns = ["last_updated"]
timezone = "UTC"                  # of columns without time zone

[profiles.{profile}.parameters]
store = "ssm"                     # ssm | local
timestamp = "/highwater/{{table}}/timestamp"
sequence_id = "/highwater/{{table}}/sequence_id"

[profiles.{profile}.objects]
store = "s3"                      # s3 | local
bucket = {bucket}
key = "{{table}}/{{table}}_{{seq:08}}.jsonl"

[profiles.{profile}.aws]                # what is left out comes from the usual AWS chain
{region}
# profile = "…"

# [profiles.{profile}.tables."public.address"]
# mode = "snapshot"               # the whole table every time
"#
    )
}
