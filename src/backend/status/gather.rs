//! Asking the three services about many tables with few requests.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::oneshot;

use super::{PartValue, StatusPart};
use crate::backend::error::Error;
use crate::backend::progress::Context;
use crate::backend::reach::Reach;
use crate::backend::source::{Horizon, Precision, RowCounts};
use crate::backend::stored::Stored;
use crate::backend::{Backend, Result};
use crate::vocabulary::{TableName, Watermark};

/// How many groups of tables are counted at once: half of the default number of connections, so that counting
/// never keeps ingestion waiting.
const AT_ONCE: usize = 4;
/// How many tables are counted together.
const GROUP: usize = 16;
/// How many tables of a group have their objects looked at at the same time.
const LOOKED_AT_ONCE: usize = 8;

/// A result whose error is shared by several tables.
type Answer<T> = std::result::Result<T, Arc<Error>>;
/// Where the parts of each table go.
type Sender<'a> = &'a (dyn Fn(&TableName, PartValue) + Send + Sync);

/// A closer look at tables whose stored values are known, with what is the same for all of them.
struct Look<'a> {
    backend: &'a Backend,
    horizon: Answer<Horizon>,
    precision: Precision,
    /// Whether the object store, which is asked about each table, still answers.
    objects: Reach,
    send: Sender<'a>,
}

impl Backend {
    /// Finds out where `tables` stand, and sends each part as it arrives. The stored values of all tables
    /// come first, together; their newest objects and row counts follow, group by group, a few groups at
    /// once. If a service fails, its parts say so; one that is out of reach is not asked about the remaining tables.
    /// Ends early when `context` is cancelled.
    pub async fn status(
        &self,
        tables: &[TableName],
        precision: Precision,
        context: &Context,
        parts: &(dyn Fn(StatusPart) + Send + Sync),
    ) {
        let send = |table: &TableName, value| {
            parts(StatusPart {
                table: table.clone(),
                value,
            });
        };
        // A source that does not answer keeps nobody from seeing what is stored.
        let (stored, horizon) =
            futures_util::join!(self.send_stored(tables, &send), self.horizon());
        let horizon = horizon.map_err(Arc::new);
        let mut known: Vec<(TableName, Stored)> = Vec::with_capacity(tables.len());
        for (table, stored) in tables.iter().zip(stored) {
            match stored {
                Ok(stored) => known.push((table.clone(), stored)),
                // Without the stored values, neither the next number nor the rows above the watermark are
                // known. If two services are down, both are reported.
                Err(unread) => {
                    let uncounted = horizon.as_ref().err().unwrap_or(&unread);
                    send(table, PartValue::Rows(Err(Arc::clone(uncounted))));
                    send(table, PartValue::Newest(Err(unread)));
                }
            }
        }
        let look = Look {
            backend: self,
            horizon,
            precision,
            objects: Reach::default(),
            send: &send,
        };
        let mut groups = Vec::new();
        for group in known.chunks(GROUP) {
            groups.push(look.at_group(group).boxed());
        }
        let all = stream::iter(groups)
            .buffer_unordered(AT_ONCE)
            .collect::<()>();
        tokio::select! {
            () = all => {}
            () = context.cancel.cancelled() => {}
        }
    }

    /// The stored values of `tables`, in the same order; each is also sent.
    async fn send_stored(&self, tables: &[TableName], send: Sender<'_>) -> Vec<Answer<Stored>> {
        let read = match self.readable_values(tables).await {
            Ok(read) => read.into_iter().map(whole).collect(),
            Err(error) => vec![(Err(Arc::new(error)), None); tables.len()],
        };
        let send_one = |((stored, readable), table): ((Answer<Stored>, Option<Stored>), _)| {
            send(table, PartValue::Stored(stored.clone()));
            if let Some(readable) = readable {
                send(table, PartValue::Readable(readable));
            }
            stored
        };
        read.into_iter().zip(tables).map(send_one).collect()
    }
}

