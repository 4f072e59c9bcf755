//! What the source shows: rows that no batch will take, and rows that none has taken for a long time.

use chrono::TimeDelta;

use crate::backend::advice::command_on;
use crate::backend::error::Service;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::source::{
    self, Extremes, Horizon, Precision, RowCounts, RowTime, SourceColumn, SourceTable,
};
use crate::backend::{Backend, Error, Result};
use crate::figures::count;
use crate::vocabulary::{TableName, Watermark};

use super::diagnosis::{Diagnosis, Evidence, STATEMENT};
use super::state::State;

/// How long a row may be pending, and a table without a new object, before that is [`Stale`]: a day, within
/// which every schedule comes round.
///
/// [`Stale`]: FindingCode::Stale
const STALE: TimeDelta = TimeDelta::days(1);

const LOSSY: FindingCode = FindingCode::TimestampFormatLosesPrecision;

/// What was found in the source about one table.
struct Looked {
    counts: RowCounts,
    extremes: Option<Extremes>,
    /// The statement that creates the missing index.
    index: Option<String>,
    /// The statement that brings unreachable rows back, if one is known.
    correction: Option<String>,
}

impl Backend {
    /// What is wrong with the rows of a table, given its `state`.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Denied`], …
    pub(super) async fn examine_rows(
        &self,
        table: &SourceTable,
        state: Option<&State>,
        horizon: &Horizon,
    ) -> Result<Vec<Diagnosis>> {
        // More is known about what the format cannot hold once the rows have been looked at.
        let catalog = table
            .findings
            .iter()
            .filter(|finding| finding.code != LOSSY);
        let mut found: Vec<Diagnosis> = catalog
            .map(|finding| {
                let evidence = match finding.code {
                    FindingCode::NoTimestampColumn => columns(table),
                    _ => Evidence::default(),
                };
                Diagnosis::new(&table.name, finding.clone()).because(evidence)
            })
            .collect();
        let is_unusable = |one: &Diagnosis| one.finding.severity == Severity::Error;
        if found.iter().any(is_unusable) || self.is_whole(&table.name) {
            return Ok(found);
        }
        let watermark = state.and_then(|state| state.watermark);
        let looked = self.look_at_rows(&table.name, watermark, horizon).await?;
        found.extend(of_counts(&table.name, &looked));
        found.extend(
            looked
                .index
                .as_deref()
                .map(|index| no_index(&table.name, index)),
        );
        found.extend(self.too_coarse(table, looked.extremes, horizon));
        if let (Some(state), Some(extremes)) = (state, looked.extremes) {
            // A timestamp in the future is ahead of everything, which is reported already.
            if state.timestamp <= Some(horizon.clock) {
                found.extend(ahead(&table.name, state, extremes));
            }
            found.extend(stale(&table.name, state, extremes, &looked.counts));
        }
        Ok(found)
    }

    /// Diagnoses that the profile's format cannot hold every timestamp that the columns can.
    fn too_coarse(
        &self,
        table: &SourceTable,
        extremes: Option<Extremes>,
        horizon: &Horizon,
    ) -> Option<Diagnosis> {
        let Some(lossy) = self.lossy(table) else {
            return self.shown_again(&table.name, extremes?, horizon);
        };
        let profile = self.profile();
        let spelling = profile.spelling();
        let newest = extremes.and_then(|extremes| extremes.newest);
        let fails = newest.is_some_and(|newest| spelling.write(newest).is_err());
        let evidence = Evidence::default()
            .with("timestamp_format", spelling.format.to_string())
            .with("digits", lossy.digits)
            .with("newest_row", newest)
            .with("example", lossy.example.to_string());
        let finding = if fails {
            lossy.error()
        } else {
            lossy.warning()
        };
        Some(Diagnosis::new(&table.name, finding).because(evidence))
    }

