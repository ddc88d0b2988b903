//! Rows in order, about a mebibyte of text at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::serialized_reader::SerializedPageReader;

use super::{ParquetFile, RemovedRows, plain};

/// Bytes of text that are handed over at once, as of other files.
const CHUNK: usize = 1 << 20;
/// What a row counts for besides its text: a file may hold nothing but nulls.
const ROW: usize = 64;
/// Rows that are read at once: their texts share the memory of a page, unless the page stores them by what they share.
const STEP: usize = 64;

/// Some rows of a row group.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Rows {
    /// The number of the first; a file's first row is 1.
    pub first: u64,
    /// Their texts, one after the other.
    pub bytes: Vec<u8>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What was removed from each, where a copy has a column of that.
    pub removed: RemovedRows,
    /// Whether they are the last of their row group.
    pub last: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Where its text ends in the bytes; it begins where the one before ends.
    pub end: usize,
    /// Whether it has none.
    pub null: bool,
    /// The page's address, where the row has one.
    pub url: Option<String>,
    /// What the row is called, where it says so.
    pub id: Option<String>,
}

impl Rows {
    /// The same rows without any text, to be filled by [`push`](Self::push).
    pub fn emptied(&self) -> Self {
        Self { first: self.first, last: self.last, ..Self::default() }
    }

    /// Adds a row with its text.
    pub fn push(&mut self, text: Option<&[u8]>, url: Option<String>, id: Option<String>) {
        self.bytes.extend_from_slice(text.unwrap_or_default());
        self.rows.push(Row { end: self.bytes.len(), null: text.is_none(), url, id });
    }

    /// The text of one of them, counted from 0.
    pub fn text(&self, i: usize) -> Option<&[u8]> {
        let row = self.rows.get(i).filter(|row| !row.null)?;
        let start = i.checked_sub(1).map_or(0, |before| self.rows[before].end);
        self.bytes.get(start..row.end)
    }

    /// Each row's number, its text and itself.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Option<&[u8]>, &Row)> {
        (self.first..).zip(self.rows.iter().enumerate()).map(|(number, (i, row))| (number, self.text(i), row))
    }
}

/// Reads a file's rows. Every row group ends with rows that say so, if it has none with none.
#[derive(Debug)]
pub struct RowsReader {
    file: Arc<ParquetFile>,
    /// The row group that comes next.
    group: usize,
    open: Option<Group>,
    next: u64,
}

struct Group {
    text: Column,
    url: Option<Column>,
    id: Option<Column>,
    /// Rows that are not read yet.
    left: usize,
    /// What is read and not handed over.
    read: VecDeque<(Option<ByteArray>, Option<String>, Option<String>)>,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("left", &self.left).finish_non_exhaustive()
    }
}

impl RowsReader {
    /// Begins with the first row.
    pub fn new(file: Arc<ParquetFile>) -> Self {
        Self { file, group: 0, open: None, next: 1 }
    }

    /// The file.
    pub fn file(&self) -> &Arc<ParquetFile> {
        &self.file
    }

    fn rows(&mut self) -> Result<Option<Rows>, ParquetError> {
        if self.open.is_none() {
            if self.group == self.file.metadata.num_row_groups() {
                return Ok(None);
            }
            self.open = Some(Group::open(&self.file, self.group)?);
            self.group += 1;
        }
        let mut rows = Rows { first: self.next, ..Rows::default() };
        while let Some(group) = &mut self.open {
            if group.read.is_empty() && !group.fill()? {
                self.open = None;
                rows.last = true;
                break;
            }
            // A text is not cut; the first may be longer than the chunk.
            let len = group.read.front().and_then(|row| row.0.as_ref()).map_or(0, ByteArray::len);
            if !rows.rows.is_empty() && rows.bytes.len() + rows.rows.len() * ROW + len > CHUNK {
                break;
            }
            if let Some((text, url, id)) = group.read.pop_front() {
                rows.push(text.as_ref().map(ByteArray::data), url, id);
            }
        }
        self.next += rows.rows.len() as u64;
        Ok(Some(rows))
    }
}

impl Iterator for RowsReader {
    type Item = io::Result<Rows>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows().map_err(plain).transpose()
    }
}

impl Group {
    fn open(file: &ParquetFile, group: usize) -> Result<Self, ParquetError> {
        let metadata = file.metadata.row_group(group);
        let rows = usize::try_from(metadata.num_rows()).map_err(|e| ParquetError::General(e.to_string()))?;
        let column = |i: usize| Column::open(&file.file, metadata.column(i), rows);
        Ok(Self {
            text: column(file.text)?,
            url: file.url.map(column).transpose()?,
            id: file.id.map(column).transpose()?,
            left: rows,
            read: VecDeque::new(),
        })
    }

    /// Reads some rows more, if there are any.
    fn fill(&mut self) -> Result<bool, ParquetError> {
        let n = self.left.min(STEP);
        let names = |column: &mut Option<Column>| match column {
            Some(column) => column.names(n),
            None => Ok(vec![None; n]),
        };
        let (texts, urls, ids) = (self.text.texts(n)?, names(&mut self.url)?, names(&mut self.id)?);
        self.left -= n;
        self.read.extend(texts.into_iter().zip(urls).zip(ids).map(|((text, url), id)| (text, url, id)));
        Ok(n > 0)
    }
}

/// A column of a row group.
struct Column {
    reader: ColumnReader,
    nullable: bool,
}

impl Column {
    fn open(
        file: &Arc<File>,
        metadata: &::parquet::file::metadata::ColumnChunkMetaData,
        rows: usize,
    ) -> Result<Self, ParquetError> {
        let pages = SerializedPageReader::new(Arc::clone(file), metadata, rows, None)?;
        let descriptor = metadata.column_descr_ptr();
        let nullable = descriptor.max_def_level() > 0;
        Ok(Self { reader: get_column_reader(descriptor, Box::new(pages)), nullable })
    }

    fn texts(&mut self, n: usize) -> Result<Vec<Option<ByteArray>>, ParquetError> {
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => values(reader, n, self.nullable),
            _ => Err(ParquetError::General("the column is no text".to_owned())),
        }
    }

    fn names(&mut self, n: usize) -> Result<Vec<Option<String>>, ParquetError> {
        fn all<T>(values: Vec<Option<T>>, name: impl Fn(T) -> String) -> Vec<Option<String>> {
            values.into_iter().map(|v| v.map(&name)).collect()
        }
        Ok(match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => all(values(reader, n, self.nullable)?, |v| v.to_string()),
            ColumnReader::Int64ColumnReader(reader) => all(values(reader, n, self.nullable)?, |v| v.to_string()),
            _ => all(self.texts(n)?, |v| String::from_utf8_lossy(v.data()).into_owned()),
        })
    }
}

/// The next `n` values, which must be there.
fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    n: usize,
    nullable: bool,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut values, mut levels, mut read) = (Vec::new(), Vec::new(), 0);
    while read < n {
        let (more, ..) = reader.read_records(n - read, nullable.then_some(&mut levels), None, &mut values)?;
        if more == 0 {
            return Err(ParquetError::EOF("a column has fewer rows than its row group".to_owned()));
        }
        read += more;
    }
    if !nullable {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect())
}
