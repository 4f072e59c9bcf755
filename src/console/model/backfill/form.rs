//! The form for backfilling a range.

use std::time::Duration;

use tui_input::Input;

use super::Interrupted;
use crate::backend::backfill::{Backfill, BackfillPlan};
use crate::console::model::scroll::Direction;
use crate::figures::days_typed;
use crate::vocabulary::BackfillId;
use crate::vocabulary::{
    TableName, Watermark,
    watermark::{Spelling, read_input},
};

/// The time span of one object, unless another is typed.
const CHUNK: Duration = Duration::from_hours(24);

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    From,
    To,
    Chunk,
    Resume,
}

impl Field {
    /// All fields, in order.
    pub const ALL: [Self; 4] = [Self::From, Self::To, Self::Chunk, Self::Resume];

    /// The name of the field.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
            Self::Chunk => "chunk",
            Self::Resume => "resume",
        }
    }

    /// The field below or above, wrapping around.
    #[must_use]
    pub const fn turn(self, direction: Direction) -> Self {
        Self::ALL[direction.turn(self as usize, Self::ALL.len())]
    }
}

/// The range as typed.
#[derive(Debug, Clone)]
pub struct BackfillForm {
    /// The tables, and their watermarks as far as known.
    pub tables: Vec<(TableName, Option<Watermark>)>,
    pub spelling: Spelling,
    pub field: Field,
    /// Indexed by field.
    inputs: [Input; Field::ALL.len()],
    /// The time that relative timestamps refer to: that of the last change.
    pub typed_at: Watermark,
    /// Interrupted backfills of the table.
    pub interrupted: Interrupted,
}

impl BackfillForm {
    /// An empty form.
    #[must_use]
    pub fn new(
        tables: Vec<(TableName, Option<Watermark>)>,
        interrupted: Option<BackfillPlan>,
        spelling: Spelling,
        now: Watermark,
    ) -> Self {
        Self {
            tables,
            spelling,
            field: Field::From,
            inputs: Default::default(),
            typed_at: now,
            interrupted: Interrupted::new(interrupted),
        }
    }

    /// The input of a field.
    #[must_use]
    pub const fn input(&self, field: Field) -> &Input {
        &self.inputs[field as usize]
    }

    /// The input of the current field.
    pub const fn input_mut(&mut self) -> &mut Input {
        &mut self.inputs[self.field as usize]
    }

    fn typed(&self, field: Field) -> Option<&str> {
        let typed = self.inputs[field as usize].value().trim();
        (!typed.is_empty()).then_some(typed)
    }

    fn time(&self, field: Field) -> Result<Option<Watermark>, String> {
        self.typed(field)
            .map(|typed| read_input(typed, self.typed_at, &self.spelling))
            .transpose()
            .map_err(|error| error.to_string())
    }

    /// The start of the range, inclusive; `None` while nothing is typed.
    ///
    /// # Errors
    /// Why the input is not a timestamp.
    pub fn from(&self) -> Result<Option<Watermark>, String> {
        self.time(Field::From)
    }

    /// The end of the range, exclusive; `None` if nothing is typed, in which case the range includes the
    /// watermark.
    ///
    /// # Errors
    /// Why the input is not a timestamp, or not one that the range can end at.
    pub fn to(&self) -> Result<Option<Watermark>, String> {
        let to = self.time(Field::To)?;
        for (table, watermark) in &self.tables {
            self.end(table, to, *watermark)?;
        }
        Ok(to)
    }

    /// The end of a table's range.
    fn end(
        &self,
        table: &TableName,
        to: Option<Watermark>,
        watermark: Option<Watermark>,
    ) -> Result<Option<Watermark>, String> {
        let last = watermark.map(Watermark::successor);
        let end = to.or(last);
        if let (Ok(Some(from)), Some(end)) = (self.from(), end)
            && from >= end
        {
            return Err(match to {
                Some(_) => "the range is empty: it has to end after it begins".to_owned(),
                None => {
                    format!("the range is empty: it begins after the watermark of {table}")
                }
            });
        }
        match (to, watermark, last) {
            (Some(to), Some(watermark), Some(last)) if to > last => Err(format!(
                "beyond the watermark of {table}, {}: rows above it are left to ingestion",
                crate::figures::timestamp(watermark)
            )),
            _ => Ok(end),
        }
    }

