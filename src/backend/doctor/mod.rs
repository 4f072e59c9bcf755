//! What is wrong, what shows it, and what would put it right.
//!
//! The two values and the objects are judged where ingestion judges them
//! ([`standing`](super::standing)); what cannot be seen there is added here: where the objects of
//! other programs end, numbers without an object, rows that no batch takes, leftovers. Only
//! [`Backend::repair`] writes.
//!
//! | module | what |
//! |---|---|
//! | `diagnosis` | a finding, with what shows it and what would put it right |
//! | `state`, `tip`, `verdict`, `empty_end` | the two values and the objects together |
//! | `mend` | the repairs of what is wrong with them |
//! | `way_on` | what a person can do if no repair is safe |
//! | `left_out` | rows that objects of other programs do not hold |
//! | `numbering` | gaps and duplicates among the objects |
//! | `rows` | what the source says |
//! | `missed`, `held` | rows that arrived with timestamps that were already ingested |
//! | `leftovers` | abandoned uploads, parameters of tables that are gone |
//! | `repair`, `apply` | what a repair writes; doing it, if it is still the same |

mod apply;
mod diagnosis;
mod empty_end;
mod held;
mod left_out;
mod leftovers;
mod mend;
mod missed;
mod numbering;
mod repair;
mod rows;
mod state;
mod tip;
mod verdict;
mod way_on;

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::error::Error;
use super::finding::{Finding, FindingCode, Severity};
use super::progress::{Context, Phase};
use super::reach::Reach;
use super::source::{Horizon, SourceTable};
use super::stored::Stored;
use super::{Backend, Result, grant, source};
use crate::vocabulary::TableName;

pub use diagnosis::{Diagnosis, Evidence, STATEMENT};
pub use mend::{CHOICES, may_have_repair};
pub use repair::{Repair, RepairWrite};

/// How many tables are examined at once, as for a status.
const AT_ONCE: usize = 4;

/// What is examined besides the tables themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Tables,
    /// Also what no table leads to, such as parameters of tables that are gone.
    Profile,
}

/// What an examination found, and what it could not look at.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// Worst first, then by table.
    pub diagnoses: Vec<Diagnosis>,
    /// Each listed once: a service that is down fails every table in the same way.
    pub failures: Vec<Arc<Error>>,
}

impl Backend {
    /// Examines `tables`, and finds everything that is wrong with them. What cannot be looked at does not
    /// stop the rest; once a service is out of reach, it is not asked about the remaining tables. The progress
    /// counts tables, and bytes of the objects that have to be read.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub async fn diagnose(
        &self,
        tables: &[TableName],
        scope: Scope,
        context: &Context,
    ) -> Result<Examination> {
        let watched = Self {
            progress: Arc::clone(&context.progress),
            ..self.clone()
        };
        let examined = async { Ok(watched.examine(tables, scope).await) };
        context.until_cancelled(examined).await
    }

    async fn examine(&self, tables: &[TableName], scope: Scope) -> Examination {
        let mut found = Examination::default();
        self.progress.enter(Phase::Reading);
        // Read at the same time: the timestamps are compared with the clock of this horizon.
        let (described, horizon, stored) = futures_util::join!(
            self.described(tables),
            self.horizon(),
            // All in one go, because a store takes only so many requests.
            self.stored_values(tables)
        );
        let described = found.take(None, described).unwrap_or_default();
        let horizon = found.take(None, horizon);
        let stored = found.take(None, stored).unwrap_or_default();
        let mut stored = stored.into_iter();
        let reach = &Reach::default();
        let each = tables.iter().cloned().map(|table: TableName| {
            let (described, horizon) = (described.get(&table).cloned(), horizon.clone());
            let stored = stored.next();
            async move {
                let examined = self
                    .examine_table(&table, stored, described.as_ref(), horizon.as_ref(), reach)
                    .await;
                self.progress.table_examined();
                examined
            }
        });
        let all: Vec<Examination> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
        for one in all {
            found.join(one);
        }
        let uploads = self.abandoned_uploads(tables).await;
        let unseen = "abandoned uploads were not looked for";
        found.take_optional(uploads, unseen);
        if scope == Scope::Profile {
            let unseen = "parameters of tables that are gone were not looked for";
            found.take_optional(self.orphans().await, unseen);
        }
        found.sort();
        found
    }

    async fn examine_table(
        &self,
        table: &TableName,
        stored: Option<Result<Stored>>,
        described: Option<&SourceTable>,
        horizon: Option<&Horizon>,
        reach: &Reach,
    ) -> Examination {
        let mut found = Examination::default();
        let clock = horizon.map(|horizon| horizon.clock);
        let mut state = match stored {
            Some(stored) => {
                let state = reach.ask(self.state(table, stored, clock)).await;
                found.take(Some(table), state)
            }
            None => None,
        };
        if let Some(state) = &mut state {
            found.diagnoses.append(&mut state.diagnoses);
            let numbering = self.numbering(table, &state.keys).await;
            let numbering = found.take(Some(table), numbering);
            found.diagnoses.extend(numbering.unwrap_or_default());
        }
        if let (Some(described), Some(horizon)) = (described, horizon) {
            let rows = self.examine_rows(described, state.as_ref(), horizon).await;
            if let Some(denied) = self.denied(table, rows.as_ref().err()).await {
                found.diagnoses.push(denied);
            } else {
                let rows = found.take(Some(table), rows);
                if let (Some(state), true) = (&state, rows.is_some()) {
                    let missed = self.rows_missed(described, state).await;
                    let missed = found.take(Some(table), missed);
                    found.diagnoses.extend(missed.unwrap_or_default());
                }
                found.diagnoses.extend(rows.unwrap_or_default());
            }
        }
        found
    }

    /// The finding that this role may not read a table, with the statement that allows it to.
    async fn denied(&self, table: &TableName, error: Option<&Error>) -> Option<Diagnosis> {
        let finding =
            as_finding(error?).filter(|found| found.code == FindingCode::MissingPrivilege)?;
        let connection = self.inner.source.connection().await.ok()?;
        let asked = source::missing_privileges(&connection, std::slice::from_ref(table));
        let missing = connection.read(asked).await.ok()?;
        let is_hidden = !missing.filtered.is_empty() && missing.tables.is_empty();
        let statement = if is_hidden {
            grant::unfiltered(&missing.role)
        } else {
            grant::reading(&missing)?
        };
        let evidence = Evidence::default().with(STATEMENT, statement);
        Some(Diagnosis::new(table, finding).because(evidence))
    }
}

