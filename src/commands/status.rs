//! `highwater status`: one row per table.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::cli::StatusArgs;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::output::paint::Tone;
use super::output::record::number;
use super::output::{Column, Record};
use super::session::Session;
use super::targets;
use super::waiting::Waiting;
use super::work::{self, Sight};
use crate::backend::Backend;
use crate::backend::source::Precision;
use crate::backend::status::{PartValue, TableStatus};
use crate::figures;
use crate::jobs::{Request, Update};
use crate::vocabulary::TableName;

/// How long to spend, over all tables, on counting those about which the planner knows next to nothing.
const DOUBT: Duration = Duration::from_secs(2);

impl Record for TableStatus {
    const COLUMNS: &'static [Column] = &[
        Column::text("table", "TABLE"),
        Column::hidden("mode"),
        Column::text("timestamp", "TIMESTAMP"),
        Column::count("sequence_id", "SEQ ID"),
        Column::made("pending_rows", "PENDING", pending),
        Column::hidden("pending_exact"),
        Column::hidden("held_rows"),
        Column::hidden("unreachable_rows"),
        Column::text("last_object.key", "LAST OBJECT").spare(),
        Column::hidden("last_object.rows"),
        Column::hidden("last_object.to"),
        Column::text("state", "STATE").toned(state_tone),
        Column::text("findings", "FINDINGS").flexible(),
    ];
}

/// `~1,204 +12`: about 1,204 rows pending, twelve held.
fn pending(record: &Value) -> String {
    let Some(pending) = number(record, "pending_rows") else {
        return String::new();
    };
    let about = if record["pending_exact"] == true {
        ""
    } else {
        "~"
    };
    let held = match number(record, "held_rows") {
        None | Some(0) => String::new(),
        Some(held) => format!(" +{}", figures::thousands(held)),
    };
    format!("{about}{}{held}", figures::thousands(pending))
}

fn state_tone(state: &str) -> Tone {
    match state {
        "needs-attention" | "unreachable" => Tone::Bad,
        "pending" | "running" => Tone::Notice,
        "up-to-date" => Tone::Good,
        _ => Tone::Faint,
    }
}

