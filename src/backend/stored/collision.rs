//! Two writers of one value at the same moment.
//!
//! The store accepts both writes. The version that comes back tells the second writer that it has overwritten a
//! write it had not seen, and it makes up for that before it fails.
//!
//! One window stays open: an edit whose program dies after its write, but before it has received the version or
//! put back what it overwrote. A run that dies there has left its number, which shows the next run that the write
//! came late. An edit has no number, because its Description is the operator's and holds nothing else: in the
//! history it looks as if the operator had seen what the edit overwrote. If that was the timestamp of a run,
//! ingestion goes back and writes the rows in between once more; none is lost.
//!
//! Nothing done before the write would close this window at a reasonable price. A check right before the write is
//! what [`Backend::apply_edit`] does, and it keeps the window as short as it is: two requests, and a run has to
//! end between the check and the write. A note in the journal is seen only on this machine. A claim in the object
//! store would cost one more request for every batch of every table. A first write that only announces the second
//! would make two versions of each edit, and an edit that another tool writes under the same Description, without
//! an announcement, would no longer count.
//!
//! If this happens, the operator has not been told that the edit is done, and the journal has no entry.
//! `params history` shows the edit one version later than the plan said, right after a run's version; until the
//! next run, `params revert` to the run's version puts it right.
//!
//! Random schedules with several operators at once hit two more windows, once or twice in forty thousand. No row
//! is lost in either. First, an edit of both values is not honoured if its sequence id happens to be that of the
//! object a run has just committed, and the run dies right after writing its timestamp over the edit's: both
//! values then name that object, and nothing looks wrong. Second, a late write may put the sequence id back to an
//! older object, and before any run has looked, the timestamp may be set back to exactly where that object ends.
//! The two values then agree, and numbers are given out from there again; when these reach numbers already used,
//! ingestion goes back to the timestamp that was set, and the rows since are written again.
//!
//! A late write that happens to make both values agree again goes unnoticed and is not a collision; what may
//! follow from it is described where the values are judged, in [`standing`](crate::backend::standing).

use crate::backend::authorship::{Authorship, Edited};
use crate::backend::parameters::{NewValue, ParameterVersion};
use crate::backend::provenance::Provenance;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName};

/// The history of a value up to a write, oldest first.
#[derive(Debug)]
pub(super) struct Before {
    pub all: Vec<ParameterVersion>,
    /// How many of these the writer had read, or could have read.
    pub read: usize,
}

impl Backend {
    /// Writes again what `written`, a write by `by`, overwrote, if that counts. A run, or an edit that highwater
    /// itself writes again, gives way to a later run. It also gives way to an edit that it could not know of,
    /// because a person decided that edit, unless ingestion has overtaken it. A person's edit gives way to
    /// anything, because its author is told that it failed.
    ///
    /// # Errors
    /// [`Unavailable`](crate::backend::Error::Unavailable).
    pub(super) async fn make_up(
        &self,
        table: &TableName,
        name: &ParameterName,
        before: &Before,
        written: &ParameterVersion,
        by: &Provenance,
    ) -> Result<()> {
        let theirs = match by {
            // An edit that highwater itself writes again knows no more of a later edit than a run does.
            Provenance::Run { .. } | Provenance::Edit { .. } if by.number().is_some() => {
                self.decided_before(table, name, before, written)?
            }
            Provenance::Edit { .. } => self.replaced(table, name, before, written, by)?,
            Provenance::Run { .. } | Provenance::Other => None,
        };
        if let Some((text, by)) = theirs {
            tracing::info!(%name, text, "writing again what this write went over");
            let description = by.description();
            let new = NewValue::over(&text, &description);
            self.inner.parameters.put(name, new).await?;
        }
        Ok(())
    }