    /// The maximum time span of one object.
    ///
    /// # Errors
    /// Why the input is not a duration.
    pub fn chunk(&self) -> Result<Duration, String> {
        let Some(typed) = self.typed(Field::Chunk) else {
            return Ok(CHUNK);
        };
        match humantime::parse_duration(typed) {
            Ok(Duration::ZERO) => Err("a chunk has to be longer than zero".to_owned()),
            Ok(chunk) => Ok(chunk),
            Err(_) => Err("not a duration like 1d, 6h or 90min".to_owned()),
        }
    }

    /// The backfill to resume; `None` for a new one.
    ///
    /// # Errors
    /// Why the input cannot be resumed.
    pub fn resume(&self) -> Result<Option<BackfillId>, String> {
        let Some(typed) = self.typed(Field::Resume) else {
            return Ok(None);
        };
        if self.tables.len() > 1 {
            return Err(
                "only one table's backfill can be resumed at a time; unmark the others".to_owned(),
            );
        }
        typed
            .parse()
            .map(Some)
            .map_err(|error: crate::vocabulary::NoBackfillId| error.to_string())
    }

    /// The interrupted backfill to forget: the one whose id is typed, or else the one that is offered.
    #[must_use]
    pub fn meant(&self) -> Option<BackfillId> {
        match self.resume() {
            Ok(Some(id)) => Some(id),
            Ok(None) => self.interrupted.offered().map(|plan| plan.id.clone()),
            Err(_) => None,
        }
    }

    /// Clears all inputs.
    pub fn empty(&mut self) {
        self.inputs = Default::default();
        self.field = Field::From;
    }

    /// Maximum number of chunks that any of the ranges is cut into.
    #[must_use]
    pub fn pieces(&self) -> Option<u64> {
        let (from, to) = (self.from().ok()??, self.to().ok()?);
        let chunk = u64::try_from(self.chunk().ok()?.as_micros()).ok()?;
        let ends = self
            .tables
            .iter()
            .filter_map(|(table, watermark)| self.end(table, to, *watermark).ok().flatten());
        let micros = ends.max()?.micros().abs_diff(from.micros());
        Some(micros.div_ceil(chunk.max(1)))
    }

    /// The backfill of each table, as typed.
    ///
    /// # Errors
    /// What is missing or wrong, and the field that this is about.
    pub fn orders(&self) -> Result<Vec<Backfill>, (Field, String)> {
        let at = |field| move |wrong| (field, wrong);
        let from = self.from().map_err(at(Field::From))?;
        let from = from.ok_or_else(|| (Field::From, "where does the range begin?".to_owned()))?;
        let to = self.to().map_err(at(Field::To))?;
        let chunk = self.chunk().map_err(at(Field::Chunk))?;
        let resume = self.resume().map_err(at(Field::Resume))?;
        let order = |(table, watermark): &(TableName, Option<Watermark>)| {
            let end = self.end(table, to, *watermark).map_err(at(Field::To))?;
            let why = || format!("where does the range end? {table} has no watermark");
            Ok(Backfill {
                table: table.clone(),
                from,
                to: end.ok_or_else(|| (Field::To, why()))?,
                chunk,
                resume: resume.clone(),
            })
        };
        self.tables.iter().map(order).collect()
    }

    /// Fills in the form from an interrupted backfill: first the newest, then the others in turn.
    pub fn take_over(&mut self) {
        let Some(plan) = self.interrupted.turn() else {
            return;
        };
        let order = &plan.backfill;
        let chunk = days_typed(order.chunk);
        self.inputs = [
            order.from.to_string(),
            order.to.to_string(),
            chunk,
            plan.id.to_string(),
        ]
        .map(Input::new);
        self.field = Field::Resume;
    }
}
