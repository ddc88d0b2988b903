//! Reading the records of reports.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use dehusk::io::{Escaped, Input, Record};

use super::exit::{Failure, Outcome};

/// The longest line of a report that is read.
const MAX_LINE: u64 = 8 << 30;

/// The records of one report, in order.
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    lines: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

impl Records {
    /// Opens a report: its folder, or its `removals.jsonl`.
    pub fn open(report: &Path) -> Outcome<Self> {
        let path = if report.is_dir() { report.join("removals.jsonl") } else { report.to_path_buf() };
        // Refuses what is no regular file before it is read.
        let file = Input::open(&path, true).and_then(|_| File::open(&path)).map_err(|e| {
            Failure::usage(format!(
                "cannot read {}: {e}. Give a report folder, as `dehusk clean -o OUT` writes OUT.report",
                Escaped::path(&path)
            ))
        })?;
        Ok(Self { path, lines: BufReader::with_capacity(1 << 18, file), line: Vec::new(), number: 0 })
    }

    /// The next record. One that cannot be read ends all: figures must be exact.
    pub fn read(&mut self) -> Outcome<Option<Record>> {
        self.line.clear();
        self.number += 1;
        let wrong = |e: &dyn std::fmt::Display, number| {
            let text = e.to_string();
            Failure::usage(format!("{} line {number}: {}", Escaped::path(&self.path), Escaped::text(&text)))
        };
        let read = (&mut self.lines).take(MAX_LINE).read_until(b'\n', &mut self.line);
        if read.map_err(|e| wrong(&e, self.number))? == 0 {
            return Ok(None);
        }
        let line = std::str::from_utf8(&self.line).map_err(|e| wrong(&e, self.number))?;
        Record::parse(line).map(Some).map_err(|e| wrong(&e, self.number))
    }
}
