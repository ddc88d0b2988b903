//! Files of records as parts: read chunk by chunk, cleaned on any thread, put together again in order.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::batch::clean_caught;
use dehusk::io::{
    Chunk, Chunks, Compression, Ending, Fields, HashedWrite, Input, JsonLine, ParquetFile, ParquetShape, Record, Rows,
    RowsReader, Seal, Unpacker, Why, hash, seal_of,
};
use dehusk::{Cleaned, Document, Format};

use super::inputs::{ByName, Item, Kind, Source};
use super::outputs::Target;
use super::worker::{Done, Worker};

/// Bytes that are read at once.
const BUFFER: usize = 256 << 10;
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

impl Part {
    /// Cleans one record of it, if it is there.
    pub fn one(&self, number: u64, worker: &Worker<'_>) -> Option<Done> {
        match &self.what {
            What::Chunk(Chunk::Records { first, bytes, ends }) => {
                let i = number.checked_sub(*first)? as usize;
                let start = i.checked_sub(1).map_or(0, |before| ends.get(before).copied().unwrap_or_default());
                Some(worker.record(&self.file, number, &bytes[start..*ends.get(i)?], &mut Vec::new()))
            }
            What::Rows(rows) => {
                let (_, text, row) = rows.iter().find(|(n, ..)| *n == number)?;
                Some(worker.table_row(&self.file, number, text, row, &mut rows.emptied()))
            }
            _ => None,
        }
    }
}

/// Records one behind the other of which one line tells: a report must not be many times as long as a file of blank lines.
struct Streak {
    /// The first of them.
    document: Done,
    number: u64,
    records: u64,
    /// Where they begin in the part.
    start: usize,
}

impl Streak {
    fn goes_on_with(&self, next: &Done) -> bool {
        let as_it_is = |done: &Done| done.record.status == Ending::PassedThrough && done.record.format.is_none();
        as_it_is(&self.document) && as_it_is(next) && self.document.record.reason == next.record.reason
    }
}

impl PartDone {
    /// Adds to the output, as one member or frame.
    fn pack(&mut self, content: Vec<u8>) {
        match self.file.compression {
            _ if content.is_empty() => {}
            Compression::None if self.output.is_empty() => self.output = content,
            compression => match compression.pack(content) {
                Ok(packed) => self.output.extend_from_slice(&packed),
                Err(e) => self.unpackable = Some(e),
            },
        }
    }
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

/// Inputs as units of work: files of records are read here, on the calling thread, one after the other.
pub struct Units<'a, I> {
    items: I,
    worker: &'a Worker<'a>,
    open: Option<Open>,
    /// Where the first file of records is gone on with.
    start: Option<Start>,
}

/// A file of records that is open.
pub struct Open {
    pub file: Arc<RecordFile>,
    pub records: Records,
    pub input: Option<Input>,
    pub next: u64,
    pub content: HashedWrite<io::Sink>,
}

/// Where records come from.
pub enum Records {
    Stream(Box<Chunks<Unpacker<Box<dyn BufRead>>>>),
    Table(Box<RowsReader>),
}

impl<'a, I: Iterator<Item = Item>> Units<'a, I> {
    pub fn new(items: I, worker: &'a Worker<'a>, start: Option<Start>) -> Self {
        Self { items, worker, open: None, start }
    }

    /// Opens an input that is a file of records; gives back what is none, or cannot be read.
    fn open(&mut self, item: Item) -> Result<Open, Item> {
        let (path, named) = match &item.source {
            Source::Stdin => (None, true),
            Source::File { path, named } => (Some(path.clone()), *named),
            _ => return Err(item),
        };
        let name = path.as_deref().unwrap_or(Path::new(""));
        let ByName::Records(kind) = self.worker.names.by_name(name) else { return Err(item) };
        let (mut compression, _) = Compression::of_name(name);
        let output = self.worker.names.output(&item.path);
        if self.worker.is_there(&output) {
            return Err(item);
        }
        if kind == Kind::Warc && matches!(self.worker.outputs.target, Target::InPlace { .. }) {
            let reason = "an archive of pages cannot be cleaned in place: it becomes text".to_owned();
            return Err(Item { source: Source::Skip(reason), ..item });
        }
        if kind == Kind::Parquet {
            return super::parquet::open(self.worker, item, output);
        }
        let failed = |e: io::Error, item: Item| Item { source: Source::Fail(format!("cannot read it: {e}")), ..item };
        let (mut from, input): (Box<dyn BufRead>, _) = match &path {
            None => (Box::new(BufReader::with_capacity(BUFFER, self.worker.signals.stdin())), None),
            Some(path) => match Input::open(path, named).and_then(|input| Ok((input.reader()?, input))) {
                // One byte over its length shows that it grows; a file that grows for ever comes to an end all the same.
                Ok((reader, input)) => {
                    (Box::new(BufReader::with_capacity(BUFFER, reader.take(input.len() + 1))), Some(input))
                }
                Err(e) => return Err(failed(e, item)),
            },
        };
        if compression == Compression::None {
            compression = from.fill_buf().map(Compression::of_bytes).unwrap_or_default();
        }
        let limits = &self.worker.limits;
        let start = self.start.take();
        let next = start.as_ref().map_or(1, |start| start.next);
        let mut content = HashedWrite::new(io::sink());
        let chunks = Unpacker::new(compression, from, limits.max_expand).and_then(|mut from| {
            if let Some(start) = start {
                io::copy(&mut (&mut from).take(start.content.0), &mut content)?;
                if content.so_far() != start.content {
                    return Err(io::Error::other("it is not what the earlier run read"));
                }
            }
            let at = content.so_far().0;
            let framing = kind.framing().ok_or(io::ErrorKind::Unsupported)?;
            Ok(Chunks::new(from, framing, limits.max_record, next).starting_at(at))
        });
        let chunks = match chunks {
            Ok(chunks) => chunks,
            Err(e) => return Err(failed(e, item)),
        };
        let shown = path.clone().unwrap_or_else(|| item.path.clone());
        let file = RecordFile { path: output, source: item.path, shown, kind, compression, from: path, table: None };
        Ok(Open { file: Arc::new(file), records: Records::Stream(Box::new(chunks)), input, next, content })
    }
}

