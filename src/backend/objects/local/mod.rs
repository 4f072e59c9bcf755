//! objects/local
