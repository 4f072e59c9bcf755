//! What has been seen of a table, and who wrote its values.

use chrono_tz::Tz;

use super::LastObject;
use super::hidden_history;
use crate::backend::authorship::{Authorship, Entry};
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::objects::{Kind, Metadata, ObjectHead};
use crate::backend::provenance::Provenance;
use crate::backend::stored::Stored;
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// An object that was looked up by its number.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub sequence_id: SequenceId,
    pub head: ObjectHead,
}

/// Who decided a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author<V> {
    Known(Authorship<V>),
    /// The store does not say who it is without this permission.
    Hidden {
        permission: String,
    },
}

/// What has been seen of a table.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub table: &'a TableName,
    pub stored: &'a Stored,
    /// Whether the table is written whole each time, so that there is no timestamp.
    pub whole: bool,
    /// The zone in which timestamps without one are read.
    pub timezone: Tz,
    /// Whether objects are deleted or moved after use.
    pub consumers_remove: bool,
    /// The object that the stored sequence id names.
    pub current: Option<Numbered>,
    /// If the object is gone and consumers remove objects: what its claim says. If nothing is stored and
    /// there is no object: what the newest claim of all says.
    pub claimed: Option<Metadata>,
    /// If consumers remove objects and there is no next object: whether its number has a claim, so that it may
    /// have existed.
    pub next_is_claimed: bool,
    /// The newest of the objects that follow the stored sequence id without a gap, or of all objects if no
    /// sequence id is stored.
    pub newer: Option<Numbered>,
    /// The newest object of all. This and the fields below are only looked up if the decision depends on
    /// them.
    pub newest: Looked,
    /// The object for which a run has written the timestamp, or the newest one that follows it without a gap.
    pub above: Looked,
    /// Who decided the timestamp, and the sequence id.
    pub timestamp_by: Option<Author<Watermark>>,
    pub sequence_by: Option<Author<SequenceId>>,
}

/// The result of looking for an object.
#[derive(Debug, Clone)]
pub(super) enum Looked {
    /// Nobody has looked yet.
    Unknown,
    Nothing,
    Found(Numbered),
    /// It existed, and only its claim is left, which says this.
    Gone(Metadata),
}

impl Looked {
    /// The object, if there is one.
    pub const fn found(&self) -> Option<&Numbered> {
        match self {
            Self::Found(object) => Some(object),
            Self::Unknown | Self::Nothing | Self::Gone(_) => None,
        }
    }
}

impl Numbered {
    /// What the object says about the table's watermark; `None` for an object of another program, and for one
    /// that holds a whole table, which has no watermark.
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
            watermark: self.metadata().map(|metadata| metadata.watermark),
            bytes: self.head.bytes,
            modified: Watermark::from(self.head.modified),
        }
    }
}

impl Seen<'_> {
    /// Things worth knowing besides the decision, which stop nothing.
    pub fn notes(&self) -> Vec<Finding> {
        let mut notes = Vec::new();
        let hidden = self.timestamp_by.as_ref().and_then(Author::hidden);
        let hidden = hidden.or_else(|| self.sequence_by.as_ref().and_then(Author::hidden));
        notes.extend(hidden.map(hidden_history));
        let newest = match &self.newest {
            Looked::Nothing => Some("there is no object below it".to_owned()),
            Looked::Found(object) if Some(object.sequence_id) < self.sequence_id() => {
                Some(format!("the newest object is {}", object.sequence_id))
            }
            Looked::Unknown | Looked::Found(_) | Looked::Gone(_) => None,
        };
        if let (Some(newest), Some(id), Looked::Unknown) = (newest, self.sequence_id(), &self.above)
        {
            notes.push(
                Finding::new(
                    FindingCode::ObjectGap,
                    format!(
                        "{} was set to {id} on purpose, {newest}: the numbers in between stay unused",
                        self.stored.sequence_name
                    ),
                )
                .with_severity(Severity::Info),
            );
        }
        notes
    }

    /// The newest object, as far as objects were looked for.
    pub fn into_last(self) -> Option<Numbered> {
        let looked = self.above.found().or_else(|| self.newest.found()).cloned();
        looked.or(self.newer).or(self.current)
    }

    /// The run that has written the timestamp for the newest object for which any run has.
    pub fn newest_run(&self) -> Option<&Provenance> {
        let highest = self.timestamp_by.as_ref().and_then(Author::highest);
        highest.map(|(_, run)| run)
    }

    /// The stored timestamp.
    pub fn timestamp(&self) -> Option<Watermark> {
        self.stored.timestamp.as_ref().map(|at| at.value)
    }

    /// The stored sequence id.
    pub fn sequence_id(&self) -> Option<SequenceId> {
        self.stored.sequence_id.as_ref().map(|id| id.value)
    }
}

impl<V: Copy + Ord> Author<V> {
    /// The permission without which the author is unknown, if it is missing.
    pub fn hidden(&self) -> Option<&str> {
        match self {
            Self::Hidden { permission } => Some(permission),
            Self::Known(_) => None,
        }
    }

    /// The write that counts; `None` if nobody has written, or the store does not say.
    pub fn newest(&self) -> Option<&Entry<V>> {
        match self {
            Self::Known(authorship) => authorship.newest(),
            Self::Hidden { .. } => None,
        }
    }

    /// The newest object for which a run has written the value, and that run.
    pub const fn highest(&self) -> Option<&(SequenceId, Provenance)> {
        match self {
            Self::Known(authorship) => authorship.highest(),
            Self::Hidden { .. } => None,
        }
    }

    /// Whether the write that counts was made on purpose; `false` if the store does not say.
    pub fn is_edit(&self) -> bool {
        self.newest().is_some_and(|newest| newest.by.is_edit())
    }

    /// Describes the author, for a message: `run 3f2a… for object 101`, `ada with highwater`.
    pub fn described(&self) -> String {
        if let Some(permission) = self.hidden() {
            return format!("an unknown writer ({permission} is missing)");
        }
        match self.newest().map(|newest| &newest.by) {
            Some(Provenance::Run { run, sequence_id }) => {
                format!("run {run} for object {sequence_id}")
            }
            Some(Provenance::Edit { by, .. }) => format!("{by} with highwater"),
            Some(Provenance::Other) | None => "something other than highwater".to_owned(),
        }
    }
}
