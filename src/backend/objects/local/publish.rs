//! From a complete body to a visible object.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::staged::Staged;
use super::{at, sidecar};
use crate::backend::objects::{Commit, NewObject};

/// Steps 1 to 3 of the module's documentation, starting with the sync of the body, which is already under
/// way and which `synced` waits for. Dropping `staged` removes the first name.
pub(super) fn publish(
    root: &Path,
    object: &NewObject,
    staged: &Staged,
    path: &Path,
    synced: impl FnOnce() -> io::Result<()>,
) -> io::Result<Commit> {
    let prepared = prepare(root, object, staged, path, synced);
    let linked = prepared.and_then(|()| match fs::hard_link(staged.path(), path) {
        Ok(()) => Ok(Commit::Created),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => taken(staged, path),
        Err(error) => Err(error),
    });
    match linked {
        Ok(Commit::Created) => {}
        Ok(_) => sidecar::remove(root, &staged.file().metadata()?)?,
        // The original error is returned, not that of the clean-up.
        Err(_) => drop(
            staged
                .file()
                .metadata()
                .map(|file| sidecar::remove(root, &file)),
        ),
    }
    linked.map_err(|error| at(path, &error))
}

/// Step 4: puts the name of the object at `path` on disk.
pub(super) fn keep(root: &Path, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    sync_folder(folder).map_err(|error| at(folder, &error))
}

/// Decides what it means that the final name is taken. It may be taken by this very file: if an answer is
/// lost, a network file system sends the request again, and then finds the name there (link(2), "BUGS").
fn taken(staged: &Staged, path: &Path) -> io::Result<Commit> {
    let own = staged.file().metadata()?;
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(found) if (found.dev(), found.ino()) == (own.dev(), own.ino()) => Ok(Commit::Created),
        _ => Ok(Commit::Exists),
    }
}

/// Puts on disk everything that has to be there before the object may be visible: its metadata and its
/// folders, and its body, whose sync is waited for last.
fn prepare(
    root: &Path,
    object: &NewObject,
    staged: &Staged,
    path: &Path,
    synced: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let file = staged.file().metadata()?;
    let described = sidecar::write(root, object, &file).and_then(|()| make_folders(root, path));
    // Waited for in any case, so that the file is not abandoned while it is in use.
    synced().and(described)?;
    // If the file is on another machine, its time of modification may only be known now, by that machine's
    // clock.
    let now = staged.file().metadata()?;
    if sidecar::tells_apart(&file, &now) {
        sidecar::write(root, object, &now)?;
    }
    Ok(())
}

/// Creates the folders between `root` and `path`, each one on disk before anything is put into it.
fn make_folders(root: &Path, path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root && !folder.is_dir())
        .collect();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Ok(()) => sync_folder(folder.parent().unwrap_or(root))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(ErrorKind::NotADirectory.into());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::io::Write;
    use std::time::SystemTime;

    use super::*;
    use crate::backend::objects::{Kind, Metadata};
    use crate::backend::provenance::RunId;
    use crate::vocabulary::{ObjectKey, SequenceId, Watermark};

    fn object() -> NewObject {
        let at = Watermark::now();
        NewObject {
            key: ObjectKey::new("payment/1"),
            metadata: Metadata {
                kind: Kind::Ingest,
                from: None,
                to: at,
                watermark: at,
                sequence_id: SequenceId::FIRST,
                rows: 1,
                run: RunId::random(),
                schema: "1f3a".to_owned(),
                timezone: None,
                row_time: None,
                backfill: None,
            },
            content_type: "application/jsonl",
            content_encoding: None,
        }
    }

    fn staged(root: &Path, object: &NewObject) -> Staged {
        let staged = super::super::staged::stage(root, &object.key).expect("a file");
        staged.file().write_all(b"{}\n").expect("written");
        staged
    }

    #[test]
    fn a_body_that_cannot_be_synced_gets_neither_name_nor_metadata() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, object) = (folder.path(), object());
        let (staged, path) = (staged(root, &object), root.join("payment/1"));
        let synced = || Err(io::Error::other("the disk is gone"));
        let error = publish(root, &object, &staged, &path, synced).expect_err("not synced");
        assert!(error.to_string().contains("the disk is gone"), "{error}");
        assert!(!path.exists());
        let file = staged.file().metadata().expect("a file");
        let found = sidecar::read(root, &object.key, &file).expect("read");
        assert_eq!(found, None);
    }

    #[test]
    fn a_name_that_was_given_although_the_answer_was_lost_is_that_of_the_object() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, object) = (folder.path(), object());
        let (staged, path) = (staged(root, &object), root.join("payment/1"));
        fs::create_dir(root.join("payment")).expect("a folder");
        fs::hard_link(staged.path(), &path).expect("linked");
        let commit = publish(root, &object, &staged, &path, || Ok(())).expect("published");
        assert_eq!(commit, Commit::Created);
        let file = fs::metadata(&path).expect("an object");
        let found = sidecar::read(root, &object.key, &file).expect("read");
        assert_eq!(found, Some(object.metadata.to_map()));
        // A name that belongs to somebody else's file is not.
        let second = super::super::staged::stage(root, &object.key).expect("a file");
        let commit = publish(root, &object, &second, &path, || Ok(())).expect("published");
        assert_eq!(commit, Commit::Exists);
    }

    #[test]
    fn a_name_that_is_not_put_on_disk_is_told_with_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = keep(folder.path(), &folder.path().join("gone/1")).expect_err("no folder");
        assert!(error.to_string().contains("/gone: "), "{error}");
        keep(folder.path(), &folder.path().join("1")).expect("synced");
    }

    #[test]
    fn a_body_whose_time_is_known_only_once_it_is_synced_has_its_metadata() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, object) = (folder.path(), object());
        let (staged, path) = (staged(root, &object), root.join("payment/1"));
        let later = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        let synced = || staged.file().set_times(later);
        let commit = publish(root, &object, &staged, &path, synced).expect("published");
        assert_eq!(commit, Commit::Created);
        let file = fs::metadata(&path).expect("an object");
        let found = sidecar::read(root, &object.key, &file).expect("read");
        assert_eq!(found, Some(object.metadata.to_map()));
    }
}
