//! Decides which request meets which fault, and records the requests.

use std::fmt;

use super::operation::Operation;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The proxy answers with this error; the store never sees the request.
    Refuse(Refusal),
    /// The store handles the request, but the answer is this error.
    RefuseAfterwards(Refusal),
    /// The store handles the request, and the connection is reset before the first byte of the answer.
    LoseAnswer,
    /// The connection is reset in the middle of the request; the store never sees it.
    CutRequest,
    /// The store handles the request, and the connection is reset in the middle of the answer.
    CutAnswer,
    /// The request is held until the proxy is told to release it; then the store handles it, even if nobody waits
    /// for the answer any more.
    HoldRequest,
    /// The store handles the request at once; the answer is held until the proxy is told to release it.
    HoldAnswer,
    /// The store never sees the request's `If-None-Match`, like a store that does not know it.
    Unconditional,
    /// The request gets the answer that the same request got before; it is passed on if there was none.
    Stale,
}

impl Fault {
    /// Whether something waits until the proxy releases it.
    pub const fn holds(self) -> bool {
        matches!(self, Self::HoldRequest | Self::HoldAnswer)
    }
}

/// An error of the service itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 409: another conditional write of the key is in progress.
    Conflict,
    /// 503: too many requests for the prefix.
    SlowDown,
    /// 500: something went wrong in the service.
    Internal,
    /// 400, with SSM's code for throttling.
    Throttled,
    /// 400 or 403: the permission is missing.
    Denied,
    /// 403: the permission to use the key of a bucket is missing.
    KeyDenied,
}

/// Requests, and the fault that they meet.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    requests: Requests,
    skip: usize,
    times: usize,
    fault: Fault,
}

#[derive(Debug, Clone, Copy)]
enum Requests {
    All,
    Of(Operation),
}

/// A rule for requests of one operation: the first one, unless [`Rule::after`] says otherwise.
pub const fn on(operation: Operation, fault: Fault) -> Rule {
    Rule {
        requests: Requests::Of(operation),
        skip: 0,
        times: 1,
        fault,
    }
}

/// A rule for request `number`, counted from 0 over all operations.
pub const fn at_request(number: usize, fault: Fault) -> Rule {
    Rule {
        requests: Requests::All,
        skip: number,
        times: 1,
        fault,
    }
}

impl Rule {
    /// Skips the first `skip` of its requests.
    #[must_use]
    pub const fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Applies to `times` of its requests, one after the other.
    #[must_use]
    pub const fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Applies to all of its requests from the first on.
    #[must_use]
    pub const fn always(self) -> Self {
        self.times(usize::MAX)
    }
}

/// The rules in force, and the requests since then.
#[derive(Debug, Default)]
pub struct Script {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

/// A request that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub operation: Operation,
    /// The method and target, or the body of a request to SSM.
    pub what: String,
    pub met: Option<Fault>,
}

impl Script {
    /// Starts with these rules, and no requests seen.
    pub const fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules,
            seen: Vec::new(),
        }
    }

    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// Records the next request, and returns the fault that it meets.
    pub fn meet(&mut self, operation: Operation, what: String) -> Option<Fault> {
        let mut met = None;
        for rule in &mut self.rules {
            let concerned = match rule.requests {
                Requests::All => true,
                Requests::Of(wanted) => wanted == operation,
            };
            if !concerned {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times > 0 && met.is_none() {
                rule.times -= 1;
                met = Some(rule.fault);
            }
        }
        self.seen.push(Seen {
            operation,
            what,
            met,
        });
        met
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.operation, self.what)?;
        match self.met {
            Some(fault) => write!(f, " met {fault:?}"),
            None => Ok(()),
        }
    }
}
