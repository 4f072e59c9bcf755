//! Looking at the objects around the stored sequence id.

use super::seen::{Looked, Numbered, Seen};
use crate::backend::provenance::Provenance;
use crate::backend::stored::Stored;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// After this many objects above the stored sequence id, a listing finds the last one sooner.
const FEW: u32 = 3;

impl Backend {
    /// Step 1 of the protocol: HEAD the object S, then S+1, S+2, … until one is absent.
    pub(super) async fn look<'a>(
        &self,
        table: &'a TableName,
        stored: &'a Stored,
    ) -> Result<Seen<'a>> {
        let whole = self.is_whole(table);
        let (current, newer) = match &stored.sequence_id {
            Some(id) if whole => self.around_whole(table, id.value).await?,
            Some(id) => self.around(table, id.value, stored).await?,
            None => (None, self.any_object(table).await?),
        };
        let (claimed, next_is_claimed) = match &stored.sequence_id {
            None if newer.is_none() && self.makes_claims(table) => {
                (self.newest_claim(table).await?, false)
            }
            Some(id) if self.consumers_remove() && current.is_none() => {
                (self.claimed(table, id.value).await?, false)
            }
            Some(id) if self.consumers_remove() && newer.is_none() => {
                let next = self.claimed(table, id.value.next()).await?;
                (None, next.is_some())
            }
            _ => (None, false),
        };
        Ok(Seen {
            table,
            stored,
            whole,
            timezone: self.profile().source.timezone,
            consumers_remove: self.consumers_remove(),
            current,
            claimed,
            next_is_claimed,
            newer,
            newest: Looked::Unknown,
            above: Looked::Unknown,
            timestamp_by: None,
            sequence_by: None,
        })
    }

    async fn around(
        &self,
        table: &TableName,
        id: SequenceId,
        stored: &Stored,
    ) -> Result<(Option<Numbered>, Option<Numbered>)> {
        let since = stored.timestamp.as_ref().map(|at| at.value);
        let (mut current, next) = futures_util::future::try_join(
            self.numbered(table, id, since),
            self.numbered(table, id.next(), since),
        )
        .await?;
        // The timestamp may have been moved past the day in the object's key. If a consumer has removed the
        // object, its claim tells.
        if current.is_none() && self.key_of(table, id).is_none() && !self.consumers_remove() {
            current = self.numbered(table, id, None).await?;
        }
        if next.is_some() && self.makes_claims(table) {
            self.check_claim(table, id.next()).await?;
        }
        Ok((current, self.follow(table, next, since).await?))
    }

    /// A table that is written whole has no timestamp to search from: the time of its newest object
    /// stands in for it.
    async fn around_whole(
        &self,
        table: &TableName,
        id: SequenceId,
    ) -> Result<(Option<Numbered>, Option<Numbered>)> {
        let current = self.numbered(table, id, None).await?;
        let since = current
            .as_ref()
            .map(|current| Watermark::from(current.head.modified));
        let next = self.numbered(table, id.next(), since).await?;
        Ok((current, self.follow(table, next, since).await?))
    }

    async fn follow(
        &self,
        table: &TableName,
        first: Option<Numbered>,
        since: Option<Watermark>,
    ) -> Result<Option<Numbered>> {
        let mut newest = first;
        let mut found = 0;
        while let Some(object) = &newest {
            found += 1;
            if found == FEW
                && let Some(far) = self.end_of_row(table, object.sequence_id).await?
            {
                newest = Some(far);
                continue;
            }
            match self
                .numbered(table, object.sequence_id.next(), since)
                .await?
            {
                None => break,
                next => newest = next,
            }
        }
        Ok(newest)
    }

    /// The last object that follows number `from` without a gap, found by a listing.
    async fn end_of_row(&self, table: &TableName, from: SequenceId) -> Result<Option<Numbered>> {
        let mut keys = self.numbered_keys(table).await?;
        keys.sort_unstable();
        let mut end = None;
        let mut next = from.next();
        for one in keys {
            if one.sequence_id == next {
                next = next.next();
                end = Some(one);
            }
        }
        match end {
            Some(end) => self.known(end.sequence_id, &end.key).await,
            None => Ok(None),
        }
    }

    async fn numbered(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        since: Option<Watermark>,
    ) -> Result<Option<Numbered>> {
        if let Some(key) = self.key_of(table, sequence_id) {
            return self.known(sequence_id, &key).await;
        }
        let head = self.find_dated(table, sequence_id, since).await?;
        Ok(head.map(|head| Numbered { sequence_id, head }))
    }

    async fn known(&self, sequence_id: SequenceId, key: &ObjectKey) -> Result<Option<Numbered>> {
        let head = self.inner.objects.head(key).await?;
        Ok(head.map(|head| Numbered { sequence_id, head }))
    }

    /// The newest object of all.
    pub(super) async fn any_object(&self, table: &TableName) -> Result<Option<Numbered>> {
        match self.numbered_keys(table).await?.into_iter().max() {
            Some(newest) => self.known(newest.sequence_id, &newest.key).await,
            None => Ok(None),
        }
    }

    /// The object with number `id`, for which `run` has written the timestamp, or the newest object that
    /// follows it without a gap.
    pub(super) async fn above(
        &self,
        table: &TableName,
        id: SequenceId,
        run: Option<&Provenance>,
        stored: &Stored,
    ) -> Result<Looked> {
        let since = stored.timestamp.as_ref().map(|at| at.value);
        let first = self.numbered(table, id, since).await?;
        if let Some(newest) = self.follow(table, first, since).await? {
            return Ok(Looked::Found(newest));
        }
        if !self.consumers_remove() {
            return Ok(Looked::Nothing);
        }
        let claim = self.claimed(table, id).await?;
        let own = claim.filter(|claim| Some(&claim.author()) == run);
        Ok(own.map_or(Looked::Nothing, Looked::Gone))
    }
}
