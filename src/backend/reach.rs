//! Whether the services of a profile are within reach.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::{Backend, Error, Result};
use crate::vocabulary::TableName;

/// Objects of the program's own: listing them tells whether the store answers, whatever the tables have in it.
const OWN: &str = "_highwater/";

impl Backend {
    /// Asks all three services a question that neither takes long nor waits for a lock on a table, and
    /// returns the error of one that is out of reach. A service that answers anything else is within reach.
    pub async fn outage(&self, table: &TableName) -> Option<Error> {
        let listed = self.inner.objects.list(OWN, None, 1);
        let (horizon, stored, listed) =
            futures_util::join!(self.horizon(), self.readable(table), listed);
        let errors = [horizon.err(), stored.err(), listed.err()];
        errors.into_iter().flatten().find(Error::is_outage)
    }
}

/// What is known of the services while a verb asks the same of many tables.
///
/// Once one is out of reach, the remaining tables are not asked about: each would only find that out by itself, after
/// seconds without an answer.
#[derive(Debug, Default)]
pub struct Reach {
    outage: OnceLock<Arc<Error>>,
    /// When a question was last answered.
    answered: Mutex<Option<Instant>>,
}

impl Reach {
    /// Asks a `question` about one more table, unless it is known that nobody would answer.
    ///
    /// # Errors
    /// The errors of `question`; the one of an outage also for the tables after it. As long as others are
    /// answered, an error is not taken for that of an outage.
    pub async fn ask<T>(
        &self,
        question: impl Future<Output = Result<T>>,
    ) -> std::result::Result<T, Arc<Error>> {
        if let Some(error) = self.outage.get() {
            return Err(Arc::clone(error));
        }
        let asked = Instant::now();
        let answer = question.await.map_err(Arc::new);
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Err(error) if error.is_outage() => {
                if answered.is_none_or(|at| at < asked) {
                    // Of several at once, the first counts.
                    let _ = self.outage.set(Arc::clone(error));
                }
            }
            _ => *answered = Some(Instant::now()),
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::backend::error::Service;

    fn unavailable() -> Error {
        Error::Unavailable {
            service: Service::Objects,
            place: "s3://lake".to_owned(),
            doing: "looking for object a".to_owned(),
            cause: "no answer".into(),
        }
    }

    #[tokio::test]
    async fn after_an_outage_no_further_table_is_asked_about() {
        let reach = Reach::default();
        assert!(reach.ask(ready(Ok(1))).await.is_ok());
        sleep(Duration::from_millis(2)).await;
        let found = reach.ask(ready(Err::<(), _>(unavailable()))).await;
        let found = found.expect_err("it is out of reach");
        let next = async { panic!("nobody would answer") };
        let told = reach.ask::<()>(next).await.expect_err("still");
        assert!(Arc::ptr_eq(&found, &told));
    }

    #[tokio::test]
    async fn as_long_as_others_are_answered_one_failure_is_no_outage() {
        let reach = Reach::default();
        let slow = async {
            sleep(Duration::from_millis(20)).await;
            Err::<(), _>(unavailable())
        };
        let (failed, answered) = futures_util::join!(reach.ask(slow), reach.ask(ready(Ok(()))));
        assert!(failed.is_err() && answered.is_ok());
        assert!(reach.ask(ready(Ok(()))).await.is_ok());
        let of_table = Error::Bug("of one table".to_owned());
        assert!(reach.ask(ready(Err::<(), _>(of_table))).await.is_err());
        assert!(reach.ask(ready(Ok(()))).await.is_ok());
    }
}
