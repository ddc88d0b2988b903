//! One line of `removals.jsonl`: what became of one input.

mod ending;
mod path;
mod removed;
mod restore;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

pub use ending::Ending;
pub use path::RecordPath;
pub(super) use removed::NO_TEXT;
pub use removed::{Removed, ReportText};
use removed::{pieces, thousandths};

use super::visible::Visible;
use crate::cleaned::Cleaned;
use crate::document::Format;
use crate::error::{Error, ErrorKind, Result};
use crate::html::Metadata;

/// The name and major version of the record's form.
const SCHEMA: &str = "dehusk.removals/1";
/// The warning for a page whose body is not on it.
const EMBEDDED: &str = "the page shows no body: an article that it holds as data was read with it";

/// A document is worth a look from this expected loss on: of whole pages about one in twenty, among them half of those that
/// lose over two fifths of their text.
const DOUBTFUL: f64 = 0.2;
/// Without learned weights, a document is that lost more than this share of its bytes.
const MUCH: f64 = 0.8;

/// What became of one input, as a line of `removals.jsonl`.
///
/// All ranges are half-open. A record of a document that could be read restores it: see [`Record::restore`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// `dehusk.removals/1`. Fields may be added within version 1; none changes its meaning.
    pub schema: String,
    /// The path in the output folder; for a single file, its name.
    pub path: RecordPath,
    /// The input's path, where the output has another name: `a.html` becomes `a.txt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<RecordPath>,
    /// Which record of the file this is, where a file holds many; else null.
    pub record: Option<u64>,
    /// How many records this line stands for, where it is more than one: those in a row that pass through for one reason.
    /// `record` is the first of them; `bytes` and `hash` are of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// What the record is called, where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of a row of a Parquet file, the column that its text stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Of a row of a Parquet file, the column that the output has more: what was removed from each row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_column: Option<String>,
    /// The page's address, where the input says it; else null.
    pub url: Option<String>,
    /// How the file is compressed, where `bytes` and `hash` are of what it holds: `gzip` or `zstd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// How the text was read: `text`, `markdown` or `html`. Null when it was not read as text.
    pub format: Option<String>,
    /// The encoding's WHATWG name in lower case. Null when it was not read as text.
    pub encoding: Option<String>,
    /// What the document was taken for, or told to be: `page` or `extracted`. Left out where it has no words that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_kind: Option<String>,
    /// How it ended.
    pub status: Ending,
    /// Why it was passed through, copied or skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Bytes of the input and of the output. Null when there is no output.
    pub bytes: Option<[u64; 2]>,
    /// Hashes of the input and of the output, as [`hash`] makes them. Null when there is no output.
    pub hash: Option<[String; 2]>,
    /// The share of the document's text, 0 to 1, that is expected to be among what was removed or withheld; left out where no
    /// learned weights spoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_loss: Option<f64>,
    /// What an HTML page shows: what was removed and what was kept are parts of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Visible>,
    /// What an HTML page says of itself; every field is null where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Of a WET record, its head as it came, where its length and digests were corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<OldHead>,
    /// What was removed, in order.
    pub removed: Vec<Removed>,
    /// What would have been removed from a suspicious document, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Removed>,
    /// What is worth knowing besides.
    pub warnings: Vec<String>,
}

/// The beginning of a record, for which other bytes stand in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OldHead {
    /// How many bytes at the beginning of the output stand for it.
    pub instead: u64,
    /// What it was: all bytes up to the block.
    pub text: String,
    /// The same in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// The hash of reports: `xxh3:` and the 64-bit XXH3 in 16 hexadecimal digits. It finds damage, not forgery.
pub fn hash(bytes: &[u8]) -> String {
    hash_text(xxh3_64(bytes))
}

pub(crate) fn hash_text(hash: u64) -> String {
    format!("xxh3:{hash:016x}")
}

impl Record {
    /// The record of a document that was cleaned or passed through; `body` is what was written for it. The record holds
    /// all removed text: see [`Record::trim`].
    pub fn new(path: &Path, cleaned: &Cleaned<'_>, body: &[u8]) -> Self {
        let (document, report) = (cleaned.document(), cleaned.report());
        let raw = document.raw();
        let html = document.layout() == Format::Html;
        let hash_in = hash(raw);
        let hash_out = if report.removals().is_empty() && !html { hash_in.clone() } else { hash(body) };
        Self {
            visible: html.then(|| Visible::of(cleaned)),
            metadata: html.then(|| document.metadata()),
            warnings: if document.has_embedded_text() { vec![EMBEDDED.to_owned()] } else { Vec::new() },
            format: Some(document.layout().name().to_owned()),
            encoding: Some(document.encoding().to_owned()),
            input_kind: (report.words()[0] > 0).then(|| report.input_kind().name().to_owned()),
            reason: report.reason().map(str::to_owned),
            bytes: Some([raw.len() as u64, body.len() as u64]),
            hash: Some([hash_in, hash_out]),
            expected_loss: report.expected_loss().map(thousandths),
            removed: pieces(cleaned, report.removals()),
            withheld: pieces(cleaned, report.withheld()),
            ..Self::without_output(path, cleaned.status().into())
        }
    }

