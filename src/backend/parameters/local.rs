//! parameters/local
