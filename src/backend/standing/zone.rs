//! Objects that were written when timestamps without zone were read in another one.
//!
//! A row of such a table is told apart by a local time, and its watermark is an instant. Where the zone of
//! the profile is another one now, the rows are other instants, and the watermark is still the old one: rows
//! in between would be left out, or written again.

use chrono_tz::Tz;

use super::decision::{Decision, stop};
use super::seen::Seen;
use crate::backend::finding::FindingCode;
use crate::backend::objects::Metadata;
use crate::backend::source::read_again;
use crate::vocabulary::Watermark;

/// The table's watermark once `object` counts, where timestamps without zone are read in `timezone`; `None`
/// where they were read in one of which only a later version knows.
pub(in crate::backend) fn end_in(object: &Metadata, timezone: Tz) -> Option<Watermark> {
    match &object.timezone {
        Some(then) if then != timezone.name() => {
            Some(read_again(object.watermark, then.parse().ok()?, timezone))
        }
        _ => Some(object.watermark),
    }
}

impl Seen<'_> {
    /// Whether the timestamps of `object` were read in another zone than they are now.
    pub(super) fn is_of_another_zone(&self, object: &Metadata) -> bool {
        let then = object.timezone.as_deref();
        then.is_some_and(|then| then != self.timezone.name())
    }

    /// That the timestamp is none of the zone of now.
    pub(super) fn of_another_zone(&self, object: &Metadata, timestamp: Watermark) -> Decision {
        let then = object.timezone.as_deref().unwrap_or_default();
        let now = end_in(object, self.timezone).map_or_else(
            || format!("this version does not know zone {then}"),
            |end| format!("in which that local time is {end}"),
        );
        stop(
            FindingCode::TimestampMismatch,
            format!(
                "{} says {timestamp}; object {} ends at {}, where timestamps without zone were read in {then}; source.timezone is now {}, {now}",
                self.stored.timestamp_name, object.sequence_id, object.watermark, self.timezone,
            ),
        )
    }
}
