//! One line of `removals.jsonl`: what became of one input.

use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::positions::Positions;
use super::visible::Visible;
use crate::cleaner::Cleaned;
use crate::document::Format;
use crate::error::{Error, ErrorKind, Result};
use crate::html::Metadata;
use crate::report::{Removal, Status, restore};

/// The name and major version of the record's form.
const SCHEMA: &str = "dehusk.removals/1";
/// The warning for a page whose body is not on it.
const EMBEDDED: &str = "the page shows no body: an article that it holds as data was read with it";
/// Characters of a snippet.
const SNIPPET: usize = 120;

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

/// One removed piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// The category's id.
    pub category: String,
    /// The rule's id; null when the page's shape and the learned weights removed it.
    pub rule: Option<String>,
    /// Range in bytes of the input as it came, before decoding. Of an HTML page it includes the tags in between, and is
    /// empty where the piece is nothing but line breaks that tags made.
    pub byte: [usize; 2],
    /// Range in Unicode code points of the decoded text; of an HTML page, of its visible text.
    pub char: [usize; 2],
    /// Range of lines that the removed text stands on, white space around it not counted; the first line is 1. Lines of an
    /// HTML page are those of its visible text.
    pub line: [usize; 2],
    /// How likely it is to be chrome, 0 to 1.
    pub score: f64,
    /// The evidence, the leading piece first.
    pub why: Vec<String>,
    /// The removed text: all of it, its beginning, or null, as the run was asked to.
    pub text: Option<String>,
    /// The removed bytes in base64, where `text` in UTF-8 is not the same bytes. HTML pages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// How an input ended. Every input ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ending {
    /// Something was removed.
    Cleaned,
    /// Nothing was removed.
    Unchanged,
    /// Everything was removed: the page held nothing but chrome.
    Emptied,
    /// Passed through whole, because too much would have gone.
    Suspicious,
    /// Passed through whole for another reason.
    PassedThrough,
    /// No text that can be cleaned; copied as it is.
    Copied,
    /// Left out, with a reason.
    Skipped,
    /// Could not be read or written.
    Failed,
}

impl Ending {
    /// All endings in the order of summaries.
    pub const ALL: [Ending; 8] = [
        Ending::Cleaned,
        Ending::Unchanged,
        Ending::Emptied,
        Ending::Suspicious,
        Ending::PassedThrough,
        Ending::Copied,
        Ending::Skipped,
        Ending::Failed,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Cleaned => "cleaned",
            Ending::Unchanged => "unchanged",
            Ending::Emptied => "emptied",
            Ending::Suspicious => "suspicious",
            Ending::PassedThrough => "passed_through",
            Ending::Copied => "copied",
            Ending::Skipped => "skipped",
            Ending::Failed => "failed",
        }
    }

    /// Whether there is an output.
    pub fn has_output(self) -> bool {
        !matches!(self, Ending::Skipped | Ending::Failed)
    }
}

impl From<Status> for Ending {
    fn from(status: Status) -> Self {
        match status {
            Status::Cleaned => Ending::Cleaned,
            Status::Unchanged => Ending::Unchanged,
            Status::Emptied => Ending::Emptied,
            Status::Suspicious => Ending::Suspicious,
            Status::PassedThrough => Ending::PassedThrough,
        }
    }
}

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

/// How much of the removed text a report holds. Only with all of it can inputs be restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportText {
    /// All of it.
    #[default]
    Full,
    /// The first 120 characters of each piece.
    Snippet,
    /// None.
    None,
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
            reason: report.reason().map(str::to_owned),
            bytes: Some([raw.len() as u64, body.len() as u64]),
            hash: Some([hash_in, hash_out]),
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
            status,
            reason: None,
            error: None,
            bytes: None,
            hash: None,
            head: None,
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

    /// Whether the output is the input.
    pub fn is_as_it_was(&self) -> bool {
        self.removed.is_empty() && self.visible.is_none()
    }

    /// The input, byte for byte, from the output that belongs to this record.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Report`] when the output was changed since, or the record does not hold what was removed; and for an
    /// HTML page, whose tags are in neither: see [`Record::restore_visible`].
    pub fn restore(&self, body: &[u8]) -> Result<Vec<u8>> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        if self.visible.is_some() {
            return Err(wrong("it was an HTML page, whose tags are in neither output nor report"));
        }
        let before = self.hash_before(body)?;
        let pieces = self.removed.iter().map(Removed::bytes).collect::<Result<Vec<_>>>()?;
        let spans = self.removed.iter().map(|r| r.byte[0]..r.byte[1]);
        let with_head;
        let body = match &self.head {
            None => body,
            Some(head) => {
                let old = match &head.raw {
                    Some(raw) => BASE64.decode(raw).map_err(|_| wrong("the old head is no base64"))?,
                    None => head.text.clone().into_bytes(),
                };
                let rest = usize::try_from(head.instead).ok().and_then(|n| body.get(n..));
                with_head =
                    [old.as_slice(), rest.ok_or_else(|| wrong("the old head does not fit the cleaned record"))?]
                        .concat();
                &with_head
            }
        };
        let input = restore(body, spans.zip(pieces.iter().map(Vec::as_slice)))?;
        if hash(&input) == before {
            Ok(input)
        } else {
            Err(wrong("the report is damaged: what comes out is not the input"))
        }
    }

    /// The input's hash, if `body` is what was written for it.
    pub(super) fn hash_before(&self, body: &[u8]) -> Result<&str> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        let Some([before, after]) = &self.hash else {
            return Err(wrong("nothing was written for it"));
        };
        if hash(body) != *after {
            return Err(wrong(
                "the cleaned file is not what was written: it was changed since, or belongs to another report",
            ));
        }
        Ok(before)
    }
}