/// Prints where the tables stand. Ends with [`Exit::Failed`] if any part could not be read, after printing all the
/// others.
///
/// # Errors
/// [`CommandError::Backend`] if not even the list of tables could be read.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: StatusArgs,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let (mut statuses, unknown) = match find(&backend, invocation, &args.tables).await {
        Ok(found) => found,
        Err(error) => {
            // Whoever parses the output still finds an array in it.
            invocation.out.records::<TableStatus>(&[])?;
            return Err(error);
        }
    };
    let mut errors = unknown;
    if !statuses.is_empty() {
        let precision = if args.exact {
            Precision::Exact
        } else {
            Precision::Estimate
        };
        errors.extend(fill(session, invocation, &mut statuses, precision).await);
        count_doubtful(session, invocation, &mut statuses).await;
    }
    if invocation.interrupt.is_cancelled() {
        return Err(CommandError::Interrupted);
    }
    let statuses: Vec<TableStatus> = statuses.into_values().collect();
    for status in &statuses {
        let failures = status.failures().into_iter();
        errors.extend(failures.cloned().map(CommandError::from));
    }
    let printed = invocation.out.records(&statuses);
    for note in about_the_source(&statuses) {
        invocation.notes.note(&note);
    }
    invocation.notes.errors(&errors);
    printed?;
    Ok(if errors.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// What holds rows back, and what weakens the guarantee: each named once for all tables.
fn about_the_source(statuses: &[TableStatus]) -> BTreeSet<String> {
    let horizons = statuses
        .iter()
        .filter_map(TableStatus::counts)
        .map(|counts| &counts.horizon);
    horizons
        .flat_map(|horizon| &horizon.findings)
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect()
}

/// The requested tables, as the catalog describes them, and the errors for unknown names. If the source does not
/// answer, tables that are named are taken as they are spelled: their stored values can be read without it.
async fn find(
    backend: &Backend,
    invocation: &Invocation,
    spellings: &[String],
) -> Result<(BTreeMap<TableName, TableStatus>, Vec<CommandError>), CommandError> {
    let found = async {
        let found = targets::find(backend, spellings).await?;
        let blank = blank(backend, &found.known).await?;
        Ok::<_, crate::backend::Error>((found, blank))
    };
    match invocation.until_interrupted(found).await {
        Ok((found, statuses)) => {
            found.mind(invocation);
            let unknown = found.unknown.into_iter().map(|(_, error)| error.into());
            Ok((statuses, unknown.collect()))
        }
        Err(CommandError::Backend(error)) if error.is_unavailable() && !spellings.is_empty() => {
            let named = spellings.iter().map(|spelling| TableName::parse(spelling));
            let blank = named.map(|table| {
                let mode = backend.profile().table_config(&table).mode;
                (table.clone(), TableStatus::new(table, mode, Vec::new()))
            });
            Ok((blank.collect(), Vec::new()))
        }
        Err(error) => Err(error),
    }
}

/// The status of the tables as far as the catalog knows it.
async fn blank(
    backend: &Backend,
    tables: &[TableName],
) -> Result<BTreeMap<TableName, TableStatus>, crate::backend::Error> {
    let selected = backend.tables().await?.into_iter();
    let wanted = selected.filter(|table| tables.contains(&table.name));
    let profile = backend.profile();
    Ok(wanted
        .map(|table| {
            let mode = profile.table_config(&table.name).mode;
            let status = TableStatus::new(table.name.clone(), mode, table.findings);
            (table.name, status)
        })
        .collect())
}

/// Collects the parts; returns the error of the job itself, if there is one.
async fn fill(
    session: &Session,
    invocation: &Invocation,
    statuses: &mut BTreeMap<TableName, TableStatus>,
    precision: Precision,
) -> Option<CommandError> {
    let tables = statuses.keys().cloned().collect();
    let ended = ask(session, invocation, statuses, tables, precision).await;
    ended.err().map(CommandError::from)
}

/// Counts the rows of tables for which the planner expects at most one row, as far as time allows: it expects one
/// even if there are none.
async fn count_doubtful(
    session: &Session,
    invocation: &Invocation,
    statuses: &mut BTreeMap<TableName, TableStatus>,
) {
    let is_doubtful = |status: &TableStatus| {
        let counts = status.counts();
        counts.is_some_and(|counts| !counts.exact && counts.pending <= 1)
    };
    let doubtful = statuses.values().filter(|status| is_doubtful(status));
    let tables: Vec<TableName> = doubtful.map(|status| status.table.clone()).collect();
    if !tables.is_empty() {
        let counting = ask(session, invocation, statuses, tables, Precision::Exact);
        // Whatever is not counted by then stays an estimate.
        let _ = tokio::time::timeout(DOUBT, counting).await;
    }
}

/// Asks where `tables` stand, and applies every part as it arrives.
async fn ask(
    session: &Session,
    invocation: &Invocation,
    statuses: &mut BTreeMap<TableName, TableStatus>,
    tables: Vec<TableName>,
    precision: Precision,
) -> work::Ended {
    let mut waiting = Waiting::new(invocation, "counting", tables.len());
    let request = Request::Status { tables, precision };
    let take = |sight: Sight<'_>| {
        if let Sight::Update(_, Update::Part(part)) = sight
            && let Some(status) = statuses.get_mut(&part.table)
        {
            status.apply(part.value.clone());
            if matches!(part.value, PartValue::Rows(_)) {
                waiting.answer();
            }
        }
        waiting.take(sight);
    };
    work::run_one(session, invocation, request, take).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pending_says_whether_it_is_an_estimate_and_what_is_held() {
        let shown = |rows: Value, exact: bool, held: Value| {
            pending(&json!({"pending_rows": rows, "pending_exact": exact, "held_rows": held}))
        };
        assert_eq!(shown(json!(1204), false, Value::Null), "~1,204");
        assert_eq!(shown(json!(1204), true, json!(12)), "1,204 +12");
        assert_eq!(shown(json!(0), true, json!(0)), "0");
        assert_eq!(shown(Value::Null, false, Value::Null), "");
    }

    #[test]
    fn every_field_of_the_shape_is_a_column() {
        let status = TableStatus::new(
            TableName::parse("payment"),
            crate::config::Mode::default(),
            vec![],
        );
        let shape = serde_json::to_value(&status).expect("JSON");
        for field in shape.as_object().expect("an object").keys() {
            let nested = format!("{field}.");
            let column = TableStatus::COLUMNS
                .iter()
                .find(|column| column.path == field || column.path.starts_with(&nested));
            assert!(column.is_some(), "{field}");
        }
    }
}
