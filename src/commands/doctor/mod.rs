//! `highwater doctor`: what is wrong, what shows it, and the repairs.

mod mending;
mod text;

use std::cmp::Reverse;

use serde::Serialize;

use super::cli::DoctorArgs;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::output::{Column, Out, Record};
use super::session::Session;
use super::targets;
use super::waiting::Waiting;
use super::work::{self, Sight};
use crate::backend::doctor::{Diagnosis, Examination, Scope};
use crate::backend::finding::{FindingCode, Severity};
use crate::figures;
use crate::jobs::Request;
use crate::vocabulary::TableName;
use mending::Mending;
use text::Layout;

/// A finding and, with `--repair`, what was done about it.
#[derive(Debug, Serialize)]
struct DoctorRecord {
    #[serde(flatten)]
    diagnosis: Diagnosis,
    /// The repair that was applied, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<&'static str>,
}

impl DoctorRecord {
    /// Sort key: worst first, then by table.
    const fn rank(&self) -> (Reverse<Severity>, Option<&TableName>, FindingCode) {
        let (severity, code) = self.diagnosis.finding.rank();
        (severity, self.diagnosis.table.as_ref(), code)
    }
}

impl Record for DoctorRecord {
    const COLUMNS: &'static [Column] = &[
        Column::text("table", "TABLE"),
        Column::text("code", "CODE"),
        Column::text("severity", "SEVERITY"),
        Column::text("message", "MESSAGE").flexible(),
        Column::hidden("evidence"),
        Column::hidden("repairs.id"),
        Column::hidden("repaired"),
    ];
}

/// What to examine, and which of the findings to report.
struct Question<'a> {
    session: &'a Session,
    invocation: &'a Invocation,
    scope: Scope,
    only: &'a [FindingCode],
}

impl Question<'_> {
    /// Examines `tables` as they are now.
    ///
    /// # Errors
    /// [`CommandError::Interrupted`] on a signal, [`CommandError::Backend`] if nothing could be examined.
    async fn ask(&self, tables: &[TableName]) -> Result<Examination, CommandError> {
        let request = Request::Diagnose {
            tables: tables.to_vec(),
            scope: self.scope,
        };
        let mut waiting = Waiting::new(self.invocation, "examining", tables.len());
        let watch = |sight: Sight<'_>| waiting.take(sight);
        let ended = work::run_one(self.session, self.invocation, request, watch).await;
        drop(waiting);
        let mut found = Examination::try_from(ended?)?;
        if !self.only.is_empty() {
            found
                .diagnoses
                .retain(|one| self.only.contains(&one.code()));
        }
        Ok(found)
    }
}

/// Prints every finding, worst first, and with `--repair` applies the repairs that are confirmed.
///
/// # Errors
/// [`CommandError::Refused`] if the profile does not allow the write or nobody confirms it,
/// [`CommandError::Backend`] if not even the list of tables could be read. Findings that matter result in
/// [`Exit::Findings`]; anything that could not be examined or repaired, in [`Exit::Failed`].
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: DoctorArgs,
) -> Result<Exit, CommandError> {
    let mending = args
        .repair
        .then(|| Mending::new(session, invocation, &args))
        .transpose()?;
    let backend = session.backend(invocation).await?;
    let found = targets::find(&backend, &args.tables);
    let found = invocation.until_interrupted(found).await;
    let found = found.and_then(|found| found.look_after(invocation));
    if found.is_err() && !invocation.out.is_table() {
        // Whoever parses the output still finds an array in it.
        invocation.out.records::<DoctorRecord>(&[])?;
    }
    let found = found?;
    let mut errors: Vec<CommandError> = found.unknown.into_iter().map(|(_, e)| e.into()).collect();
    let question = Question {
        session,
        invocation,
        scope: if args.tables.is_empty() {
            Scope::Profile
        } else {
            Scope::Tables
        },
        only: &args.only,
    };
    let mut examined = question.ask(&found.known).await?;
    let tables = found.known.len();
    let records = match mending {
        None => {
            print(&question, &examined, tables)?;
            None
        }
        Some(mending) => {
            let done = mending.carry_out(&question, &found.known, examined).await?;
            examined = done.left;
            errors.extend(done.errors);
            Some(done.records)
        }
    };
    if let Some(records) = records.filter(|_| !invocation.out.is_table()) {
        invocation.out.records(&records)?;
    }
    errors.extend(examined.failures.iter().cloned().map(CommandError::from));
    invocation.notes.errors(&errors);
    Ok(exit(&examined, &errors))
}

fn exit(left: &Examination, errors: &[CommandError]) -> Exit {
    if !errors.is_empty() {
        Exit::Failed
    } else if left.diagnoses.iter().any(Diagnosis::matters) {
        Exit::Findings
    } else {
        Exit::Done
    }
}

/// Prints the findings in the chosen format, and how many there are.
fn print(
    question: &Question<'_>,
    examined: &Examination,
    tables: usize,
) -> Result<(), CommandError> {
    let invocation = question.invocation;
    let diagnoses = &examined.diagnoses;
    if invocation.out.is_table() {
        Out::text(layout(invocation).report(diagnoses).as_bytes())?;
    } else {
        let records: Vec<DoctorRecord> = diagnoses
            .iter()
            .map(|diagnosis| DoctorRecord {
                diagnosis: diagnosis.clone(),
                repaired: None,
            })
            .collect();
        invocation.out.records(&records)?;
    }
    sum_up(question, examined, tables);
    Ok(())
}

fn layout(invocation: &Invocation) -> Layout {
    Layout::new(invocation.out.width(), invocation.out.colour())
}

/// Reports how much is wrong with so many tables. If something could not be examined, the absence of findings
/// proves nothing and is not reported.
fn sum_up(question: &Question<'_>, examined: &Examination, tables: usize) {
    let nothing = examined.diagnoses.is_empty();
    if !nothing || examined.failures.is_empty() && tables > 0 {
        let summary = summary(&examined.diagnoses, tables, question.only);
        question.invocation.notes.note(&summary);
    }
}

fn summary(diagnoses: &[Diagnosis], tables: usize, only: &[FindingCode]) -> String {
    let of = |severity: Severity| {
        let found = diagnoses
            .iter()
            .filter(|one| one.finding.severity == severity);
        figures::length(found.count())
    };
    let tables = figures::count(figures::length(tables), "table");
    if diagnoses.is_empty() && !only.is_empty() {
        let only: Vec<&str> = only.iter().map(|code| code.as_str()).collect();
        return format!("no finding of {} in {tables}", only.join(" or "));
    }
    if diagnoses.is_empty() {
        return format!("nothing is wrong with {tables}");
    }
    let counted = [
        (of(Severity::Error), "error"),
        (of(Severity::Warning), "warning"),
        (of(Severity::Info), "note"),
    ];
    let counted: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| figures::count(count, noun))
        .collect();
    format!("{} in {tables}", counted.join(", "))
}
