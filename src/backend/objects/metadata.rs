//! What an object says about itself: the user metadata of the commit protocol.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use serde::Serialize;

use crate::backend::provenance::{Provenance, RunId};
use crate::vocabulary::{BackfillId, SequenceId, Watermark, watermark};

/// Version of the metadata's format, in `highwater-version`.
const FORM: &str = "1";
/// How "no lower bound" is written in `highwater-from`.
const UNBOUNDED: &str = "-infinity";

/// What a batch was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Rows newer than the watermark, which the object advances.
    Ingest,
    /// An older range, written again; the watermark stays.
    Backfill,
    /// The whole table.
    Snapshot,
}

/// User metadata of an object, written with it in one step.
///
/// S3 keeps at most 2 KB of it, in lower case, as US-ASCII (User guide, object metadata); this is a few hundred
/// bytes. Bounds are in RFC 3339 with microseconds, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    pub kind: Kind,
    /// Lower bound. For an ingest it is exclusive, and `None` for a table's first batch, which has no lower bound;
    /// for a backfill it is inclusive; for a whole table it is `None`.
    pub from: Option<Watermark>,
    /// Upper bound. For an ingest it is inclusive, the newest timestamp among the rows; for a backfill it is
    /// exclusive; for a whole table it is the moment at which it was read.
    pub to: Watermark,
    /// The table's watermark once this object counts; meaningless for a whole table.
    pub watermark: Watermark,
    pub sequence_id: SequenceId,
    pub rows: u64,
    #[serde(serialize_with = "as_text")]
    pub run: RunId,
    /// Short hash of the column names and types.
    pub schema: String,
    /// The name of the zone in which timestamps without one were read, if all columns that tell the rows apart are
    /// of that kind. Objects of earlier versions do not have it; objects of later versions may use other names.
    #[serde(skip)]
    pub timezone: Option<String>,
    /// Short hash of what tells the rows apart: the timestamp columns with their types, and the zone of those
    /// without one. If the hash is different now, the same bounds contain different rows. Absent from objects of
    /// earlier versions, and from those of a whole table.
    #[serde(skip)]
    pub row_time: Option<String>,
    /// The backfill that the object is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<BackfillId>,
}

impl Metadata {
    /// The run that wrote the object, as the author of the values stored after it.
    #[must_use]
    pub const fn author(&self) -> Provenance {
        Provenance::Run {
            run: self.run,
            sequence_id: self.sequence_id,
        }
    }
}

fn as_text<S: serde::Serializer>(run: &RunId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(run)
}

impl Metadata {
    /// The metadata as stored, each key with the prefix `highwater-`.
    #[must_use]
    pub fn to_map(&self) -> HashMap<String, String> {
        let from = self
            .from
            .map_or_else(|| UNBOUNDED.to_owned(), |from| from.to_string());
        [
            ("version", FORM.to_owned()),
            ("kind", self.kind.to_string()),
            ("from", from),
            ("to", self.to.to_string()),
            ("watermark", self.watermark.to_string()),
            ("seq", self.sequence_id.to_string()),
            ("rows", self.rows.to_string()),
            ("run", self.run.to_string()),
            ("schema", self.schema.clone()),
        ]
        .into_iter()
        .chain(
            self.backfill
                .as_ref()
                .map(|id| ("backfill", id.to_string())),
        )
        .chain(self.timezone.clone().map(|zone| ("timezone", zone)))
        .chain(self.row_time.clone().map(|hash| ("row-time", hash)))
        .map(|(key, value)| (format!("highwater-{key}"), value))
        .collect()
    }

    /// Reads what [`Metadata::to_map`] wrote. `None` for metadata of another program, and for metadata that is
    /// incomplete or unreadable: such an object is treated as foreign, never guessed at.
    #[must_use]
    pub fn from_map(map: &HashMap<String, String>) -> Option<Self> {
        let value = |key: &str| map.get(&format!("highwater-{key}")).map(String::as_str);
        let timestamp = |key: &str| watermark::read(value(key)?, Tz::UTC).ok();
        if value("version")? != FORM {
            return None;
        }
        Some(Self {
            kind: value("kind")?.parse().ok()?,
            from: match value("from")? {
                UNBOUNDED => None,
                _ => Some(timestamp("from")?),
            },
            to: timestamp("to")?,
            watermark: timestamp("watermark")?,
            sequence_id: value("seq")?.parse().ok()?,
            rows: value("rows")?.parse().ok()?,
            run: RunId::parse(value("run")?)?,
            schema: value("schema")?.to_owned(),
            timezone: value("timezone").map(str::to_owned),
            row_time: value("row-time").map(str::to_owned),
            backfill: match value("backfill") {
                None => None,
                Some(id) => Some(id.parse().ok()?),
            },
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingest => "ingest",
            Self::Backfill => "backfill",
            Self::Snapshot => "snapshot",
        })
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "ingest" => Ok(Self::Ingest),
            "backfill" => Ok(Self::Backfill),
            "snapshot" => Ok(Self::Snapshot),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(from: Option<Watermark>) -> Metadata {
        let to = watermark::read("2024-05-16T10:50:30.123456Z", Tz::UTC).expect("a timestamp");
        Metadata {
            kind: Kind::Ingest,
            from,
            to,
            watermark: to,
            sequence_id: SequenceId(101),
            rows: 1204,
            run: RunId::random(),
            schema: "1f3a".to_owned(),
            timezone: None,
            row_time: None,
            backfill: None,
        }
    }

    #[test]
    fn the_backfill_is_read_back_and_a_broken_one_is_foreign() {
        let mut metadata = metadata(None);
        metadata.backfill = Some(BackfillId::new());
        metadata.timezone = Some("Europe/London".to_owned());
        metadata.row_time = Some("0c5e".to_owned());
        let mut map = metadata.to_map();
        assert_eq!(Metadata::from_map(&map), Some(metadata));
        map.insert("highwater-backfill".to_owned(), "nonsense".to_owned());
        assert_eq!(Metadata::from_map(&map), None);
    }

    #[test]
    fn metadata_is_read_back_as_it_was_written() {
        for from in [None, Watermark::from_micros(1)] {
            let metadata = metadata(from);
            assert_eq!(Metadata::from_map(&metadata.to_map()), Some(metadata));
        }
    }

    #[test]
    fn incomplete_or_foreign_metadata_is_none() {
        for key in metadata(None).to_map().keys() {
            let mut map = metadata(None).to_map();
            map.remove(key);
            assert_eq!(Metadata::from_map(&map), None, "without {key}");
        }
        assert_eq!(Metadata::from_map(&HashMap::new()), None);
    }
}