impl Open {
    fn next(&mut self) -> What {
        let chunks = match &mut self.records {
            Records::Stream(chunks) => chunks,
            Records::Table(rows) => return super::parquet::next(&self.file, rows, &self.input, &mut self.next),
        };
        let error = match chunks.next() {
            Some(Ok(chunk)) => {
                // Hashing what was read cannot fail.
                let _ = self.content.write_all(chunk.bytes());
                self.next = match &chunk {
                    Chunk::Records { first, ends, .. } => first + ends.len() as u64,
                    Chunk::Whole { number, last, .. } => number + u64::from(*last),
                };
                return What::Chunk(chunk);
            }
            Some(Err(e)) => Some(e),
            None => None,
        };
        let mut raw = chunks.get_ref().raw();
        let changed = self.input.as_ref().and_then(|input| input.check_unchanged(raw.0).err());
        // A stream that breaks off is read no further: its length says nothing.
        let error = error.or(changed).map(|e| match self.file.compression {
            Compression::None => format!("cannot read it to its end: {e}"),
            packed => format!("cannot read the {} data after byte {}: {e}", packed.name(), raw.0),
        });
        if let (Some(_), Some(path)) = (&error, &self.file.from) {
            // What follows the break counts as well: a file that is mended is another one.
            raw = seal_of(path, true).unwrap_or(raw);
        }
        What::End(FileEnd { raw, next: self.next, error })
    }
}

impl<I: Iterator<Item = Item>> Iterator for Units<'_, I> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        if self.open.is_none() {
            let item = self.items.next()?;
            match self.open(item) {
                Ok(open) => self.open = Some(open),
                Err(item) => return Some(Unit::One(item)),
            }
        }
        let open = self.open.as_mut()?;
        let file = Arc::clone(&open.file);
        let what = open.next();
        let upto = match &what {
            What::Chunk(Chunk::Records { .. } | Chunk::Whole { last: true, .. }) => {
                Some((open.content.so_far(), open.next))
            }
            _ => None,
        };
        if matches!(what, What::End(_)) {
            self.open = None;
        }
        Some(Unit::Part(Part { file, what, upto }))
    }
}

