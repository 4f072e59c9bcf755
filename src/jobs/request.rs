//! The requests a job can make of the backend, and the answers to them.

use futures_util::{StreamExt, stream};

use crate::backend::{
    Backend,
    backfill::{Backfill, BackfillPlan, BackfillReport},
    doctor::{Examination, Repair, Scope},
    edits::{Edit, EditPlan, HistoryEntry},
    ingest::{IngestOptions, IngestPlan, IngestReport},
    journal::{JournalEntry, JournalSearch},
    preview::Preview,
    progress::{Context, Phase},
    reach::Reach,
    source::{Precision, SourceTable},
    table_objects::keys::NumberedKey,
    table_objects::listing::{FirstRows, ObjectPage},
};
use crate::jobs::{Failure, Update};
use crate::vocabulary::{BackfillId, ObjectKey, TableName};

/// Lists every answer once: its payload and its name. An answer is taken out of an [`Output`] by the type
/// of its payload, so no two answers may have the same type.
macro_rules! answers {
    ($($(#[$doc:meta])* $variant:ident $(($type:ty))? = $name:literal,)*) => {
        /// The answer to a [`Request`].
        #[derive(Debug, Clone)]
        pub enum Output { $($(#[$doc])* $variant $(($type))?,)* }

        impl Output {
            /// What to call the answer if it was not the one asked for.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name,)* }
            }
        }

        $($(
            impl TryFrom<Output> for $type {
                type Error = Failure;

                fn try_from(output: Output) -> Result<Self, Failure> {
                    match output {
                        Output::$variant(answer) => Ok(answer),
                        other => Err(Failure::wrong_answer(&other)),
                    }
                }
            }
        )?)*
    };
}

/// Number of plans worked out at once.
const PLANS: usize = 8;

/// A question or a command for the backend.
#[derive(Debug, Clone)]
pub enum Request {
    /// The tables that the profile selects.
    Tables,
    /// The state of each table, answered part by part.
    Status {
        tables: Vec<TableName>,
        precision: Precision,
    },
    /// What ingesting each of these tables would write.
    PlanIngest {
        tables: Vec<TableName>,
        options: IngestOptions,
    },
    /// Ingest one table.
    Ingest {
        table: TableName,
        options: IngestOptions,
    },
    /// What a backfill would write.
    PlanBackfill(Backfill),
    /// The interrupted backfills of a table, each with what is left of it. The plans in `counted` were
    /// counted recently and are not counted again.
    InterruptedBackfills {
        table: TableName,
        counted: Vec<BackfillPlan>,
    },
    /// Forget an interrupted backfill; what it has written stays.
    ForgetBackfill { table: TableName, id: BackfillId },
    /// Write the chunks of a plan.
    Backfill(BackfillPlan),
    /// The next lines ingestion would write, at most `limit`.
    Preview { table: TableName, limit: usize },
    /// The newest objects of a table, or the newest before `before`; at most `limit`.
    Objects {
        table: TableName,
        limit: usize,
        before: Option<NumberedKey>,
    },
    /// The first rows of an object, at most `limit`.
    ReadObject { key: ObjectKey, limit: usize },
    /// All versions of both parameters of a table.
    History { table: TableName },
    /// What an edit would write.
    PlanEdit(Edit),
    /// Apply the writes of a plan.
    ApplyEdit(EditPlan),
    /// What is wrong with the tables, and what would put it right.
    Diagnose {
        tables: Vec<TableName>,
        scope: Scope,
    },
    /// Apply a repair, provided that the same repair would be offered now.
    Repair(Box<Repair>),
    /// The newest changes made from this machine that match `search`, at most `limit`.
    Journal { limit: usize, search: JournalSearch },
}

/// The ingestion plan of each table, or why it has none.
pub type IngestPlans = Vec<(TableName, Result<IngestPlan, Failure>)>;

answers! {
    Tables(Vec<SourceTable>) = "tables",
    /// Sent once all parts have been.
    Status = "status",
    IngestPlans(IngestPlans) = "plans",
    Ingested(IngestReport) = "an ingestion",
    BackfillPlan(BackfillPlan) = "a backfill plan",
    InterruptedBackfills(Vec<BackfillPlan>) = "interrupted backfills",
    Backfilled(BackfillReport) = "a backfill",
    Forgotten(Backfill) = "a backfill to be forgotten",
    Preview(Preview) = "a preview",
    Objects(ObjectPage) = "objects",
    ObjectLines(FirstRows) = "lines",
    History(Vec<HistoryEntry>) = "a history",
    EditPlan(EditPlan) = "an edit plan",
    Edited = "an edit",
    Diagnosed(Examination) = "findings",
    Repaired = "a repair",
    Journal(Vec<JournalEntry>) = "a journal",
}

impl Request {
    /// Whether the job moves rows or writes values, rather than asking a question.
    #[must_use]
    pub const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Ingest { .. }
                | Self::Backfill(_)
                | Self::ForgetBackfill { .. }
                | Self::ApplyEdit(_)
                | Self::Repair(_)
        )
    }

    /// The table whose rows the job moves; `None` if it moves none. A job that does counts towards the limit
    /// on ingestion.
    #[must_use]
    pub const fn moves_rows_of(&self) -> Option<&TableName> {
        match self {
            Self::Ingest { table, .. } => Some(table),
            Self::Backfill(plan) => Some(&plan.backfill.table),
            _ => None,
        }
    }

    /// Carries out the request. Anything known before the end is passed to `news` as it arrives.
    pub(super) async fn run(
        self,
        backend: &Backend,
        context: &Context,
        news: &(dyn Fn(Update) + Send + Sync),
    ) -> crate::backend::Result<Output> {
        Ok(match self {
            Self::Tables => Output::Tables(backend.tables().await?),
            Self::Status { tables, precision } => {
                let parts = |part| news(Update::Part(part));
                backend.status(&tables, precision, context, &parts).await;
                Output::Status
            }
            Self::PlanIngest { tables, options } => {
                Output::IngestPlans(plan(backend, tables, options, context).await)
            }
            Self::Ingest { table, options } => {
                Output::Ingested(backend.ingest(&table, options, context).await)
            }
            Self::PlanBackfill(backfill) => {
                Output::BackfillPlan(backend.plan_backfill(&backfill).await?)
            }
            Self::InterruptedBackfills { table, counted } => {
                Output::InterruptedBackfills(backend.interrupted_beside(&table, &counted).await?)
            }
            Self::ForgetBackfill { table, id } => {
                Output::Forgotten(backend.forget_backfill(&table, &id).await?)
            }
            Self::Backfill(plan) => Output::Backfilled(backend.backfill(&plan, context).await),
            Self::Preview { table, limit } => {
                Output::Preview(backend.preview(&table, limit).await?)
            }
            Self::Objects {
                table,
                limit,
                before,
            } => {
                let objects = backend.objects_before(&table, before.as_ref(), limit);
                Output::Objects(objects.await?)
            }
            Self::ReadObject { key, limit } => {
                Output::ObjectLines(backend.read_object(&key, limit).await?)
            }
            Self::History { table } => Output::History(backend.history(&table).await?),
            Self::PlanEdit(edit) => Output::EditPlan(backend.plan_edit(&edit).await?),
            Self::ApplyEdit(plan) => {
                backend.apply_edit(&plan).await?;
                Output::Edited
            }
            Self::Diagnose { tables, scope } => {
                Output::Diagnosed(backend.diagnose(&tables, scope, context).await?)
            }
            Self::Repair(repair) => {
                backend.repair(&repair).await?;
                Output::Repaired
            }
            Self::Journal { limit, search } => {
                let found = |found| news(Update::Found(found));
                Output::Journal(backend.search_journal(limit, search, &found).await?)
            }
        })
    }
}

/// Plans in the order of the tables, several at a time: each plan queries every store, and over a slow
/// network two hundred of them one after another would take minutes. Once a service is out of reach, none of the
/// remaining tables is asked about.
async fn plan(
    backend: &Backend,
    tables: Vec<TableName>,
    options: IngestOptions,
    context: &Context,
) -> IngestPlans {
    context.progress.enter(Phase::Counting);
    let reach = &Reach::default();
    let plans = stream::iter(tables).map(|table| async move {
        let plan = reach.ask(backend.plan_ingest(&table, options)).await;
        context.progress.table_examined();
        (table, plan.map_err(Failure::Error))
    });
    plans.buffered(PLANS).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_by_its_type_and_one_of_another_is_a_failure_that_names_it() {
        let lines = || {
            Output::ObjectLines(FirstRows {
                lines: vec!["{}".to_owned()],
                is_cut: false,
            })
        };
        let taken = FirstRows::try_from(lines());
        assert!(taken.is_ok_and(|first| first.lines == ["{}"]));
        for (wrong, name) in [(lines(), "lines"), (Output::Repaired, "a repair")] {
            let failure = IngestReport::try_from(wrong).expect_err("it is no report");
            assert!(!failure.is_cancelled());
            let said = failure.to_string();
            assert!(
                said.ends_with(&format!("an unexpected answer: {name}")),
                "{said}"
            );
        }
    }
}
