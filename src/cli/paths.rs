//! Which file a path really is: names lie, devices and inodes do not.

use std::io;
use std::path::{Path, PathBuf};

/// Where output goes; a dash is standard output, as nothing is.
pub fn file_of(output: Option<&PathBuf>) -> Option<&PathBuf> {
    output.filter(|path| path.as_os_str() != "-")
}

/// What a path leads to, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] PathBuf);

impl Identity {
    /// Of a path that is there; links are followed.
    pub fn of(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = path.metadata()?;
            Ok(Self((metadata.dev(), metadata.ino())))
        }
        #[cfg(not(unix))]
        path.canonicalize().map(Self)
    }

    /// Of a path and all folders it is in, itself first. Parts that are not there yet are left out.
    pub fn chain(path: &Path) -> io::Result<Vec<Self>> {
        let real = existing(path)?;
        real.ancestors().map(Self::of).collect()
    }
}

/// The nearest part of a path that is there, without links.
fn existing(path: &Path) -> io::Result<PathBuf> {
    let full = std::path::absolute(path)?;
    let mut last = None;
    for part in full.ancestors() {
        match part.canonicalize() {
            Ok(real) => return Ok(real),
            Err(e) => last = Some(e),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

/// `out` with `.report` behind its name: reports go beside the output, so that globbing it gives documents only.
pub fn report_folder(out: &Path) -> io::Result<PathBuf> {
    let named = match out.file_name() {
        Some(_) => out.to_path_buf(),
        // `.` and `..` have no name of their own.
        None => out.canonicalize()?,
    };
    let mut name = named.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".report");
    Ok(named.with_file_name(name))
}