impl Worker<'_> {
    /// Cleans the records of a part.
    pub fn part(&self, part: Part) -> PartDone {
        let Part { file, what, upto } = part;
        let mut done = PartDone {
            file,
            documents: Vec::new(),
            output: Vec::new(),
            rows: None,
            unpackable: None,
            len: 0,
            upto,
            piece: None,
            end: None,
        };
        match what {
            What::End(end) => done.end = Some(end),
            What::Rows(rows) => {
                done.len = rows.bytes.len() as u64;
                let mut out = rows.emptied();
                for (number, text, row) in rows.iter() {
                    let document = self.table_row(&done.file, number, text, row, &mut out);
                    done.documents.push(self.ended(document, done.file.record_name(number)));
                }
                done.rows = Some(out);
            }
            What::Chunk(Chunk::Records { first, bytes, ends }) => {
                done.len = bytes.len() as u64;
                // Readers of archives find a record by its member's place in the file: each has its own.
                let own_members = done.file.kind == Kind::Wet || done.file.kind == Kind::Warc && !self.names.lines;
                let mut out = Vec::with_capacity(bytes.len());
                let (mut at, mut streak) = (0, None::<Streak>);
                for (number, end) in (first..).zip(ends) {
                    let document = self.record(&done.file, number, &bytes[at..end], &mut out);
                    if let Some(streak) = streak.as_mut().filter(|streak| streak.goes_on_with(&document)) {
                        streak.records += 1;
                    } else if let Some(streak) = streak.replace(Streak { document, number, records: 1, start: at }) {
                        done.documents.push(self.streak(streak, &done.file, &bytes[..at]));
                    }
                    at = end;
                    if own_members && end < bytes.len() {
                        done.pack(std::mem::take(&mut out));
                    }
                }
                done.documents.extend(streak.map(|streak| self.streak(streak, &done.file, &bytes)));
                done.pack(out);
            }
            What::Chunk(Chunk::Whole { number, bytes, last, why }) => {
                done.len = bytes.len() as u64;
                done.piece = Some(Piece { number, bytes, last, why });
            }
        }
        done
    }

    /// Ends a streak that goes to the end of `bytes`.
    fn streak(&self, streak: Streak, file: &RecordFile, bytes: &[u8]) -> Done {
        let Streak { mut document, number, records, start } = streak;
        if records > 1 {
            document.record = document.record.of_streak(records, &bytes[start..]);
        }
        self.ended(document, file.record_name(number))
    }

    /// Cleans one record and appends what is written for it.
    pub fn record(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        match file.kind {
            Kind::Jsonl => self.json_line(file, number, raw, out),
            Kind::Wet => self.wet_record(file, number, raw, out),
            Kind::Warc => self.warc_record(file, number, raw, out),
            Kind::Parquet => as_is(file, number, raw, Ending::PassedThrough, "a row of a table", out),
        }
    }

    fn json_line(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        let line = match JsonLine::parse(raw, &self.fields) {
            Ok(line) => line,
            Err(reason) => return as_is(file, number, raw, Ending::PassedThrough, reason, out),
        };
        let document = self.sites.place(Document::from_json_string(line.text), &file.source, line.url.as_deref());
        let cleaned = clean_caught(self.cleaner, document);
        let body = cleaned.body_bytes();
        let start = out.len();
        out.extend_from_slice(&raw[..line.at.start]);
        out.extend_from_slice(&body);
        out.extend_from_slice(&raw[line.at.end..]);
        let mut record = Record::new(&file.path, &cleaned, &body).inside(number, raw, &out[start..], line.at.start);
        record.url = line.url;
        record.id = line.id;
        self.document(record, &cleaned, &file.record_name(number))
    }

    /// What the report and the screen say of a document.
    pub fn document(&self, record: Record, cleaned: &Cleaned<'_>, shown: &Path) -> Done {
        let mut done = Done::of(record);
        done.internal = cleaned.report().is_internal_error();
        done.excerpt = self.picker.as_ref().and_then(|p| p.excerpt(&done.record, Some(cleaned)));
        if self.diff {
            done.diff = super::worker::diff_of(shown, cleaned);
        }
        done
    }
}

/// A record that is written as it is.
pub fn as_is(
    file: &RecordFile,
    number: u64,
    raw: &[u8],
    ending: Ending,
    reason: impl Into<String>,
    out: &mut Vec<u8>,
) -> Done {
    out.extend_from_slice(raw);
    Done::of(Record::as_is(&file.path, ending, reason, raw.len() as u64, hash(raw)).numbered(number))
}

impl RecordFile {
    /// What a record of it is called: the file and the record's number.
    pub fn record_name(&self, number: u64) -> PathBuf {
        let mut name = self.shown.as_os_str().to_owned();
        name.push(format!(":{number}"));
        name.into()
    }
}

/// A document's bytes, and how to read them; or why there is none.
pub type Found = Result<(Vec<u8>, Format), String>;

/// The document in one record of a file.
pub fn document_of(path: &Path, kind: Kind, number: u64, fields: &Fields) -> io::Result<Found> {
    let Some(framing) = kind.framing() else { return super::parquet::document_of(path, number, fields) };
    let input = Input::open(path, true)?;
    let mut from = BufReader::with_capacity(BUFFER, input.reader()?);
    let compression = Compression::of_bytes(from.fill_buf()?);
    let content = Unpacker::new(compression, from, u64::MAX)?;
    for chunk in Chunks::new(content, framing, dehusk::MAX_DOCUMENT, 1) {
        let Chunk::Records { first, bytes, ends } = chunk? else { continue };
        let Some(i) = number.checked_sub(first).map(|i| i as usize).filter(|i| *i < ends.len()) else { continue };
        let raw = &bytes[i.checked_sub(1).map_or(0, |before| ends[before])..ends[i]];
        return Ok(match kind {
            Kind::Jsonl => JsonLine::parse(raw, fields)
                .map(|line| (Document::from_json_string(line.text).text().as_bytes().to_vec(), Format::Text)),
            _ => super::archive::document_of(raw),
        });
    }
    Ok(Err("the file has no such record".to_owned()))
}
