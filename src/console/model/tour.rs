//! The tour of the demo: where it is, and whether what it asks for has been done.
//!
//! It advances by the state of the console, never by the clock: a user who does something else
//! meanwhile finds it waiting, and it does not ask for what has already been done.

use super::doctor::Doctor;
use super::row::Row;
use super::{Model, Screen};
use crate::backend::finding::FindingCode;
use crate::config::Safety;
use crate::demo::troubles;
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// The table that is ingested first: it is healthy, and has pending rows.
const WELL: &str = "payment";

/// Lines of the panel that describe what the user sees.
pub const TOUR_SAYS: usize = 2;

/// Minimum height of the terminal for everything to fit.
const ROOMY: u16 = 20;

/// The tour, and whether the user is taking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tour {
    /// Never offered.
    Unknown,
    /// Offered, whether it was taken or not.
    Known,
    UnderWay(Visit),
}

/// The progress of a tour under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub stop: Stop,
    /// The sequence id of the stop's table when the stop was reached.
    from: Option<SequenceId>,
    /// When the stop was reached.
    since: Watermark,
}

/// The stops of the tour, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Reading a row.
    Row,
    /// Ingesting rows.
    Ingest,
    /// Reading the next rows before they are written.
    Preview,
    /// The lines of the preview.
    Lines,
    /// Examining a stuck table.
    Stuck,
    /// Repairing the table.
    Repair,
    /// The table moves again.
    Moves,
    /// A timestamp in the future.
    InFuture,
    /// A sequence id that has been deleted.
    Forgotten,
    /// Rows that no watermark will ever pass.
    OutOfReach,
    /// A transaction that holds rows back.
    Held,
    /// Finding all of this in the journal.
    Journal,
    /// Reverting a change.
    Revert,
    /// The form that shows what reverting would do.
    Form,
    End,
}

impl Stop {
    /// All stops, in order.
    pub const ALL: [Self; 15] = [
        Self::Row,
        Self::Ingest,
        Self::Preview,
        Self::Lines,
        Self::Stuck,
        Self::Repair,
        Self::Moves,
        Self::InFuture,
        Self::Forgotten,
        Self::OutOfReach,
        Self::Held,
        Self::Journal,
        Self::Revert,
        Self::Form,
        Self::End,
    ];

    /// The number of the stop, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize + 1
    }

    /// The table that the stop is about.
    #[must_use]
    pub fn table(self) -> Option<TableName> {
        let name = match self {
            Self::Row | Self::Ingest => WELL,
            Self::Stuck | Self::Repair | Self::Moves => troubles::STUCK,
            Self::InFuture => troubles::IN_FUTURE,
            Self::Forgotten => troubles::FORGOTTEN,
            Self::OutOfReach => troubles::OUT_OF_REACH,
            Self::Held => troubles::HELD,
            _ => return None,
        };
        Some(TableName::parse(name))
    }

    /// The finding that the stop is about.
    #[must_use]
    pub const fn code(self) -> Option<FindingCode> {
        Some(match self {
            Self::Stuck | Self::Repair => FindingCode::StuckSequence,
            Self::InFuture => FindingCode::TimestampInFuture,
            Self::Forgotten => FindingCode::SequenceMissing,
            Self::OutOfReach => FindingCode::RowsUnreachable,
            Self::Held => FindingCode::HorizonHeld,
            _ => return None,
        })
    }
}

