//! Configuration: the file, the environment and the flags become one [`Profile`].

mod profile;
pub mod template;

pub use profile::*;
