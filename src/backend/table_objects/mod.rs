//! The objects of a table: their keys, what their rows say, and the claims on their numbers.

pub mod claim;
pub mod contents;
pub mod keys;
pub mod listing;
mod newest;
pub mod rows;
