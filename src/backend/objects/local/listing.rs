//! Files below a folder, in the order of their keys.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use super::{OWN_FOLDER, at, is_absent, modified};
use crate::backend::objects::ObjectSummary;
use crate::vocabulary::ObjectKey;

/// What to list, and what has been found so far.
struct Listing<'a> {
    prefix: &'a str,
    after: Option<&'a str>,
    limit: usize,
    found: Vec<ObjectSummary>,
}

/// Lists the first `limit` files whose keys start with `prefix` and sort after `after`. Only
/// folders that can hold such keys are opened. Names that are not UTF-8 cannot be keys and are left
/// out, as is everything behind a symbolic link to a folder.
pub(super) fn list(
    root: &Path,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> io::Result<Vec<ObjectSummary>> {
    let mut listing = Listing {
        prefix,
        after,
        limit,
        found: Vec::new(),
    };
    listing.walk(root, "")?;
    Ok(listing.found)
}

impl Listing<'_> {
    /// Lists `folder`, whose keys all start with `base`.
    fn walk(&mut self, folder: &Path, base: &str) -> io::Result<()> {
        // Folder names are sorted with the slash that follows them in every key below: only then is
        // the order of names within a folder the order of keys (`a-b` sorts before `a/c`).
        let mut names: Vec<String> = match fs::read_dir(folder) {
            Ok(entries) => entries
                .map(|entry| entry.and_then(|entry| name(&entry)))
                .filter_map(Result::transpose)
                .collect::<io::Result<_>>()
                .map_err(|error| at(folder, &error))?,
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(at(folder, &error)),
        };
        names.sort_unstable();
        for name in names {
            if self.found.len() >= self.limit {
                break;
            }
            let key = format!("{base}{name}");
            if key == format!("{OWN_FOLDER}/") {
                continue;
            }
            if name.ends_with('/') {
                if self.may_hold(&key) {
                    self.walk(&folder.join(&name), &key)?;
                }
            } else if self.wants(&key) {
                self.add(&folder.join(&name), key)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, key: String) -> io::Result<()> {
        match fs::metadata(path) {
            Ok(file) if file.is_file() => self.found.push(ObjectSummary {
                key: ObjectKey::new(key),
                bytes: file.len(),
                modified: modified(&file),
            }),
            Ok(_) => {}
            // Removed since the folder was read, or a dangling link.
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(at(path, &error)),
        }
        Ok(())
    }

    fn wants(&self, key: &str) -> bool {
        key.starts_with(self.prefix) && self.after.is_none_or(|after| key > after)
    }

    /// Whether a key that starts with `base` can be wanted.
    fn may_hold(&self, base: &str) -> bool {
        (base.starts_with(self.prefix) || self.prefix.starts_with(base))
            && self
                .after
                .is_none_or(|after| base > after || after.starts_with(base))
    }
}

/// The name of an entry, with a slash appended for a folder.
fn name(entry: &DirEntry) -> io::Result<Option<String>> {
    let Ok(mut name) = entry.file_name().into_string() else {
        return Ok(None);
    };
    if entry.file_type()?.is_dir() {
        name.push('/');
    }
    Ok(Some(name))
}
