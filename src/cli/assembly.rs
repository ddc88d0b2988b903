//! A file of records put together from its cleaned parts, in order.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::io::{
    Compression, Draft, Ending, Finished, HashedWrite, Input, Member, ParquetWriter, Partial, Record, Rows, Seal, Why,
    partial_of,
};

use super::outputs::{Outputs, Target};
use super::stream::{FileEnd, Piece, RecordFile, Start};
use super::worker::{Done, NO_MEMORY};

/// The file that is being put together.
pub struct Assembly {
    file: Arc<RecordFile>,
    form: Form,
    /// A record that is passed through, as far as it has come, and its member in the file.
    passing: HashedWrite<io::Sink>,
    member: Option<Member>,
    written: u64,
    /// Whether anything in it differs from the input.
    changed: bool,
}

/// How parts become a file.
enum Form {
    Bytes(Out),
    Table(Box<ParquetWriter<Out>>),
}

enum Out {
    Nothing,
    Stdout,
    Draft(Box<Draft>),
    /// A draft that a later run may go on with.
    Partial(Box<Partial>),
    /// A draft that takes the input's place.
    InPlace(Box<Draft>),
}

/// A file that is put together and lacks its name.
pub enum Assembled {
    Nothing,
    File(Finished),
    Whole(Box<Partial>),
    Replacement(Finished),
}

impl Out {
    /// The file that it becomes.
    fn target(&self) -> Option<&Path> {
        match self {
            Self::Draft(draft) | Self::InPlace(draft) => Some(draft.target()),
            Self::Partial(partial) => Some(partial.target()),
            Self::Nothing | Self::Stdout => None,
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Nothing => Ok(bytes.len()),
            Self::Stdout => io::stdout().lock().write(bytes),
            Self::Draft(draft) | Self::InPlace(draft) => draft.write(bytes),
            Self::Partial(partial) => partial.write(bytes),
        }
    }

    /// Files are flushed when they are finished.
    fn flush(&mut self) -> io::Result<()> {
        if matches!(self, Self::Stdout) { io::stdout().lock().flush() } else { Ok(()) }
    }
}

impl Assembly {
    /// Begins the copy of a file; where there is a journal, as one that a later run may go on with, or goes on with one.
    pub fn new(file: Arc<RecordFile>, outputs: &Outputs, journal: Option<Option<Start>>) -> io::Result<Self> {
        let done = journal.as_ref().and_then(|start| start.as_ref()).map(|start| &start.written);
        let written = done.map_or(0, |(len, _)| *len);
        let out = match &outputs.target {
            Target::File(path) if journal.is_some() => {
                Out::Partial(Box::new(Partial::new(path, outputs.replaces(), done)?))
            }
            Target::Folder(tree) if journal.is_some() => Out::Partial(Box::new(tree.partial(&file.path, done)?)),
            Target::Nothing => Out::Nothing,
            Target::Stdout => Out::Stdout,
            Target::File(path) => Out::Draft(Box::new(Draft::new(path, outputs.replaces())?)),
            Target::Folder(tree) => Out::Draft(Box::new(tree.draft(&file.path)?)),
            Target::InPlace { .. } => {
                let from = file.from.as_deref().ok_or(io::ErrorKind::InvalidInput)?;
                let draft = Draft::new(from.canonicalize()?, true)?;
                draft.permissions(Input::open(from, true)?.metadata().permissions())?;
                Out::InPlace(Box::new(draft))
            }
        };
        let form = match (&file.table, out) {
            (Some(table), out) if !matches!(out, Out::Nothing) => {
                // Beside the copy, where there has to be room for it; without a name, so that it is gone whatever happens.
                let folder = out.target().and_then(Path::parent).map_or_else(std::env::temp_dir, Path::to_path_buf);
                let spool = || tempfile::tempfile_in(&folder);
                let out = ParquetWriter::new(Arc::clone(&table.file), table.shape.clone(), out, spool)?;
                Form::Table(Box::new(out))
            }
            (_, out) => Form::Bytes(out),
        };
        let changed = file.table.as_ref().is_some_and(|table| table.removed_column.is_some());
        Ok(Self { file, form, passing: HashedWrite::new(io::sink()), member: None, written, changed })
    }

    /// Where it goes.
    pub fn target(&self) -> PathBuf {
        match self.out() {
            Out::Stdout => "standard output".into(),
            out => out.target().unwrap_or(&self.file.path).to_path_buf(),
        }
    }