    /// The record of an input that was written as it is, without being read as text.
    pub fn as_is(path: &Path, status: Ending, reason: impl Into<String>, len: u64, hash: String) -> Self {
        Self {
            reason: Some(reason.into()),
            bytes: Some([len, len]),
            hash: Some([hash.clone(), hash]),
            ..Self::without_output(path, status)
        }
    }

    /// The record of a document that stands in a record of a file: the record's number, its bytes and what is written for
    /// it, and where the document's bytes begin in it.
    pub fn inside(mut self, number: u64, raw: &[u8], out: &[u8], at: usize) -> Self {
        for piece in self.removed.iter_mut().chain(&mut self.withheld) {
            piece.byte = piece.byte.map(|b| b + at);
        }
        self.record = Some(number);
        self.bytes = Some([raw.len() as u64, out.len() as u64]);
        let before = hash(raw);
        let after = if self.removed.is_empty() { before.clone() } else { hash(out) };
        self.hash = Some([before, after]);
        self
    }

    /// The same, of this record of its file.
    pub fn numbered(self, number: u64) -> Self {
        Self { record: Some(number), ..self }
    }

    /// The same, of so many records in a row, whose bytes are `raw`.
    pub fn of_streak(self, records: u64, raw: &[u8]) -> Self {
        let (len, hash) = (raw.len() as u64, hash(raw));
        Self { records: Some(records), bytes: Some([len, len]), hash: Some([hash.clone(), hash]), ..self }
    }

    /// How many inputs it tells of.
    pub fn count(&self) -> u64 {
        self.records.unwrap_or(1)
    }

    /// The same, where the first bytes of the output stand for this head.
    pub fn with_head(mut self, old: &[u8], instead: usize) -> Self {
        let text = String::from_utf8_lossy(old).into_owned();
        let raw = (text.as_bytes() != old).then(|| BASE64.encode(old));
        self.head = Some(OldHead { instead: instead as u64, text, raw });
        self
    }

    /// The record of an input that was left out.
    pub fn skipped(path: &Path, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::without_output(path, Ending::Skipped) }
    }

    /// The record of an input that could not be read or written.
    pub fn failed(path: &Path, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..Self::without_output(path, Ending::Failed) }
    }

    fn without_output(path: &Path, status: Ending) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            path: path.into(),
            source: None,
            record: None,
            records: None,
            id: None,
            column: None,
            removed_column: None,
            url: None,
            compression: None,
            format: None,
            encoding: None,
            input_kind: None,
            status,
            reason: None,
            error: None,
            bytes: None,
            hash: None,
            head: None,
            expected_loss: None,
            visible: None,
            metadata: None,
            removed: Vec::new(),
            withheld: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads a line of `removals.jsonl`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Report`] when it is no record, or one of another version.
    pub fn parse(line: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            schema: String,
        }
        let wrong = |e: serde_json::Error| Error::new(ErrorKind::Report, format!("no record of a report: {e}"));
        let Version { schema } = serde_json::from_str(line).map_err(wrong)?;
        if schema != SCHEMA {
            return Err(Error::new(
                ErrorKind::Report,
                format!("a record of the form {schema:?}: this version reads {SCHEMA:?}"),
            ));
        }
        serde_json::from_str(line).map_err(wrong)
    }

    /// The line of `removals.jsonl`, its line feed included.
    pub fn to_line(&self) -> String {
        // Plain data without maps: nothing here can fail to serialise.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Keeps as much of the removed text as asked.
    pub fn trim(mut self, text: ReportText) -> Self {
        for piece in self.removed.iter_mut().chain(&mut self.withheld) {
            piece.trim(text);
        }
        self
    }

    /// The share of the input that was removed, 0 to 1; of an HTML page, the share of its visible text.
    pub fn share_removed(&self) -> f64 {
        match self.visible.as_ref().map(|v| v.bytes).or(self.bytes) {
            Some([before, after]) if before > 0 => before.saturating_sub(after) as f64 / before as f64,
            _ => 0.0,
        }
    }

    /// Whether a document that was cleaned is worth a look: a fifth of its text may be lost, or, where no learned weights
    /// spoke, much of it went.
    pub fn is_doubtful(&self) -> bool {
        self.status == Ending::Cleaned
            && self.expected_loss.map_or_else(|| self.share_removed() > MUCH, |loss| loss >= DOUBTFUL)
    }

    /// Whether the output is the input.
    pub fn is_as_it_was(&self) -> bool {
        self.removed.is_empty() && self.visible.is_none()
    }
}
