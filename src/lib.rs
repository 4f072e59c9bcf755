//! highwater: an operations console for incremental ingestion from PostgreSQL to S3 as JSON Lines.
//!
//! One crate, a library and a thin binary. Arrows point one way: [`console`] and [`commands`] use
//! [`jobs`], jobs run the verbs of [`backend`], and the backend is set up by the types of
//! [`config`]. The backend knows no terminal, and the console never waits for anything outside.
//!
//! | module | what it is |
//! |---|---|
//! | [`config`] | file, environment and flags become one [`config::Profile`]; naming templates |
//! | [`backend`] | everything that touches the outside: one method for each verb of the product |
//! | [`jobs`] | verbs as tasks: progress, cancellation, bounded concurrency |
//! | [`console`] | the terminal application: event loop, model, update, screens |
//! | [`commands`] | the headless twins of the console's actions |
//! | [`demo`] | a private PostgreSQL cluster with a small trading company in it |
//! | [`vocabulary`] | names, numbers and timestamps as types of their own; needs nothing else |
//! | [`text`], [`figures`] | outside text made safe for a terminal; numbers and times as people read them |
//!
//! In the words used throughout: a *batch* is the rows `from < ts <= to` of one table that go into
//! one object; the *commit* is the moment the object exists, nothing before it counts and everything
//! after it is bookkeeping; the *horizon* is the upper bound below which no open transaction can still
//! add a row; rows above the watermark are *pending* below the horizon and *held* at or above it.

pub mod backend;
pub mod commands;
pub mod config;
pub mod console;
pub mod demo;
pub mod figures;
pub mod jobs;
pub mod text;
pub mod vocabulary;