impl Visit {
    /// The start of the tour.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self::at(Stop::Row, model)
    }

    fn at(stop: Stop, model: &Model) -> Self {
        let table = stop.table();
        let row = table.and_then(|table| model.tables.row(&table));
        Self {
            stop,
            from: row.and_then(sequence_id),
            since: model.now,
        }
    }

    /// The first stop, from this one on, that asks for something yet to be done.
    #[must_use]
    pub fn follow(mut self, model: &Model) -> Self {
        while self.is_done(model)
            && let Some(next) = Stop::ALL.get(self.stop.number())
        {
            self = Self::at(*next, model);
        }
        self
    }

    /// Whether what the stop asks for has been done. If its table does not exist, there is nothing
    /// to do.
    fn is_done(&self, model: &Model) -> bool {
        let table = self.stop.table();
        let row = match &table {
            Some(table) => match model.tables.row(table) {
                Some(row) => Some(row),
                None => return true,
            },
            None => None,
        };
        match self.stop {
            Stop::Row => model.stack.is_empty() && model.tables.cursor == table,
            Stop::Ingest | Stop::Moves => row.is_some_and(|row| self.has_moved(row)),
            Stop::Preview => model
                .viewer()
                .and_then(|viewer| viewer.answer.ready())
                .is_some_and(|page| !page.lines.is_empty()),
            Stop::Lines => model.viewer().is_none(),
            Stop::Stuck => {
                row.is_some_and(|row| self.is_well(row))
                    || model.doctor().is_some_and(|doctor| self.is_found(doctor))
            }
            Stop::Repair | Stop::InFuture | Stop::Forgotten | Stop::OutOfReach => {
                row.is_some_and(|row| self.is_well(row))
            }
            Stop::Held => row.is_some_and(|row| self.is_free(row)),
            Stop::Journal => {
                matches!(model.stack.last(), Some(Screen::Journal(journal)) if journal.answer.ready().is_some())
            }
            Stop::Revert => matches!(model.stack.last(), Some(Screen::Edit(_))),
            Stop::Form => !matches!(model.stack.last(), Some(Screen::Edit(_))),
            Stop::End => false,
        }
    }

    /// Whether an object has been written since the stop was reached, or no rows are pending.
    fn has_moved(&self, row: &Row) -> bool {
        let pending = row.counts().is_none_or(|known| known.value.pending > 0);
        row.job.is_none() && (sequence_id(row) > self.from || !pending)
    }

    /// Whether the finding is known to be gone.
    fn is_well(&self, row: &Row) -> bool {
        let known = row.newest().is_some() && row.counts().is_some();
        let found = row.findings();
        known
            && found
                .iter()
                .all(|finding| Some(finding.code) != self.stop.code())
    }

    /// Whether nothing holds the rows back. A count from before the stop may not know of the
    /// transaction yet.
    fn is_free(&self, row: &Row) -> bool {
        row.counts()
            .is_some_and(|known| known.at >= self.since && known.value.horizon.holder.is_none())
    }

    fn is_found(&self, doctor: &Doctor) -> bool {
        let table = self.stop.table();
        doctor.cases.iter().any(|case| {
            case.table() == table.as_ref() && Some(case.diagnosis.code()) == self.stop.code()
        })
    }
}

impl Model {
    /// Whether there is a tour: on the demo, if it may write.
    #[must_use]
    pub fn can_tour(&self) -> bool {
        self.facts.demo && self.facts.safety != Safety::ReadOnly
    }

    /// The tour under way.
    #[must_use]
    pub const fn visit(&self) -> Option<&Visit> {
        match &self.tour {
            Tour::UnderWay(visit) => Some(visit),
            _ => None,
        }
    }

    /// Whether the tour has been offered.
    #[must_use]
    pub const fn is_toured(&self) -> bool {
        !matches!(self.tour, Tour::Unknown)
    }

    /// Number of lines of the tour's panel. Always the same, so that nothing jumps as the tour
    /// advances; but in a small terminal, if a box needs the room, only the key to press.
    #[must_use]
    pub fn tour_lines(&self) -> usize {
        if self.visit().is_none() {
            0
        } else if self.has_brief_tour() {
            1
        } else {
            TOUR_SAYS + 2
        }
    }

    /// Whether the panel has room for only the key to press.
    #[must_use]
    pub fn has_brief_tour(&self) -> bool {
        let boxed = self.scope() != self.screen_scope()
            || matches!(self.stack.last(), Some(Screen::Edit(_)));
        self.size.1 < ROOMY && boxed
    }
}

fn sequence_id(row: &Row) -> Option<SequenceId> {
    let stored = row.stored()?;
    stored.value.sequence_id.as_ref().map(|id| id.value)
}
