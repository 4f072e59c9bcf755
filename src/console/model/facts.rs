//! What the console knows about the profile from the start.

use crate::config::Safety;
use crate::text::{shell, visible};
use crate::vocabulary::watermark::Spelling;

/// The profile, as far as it is known before anything has been opened.
#[derive(Debug, Clone)]
pub struct Facts {
    pub profile: String,
    /// The configuration file, unless it is the one that a command finds by itself.
    pub config: Option<String>,
    /// Colour of the profile's name: the name of one of the sixteen, or `#rrggbb`.
    pub colour: String,
    pub safety: Safety,
    pub demo: bool,
    /// The source of the rows: `totesys @ db.example.com`.
    pub source: String,
    /// The destination of the objects: `s3://ingest-prod`.
    pub objects: String,
    /// The AWS region of the objects, if they are in S3 and the region is known.
    pub region: Option<String>,
    /// How stored timestamps are written, and typed ones understood.
    pub spelling: Spelling,
}

impl Facts {
    /// The reason to give when nothing may be written. The flag makes any profile read-only.
    #[must_use]
    pub fn read_only(&self) -> String {
        let profile = visible(&self.profile);
        format!("read-only, by profile {profile} or by --read-only")
    }

    /// The start of a command line for the same profile: `highwater --profile prod`.
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
