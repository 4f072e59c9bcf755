//! The console through the door of its user: keys and news of jobs in, frames out.

mod answers;
mod backfilling;
mod choosing;
mod doctor;
mod editing;
mod filtering;
mod foreseeing;
mod ingesting;
mod leaving;
mod looking;
mod mistaken;
mod page;
mod planning;
mod refreshing;
mod repairing;
mod room;
mod safety;
mod sizes;
mod starting;
mod support;
mod tables;
mod together;
mod tour_demo;
mod touring;
mod visiting;
