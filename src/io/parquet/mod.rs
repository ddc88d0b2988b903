//! Parquet files: the texts of one column are read and written anew, row group by row group; every other column is copied
//! as it stands, byte for byte, with its statistics, indexes and filters. A copy may have a column more: what was removed.

mod read;
mod removed;
mod shape;
mod write;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use ::parquet::schema::types::ColumnDescriptor;

pub use read::{Row, Rows, RowsReader};
pub use removed::RemovedRows;
pub use shape::ParquetShape;
pub use write::ParquetWriter;

use super::compress::is_beyond_measure;
use super::jsonl::Fields;

/// The most row groups that a file may have: their numbers have 16 bits.
const MAX_GROUPS: usize = i16::MAX as usize;

/// A file whose texts can be read: to its end, it was tried.
#[derive(Debug)]
pub struct ParquetFile {
    file: Arc<File>,
    metadata: ParquetMetaData,
    /// The name of the column of texts.
    column: String,
    /// The columns of text, address and name.
    text: usize,
    url: Option<usize>,
    id: Option<usize>,
}

impl ParquetFile {
    /// Reads what the file says of itself, and looks through its texts: a file that is damaged in the middle cannot be
    /// written anew, and has to pass through whole. So has one that expands more than `max_expand` times.
    ///
    /// # Errors
    ///
    /// `InvalidData` with why it has to; any other kind when it cannot be read.
    pub fn open(file: File, fields: &Fields, max_expand: u64) -> io::Result<Arc<Self>> {
        let open = || {
            let found = Arc::new(Self::read(file, fields)?);
            let groups = found.metadata.row_groups().iter();
            let packed = groups.map(|group| group.column(found.text).compressed_size().max(0) as u64).sum();
            let mut content = 0;
            for rows in RowsReader::new(Arc::clone(&found)) {
                content += rows.map_err(|e| unfit("damaged Parquet", e))?.bytes.len() as u64;
                if is_beyond_measure(packed, content, max_expand) {
                    let reason = format!("its texts expand more than {max_expand} times: --max-expand allows more");
                    return Err(invalid(reason));
                }
            }
            Ok(found)
        };
        // The reader is another's, and the file a stranger's.
        catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(invalid("damaged Parquet")))
    }

    fn read(file: File, fields: &Fields) -> io::Result<Self> {
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&file)
            .map_err(|e| unfit("no Parquet that can be read", plain(e)))?;
        let columns = metadata.file_metadata().schema_descr().columns();
        let find = |name: &str| columns.iter().position(|c| c.path().parts() == [name]);
        let text = find(&fields.text).ok_or_else(|| invalid(format!("no column {:?}", fields.text)))?;
        if !is_text(&columns[text]) {
            return Err(invalid(format!("the column {:?} is no text", fields.text)));
        }
        if metadata.num_row_groups() > MAX_GROUPS {
            return Err(invalid(format!("more than {MAX_GROUPS} row groups")));
        }
        let names = |name: &str| find(name).filter(|i| is_name(&columns[*i]));
        let (url, id) = (names(&fields.url), names(&fields.id));
        Ok(Self { file: Arc::new(file), metadata, column: fields.text.clone(), text, url, id })
    }

    /// The column of the texts.
    pub fn column(&self) -> &str {
        &self.column
    }
}

/// Whether a column holds one string, or bytes, a row.
fn is_text(column: &ColumnDescriptor) -> bool {
    let string = match column.logical_type_ref() {
        Some(kind) => matches!(kind, LogicalType::String),
        None => matches!(column.converted_type(), ConvertedType::UTF8 | ConvertedType::NONE),
    };
    string && column.physical_type() == Type::BYTE_ARRAY && column.max_rep_level() == 0
}

/// Whether a column can name rows: with a text or a whole number.
fn is_name(column: &ColumnDescriptor) -> bool {
    is_text(column)
        || (matches!(column.physical_type(), Type::INT32 | Type::INT64)
            && column.max_rep_level() == 0
            && matches!(column.logical_type_ref(), None | Some(LogicalType::Integer { .. })))
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// What is wrong with a file that could be read; what the system says where it could not.
fn unfit(what: &str, e: io::Error) -> io::Error {
    if e.raw_os_error().is_some() { e } else { invalid(format!("{what}: {e}")) }
}

/// The system's own error, where there is one.
fn plain(e: ParquetError) -> io::Error {
    match e {
        ParquetError::External(e) => e.downcast::<io::Error>().map_or_else(io::Error::other, |e| *e),
        e => io::Error::other(e),
    }
}
