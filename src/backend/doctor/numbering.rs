//! Numbers that no object has, and numbers that several objects have.

use std::collections::BTreeMap;

use crate::backend::advice::{command, command_on};
use crate::backend::error::Error;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::objects::{Kind, Metadata};
use crate::backend::provenance::{Origin, Provenance};
use crate::backend::table_objects::keys::NumberedKey;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ObjectKey, SequenceId, TableName};

use super::diagnosis::{Diagnosis, Evidence};

/// How many gaps or numbers are listed as evidence.
const LISTED: usize = 20;

/// Numbers between two objects that no object has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    /// The last number before it, and the first one after it.
    before: SequenceId,
    after: SequenceId,
}

/// An edit of the sequence id: the next object after `from` became `to` plus one.
#[derive(Debug, Clone, Copy)]
struct Leap {
    from: SequenceId,
    to: SequenceId,
}

/// The keys of the objects with each number.
type Numbered<'a> = BTreeMap<SequenceId, Vec<&'a ObjectKey>>;

impl Backend {
    /// What is wrong with the numbers of a table's objects.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub(super) async fn numbering(
        &self,
        table: &TableName,
        keys: &[NumberedKey],
    ) -> Result<Vec<Diagnosis>> {
        let mut numbered = Numbered::new();
        for NumberedKey { sequence_id, key } in keys {
            numbered.entry(*sequence_id).or_default().push(key);
        }
        let mut found = Vec::new();
        // If objects are removed after use, a missing one proves nothing.
        if !self.consumers_remove() {
            found.extend(self.gaps(table, &numbered).await?);
        }
        found.extend(self.duplicates(table, &numbered));
        Ok(found)
    }

    async fn gaps(&self, table: &TableName, numbered: &Numbered<'_>) -> Result<Option<Diagnosis>> {
        let gaps = gaps(numbered);
        let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else {
            return Ok(None);
        };
        let leaps = self.leaps(table).await?;
        let mut unexplained = Vec::new();
        let (mut skipped, mut empty) = (true, true);
        for gap in &gaps {
            let skips = leaps.iter().any(|leap| leap.covers(gap));
            let is_empty = self.bounds_meet(gap, numbered).await?;
            if !skips && !is_empty {
                unexplained.push(*gap);
            }
            (skipped, empty) = (skipped && skips, empty && is_empty);
        }
        let shown = |gaps: &[Gap]| -> Vec<String> {
            gaps.iter().take(LISTED).map(ToString::to_string).collect()
        };
        let evidence = Evidence::default()
            .with("missing", shown(&gaps))
            .with("first_object_before", numbered[&first.before][0])
            .with("first_object_after", numbered[&last.after][0]);
        let Some(gap) = unexplained.first() else {
            let why = match (skipped, empty) {
                (true, true) => {
                    "skipped on purpose, and there are no rows between the objects around them"
                }
                (true, false) => "skipped on purpose",
                (false, true) => "there are no rows between the objects around them",
                (false, false) => "skipped on purpose, or no rows between the objects around them",
            };
            let message = format!("no object has number {}: {why}", shown(&gaps).join(", "));
            let finding = Finding::new(FindingCode::ObjectGap, message);
            let finding = finding.with_severity(Severity::Info);
            return Ok(Some(Diagnosis::new(table, finding).because(evidence)));
        };
        let message = format!(
            "no object has number {}: deleted, or never written; if consumers remove objects after use, say so with objects.consumers = \"remove\"",
            shown(&unexplained).join(", ")
        );
        let step = self.write_again(table, gap, unexplained.len(), numbered);
        let step = step.await?;
        let diagnosis = Diagnosis::new(table, Finding::new(FindingCode::ObjectGap, message));
        Ok(Some(diagnosis.because(evidence).advising(&step)))
    }

    /// How to write the rows of missing objects again: from just after the object before them to the first
    /// row of the object after them, as far as their metadata says.
    async fn write_again(
        &self,
        table: &TableName,
        gap: &Gap,
        gaps: usize,
        numbered: &Numbered<'_>,
    ) -> Result<String> {
        if self.is_whole(table) {
            return Ok("every run writes the whole table again".to_owned());
        }
        let before = self.metadata_of(gap.before, numbered).await?;
        let after = self.metadata_of(gap.after, numbered).await?;
        let bounds = before.zip(after).and_then(|(before, after)| {
            // Where a backfill begins does not tell how far the objects before it went, but its watermark
            // does.
            let began = match after.kind {
                Kind::Backfill => Some(after.watermark),
                Kind::Ingest | Kind::Snapshot => after.from,
            };
            let after = began.filter(|began| *began > before.watermark)?;
            // A batch excludes its lower bound and includes its upper bound; a backfill is the other way
            // round.
            Some((before.watermark.successor(), after.successor()))
        });
        let range = bounds.map_or_else(
            || "--from … --to …".to_owned(),
            |(from, to)| format!("--from {from} --to {to}"),
        );
        let which = match gaps {
            1 => "their rows are missing, write them".to_owned(),
            _ => format!("the rows of {gap} are missing, and so on for each, write them"),
        };
        Ok(format!(
            "if {which} again as new objects: {} {range}",
            command_on(table, "backfill")
        ))
    }

    /// Where the sequence id was set forward on purpose, as far as the store remembers.
    async fn leaps(&self, table: &TableName) -> Result<Vec<Leap>> {
        let name = self.profile().sequence_parameter(table)?;
        let mut history = match self.inner.parameters.history(&name).await {
            Ok(history) => history,
            Err(Error::Denied { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        history.sort_by_key(|version| version.version);
        let leaps = history.windows(2).filter_map(|pair| match pair {
            [before, edit] => {
                let by = Provenance::from_description(&edit.description);
                (by.origin() == Origin::Edit).then_some(())?;
                Some(Leap {
                    from: before.value.parse().ok()?,
                    to: edit.value.parse().ok()?,
                })
            }
            _ => None,
        });
        Ok(leaps.collect())
    }

    /// Whether the rows after a gap follow directly on those before it, according to the metadata. Where a
    /// backfill begins does not tell, but the watermark that it left alone does.
    async fn bounds_meet(&self, gap: &Gap, numbered: &Numbered<'_>) -> Result<bool> {
        let before = self.metadata_of(gap.before, numbered).await?;
        let after = self.metadata_of(gap.after, numbered).await?;
        Ok(match (before, after) {
            (Some(before), Some(after)) => {
                let began = match after.kind {
                    Kind::Ingest => after.from,
                    Kind::Backfill => Some(after.watermark),
                    Kind::Snapshot => None,
                };
                began == Some(before.watermark)
            }
            _ => false,
        })
    }

    async fn metadata_of(
        &self,
        id: SequenceId,
        numbered: &Numbered<'_>,
    ) -> Result<Option<Metadata>> {
        match numbered.get(&id).map(Vec::as_slice) {
            Some([key]) => {
                let head = self.inner.objects.head(key).await?;
                Ok(head.and_then(|head| head.metadata))
            }
            _ => Ok(None),
        }
    }

    fn duplicates(&self, table: &TableName, numbered: &Numbered<'_>) -> Option<Diagnosis> {
        let whole = self.is_whole(table);
        let several = |(id, keys): &(&SequenceId, &Vec<_>)| {
            // Other programs that write a table whole each time may never count up.
            keys.len() > 1 && !(whole && id.next() == SequenceId::FIRST)
        };
        let twice: Vec<_> = numbered.iter().filter(several).collect();
        if twice.is_empty() {
            return None;
        }
        let ids: Vec<String> = twice
            .iter()
            .take(LISTED)
            .map(|(id, _)| id.to_string())
            .collect();
        let keys: Vec<&&ObjectKey> = twice
            .iter()
            .flat_map(|(_, keys)| *keys)
            .take(LISTED)
            .collect();
        let message = format!(
            "several objects have number {}: two writers used it without noticing each other, and their rows may be there twice",
            ids.join(", ")
        );
        let finding = Finding::new(FindingCode::ObjectDuplicateSequence, message);
        let step = format!(
            "compare their rows: {}; stop the other writer: {}",
            command("objects cat KEY"),
            command_on(table, "params history")
        );
        let evidence = Evidence::default().with("objects", keys);
        Some(
            Diagnosis::new(table, finding)
                .because(evidence)
                .advising(&step),
        )
    }
}

impl Leap {
    /// Whether this leap skipped every number of the gap.
    fn covers(self, gap: &Gap) -> bool {
        self.from <= gap.before && gap.last() <= self.to
    }
}

impl Gap {
    /// The last number of the gap.
    const fn last(self) -> SequenceId {
        SequenceId(self.after.0 - 1)
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.before.next() == self.last() {
            write!(f, "{}", self.last())
        } else {
            write!(f, "{}–{}", self.before.next(), self.last())
        }
    }
}

/// The gaps between objects. Objects missing before the first one were mostly removed because of their age.
fn gaps(numbered: &Numbered<'_>) -> Vec<Gap> {
    let ids: Vec<SequenceId> = numbered.keys().copied().collect();
    ids.windows(2)
        .filter_map(|pair| match pair {
            &[before, after] if before.next() < after => Some(Gap { before, after }),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_what_is_missing_between_objects() {
        let key = ObjectKey::new("k");
        let numbered: Numbered<'_> = [3, 4, 6, 10]
            .map(|id| (SequenceId(id), vec![&key]))
            .into_iter()
            .collect();
        let shown: Vec<String> = gaps(&numbered).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["5", "7–9"]);
        assert_eq!(gaps(&Numbered::new()), []);
    }
}
