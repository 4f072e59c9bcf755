//! The edit form in words: what it would write, what that means for rows, and what has moved meanwhile.

use super::{Lines, change, writer};
use crate::backend::edits::{Consequence, EditPlan, Which};
use crate::console::model::Said;
use crate::console::model::edit::EditForm;
use crate::figures::{clock, count};

/// The planned writes of the form, and what they mean.
#[must_use]
pub fn edit_writes(form: &EditForm, plan: &EditPlan) -> Lines {
    let mut lines = Lines::new();
    for write in plan.writes() {
        lines.extend(change(
            write.name.as_str(),
            write.version(),
            write.spelled_before(),
            Some(&write.after),
        ));
    }
    if let Some(consequence) = plan.consequence {
        lines.push(meaning(consequence, form.returns()));
    }
    if plan.timestamp.is_none() {
        lines.push(Said::dim("no row is written or skipped by this"));
    }
    lines
}

/// What a new timestamp means for the rows, given whether it `returns` to where the newest object ends.
fn meaning(consequence: Consequence, returns: bool) -> Said {
    let said = consequence.to_string();
    match consequence {
        Consequence::Skips(rows) if returns => Said::ok(format!(
            "skips {}: the newest object ends there",
            count(rows, "row")
        )),
        Consequence::Nothing => Said::ok(said),
        Consequence::ReIngests(_) | Consequence::Unknown => Said::warning(said),
        Consequence::Skips(_) | Consequence::Outruns(_) | Consequence::Overtakes(_) => {
            Said::error(said)
        }
    }
}

/// What others have moved since the form was opened.
#[must_use]
pub fn moved(form: &EditForm) -> Lines {
    let both = [Which::Timestamp, Which::SequenceId].into_iter();
    both.filter_map(|which| moved_of(which, form)).collect()
}

/// `timestamp has changed meanwhile, it was 2026-05-16 10:50:30.123: 14:02:31 run 3f2a91c0, object 12`
#[must_use]
pub fn moved_of(which: Which, form: &EditForm) -> Option<Said> {
    let (before, version) = form.moved.of(which, &form.stored)?;
    let name = match which {
        Which::Timestamp => "timestamp",
        Which::SequenceId => "sequence id",
    };
    let before = before.unwrap_or_else(|| "not there".to_owned());
    let by = version.map_or_else(String::new, |version| {
        let at = clock(version.written_at);
        format!(": {at} {}", writer(version))
    });
    Some(Said::warning(format!(
        "{name} has changed meanwhile, it was {before}{by}"
    )))
}
