//! The troubles: each kind that every pipeline meets sooner or later, in a table of its own, left behind exactly as
//! it happens.
//!
//! | table | what happened |
//! |---|---|
//! | `invoice` | another program wrote the next object and crashed before it stored the two values |
//! | `refund` | somebody set the timestamp by hand and got the year wrong |
//! | `supplier` | a script deleted the sequence id |
//! | `shipment` | a transaction stays open (see `import`) |
//! | `stock_count` | rows whose timestamps are NULL, infinite or of 2099 (`assets/demo/troubles/recent.sql`) |
//!
//! Each trouble that is made here is made in one step, and only if it does not exist yet: a program that dies in
//! between leaves nothing that the next one could not continue from.

use std::path::Path;

use chrono::{TimeDelta, Utc};
use tokio_postgres::Client;

use super::error::DemoError;
use super::layout::Layout;
use crate::backend::parameters::local::LocalParameters;
use crate::backend::parameters::{NewValue, ParameterStore};
use crate::config::Profile;
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, TableName, Watermark};

/// Another program's object occupies the next number.
pub const STUCK: &str = "invoice";
/// The stored timestamp is a year late.
pub const IN_FUTURE: &str = "refund";
/// The sequence id is gone.
pub const FORGOTTEN: &str = "supplier";
/// A transaction holds rows back while a console is open.
pub const HELD: &str = "shipment";
/// Rows that no watermark will ever pass.
pub const OUT_OF_REACH: &str = "stock_count";

/// The tables that are in trouble.
pub const TABLES: [&str; 5] = [STUCK, IN_FUTURE, FORGOTTEN, HELD, OUT_OF_REACH];

/// The rows that the other program wrote.
const EXPORTED: &str = include_str!("../../assets/demo/troubles/exported.sql");

/// The error of somebody who gets the year wrong.
const A_YEAR: TimeDelta = TimeDelta::days(365);

/// Makes the troubles that are outside the database, in the local stores of a demo whose older rows have been
/// ingested.
///
/// # Errors
/// [`DemoError::Database`], [`DemoError::Trouble`], [`DemoError::Io`].
pub(super) async fn make(client: &Client, layout: &Layout) -> Result<(), DemoError> {
    let profile = Profile::demo(String::new(), layout.root());
    let parameters = LocalParameters::new(&layout.parameters());
    let next = next_key(&parameters, &profile)
        .await
        .map_err(DemoError::trouble(STUCK))?;
    if let Some(key) = next {
        leave_object(client, &layout.objects(), &key).await?;
    }
    mistake_year(&parameters, &profile)
        .await
        .map_err(DemoError::trouble(IN_FUTURE))?;
    forget_sequence_id(&parameters, &profile)
        .await
        .map_err(DemoError::trouble(FORGOTTEN))
}

/// The key that the next object will have.
async fn next_key(
    parameters: &LocalParameters,
    profile: &Profile,
) -> crate::backend::Result<Option<ObjectKey>> {
    let table = TableName::parse(STUCK);
    let stored = read(parameters, &profile.sequence_parameter(&table)?).await?;
    let newest = stored.and_then(|stored| stored.parse::<SequenceId>().ok());
    let template = profile.key_template(&table);
    Ok(newest.map(|newest| template.render(&profile.env, &table, newest.next(), Utc::now())))
}

async fn read(
    parameters: &LocalParameters,
    name: &ParameterName,
) -> crate::backend::Result<Option<String>> {
    let stored = parameters.get(std::slice::from_ref(name)).await?;
    Ok(stored
        .into_iter()
        .flatten()
        .next()
        .map(|stored| stored.value))
}

/// Writes the next object as another program would: under its name, complete, and without metadata.
async fn leave_object(client: &Client, objects: &Path, key: &ObjectKey) -> Result<(), DemoError> {
    let file = objects.join(key.as_str());
    if file.exists() {
        return Ok(());
    }
    let rows = client
        .query(EXPORTED, &[])
        .await
        .map_err(DemoError::database("exporting rows as another program"))?;
    let lines: String = rows
        .iter()
        .flat_map(|row| [row.get::<_, &str>(0), "\n"])
        .collect();
    // Written outside the objects' folder and renamed, so that it appears in one step.
    let draft = objects.with_extension("export");
    std::fs::write(&draft, lines).map_err(DemoError::io("writing", &draft))?;
    std::fs::rename(&draft, &file).map_err(DemoError::io("renaming to", &file))
}

/// Overwrites the timestamp as the AWS console would: without giving a reason.
async fn mistake_year(
    parameters: &LocalParameters,
    profile: &Profile,
) -> crate::backend::Result<()> {
    let name = profile.timestamp_parameter(&TableName::parse(IN_FUTURE))?;
    let spelling = profile.spelling();
    let stored = read(parameters, &name).await?;
    let at = stored.and_then(|stored| spelling.read(&stored).ok());
    let Some(at) = at.filter(|at| *at <= Watermark::now()) else {
        return Ok(());
    };
    let late = Watermark::from(at.to_datetime() + A_YEAR);
    if let Ok(text) = spelling.write(late) {
        parameters.put(&name, NewValue::over(&text, "")).await?;
    }
    Ok(())
}

async fn forget_sequence_id(
    parameters: &LocalParameters,
    profile: &Profile,
) -> crate::backend::Result<()> {
    let name = profile.sequence_parameter(&TableName::parse(FORGOTTEN))?;
    parameters.delete(&name).await
}
