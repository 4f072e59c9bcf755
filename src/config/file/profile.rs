//! One profile: its own keys, its source and its tables.

use std::collections::BTreeMap;

use super::super::document::{Known, Section};
use super::super::template::{KeyTemplate, ParameterTemplate};
use super::super::{
    Compression, Mode, Profile, Safety, Selection, SourceConfig, SslMode, TableConfig,
    selection::glob, values,
};
use super::{Result, Surroundings, set, stores};
use crate::config::places;
use crate::vocabulary::TableName;

const PROFILE: Known = &[
    "safety",
    "colour",
    "env",
    "source",
    "parameters",
    "objects",
    "aws",
    "tables",
];
const SOURCE: Known = &[
    "url",
    "password_command",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "tables",
    "exclude",
    "timestamp_columns",
    "timezone",
    "settle",
    "horizon_ignore",
    "max_connections",
];
const TABLE: Known = &[
    "mode",
    "timestamp_columns",
    "timestamp",
    "sequence_id",
    "key",
    "skip",
];

const SAFETY: [(&str, Safety); 3] = [
    ("normal", Safety::Normal),
    ("careful", Safety::Careful),
    ("read-only", Safety::ReadOnly),
];
const SSL_MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];
const MODES: [(&str, Mode); 2] = [
    ("incremental", Mode::Incremental),
    ("snapshot", Mode::Snapshot),
];

const URL: &str = "the database to read from, like \"postgres://reader@localhost:5432/totesys\"";

/// Reads the profile `name` from its section.
pub(super) fn read(section: Section<'_>, name: &str, around: Surroundings<'_>) -> Result<Profile> {
    let section = section.with_keys(PROFILE)?;
    let from = match section.section("source")? {
        Some(from) => from.with_keys(SOURCE)?,
        None => return Err(section.missing("source.url", URL)),
    };
    let source = source(&from, around)?;
    let parameters = stores::parameters(&section, name, around)?;
    let objects = stores::objects(&section, name, around)?;
    let tables = tables(&section, objects.compression)?;
    let selection = Selection::new(&source, &tables)
        .map_err(|error| from.invalid("tables", error.to_string()))?;
    let safety = section.choice("safety", &SAFETY)?;
    let env = section.parsed("env", "a name", values::plain_name)?;
    let aws = stores::aws(&section)?;
    let mut profile = Profile::new(name, source, parameters, objects)?;
    set(&mut profile.safety, safety);
    set(
        &mut profile.colour,
        section.parsed("colour", "the name of a colour", values::colour)?,
    );
    set(&mut profile.env, env);
    Ok(Profile {
        aws,
        tables,
        selection,
        ..profile
    })
}

fn source(section: &Section<'_>, around: Surroundings<'_>) -> Result<SourceConfig> {
    let url = section
        .parsed("url", "a URL of PostgreSQL", values::database_url)?
        .ok_or_else(|| section.missing("url", URL))?;
    let mut source = SourceConfig::new(url);
    source.url_at = Some(section.place("url"));
    source.password_command = section.filled_list("password_command")?;
    source.sslmode = section.choice("sslmode", &SSL_MODES)?;
    let path = |key| {
        let text = section.text(key)?;
        text.map(|path| places::resolve(path, around.base, around.env))
            .transpose()
    };
    source.sslrootcert = path("sslrootcert")?;
    source.sslcert = path("sslcert")?;
    source.sslkey = path("sslkey")?;
    for (key, other, alone) in [
        ("sslcert", "sslkey", source.sslkey.is_none()),
        ("sslkey", "sslcert", source.sslcert.is_none()),
    ] {
        if alone && section.text(key)?.is_some() {
            return Err(section.invalid(key, format!("it has no effect without {other}")));
        }
    }
    set(
        &mut source.tables,
        globs(section, "tables", section.filled_list("tables")?)?,
    );
    set(
        &mut source.exclude,
        globs(section, "exclude", section.list("exclude")?)?,
    );
    set(&mut source.timestamp_columns, columns(section)?);
    set(
        &mut source.timezone,
        section.parsed(
            "timezone",
            "a time zone like \"Europe/London\"",
            values::timezone,
        )?,
    );
    set(
        &mut source.settle,
        section.parsed("settle", "a duration like \"5s\"", values::settle)?,
    );
    set(&mut source.horizon_ignore, section.list("horizon_ignore")?);
    let connections = section.number("max_connections", 1..=1000)?;
    set(
        &mut source.max_connections,
        connections.and_then(|number| usize::try_from(number).ok()),
    );
    Ok(source)
}

/// Checks each pattern on its own, so that the error names its key.
fn globs(
    section: &Section<'_>,
    key: &str,
    patterns: Option<Vec<String>>,
) -> Result<Option<Vec<String>>> {
    for pattern in patterns.iter().flatten() {
        glob(pattern).map_err(|error| section.invalid(key, error.to_string()))?;
    }
    Ok(patterns)
}

fn columns(section: &Section<'_>) -> Result<Option<Vec<String>>> {
    let columns = section.filled_list("timestamp_columns")?;
    let list = columns.as_deref().unwrap_or_default();
    if let Some((_, twice)) = list
        .iter()
        .enumerate()
        .find(|(at, c)| list[..*at].contains(c))
    {
        let problem = format!("{twice:?} is in it twice");
        return Err(section.invalid("timestamp_columns", problem));
    }
    Ok(columns)
}

/// The sections of single tables, by the qualified names of the tables.
fn tables(
    section: &Section<'_>,
    compression: Compression,
) -> Result<BTreeMap<String, TableConfig>> {
    let mut tables = BTreeMap::new();
    let Some(sections) = section.section("tables")? else {
        return Ok(tables);
    };
    for name in sections.names() {
        let Some(section) = sections.section(name)? else {
            continue;
        };
        if let Some(inner) = section
            .names()
            .find(|inner| !TABLE.contains(inner) && matches!(section.section(inner), Ok(Some(_))))
        {
            let problem = format!(
                "a table's name is written in quotes: [{}]",
                sections.key(&format!("\"{name}.{inner}\""))
            );
            return Err(sections.invalid(name, problem));
        }
        let qualified = TableName::parse(name).qualified();
        let config = table(&section.with_keys(TABLE)?, compression)?;
        if tables.insert(qualified, config).is_some() {
            return Err(sections.invalid(
                name,
                "the same table has another section, with or without its schema",
            ));
        }
    }
    Ok(tables)
}

fn table(section: &Section<'_>, compression: Compression) -> Result<TableConfig> {
    let parameter = |key| {
        let expected = "the name of a parameter like \"/highwater/{table}/timestamp\"";
        section.parsed(key, expected, ParameterTemplate::of_one_table)
    };
    let mut table = TableConfig {
        timestamp_columns: columns(section)?,
        timestamp: parameter("timestamp")?,
        sequence_id: parameter("sequence_id")?,
        key: section
            .parsed("key", "a template of keys", KeyTemplate::parse)?
            .map(|key| key.with_suffix(compression.suffix())),
        ..TableConfig::default()
    };
    set(&mut table.mode, section.choice("mode", &MODES)?);
    set(&mut table.skip, section.flag("skip")?);
    Ok(table)
}

/// All keys of each kind of section, for the test that compares them with the documented
/// configuration.
#[cfg(test)]
pub(super) const ALL: [Known; 3] = [PROFILE, SOURCE, TABLE];
