//! The keys of a table's objects: the existing ones, and the one that comes next.

use chrono::Utc;

use crate::backend::{Backend, Result, objects::ObjectSummary};
use crate::vocabulary::{ObjectKey, SequenceId, TableName};

/// How many keys are listed at a time; S3 returns no more.
pub(super) const PAGE: usize = 1000;

/// The key of an object with its number. Keys of one table are ordered by their numbers; objects of another
/// program may share a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberedKey {
    pub sequence_id: SequenceId,
    pub key: ObjectKey,
}

impl Backend {
    /// The key of an object, if the template builds it from nothing but the table and the number.
    pub(in crate::backend) fn key_of(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
    ) -> Option<ObjectKey> {
        (!self.profile().key_template(table).is_dated()).then(|| self.key_at(table, sequence_id))
    }

    /// The key that an object would get if it were written now.
    pub(in crate::backend) fn key_at(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
    ) -> ObjectKey {
        let profile = self.profile();
        profile
            .key_template(table)
            .render(&profile.env, table, sequence_id, Utc::now())
    }

    /// Returns all keys of a table's objects with their numbers, read from a listing.
    pub(in crate::backend) async fn numbered_keys(
        &self,
        table: &TableName,
    ) -> Result<Vec<NumberedKey>> {
        let profile = self.profile();
        let prefix = profile.key_template(table).prefix(&profile.env, table);
        self.keys_under(table, &prefix, None).await
    }

    /// Returns the keys of a table's objects that start with `prefix` and come after `after`, with their
    /// numbers.
    pub(in crate::backend) async fn keys_under(
        &self,
        table: &TableName,
        prefix: &str,
        after: Option<ObjectKey>,
    ) -> Result<Vec<NumberedKey>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let numbered = |object: ObjectSummary| {
            let sequence_id = template.matches(&profile.env, table, &object.key)?;
            let key = object.key;
            Some(NumberedKey { sequence_id, key })
        };
        self.list(prefix, after, numbered).await
    }

    /// Returns everything whose key starts with `prefix`, in the order of the keys.
    pub(in crate::backend) async fn listed_under(
        &self,
        prefix: &str,
    ) -> Result<Vec<ObjectSummary>> {
        self.list(prefix, None, Some).await
    }

    /// Returns what `keep` makes of the objects under `prefix` that come after `after`. Of what `keep`
    /// leaves out, no more than a page is held in memory: the objects of all tables may be under one
    /// prefix.
    async fn list<T>(
        &self,
        prefix: &str,
        mut after: Option<ObjectKey>,
        keep: impl Fn(ObjectSummary) -> Option<T>,
    ) -> Result<Vec<T>> {
        let mut kept = Vec::new();
        loop {
            let page = self
                .inner
                .objects
                .list(prefix, after.as_ref(), PAGE)
                .await?;
            let full = page.len() == PAGE;
            after = page.last().map(|object| object.key.clone());
            kept.extend(page.into_iter().filter_map(&keep));
            if !full {
                return Ok(kept);
            }
        }
    }
}

/// The longest common prefix of both.
pub(in crate::backend) fn common_start<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    &a[..same.map(|(c, _)| c.len_utf8()).sum()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_prefixes_share_is_listed_once() {
        assert_eq!(
            common_start("raw/payment/", "raw/payment_type/"),
            "raw/payment"
        );
        assert_eq!(common_start("payment/", "staff/"), "");
        assert_eq!(common_start("größe", "gröse"), "grö");
    }
}