    /// Diagnoses that nothing is pending but rows of an hour whose times are stored like those of the hour
    /// before it, and which is not over.
    fn shown_again(
        &self,
        table: &TableName,
        extremes: Extremes,
        horizon: &Horizon,
    ) -> Option<Diagnosis> {
        let spelling = self.profile().spelling();
        let oldest = extremes.oldest_pending?;
        let again = spelling.shown_again(oldest)?;
        let cause = spelling.write(oldest).err()?;
        if horizon.at > Some(again.to) {
            return None;
        }
        let message = format!(
            "{cause}: ingestion stops until that hour is over, at {}",
            again.to
        );
        let evidence = Evidence::default()
            .with("timestamp_format", spelling.format.to_string())
            .with("oldest_pending_row", oldest);
        let finding = Finding::new(LOSSY, message);
        Some(Diagnosis::new(table, finding).because(evidence))
    }

    async fn look_at_rows(
        &self,
        table: &TableName,
        watermark: Option<Watermark>,
        horizon: &Horizon,
    ) -> Result<Looked> {
        let counts = self.row_counts(table, watermark, horizon.clone(), Precision::Estimate);
        let counts = counts.await?;
        let connection = self.inner.source.connection().await?;
        let doing = format!("looking at the rows of {table}");
        let described = source::table(&connection, table);
        let Some(described) = connection.ask(&doing, described).await? else {
            return Ok(Looked {
                counts,
                extremes: None,
                index: None,
                correction: None,
            });
        };
        let missing = source::missing_privileges(&connection, std::slice::from_ref(table));
        let missing = connection.ask(&doing, missing).await?;
        if !missing.tables.is_empty() {
            return Err(Error::Denied {
                service: Service::Source,
                place: connection.place().to_owned(),
                doing: format!("locking {table} while its rows are read"),
                permission: format!("SELECT on table {table}"),
                cause: "it is granted on single columns only".into(),
            });
        }
        let profile = self.profile();
        let columns = profile.timestamp_columns(table);
        let time = RowTime::of(&described, columns, profile.source.timezone)?;
        let index = source::missing_index(&connection, table, &time);
        let extremes = source::extremes(&connection, table, &time, watermark, horizon);
        Ok(Looked {
            counts,
            index: connection.ask(&doing, index).await?,
            extremes: connection.ask(&doing, extremes).await?,
            correction: source::correction(&described, columns, profile.source.timezone),
        })
    }
}

/// The columns of the table, for somebody who has to name a different one.
fn columns(table: &SourceTable) -> Evidence {
    let name = |column: &SourceColumn| format!("{} {}", column.name, column.type_name);
    let times = table.columns.iter().filter(|column| column.is_timestamp());
    Evidence::default()
        .with(
            "columns",
            table.columns.iter().map(name).collect::<Vec<_>>(),
        )
        .with(
            "columns_with_timestamps",
            times.map(name).collect::<Vec<_>>(),
        )
}

fn of_counts(table: &TableName, looked: &Looked) -> Vec<Diagnosis> {
    let counts = &looked.counts;
    let evidence = Evidence::default()
        .with("clock", counts.horizon.clock)
        .with("horizon", counts.horizon.at)
        .with("pending_rows", counts.pending)
        .with("held_rows", counts.held)
        .with("unreachable_rows", counts.unreachable);
    let holder = counts.horizon.holder.as_ref();
    let held = holder.map_or_else(
        || evidence.clone(),
        |holder| {
            evidence
                .clone()
                .with("pid", holder.pid)
                .with("user", &holder.user)
                .with("application", &holder.application)
                .with("since", holder.since)
                .with("query", &holder.query)
                .with(STATEMENT, holder.termination())
        },
    );
    // The state has already been judged, with its repairs.
    let own = |finding: &&Finding| finding.code != FindingCode::TimestampInFuture;
    let findings = counts.findings.iter().filter(own);
    findings
        .map(|finding| {
            let evidence = match finding.code {
                FindingCode::HorizonHeld => held.clone(),
                FindingCode::RowsUnreachable => {
                    evidence.clone().with(STATEMENT, &looked.correction)
                }
                _ => Evidence::default()
                    .with("clock", counts.horizon.clock)
                    .with("horizon", counts.horizon.at),
            };
            Diagnosis::new(table, finding.clone()).because(evidence)
        })
        .collect()
}

