//! The keys of a table's newest objects.
//!
//! A listing begins with the oldest key. If keys start with the day, listing everything under the prefix of a
//! table's keys means listing the whole bucket: instead, it is listed day by day, from today back, until there
//! are enough objects. If keys are in the order of their numbers, the stored sequence id says where to begin.

use chrono::{Days, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::claim::{DAYS_AT_ONCE, most_days};
use super::keys::{NumberedKey, PAGE};
use crate::backend::{Backend, Result, objects::ObjectSummary};
use crate::vocabulary::{SequenceId, TableName};

/// More objects than there can be beyond the stored sequence id.
const UNSTORED: u64 = 1_000_000;

impl Backend {
    /// Returns the keys of the newest `limit` objects of `table` with their numbers, newest first, and how many
    /// others there are; `None` if those have not been counted.
    pub(super) async fn newest_keys(
        &self,
        table: &TableName,
        limit: usize,
    ) -> Result<(Vec<NumberedKey>, Option<usize>)> {
        let keys = match self.keys_of_days(table, limit).await? {
            Some(keys) => Some((keys, false)),
            None => self.keys_of_numbers(table, limit).await?,
        };
        let (mut keys, is_counted) = match keys {
            Some(keys) => keys,
            None => (self.numbered_keys(table).await?, true),
        };
        keys.sort_unstable_by(|a, b| b.cmp(a));
        let others = keys.len().saturating_sub(limit);
        keys.truncate(limit);
        Ok((keys, is_counted.then_some(others)))
    }

    /// Returns the keys of the most recent days, back until there are `limit` objects or the first object of
    /// the table; `None` if days do not lead there, or are no quicker than a single listing.
    async fn keys_of_days(
        &self,
        table: &TableName,
        limit: usize,
    ) -> Result<Option<Vec<NumberedKey>>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let prefix_of = |day| template.prefix_of_day(&profile.env, table, day);
        let today = Utc::now().date_naive();
        if prefix_of(today).is_none() {
            return Ok(None);
        }
        let prefix = template.prefix(&profile.env, table);
        if self.inner.objects.list(&prefix, None, PAGE).await?.len() < PAGE {
            return Ok(None);
        }
        // One more at either end, to allow for clocks that differ.
        let newest = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let days = newest.iter_days().rev().take(most_days(template));
        let listings = days
            .filter_map(prefix_of)
            .map(|prefix| async move { self.keys_under(table, &prefix, None).await });
        let mut listings = stream::iter(listings).buffered(DAYS_AT_ONCE);
        let mut keys = Vec::<NumberedKey>::new();
        let mut is_last = false;
        while let Some(of_day) = listings.try_next().await? {
            keys.extend(of_day);
            if is_last {
                return Ok(Some(keys));
            }
            let has_first = || keys.iter().any(|one| one.sequence_id == SequenceId::FIRST);
            is_last = keys.len() >= limit || has_first();
        }
        Ok(None)
    }

    /// Returns the keys of at least `limit` objects up to the newest, or of all objects if they fit on one
    /// page, and whether these are all; `None` if numbers do not lead there.
    async fn keys_of_numbers(
        &self,
        table: &TableName,
        limit: usize,
    ) -> Result<Option<(Vec<NumberedKey>, bool)>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let after = |number, most| template.in_order(&profile.env, table, number, most);
        if after(SequenceId::FIRST, SequenceId::FIRST).is_none() {
            return Ok(None);
        }
        let prefix = template.prefix(&profile.env, table);
        let first = self.inner.objects.list(&prefix, None, PAGE).await?;
        if first.len() < PAGE {
            let numbered = |object: ObjectSummary| {
                let sequence_id = template.matches(&profile.env, table, &object.key)?;
                let key = object.key;
                Some(NumberedKey { sequence_id, key })
            };
            let keys = first.into_iter().filter_map(numbered);
            return Ok(Some((keys.collect(), true)));
        }
        // Objects are shown even if something is wrong with the stored values.
        let Ok(stored) = self.get_seq_id(table).await else {
            return Ok(None);
        };
        let before = u64::try_from(limit).ok();
        let before = before.and_then(|limit| stored.0.checked_sub(limit));
        let most = SequenceId(stored.0.saturating_add(UNSTORED));
        let Some(after) = before.and_then(|number| after(SequenceId(number), most)) else {
            return Ok(None);
        };
        let keys = self.keys_under(table, &prefix, Some(after)).await?;
        Ok((keys.len() >= limit).then_some((keys, false)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use bytes::Bytes;
    use chrono::DateTime;

    use super::*;
    use crate::backend::journal::Journal;
    use crate::backend::objects::{NewObject, ObjectHead, ObjectStore, OpenUpload, Upload};
    use crate::backend::parameters::local::LocalParameters;
    use crate::backend::source::SourcePool;
    use crate::backend::source::connect::Environment;
    use crate::backend::{Error, Stores};
    use crate::config::{Profile, template::KeyTemplate};
    use crate::vocabulary::ObjectKey;

    /// A store that can only be listed, and that counts the keys it returns.
    #[derive(Debug, Default)]
    struct Shelf {
        keys: Vec<String>,
        named: Mutex<usize>,
    }

    #[async_trait]
    impl ObjectStore for Shelf {
        fn place(&self) -> &'static str {
            "shelf"
        }

        async fn head(&self, _: &ObjectKey) -> Result<Option<ObjectHead>> {
            Ok(None)
        }

        async fn create(&self, _: NewObject) -> Result<Box<dyn Upload>> {
            Err(Error::Cancelled)
        }

        async fn list(
            &self,
            prefix: &str,
            after: Option<&ObjectKey>,
            limit: usize,
        ) -> Result<Vec<ObjectSummary>> {
            let wanted = |key: &&String| {
                key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after.as_str())
            };
            let found = self.keys.iter().filter(wanted).take(limit);
            let found: Vec<ObjectSummary> = found
                .map(|key| ObjectSummary {
                    key: ObjectKey::new(key),
                    bytes: 0,
                    modified: DateTime::UNIX_EPOCH,
                })
                .collect();
            *self.named.lock().expect("no panic") += found.len();
            Ok(found)
        }

        async fn uploads(&self, _: &str) -> Result<Vec<OpenUpload>> {
            Ok(Vec::new())
        }

        async fn abort_upload(&self, _: &OpenUpload) -> Result<()> {
            Ok(())
        }

        async fn read(&self, _: &ObjectKey, _: u64, _: u64) -> Result<Option<Bytes>> {
            Ok(None)
        }
    }

    /// Returns the numbers of the newest objects of `payment`, and how many keys were returned to find them. On
    /// each of `days` days back from today there is one object of that table, and `others` objects of another
    /// table.
    async fn newest(days: u64, others: usize, limit: usize) -> (Vec<u64>, usize) {
        let today = Utc::now().date_naive();
        let mut keys = Vec::new();
        for back in 0..days {
            let day = today - Days::new(back);
            keys.push(format!("{day}/payment_{:08}_10-50-30.jsonl", days - back));
            keys.extend((0..others).map(|n| format!("{day}/staff_{n:08}_10-50-30.jsonl")));
        }
        keys.sort();
        let shelf = Arc::new(Shelf {
            keys,
            ..Shelf::default()
        });
        let folder = std::path::Path::new("/nowhere");
        let mut profile = Profile::demo("postgres://me@h/d", folder);
        let template = "{date}/{table}_{seq:08}_{time}.jsonl";
        profile.objects.key = KeyTemplate::parse(template).expect("a template");
        let source = SourcePool::new(&profile.source, &Environment::default());
        let stores = Stores {
            source: Arc::new(source.expect("a URL")),
            parameters: Arc::new(LocalParameters::new(&folder.join("parameters.db"))),
            objects: Arc::<Shelf>::clone(&shelf),
        };
        let backend = Backend::with_stores(profile, stores, Journal::none());
        let payment = TableName::parse("payment");
        let keys = backend.newest_keys(&payment, limit).await;
        let (keys, _) = keys.expect("keys");
        let numbers = keys.into_iter();
        let named = *shelf.named.lock().expect("no panic");
        (numbers.map(|one| one.sequence_id.0).collect(), named)
    }

    #[tokio::test]
    async fn of_a_bucket_by_days_only_the_last_days_are_listed() {
        let (numbers, named) = newest(100, 50, 3).await;
        assert_eq!(numbers, [100, 99, 98]);
        // A page to find out that there are many, and a few days.
        assert!(named < PAGE + 20, "{named}");
    }

    #[tokio::test]
    async fn what_days_do_not_lead_to_is_found_all_the_same() {
        let few = newest(5, 1, 3).await;
        assert_eq!(
            few,
            (vec![5, 4, 3], 20),
            "one listing is enough, and then all"
        );
        let (all, _) = newest(40, 50, 100).await;
        assert_eq!(all.len(), 40, "the first object ends it");
        let (old, _) = newest(500, 3, 450).await;
        assert_eq!(
            old.len(),
            450,
            "further back than days are listed one by one"
        );
    }
}
