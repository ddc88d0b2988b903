//! The distinct removed lines of a run: ten thousand pages share a few hundred.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use super::escaped::is_unsafe;
use super::record::{Record, RecordPath};

/// Distinct lines that are counted at a time. Over it, the rarest are forgotten.
const MOST: usize = 50_000;
/// Characters of a line that are kept.
const LENGTH: usize = 200;

/// Counts removed lines. Its memory is bounded: over 50,000 distinct lines it forgets those seen least.
#[derive(Debug, Default)]
pub struct Strings {
    lines: HashMap<u128, StringCount>,
    seen: u64,
    /// Lines of at most this count may have been forgotten.
    forgotten: u64,
}

/// A removed line, how often it was removed, and where first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StringCount {
    /// How often.
    pub count: u64,
    /// Its category where it was first removed.
    pub category: String,
    /// The rule that removed it there; null when none did.
    pub rule: Option<String>,
    /// The line, white space squeezed, cut after 200 characters.
    pub text: String,
    /// The first input it was removed from.
    pub path: RecordPath,
    /// The line there; the first is 1.
    pub line: usize,
    #[serde(skip)]
    order: u64,
}

impl Strings {
    /// Counts the lines that a record says were removed.
    pub fn add(&mut self, record: &Record) {
        for piece in &record.removed {
            // The piece's first line is the one its visible text begins on.
            let lines = piece.text.as_deref().unwrap_or_default().trim_start().lines();
            for (below, line) in lines.map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
                self.seen += 1;
                let seen = self.seen;
                let entry = self.lines.entry(xxh3_128(line.as_bytes())).or_insert_with(|| StringCount {
                    count: 0,
                    category: piece.category.clone(),
                    rule: piece.rule.clone(),
                    text: squeezed(line),
                    path: record.path.clone(),
                    line: piece.line[0] + below,
                    order: seen,
                });
                entry.count += 1;
            }
        }
        while self.lines.len() > MOST {
            self.forgotten += 1;
            let forgotten = self.forgotten;
            self.lines.retain(|_, line| line.count > forgotten);
        }
    }

    /// Lines of at most this count may be missing: there were too many distinct ones. 0 means that none is.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The lines, the most frequent first, and in input order among equals.
    pub fn sorted(&self) -> Vec<&StringCount> {
        let mut all: Vec<_> = self.lines.values().collect();
        all.sort_unstable_by(|a, b| b.count.cmp(&a.count).then(a.order.cmp(&b.order)));
        all
    }

    /// Writes the sheet to review: one line each, the most frequent first. No cell can be taken for a formula.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"count,category,rule,text,path,line\n")?;
        let mut row = String::new();
        for line in self.sorted() {
            row.clear();
            let path = match &line.path {
                RecordPath::Text(text) => text,
                RecordPath::Raw { bytes } => bytes,
            };
            let _ = write!(row, "{},{},{},", line.count, line.category, line.rule.as_deref().unwrap_or_default());
            cell(&mut row, &line.text);
            row.push(',');
            cell(&mut row, path);
            let _ = writeln!(row, ",{}", line.line);
            out.write_all(row.as_bytes())?;
        }
        Ok(())
    }
}

/// A line with its white space squeezed, cut to length.
fn squeezed(line: &str) -> String {
    let mut out = String::new();
    for (i, word) in line.split_whitespace().enumerate() {
        out.extend((i > 0).then_some(' '));
        out.push_str(word);
        if let Some((end, _)) = out.char_indices().nth(LENGTH) {
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

/// A quoted cell. A spreadsheet runs cells that begin like a formula (OWASP): those get an apostrophe first. What cannot be
/// seen is written as `\u{…}`.
fn cell(out: &mut String, text: &str) {
    out.push('"');
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        out.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\"\""),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn record(path: &str, text: &str) -> Record {
        let mut record = Record::skipped(Path::new(path), "");
        let cleaned = crate::Cleaner::new().clean("Subscribe to our newsletter\n\nThe ferry left at noon.\n");
        record.removed = Record::new(Path::new(path), &cleaned, b"").removed;
        record.removed[0].text = Some(text.to_owned());
        record
    }

    #[test]
    fn cells_are_no_formulas_and_lines_are_counted() {
        let mut strings = Strings::default();
        strings.add(&record("b.txt", "=HYPERLINK(\"x\")\n\n  Share   this\u{1b}[1m"));
        strings.add(&record("-a.txt", "Share   this\u{1b}[1m"));
        let mut csv = Vec::new();
        strings.write_csv(&mut csv).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<_> = csv.lines().skip(1).collect();
        assert!(
            lines[0].starts_with("2,newsletter-signup,") && lines[0].contains(r#""Share this\u{1b}[1m","b.txt",3"#),
            "{csv}"
        );
        assert!(lines[1].contains(r#","'=HYPERLINK(""x"")","b.txt",1"#), "{csv}");
    }

    #[test]
    fn memory_is_bounded_and_the_frequent_stay() {
        let mut strings = Strings::default();
        let template = record("a.txt", "");
        for i in 0..MOST / 100 + 10 {
            let mut next = template.clone();
            let rare: String = (0..100).map(|k| format!("rare {i} {k}\n")).collect();
            next.removed[0].text = Some(format!("Share this\n{rare}"));
            strings.add(&next);
        }
        assert!(strings.lines.len() <= MOST && strings.forgotten() == 1);
        assert_eq!(strings.sorted()[0].count, (MOST / 100 + 10) as u64);
    }
}
