//! `journal.jsonl`: what is finished. A line is written after the files that it tells of are in place, and it is the only
//! thing that makes them count: a file without a line is made again.
//!
//! Each line ends with a hash of itself. A torn or damaged line ends the journal: nothing behind it is believed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::record::{RecordPath, hash_text};

/// The name and major version of the form.
const SCHEMA: &str = "dehusk.journal/1";
/// The longest line that is read: paths are some kilobytes at most.
const MAX_LINE: u64 = 1 << 20;
/// What comes before the hash of a line.
const CHECK: &str = ",\"check\":\"";

/// Length and hash of some bytes.
pub type Seal = (u64, String);

/// What a journal is of: a run with other options, rules or another version makes other files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    schema: String,
    /// The version of dehusk.
    dehusk: String,
    /// Hash of everything else that the outputs depend on.
    options: String,
}

/// A finished input, or a part of a file of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The input's path, as in the report before it was given another name.
    pub path: RecordPath,
    /// The output's path, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<RecordPath>,
    /// Of a part, the number of the record that comes next; the whole file is not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u64>,
    /// Length and hash of the input as it came; of a part, of the content so far. Null when it was not read.
    #[serde(rename = "in")]
    pub input: Option<Seal>,
    /// Length and hash of what is written so far. Null when nothing was written.
    #[serde(rename = "out")]
    pub output: Option<Seal>,
    /// Length of the report with all records so far.
    pub report: u64,
}

impl Entry {
    /// An input that has come to its end.
    pub fn new(path: &Path, to: &Path, input: Option<Seal>, output: Option<Seal>) -> Self {
        let to = (to != path).then(|| RecordPath::from(to));
        Self { path: path.into(), to, part: None, input, output, report: 0 }
    }
}

/// Writes a journal, and holds it: no other run writes to the same place meanwhile.
#[derive(Debug)]
pub struct Journal {
    file: File,
    /// Lines that wait until the records they tell of are in the report.
    waiting: String,
}

/// Why there is no journal to write to.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoJournal {
    /// Another run holds it.
    Held,
    /// What the system says.
    Io(io::Error),
}

impl From<io::Error> for NoJournal {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// A journal that was found, held, with what can be believed of it.
#[derive(Debug)]
pub struct Found {
    journal: Journal,
    lines: BufReader<File>,
    /// Length of the lines that were read and believed.
    at: u64,
    /// Whether a line was met that is not believed.
    ended: bool,
}

impl Journal {
    /// Begins a journal for a run whose outputs depend on `options`.
    ///
    /// # Errors
    ///
    /// When another run holds it, or what the system says.
    pub fn create(path: &Path, options: &str) -> Result<Self, NoJournal> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        hold(&file)?;
        let mut journal = Self { file, waiting: line_of(&header(options)) };
        journal.flush()?;
        Ok(journal)
    }

    /// Finds the journal of an earlier run, and holds it.
    ///
    /// # Errors
    ///
    /// When another run holds it, or what the system says.
    pub fn find(path: &Path) -> Result<Found, NoJournal> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        hold(&file)?;
        let lines = BufReader::new(file.try_clone()?);
        Ok(Found { journal: Self { file, waiting: String::new() }, lines, at: 0, ended: false })
    }

    /// Adds a line. It is written by [`flush`](Self::flush).
    pub fn add(&mut self, entry: &Entry) {
        self.waiting.push_str(&line_of(entry));
    }

    /// Writes the lines that wait.
    ///
    /// # Errors
    ///
    /// What the system says. Half a line does no harm: it is not believed.
    pub fn flush(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.file.write_all(waiting.as_bytes())
    }

    /// Makes what was written outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Found {
    /// Whether the run it is of made the same outputs of the same inputs; entries follow.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn is_of(&mut self, options: &str) -> io::Result<bool> {
        Ok(self.line::<Header>()?.is_some_and(|found| found == header(options)))
    }

    /// The next entry that can be believed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn entry(&mut self) -> io::Result<Option<Entry>> {
        self.line()
    }

    /// Where reading is: the length of the journal up to here.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Goes on with the first `len` bytes of it; the rest is given up.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn go_on(self, len: u64) -> io::Result<Journal> {
        let mut journal = self.journal;
        journal.file.set_len(len)?;
        journal.file.seek(SeekFrom::Start(len))?;
        Ok(journal)
    }

    /// Begins anew, still holding it.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn begin_anew(self, options: &str) -> io::Result<Journal> {
        let mut journal = self.go_on(0)?;
        journal.waiting = line_of(&header(options));
        journal.flush()?;
        Ok(journal)
    }

    fn line<T: for<'de> Deserialize<'de>>(&mut self) -> io::Result<Option<T>> {
        if self.ended {
            return Ok(None);
        }
        let mut line = Vec::new();
        (&mut self.lines).take(MAX_LINE).read_until(b'\n', &mut line)?;
        let entry = std::str::from_utf8(&line).ok().and_then(checked).and_then(|json| serde_json::from_str(&json).ok());
        self.ended = entry.is_none();
        if entry.is_some() {
            self.at += line.len() as u64;
        }
        Ok(entry)
    }
}

