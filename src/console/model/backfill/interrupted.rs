//! The backfills of a table that did not come to their end, for the form to go on with one.

use std::fmt::Write as _;

use crate::backend::backfill::{BackfillId, BackfillPlan};
use crate::console::model::Tone;
use crate::figures::{count, how_far, length, timestamp};
use crate::jobs::Failure;
use crate::text::visible;

/// What is known of them.
#[derive(Debug, Clone)]
pub struct Interrupted {
    /// Newest first. Until it has been looked for them, the one of this session, if there is one.
    plans: Vec<BackfillPlan>,
    /// The one that comes next.
    next: usize,
    found: Option<Result<(), Failure>>,
}

impl Interrupted {
    /// Before it has been looked for them: the one that this session knows of.
    #[must_use]
    pub fn new(of_session: Option<BackfillPlan>) -> Self {
        Self {
            plans: of_session.into_iter().collect(),
            next: 0,
            found: None,
        }
    }

    /// They have been looked for. What was found is what there is; where nobody could look, what this
    /// session knows stays.
    pub fn take(&mut self, found: Result<Vec<BackfillPlan>, Failure>) {
        self.found = Some(found.map(|plans| {
            self.plans = plans;
            self.next = 0;
        }));
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Whether it has been looked for them.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.found.is_some()
    }

    /// The next of them, one after the other and round again.
    pub fn turn(&mut self) -> Option<&BackfillPlan> {
        let place = self.next % self.plans.len().max(1);
        self.next += 1;
        self.plans.get(place)
    }

    /// The one that comes next.
    #[must_use]
    pub fn offered(&self) -> Option<&BackfillPlan> {
        self.plans.get(self.next % self.plans.len().max(1))
    }

    /// The one with this id, if it is one of them.
    #[must_use]
    pub fn of(&self, id: &BackfillId) -> Option<&BackfillPlan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// What is said where no id is typed; the first of the `keys` goes on with the next of them, the other
    /// forgets it.
    #[must_use]
    pub fn offer(&self, keys: [&str; 2]) -> (Tone, String) {
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
        (Tone::Ok, text)
    }

    fn nothing(&self) -> (Tone, String) {
        if let Some(Err(failure)) = &self.found {
            let why = visible(&failure.to_string());
            let text = format!("a new one; interrupted ones could not be looked for: {why}");
            return (Tone::Warning, text);
        }
        let text = "a new one; or the id of one that was interrupted";
        (Tone::Dim, text.to_owned())
    }

    /// How far the one with this id is, if it is one of them and that has been counted.
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
