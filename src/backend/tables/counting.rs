//! Row counts of several tables, with as few requests as possible.
//!
//! A source is often a few milliseconds away, and a profile has hundreds of tables. Catalog, estimates and
//! cheap counts of a whole group therefore take one request each, over one connection. Whatever takes
//! long, or fails, is asked for again on its own, so that no table keeps another waiting.

use futures_util::{FutureExt, StreamExt, stream};

use crate::backend::{
    Backend, Error, Result,
    source::{
        self, Connection, CountLimits, Countable, Estimate, Horizon, Precision, RowCounts, RowTime,
        SourceTable,
    },
};
use crate::vocabulary::{TableName, Watermark};

/// A table to count, with its watermark if it has one: the rows above that are counted.
pub(in crate::backend) type Asked = (TableName, Option<Watermark>);

/// How many of the tables that are counted alone are counted at once.
const ALONE_AT_ONCE: usize = 2;

/// What is being done with several tables at once, as used in messages.
const DOING: &str = "counting rows";

/// Tables that are counted together.
struct Group<'a> {
    asked: &'a [Asked],
    /// Places of the tables still to be counted.
    left: Vec<usize>,
    /// Places of the tables that would keep the others waiting.
    alone: Vec<usize>,
}

impl Group<'_> {
    /// Puts back the tables that got no answer. The first of them is the reason, so it is counted alone.
    fn put_back(&mut self, mut unanswered: impl Iterator<Item = usize>) {
        self.alone.extend(unanswered.next());
        self.left.extend(unanswered);
    }
}

impl Backend {
    /// Counts the rows of `table` above `after`.
    pub(in crate::backend) async fn row_counts(
        &self,
        table: &TableName,
        after: Option<Watermark>,
        horizon: Horizon,
        precision: Precision,
    ) -> Result<RowCounts> {
        let connection = self.inner.source.connection().await?;
        let doing = format!("counting the rows of {table}");
        let described = source::table(&connection, table);
        let described = connection.ask(&doing, described).await?;
        let countable = self.countable_table(table, after, described.as_ref())?;
        connection.occupy();
        let counts = source::row_counts(&connection, &countable, &horizon, precision).await;
        if counts.is_ok() {
            connection.release();
        }
        let counts = counts.map_err(|error| connection.failure(&doing, error))?;
        counts.ok_or_else(|| Error::Bug(format!("{doing}: the answer is not a count")))
    }

    /// Counts the rows of each of `asked`, and passes each count to `tell` with its place as soon as it is
    /// known.
    pub(in crate::backend) async fn count_rows(
        &self,
        asked: &[Asked],
        horizon: &Horizon,
        precision: Precision,
        mut tell: impl FnMut(usize, Result<RowCounts>) + Send,
    ) {
        let mut group = Group {
            asked,
            left: (0..asked.len()).collect(),
            alone: Vec::new(),
        };
        while group.left.len() > 1 {
            let told = |place, counts| tell(place, Ok(counts));
            let together = self.count_together(&mut group, horizon, precision, told);
            if let Err(error) = together.await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "counting one by one"
                );
                break;
            }
        }
        let rest = group.alone.into_iter().chain(group.left);
        let mut each = Vec::new();
        for place in rest {
            let (table, after) = &asked[place];
            let counts = self.row_counts(table, *after, horizon.clone(), precision);
            each.push(counts.map(move |counts| (place, counts)).boxed());
        }
        let mut each = stream::iter(each).buffer_unordered(ALONE_AT_ONCE);
        while let Some((place, counts)) = each.next().await {
            tell(place, counts);
        }
    }

    /// Counts, in one request, the tables left in the group that the planner considers cheap. The first
    /// one that fails is set aside, to be counted alone; those after it stay in the group.
    ///
    /// # Errors
    /// Errors that concern all of them, after which there is no point in going on.
    async fn count_together(
        &self,
        group: &mut Group<'_>,
        horizon: &Horizon,
        precision: Precision,
        mut tell: impl FnMut(usize, RowCounts) + Send,
    ) -> Result<()> {
        let connection = self.inner.source.connection().await?;
        let tables = self.countable(&connection, group).await?;
        connection.occupy();
        let all: Vec<&Countable<'_>> = tables.iter().map(|(_, one)| one).collect();
        let mut estimates: Vec<Option<Estimate>> = Vec::new();
        let planned = source::estimates(&connection, &all, horizon, CountLimits::TOGETHER, |one| {
            estimates.push(one);
        });
        let planned = planned.await;
        let mut cheap = Vec::new();
        for ((place, one), estimate) in tables.iter().zip(&estimates) {
            match estimate {
                Some(estimate) if estimate.is_cheap() => cheap.push((*place, one)),
                Some(estimate) if precision == Precision::Estimate => {
                    tell(*place, estimate.into_counts(one.after, horizon.clone()));
                }
                _ => group.alone.push(*place),
            }
        }
        let mut uncounted: Vec<usize> = cheap.iter().map(|(place, _)| *place).collect();
        let statements: Vec<&Countable<'_>> = cheap.iter().map(|(_, one)| *one).collect();
        let counts =
            source::count_each(&connection, &statements, horizon, CountLimits::TOGETHER, {
                |at, counts| {
                    let place = cheap[at].0;
                    uncounted.retain(|one| *one != place);
                    tell(place, counts);
                }
            });
        let ended = planned.and(counts.await);
        let unplanned = tables.iter().skip(estimates.len()).map(|(place, _)| *place);
        group.put_back(uncounted.into_iter());
        group.put_back(unplanned);
        match ended {
            Err(error) if error.as_db_error().is_none() => Err(connection.failure(DOING, error)),
            _ => {
                connection.release();
                Ok(())
            }
        }
    }

    /// Returns the questions to ask about the tables left in the group, each with its place. A table that
    /// does not exist, or whose rows cannot be told apart, is set aside to be counted alone, which then
    /// fails.
    ///
    /// # Errors
    /// As [`Self::count_together`].
    async fn countable<'a>(
        &self,
        connection: &Connection,
        group: &mut Group<'a>,
    ) -> Result<Vec<(usize, Countable<'a>)>> {
        let asked = group.asked;
        let names: Vec<&TableName> = group.left.iter().map(|place| &asked[*place].0).collect();
        let described = source::tables_named(connection, &names);
        let described = connection.ask(DOING, described).await?;
        let mut countable = Vec::new();
        for place in std::mem::take(&mut group.left) {
            let (table, after) = &asked[place];
            match self.countable_table(table, *after, described.get(table)) {
                Ok(one) => countable.push((place, one)),
                Err(_) => group.alone.push(place),
            }
        }
        Ok(countable)
    }

    /// # Errors
    /// [`Error::UnknownTable`] if the table does not exist, [`Error::UnknownColumn`] and
    /// [`Error::NotATimestamp`] if its rows cannot be told apart.
    fn countable_table<'a>(
        &self,
        table: &'a TableName,
        after: Option<Watermark>,
        described: Option<&SourceTable>,
    ) -> Result<Countable<'a>> {
        let described = described.ok_or_else(|| Error::UnknownTable {
            table: table.clone(),
            why: None,
        })?;
        let profile = self.profile();
        let columns = profile.timestamp_columns(table);
        let time = RowTime::of(described, columns, profile.source.timezone)?;
        Ok(Countable { table, time, after })
    }
}
