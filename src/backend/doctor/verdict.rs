//! From a judgement of the values and objects to a diagnosis: the finding, what shows it, and its repairs.

use crate::backend::{
    Result,
    finding::{Finding, FindingCode, Severity},
    objects::ObjectHead,
    standing::{Recovery, end_in},
    table_objects::{contents::Contents, keys::NumberedKey},
};
use crate::figures::{count, thousands};
use crate::vocabulary::Watermark;

use super::diagnosis::{Diagnosis, Evidence};
use super::left_out::COMPARED;
use super::mend::Case;
use super::repair::{Means, Repair};
use super::state::Patient;
use super::tip::{Tip, of_contents};

/// How many objects before the newest are read to find out where the timestamp lies among them.
pub(super) const FURTHER: usize = 8;

impl Patient<'_> {
    /// Diagnoses what stops ingestion.
    pub(super) async fn stopped(&self, finding: &Finding, tip: Option<&Tip>) -> Result<Diagnosis> {
        let evidence = self.evidence(tip);
        if matches!(
            finding.code,
            FindingCode::TimestampMissing | FindingCode::SequenceMissing
        ) && let Some(claim) = self.claimed_beyond().await?
        {
            let diagnosis = self.diagnosis(finding.clone()).because(evidence);
            return Ok(self.after_claim(diagnosis, Some(&claim)));
        }
        let Some(tip) = tip else {
            let finding = saying(finding, &self.without_any_object(finding.code));
            return Ok(self.diagnosis(finding).because(evidence));
        };
        let mut case = self.case(finding.code, tip).await?;
        if finding.code == FindingCode::StuckSequence {
            return self.stuck(finding, case).await;
        }
        let mut evidence = evidence;
        if finding.code == FindingCode::TimestampMismatch || tip.contents.is_some() {
            case = self.held_against_source(case).await?;
            evidence = evidence.with("rows_between", case.between);
        }
        let removed = self.backend.consumers_remove();
        let diagnosis = self.diagnosis(saying(finding, &case.unstorable()));
        Ok(match finding.code {
            // Objects that are gone may have been used, so the newest one that is left says little.
            FindingCode::SequenceAhead | FindingCode::SequenceMissing if removed => {
                diagnosis.because(evidence)
            }
            FindingCode::SequenceAhead => diagnosis.because(evidence).offering(case.ahead()),
            FindingCode::TimestampMissing => diagnosis
                .because(evidence)
                .offering(case.without_timestamp()),
            FindingCode::SequenceMissing => diagnosis
                .because(evidence)
                .offering(case.without_sequence_id()),
            FindingCode::TimestampMismatch => diagnosis.because(evidence).offering(case.choice()),
            _ => diagnosis.because(evidence),
        })
    }

    /// Diagnoses objects above the sequence id that another program wrote: checks whether they hold only rows
    /// that nobody has counted as ingested, or exactly those up to the timestamp.
    async fn stuck(&self, finding: &Finding, case: Case<'_>) -> Result<Diagnosis> {
        let stored = self.values.sequence_id.value;
        let mut all = Contents::default();
        let mut read = Vec::new();
        let above = self
            .keys
            .iter()
            .filter(|one| Some(one.sequence_id) > stored);
        for NumberedKey { key, .. } in above {
            read.push(key.clone());
            let marks = self.marks();
            match self
                .backend
                .whole_or_damaged(self.table, key, marks)
                .await?
            {
                Ok(contents) => all = all.and(contents),
                Err(damage) => return Ok(self.damaged(finding, case.tip, &damage)),
            }
        }
        let case = Case {
            end: all.newest,
            above: Some(all.above),
            read,
            ..case
        };
        let case = self.with_rows_between(case).await;
        let evidence = of_contents(&all, case.tip.evidence(Evidence::of(&self.values)));
        let evidence = evidence.with("rows_between", case.between);
        let repairs = case.stuck(&all);
        let unstorable = case.unstorable();
        let more = if !unstorable.is_empty() {
            unstorable
        } else if repairs.is_empty() {
            why_not(&all) + &self.ways_past(case.tip)
        } else {
            let mixed = all.above < all.rows && repairs.iter().all(|repair| repair.is_choice);
            let why = if mixed { why_not(&all) } else { String::new() };
            match (case.left_out, all.newest) {
                (Some(rows @ 1..), Some(end)) => why + &left_out(rows, end),
                _ => why,
            }
        };
        let finding = saying(finding, &more);
        Ok(self.diagnosis(finding).because(evidence).offering(repairs))
    }

    /// There is an object above the sequence id, and its body is not what an ingestion writes.
    fn damaged(&self, finding: &Finding, tip: &Tip, damage: &str) -> Diagnosis {
        let why = format!("; it cannot be read, so nothing tells what it holds: {damage}");
        let finding = saying(finding, &(why + &self.ways_past(tip)));
        self.diagnosis(finding).because(self.evidence(Some(tip)))
    }

    pub(super) fn recoverable(&self, recovery: &Recovery) -> Result<Diagnosis> {
        let finding = recovery.finding();
        let object = recovery.object();
        let evidence = Evidence::of(&self.values)
            .with("object", object.map(|object| &object.key))
            .with(
                "object_sequence_id",
                object.map(|object| object.sequence_id),
            );
        let repair = Repair {
            table: self.table.clone(),
            code: finding.code,
            id: "roll-forward",
            summary: "store what the run did not get to, as the next ingestion would".to_owned(),
            is_choice: false,
            means: Means::Recover(
                Box::new(recovery.clone()),
                self.backend.recovery_writes(self.table, recovery)?,
            ),
            stands_on: Vec::new(),
        };
        Ok(self.diagnosis(finding).because(evidence).offering([repair]))
    }

    pub(super) async fn in_future(&self, clock: Watermark, tip: Option<&Tip>) -> Result<Diagnosis> {
        let name = &self.values.timestamp.name;
        let text = self.values.timestamp.spelled().unwrap_or_default();
        let message = format!(
            "{name} says {text}, later than the database's clock, {clock}: new rows cannot be newer than it"
        );
        let code = FindingCode::TimestampInFuture;
        let claimed = self.claimed_beyond().await?;
        let repairs = match tip {
            Some(tip) if claimed.is_none() => {
                let case = self.case_of(code, tip, false);
                self.held_against_source(case).await?.in_future(clock)
            }
            _ => Vec::new(),
        };
        let diagnosis = self
            .diagnosis(Finding::new(code, message))
            .because(self.evidence(tip).with("clock", clock))
            .offering(repairs);
        let diagnosis = self.after_set_back(diagnosis, tip);
        Ok(self.after_claim(diagnosis, claimed.as_ref()))
    }

    /// The newest object is another program's, and everything else agrees: checks whether the timestamp is
    /// that of its newest row.
    pub(super) async fn foreign_end(&self, tip: Option<&Tip>) -> Result<Option<Diagnosis>> {
        let (Some(tip), Some(timestamp)) = (tip, self.values.timestamp.value) else {
            return Ok(None);
        };
        let code = FindingCode::TimestampMismatch;
        let case = self.case(code, tip).await?;
        if case.timestamp_is_edit {
            return Ok(None);
        }
        if let Some(damage) = &tip.damage {
            return Ok(Some(self.unreadable_end(tip, damage)));
        }
        let Some(newest) = tip.contents.and_then(|contents| contents.newest) else {
            let rows = tip.contents.map_or(0, |contents| contents.rows);
            return if rows > 0 {
                Ok(Some(self.untimed_end(tip, rows)))
            } else {
                self.empty_end(case, timestamp).await
            };
        };
        if newest == timestamp {
            return Ok(None);
        }
        let case = self.reaching_back(case).await?;
        let consequence = if newest < timestamp {
            "rows in between may be in no object".to_owned()
        } else {
            written_again(&case, tip)
        };
        let message = format!(
            "{} says {timestamp}, but the newest row of object {}, which another program wrote, is from {newest}: {consequence}",
            self.values.timestamp.name, tip.sequence_id
        );
        let case = self.with_rows_between(case).await;
        let evidence = self.evidence(Some(tip)).with("rows_between", case.between);
        if newest < timestamp && case.between == Some(0) {
            return Ok(None);
        }
        let message = message + &case.unstorable();
        let finding = Finding::new(code, message).with_severity(Severity::Warning);
        Ok(Some(
            self.diagnosis(finding)
                .because(evidence)
                .offering(case.choice()),
        ))
    }

    /// The newest object is another program's and cannot be read, and its number is stored.
    fn unreadable_end(&self, tip: &Tip, damage: &str) -> Diagnosis {
        let message = format!(
            "object {}, which another program wrote, cannot be read, so nothing tells whether it holds the rows up to the timestamp: {damage}",
            tip.sequence_id
        );
        let code = FindingCode::TimestampMismatch;
        let finding = Finding::new(code, message).with_severity(Severity::Warning);
        self.diagnosis(finding).because(self.evidence(Some(tip)))
    }

    /// The newest object is another program's, and none of its rows has a timestamp.
    fn untimed_end(&self, tip: &Tip, rows: u64) -> Diagnosis {
        let columns = self.backend.profile().timestamp_columns(self.table);
        let message = format!(
            "none of the {} of object {}, which another program wrote, has a timestamp that can be read in {}, so nothing tells whether it holds the rows up to the timestamp",
            count(rows, "row"),
            tip.sequence_id,
            columns.join(" or ")
        );
        let code = FindingCode::TimestampMismatch;
        let finding = Finding::new(code, message).with_severity(Severity::Warning);
        let diagnosis = self.diagnosis(finding).because(self.evidence(Some(tip)));
        diagnosis.advising("name its timestamp columns in timestamp_columns, for the profile or for this table alone, or make sure that the timestamp is where it ends; the next object that highwater writes says so itself")
    }

    /// Adds to `case` what only the source and the objects before the newest can tell: what an object of
    /// another program has left out.
    pub(super) async fn held_against_source<'a>(&self, case: Case<'a>) -> Result<Case<'a>> {
        let case = self.reaching_back(case).await?;
        Ok(self.with_rows_between(case).await)
    }

    /// Adds to `case` what objects of other programs before the newest hold above the timestamp. They are
    /// read one after the other, back to one that reaches the timestamp, or else to one of highwater's.
    async fn reaching_back<'a>(&self, mut case: Case<'a>) -> Result<Case<'a>> {
        let Some(mut all) = case.tip.contents else {
            return Ok(case);
        };
        let before = self.keys_before(case.tip.sequence_id);
        let mut read = 0;
        while case.may_reach_further(all.oldest)
            && let Some(NumberedKey { key, .. }) = before.get(read)
        {
            let contents = match self.backend.inner.objects.head(key).await? {
                // What highwater wrote was right when it was written.
                Some(ObjectHead {
                    metadata: Some(metadata),
                    ..
                }) => {
                    let timezone = self.backend.profile().source.timezone;
                    case.base = end_in(&metadata, timezone);
                    break;
                }
                Some(_) if read < FURTHER => {
                    let marks = self.marks();
                    let read = self.backend.whole_or_damaged(self.table, key, marks);
                    read.await?.ok()
                }
                _ => None,
            };
            let Some(contents) = contents else {
                case.is_unread = true;
                break;
            };
            if case.since().is_some() && contents.above == 0 {
                break;
            }
            all = all.and(contents);
            case.read.push(key.clone());
            read += 1;
        }
        case.above = Some(all.above);
        Ok(case)
    }

    /// Adds to `case` how many rows of the source lie between the timestamp and the end of the newest object,
    /// and how many of these are in none of the objects that were read. The latter stays unknown if an open
    /// transaction may still add rows, and so does anything that cannot be counted.
    pub(super) async fn with_rows_between<'a>(&self, mut case: Case<'a>) -> Case<'a> {
        let Some(end) = case.end else {
            return case;
        };
        // No transaction that was open before the snapshot can still add a row below the horizon.
        let below = self.backend.snapshot_below_horizon(self.table);
        let Ok((horizon, snapshot)) = below.await else {
            return case;
        };
        case.below = horizon.at;
        let Some(at) = case.since() else {
            snapshot.close().await;
            return case;
        };
        let rows = snapshot.count(Some(at.min(end)), at.max(end).successor());
        case.between = rows.await.ok().map(|cut| cut.map_or(0, |cut| cut.rows));
        let all_read = !case.is_unread && !case.read.is_empty();
        case.left_out = match case.between {
            _ if at >= end || !case.is_over() || !all_read => None,
            Some(0) => Some(0),
            Some(1..=COMPARED) => {
                let left_out = self
                    .backend
                    .left_out(self.table, snapshot, (at, end), &case.read);
                return Case {
                    left_out: left_out.await.ok(),
                    ..case
                };
            }
            _ => None,
        };
        snapshot.close().await;
        case
    }
}

