//! Starting again after other writers interfered, a bounded number of times.

use std::time::Duration;

use crate::backend::progress::Context;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::TableName;

/// How many attempts at a table may fail in a row because other writers interfered, without an object of its
/// own in between.
const ATTEMPTS: u32 = 10;

/// Pause before the second attempt; each further pause is longer by as much.
const PAUSE: Duration = Duration::from_millis(100);

/// How often a table has been tried in vain.
#[derive(Debug, Default)]
pub(in crate::backend) struct Attempts {
    in_vain: u32,
}

impl Attempts {
    /// Waits a moment after an attempt that ended with `error`; `progressed` says whether it wrote an object.
    ///
    /// # Errors
    /// `error` itself if another attempt would not help, [`Error::Contended`] after too many attempts,
    /// [`Error::Cancelled`].
    pub(in crate::backend) async fn again(
        &mut self,
        backend: &Backend,
        table: &TableName,
        error: Error,
        progressed: bool,
        context: &Context,
    ) -> Result<()> {
        if !error.is_interference() {
            return Err(error);
        }
        self.in_vain = if progressed { 1 } else { self.in_vain + 1 };
        if self.in_vain == ATTEMPTS {
            return Err(Error::Contended {
                table: table.clone(),
                attempts: self.in_vain,
                last: error.to_string(),
            });
        }
        tracing::info!(%table, attempts = self.in_vain, error = &error as &dyn std::error::Error, "starting again");
        let pause = async {
            backend.pause(PAUSE * self.in_vain).await;
            Ok(())
        };
        context.until_cancelled(pause).await
    }
}
