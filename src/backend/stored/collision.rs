//! Two writers of one value at the same moment.
//!
//! The store takes both writes. The version that comes back tells the second writer that its write went
//! over one that it had not seen, and it makes up for that before it fails.
//!
//! One window stays open: an edit whose program dies after its write and before it has heard the version,
//! or put back what it went over. A run that dies there has left its number, by which the next run sees
//! that the write came late. An edit has no number, because its Description is the operator's and holds
//! nothing else: it stands in the history as if the operator had seen what it went over. Where that was
//! the timestamp of a run, ingestion goes back, and writes the rows in between once more; none is lost.
//!
//! Nothing that could be done before the write would close it at a price that is right. A look directly
//! before it is what [`Backend::apply_edit`] does, and what makes the window as short as it is: two
//! requests, and a run has to end between the look and the write. A note in the journal is seen on this
//! machine alone. A claim in the object store would cost every batch of every table another request. A
//! first write that only announces the second would make two versions of each edit, and an edit that
//! another tool writes under the same Description, without announcement, would not count any more.
//!
//! The operator was not told that the edit is done, and the journal has no entry. `params history` shows
//! the edit one version later than the plan said, right after that of a run; before the next run,
//! `params revert` to the run's version puts it right.
//!
//! Random schedules with several operators at once come upon two more, once or twice in forty thousand. No row is
//! lost in either. An edit of both values, of which the number happens to be that of the object that a run has
//! just committed, is not honoured where that run dies right after it has written its timestamp over it: both
//! values name that object then, and nothing looks amiss. And a timestamp that is set back to just where the
//! object ends to which a late write has put the sequence id back, before any run has looked, makes both agree:
//! numbers are given from there once more, and where they come to those that are used, ingestion goes back to
//! what was set, and the rows since are written again.
//!
//! A late write that happens to make both values agree again goes unnoticed, and is no collision; what may
//! follow from that is said where the values are judged, in [`standing`](crate::backend::standing).

use crate::backend::authorship::{Authorship, Edited};
use crate::backend::parameters::{NewValue, ParameterVersion};
use crate::backend::provenance::Provenance;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName};

/// The history of a value up to a write, oldest first.
#[derive(Debug)]
pub(super) struct Before {
    pub all: Vec<ParameterVersion>,
    /// How many of these the writer had read, or could have.
    pub read: usize,
}

impl Backend {
    /// Writes again what the write `written` by `by` went over, if that counts. A run, and an edit that
    /// highwater itself writes again, give way to a later run, and to an edit that they could not know of,
    /// which a person has decided, unless ingestion has overtaken it. An edit, of which its author hears that
    /// it failed, gives way to anything.
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
            // An edit that highwater itself writes again knows as little of a later one as a run does.
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

    /// What counted before a write with a number, as text and author, if it still counts.
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
        // Numbers that are used cannot be gone back to.
        let still = |edited: &Edited<_>| Some(edited.value) > by.number();
        let decided = decided(before, &by, number, still);
        Ok(decided.map(|(id, by)| (id.to_string(), by)))
    }

    /// What counted before the edit `written` by `by`, as text and author. What a run had written is put
    /// back in the name of this edit, which undoes itself: as the run's it would be late.
    ///
    /// The same person may give the same reason for another edit at the same moment: only the same value
    /// is the same write, sent again.
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

/// The value that counts after `versions`, who has decided it, and the newest object for which a run has
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

/// What counted before a write by `by`, which has a number: what a later run has written, or an edit that
/// `still` counts after it.
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
    // What the writer had read, it has gone on from, or was about to write again.
    let known = before.all[..before.read].to_vec();
    if Authorship::of(known, read).edited().as_ref() == Some(&edited) {
        return None;
    }
    still(&edited).then(|| (edited.value, edited.by.again(by.number())))
}
