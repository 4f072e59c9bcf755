//! Waiting until the store accepts requests again.
//!
//! Throttling means that the store does answer, but that the account has used up its requests for that
//! second: it passes by itself, and only waiting helps.

use std::time::Duration;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use tokio::time::Instant;

/// Pause before a throttled request is sent again, once the SDK has given up on it.
const PAUSE: Duration = Duration::from_secs(1);

/// Codes that say "too much at once". The second one concerns writes to one parameter; the SDK does not
/// recognise it as throttling.
const THROTTLED: &[&str] = &[
    "ThrottlingException",
    "TooManyUpdates",
    "RequestLimitExceeded",
];

/// How long one request is retried while it is throttled.
pub(super) struct Patience {
    deadline: Instant,
}

impl Patience {
    pub(super) fn of(time: Duration) -> Self {
        Self {
            deadline: Instant::now() + time,
        }
    }

    /// If `answer` says that there are too many requests, waits and returns `true`: the request is to be
    /// sent again. `doing` is what it does, for the log.
    pub(super) async fn waits<T, E>(&self, doing: &str, answer: &Result<T, E>) -> bool
    where
        T: Sync,
        E: ProvideErrorMetadata + Sync,
    {
        if !is_throttled(answer) || Instant::now() + PAUSE > self.deadline {
            return false;
        }
        tracing::info!(doing, "the parameter store throttles; waiting");
        tokio::time::sleep(PAUSE).await;
        true
    }
}

pub(super) fn is_throttled<T, E: ProvideErrorMetadata>(answer: &Result<T, E>) -> bool {
    let code = answer.as_ref().err().and_then(ProvideErrorMetadata::code);
    code.is_some_and(|code| THROTTLED.contains(&code))
}
