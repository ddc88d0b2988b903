//! Reading files of records: part by part, or a single record.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use dehusk::io::{Chunk, Chunks, Compression, Fields, HashedWrite, Input, JsonLine, RowsReader, Unpacker, seal_of};
use dehusk::{Document, Format};

use super::{FileEnd, Part, RecordFile, Start, Unit, What};
use crate::cli::inputs::{ByName, Item, Kind, Source};
use crate::cli::outputs::Target;
use crate::cli::worker::Worker;
use crate::cli::{archive, parquet};

/// Bytes that are read at once.
const BUFFER: usize = 256 << 10;

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
            return parquet::open(self.worker, item, output);
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
            let (found, whole) = Compression::of_stream(from);
            (compression, from) = (found, Box::new(whole));
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
            Records::Table(rows) => return parquet::next(&self.file, rows, &self.input, &mut self.next),
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

/// A document's bytes, and how to read them; or why there is none.
pub type Found = Result<(Vec<u8>, Format), String>;

/// The document in one record of a file.
pub fn document_of(path: &Path, kind: Kind, number: u64, fields: &Fields) -> io::Result<Found> {
    let Some(framing) = kind.framing() else { return parquet::document_of(path, number, fields) };
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
            _ => archive::document_of(raw),
        });
    }
    Ok(Err("the file has no such record".to_owned()))
}
