//! Waiting until the store has requests left for us.
//!
//! Throttling says that the store answers, and that the account has used up what it may do in a second: it
//! passes by itself, and nothing but waiting helps.

use std::time::Duration;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use tokio::time::Instant;

/// Pause before a throttled request is sent anew, once the SDK has given it up.
const PAUSE: Duration = Duration::from_secs(1);

/// Codes that say "too much at once". The second one is of writes to one parameter; the SDK does
/// not know it as throttling.
const THROTTLED: &[&str] = &[
    "ThrottlingException",
    "TooManyUpdates",
    "RequestLimitExceeded",
];

/// How long one request is sent anew while it is throttled.
pub(super) struct Patience {
    deadline: Instant,
}

impl Patience {
    pub(super) fn of(time: Duration) -> Self {
        Self {
            deadline: Instant::now() + time,
        }
    }

    /// Waits, and says that the request of what is being done is to be sent anew, if its `answer` was that
    /// there are too many.
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
