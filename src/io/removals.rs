//! Writing `removals.jsonl`: whole lines only, whatever happens.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes of lines that are held back to be written at once.
const BUFFER: usize = 64 * 1024;

/// Writes records as lines. A file it leaves ends with a whole line even when the disk is full.
#[derive(Debug)]
pub struct RecordWriter {
    file: File,
    buffer: Vec<u8>,
    /// Length of the file up to its last whole line.
    whole: u64,
    /// Whether lines were lost.
    lost: bool,
}

impl RecordWriter {
    /// Makes the file, which must not be there yet.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create_new(path)?, buffer: Vec::new(), whole: 0, lost: false })
    }

    /// Goes on with the first `len` bytes of the file; the rest is given up.
    ///
    /// # Errors
    ///
    /// What the system says; `UnexpectedEof` when it is shorter.
    pub fn go_on(path: &Path, len: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.set_len(len)?;
        file.seek(SeekFrom::Start(len))?;
        Ok(Self { file, buffer: Vec::new(), whole: len, lost: false })
    }

    /// The length of the file with all lines so far.
    pub fn len(&self) -> u64 {
        self.whole + self.buffer.len() as u64
    }

    /// Whether there is no line yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes what was written outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Whether every line so far is in the file.
    pub fn is_saved(&self) -> bool {
        !self.lost && self.buffer.is_empty()
    }

    /// Adds a line, its line feed included. Returns whether all lines so far are in the file.
    ///
    /// # Errors
    ///
    /// What the system says. The lines that are not in the file are lost, those that are stay.
    pub fn line(&mut self, line: &str) -> io::Result<bool> {
        self.buffer.extend_from_slice(line.as_bytes());
        if self.buffer.len() < BUFFER {
            return Ok(false);
        }
        self.flush().map(|()| true)
    }

    /// Writes what is held back.
    ///
    /// # Errors
    ///
    /// As [`line`](Self::line).
    pub fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.buffer);
        match written {
            Ok(()) => self.whole += self.buffer.len() as u64,
            // Half a line must not stay. Should even that fail, the last line is torn, and readers say so.
            Err(_) => {
                self.lost = true;
                drop(self.file.set_len(self.whole));
            }
        }
        self.buffer.clear();
        written
    }

    /// Writes what is held back and ends.
    ///
    /// # Errors
    ///
    /// As [`line`](Self::line).
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()
    }
}
