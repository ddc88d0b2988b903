//! Writing a file whole or not at all, and only where it belongs.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use tempfile::{NamedTempFile, TempPath};
use xxhash_rust::xxh3::xxh3_64;

use super::files::{FoundKind, Walk};
use super::journal::Seal;
use super::read::HashedWrite;

/// What unfinished files are called: a name that no page has.
const PREFIX: &str = ".dehusk-tmp.";
/// What files are called that a later run may go on with.
const PARTIAL: &str = ".dehusk-part.";

/// A folder that output goes below. Nothing is written outside: paths must be relative without `..`, and a symbolic link
/// in the tree is refused, wherever it leads.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    replace: bool,
    /// The folder that was found sound last: files come folder by folder.
    sound: Mutex<PathBuf>,
}

/// A file that is being written, under another name in its own folder. Dropped, it is gone.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    target: PathBuf,
    replace: bool,
}

/// A file that is written and only lacks its name.
#[derive(Debug)]
pub struct Finished {
    temp: TempPath,
    target: PathBuf,
    replace: bool,
}

impl Tree {
    /// A folder, which is made when the first file is written. `replace` says whether files that are there may be
    /// replaced.
    pub fn new(root: impl Into<PathBuf>, replace: bool) -> Self {
        Self { root: root.into(), replace, sound: Mutex::default() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a file at a path below the folder.
    ///
    /// # Errors
    ///
    /// What the system says; `AlreadyExists` for what may not be replaced; `InvalidInput` for a path that leads out.
    pub fn draft(&self, relative: &Path) -> io::Result<Draft> {
        if !is_inside(relative) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the output folder"));
        }
        let target = self.root.join(relative);
        let folder = target.parent().unwrap_or(&self.root);
        self.make(folder)?;
        Draft::new(target, self.replace)
    }

    /// Begins or takes up a file at a path below the folder that may be gone on with after the process ended.
    ///
    /// # Errors
    ///
    /// As [`draft`](Self::draft), and as taking up a partial file.
    pub fn partial(&self, relative: &Path, done: Option<&Seal>) -> io::Result<Partial> {
        if !is_inside(relative) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the output folder"));
        }
        let target = self.root.join(relative);
        self.make(target.parent().unwrap_or(&self.root))?;
        Partial::new(target, self.replace, done)
    }

    /// Makes the folders down to `folder`, and checks that none is a link.
    fn make(&self, folder: &Path) -> io::Result<()> {
        // A thread that panicked here left a folder that is sound all the same.
        let mut sound = self.sound.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *sound == folder {
            return Ok(());
        }
        fs::create_dir_all(&self.root)?;
        let mut at = self.root.clone();
        for part in folder.strip_prefix(&self.root).unwrap_or(Path::new("")) {
            at.push(part);
            match fs::create_dir(&at) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                _ => {}
            }
            if !at.symlink_metadata()?.is_dir() {
                return Err(io::Error::new(
                    io::ErrorKind::NotADirectory,
                    "a symbolic link or file stands where a folder of the output should be",
                ));
            }
        }
        folder.clone_into(&mut sound);
        Ok(())
    }
}

/// Whether a path leads below the folder it is relative to.
pub(crate) fn is_inside(path: &Path) -> bool {
    path.components().all(|c| matches!(c, Component::Normal(_))) && path.file_name().is_some()
}

impl Draft {
    /// Begins a file beside `target`.
    ///
    /// # Errors
    ///
    /// What the system says; `AlreadyExists` when something is there that may not be replaced.
    pub fn new(target: impl Into<PathBuf>, replace: bool) -> io::Result<Self> {
        let target = target.into();
        match target.symlink_metadata() {
            Ok(found) if !replace || !found.is_file() => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let folder = target.parent().filter(|p| *p != OsStr::new("")).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any program makes files; the umask takes its part.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        Ok(Self { file: builder.tempfile_in(folder)?, target, replace })
    }

    /// What its name will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file the permissions of the one it replaces.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.file.as_file().set_permissions(permissions)
    }

