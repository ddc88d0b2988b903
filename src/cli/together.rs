//! A file of records put together from its cleaned copy and its records in the report.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use dehusk::io::{Compression, Draft, Input, Packer, Record, Unpacker, copy_hashed};

use super::parquet::Original;
use super::restore::{Problem, Restored};

/// What is said of a cleaned file that is not the one the report tells of.
pub const CHANGED: &str =
    "the cleaned file is not what was written: it was changed since, or belongs to another report";

/// An original that is being put together.
pub struct Together {
    /// Its path in the report.
    pub path: PathBuf,
    form: Form,
}

enum Form {
    Stream(Box<Unpacker<BufReader<File>>>, Box<Packer<Draft>>),
    Table(Box<Original>),
}

impl Together {
    /// Begins with the cleaned file `from`, which is what the report calls `path`, and of which it says `first` first.
    pub fn new(path: &Path, from: &Path, first: &Record, draft: Draft) -> Result<Self, Problem> {
        if let Some(column) = &first.column {
            let table = Original::new(from, column, first.removed_column.as_deref(), draft)?;
            return Ok(Self { path: path.to_path_buf(), form: Form::Table(Box::new(table)) });
        }
        let open = || {
            let reader = Input::open(from, false)?.into_reader();
            let mut reader = BufReader::with_capacity(256 << 10, reader);
            let compression = Compression::of_bytes(io::BufRead::fill_buf(&mut reader)?);
            // What dehusk wrote is no bomb.
            Ok((compression, Unpacker::new(compression, reader, u64::MAX)?))
        };
        let (compression, content) = open().map_err(unreadable)?;
        Ok(Self {
            path: path.to_path_buf(),
            form: Form::Stream(Box::new(content), Box::new(Packer::new(draft, compression))),
        })
    }

    /// What comes of it.
    pub fn makes(&self) -> Restored {
        match self.form {
            Form::Stream(..) => Restored::File,
            Form::Table(_) => Restored::Table,
        }
    }

    /// Puts the next record back.
    pub fn restore(&mut self, record: &Record) -> Result<(), Problem> {
        let (content, out) = match &mut self.form {
            Form::Stream(content, out) => (content, out),
            Form::Table(table) => return table.restore(record),
        };
        let (Some([_, len]), Some([before, after])) = (record.bytes, &record.hash) else { return Ok(()) };
        let mut body = content.take(len);
        if record.visible.is_some() {
            return Err(Problem::Different("a web archive that became text: its pages are not in it".into()));
        }
        if record.is_as_it_was() {
            // Nothing to put back: it is copied in pieces, however large it is.
            let (_, hash) = copy_hashed(&mut body, out).map_err(Problem::Output)?.map_err(unreadable)?;
            return if hash == *before && before == after { Ok(()) } else { Err(Problem::Different(CHANGED.into())) };
        }
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(unreadable)?;
        let original = record.restore(&bytes).map_err(|e| Problem::Different(e.to_string()))?;
        out.write_all(&original).map_err(Problem::Output)
    }

    /// Ends the file, which must have come to its end.
    pub fn finish(self) -> Result<Draft, Problem> {
        let (mut content, out) = match self.form {
            Form::Stream(content, out) => (content, out),
            Form::Table(table) => return table.finish(),
        };
        if content.read(&mut [0]).map_err(unreadable)? > 0 {
            return Err(Problem::Different(CHANGED.into()));
        }
        out.finish().map_err(Problem::Output)
    }
}

/// A cleaned file that cannot be read.
pub fn unreadable(e: io::Error) -> Problem {
    Problem::Different(format!("cannot read the cleaned file: {e}"))
}
