//! The column of removed pieces: a list of structs for each row, which take the names of the report.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowSchemaConverter;
use ::parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, PageKey, PageStore, PageStoreArgs, PageStoreFactory, compute_leaves,
};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::properties::WriterPropertiesPtr;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{SchemaDescriptor, TypePtr};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{FieldRef, Schema};
use bytes::Bytes;

use crate::io::arrow::{field, fit, lists, pieces};
use crate::io::record::Removed;

/// Of some rows, what was removed; nothing of a row without a text.
pub type RemovedRows = Vec<Option<Vec<Removed>>>;

/// The column by this name.
pub fn column(name: &str) -> FieldRef {
    field(name, array(&[]).data_type())
}

/// The same in a file's own terms.
pub fn parquet_type(field: &FieldRef) -> Result<TypePtr> {
    let schema = schema(field)?;
    let first = schema.root_schema().get_fields().first().cloned();
    first.ok_or_else(|| ParquetError::General("a schema without the column that it was made of".to_owned()))
}

fn schema(field: &FieldRef) -> Result<SchemaDescriptor> {
    // With the names that the Parquet specification gives the parts of a list.
    ArrowSchemaConverter::new().with_coerce_types(true).convert(&Schema::new(vec![Arc::clone(field)]))
}

fn array(rows: &[Option<Vec<Removed>>]) -> ArrayRef {
    lists(rows.iter().map(Option::as_deref), |removed| pieces(&removed.collect::<Vec<_>>()))
}

/// Writes the column, row group by row group.
pub struct RemovedWriter {
    field: FieldRef,
    /// Where pages wait until their row group is whole.
    spool: Spool,
    /// The columns of the row group at hand.
    columns: Vec<ArrowColumnWriter>,
}

impl RemovedWriter {
    /// `spool` is an empty file that nobody else uses.
    pub fn new(field: FieldRef, spool: File) -> Self {
        let pages = Pages { file: spool, end: 0, places: Vec::new() };
        Self { field, spool: Spool(Arc::new(Mutex::new(pages))), columns: Vec::new() }
    }

    /// Begins a row group.
    pub fn begin_group(&mut self, properties: WriterPropertiesPtr) -> Result<()> {
        self.spool.with(Pages::clear)?;
        // The factory takes schema and properties from a file's writer.
        let file = SerializedFileWriter::new(io::sink(), schema(&self.field)?.root_schema_ptr(), properties)?;
        let arrow = Arc::new(Schema::new(vec![Arc::clone(&self.field)]));
        let factory =
            ArrowRowGroupWriterFactory::new(&file, arrow).with_page_store_factory(Arc::new(self.spool.clone()));
        self.columns = factory.create_column_writers(0)?;
        Ok(())
    }

    /// Writes the next rows.
    pub fn write(&mut self, rows: &[Option<Vec<Removed>>]) -> Result<()> {
        if !fit(rows.iter().flatten().flatten()) {
            return Err(ParquetError::General("what is removed of one row is over 2 GiB".to_owned()));
        }
        let leaves = compute_leaves(&self.field, &array(rows))?;
        self.columns.iter_mut().zip(&leaves).try_for_each(|(column, leaf)| column.write(leaf))
    }

    /// Ends the row group: the columns are its last.
    pub fn end_group<W: Write + Send>(&mut self, out: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        self.columns.drain(..).try_for_each(|column| column.close()?.append_to_row_group(out))
    }
}

/// Pages of all columns in one file.
#[derive(Debug)]
struct Pages {
    file: File,
    end: u64,
    /// Where each begins, and its length.
    places: Vec<(u64, usize)>,
}

impl Pages {
    fn clear(&mut self) -> io::Result<()> {
        self.places.clear();
        self.end = 0;
        self.file.set_len(0)
    }

    fn put(&mut self, page: &[u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(page)?;
        self.places.push((self.end, page.len()));
        self.end += page.len() as u64;
        Ok(self.places.len() - 1)
    }

    fn take(&mut self, key: usize) -> io::Result<Vec<u8>> {
        let (start, len) = self.places.get(key).copied().ok_or(io::ErrorKind::NotFound)?;
        let mut page = vec![0; len];
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut page)?;
        Ok(page)
    }
}

/// The pages, for each column's writer.
#[derive(Clone, Debug)]
struct Spool(Arc<Mutex<Pages>>);

impl Spool {
    fn with<T>(&self, act: impl FnOnce(&mut Pages) -> io::Result<T>) -> Result<T> {
        Ok(act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}

impl PageStore for Spool {
    fn put(&mut self, value: Bytes) -> Result<PageKey> {
        self.with(|pages| pages.put(&value)).map(|key| PageKey::new(key as u64))
    }

    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        self.with(|pages| pages.take(key.get() as usize)).map(Bytes::from)
    }
}

impl PageStoreFactory for Spool {
    fn create(&self, _: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        Ok(Box::new(self.clone()))
    }
}
