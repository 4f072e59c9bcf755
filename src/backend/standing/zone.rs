//! Objects written while timestamps without a zone were read in a different one.
//!
//! Rows of such a table carry a local time, but a watermark is an instant. If the zone of the profile has
//! been changed, the rows now stand for other instants and the watermark is still the old one: rows in
//! between would be left out, or written again.

use chrono_tz::Tz;

use super::decision::{Decision, stop};
use super::seen::Seen;
use crate::backend::finding::FindingCode;
use crate::backend::objects::Metadata;
use crate::backend::source::read_again;
use crate::vocabulary::Watermark;

/// The table's watermark once `object` counts, if timestamps without a zone are read in `timezone`; `None` if
/// those of the object were read in a zone that only a later version knows.
pub(in crate::backend) fn end_in(object: &Metadata, timezone: Tz) -> Option<Watermark> {
    match &object.timezone {
        Some(then) if then != timezone.name() => {
            Some(read_again(object.watermark, then.parse().ok()?, timezone))
        }
        _ => Some(object.watermark),
    }
}

impl Seen<'_> {
    /// Whether the timestamps of `object` were read in a zone other than the current one.
    pub(super) fn is_of_another_zone(&self, object: &Metadata) -> bool {
        let then = object.timezone.as_deref();
        then.is_some_and(|then| then != self.timezone.name())
    }

    /// Stops because the timestamp does not belong to the current zone.
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