impl Look<'_> {
    /// The newest objects and the row counts of a group of tables.
    async fn at_group(&self, group: &[(TableName, Stored)]) {
        let (mut asked, mut answers, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for (table, stored) in group {
            // Every run writes all rows of such a table again, so none of them is pending more than another.
            if self.backend.is_whole(table) {
                each.push(self.at_whole(table, stored).boxed());
                continue;
            }
            let (answer, counts) = oneshot::channel();
            asked.push((table.clone(), stored.timestamp.as_ref().map(|at| at.value)));
            answers.push(Some(answer));
            each.push(self.at_table(table, stored, counts).boxed());
        }
        let asked = &asked;
        // Owns the answers, so that nobody waits for one that will not come.
        let counting = async move {
            let mut tell = |place: usize, counts: Answer<RowCounts>| {
                if let Some(answer) = answers[place].take() {
                    // If the status was cancelled, nobody is waiting any more.
                    let _ = answer.send(counts);
                }
            };
            match &self.horizon {
                Ok(horizon) => {
                    let tell = |place, counts: Result<_>| {
                        tell(place, counts.map_err(Arc::new));
                    };
                    let counting = self
                        .backend
                        .count_rows(asked, horizon, self.precision, tell);
                    counting.await;
                }
                Err(error) => {
                    for place in 0..asked.len() {
                        tell(place, Err(Arc::clone(error)));
                    }
                }
            }
        };
        let looking = stream::iter(each)
            .buffer_unordered(LOOKED_AT_ONCE)
            .collect::<()>();
        futures_util::join!(counting, looking);
    }

    async fn at_whole(&self, table: &TableName, read: &Stored) {
        let settled = self.backend.settled(table, read.clone());
        let newest = self.objects.ask(settled).await.map(|(_, newest)| newest);
        (self.send)(table, PartValue::Newest(newest));
        let rows = self.horizon.clone().map(RowCounts::none);
        (self.send)(table, PartValue::Rows(rows));
    }

    /// Sends the newest object of one table, and with it its row `counts`, which are counted elsewhere.
    async fn at_table(
        &self,
        table: &TableName,
        read: &Stored,
        counts: oneshot::Receiver<Answer<RowCounts>>,
    ) {
        let send = |value| (self.send)(table, value);
        let counted_from = read.timestamp.as_ref().map(|at| at.value);
        let settled = self.backend.settled(table, read.clone());
        let (settled, counts) = futures_util::join!(self.objects.ask(settled), counts);
        // The counting side is gone only if the status was cancelled.
        let Ok(mut rows) = counts else {
            return;
        };
        // What a run has committed is no longer pending, even if it has not stored its values.
        if let Ok((_, newest)) = &settled
            && self.horizon.is_ok()
            && newest.obstacle().is_none()
            && newest.watermark != counted_from
        {
            let counts = self.counts_by_now(table, newest.watermark);
            rows = counts.await.map_err(Arc::new);
        }
        let newest = settled.map(|(stored, newest)| {
            if stored != *read {
                send(PartValue::Stored(Ok(stored)));
            }
            newest
        });
        send(PartValue::Newest(newest));
        send(PartValue::Rows(rows));
    }

    /// The row counts above a watermark that a run has just reached, by a new horizon: the clock of one that
    /// was read earlier may be behind that watermark.
    async fn counts_by_now(
        &self,
        table: &TableName,
        watermark: Option<Watermark>,
    ) -> Result<RowCounts> {
        let horizon = self.backend.horizon().await?;
        let counts = self
            .backend
            .row_counts(table, watermark, horizon, self.precision);
        counts.await
    }
}

/// Both values; or, if one cannot be read, why, and what could be read.
fn whole((readable, unreadable): (Stored, Vec<Error>)) -> (Answer<Stored>, Option<Stored>) {
    match unreadable.into_iter().next() {
        None => (Ok(readable), None),
        Some(error) => (Err(Arc::new(error)), Some(readable)),
    }
}