/// What happens if the timestamp is before the newest row of an object of another program.
fn written_again(case: &Case<'_>, tip: &Tip) -> String {
    let of_it = tip.contents.map_or(0, |contents| contents.above);
    match case.above {
        Some(all) if case.is_unread => format!(
            "at least {} of it and of objects before it would be written again",
            count(all, "row")
        ),
        Some(all) if all > of_it => format!(
            "{} of it and of objects before it would be written again",
            count(all, "row")
        ),
        _ => format!("{} of its rows would be written again", thousands(of_it)),
    }
}

/// `finding` with `more` at the end of its message.
fn saying(finding: &Finding, more: &str) -> Finding {
    Finding {
        message: format!("{}{more}", finding.message),
        ..finding.clone()
    }
}

fn left_out(rows: u64, end: Watermark) -> String {
    let (rows, are) = (count(rows, "row"), verb(rows));
    format!("; {rows} of the table up to {end} {are} in no object")
}

const fn verb(subjects: u64) -> &'static str {
    if subjects == 1 { "is" } else { "are" }
}

/// Why continuing after objects of another program takes a person's decision.
fn why_not(contents: &Contents) -> String {
    let all = count(contents.rows, "row");
    if contents.untimed > 0 {
        let (some, are) = (thousands(contents.untimed), verb(contents.untimed));
        return format!(
            "; {some} of its {all} {are} without a timestamp that can be read, so nothing tells what it holds"
        );
    }
    let repeated = contents.rows - contents.above;
    let (some, are) = (thousands(repeated), verb(repeated));
    format!(
        "; {some} of its {all} {are} not newer than the stored timestamp, so it may repeat rows"
    )
}
