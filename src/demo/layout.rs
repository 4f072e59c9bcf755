//! Where the demo keeps its files.
//!
//! Everything is below one folder that only the user can enter:
//!
//! | name | what |
//! |---|---|
//! | `cluster/` | PostgreSQL's data; a link to it if the user is root |
//! | `parameters.db` | the local parameter store |
//! | `objects/` | the local object store |
//! | `users.lock`, `server.lock` | who uses the demo, and whether its server is running (see [`super::server`]) |
//! | `postgres.log` | the log of the server's latest start |
//!
//! PostgreSQL refuses to run as root. The user it runs as instead cannot enter root's home folder, which is closed
//! to others, so for root the server's files are in `/var/lib/highwater/demo-HASH`, where HASH is a hash of the
//! path of the demo's folder.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::DemoError;
use super::identity::Identity;

/// The place of root's servers and downloaded binaries: readable by every user, writable only by root.
pub(super) const SHARED: &str = "/var/lib/highwater";

/// The longest path of a folder for a socket. The path of a socket has at most 103 bytes on macOS (107 on Linux),
/// of which 14 are `/.s.PGSQL.5432`.
const LONGEST_SOCKET_FOLDER: usize = 103 - 14;

/// The paths of one demo.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
    /// The folder of the server's own files: `root`, unless the server runs as another user.
    home: PathBuf,
    socket: PathBuf,
}

impl Layout {
    /// The paths below `root`. Creates nothing.
    pub(super) fn of(root: &Path) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let uid = rustix::process::geteuid();
        let hash = fnv1a(root.as_os_str().as_encoded_bytes());
        let home = if uid.is_root() {
            Path::new(SHARED).join(format!("demo-{hash:016x}"))
        } else {
            root.clone()
        };
        let socket = if home.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            home.clone()
        } else {
            Path::new("/tmp").join(format!("highwater-{}-{hash:016x}", uid.as_raw()))
        };
        Self { root, home, socket }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of the server's socket.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Where the cluster is looked for: a link to [`Self::data`] if that is in another place.
    pub(super) fn cluster(&self) -> PathBuf {
        self.root.join("cluster")
    }

    /// Where the cluster actually is.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("cluster")
    }

    pub(super) fn lifeline(&self) -> PathBuf {
        self.home.join("lifeline")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    pub(super) fn users_lock(&self) -> PathBuf {
        self.root.join("users.lock")
    }

    pub(super) fn server_lock(&self) -> PathBuf {
        self.root.join("server.lock")
    }

    pub(super) fn parameters(&self) -> PathBuf {
        self.root.join("parameters.db")
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// Creates the demo's folder, which only the user can enter.
    ///
    /// # Errors
    /// [`DemoError::Io`], or [`DemoError::NotOurs`] if another user created it first.
    pub(super) fn create(&self) -> Result<(), DemoError> {
        make_private(&self.root, rustix::process::geteuid().as_raw())
    }

    /// Creates the folders of the server, which only its user can enter.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub(super) fn create_for(&self, server: Identity) -> Result<(), DemoError> {
        if self.home != self.root {
            make_shared(Path::new(SHARED))?;
            make_private(&self.home, server.uid())?;
            server
                .own(&self.home)
                .map_err(DemoError::io("handing over", &self.home))?;
        }
        if self.socket != self.home {
            make_private(&self.socket, server.uid())?;
        }
        Ok(())
    }

    /// Removes everything except the locks, which other programs may be waiting for.
    ///
    /// # Errors
    /// [`DemoError::Io`].
    pub(super) fn remove(&self) -> Result<(), DemoError> {
        remove(&self.cluster())?;
        self.remove_stores()?;
        remove(&self.log())?;
        if self.home != self.root {
            remove(&self.home)?;
        }
        if self.socket != self.home {
            remove(&self.socket)?;
        }
        remove(&self.lifeline())
    }

    /// Removes the values and the objects of a cluster that is gone.
    ///
    /// # Errors
    /// [`DemoError::Io`].
    pub(super) fn remove_stores(&self) -> Result<(), DemoError> {
        remove(&self.parameters())?;
        for suffix in ["-wal", "-shm", "-journal"] {
            remove(&self.root.join(format!("parameters.db{suffix}")))?;
        }
        remove(&self.objects())
    }
}

/// Removes a file, a link or a whole folder, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), DemoError> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(DemoError::io("removing", path)(error))
        }
        _ => Ok(()),
    }
}

/// Creates a folder that only its owner can enter, or closes an existing one to others, unless it is another user's.
fn make_private(path: &Path, owner: u32) -> Result<(), DemoError> {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(DemoError::io("making the folder", path))?;
    let metadata =
        std::fs::symlink_metadata(path).map_err(DemoError::io("reading the folder", path))?;
    let own = rustix::process::geteuid().as_raw();
    if !metadata.is_dir() || (metadata.uid() != owner && metadata.uid() != own) {
        return Err(DemoError::NotOurs {
            path: path.to_owned(),
        });
    }
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))
        .map_err(DemoError::io("closing to other users the folder", path))
}

/// Creates a folder that every user can enter, or opens an existing one to every user.
///
/// # Errors
/// [`DemoError::Io`].
pub(super) fn make_shared(path: &Path) -> Result<(), DemoError> {
    std::fs::create_dir_all(path)
        .and_then(|()| std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)))
        .map_err(DemoError::io("making the folder", path))
}

/// The 64-bit FNV-1a hash: the same in every build, unlike the standard library's.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_socket_always_fits_its_address() {
        let deep = Path::new("/home/somebody").join("nested/".repeat(30));
        for root in [deep.as_path(), Path::new("/s")] {
            let layout = Layout::of(root);
            assert!(layout.socket().as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        }
    }
}
