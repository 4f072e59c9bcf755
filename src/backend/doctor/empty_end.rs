//! The newest object is another program's and has no rows: some programs record in this way that nothing
//! came.
//!
//! Such an object does not show where the timestamp should be. The newest object before it that has rows does.

use super::diagnosis::Diagnosis;
use super::mend::Case;
use super::state::Patient;
use super::verdict::FURTHER;
use crate::backend::Result;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::objects::Kind;
use crate::backend::standing::end_in;
use crate::backend::table_objects::keys::NumberedKey;
use crate::vocabulary::{ObjectKey, SequenceId, Watermark};

/// An object before those without rows.
struct Before {
    sequence_id: SequenceId,
    end: Watermark,
    /// If it had to be read: its key, and how many of its rows are newer than the timestamp.
    read: Option<(ObjectKey, u64)>,
}

impl Patient<'_> {
    /// Checks that the stored timestamp is where the newest object that has rows ends.
    pub(super) async fn empty_end(
        &self,
        case: Case<'_>,
        timestamp: Watermark,
    ) -> Result<Option<Diagnosis>> {
        let Some(before) = self.before_nothing(case.tip.sequence_id).await? else {
            return Ok(None);
        };
        if before.end == timestamp {
            return Ok(None);
        }
        let (read, above) = before.read.unzip();
        let case = self
            .with_rows_between(Case {
                end: Some(before.end),
                read: read.into_iter().collect(),
                above,
                ..case
            })
            .await;
        if before.end < timestamp && case.between == Some(0) {
            return Ok(None);
        }
        let consequence = if before.end < timestamp {
            "rows in between may be in no object"
        } else {
            "rows in between would be written again"
        };
        let message = format!(
            "{} says {timestamp}, but object {} ends at {}, and what another program wrote after it has no rows: {consequence}{}",
            self.values.timestamp.name,
            before.sequence_id,
            before.end,
            case.unstorable()
        );
        let code = FindingCode::TimestampMismatch;
        let finding = Finding::new(code, message).with_severity(Severity::Warning);
        let evidence = self.evidence(Some(case.tip));
        let evidence = evidence.with("rows_between", case.between);
        Ok(Some(
            self.diagnosis(finding)
                .because(evidence)
                .offering(case.choice()),
        ))
    }

    /// The newest object before number `from` that has rows, if it is not far back and can be read.
    async fn before_nothing(&self, from: SequenceId) -> Result<Option<Before>> {
        for NumberedKey { sequence_id, key } in self.keys_before(from).into_iter().take(FURTHER) {
            let Some(head) = self.backend.inner.objects.head(key).await? else {
                return Ok(None);
            };
            if let Some(metadata) = &head.metadata {
                if metadata.kind == Kind::Snapshot {
                    return Ok(None);
                }
                let timezone = self.backend.profile().source.timezone;
                return Ok(end_in(metadata, timezone).map(|end| Before {
                    sequence_id: *sequence_id,
                    end,
                    read: None,
                }));
            }
            let read = self
                .backend
                .whole_or_damaged(self.table, key, self.marks())
                .await?;
            match read {
                Ok(contents) if contents.rows == 0 => {}
                Ok(contents) => {
                    return Ok(contents.newest.map(|end| Before {
                        sequence_id: *sequence_id,
                        end,
                        read: Some((key.clone(), contents.above)),
                    }));
                }
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}
