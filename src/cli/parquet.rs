//! Parquet files: rows in the place of records.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::batch::{clean_caught, read_caught};
use dehusk::io::{
    Compression, Draft, Ending, Fields, HashedWrite, Input, ParquetFile, ParquetShape, ParquetWriter, Record, Row,
    Rows, RowsReader, copy_hashed, has_memory_for, hash, seal_of,
};
use dehusk::{Document, Format};

use super::inputs::{Item, Kind, Source};
use super::restore::Problem;
use super::stream::{FileEnd, Found, Open, RecordFile, Records, Table, What};
use super::together::{CHANGED, unreadable};
use super::worker::{Done, NO_MEMORY, Worker};

/// Opens an input as a table; gives it back where it is none that can be written anew.
pub fn open(worker: &Worker<'_>, item: Item, output: PathBuf) -> Result<Open, Item> {
    let failed = |reason: String, item: Item| Item { source: Source::Fail(reason), ..item };
    let (from, input, file) = match &item.source {
        Source::File { path, named } => match Input::open(path, *named) {
            Ok(input) => (Some(path.clone()), Some(input), Input::open(path, *named).map(Input::into_reader)),
            Err(e) => return Err(failed(format!("cannot read it: {e}"), item)),
        },
        // A table is read from its end.
        _ => (None, None, spooled(worker.signals.stdin())),
    };
    let table = match file.and_then(|file| ParquetFile::open(file, &worker.fields, worker.limits.max_expand)) {
        Ok(table) => table,
        Err(e) if e.kind() == io::ErrorKind::InvalidData && from.is_some() => return Err(item),
        Err(e) => return Err(failed(format!("cannot read it: {e}"), item)),
    };
    let removed_column = worker.outputs.removed_column.clone();
    let shape = match &removed_column {
        Some(name) => ParquetShape::with_removed(&table, name),
        None => Ok(ParquetShape::same(&table)),
    };
    let shape = match shape {
        Ok(shape) => shape,
        Err(reason) => return Err(failed(reason, item)),
    };
    let file = RecordFile {
        path: output,
        shown: from.clone().unwrap_or_else(|| item.path.clone()),
        source: item.path,
        kind: Kind::Parquet,
        compression: Compression::None,
        from,
        table: Some(Table { file: Arc::clone(&table), shape, removed_column }),
    };
    let records = Records::Table(Box::new(RowsReader::new(table)));
    Ok(Open { file: Arc::new(file), records, input, next: 1, content: HashedWrite::new(io::sink()) })
}

/// Standard input in a file without a name.
fn spooled(mut stdin: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    copy_hashed(&mut stdin, &mut file)??;
    file.rewind()?;
    Ok(file)
}

/// Why a file is not cleaned.
pub fn unfit(worker: &Worker<'_>, from: &Path, named: bool) -> String {
    let file = Input::open(from, named).map(Input::into_reader);
    match file.and_then(|file| ParquetFile::open(file, &worker.fields, worker.limits.max_expand)) {
        Ok(_) => "it changed while it was read".to_owned(),
        Err(e) => e.to_string(),
    }
}

/// The next rows, or how it ended.
pub fn next(file: &RecordFile, rows: &mut RowsReader, input: &Option<Input>, next: &mut u64) -> What {
    let error = match rows.next() {
        Some(Ok(rows)) => {
            *next += rows.rows.len() as u64;
            return What::Rows(rows);
        }
        Some(Err(e)) => Some(e),
        None => None,
    };
    let read = |path: &PathBuf| {
        let seal = seal_of(path, true)?;
        input.as_ref().map_or(Ok(()), |input| input.check_unchanged(seal.0))?;
        Ok(seal)
    };
    let (raw, changed) = match file.from.as_ref().map(read) {
        Some(Ok(raw)) => (raw, None),
        Some(Err(e)) => ((0, String::new()), Some(e)),
        None => ((0, String::new()), None),
    };
    let error = error.or(changed).map(|e: io::Error| format!("cannot read it to its end: {e}"));
    What::End(FileEnd { raw, next: *next, error })
}

/// The text of a row. A column of text has UTF-8; of bytes, whatever they are.
pub fn document(raw: &[u8]) -> Document<'_> {
    std::str::from_utf8(raw).map_or_else(|_| Document::from_bytes(raw), Document::new)
}