fn no_index(table: &TableName, statement: &str) -> Diagnosis {
    let message = "no index leads to the newest rows, so every look at the table reads all of it";
    let finding = Finding::new(FindingCode::NoTimestampIndex, message);
    Diagnosis::new(table, finding).because(Evidence::default().with(STATEMENT, statement))
}

/// Diagnoses that the stored timestamp is beyond every row: rows were deleted, or it was moved too far.
fn ahead(table: &TableName, state: &State, extremes: Extremes) -> Option<Diagnosis> {
    let timestamp = state.timestamp?;
    if extremes.newest >= Some(timestamp) {
        return None;
    }
    let newest = extremes.newest.map_or_else(
        || "the table has no rows".to_owned(),
        |newest| format!("the newest row is from {newest}"),
    );
    let (severity, consequence) = if state.ends_at == Some(timestamp) {
        let why = "the newest object ends there, so its rows have been deleted since";
        (Severity::Info, why)
    } else {
        let why = "rows that arrive with a timestamp in between will never be ingested";
        (Severity::Warning, why)
    };
    let message = format!("the stored timestamp is {timestamp}, but {newest}: {consequence}");
    let finding = Finding::new(FindingCode::TimestampAheadOfTable, message);
    let evidence = Evidence::default()
        .with("timestamp", timestamp)
        .with("newest_row", extremes.newest)
        .with("object_ends_at", state.ends_at);
    let diagnosis = Diagnosis::new(table, finding.with_severity(severity)).because(evidence);
    if severity == Severity::Info {
        return Some(diagnosis);
    }
    let end = state.ends_at.filter(|end| *end < timestamp);
    Some(diagnosis.advising(&move_back(table, end.or(extremes.newest))))
}

/// How to move a timestamp that is too late back to where the newest object ends, or else to the newest row.
fn move_back(table: &TableName, to: Option<Watermark>) -> String {
    let who = format!("see who moved it: {}", command_on(table, "params history"));
    match to {
        Some(to) => format!(
            "{who}; move it back: {} --timestamp {to} --reason …",
            command_on(table, "params set")
        ),
        None => who,
    }
}

/// Rows that have been pending for a long time while no object was written.
fn stale(
    table: &TableName,
    state: &State,
    extremes: Extremes,
    counts: &RowCounts,
) -> Option<Diagnosis> {
    let long_ago = Watermark::from(counts.horizon.clock.to_datetime() - STALE);
    let oldest = extremes
        .oldest_pending
        .filter(|oldest| *oldest < long_ago)?;
    let last = state.last_modified.filter(|last| *last < long_ago)?;
    let rows = counts.pending;
    let pending = match (rows, counts.exact) {
        (1, true) => "1 row is pending,".to_owned(),
        (rows, true) => format!("{} are pending, the oldest", count(rows, "row")),
        (rows, false) => format!("about {} pending, the oldest", count(rows, "row")),
    };
    let message = format!(
        "{pending} since {oldest}, and nothing has been ingested since {last}: is ingestion still being run?"
    );
    let evidence = Evidence::default()
        .with("pending_rows", rows)
        .with("oldest_pending_row", oldest)
        .with("last_object", last);
    let step = format!(
        "ingest it: {}; and find out why what used to run it has stopped",
        command_on(table, "ingest")
    );
    let diagnosis = Diagnosis::new(table, Finding::new(FindingCode::Stale, message));
    Some(diagnosis.because(evidence).advising(&step))
}
