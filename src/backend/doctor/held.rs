//! Objects that certainly held every row within their bounds, and what these bounds mean now.
//!
//! The newest objects are looked at, back to the first gap in their numbers, or to the first object of which
//! this is not known: one of another program, of an earlier version or of a whole table, or one that was
//! written with timestamp columns or in a zone other than the current ones. An object whose range a later
//! object has read again proves nothing any more, nor does one that the next run reads again because the
//! timestamp was set back.

use crate::backend::objects::{Kind, ObjectHead};
use crate::backend::source::Bounds;
use crate::backend::table_objects::keys::NumberedKey;
use crate::vocabulary::{ObjectKey, SequenceId, Watermark};

/// How many objects are looked at, and requested at once: late rows usually arrive a few batches late, which
/// one round of requests covers.
pub(super) const LOOKED_AT: usize = 8;

/// An object that is known to have held every row within its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub key: ObjectKey,
    pub sequence_id: SequenceId,
    /// The bounds in its metadata.
    pub from: Option<Watermark>,
    pub to: Watermark,
    pub bounds: Bounds,
    pub rows: u64,
}

/// The newest of `keys`, unless it is before number `newest`, and those before it without a gap. Two objects
/// with the same number end the row and are left out, as nobody knows which came later.
pub(super) fn in_a_row(keys: &[NumberedKey], newest: SequenceId) -> Vec<NumberedKey> {
    let mut sorted: Vec<&NumberedKey> = keys.iter().collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let mut row: Vec<NumberedKey> = Vec::new();
    for key in sorted.into_iter().take(LOOKED_AT + 1) {
        match row.last().map(|last| last.sequence_id) {
            None if key.sequence_id < newest => break,
            Some(last) if last == key.sequence_id => {
                row.pop();
                break;
            }
            Some(last) if last != key.sequence_id.next() => break,
            _ => row.push(key.clone()),
        }
    }
    row.truncate(LOOKED_AT);
    row
}

/// What an object holds; `None` if that is not known, or if the rows were dated by anything but `row_time`.
pub(super) fn held(head: ObjectHead, row_time: &str) -> Option<Held> {
    let metadata = head.metadata?;
    if metadata.row_time.as_deref() != Some(row_time) {
        return None;
    }
    let (from, to) = (metadata.from, metadata.to);
    // A batch excludes its lower bound and includes its upper bound; a backfill is the other way round.
    let (after, before) = match metadata.kind {
        Kind::Ingest => (from, to.successor()),
        Kind::Backfill => (Some(from?.predecessor()), to),
        Kind::Snapshot => return None,
    };
    Some(Held {
        key: head.key,
        sequence_id: metadata.sequence_id,
        from,
        to,
        bounds: Bounds { after, before },
        rows: metadata.rows,
    })
}

