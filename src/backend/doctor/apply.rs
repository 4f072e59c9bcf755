//! Making the writes of a repair.
//!
//! The table is looked at again: the writes are made only if the very same repair is offered at that moment,
//! each over the version that was seen.

use crate::backend::journal::{Act, Change};
use crate::backend::objects::OpenUpload;
use crate::backend::stored::{ParameterWrite, Purpose};
use crate::backend::{Backend, Error, Result};

use super::diagnosis::Diagnosis;
use super::repair::{Means, Repair};

impl Backend {
    /// Applies `repair`. The table is looked at again first: nothing is written unless the very same repair
    /// is still offered.
    ///
    /// # Errors
    /// [`Error::Outdated`] naming what has moved, [`Error::Interfered`] if somebody else writes at that very
    /// moment, [`Error::ReadOnly`], [`Error::Unavailable`].
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

/// What is different now: the first value or object that is not the one the repair was worked out from.
fn moved(repair: &Repair, again: Option<&Repair>, now: &[Diagnosis]) -> String {
    let Some(again) = again else {
        let found = now.iter().find(|diagnosis| diagnosis.code() == repair.code);
        return found.map_or_else(
            || format!("{} is no longer found", repair.code),
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
        return if then.key == now.key {
            format!("object {} has been rewritten", then.key)
        } else {
            format!("the newest object was {}, and is {} now", then.key, now.key)
        };
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::backend::finding::FindingCode;
    use crate::backend::objects::ObjectHead;
    use crate::vocabulary::{ObjectKey, TableName};

    #[test]
    fn an_object_that_was_written_anew_is_told_from_another_one() {
        let standing_on = |key: &str, bytes| {
            let table = TableName::parse("payment");
            let (code, write) = (FindingCode::StuckSequence, ("/s", Some(("101", 9)), "102"));
            let mut repair = Repair::writing((&table, code), ("use-number", "go on"), [write]);
            repair.stands_on.push(ObjectHead {
                key: ObjectKey::new(key),
                bytes,
                modified: DateTime::UNIX_EPOCH,
                metadata: None,
            });
            repair
        };
        let shown = standing_on("payment/102", 7);
        for (now, said) in [
            (
                standing_on("payment/103", 7),
                "the newest object was payment/102, and is payment/103 now",
            ),
            (
                standing_on("payment/102", 8),
                "object payment/102 has been rewritten",
            ),
        ] {
            assert_eq!(moved(&shown, Some(&now), &[]), said);
        }
    }
}
