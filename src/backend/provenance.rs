//! Who wrote a parameter version, as its Description says.
//!
//! SSM keeps the Description of every version in the parameter's history. Every write made with
//! highwater sets it, so that a run, a deliberate edit and anything else can be told apart later.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::sequence::SequenceId;

/// Longest Description that SSM stores, in characters (API reference, `PutParameter`).
const DESCRIPTION_LIMIT: usize = 1024;

/// One run of the ingestion; in the metadata of its objects and the Description of its writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(Uuid);

impl RunId {
    /// A new, random run id.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads a UUID; anything else is no run id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Author of a parameter version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// An ingestion run, after it committed the object `sequence_id`.
    Run { run: RunId, sequence_id: SequenceId },
    /// An operator, with highwater, on purpose.
    Edit { by: String, reason: String },
    /// Anything else: another program, the AWS console, a script.
    Other,
}

/// [`Provenance`] without its particulars, as `params history` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    Run,
    Edit,
    Other,
}

impl Provenance {
    /// Reads a Description. What highwater did not write is [`Provenance::Other`].
    #[must_use]
    pub fn from_description(description: &str) -> Self {
        run(description)
            .or_else(|| edit(description))
            .unwrap_or(Self::Other)
    }

    /// The Description of a write by this author, cut to what SSM stores.
    #[must_use]
    pub fn description(&self) -> String {
        let text = match self {
            Self::Run { run, sequence_id } => format!("highwater run={run} seq={sequence_id}"),
            Self::Edit { by, reason } => format!("highwater edit by={by}: {reason}"),
            Self::Other => String::new(),
        };
        text.chars().take(DESCRIPTION_LIMIT).collect()
    }

    /// Which of the three kinds of author it is.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Run { .. } => Origin::Run,
            Self::Edit { .. } => Origin::Edit,
            Self::Other => Origin::Other,
        }
    }
}

fn run(description: &str) -> Option<Provenance> {
    let (run, sequence_id) = description
        .strip_prefix("highwater run=")?
        .split_once(" seq=")?;
    Some(Provenance::Run {
        run: RunId::parse(run)?,
        sequence_id: sequence_id.parse().ok()?,
    })
}

fn edit(description: &str) -> Option<Provenance> {
    let (by, reason) = description
        .strip_prefix("highwater edit by=")?
        .split_once(": ")?;
    Some(Provenance::Edit {
        by: by.to_owned(),
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_back_as_it_was_written() {
        let authors = [
            Provenance::Run {
                run: RunId::random(),
                sequence_id: SequenceId(102),
            },
            Provenance::Edit {
                by: "ada".to_owned(),
                reason: "late corrections: finance".to_owned(),
            },
        ];
        for author in authors {
            assert_eq!(Provenance::from_description(&author.description()), author);
        }
    }

    #[test]
    fn what_highwater_did_not_write_is_other() {
        for text in ["", "highwater", "highwater run=1 seq=2", "set by terraform"] {
            assert_eq!(Provenance::from_description(text), Provenance::Other);
        }
    }
}
