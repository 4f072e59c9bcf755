//! The interrupted backfills of a table, so that the form can resume one.

use std::fmt::Write as _;

use crate::backend::backfill::BackfillPlan;
use crate::console::model::Said;
use crate::figures::{count, how_far, length, timestamp};
use crate::jobs::Failure;
use crate::text::visible;
use crate::vocabulary::BackfillId;

/// What is known about interrupted backfills.
#[derive(Debug, Clone)]
pub struct Interrupted {
    /// Newest first. Until the search has ended, just the one of this session, if there is one.
    plans: Vec<BackfillPlan>,
    /// Index of the next one to offer, before wrapping around.
    next: usize,
    found: Option<Result<(), Failure>>,
}

impl Interrupted {
    /// Before the search: only the backfill that this session knows of.
    #[must_use]
    pub fn new(of_session: Option<BackfillPlan>) -> Self {
        Self {
            plans: of_session.into_iter().collect(),
            next: 0,
            found: None,
        }
    }

    /// Stores the result of the search. What it found replaces what was known; if it failed, what this
    /// session knows stays.
    pub fn take(&mut self, found: Result<Vec<BackfillPlan>, Failure>) {
        self.found = Some(found.map(|plans| {
            self.plans = plans;
            self.next = 0;
        }));
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Whether the search has ended.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.found.is_some()
    }

    /// The next one in turn, wrapping around.
    pub fn turn(&mut self) -> Option<&BackfillPlan> {
        let place = self.next % self.plans.len().max(1);
        self.next += 1;
        self.plans.get(place)
    }

    /// The one that is next in turn.
    #[must_use]
    pub fn offered(&self) -> Option<&BackfillPlan> {
        self.plans.get(self.next % self.plans.len().max(1))
    }

    /// The one with this id, if there is one.
    #[must_use]
    pub fn of(&self, id: &BackfillId) -> Option<&BackfillPlan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// The text to show while no id is typed; the first of `keys` resumes the next one in turn, the second
    /// forgets it.
    #[must_use]
    pub fn offer(&self, keys: [&str; 2]) -> Said {
        let Some(plan) = self.offered() else {
            return self.nothing();
        };
        let [goes_on, forgets] = keys;
        let mut text = format!(
            "{goes_on} resumes {}, which was interrupted ({forgets} forgets it)",
            plan.id
        );
        if self.is_counted() {
            let order = &plan.backfill;
            let (from, to) = (timestamp(order.from), timestamp(order.to));
            // Writing to a String cannot fail.
            let _ = write!(text, ": {from} <= ts < {to}, {}", far(plan));
        }
        text.push_str(&self.others());
        Said::ok(text)
    }

    fn nothing(&self) -> Said {
        if let Some(Err(failure)) = &self.found {
            let why = visible(&failure.to_string());
            let text = format!("a new one; interrupted ones could not be looked for: {why}");
            return Said::warning(text);
        }
        let text = "a new one; or the id of one that was interrupted";
        Said::dim(text)
    }

    /// How far the one with this id has come, if there is one and it has been counted.
    #[must_use]
    pub fn how_far(&self, id: &BackfillId) -> Option<String> {
        let plan = self.of(id)?;
        self.is_counted().then(|| far(plan))
    }

    /// The same, and how many others there are.
    #[must_use]
    pub fn how_far_of_all(&self, id: &BackfillId) -> Option<String> {
        Some(self.how_far(id)? + &self.others())
    }

    const fn is_counted(&self) -> bool {
        matches!(self.found, Some(Ok(())))
    }

    fn others(&self) -> String {
        match self.plans.len() {
            0 | 1 => String::new(),
            all => format!(
                "; {} in all, the next by the same key",
                count(length(all), "backfill")
            ),
        }
    }
}

fn far(plan: &BackfillPlan) -> String {
    how_far(plan.there, plan.chunks.len(), plan.rows)
}
