//! Black-box tests against real servers. `tests/run` starts what they need.

mod connect;
mod pool;
mod servers;
mod support;