fn hold(file: &File) -> Result<(), NoJournal> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(NoJournal::Held),
        // A file system without locks: two runs are told apart by nobody.
        Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(e)) => Err(NoJournal::Io(e)),
    }
}

fn header(options: &str) -> Header {
    Header {
        schema: SCHEMA.to_owned(),
        dehusk: env!("CARGO_PKG_VERSION").to_owned(),
        options: hash_text(xxh3_64(options.as_bytes())),
    }
}

/// A line with its hash: `{…,"check":"xxh3:…"}`.
fn line_of(value: &impl Serialize) -> String {
    // Plain data: nothing here can fail to serialise.
    let json = serde_json::to_string(value).unwrap_or_default();
    let open = json.strip_suffix('}').unwrap_or(&json);
    format!("{open}{CHECK}{}\"}}\n", hash_text(xxh3_64(open.as_bytes())))
}

/// The object of a whole, undamaged line.
fn checked(line: &str) -> Option<String> {
    let (open, check) = line.strip_suffix("\"}\n")?.rsplit_once(CHECK)?;
    (check == hash_text(xxh3_64(open.as_bytes()))).then(|| format!("{open}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let seal = |n: u64| Some((n, format!("xxh3:{n:016x}")));
        let mut part = Entry::new(Path::new("b.jsonl"), Path::new("b.jsonl"), seal(3), seal(4));
        part.part = Some(17);
        vec![
            Entry::new(Path::new("a.html"), Path::new("a.txt"), seal(1), seal(2)),
            Entry::new(Path::new("a.png"), Path::new("a.png"), None, None),
            part,
        ]
    }

    fn written(path: &Path) -> Vec<u8> {
        let mut journal = Journal::create(path, "level=balanced").unwrap();
        entries().iter().for_each(|entry| journal.add(entry));
        journal.flush().unwrap();
        std::fs::read(path).unwrap()
    }

    fn read(path: &Path) -> (bool, Vec<Entry>, u64) {
        let mut found = Journal::find(path).unwrap();
        let same = found.is_of("level=balanced").unwrap();
        let mut all = Vec::new();
        while let Some(entry) = found.entry().unwrap() {
            all.push(entry);
        }
        (same, all, found.at())
    }

    #[test]
    fn entries_come_back_and_one_run_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let journal = Journal::create(&path, "x").unwrap();
        assert!(matches!(Journal::find(&path), Err(NoJournal::Held)));
        drop(journal);
        std::fs::remove_file(&path).unwrap();
        let bytes = written(&path);
        assert_eq!(read(&path), (true, entries(), bytes.len() as u64));
        assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() < 200));
        assert!(!Journal::find(&path).unwrap().is_of("level=strict").unwrap());
        let mut found = Journal::find(&path).unwrap();
        assert!(found.is_of("level=balanced").unwrap());
        found.entry().unwrap();
        let at = found.at();
        let mut journal = found.go_on(at).unwrap();
        journal.add(&entries()[2]);
        journal.flush().unwrap();
        drop(journal);
        assert_eq!(read(&path).1, [entries()[0].clone(), entries()[2].clone()]);
    }

    #[test]
    fn what_is_torn_or_flipped_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let bytes = written(&path);
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let (_, some, at) = read(&path);
            assert!(entries().starts_with(&some) && at <= cut as u64);
        }
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bad).unwrap();
            let (same, some, _) = read(&path);
            assert!(entries().starts_with(&some), "bit {bit}");
            assert!(some.len() < entries().len() || !same, "bit {bit}");
        }
    }
}