    /// Returns what counted before a write with a number, as text and author, if it still counts.
    fn decided_before(
        &self,
        table: &TableName,
        name: &ParameterName,
        before: &Before,
        written: &ParameterVersion,
    ) -> Result<Option<(String, Provenance)>> {
        let by = Provenance::from_description(&written.description);
        if self.is_timestamp(table, name)? {
            let read = |text: &str| self.timestamp_of(text);
            let reached = read(&written.value);
            let still = |edited: &Edited<_>| reached.is_none_or(|at| !edited.is_overtaken(at));
            return match decided(before, &by, read, still) {
                Some((at, by)) => Ok(Some((self.timestamp_text(table, name, at)?, by))),
                None => Ok(None),
            };
        }
        // There is no going back to numbers already used.
        let still = |edited: &Edited<_>| Some(edited.value) > by.number();
        let decided = decided(before, &by, number, still);
        Ok(decided.map(|(id, by)| (id.to_string(), by)))
    }

    /// Returns what counted before `written`, an edit by `by`, as text and author. If a run had written it, it is
    /// put back in the name of this edit, which thereby undoes itself: in the run's name the write would be late.
    ///
    /// The same person may make another edit for the same reason at the same moment, so only a version with the
    /// same value is the same write, sent again.
    fn replaced(
        &self,
        table: &TableName,
        name: &ParameterName,
        before: &Before,
        written: &ParameterVersion,
        by: &Provenance,
    ) -> Result<Option<(String, Provenance)>> {
        let ours = |version: &&ParameterVersion| {
            version.description == written.description && version.value == written.value
        };
        let theirs: Vec<_> = before
            .all
            .iter()
            .filter(|one| !ours(one))
            .cloned()
            .collect();
        let Some(last) = theirs.last().map(|last| last.value.clone()) else {
            return Ok(None);
        };
        let (text, author, after) = if self.is_timestamp(table, name)? {
            let (at, author, after) = counted(theirs, |text| self.timestamp_of(text));
            let text = at.map(|at| self.timestamp_text(table, name, at));
            (text.transpose()?, author, after)
        } else {
            let (id, author, after) = counted(theirs, number);
            (id.map(|id| id.to_string()), author, after)
        };
        let by = match author {
            Provenance::Run { .. } => by.clone().again(after),
            Provenance::Edit { .. } => author.again(after),
            Provenance::Other => author,
        };
        Ok(Some((text.unwrap_or(last), by)))
    }

    fn is_timestamp(&self, table: &TableName, name: &ParameterName) -> Result<bool> {
        Ok(*name == self.profile().timestamp_parameter(table)?)
    }
}

fn number(text: &str) -> Option<SequenceId> {
    text.parse().ok()
}

/// Returns the value that counts after `versions`, who decided it, and the newest object for which a run has
/// written it.
fn counted<V: Copy + Ord>(
    versions: Vec<ParameterVersion>,
    read: impl Fn(&str) -> Option<V>,
) -> (Option<V>, Provenance, Option<SequenceId>) {
    let history = Authorship::of(versions, read);
    let after = history.highest().map(|(id, _)| *id);
    match history.newest() {
        Some(newest) => (newest.value, newest.by.clone(), after),
        None => (None, Provenance::Other, after),
    }
}

/// Returns what counted before a write by `by`, which has a number: the value written by a later run, or an edit
/// that counts after it according to `still`.
fn decided<V: Copy + Ord>(
    before: &Before,
    by: &Provenance,
    read: impl Fn(&str) -> Option<V>,
    still: impl Fn(&Edited<V>) -> bool,
) -> Option<(V, Provenance)> {
    let history = Authorship::of(before.all.clone(), &read);
    if history.highest().map(|(id, _)| *id) > by.number() {
        let newest = history.newest()?;
        return Some((newest.value?, newest.by.clone()));
    }
    let edited = history.edited().filter(|edited| edited.over.is_none())?;
    // An edit that the writer had read is one it continued from, or was about to write again.
    let known = before.all[..before.read].to_vec();
    if Authorship::of(known, read).edited().as_ref() == Some(&edited) {
        return None;
    }
    still(&edited).then(|| (edited.value, edited.by.again(by.number())))
}
