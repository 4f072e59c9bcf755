//! The console through the door of its user: keys and news of jobs in, frames out.

mod editing;
mod ingesting;
mod leaving;
mod looking;
mod page;
mod safety;
mod starting;
mod support;
mod tables;