impl Examination {
    /// What was looked at; `None` if that failed. The error is kept: as a finding if it concerns a permission
    /// or the table itself, or else as a failure.
    fn take<T>(
        &mut self,
        table: Option<&TableName>,
        looked: Result<T, impl Into<Arc<Error>>>,
    ) -> Option<T> {
        match looked {
            Ok(seen) => Some(seen),
            Err(error) => {
                let error = error.into();
                match as_finding(&error) {
                    Some(finding) => self.diagnoses.push(Diagnosis {
                        table: table.cloned(),
                        evidence: missing(&error),
                        finding,
                        repairs: Vec::new(),
                    }),
                    None => self.failures.push(error),
                }
                None
            }
        }
    }

    /// Adds what was found by a part that needs a permission of its own; everything else goes on without it.
    fn take_optional(&mut self, looked: Result<Vec<Diagnosis>>, unseen: &str) {
        if let Err(error @ Error::Denied { .. }) = &looked {
            let finding = Finding::new(FindingCode::MissingPrivilege, format!("{unseen}: {error}"));
            self.diagnoses.push(Diagnosis {
                table: None,
                finding: finding.with_severity(Severity::Info),
                evidence: missing(error),
                repairs: Vec::new(),
            });
            return;
        }
        let diagnoses = self.take(None, looked);
        self.diagnoses.extend(diagnoses.unwrap_or_default());
    }

    fn join(&mut self, other: Self) {
        self.diagnoses.extend(other.diagnoses);
        self.failures.extend(other.failures);
    }

    fn sort(&mut self) {
        self.diagnoses.sort_by(|a, b| {
            let order = |d: &Diagnosis| {
                let (severity, code) = d.finding.rank();
                (severity, d.table.clone(), code)
            };
            order(a).cmp(&order(b))
        });
        let mut seen = Vec::new();
        self.failures.retain(|failure| {
            let text = super::error::chain(failure.as_ref());
            let first = !seen.contains(&text);
            seen.push(text);
            first
        });
    }
}

/// An error as a finding, if it concerns the table or a permission rather than a service that was out of
/// reach.
fn as_finding(error: &Error) -> Option<Finding> {
    let code = error.finding()?;
    Some(Finding::new(code, super::error::chain(error).join(": ")))
}

/// The missing permission, and what grants it.
fn missing(error: &Error) -> Evidence {
    match error {
        Error::Denied { permission, .. } => Evidence::default()
            .with("permission", permission)
            .with("remedy", grant::remedy(error)),
        _ => Evidence::default(),
    }
}
