//! Finds the server's binaries on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Step;
use super::error::DemoError;
use super::fetch;
use super::identity::Identity;

/// The environment variable that names the folder of the binaries.
pub const VARIABLE: &str = "HIGHWATER_POSTGRES_BIN";

/// The oldest major version that the demo supports.
const OLDEST: u32 = 13;

/// Where packages install the binaries, as the parent folder, the prefix of the versioned folder, and the rest:
/// Debian and Ubuntu, PostgreSQL's own packages for Fedora and RHEL, Homebrew on Apple silicon and on Intel,
/// Postgres.app.
const PACKAGED: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A folder with an `initdb` and a `postgres` that the server's user can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

/// The places to search, in this order.
#[derive(Debug, Clone)]
pub struct Search {
    named: Option<PathBuf>,
    places: Vec<Place>,
    cache: PathBuf,
}

/// One place: its name for messages, and the folders that exist there.
#[derive(Debug, Clone)]
struct Place {
    name: String,
    folders: Vec<PathBuf>,
}

impl Search {
    /// A search of the user's own choice, PATH, the usual folders, and earlier downloads in `cache`.
    #[must_use]
    pub fn everywhere(cache: PathBuf) -> Self {
        let mut search = Self::only(std::env::var_os("PATH").unwrap_or_default(), cache);
        search.named = std::env::var_os(VARIABLE)
            .filter(|value| !value.is_empty())
            // Made absolute because its programs are run from another folder.
            .and_then(|folder| std::path::absolute(folder).ok());
        let packaged = PACKAGED.map(|(parent, prefix, rest)| Place {
            name: format!("{parent}/{prefix}*/{rest}"),
            folders: versioned(Path::new(parent), prefix, rest),
        });
        search.places.splice(1..1, packaged);
        search.places.insert(
            3,
            Place {
                name: "/usr/bin".into(),
                folders: vec!["/usr/bin".into()],
            },
        );
        search
    }

    /// A search of only the folders of `path`, written as in PATH, and earlier downloads in `cache`.
    #[must_use]
    pub fn only(path: impl AsRef<OsStr>, cache: PathBuf) -> Self {
        Self {
            named: None,
            places: vec![
                Place {
                    name: "PATH".into(),
                    folders: std::env::split_paths(&path)
                        .filter_map(|folder| real_folder(&folder))
                        .collect(),
                },
                Place {
                    name: cache.join("postgresql-*/bin").display().to_string(),
                    folders: versioned(&cache, "postgresql-", "bin"),
                },
            ],
            cache,
        }
    }

    /// Returns the first usable binaries, of the major version `wanted` if one is given; downloads them if there
    /// are none.
    ///
    /// # Errors
    /// [`DemoError::NamedBinaries`] if the folder that the user named is unusable, [`DemoError::OtherVersion`] or
    /// [`DemoError::NoBinaries`] if none can be found or downloaded.
    pub(super) async fn find(
        &self,
        identity: Identity,
        wanted: Option<Wanted<'_>>,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Binaries, DemoError> {
        let major = wanted.map(|wanted| wanted.major);
        if let Some(folder) = &self.named {
            return inspect(folder, identity, major).await.map_err(|reason| {
                DemoError::NamedBinaries {
                    folder: folder.clone(),
                    reason,
                }
            });
        }
        let looked = match self.look(identity, major).await {
            Ok(binaries) => return Ok(binaries),
            Err(looked) => looked,
        };
        tell(Step::Fetching);
        let fetch = match fetch::fetch(&self.cache, major).await {
            Ok(fetched) => match inspect(&fetched.join("bin"), identity, major).await {
                Ok(binaries) => return Ok(binaries),
                Err(reason) => format!(
                    "what was downloaded to {} {reason}; remove it, and it is downloaded again",
                    fetched.display()
                ),
            },
            Err(reason) => reason,
        };
        Err(match wanted {
            Some(Wanted { major, cluster }) => DemoError::OtherVersion {
                cluster: cluster.to_owned(),
                made: major,
                looked,
                fetch,
            },
            None => DemoError::NoBinaries { looked, fetch },
        })
    }

    /// Tries every place; otherwise says for each why it is unusable.
    async fn look(&self, identity: Identity, major: Option<u32>) -> Result<Binaries, Vec<String>> {
        let mut looked = Vec::new();
        for place in &self.places {
            if place.folders.is_empty() {
                looked.push(format!("{}: nothing there", place.name));
            }
            for folder in &place.folders {
                match inspect(folder, identity, major).await {
                    Ok(binaries) => return Ok(binaries),
                    Err(reason) => looked.push(format!("{}, which {reason}", folder.display())),
                }
            }
        }
        Err(looked)
    }
}

/// The version that an existing cluster needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) major: u32,
    pub(super) cluster: &'a Path,
}

/// The folder that really contains the `postgres` of a folder on PATH: `initdb` finds its share folder relative to
/// it, and PATH often holds only links. Relative folders are left out, since they depend on where the program was
/// started.
fn real_folder(folder: &Path) -> Option<PathBuf> {
    if folder.is_relative() {
        return None;
    }
    let server = folder.join("postgres").canonicalize().ok()?;
    server.parent().map(Path::to_owned)
}

/// The folders `parent/prefixVERSION/rest` that exist, newest version first.
fn versioned(parent: &Path, prefix: &str, rest: &str) -> Vec<PathBuf> {
    let mut found: Vec<(Vec<u32>, PathBuf)> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?;
            let parts: Option<Vec<u32>> =
                version.split('.').map(|part| part.parse().ok()).collect();
            let folder = entry.path().join(rest);
            folder.is_dir().then_some((parts?, folder))
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Checks that a folder contains a server that the server's user can run; otherwise says why not, as the rest of a
/// sentence that begins with the folder.
async fn inspect(
    folder: &Path,
    identity: Identity,
    wanted: Option<u32>,
) -> Result<Binaries, String> {
    for name in ["postgres", "initdb"] {
        if !folder.join(name).is_file() {
            return Err(format!("holds no {name}"));
        }
    }
    let output = identity
        .command(folder.join("postgres"))
        .arg("--version")
        .output()
        .await
        .map_err(|error| {
            format!(
                "holds a postgres that user id {} cannot run: {error}",
                identity.uid()
            )
        })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(major) = major_version(&text) else {
        let text = if output.status.success() {
            text
        } else {
            String::from_utf8_lossy(&output.stderr)
        };
        return Err(format!(
            "holds a postgres that does not say its version: {}",
            text.trim()
        ));
    };
    if major < OLDEST {
        return Err(format!("holds version {major}, older than {OLDEST}"));
    }
    match wanted {
        Some(wanted) if wanted != major => Err(format!("holds version {major}, not {wanted}")),
        _ => Ok(Binaries {
            folder: folder.to_owned(),
            major,
        }),
    }
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; development versions (`17devel`)
/// work as well.
fn major_version(text: &str) -> Option<u32> {
    let rest = text.split_once("(PostgreSQL) ")?.1;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_form() {
        for (text, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17devel\n", Some(17)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("postgres: not found", None),
            ("", None),
        ] {
            assert_eq!(major_version(text), major, "{text:?}");
        }
    }

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9", "16", "13", "16.4.0", "common", "15"] {
            std::fs::create_dir_all(parent.path().join(name).join("bin")).unwrap();
        }
        std::fs::create_dir_all(parent.path().join("17")).unwrap();
        let names: Vec<_> = versioned(parent.path(), "", "bin")
            .into_iter()
            .map(|folder| folder.parent().unwrap().file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["16.4.0", "16", "15", "13", "9"]);
    }
}
