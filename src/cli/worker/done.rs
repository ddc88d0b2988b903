//! What became of one input.

use std::io;
use std::path::{Path, PathBuf};

use dehusk::io::{Compression, Escaped, Excerpt, Finished, Record, Seal};

use super::write::{NotWritten, Written};

/// What became of an input.
pub struct Done {
    pub record: Record,
    /// The record's line for reports.
    pub line: String,
    /// What the user calls the input.
    pub shown: PathBuf,
    /// The body, for standard output.
    pub body: Option<Vec<u8>>,
    pub diff: String,
    /// How the report page may show the document.
    pub excerpt: Option<Excerpt>,
    /// What was written.
    pub written: Option<PathBuf>,
    /// Its path before it got another name.
    pub item: PathBuf,
    /// Length and hash of the file that was read, and of the one that was written.
    pub input: Option<Seal>,
    pub output: Option<Seal>,
    /// A copy that takes its input's place once the record is safe.
    pub replacement: Option<Finished>,
    /// Why the output cannot be written any more.
    pub fatal: Option<(PathBuf, io::Error)>,
    /// A mistake in dehusk.
    pub internal: bool,
}

impl Done {
    pub fn of(record: Record) -> Self {
        Self {
            record,
            line: String::new(),
            shown: PathBuf::new(),
            body: None,
            diff: String::new(),
            excerpt: None,
            written: None,
            item: PathBuf::new(),
            input: None,
            output: None,
            replacement: None,
            fatal: None,
            internal: false,
        }
    }

    /// Says that the record is of what a compressed file holds.
    pub(super) fn packed(mut self, compression: Compression) -> Self {
        let has_content = self.record.bytes.is_some() && compression != Compression::None;
        self.record.compression = has_content.then(|| compression.name().to_owned());
        self
    }

    pub(super) fn with(mut self, written: Written) -> Self {
        match written {
            Written::Nothing | Written::Body => {}
            Written::File(path, seal) => {
                self.written = Some(path);
                self.output = Some(seal);
            }
            Written::Replacement(finished) => self.replacement = Some(finished),
        }
        self
    }

    pub(super) fn not(path: &Path, not: NotWritten) -> Self {
        match not {
            NotWritten::One(error) => Self::of(Record::failed(path, error)),
            NotWritten::Fatal(target, e) => {
                let record = Record::failed(path, format!("cannot write {}: {e}", Escaped::path(&target)));
                Self { fatal: Some((target, e)), ..Self::of(record) }
            }
        }
    }
}
