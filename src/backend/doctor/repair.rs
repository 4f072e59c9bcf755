//! The writes that put a finding right.
//!
//! A repair is a value: it says exactly what it writes, over which versions, and which objects it is based
//! on.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::backend::finding::FindingCode;
use crate::backend::objects::{ObjectHead, OpenUpload};
use crate::backend::standing::Recovery;
use crate::backend::stored::ParameterWrite;
use crate::vocabulary::{TableName, Version, Watermark};

/// What would put a finding right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    pub table: TableName,
    /// The finding that it puts right.
    pub code: FindingCode,
    /// Which of that finding's repairs this is; what `--choose` takes.
    pub id: &'static str,
    /// What it means, in half a sentence.
    pub summary: String,
    /// Whether only a person can say that it is right, even if it is the only repair offered.
    pub is_choice: bool,
    pub(super) means: Means,
    /// The objects from which it was worked out.
    pub(super) stands_on: Vec<ObjectHead>,
}

/// What the repair does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Means {
    /// Writes values as an edit, because a person has decided it.
    Edit(Vec<ParameterWrite>),
    /// Makes the writes that a run did not get to.
    Recover(Box<Recovery>, Vec<ParameterWrite>),
    /// Removes uploads that nobody will finish.
    Abort(Vec<OpenUpload>),
}

/// One write of a repair, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairWrite {
    /// The parameter or upload.
    pub what: String,
    /// `None` if nothing is there.
    pub before: Option<String>,
    /// The version of the parameter that is overwritten.
    #[serde(skip)]
    pub version: Option<Version>,
    /// `None` if nothing will be there.
    pub after: Option<String>,
}

impl RepairWrite {
    /// The change in one line: `101 → 102`.
    #[must_use]
    pub fn change(&self) -> String {
        match (&self.before, &self.after) {
            (before, Some(after)) => {
                let again = if before.as_ref() == Some(after) {
                    ", written again"
                } else {
                    ""
                };
                let before = before.as_deref().unwrap_or("not recorded");
                format!("{before} → {after}{again}")
            }
            (before, None) => format!("{} → removed", before.as_deref().unwrap_or_default()),
        }
    }
}

impl Repair {
    /// The exact writes, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<RepairWrite> {
        match &self.means {
            Means::Edit(writes) | Means::Recover(_, writes) => {
                writes.iter().map(RepairWrite::from).collect()
            }
            Means::Abort(uploads) => uploads
                .iter()
                .map(|upload| RepairWrite {
                    what: format!("upload of {}", upload.key),
                    before: Some(format!("begun {}", Watermark::from(upload.begun))),
                    version: None,
                    after: None,
                })
                .collect(),
        }
    }

    /// The reason given in the journal.
    pub(super) fn reason(&self) -> String {
        format!("{}, {}: {}", self.code, self.id, self.summary)
    }

    /// Whether it answers the same finding in the same way as `other`.
    pub(super) fn is_again(&self, other: &Self) -> bool {
        (&self.table, self.code, self.id) == (&other.table, other.code, other.id)
    }

    /// Whether it does exactly the same as `shown`, for the same reasons; the summary may differ. If it takes
    /// a choice by now and `shown` did not, it is a different repair: nobody has made that choice.
    pub(super) fn is_same(&self, shown: &Self) -> bool {
        self.is_again(shown)
            && self.means == shown.means
            && self.stands_on == shown.stands_on
            && (shown.is_choice || !self.is_choice)
    }
}

#[cfg(test)]
impl Repair {
    /// A repair that writes values, for tests of code that only shows and orders repairs.
    pub fn writing<'a>(
        (table, code): (&TableName, FindingCode),
        (id, summary): (&'static str, &str),
        writes: impl IntoIterator<Item = (&'a str, Option<(&'a str, i64)>, &'a str)>,
    ) -> Self {
        let writes = writes
            .into_iter()
            .map(|(name, before, after)| ParameterWrite {
                name: crate::vocabulary::ParameterName::new(name),
                before: before.map(|(text, version)| crate::backend::parameters::Parameter {
                    value: text.to_owned(),
                    version: Version(version),
                }),
                after: after.to_owned(),
            });
        Self {
            table: table.clone(),
            code,
            id,
            summary: summary.to_owned(),
            is_choice: false,
            means: Means::Edit(writes.collect()),
            stands_on: Vec::new(),
        }
    }
}

impl From<&ParameterWrite> for RepairWrite {
    fn from(write: &ParameterWrite) -> Self {
        Self {
            what: write.name.to_string(),
            before: write.spelled_before().map(str::to_owned),
            version: write.version(),
            after: Some(write.after.clone()),
        }
    }
}

impl Serialize for Repair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut repair = serializer.serialize_struct("Repair", 3)?;
        repair.serialize_field("id", self.id)?;
        repair.serialize_field("summary", &self.summary)?;
        repair.serialize_field("writes", &self.writes())?;
        repair.end()
    }
}
