//! The writes that put a finding right, and doing them.
//!
//! A repair is a value: it says exactly what it writes, over which versions, and on which objects it
//! stands. It is applied by looking at the table again: only if the very same repair is offered at
//! that moment are its writes done, each over the version that was seen.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::backend::finding::FindingCode;
use crate::backend::journal::{Act, Change};
use crate::backend::objects::{ObjectHead, OpenUpload};
use crate::backend::standing::Recovery;
use crate::backend::stored::{ParameterWrite, Purpose};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{TableName, Version, Watermark};

use super::diagnosis::Diagnosis;

/// What would put a finding right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    pub table: TableName,
    /// The finding that it puts right.
    pub code: FindingCode,
    /// Which of the repairs of that finding; what `--choose` takes.
    pub id: &'static str,
    /// What it means, in half a sentence.
    pub summary: String,
    /// Whether only a person can say that it is right, also where no other is offered.
    pub is_choice: bool,
    pub(super) means: Means,
    /// The objects by which it was worked out.
    pub(super) stands_on: Vec<ObjectHead>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Means {
    /// Values are written as an edit, because a person has decided it.
    Edit(Vec<ParameterWrite>),
    /// The writes of a run that did not come to them.
    Recover(Box<Recovery>, Vec<ParameterWrite>),
    /// Uploads that nobody will finish are removed.
    Abort(Vec<OpenUpload>),
}

/// One write of a repair, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairWrite {
    /// The parameter or upload.
    pub what: String,
    /// `None` where nothing is there.
    pub before: Option<String>,
    /// The version of the parameter that is written over.
    #[serde(skip)]
    pub version: Option<Version>,
    /// `None` where nothing will be there.
    pub after: Option<String>,
}

impl RepairWrite {
    /// What becomes of what: `101 → 102`.
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
    /// The exact writes, in their order.
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

    /// What the journal says it is done for.
    fn reason(&self) -> String {
        format!("{}, {}: {}", self.code, self.id, self.summary)
    }

    /// Whether it answers the same finding in the same way.
    fn is_again(&self, other: &Self) -> bool {
        (&self.table, self.code, self.id) == (&other.table, other.code, other.id)
    }

    /// Whether it does exactly the same for the same reasons as `shown`; what it means may be said
    /// otherwise. It is another one where it takes a choice by now: nobody has made it.
    fn is_same(&self, shown: &Self) -> bool {
        self.is_again(shown)
            && self.means == shown.means
            && self.stands_on == shown.stands_on
            && (shown.is_choice || !self.is_choice)
    }
}

#[cfg(test)]
impl Repair {
    /// A repair that writes values, for tests of what only shows and orders it.
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

impl Backend {
    /// Applies `repair`. The table is looked at again first: unless the very same repair is offered now,
    /// nothing is written.
    ///
    /// # Errors
    /// [`Error::Outdated`] naming what has moved, [`Error::Interfered`] where somebody writes at the
    /// very moment, [`Error::ReadOnly`], [`Error::Unavailable`].
    pub async fn repair(&self, repair: &Repair) -> Result<()> {
        self.refuse_read_only(&format!("repairing {} of {}", repair.code, repair.table))?;
        let edited = match &repair.means {
            Means::Edit(writes) => {
                let reason = format!("repair {}, {}", repair.code, repair.id);
                self.edited_by(writes, &reason).await
            }
            Means::Recover(..) | Means::Abort(_) => Vec::new(),
        };
        let now = self.look_again(repair).await?;
        let offered = now.iter().flat_map(|diagnosis| &diagnosis.repairs);
        let again = offered.into_iter().find(|offered| offered.is_again(repair));
        if !again.is_some_and(|again| again.is_same(repair)) {
            return Err(Error::Outdated {
                table: repair.table.clone(),
                code: repair.code,
                moved: moved(repair, again, &now),
            });
        }
        match &repair.means {
            Means::Edit(_) => {
                let purpose = Purpose {
                    table: &repair.table,
                    act: Act::Repair,
                    reason: &repair.reason(),
                };
                self.write_all(purpose, edited).await
            }
            Means::Recover(recovery, _) => self.recover(&repair.table, recovery).await,
            Means::Abort(uploads) => self.abort_uploads(repair, uploads).await,
        }
    }

    async fn look_again(&self, repair: &Repair) -> Result<Vec<Diagnosis>> {
        match repair.means {
            Means::Abort(_) => {
                self.abandoned_uploads(std::slice::from_ref(&repair.table))
                    .await
            }
            Means::Edit(_) | Means::Recover(..) => {
                let clock = self.horizon().await.ok().map(|horizon| horizon.clock);
                let stored = self.stored(&repair.table).await;
                Ok(self.state(&repair.table, stored, clock).await?.diagnoses)
            }
        }
    }

    async fn abort_uploads(&self, repair: &Repair, uploads: &[OpenUpload]) -> Result<()> {
        for (upload, shown) in uploads.iter().zip(repair.writes()) {
            self.inner.objects.abort_upload(upload).await?;
            self.record(Change {
                table: repair.table.clone(),
                action: Act::Repair,
                what: shown.what,
                before: shown.before,
                after: "aborted".to_owned(),
                reason: repair.reason(),
            })
            .await;
        }
        Ok(())
    }
}

/// What is different now: the first value or object that is not what the repair was made for.
fn moved(repair: &Repair, again: Option<&Repair>, now: &[Diagnosis]) -> String {
    let Some(again) = again else {
        let found = now.iter().find(|diagnosis| diagnosis.code() == repair.code);
        return found.map_or_else(
            || format!("{} is not found any more", repair.code),
            |diagnosis| format!("now {}", diagnosis.finding.message),
        );
    };
    if let (Means::Edit(then), Means::Edit(now)) = (&repair.means, &again.means) {
        let mut both = then.iter().zip(now);
        let changed = both.find(|(then, now)| then.before != now.before);
        if let Some((then, now)) = changed {
            return format!("{} was {}, and is {} now", then.name, held(then), held(now));
        }
    }
    let object = repair.stands_on.iter().zip(&again.stands_on);
    if let Some((then, now)) = object.into_iter().find(|(then, now)| then != now) {
        return format!("object {} was the newest, and is {} now", then.key, now.key);
    }
    if again.is_choice && !repair.is_choice {
        return format!("only a person can say now whether to {}", again.summary);
    }
    format!("{} would write something else now", repair.id)
}

fn held(write: &ParameterWrite) -> String {
    write.before.as_ref().map_or_else(
        || "not recorded".to_owned(),
        |before| format!("{} (version {})", before.value, before.version),
    )
}