impl Worker<'_> {
    /// Cleans the text of a row, and adds the row to `out`.
    pub fn table_row(&self, file: &RecordFile, number: u64, text: Option<&[u8]>, row: &Row, out: &mut Rows) -> Done {
        let named = |record: Record| Record { url: row.url.clone(), id: row.id.clone(), ..file.of_table(record) };
        let mut push = |text: Option<&[u8]>, record: &Record| {
            out.push(text, None, None);
            if file.table.as_ref().is_some_and(|table| table.removed_column.is_some()) {
                // As much of it as the report has.
                out.removed.push(text.map(|_| record.clone().trim(self.text).removed));
            }
        };
        let raw = text.unwrap_or_default();
        let reason = match text {
            None => Some("null".to_owned()),
            Some(raw) if raw.len() > self.limits.max_record => Some(self.too_large()),
            Some(raw) if !has_memory_for(raw.len()) => Some(NO_MEMORY.to_owned()),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            let record = Record::as_is(&file.path, Ending::PassedThrough, reason, raw.len() as u64, hash(raw));
            push(text, &record);
            return Done::of(named(record.numbered(number)));
        }
        let read = || self.sites.place(document(raw), &file.source, row.url.as_deref());
        let cleaned = match read_caught(raw, read) {
            Ok(document) => clean_caught(self.cleaner, document),
            Err(whole) => *whole,
        };
        let body = cleaned.body_bytes();
        let record = Record::new(&file.path, &cleaned, &body).inside(number, raw, &body, 0);
        push(Some(&body), &record);
        self.document(named(record), &cleaned, &file.record_name(number))
    }
}

impl RecordFile {
    /// The same record, with what tells of a table.
    fn of_table(&self, record: Record) -> Record {
        let Some(table) = &self.table else { return record };
        Record { column: Some(table.file.column().to_owned()), removed_column: table.removed_column.clone(), ..record }
    }

    /// The record of a table that has none of its own for lack of rows.
    pub fn without_rows(&self) -> Option<Record> {
        let record = Record::as_is(&self.path, Ending::Unchanged, "a table without rows", 0, hash(b""));
        self.table.is_some().then(|| self.of_table(record))
    }
}

/// The document in one row.
pub fn document_of(path: &Path, number: u64, fields: &Fields) -> io::Result<Found> {
    let file = match ParquetFile::open(Input::open(path, true)?.into_reader(), fields, u64::MAX) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::InvalidData => return Ok(Err(e.to_string())),
        Err(e) => return Err(e),
    };
    for rows in RowsReader::new(file) {
        let rows = rows?;
        if let Some((_, text, _)) = rows.iter().find(|(n, ..)| *n == number) {
            let text = text.map(|raw| (document(raw).text().as_bytes().to_vec(), Format::Text));
            return Ok(text.ok_or_else(|| "null".to_owned()));
        }
    }
    Ok(Err("the file has no such row".to_owned()))
}

/// A table that is put together from its cleaned copy and its records in the report.
pub struct Original {
    rows: RowsReader,
    /// Rows of the copy, how many of them are done, and what was in their place.
    now: Rows,
    done: usize,
    before: Rows,
    out: ParquetWriter<Draft>,
}

impl Original {
    /// Begins with the cleaned file, whose texts stand in `column`, and which may have a column of what was removed.
    pub fn new(from: &Path, column: &str, removed_column: Option<&str>, draft: Draft) -> Result<Self, Problem> {
        let fields = Fields { text: column.to_owned(), url: String::new(), id: String::new() };
        let file = Input::open(from, false).map_err(unreadable)?.into_reader();
        // What dehusk wrote is no bomb.
        let file = ParquetFile::open(file, &fields, u64::MAX).map_err(unreadable)?;
        let shape = match removed_column {
            Some(name) => ParquetShape::without_removed(&file, name).map_err(Problem::Different)?,
            None => ParquetShape::same(&file),
        };
        let folder = draft.target().parent().map_or_else(std::env::temp_dir, Path::to_path_buf);
        let spool = || tempfile::tempfile_in(&folder);
        let out = ParquetWriter::new(Arc::clone(&file), shape, draft, spool).map_err(Problem::Output)?;
        Ok(Self { rows: RowsReader::new(file), now: Rows::default(), done: 0, before: Rows::default(), out })
    }

    /// Puts the text of the next row back.
    pub fn restore(&mut self, record: &Record) -> Result<(), Problem> {
        // Of a file that broke off, or of a table without rows.
        if record.hash.is_none() || record.record.is_none() {
            return Ok(());
        }
        while self.done == self.now.rows.len() {
            if !self.go_on()? {
                return Err(Problem::Different(CHANGED.into()));
            }
        }
        let text = self.now.text(self.done);
        let original = record.restore(text.unwrap_or_default());
        let original = original.map_err(|e| Problem::Different(e.to_string()))?;
        self.before.push(text.is_some().then_some(&original), None, None);
        self.done += 1;
        Ok(())
    }

    /// Writes the rows at hand, and reads the next.
    fn go_on(&mut self) -> Result<bool, Problem> {
        if !self.now.rows.is_empty() || self.now.last {
            let before = std::mem::take(&mut self.before);
            self.out.write(before).map_err(Problem::Output)?;
        }
        self.done = 0;
        self.now = match self.rows.next() {
            Some(rows) => rows.map_err(unreadable)?,
            None => {
                self.now = Rows::default();
                return Ok(false);
            }
        };
        self.before = self.now.emptied();
        Ok(true)
    }

    /// Ends the file, which must have come to its end.
    pub fn finish(mut self) -> Result<Draft, Problem> {
        while self.done == self.now.rows.len() {
            if !self.go_on()? {
                return self.out.finish().map_err(Problem::Output);
            }
        }
        Err(Problem::Different(CHANGED.into()))
    }
}
