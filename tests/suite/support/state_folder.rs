//! A state folder with a demo in it, of which nothing is left afterwards.

use std::path::Path;

/// A state folder for one or several programs. If the demo keeps its cluster elsewhere, as it does for root, the
/// cluster is removed as well.
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
