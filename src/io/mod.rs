//! Files: finding and reading them, writing them whole or not at all, and the report that restores them.
//!
//! # The report
//!
//! A run writes `removals.jsonl` with one [`Record`] for each input, in input order: everything that was found is
//! accounted for. The JSON Schemas of both report files are shipped in `schema/`. Fields may be added; what is there
//! keeps its meaning within one major number of `schema`.

#[cfg(feature = "parquet")]
#[doc(hidden)]
pub mod arrow;
mod atomic;
mod chunks;
mod compress;
mod escaped;
mod files;
mod http;
mod journal;
mod jsonl;
mod new_rule;
mod page;
#[cfg(feature = "parquet")]
mod parquet;
mod positions;
mod read;
mod record;
mod removals;
mod strings;
mod summary;
mod visible;
mod warc;

pub use atomic::{Draft, Finished, Partial, Tree, partial_of, sweep, sync_folder};
pub use chunks::{Chunk, Chunks, Framing, Why};
pub use compress::{Compression, Member, Packer, Unpacker};
pub use escaped::Escaped;
pub use files::{Found, FoundKind, Walk};
pub use http::html_page;
pub use journal::{Entry, Found as FoundJournal, Journal, NoJournal, Seal};
pub use jsonl::{Fields, JsonLine};
pub use new_rule::NewRule;
pub use page::{About, Excerpt, Picker, Review, excerpts_of};
#[cfg(feature = "parquet")]
pub use parquet::{ParquetFile, ParquetShape, ParquetWriter, RemovedRows, Row, Rows, RowsReader};
pub use read::{HashedWrite, Input, TextOrNot, copy_hashed, has_memory_for, is_html, read_up_to, seal_of};
pub use record::{Ending, OldHead, Record, RecordPath, Removed, ReportText, hash};
pub use removals::RecordWriter;
pub use strings::{StringCount, Strings};
pub use summary::{Count, Outlier, Problem, Summary};
pub use visible::Visible;
pub use warc::{Head, WarcRecord, conversion};

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::rules::{MAX_PACK_BYTES, Pack};

impl Error {
    /// A file that could not be read or written.
    pub(crate) fn file(path: &Path, doing: &str, cause: std::io::Error) -> Self {
        let place = Escaped::path(path).to_string();
        Error::new(ErrorKind::Io, format!("{doing}: {cause}")).at(place).caused_by(cause)
    }
}

/// Stands for the built-in rules and weights: another version of dehusk may bring others.
pub fn built_in() -> u64 {
    let rules = [crate::rules::builtin::bytes()];
    rules
        .into_iter()
        .chain(crate::model::builtin_bytes())
        .fold(0, |hash, bytes| xxhash_rust::xxh3::xxh3_64_with_seed(bytes, hash))
}

impl Pack {
    /// Reads a pack from a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] when the file cannot be read, and what [`Pack::parse`] says.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let mut input = Input::open(path, true).map_err(|e| Error::file(path, "cannot read the pack", e))?;
        if input.len() > MAX_PACK_BYTES as u64 {
            return Err(Error::new(
                ErrorKind::Pack,
                format!("the pack is larger than {MAX_PACK_BYTES} bytes: split it"),
            )
            .at(name));
        }
        let bytes = input.read().map_err(|e| Error::file(path, "cannot read the pack", e))?;
        let source = String::from_utf8(bytes).map_err(|e| {
            let line = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            Error::new(ErrorKind::Pack, "the pack is not UTF-8: save it as UTF-8").at(format!("{name}:{line}"))
        })?;
        Pack::parse(&name, &source)
    }
}