    /// Makes what was written outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Ends the writing. The file still lacks its name.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(mut self) -> io::Result<Finished> {
        self.file.flush()?;
        Ok(Finished { temp: self.file.into_temp_path(), target: self.target, replace: self.replace })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that is being written under another name in its own folder, and stays there when the process ends: a later one
/// goes on with it.
#[derive(Debug)]
pub struct Partial {
    out: HashedWrite<File>,
    temp: PathBuf,
    target: PathBuf,
    replace: bool,
}

impl Partial {
    /// Begins a file beside `target`; or goes on with one, whose first bytes are `done`, and gives up what is behind them.
    ///
    /// # Errors
    ///
    /// What the system says; `AlreadyExists` when something is there that may not be replaced; `InvalidData` when the file
    /// to go on with does not begin with what is done.
    pub fn new(target: impl Into<PathBuf>, replace: bool, done: Option<&Seal>) -> io::Result<Self> {
        let target = target.into();
        match target.symlink_metadata() {
            Ok(found) if !replace || !found.is_file() => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let temp = partial_of(&target);
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.custom_flags(libc::O_NOFOLLOW);
        }
        let Some((len, hash)) = done else {
            match fs::remove_file(&temp) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let file = options.write(true).create_new(true).open(&temp)?;
            return Ok(Self { out: HashedWrite::new(file), temp, target, replace });
        };
        let file = options.read(true).write(true).open(&temp)?;
        let mut same = HashedWrite::new(io::sink());
        io::copy(&mut (&file).take(*len), &mut same)?;
        if same.so_far() != (*len, hash.clone()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it does not begin with what was finished of it"));
        }
        file.set_len(*len)?;
        Ok(Self { out: same.into(file), temp, target, replace })
    }

    /// Length and hash of what is written.
    pub fn seal(&self) -> Seal {
        self.out.so_far()
    }

    /// What its name will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Makes what was written outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.out.get_ref().sync_all()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// As [`Finished::commit`].
    pub fn commit(self) -> io::Result<PathBuf> {
        let temp = TempPath::try_from_path(self.temp)?;
        Finished { temp, target: self.target, replace: self.replace }.commit()
    }
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The name of a file that is not finished: short, whatever its own is.
pub fn partial_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    target.with_file_name(format!("{PARTIAL}{:016x}", xxh3_64(name)))
}

/// Removes what a run that was ended left unfinished below a folder.
///
/// # Errors
///
/// What the system says.
pub fn sweep(root: &Path) -> io::Result<()> {
    if !root.is_dir() {
        return Ok(());
    }
    for found in Walk::new(root, |_: &Path, _| false)? {
        let name = found.path.file_name().unwrap_or_default().as_encoded_bytes();
        if matches!(found.kind, FoundKind::File { .. }) && name.starts_with(PREFIX.as_bytes()) {
            fs::remove_file(root.join(&found.path))?;
        }
    }
    Ok(())
}

impl Finished {
    /// What its name will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its name: it is there from one moment to the next, whole.
    ///
    /// # Errors
    ///
    /// What the system says; `AlreadyExists` when something is there that may not be replaced.
    pub fn commit(self) -> io::Result<PathBuf> {
        let done =
            if self.replace { self.temp.persist(&self.target) } else { self.temp.persist_noclobber(&self.target) };
        done.map(|()| self.target).map_err(|e| e.error)
    }
}

/// Makes the names in a file's folder outlive a loss of power.
///
/// # Errors
///
/// What the system says.
pub fn sync_folder(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = file.parent().filter(|p| *p != OsStr::new("")).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(tree: &Tree, path: &str, text: &str) -> io::Result<PathBuf> {
        let mut draft = tree.draft(path.as_ref())?;
        draft.write_all(text.as_bytes())?;
        draft.finish()?.commit()
    }

    #[test]
    fn whole_or_not_at_all_and_never_outside() {
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree::new(dir.path().join("out"), false);
        let path = write(&tree, "a/b.txt", "one").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(write(&tree, "a/b.txt", "two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        write(&Tree::new(tree.root(), true), "a/b.txt", "two").unwrap();
        drop(tree.draft("a/c.txt".as_ref()).unwrap());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        for outside in ["../x", "a/../../x", "/etc/x", "", "a/.."] {
            assert_eq!(write(&tree, outside, "x").unwrap_err().kind(), io::ErrorKind::InvalidInput, "{outside}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_planted_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        fs::create_dir_all(dir.path().join("out")).unwrap();
        fs::create_dir(&victim).unwrap();
        std::os::unix::fs::symlink(&victim, dir.path().join("out/sub")).unwrap();
        std::os::unix::fs::symlink(victim.join("new"), dir.path().join("out/file")).unwrap();
        let tree = Tree::new(dir.path().join("out"), true);
        assert!(write(&tree, "sub/x", "x").is_err());
        assert!(write(&tree, "file", "x").is_err());
        assert_eq!(fs::read_dir(victim).unwrap().count(), 0);
    }
}
