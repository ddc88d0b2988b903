//! Cleaning the records of a part; runs on any thread.

use std::path::Path;

use dehusk::batch::clean_caught;
use dehusk::io::{Chunk, Compression, Ending, JsonLine, Record, hash};
use dehusk::{Cleaned, Document};

use super::{Part, PartDone, Piece, RecordFile, What};
use crate::cli::inputs::Kind;
use crate::cli::worker::{Done, Worker, diff_of};

impl Worker<'_> {
    /// Cleans the records of a part.
    pub fn part(&self, part: Part) -> PartDone {
        let Part { file, what, upto } = part;
        let mut done = PartDone {
            file,
            documents: Vec::new(),
            output: Vec::new(),
            rows: None,
            unpackable: None,
            len: 0,
            upto,
            piece: None,
            end: None,
        };
        match what {
            What::End(end) => done.end = Some(end),
            What::Rows(rows) => {
                done.len = rows.bytes.len() as u64;
                let mut out = rows.emptied();
                for (number, text, row) in rows.iter() {
                    let document = self.table_row(&done.file, number, text, row, &mut out);
                    done.documents.push(self.ended(document, done.file.record_name(number)));
                }
                done.rows = Some(out);
            }
            What::Chunk(Chunk::Records { first, bytes, ends }) => {
                done.len = bytes.len() as u64;
                // Readers of archives find a record by its member's place in the file: each has its own.
                let own_members = done.file.kind == Kind::Wet || done.file.kind == Kind::Warc && !self.names.lines;
                let mut out = Vec::with_capacity(bytes.len());
                let (mut at, mut streak) = (0, None::<Streak>);
                for (number, end) in (first..).zip(ends) {
                    let document = self.record(&done.file, number, &bytes[at..end], &mut out);
                    if let Some(streak) = streak.as_mut().filter(|streak| streak.goes_on_with(&document)) {
                        streak.records += 1;
                    } else if let Some(streak) = streak.replace(Streak { document, number, records: 1, start: at }) {
                        done.documents.push(self.streak(streak, &done.file, &bytes[..at]));
                    }
                    at = end;
                    if own_members && end < bytes.len() {
                        done.pack(std::mem::take(&mut out));
                    }
                }
                done.documents.extend(streak.map(|streak| self.streak(streak, &done.file, &bytes)));
                done.pack(out);
            }
            What::Chunk(Chunk::Whole { number, bytes, last, why }) => {
                done.len = bytes.len() as u64;
                done.piece = Some(Piece { number, bytes, last, why });
            }
        }
        done
    }

    /// Ends a streak that goes to the end of `bytes`.
    fn streak(&self, streak: Streak, file: &RecordFile, bytes: &[u8]) -> Done {
        let Streak { mut document, number, records, start } = streak;
        if records > 1 {
            document.record = document.record.of_streak(records, &bytes[start..]);
        }
        self.ended(document, file.record_name(number))
    }

    /// Cleans one record and appends what is written for it.
    pub fn record(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        match file.kind {
            Kind::Jsonl => self.json_line(file, number, raw, out),
            Kind::Wet => self.wet_record(file, number, raw, out),
            Kind::Warc => self.warc_record(file, number, raw, out),
            Kind::Parquet => as_is(file, number, raw, Ending::PassedThrough, "a row of a table", out),
        }
    }

    fn json_line(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        let line = match JsonLine::parse(raw, &self.fields) {
            Ok(line) => line,
            Err(reason) => return as_is(file, number, raw, Ending::PassedThrough, reason, out),
        };
        let document = self.sites.place(Document::from_json_string(line.text), &file.source, line.url.as_deref());
        let cleaned = clean_caught(self.cleaner, document);
        let body = cleaned.body_bytes();
        let start = out.len();
        out.extend_from_slice(&raw[..line.at.start]);
        out.extend_from_slice(&body);
        out.extend_from_slice(&raw[line.at.end..]);
        let mut record = Record::new(&file.path, &cleaned, &body).inside(number, raw, &out[start..], line.at.start);
        record.url = line.url;
        record.id = line.id;
        self.document(record, &cleaned, &file.record_name(number))
    }

    /// What the report and the screen say of a document.
    pub fn document(&self, record: Record, cleaned: &Cleaned<'_>, shown: &Path) -> Done {
        let mut done = Done::of(record);
        done.internal = cleaned.report().is_internal_error();
        done.excerpt = self.picker.as_ref().and_then(|p| p.excerpt(&done.record, Some(cleaned)));
        if self.diff {
            done.diff = diff_of(shown, cleaned);
        }
        done
    }
}

impl Part {
    /// Cleans one record of it, if it is there.
    pub fn one(&self, number: u64, worker: &Worker<'_>) -> Option<Done> {
        match &self.what {
            What::Chunk(Chunk::Records { first, bytes, ends }) => {
                let i = number.checked_sub(*first)? as usize;
                let start = i.checked_sub(1).map_or(0, |before| ends.get(before).copied().unwrap_or_default());
                Some(worker.record(&self.file, number, &bytes[start..*ends.get(i)?], &mut Vec::new()))
            }
            What::Rows(rows) => {
                let (_, text, row) = rows.iter().find(|(n, ..)| *n == number)?;
                Some(worker.table_row(&self.file, number, text, row, &mut rows.emptied()))
            }
            _ => None,
        }
    }
}

/// Records one behind the other of which one line tells: a report must not be many times as long as a file of blank lines.
struct Streak {
    /// The first of them.
    document: Done,
    number: u64,
    records: u64,
    /// Where they begin in the part.
    start: usize,
}

impl Streak {
    fn goes_on_with(&self, next: &Done) -> bool {
        let as_it_is = |done: &Done| done.record.status == Ending::PassedThrough && done.record.format.is_none();
        as_it_is(&self.document) && as_it_is(next) && self.document.record.reason == next.record.reason
    }
}

impl PartDone {
    /// Adds to the output, as one member or frame.
    fn pack(&mut self, content: Vec<u8>) {
        match self.file.compression {
            _ if content.is_empty() => {}
            Compression::None if self.output.is_empty() => self.output = content,
            compression => match compression.pack(content) {
                Ok(packed) => self.output.extend_from_slice(&packed),
                Err(e) => self.unpackable = Some(e),
            },
        }
    }
}

/// A record that is written as it is.
pub fn as_is(
    file: &RecordFile,
    number: u64,
    raw: &[u8],
    ending: Ending,
    reason: impl Into<String>,
    out: &mut Vec<u8>,
) -> Done {
    out.extend_from_slice(raw);
    Done::of(Record::as_is(&file.path, ending, reason, raw.len() as u64, hash(raw)).numbered(number))
}
