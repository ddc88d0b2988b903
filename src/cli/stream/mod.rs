//! Files of records as parts: read chunk by chunk, cleaned on any thread, put together again in order.

mod clean;
mod read;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use clean::as_is;
use dehusk::io::{Chunk, Compression, ParquetFile, ParquetShape, Rows, Seal, Why};
pub use read::{Found, Open, Records, Units, document_of};

use super::inputs::{Item, Kind};
use super::worker::Done;

/// What is told of a record takes about two kilobytes, as much as cleaning so many bytes of text.
const RECORD: u64 = 256;

/// What is given to a thread.
pub enum Unit {
    /// A file that is one document, or none.
    One(Item),
    /// A part of a file of records.
    Part(Part),
}

/// A part of a file of records.
pub struct Part {
    pub file: Arc<RecordFile>,
    what: What,
    /// Where the file can be gone on with behind it.
    upto: Option<(Seal, u64)>,
}

/// Where a file of records is gone on with.
#[derive(Clone, Debug)]
pub struct Start {
    /// Length and hash of the content that is done.
    pub content: Seal,
    /// Length and hash of what was written for it.
    pub written: Seal,
    /// The number of the next record.
    pub next: u64,
}

/// What is in a part.
pub enum What {
    Chunk(Chunk),
    Rows(Rows),
    End(FileEnd),
}

/// A file of records that is being read.
#[derive(Debug)]
pub struct RecordFile {
    /// Its path in the output folder and in the report.
    pub path: PathBuf,
    /// The same before it got another name.
    pub source: PathBuf,
    /// What the user calls it.
    pub shown: PathBuf,
    pub kind: Kind,
    pub compression: Compression,
    /// The file itself, where it is one.
    pub from: Option<PathBuf>,
    /// What it is besides, where it is a table.
    pub table: Option<Table>,
}

/// A table that is being read.
#[derive(Debug)]
pub struct Table {
    pub file: Arc<ParquetFile>,
    /// The columns of its copy.
    pub shape: ParquetShape,
    /// The one of removed pieces, if the copy has one.
    pub removed_column: Option<String>,
}

/// How the reading of a file ended.
#[derive(Debug)]
pub struct FileEnd {
    /// Length and hash of the file.
    pub raw: (u64, String),
    /// Number of the record after the last.
    pub next: u64,
    /// Why it could not be read to its end.
    pub error: Option<String>,
}

/// What became of a part.
pub struct PartDone {
    pub file: Arc<RecordFile>,
    /// The documents in it, in order.
    pub documents: Vec<Done>,
    /// What is to be written, compressed as the file is.
    pub output: Vec<u8>,
    /// What is to be written of a table.
    pub rows: Option<Rows>,
    /// Why it could not be compressed.
    pub unpackable: Option<io::Error>,
    /// Length of the part in the file's content.
    pub len: u64,
    /// Length and hash of the content up to its end, and the number of the next record, where it ends with a record.
    pub upto: Option<(Seal, u64)>,
    /// A piece of a record that is passed through.
    pub piece: Option<Piece>,
    /// Set for the last part, which has no content.
    pub end: Option<FileEnd>,
}

/// A piece of a record that is passed through, to be hashed in order.
pub struct Piece {
    pub number: u64,
    pub bytes: Vec<u8>,
    pub last: bool,
    pub why: Why,
}

impl Unit {
    /// About the bytes that it takes in memory.
    pub fn cost(&self, max_record: u64) -> u64 {
        match self {
            // Text is about a quarter of its size when it is compressed; an eighth is seldom.
            Self::One(item) if Compression::of_name(&item.path).0 != Compression::None => {
                item.len.saturating_mul(8).min(max_record)
            }
            Self::One(item) => item.len.min(max_record),
            Self::Part(Part { what: What::Chunk(chunk), .. }) => match chunk {
                Chunk::Records { bytes, ends, .. } => bytes.len() as u64 + ends.len() as u64 * RECORD,
                _ => chunk.bytes().len() as u64,
            },
            Self::Part(Part { what: What::Rows(rows), .. }) => {
                rows.bytes.len() as u64 + rows.rows.len() as u64 * RECORD
            }
            Self::Part(_) => 0,
        }
    }
}

impl RecordFile {
    /// What a record of it is called: the file and the record's number.
    pub fn record_name(&self, number: u64) -> PathBuf {
        let mut name = self.shown.as_os_str().to_owned();
        name.push(format!(":{number}"));
        name.into()
    }
}
