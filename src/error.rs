//! The one error type: what went wrong, where, and what to do.

use std::fmt;

/// What kind of mistake an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A rule pack is malformed or unsound.
    Pack,
    /// An option has a value that makes no sense.
    Config,
    /// A file could not be read or written.
    Io,
    /// A report does not fit the body it is said to belong to.
    Report,
    /// A trained model's file is damaged or of another version.
    Model,
}

/// An error from configuration, packs, reports or files; never from a page's bytes.
///
/// Cleaning itself cannot fail: a page that is too odd to clean passes through whole, with a reason.
#[derive(Debug)]
pub struct Error {
    repr: Box<Repr>,
}

#[derive(Debug)]
struct Repr {
    kind: ErrorKind,
    message: String,
    place: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// `message` says what is wrong and what to do about it.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { repr: Box::new(Repr { kind, message: message.into(), place: None, source: None }) }
    }

    /// Says where: a file, a line of a file, a rule.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.repr.place = Some(place.into());
        self
    }

    #[cfg_attr(not(feature = "io"), allow(dead_code, reason = "only files have causes"))]
    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.repr.source = Some(source.into());
        self
    }

    /// What kind of mistake this is.
    pub fn kind(&self) -> ErrorKind {
        self.repr.kind
    }

    /// Where it happened, when it has a place: `file:line:column` for packs, a path for files.
    pub fn place(&self) -> Option<&str> {
        self.repr.place.as_deref()
    }

    /// What is wrong and what to do, without the place.
    pub fn message(&self) -> &str {
        &self.repr.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.repr.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.repr.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.repr.source.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}

/// `Result` with dehusk's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
