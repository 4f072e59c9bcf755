//! Black-box tests against real servers. `tests/run` starts what they need.

mod demo;
mod servers;
mod support;
