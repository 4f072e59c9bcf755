//! Black-box tests against real servers. `tests/run` starts what they need.

mod servers;
mod stores;
mod support;
