//! Who wrote a version of a parameter, according to its Description.
//!
//! SSM keeps the Description of every version in the parameter's history. Every write made with
//! highwater sets it, so that a run, a deliberate edit and anything else can be told apart later.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::vocabulary::SequenceId;

/// Longest Description that SSM stores, in characters (API reference, `PutParameter`).
const DESCRIPTION_LIMIT: usize = 1024;
/// What the Description of an edit starts with, and what comes after its author.
const EDIT: &str = "highwater edit by=";
const BY_END: &str = ": ";
/// What the reason of an edit ends with if highwater itself wrote the edit again: the text around a number.
const AGAIN: (&str, &str) = (" (written again after object ", ")");

/// What the reason of an edit ends with if the edit right before it, by the same person, has the same reason.
const ONCE_MORE: &str = " (once more)";

/// The id of one ingestion run, in the metadata of its objects and the Descriptions of its writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(Uuid);

impl RunId {
    /// A new, random run id.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Parses a UUID; anything else is not a run id.
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
    /// An operator, on purpose, with highwater.
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
    /// Reads a Description. Anything that highwater did not write is [`Provenance::Other`].
    #[must_use]
    pub fn from_description(description: &str) -> Self {
        run(description)
            .or_else(|| edit(description))
            .unwrap_or(Self::Other)
    }

    /// The Description of a write by this author, cut to the length that SSM stores.
    #[must_use]
    pub fn description(&self) -> String {
        let text = match self {
            Self::Run { run, sequence_id } => format!("highwater run={run} seq={sequence_id}"),
            Self::Edit { by, reason } => format!("{EDIT}{by}{BY_END}{reason}"),
            Self::Other => String::new(),
        };
        text.chars().take(DESCRIPTION_LIMIT).collect()
    }

    /// This edit as highwater itself writes it again, `after` the newest object.
    #[must_use]
    pub fn again(self, after: Option<SequenceId>) -> Self {
        let Self::Edit { by, reason } = self else {
            return self;
        };
        let (before, behind) = AGAIN;
        let end = format!("{before}{}{behind}", after.unwrap_or(SequenceId(0)));
        edit_ending(by, first_reason(&reason), &end)
    }

    /// This edit, marked as separate from the one before it by the same person for the same reason: nothing
    /// else in their Descriptions would tell them apart.
    #[must_use]
    pub fn once_more(self) -> Self {
        let Self::Edit { by, reason } = self else {
            return self;
        };
        edit_ending(by, &reason, ONCE_MORE)
    }

    /// Whether highwater itself wrote this on behalf of the edit `first`.
    #[must_use]
    pub fn follows_up(&self, first: &Self) -> bool {
        // A long reason is cut at the same place each time.
        let again = |number| first.clone().again(Some(number)) == *self;
        self.is_edit() && self.number().is_some_and(again)
    }

    /// The object after which this was written: a run's own, or the newest one when highwater wrote an edit
    /// again. `None` for an edit as a person made it, and for anything else.
    #[must_use]
    pub fn number(&self) -> Option<SequenceId> {
        match self {
            Self::Run { sequence_id, .. } => Some(*sequence_id),
            Self::Edit { reason, .. } => again_after(reason).map(|(_, number)| number),
            Self::Other => None,
        }
    }

    /// Whether the author is an ingestion run.
    #[must_use]
    pub const fn is_run(&self) -> bool {
        matches!(self, Self::Run { .. })
    }

    /// Whether the author is a person, acting on purpose.
    #[must_use]
    pub const fn is_edit(&self) -> bool {
        matches!(self, Self::Edit { .. })
    }

    /// Which of the three kinds of author this is.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Run { .. } => Origin::Run,
            Self::Edit { .. } => Origin::Edit,
            Self::Other => Origin::Other,
        }
    }
}

/// An edit whose reason ends with `end`. A long reason is cut, so that `end` can be read back.
fn edit_ending(by: String, reason: &str, end: &str) -> Provenance {
    let room = DESCRIPTION_LIMIT
        .saturating_sub(EDIT.len() + by.chars().count() + BY_END.len() + end.len());
    let reason: String = reason.chars().take(room).collect();
    Provenance::Edit {
        by,
        reason: reason + end,
    }
}

/// The reason as it was given, and the number of the object after which it was written again; `None` if it was
/// not written again.
fn again_after(reason: &str) -> Option<(&str, SequenceId)> {
    let (before, behind) = AGAIN;
    let (first, number) = reason.strip_suffix(behind)?.rsplit_once(before)?;
    Some((first, number.parse().ok()?))
}

/// The reason as it was given.
fn first_reason(reason: &str) -> &str {
    again_after(reason).map_or(reason, |(first, _)| first)
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
    let (by, reason) = description.strip_prefix(EDIT)?.split_once(BY_END)?;
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
    fn an_edit_that_is_written_again_says_after_which_object_however_long_its_reason() {
        for reason in ["late corrections".to_owned(), "long ".repeat(400)] {
            let edit = Provenance::Edit {
                by: "ada".to_owned(),
                reason,
            };
            assert_eq!(edit.number(), None);
            let again = edit.again(Some(SequenceId(7))).again(Some(SequenceId(12)));
            let description = again.description();
            assert!(description.chars().count() <= DESCRIPTION_LIMIT);
            let read = Provenance::from_description(&description);
            assert_eq!(read.number(), Some(SequenceId(12)), "{description}");
            assert!(!description.contains('7'), "{description}");
        }
    }

    #[test]
    fn what_is_written_again_follows_up_the_edit_with_this_very_reason() {
        let edit = |reason: &str| Provenance::Edit {
            by: "ada".to_owned(),
            reason: reason.to_owned(),
        };
        let long = "long ".repeat(400);
        for reason in ["late corrections", &long] {
            let first = Provenance::from_description(&edit(reason).description());
            let again = first.clone().again(Some(SequenceId(7)));
            let more = again.clone().again(Some(SequenceId(12)));
            for later in [&again, &more] {
                let read = Provenance::from_description(&later.description());
                assert!(read.follows_up(&first), "{reason}");
                assert!(!first.follows_up(&read), "{reason}");
            }
            assert!(more.follows_up(&again), "{reason}");
        }
        let again = edit("late").again(Some(SequenceId(7)));
        assert!(again.follows_up(&edit("late")));
        assert!(!again.follows_up(&edit("late corrections")));
    }

    #[test]
    fn what_highwater_did_not_write_is_other() {
        for text in ["", "highwater", "highwater run=1 seq=2", "set by terraform"] {
            assert_eq!(Provenance::from_description(text), Provenance::Other);
        }
    }
}
