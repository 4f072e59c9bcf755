//! Black-box tests against real servers. `tests/run` starts what they need.

mod oracle;
mod servers;
mod support;
