//! The objects of a table as far as they have been listed: the newest, and older ones as the user goes on.

use super::Answer;
use super::pick::Pick;
use super::words::Words;
use crate::backend::objects::Kind;
use crate::backend::table_objects::keys::NumberedKey;
use crate::backend::table_objects::listing::{ListedObject, ObjectPage};
use crate::figures::timestamp;
use crate::jobs::{Failure, Request};
use crate::vocabulary::{SequenceId, TableName};

/// Number of objects listed at once: each costs a request for its metadata.
const AT_ONCE: usize = 200;
/// Number of objects that a filter looks through by itself if it lets few of them through.
const LOOKED_THROUGH: usize = 5 * AT_ONCE;

/// Consecutive objects, newest first.
#[derive(Debug, Clone)]
pub struct Listing {
    pub answer: Answer<Vec<ListedObject>>,
    /// How many objects there are before the last one listed; `None` if they have not been counted.
    older: Option<usize>,
    /// Where the next page continues from.
    until: Option<NumberedKey>,
    /// Why the objects before the last one could not be listed.
    pub trouble: Option<Failure>,
    /// The objects that are shown.
    pick: Pick,
}

impl Default for Listing {
    /// A listing that has been requested.
    fn default() -> Self {
        Self {
            answer: Answer::Waiting,
            older: Some(0),
            until: None,
            trouble: None,
            pick: Pick::default(),
        }
    }
}

impl Listing {
    /// The objects, if they have arrived.
    #[must_use]
    pub const fn ready(&self) -> Option<&Vec<ListedObject>> {
        self.answer.ready()
    }

    /// Number of objects listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ready().map_or(0, Vec::len)
    }

    /// Whether no object is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What every object shown must contain.
    #[must_use]
    pub const fn filter(&self) -> &Words {
        self.pick.words()
    }

    /// Shows only the objects that contain these words.
    pub fn show_only(&mut self, words: Words) {
        let objects = self.answer.ready().map_or(&[][..], Vec::as_slice);
        self.pick.by(words, objects, holds);
    }

    /// The objects that the filter lets through.
    pub fn shown(&self) -> impl Iterator<Item = &ListedObject> {
        self.pick.of(self.all())
    }

    /// Number of objects that the filter lets through.
    #[must_use]
    pub const fn shown_len(&self) -> usize {
        self.pick.count()
    }

    /// The object at a position among those shown.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&ListedObject> {
        self.pick.at(self.all(), place)
    }

    fn all(&self) -> &[ListedObject] {
        self.ready().map_or(&[][..], Vec::as_slice)
    }

    fn pick_anew(&mut self) {
        let objects = self.answer.ready().map_or(&[][..], Vec::as_slice);
        self.pick.from(objects, holds);
    }

    /// Whether the object of this number or a newer one is listed; true while the list has yet to arrive.
    #[must_use]
    pub fn lists(&self, number: SequenceId) -> bool {
        let first = |objects: &Vec<ListedObject>| {
            let newest = objects.first().map(|object| object.sequence_id);
            newest >= Some(number)
        };
        self.ready().is_none_or(first)
    }

    /// How many objects there are before the last one listed; `None` if they have not been counted.
    #[must_use]
    pub const fn older(&self) -> Option<usize> {
        self.older
    }

    /// Whether there may be objects before the last one listed.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.older != Some(0)
    }

    /// The request for the newest objects.
    #[must_use]
    pub const fn question(table: TableName) -> Request {
        Request::Objects {
            table,
            limit: AT_ONCE,
            before: None,
        }
    }

    /// The request for all the objects that are listed, and any newer ones.
    #[must_use]
    pub fn question_anew(&self, table: TableName) -> Request {
        Request::Objects {
            table,
            limit: AT_ONCE.max(self.len()),
            before: None,
        }
    }

    /// Whether the filter has looked through as many objects as it does by itself.
    #[must_use]
    pub fn is_looked_through(&self) -> bool {
        !self.filter().is_empty() && self.len() >= LOOKED_THROUGH
    }

    /// The request for the objects before the last one; `None` if there are none, if they could not be listed,
    /// or if the filter has looked through enough by itself.
    #[must_use]
    pub fn question_on(&self, table: &TableName) -> Option<Request> {
        let before = self.until.clone()?;
        let goes_on = self.is_part() && self.trouble.is_none() && !self.is_looked_through();
        goes_on.then(|| Request::Objects {
            table: table.clone(),
            limit: AT_ONCE,
            before: Some(before),
        })
    }

    /// Stores the newest objects. Older ones already listed stay, unless objects have come or gone in between:
    /// an object does not change.
    pub fn renew(&mut self, newest: ObjectPage) {
        let ObjectPage {
            mut objects,
            mut older,
            mut until,
        } = newest;
        let place = |object: &ListedObject| Some(object.place());
        let known = self.ready().into_iter().flatten();
        let first = self.ready().and_then(|known| known.first()).and_then(place);
        let rest: Vec<ListedObject> = known
            .skip_while(|object| place(object) >= until)
            .cloned()
            .collect();
        // If not all have been counted, an object in both lists joins them.
        let joined = || objects.iter().any(|object| place(object) == first);
        let is_whole = match (older, self.older) {
            (Some(now), Some(before)) => now == rest.len() + before,
            _ => joined(),
        };
        if !rest.is_empty() && is_whole {
            older = self
                .older
                .or_else(|| older.map(|now| now.saturating_sub(rest.len())));
            objects.extend(rest);
            until = self.until.take();
        }
        *self = Self {
            answer: Answer::Ready(objects),
            older,
            until,
            trouble: None,
            pick: std::mem::take(&mut self.pick),
        };
        self.pick_anew();
    }

    /// Appends the objects before the last one.
    pub fn go_on(&mut self, next: ObjectPage) {
        if let Answer::Ready(objects) = &mut self.answer {
            objects.extend(next.objects);
            self.older = next.older;
            self.until = next.until;
        }
        self.pick_anew();
    }
}