    fn out(&self) -> &Out {
        match &self.form {
            Form::Bytes(out) => out,
            Form::Table(table) => table.get_ref(),
        }
    }

    /// Adds the bytes of a part.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        match &mut self.form {
            Form::Bytes(out) => out.write_all(bytes).and_then(|()| out.flush()),
            // Its rows come by themselves.
            Form::Table(_) => Ok(()),
        }
    }

    /// Adds rows of a table.
    pub fn write_rows(&mut self, rows: Rows) -> io::Result<()> {
        match &mut self.form {
            Form::Table(table) => table.write(rows),
            Form::Bytes(_) => Ok(()),
        }
    }

    /// What a later run may go on with; nothing, where none can.
    pub fn written_so_far(&self, durable: bool) -> Option<io::Result<Seal>> {
        let Form::Bytes(Out::Partial(partial)) = &self.form else { return None };
        let synced = if durable { partial.sync() } else { Ok(()) };
        Some(synced.map(|()| partial.seal()))
    }

    /// Notes what became of a document in it.
    pub fn saw(&mut self, record: &Record) {
        self.changed |= !record.removed.is_empty();
    }

    /// Adds a piece of a record that is passed through; its last piece makes the record.
    pub fn pass(&mut self, piece: &Piece, max_record: usize) -> io::Result<Option<Done>> {
        self.passing.write_all(&piece.bytes)?;
        let mut member = match self.member.take() {
            Some(member) => member,
            None => Member::new(self.file.compression, None)?,
        };
        self.write(&member.add(&piece.bytes)?)?;
        if !piece.last {
            self.member = Some(member);
            return Ok(None);
        }
        self.write(&member.finish()?)?;
        let (len, hash) = std::mem::replace(&mut self.passing, HashedWrite::new(io::sink())).finish().0;
        let reason = match piece.why {
            Why::CutShort => "the file ends in the middle of it".to_owned(),
            Why::NoMemory => NO_MEMORY.to_owned(),
            _ => format!("larger than {max_record} bytes (--max-record)"),
        };
        let record = Record::as_is(&self.file.path, Ending::PassedThrough, reason, len, hash);
        Ok(Some(Done::of(record.numbered(piece.number))))
    }

    /// The last record: of a file that could not be read to its end, or of a table without rows.
    pub fn last(&self, end: &FileEnd) -> Option<Done> {
        let Some(error) = &end.error else {
            return (end.next == 1).then(|| self.file.without_rows()).flatten().map(Done::of);
        };
        let before = match end.next {
            _ if self.file.table.is_some() => "nothing of the table was written",
            1 => "nothing in it could be read",
            _ => "what came before it is cleaned",
        };
        let record = Record::failed(&self.file.path, format!("{error}; {before}"));
        Some(Done::of(record.numbered(end.next)))
    }

    /// Ends the writing. Gives also length and hash of the file, where they are known.
    pub fn finish(mut self, end: &FileEnd, durable: bool) -> io::Result<(Assembled, Option<Seal>)> {
        // An empty stream is a stream, where the input was one.
        if self.written == 0 && self.file.compression != Compression::None && end.raw.0 > 0 {
            let empty = self.file.compression.pack(Vec::new())?;
            self.write(&empty)?;
        }
        let out = match self.form {
            Form::Bytes(out) => out,
            // A table without its last rows would be another table.
            Form::Table(table) if end.error.is_some() => {
                let begun = match table.get_ref() {
                    Out::Partial(partial) => Some(partial_of(partial.target())),
                    _ => None,
                };
                drop(table);
                begun.map_or(Ok(()), fs::remove_file)?;
                return Ok((Assembled::Nothing, None));
            }
            Form::Table(table) => table.finish()?,
        };
        if durable {
            match &out {
                Out::Draft(draft) | Out::InPlace(draft) => draft.sync()?,
                Out::Partial(partial) => partial.sync()?,
                Out::Nothing | Out::Stdout => {}
            }
        }
        Ok(match out {
            // A file that could not be read to its end stays as it is.
            Out::InPlace(_) if !self.changed || end.error.is_some() => (Assembled::Nothing, None),
            Out::InPlace(draft) => (Assembled::Replacement(draft.finish()?), None),
            Out::Draft(draft) => (Assembled::File(draft.finish()?), None),
            Out::Partial(partial) => {
                let written = partial.seal();
                (Assembled::Whole(partial), Some(written))
            }
            Out::Nothing | Out::Stdout => (Assembled::Nothing, None),
        })
    }
}
