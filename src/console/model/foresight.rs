//! What the doctor has said of the finding that a row tells of: whether it has a repair for it.
//!
//! A row promises a repair where the doctor has offered one for the state that the table is still in,
//! and nowhere else. For which findings there is one is decided by the doctor alone.

use super::row::Row;
use crate::backend::TableName;
use crate::backend::doctor::{Diagnosis, may_have_repair};
use crate::backend::finding::FindingCode;
use crate::backend::objects::ObjectKey;
use crate::backend::parameters::Version;
use crate::backend::status::LastObject;

/// Up to this many bytes of an object that another program wrote are read without anybody having asked
/// for it.
const READ_UNASKED: u64 = 16 << 20;

/// What a table was like when the doctor looked at it. What the doctor said holds for as long.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    code: FindingCode,
    timestamp: Option<Version>,
    sequence_id: Option<Version>,
    newest: Option<ObjectKey>,
}

/// The doctor's answer for one condition.
#[derive(Debug, Clone)]
pub struct Foresight {
    condition: Condition,
    /// Whether there is a repair; `None` while the doctor has not said so.
    repair: Option<bool>,
}

impl Row {
    fn condition(&self) -> Option<Condition> {
        let stored = self.stored().map(|known| &known.value);
        Some(Condition {
            code: self.remark()?.code?,
            timestamp: stored.and_then(|stored| Some(stored.timestamp.as_ref()?.version)),
            sequence_id: stored.and_then(|stored| Some(stored.sequence_id.as_ref()?.version)),
            newest: self.last_object().map(|last| last.key.clone()),
        })
    }

    /// Whether the doctor has a repair for what the row tells of.
    #[must_use]
    pub fn has_repair(&self) -> bool {
        let (Some(foresight), Some(condition)) = (&self.foresight, self.condition()) else {
            return false;
        };
        foresight.condition == condition && foresight.repair == Some(true)
    }

    /// Whether the doctor should be asked if there is a repair: there may be one, it has not been asked
    /// about the table as it is, and has little to read for it.
    #[must_use]
    pub fn is_unforeseen(&self) -> bool {
        let code = self.remark().and_then(|remark| remark.code);
        if !code.is_some_and(may_have_repair) {
            return false;
        }
        let is_foreign = |last: &&LastObject| last.rows.is_none();
        let foreign = self.last_object().filter(is_foreign);
        let known = self
            .foresight
            .as_ref()
            .map(|foresight| &foresight.condition);
        foreign.is_none_or(|last| last.bytes <= READ_UNASKED) && known != self.condition().as_ref()
    }

    /// The doctor is being asked about the table as it is.
    pub fn ask_doctor(&mut self) {
        self.foresight = self.condition().map(|condition| Foresight {
            condition,
            repair: None,
        });
    }

    /// Whether the doctor has been asked and has not answered.
    #[must_use]
    pub fn awaits_doctor(&self) -> bool {
        let foresight = self.foresight.as_ref();
        foresight.is_some_and(|foresight| foresight.repair.is_none())
    }

    /// The doctor has looked at the table as it was when it was asked, or as it is where nobody noted
    /// that, and `found` this.
    pub fn hear_doctor(&mut self, found: &[Diagnosis]) {
        if !self.awaits_doctor() {
            self.ask_doctor();
        }
        let table = self.table().clone();
        if let Some(foresight) = &mut self.foresight {
            let code = foresight.condition.code;
            foresight.repair = Some(offers(found, &table, code));
        }
    }
}

fn offers(found: &[Diagnosis], table: &TableName, code: FindingCode) -> bool {
    found.iter().any(|one| {
        one.table.as_ref() == Some(table) && one.code() == code && !one.repairs.is_empty()
    })
}