/// The objects of `all`, newest first, whose range no later object has read again, and none will: all of it
/// is at or below the `watermark`.
pub(super) fn settled(all: Vec<Held>, watermark: Watermark) -> Vec<Held> {
    let mut read = Vec::new();
    let mut settled = Vec::new();
    for one in all {
        let again = read.iter().any(|later: &Bounds| later.overlap(one.bounds));
        read.push(one.bounds);
        if !again && one.bounds.before.predecessor() <= watermark {
            settled.push(one);
        }
    }
    settled
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::backend::objects::Metadata;
    use crate::backend::provenance::RunId;

    /// What the rows are dated by.
    const ROW_TIME: &str = "0c5e";

    pub fn at(second: i64) -> Watermark {
        Watermark::from_micros(second * 1_000_000).expect("a timestamp")
    }

    fn head(kind: Kind, number: u64, from: Option<i64>, to: i64) -> ObjectHead {
        let metadata = Metadata {
            kind,
            from: from.map(at),
            to: at(to),
            watermark: at(to),
            sequence_id: SequenceId(number),
            rows: 10,
            run: RunId::random(),
            schema: String::new(),
            timezone: None,
            row_time: Some(ROW_TIME.to_owned()),
            backfill: None,
        };
        ObjectHead {
            key: ObjectKey::new(format!("payment/{number}")),
            bytes: 1,
            modified: at(to).to_datetime(),
            metadata: Some(metadata),
        }
    }

    fn known(kind: Kind, number: u64, from: Option<i64>, to: i64) -> Held {
        held(head(kind, number, from, to), ROW_TIME).expect("it is known what it holds")
    }

    /// An object that holds `rows` rows newer than `from`.
    pub fn ingested(number: u64, from: Option<i64>, to: i64, rows: u64) -> Held {
        let held = known(Kind::Ingest, number, from, to);
        Held { rows, ..held }
    }

    fn numbers(objects: &[Held]) -> Vec<u64> {
        objects.iter().map(|one| one.sequence_id.0).collect()
    }

    #[test]
    fn a_batch_ends_on_its_bound_and_a_backfill_begins_on_it() {
        let batch = known(Kind::Ingest, 1, Some(10), 20).bounds;
        let expected = Bounds {
            after: Some(at(10)),
            before: at(20).successor(),
        };
        assert_eq!(batch, expected);
        let backfill = known(Kind::Backfill, 2, Some(10), 20).bounds;
        let expected = Bounds {
            after: Some(at(10).predecessor()),
            before: at(20),
        };
        assert_eq!(backfill, expected);
    }

    #[test]
    fn of_what_may_mean_other_rows_nothing_is_known() {
        let batch = head(Kind::Ingest, 1, Some(10), 20);
        assert_eq!(held(batch.clone(), "another column, or zone"), None);
        let mut earlier = batch.clone();
        earlier.metadata.as_mut().expect("metadata").row_time = None;
        assert_eq!(held(earlier, ROW_TIME), None);
        let foreign = ObjectHead {
            metadata: None,
            ..batch
        };
        assert_eq!(held(foreign, ROW_TIME), None);
        assert_eq!(held(head(Kind::Snapshot, 1, None, 20), ROW_TIME), None);
    }

    #[test]
    fn what_was_read_again_or_will_be_is_left_out() {
        let objects = || {
            vec![
                known(Kind::Backfill, 5, Some(5), 8),
                known(Kind::Ingest, 4, Some(30), 40),
                known(Kind::Ingest, 3, Some(20), 30),
                known(Kind::Ingest, 2, Some(8), 20),
                known(Kind::Ingest, 1, None, 8),
            ]
        };
        assert_eq!(numbers(&settled(objects(), at(40))), [5, 4, 3, 2]);
        let set_back = at(40).predecessor();
        assert_eq!(numbers(&settled(objects(), set_back)), [5, 3, 2]);
    }

    #[test]
    fn objects_are_looked_at_back_to_the_first_doubt_about_their_numbers() {
        let key = |number: u64, name: &str| NumberedKey {
            sequence_id: SequenceId(number),
            key: ObjectKey::new(name),
        };
        let row = |keys: &[NumberedKey], newest| -> Vec<u64> {
            let row = in_a_row(keys, SequenceId(newest));
            row.iter().map(|one| one.sequence_id.0).collect()
        };
        let many: Vec<NumberedKey> = (1..=20).map(|number| key(number, "a")).collect();
        assert_eq!(row(&many, 20), [20, 19, 18, 17, 16, 15, 14, 13]);
        assert_eq!(
            row(&many, 19).first(),
            Some(&20),
            "it has just been written"
        );
        assert_eq!(row(&many, 21), [0; 0], "the newest is gone");
        let gap = [key(1, "a"), key(3, "a"), key(4, "a")];
        assert_eq!(row(&gap, 4), [4, 3]);
        let twice = [
            key(1, "a"),
            key(2, "a"),
            key(3, "a"),
            key(3, "b"),
            key(4, "a"),
        ];
        assert_eq!(row(&twice, 4), [4]);
        assert_eq!(row(&twice[..4], 3), [0; 0]);
    }
}
