//! PostgreSQL behind a name that stands for several servers, or with a horizon at another time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use highwater::backend::source::{
    Connection, Environment, Horizon, SnapshotOf, Source, SourcePool, TableSnapshot,
};
use highwater::backend::{Backend, Error, Stores, journal::Journal};
use highwater::vocabulary::Watermark;

use crate::support::Stage;

/// A source in which each session may be on a different server, so that separate questions may reach different ones.
#[derive(Debug)]
struct Balanced {
    pool: SourcePool,
    /// Where the horizon is, unless the server decides.
    at: Option<Watermark>,
}

impl Balanced {
    fn put(&self, horizon: Horizon) -> Horizon {
        Horizon {
            at: self.at.or(horizon.at),
            ..horizon
        }
    }
}

#[async_trait]
impl Source for Balanced {
    fn place(&self) -> &str {
        self.pool.place()
    }

    async fn horizon(&self, settle: Duration, ignore: &[String]) -> Result<Horizon, Error> {
        Ok(self.put(self.pool.horizon(settle, ignore).await?))
    }

    async fn snapshot(&self, of: SnapshotOf<'_>) -> Result<Box<dyn TableSnapshot>, Error> {
        let message = format!("the snapshot of {} may be behind the horizon", of.table);
        Err(Error::Bug(message))
    }

    async fn snapshot_below_horizon(
        &self,
        of: SnapshotOf<'_>,
        settle: Duration,
        ignore: &[String],
    ) -> Result<(Horizon, Box<dyn TableSnapshot>), Error> {
        let below = self.pool.snapshot_below_horizon(of, settle, ignore);
        let (horizon, snapshot) = below.await?;
        Ok((self.put(horizon), snapshot))
    }

    async fn connection(&self) -> Result<Connection, Error> {
        self.pool.connection().await
    }
}

/// The same stage with such a source, whose horizon is always `at`, if given.
pub async fn balanced(mut stage: Stage, at: Option<Watermark>) -> Stage {
    let profile = stage.profile();
    let environment = Environment::of_process();
    let pool = SourcePool::new(&profile.source, &environment).expect("a pool");
    let mut stores = Box::pin(Stores::of(&profile)).await.expect("stores");
    stores.source = Arc::new(Balanced { pool, at });
    stage.backend = Backend::with_stores(profile, stores, Journal::none());
    stage
}
