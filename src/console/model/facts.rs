//! What the console knows of the profile from the start.

use crate::config::Safety;
use crate::text::{shell, visible};
use crate::vocabulary::watermark::Spelling;

/// What is known of the profile before anything has been opened.
#[derive(Debug, Clone)]
pub struct Facts {
    pub profile: String,
    /// The configuration file, where it is not the one that a command finds by itself.
    pub config: Option<String>,
    /// Colour of the profile's name, one of the sixteen by name or `#rrggbb`.
    pub colour: String,
    pub safety: Safety,
    pub demo: bool,
    /// Where the rows come from: `totesys @ db.example.com`.
    pub source: String,
    /// Where the objects go: `s3://ingest-prod`.
    pub objects: String,
    /// The region of AWS that they are in, where they are there and it is known.
    pub region: Option<String>,
    /// How stored timestamps are spelt, and typed ones meant.
    pub spelling: Spelling,
}

impl Facts {
    /// Why nothing is written, where nothing may be. The flag makes every profile one that reads.
    #[must_use]
    pub fn read_only(&self) -> String {
        let profile = visible(&self.profile);
        format!("read-only, by profile {profile} or by --read-only")
    }

    /// The beginning of a command line for the same profile: `highwater --profile prod`.
    #[must_use]
    pub fn program(&self) -> String {
        if self.demo {
            return "highwater --demo".to_owned();
        }
        let config = self.config.as_ref();
        let config = config.map_or_else(String::new, |file| format!("--config {} ", shell(file)));
        format!("highwater {config}--profile {}", shell(&self.profile))
    }
}
