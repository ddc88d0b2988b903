//! Finding files: everything under a folder, in one order, without following links.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Walks a folder. Hidden files are found like all others, no ignore file is read, symbolic links are reported and not
/// followed; names are sorted by their bytes within each folder. Memory grows with the names of one folder, not with the
/// tree.
pub struct Walk<S> {
    root: PathBuf,
    skip: S,
    folders: Vec<Folder>,
}

/// What is left of a folder.
struct Folder {
    /// Relative to the root.
    path: PathBuf,
    names: std::vec::IntoIter<OsString>,
}

/// Something found in a folder.
#[derive(Debug)]
pub struct Found {
    /// Its path below the folder that is walked.
    pub path: PathBuf,
    /// What it is.
    pub kind: FoundKind,
}

/// What was found.
#[derive(Debug)]
#[non_exhaustive]
pub enum FoundKind {
    /// A regular file of so many bytes.
    File {
        /// Its length when it was found.
        len: u64,
    },
    /// Something that is no document; the text says what, as in "a FIFO".
    Other(&'static str),
    /// A file or folder that could not be looked at.
    Unreadable(io::Error),
}

impl<S: FnMut(&Path, bool) -> bool> Walk<S> {
    /// Starts at a folder. `skip` gets each path below it and whether it is a folder; what it skips is not found, and a
    /// skipped folder is not entered.
    ///
    /// # Errors
    ///
    /// When the folder itself cannot be read.
    pub fn new(root: impl Into<PathBuf>, skip: S) -> io::Result<Self> {
        let root = root.into();
        let first = Folder { path: PathBuf::new(), names: names(&root)?.into_iter() };
        Ok(Self { root, skip, folders: vec![first] })
    }
}

impl<S: FnMut(&Path, bool) -> bool> Iterator for Walk<S> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let folder = self.folders.last_mut()?;
            let Some(name) = folder.names.next() else {
                self.folders.pop();
                continue;
            };
            let path = folder.path.join(name);
            let full = self.root.join(&path);
            let metadata = full.symlink_metadata();
            if (self.skip)(&path, metadata.as_ref().is_ok_and(fs::Metadata::is_dir)) {
                continue;
            }
            let metadata = match metadata {
                Ok(metadata) => metadata,
                Err(e) => return Some(Found { path, kind: FoundKind::Unreadable(e) }),
            };
            if metadata.is_dir() {
                match names(&full) {
                    Ok(names) => self.folders.push(Folder { path, names: names.into_iter() }),
                    Err(e) => return Some(Found { path, kind: FoundKind::Unreadable(e) }),
                }
                continue;
            }
            let kind = match kind_of(metadata.file_type()) {
                None => FoundKind::File { len: metadata.len() },
                Some(other) => FoundKind::Other(other),
            };
            return Some(Found { path, kind });
        }
    }
}

/// The names in a folder, sorted. One that vanishes while it is listed is no error.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names = fs::read_dir(folder)?.map(|entry| entry.map(|e| e.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// What a thing is that is no regular file.
pub(crate) fn kind_of(kind: fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let special = [
            (kind.is_fifo(), "a FIFO"),
            (kind.is_socket(), "a socket"),
            (kind.is_char_device(), "a device"),
            (kind.is_block_device(), "a device"),
        ];
        if let Some((_, name)) = special.into_iter().find(|(is, _)| *is) {
            return Some(name);
        }
    }
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link, which is not followed")
    } else if kind.is_dir() {
        Some("a folder")
    } else {
        Some("no regular file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_in_order_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["b/z.txt", "b/.hidden", "a.txt", "b.txt", "skipped/x.txt", ".gitignore"] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("..", dir.path().join("b/loop")).unwrap();
        let walk = Walk::new(dir.path(), |path: &Path, is_dir| is_dir && path.ends_with("skipped")).unwrap();
        let found: Vec<_> =
            walk.map(|f| (f.path.display().to_string(), matches!(f.kind, FoundKind::File { len: 1 }))).collect();
        let want = [
            (".gitignore", true),
            ("a.txt", true),
            ("b/.hidden", true),
            ("b/loop", false),
            ("b/z.txt", true),
            ("b.txt", true),
        ];
        assert_eq!(found, want.map(|(p, file)| (p.to_owned(), file)));
    }
}
