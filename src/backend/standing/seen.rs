//! What has been seen of a table, and who wrote its values.

use super::hidden_history;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::objects::{Kind, Metadata, ObjectHead};
use crate::backend::provenance::Provenance;
use crate::backend::sequence::SequenceId;
use crate::backend::status::LastObject;
use crate::backend::stored::Stored;
use crate::backend::watermark::Watermark;

/// An object that was looked for, by its number.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub sequence_id: SequenceId,
    pub head: ObjectHead,
}

/// Who wrote the newest version of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    Known(Authorship),
    /// The store does not say without this permission.
    Hidden {
        permission: String,
    },
}

/// The author of the newest version, and the edit that it went over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authorship {
    pub by: Provenance,
    /// What was edited, and how, if the version before is an edit's.
    pub over: Option<(Watermark, Provenance)>,
}

/// What has been seen of a table.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub stored: &'a Stored,
    /// Whether the table is written whole each time, so that there is no timestamp.
    pub whole: bool,
    /// Whether objects are deleted or moved after use.
    pub consumers_remove: bool,
    /// The object that the stored sequence id names.
    pub current: Option<Numbered>,
    /// What its claim says, where the object is gone and consumers remove objects.
    pub claimed: Option<Metadata>,
    /// The newest of the objects that follow it without a gap, or of all where no sequence id is
    /// stored.
    pub newer: Option<Numbered>,
    /// What follows is asked for only where it decides. The newest object below the stored sequence
    /// id:
    pub below: Below,
    /// Who wrote the newest version of the timestamp, and of the sequence id.
    pub timestamp_by: Option<Author>,
    pub sequence_by: Option<Author>,
}

/// The newest object below the stored sequence id.
#[derive(Debug, Clone)]
pub(super) enum Below {
    /// Not looked for.
    Unknown,
    Nothing,
    Newest(Numbered),
}

impl Numbered {
    /// What the object says of the table's watermark; `None` for one of another program, and for one
    /// that holds a whole table, which has none.
    pub fn metadata(&self) -> Option<&Metadata> {
        let metadata = self.head.metadata.as_ref()?;
        (metadata.kind != Kind::Snapshot).then_some(metadata)
    }

    /// The run that wrote it, as the author of the values that go with it.
    pub fn author(&self) -> Option<Provenance> {
        self.head.metadata.as_ref().map(|metadata| Provenance::Run {
            run: metadata.run,
            sequence_id: self.sequence_id,
        })
    }

    /// The object as a screen shows it.
    pub fn summary(&self) -> LastObject {
        let metadata = self.head.metadata.as_ref();
        LastObject {
            key: self.head.key.clone(),
            rows: metadata.map(|metadata| metadata.rows),
            to: metadata.map(|metadata| metadata.to),
            bytes: self.head.bytes,
            modified: Watermark::from(self.head.modified),
        }
    }
}

impl Seen<'_> {
    /// What is worth knowing besides the decision, and stops nothing.
    pub fn notes(&self) -> Vec<Finding> {
        let mut notes = Vec::new();
        let hidden = [&self.timestamp_by, &self.sequence_by]
            .into_iter()
            .find_map(|author| match author {
                Some(Author::Hidden { permission }) => Some(hidden_history(permission)),
                _ => None,
            });
        notes.extend(hidden);
        let newest = match &self.below {
            Below::Unknown => None,
            Below::Nothing => Some("there is no object below it".to_owned()),
            Below::Newest(object) => Some(format!("the newest object is {}", object.sequence_id)),
        };
        if let (Some(newest), Some(id)) = (newest, self.sequence_id()) {
            notes.push(
                Finding::new(
                    FindingCode::ObjectGap,
                    format!(
                        "{} was set to {id} on purpose, {newest}: the numbers in between stay free",
                        self.stored.sequence_name
                    ),
                )
                .with_severity(Severity::Info),
            );
        }
        notes
    }

    /// The newest object there is, as far as it was looked for.
    pub fn into_last(self) -> Option<Numbered> {
        self.newer.or(self.current).or(match self.below {
            Below::Newest(object) => Some(object),
            Below::Unknown | Below::Nothing => None,
        })
    }

    pub fn timestamp(&self) -> Option<Watermark> {
        self.stored.timestamp.as_ref().map(|at| at.value)
    }

    pub fn sequence_id(&self) -> Option<SequenceId> {
        self.stored.sequence_id.as_ref().map(|id| id.value)
    }
}

impl Author {
    /// `None` where the store does not say.
    pub const fn provenance(&self) -> Option<&Provenance> {
        match self {
            Self::Known(authorship) => Some(&authorship.by),
            Self::Hidden { .. } => None,
        }
    }

    pub const fn is_edit(&self) -> bool {
        matches!(self.provenance(), Some(Provenance::Edit { .. }))
    }

    /// The edit that `run` went over when it wrote its timestamp, if it had not started from it.
    pub fn overwritten_edit(
        &self,
        run: &Provenance,
        metadata: &Metadata,
    ) -> Option<&(Watermark, Provenance)> {
        match self {
            Self::Known(Authorship {
                by,
                over: Some(edit),
            }) if by == run && Some(edit.0) != metadata.from => Some(edit),
            _ => None,
        }
    }

    pub fn described(&self) -> String {
        match self {
            Self::Known(Authorship { by, .. }) => match by {
                Provenance::Run { run, sequence_id } => {
                    format!("run {run} for object {sequence_id}")
                }
                Provenance::Edit { by, .. } => format!("{by} with highwater"),
                Provenance::Other => "something other than highwater".to_owned(),
            },
            Self::Hidden { permission } => format!("nobody knows whom ({permission} is missing)"),
        }
    }
}
