//! Paths in reports, whatever their bytes.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A path in a report: text, or `{"bytes": "base64"}` where it is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordPath {
    /// A path in UTF-8.
    Text(String),
    /// Any other path.
    Raw {
        /// Its bytes in base64.
        bytes: String,
    },
}

impl From<&Path> for RecordPath {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            // One form on every system.
            Some(text) if cfg!(windows) => Self::Text(text.replace('\\', "/")),
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Raw { bytes: BASE64.encode(path.as_os_str().as_encoded_bytes()) },
        }
    }
}

impl RecordPath {
    /// The path.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Report`] when the bytes are no base64, or no path on this system.
    pub fn to_path(&self) -> Result<PathBuf> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, format!("a path in the report {what}"));
        match self {
            Self::Text(text) => Ok(PathBuf::from(text)),
            Self::Raw { bytes } => {
                let bytes = BASE64.decode(bytes).map_err(|_| wrong("is no base64"))?;
                #[cfg(unix)]
                {
                    use std::os::unix::ffi::OsStringExt;
                    Ok(std::ffi::OsString::from_vec(bytes).into())
                }
                #[cfg(not(unix))]
                String::from_utf8(bytes).map(PathBuf::from).map_err(|_| wrong("is none on this system"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_of_any_bytes_comes_back() {
        use std::os::unix::ffi::OsStrExt;
        for bytes in [&b"a/b.txt"[..], b"\xff\xfe.html", b"new\nline"] {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            let json = serde_json::to_string(&RecordPath::from(path)).unwrap();
            assert_eq!(serde_json::from_str::<RecordPath>(&json).unwrap().to_path().unwrap(), path);
        }
    }
}
