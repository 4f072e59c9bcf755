//! The queue of jobs: held while a service is out of reach, and cancelled on request.

use std::collections::HashSet;

use crate::backend::Error;
use crate::console::action::ActionId;
use crate::console::effect::Effect;
use crate::console::model::digest::outage;
use crate::console::model::jobs::Held;
use crate::console::model::{Model, Tone, reason};
use crate::figures::{count, length};
use crate::jobs::JobId;
use crate::text::visible;

/// Handles the news that `job`, and all that wait with it, are held, or no longer are.
pub fn held(model: &mut Model, job: JobId, by: Option<&Error>) {
    let waiting = count(length(model.jobs.waiting().count()), "waiting job");
    let Some(error) = by else {
        model.jobs.held = None;
        let text = format!("{waiting} resumed: every service answers again");
        return model.say(Tone::Ok, text);
    };
    let by = outage(error).unwrap_or_else(|| error.to_string());
    let held = Held {
        job,
        by: visible(&by),
    };
    if model.jobs.held.as_ref() == Some(&held) {
        return;
    }
    let key = model.key(ActionId::CancelQueue);
    let text = format!("{waiting} held ({key} cancels): {}", held.by);
    model.jobs.held = Some(held);
    model.say(Tone::Error, text);
}

/// Notes that `job` does not report any more whether the queue is held.
pub fn forget(model: &mut Model, job: JobId) {
    model.jobs.held.take_if(|held| held.job == job);
}

/// Cancels the job under the cursor, or those of the marked tables.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    let jobs = reason::running_jobs(model).into_iter();
    let meant: HashSet<JobId> = jobs.map(|job| job.id).collect();
    if meant.len() > 1 {
        model.tables.unmark_shown();
    }
    cancel_all(model, &meant)
}

/// Cancels all jobs that are waiting for their turn.
pub fn cancel_queue(model: &mut Model) -> Vec<Effect> {
    let meant = model.jobs.waiting().map(|job| job.id).collect();
    cancel_all(model, &meant)
}

fn cancel_all(model: &mut Model, meant: &HashSet<JobId>) -> Vec<Effect> {
    if meant.len() > 1 {
        let jobs = count(length(meant.len()), "job");
        model.say(Tone::Text, format!("cancelling {jobs}"));
    }
    let records = model.jobs.records.iter_mut();
    records
        .filter(|job| meant.contains(&job.id))
        .map(|job| {
            job.cancelling = true;
            Effect::Cancel(job.id)
        })
        .collect()
}
