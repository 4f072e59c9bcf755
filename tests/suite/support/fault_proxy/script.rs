//! Which request meets which fault, and what has come by.

use std::fmt;

use super::operation::Operation;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The proxy answers with this error; the store never sees the request.
    Refuse(Refusal),
    /// The store does it, and the answer is this error nevertheless.
    RefuseAfterwards(Refusal),
    /// The store does it, and the connection is reset before a byte of the answer.
    LoseAnswer,
    /// The connection is reset in the middle of the request; the store never sees it.
    CutRequest,
    /// The store does it, and the connection is reset in the middle of the answer.
    CutAnswer,
    /// Nothing moves until the proxy is told to let go; then the store does it, also if nobody waits
    /// for the answer any more.
    HoldRequest,
    /// The store does it at once; the answer waits until the proxy is told to let go.
    HoldAnswer,
    /// The store never sees its `If-None-Match`, as one that does not know it.
    Unconditional,
    /// Answered as the same request was answered before; passed on if it never was.
    Stale,
}

impl Fault {
    /// Whether something waits until the proxy lets go.
    pub const fn holds(self) -> bool {
        matches!(self, Self::HoldRequest | Self::HoldAnswer)
    }
}

/// An error of the service itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 409: another conditional write of the key is under way.
    Conflict,
    /// 503: too many requests for the prefix.
    SlowDown,
    /// 500: something went wrong over there.
    Internal,
    /// 400 with the code that SSM throttles with.
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

/// Requests of one operation: the first one, unless [`Rule::after`] says otherwise.
pub const fn on(operation: Operation, fault: Fault) -> Rule {
    Rule {
        requests: Requests::Of(operation),
        skip: 0,
        times: 1,
        fault,
    }
}

/// The request `number`, counted from 0 over all operations.
pub const fn at_request(number: usize, fault: Fault) -> Rule {
    Rule {
        requests: Requests::All,
        skip: number,
        times: 1,
        fault,
    }
}

impl Rule {
    /// Leaves the first `skip` of its requests alone.
    #[must_use]
    pub const fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Meets `times` of its requests, one after the other.
    #[must_use]
    pub const fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Meets all of its requests from the first on.
    #[must_use]
    pub const fn always(self) -> Self {
        self.times(usize::MAX)
    }
}

/// The rules in force, and the requests since they are.
#[derive(Debug, Default)]
pub struct Script {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub operation: Operation,
    /// Method and target, or the body of a request to SSM.
    pub what: String,
    pub met: Option<Fault>,
}

impl Script {
    /// These rules from now on, and nothing seen yet.
    pub const fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules,
            seen: Vec::new(),
        }
    }

    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The fault for the next request, which is noted.
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