/// The kind of an object, in one word.
#[must_use]
pub const fn kind(object: &ListedObject) -> &'static str {
    match object.kind {
        Some(Kind::Ingest) => "ingest",
        Some(Kind::Backfill) => "backfill",
        Some(Kind::Snapshot) => "snapshot",
        None => "foreign",
    }
}

/// Whether the object's metadata, or what the list shows of it, contains a word.
fn holds(object: &ListedObject, word: &str) -> bool {
    let times = [Some(object.modified), object.from, object.to];
    let mut times = times.into_iter().flatten();
    let run = object.run.as_deref().unwrap_or_default();
    kind(object).contains(word)
        || object.sequence_id.to_string().contains(word)
        || object.key.as_str().to_lowercase().contains(word)
        || run.contains(word)
        || times.any(|at| timestamp(at).contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{ObjectKey, Watermark};

    fn object(number: u64) -> ListedObject {
        ListedObject {
            key: ObjectKey::new(format!("t/t_{number:08}.jsonl")),
            sequence_id: SequenceId(number),
            bytes: 1,
            modified: Watermark::now(),
            kind: None,
            rows: None,
            from: None,
            to: None,
            run: None,
        }
    }

    /// The objects from `newest` down to `oldest`.
    fn page(newest: u64, oldest: u64) -> ObjectPage {
        let last = object(oldest);
        ObjectPage {
            objects: (oldest..=newest).rev().map(object).collect(),
            older: Some(usize::try_from(oldest).expect("few") - 1),
            until: Some(last.place()),
        }
    }

    fn numbers(listing: &Listing) -> Vec<u64> {
        let objects = listing.ready().into_iter().flatten();
        objects.map(|object| object.sequence_id.0).collect()
    }

    #[test]
    fn what_was_gone_on_to_stays_when_newer_ones_come() {
        let mut listing = Listing::default();
        listing.renew(page(9, 7));
        listing.go_on(page(6, 4));
        assert_eq!(numbers(&listing), [9, 8, 7, 6, 5, 4]);
        listing.renew(page(11, 9));
        assert_eq!(numbers(&listing), [11, 10, 9, 8, 7, 6, 5, 4]);
        assert_eq!(listing.older(), Some(3));
        let on = listing.question_on(&TableName::parse("t"));
        let Some(Request::Objects { before, .. }) = on else {
            panic!("there are older ones");
        };
        assert_eq!(before.map(|before| before.sequence_id), Some(SequenceId(4)));
    }

    #[test]
    fn where_older_ones_are_not_counted_an_object_in_both_lists_joins_them() {
        let uncounted = |newest, oldest| ObjectPage {
            older: None,
            ..page(newest, oldest)
        };
        let mut listing = Listing::default();
        listing.renew(uncounted(9, 7));
        assert!(listing.is_part() && listing.older().is_none());
        listing.go_on(page(6, 4));
        listing.renew(uncounted(11, 9));
        assert_eq!(numbers(&listing), [11, 10, 9, 8, 7, 6, 5, 4]);
        assert_eq!(listing.older(), Some(3));
        listing.renew(uncounted(20, 18));
        assert_eq!(numbers(&listing), [20, 19, 18]);
    }

    #[test]
    fn a_list_never_has_a_gap() {
        let mut listing = Listing::default();
        listing.renew(page(9, 7));
        listing.renew(page(20, 15));
        assert_eq!(numbers(&listing), [20, 19, 18, 17, 16, 15]);
        assert_eq!(listing.older(), Some(14));
    }

    #[test]
    fn where_consumers_have_removed_the_older_ones_they_go_from_the_list() {
        let mut listing = Listing::default();
        listing.renew(page(9, 4));
        let mut left = page(10, 9);
        left.older = Some(0);
        listing.renew(left);
        assert_eq!(numbers(&listing), [10, 9]);
        assert!(listing.question_on(&TableName::parse("t")).is_none());
    }
}
