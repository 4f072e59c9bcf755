//! A state folder with a demo in it, and nothing left of it.

use std::path::Path;

/// A folder for the state of one program or several; where the demo keeps its cluster elsewhere, as it
/// does for root, that goes with it.
pub struct StateFolder(tempfile::TempDir);

impl StateFolder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        for demo in ["demo", "highwater/demo"] {
            let Ok(cluster) = std::fs::read_link(self.path().join(demo).join("cluster")) else {
                continue;
            };
            if let Some(home) = cluster.parent() {
                let _ = std::fs::remove_dir_all(home);
            }
        }
    }
}