/// What a report without removed text cannot do.
pub(super) const NO_TEXT: &str = "the report holds no removed text: run with --report-text full to be able to restore";

impl Removed {
    fn trim(&mut self, text: ReportText) {
        match text {
            ReportText::Full => return,
            ReportText::None => self.text = None,
            ReportText::Snippet => {
                if let Some((end, _)) = self.text.as_ref().and_then(|t| t.char_indices().nth(SNIPPET)) {
                    self.text = self.text.as_ref().map(|t| format!("{}…", &t[..end]));
                }
            }
        }
        self.raw = None;
    }

    /// The removed bytes.
    fn bytes(&self) -> Result<Vec<u8>> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        match (&self.raw, &self.text) {
            (Some(raw), _) => BASE64.decode(raw).map_err(|_| wrong("a removed piece is no base64")),
            (None, Some(text)) => Ok(text.clone().into_bytes()),
            (None, None) => Err(wrong(NO_TEXT)),
        }
    }
}

fn pieces(cleaned: &Cleaned<'_>, removals: &[Removal]) -> Vec<Removed> {
    let mut positions = Positions::new(cleaned.document().text());
    let raw = cleaned.document().raw();
    let html = cleaned.document().layout() == Format::Html;
    let piece = |r: &Removal| {
        let text = cleaned.text_of(r);
        let Range { start, end } = r.span();
        let (char, line) = positions.of(r.view_span());
        Removed {
            category: r.category().id().to_owned(),
            rule: r.rule().map(|id| id.as_str().to_owned()),
            byte: [start, end],
            char,
            line,
            // Three digits are all that the estimate is worth, and the same on every machine.
            score: (f64::from(r.probability()) * 1000.0).round() / 1000.0,
            why: r.why().iter().map(ToString::to_string).collect(),
            text: Some(text.to_owned()),
            raw: (!html && raw[start..end] != *text.as_bytes()).then(|| BASE64.encode(&raw[start..end])),
        }
    };
    removals.iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cleaner, Document};

    const PAGE: &str = "Größe\nSubscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n";

    fn record(raw: &[u8]) -> (Record, Vec<u8>) {
        let cleaned = Cleaner::new().clean(Document::from_bytes(raw));
        let body = cleaned.body_bytes().into_owned();
        (Record::new(Path::new("a/b.txt"), &cleaned, &body), body)
    }

    #[test]
    fn a_record_restores_its_input_in_any_encoding() {
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(PAGE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let latin1: Vec<u8> = PAGE.chars().map(|c| c as u8).collect();
        let damaged = [PAGE.as_bytes(), b"\xff Subscribe to our newsletter \xfe\n"].concat();
        for raw in [PAGE.as_bytes(), &utf16, &latin1, &damaged] {
            let (record, body) = record(raw);
            assert!(!record.removed.is_empty(), "{}", record.to_line());
            let read = Record::parse(&record.to_line()).unwrap();
            assert_eq!(read, record);
            assert_eq!(read.restore(&body).unwrap(), raw);
        }
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        let (record, body) = record(PAGE.as_bytes());
        assert!(record.restore(b"other").is_err());
        assert!(record.clone().trim(ReportText::Snippet).removed.iter().all(|r| r.raw.is_none()));
        let none = record.clone().trim(ReportText::None).restore(&body).unwrap_err();
        assert!(none.message().contains("--report-text full"));
        let mut forged = record;
        forged.removed[0].byte = [usize::MAX - 1, usize::MAX];
        assert_eq!(forged.restore(&body).unwrap_err().kind(), ErrorKind::Report);
        assert!(Record::parse(r#"{"schema":"dehusk.removals/2"}"#).unwrap_err().message().contains("/2"));
    }

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
