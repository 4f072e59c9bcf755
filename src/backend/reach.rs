//! Whether the services of a profile are within reach.

use super::{Backend, Error};
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
