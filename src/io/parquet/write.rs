//! A copy of a file with other texts. The text column of a row group waits in a file without a name until the group is whole:
//! columns stand one after the other, and memory must not hold them. So does the column of removed pieces.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::Arc;

use ::parquet::bloom_filter::Sbbf;
use ::parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use ::parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer, get_typed_column_writer_mut};
use ::parquet::data_type::{ByteArray, ByteArrayType};
use ::parquet::errors::Result;
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterPropertiesPtr};
use ::parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};

use super::read::Rows;
use super::removed::RemovedWriter;
use super::{ParquetFile, ParquetShape, plain};

/// Writes the copy.
pub struct ParquetWriter<W: Write + Send> {
    source: Arc<ParquetFile>,
    /// The column that is left out.
    left_out: Option<usize>,
    out: SerializedFileWriter<W>,
    /// Where texts wait.
    spool: File,
    /// The row group at hand.
    group: usize,
    texts: Option<ColumnWriter<'static>>,
    /// The column of removed pieces, where there is to be one.
    removed: Option<RemovedWriter>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Writes a copy of `source` with the columns of `shape` to `out`; `spool` makes empty files that nobody else uses.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn new(
        source: Arc<ParquetFile>,
        shape: ParquetShape,
        out: W,
        spool: impl Fn() -> io::Result<File>,
    ) -> io::Result<Self> {
        let ParquetShape { schema, metadata, added, left_out } = shape;
        let file = source.metadata.file_metadata();
        let mut properties = WriterProperties::builder()
            .set_key_value_metadata(metadata)
            .set_offset_index_disabled(source.metadata.offset_index().is_none());
        if let Some(by) = file.created_by() {
            // Readers go by it to know what statistics are worth, and those are still its.
            properties = properties.set_created_by(by.to_owned());
        }
        let out = SerializedFileWriter::new(out, schema, Arc::new(properties.build())).map_err(plain)?;
        let removed = match added {
            Some(column) => Some(RemovedWriter::new(column, spool()?)),
            None => None,
        };
        Ok(Self { source, left_out, out, spool: spool()?, group: 0, texts: None, removed })
    }

    /// Writes the next rows, and what else there is of their row group when they are its last.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write(&mut self, rows: Rows) -> io::Result<()> {
        self.rows(rows).map_err(plain)
    }

    fn rows(&mut self, rows: Rows) -> Result<()> {
        let source = Arc::clone(&self.source);
        let group = source.metadata.row_group(self.group);
        let column = group.column(source.text);
        let mut texts = match self.texts.take() {
            Some(texts) => texts,
            None => {
                self.spool.set_len(0)?;
                self.spool.rewind()?;
                if let Some(removed) = &mut self.removed {
                    removed.begin_group(of_removed(&source, group))?;
                }
                let pages = Spool(TrackedWrite::new(self.spool.try_clone()?));
                get_column_writer(column.column_descr_ptr(), of_texts(&source, group), Box::new(pages))
            }
        };
        if let Some(removed) = &mut self.removed {
            removed.write(&rows.removed)?;
        }
        let levels: Vec<i16> = rows.rows.iter().map(|row| i16::from(!row.null)).collect();
        let bytes = ByteArray::from(rows.bytes);
        let starts = std::iter::once(0).chain(rows.rows.iter().map(|row| row.end));
        let values: Vec<ByteArray> = starts
            .zip(&rows.rows)
            .filter(|(_, row)| !row.null)
            .map(|(start, row)| bytes.slice(start, row.end - start))
            .collect();
        let nullable = column.column_descr().max_def_level() > 0;
        get_typed_column_writer_mut::<ByteArrayType>(&mut texts).write_batch(
            &values,
            nullable.then_some(&levels),
            None,
        )?;
        if rows.last {
            return self.end_group(group, texts.close()?);
        }
        self.texts = Some(texts);
        Ok(())
    }

    fn end_group(&mut self, group: &RowGroupMetaData, texts: ColumnCloseResult) -> Result<()> {
        let source = &self.source;
        let mut texts = Some(texts);
        let mut out = self.out.next_row_group()?;
        let roots = source.metadata.file_metadata().schema_descr();
        for (i, column) in group.columns().iter().enumerate() {
            if self.left_out == Some(roots.get_column_root_idx(i)) {
                continue;
            }
            if let Some(texts) = texts.take_if(|_| i == source.text) {
                out.append_column(&self.spool, texts)?;
                continue;
            }
            let metadata = &source.metadata;
            let close = ColumnCloseResult {
                bytes_written: column.compressed_size().max(0) as u64,
                rows_written: group.num_rows().max(0) as u64,
                metadata: column.clone(),
                bloom_filter: Sbbf::read_from_column_chunk(column, &*source.file).ok().flatten(),
                column_index: metadata.column_index().and_then(|all| all.get(self.group)?.get(i).cloned()),
                offset_index: metadata.offset_index().and_then(|all| all.get(self.group)?.get(i).cloned()),
            };
            out.append_column(&*source.file, close)?;
        }
        if let Some(removed) = &mut self.removed {
            removed.end_group(&mut out)?;
        }
        out.close()?;
        self.group += 1;
        Ok(())
    }

    /// Where it goes.
    pub fn get_ref(&self) -> &W {
        self.out.inner()
    }

    /// Ends the file, and gives back where it went.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(plain)
    }
}

/// How the texts of a row group are written: as they were.
fn of_texts(source: &ParquetFile, group: &RowGroupMetaData) -> WriterPropertiesPtr {
    let column = group.column(source.text);
    let properties = like_texts(source, group)
        .set_dictionary_enabled(column.dictionary_page_offset().is_some())
        .set_bloom_filter_enabled(column.bloom_filter_offset().is_some());
    Arc::new(properties.build())
}

/// How the removed pieces of a row group are written: categories and rules come again and again.
fn of_removed(source: &ParquetFile, group: &RowGroupMetaData) -> WriterPropertiesPtr {
    Arc::new(like_texts(source, group).set_dictionary_enabled(true).build())
}

fn like_texts(source: &ParquetFile, group: &RowGroupMetaData) -> WriterPropertiesBuilder {
    let column = group.column(source.text);
    let statistics = match (column.column_index_offset(), column.statistics()) {
        (Some(_), _) => EnabledStatistics::Page,
        (None, Some(_)) => EnabledStatistics::Chunk,
        (None, None) => EnabledStatistics::None,
    };
    WriterProperties::builder()
        .set_compression(column.compression())
        .set_statistics_enabled(statistics)
        .set_offset_index_disabled(source.metadata.offset_index().is_none())
}

/// Pages on their way into a file of their own.
struct Spool(TrackedWrite<File>);

impl PageWriter for Spool {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        SerializedPageWriter::new(&mut self.0).write_page(page)
    }

    fn close(&mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }
}
