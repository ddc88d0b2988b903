//! Records of web archives: text in them is cleaned, pages in them become text.

use dehusk::batch::{clean_caught, read_caught};
use dehusk::io::{Ending, Record, WarcRecord, conversion, html_page};
use dehusk::{Document, Format};
use serde_json::Value;

use super::stream::{Found, RecordFile, as_is};
use super::worker::{Done, Worker};

impl Worker<'_> {
    /// Cleans the text of a record, and corrects what its head says of it.
    pub fn wet_record(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        let pass = |reason: &str, out: &mut Vec<u8>| as_is(file, number, raw, Ending::PassedThrough, reason, out);
        let record = match WarcRecord::parse(raw) {
            Ok(record) => record,
            Err(reason) => return pass(reason, out),
        };
        if record.kind() != "conversion" {
            return as_is(file, number, raw, Ending::Copied, no_text(&record), out);
        }
        let document = self.sites.place(Document::from_bytes(record.block), &file.source, record.url());
        let cleaned = clean_caught(self.cleaner, document);
        let body = cleaned.body_bytes();
        let head = if cleaned.removals().is_empty() {
            raw[..record.head.len].to_vec()
        } else {
            match record.head.with_block(&body) {
                Ok(head) => head,
                Err(reason) => return pass(&reason, out),
            }
        };
        let start = out.len();
        for part in [&head, &*body, record.tail] {
            out.extend_from_slice(part);
        }
        let mut made = Record::new(&file.path, &cleaned, &body).inside(number, raw, &out[start..], record.head.len);
        if !made.removed.is_empty() {
            made = made.with_head(&raw[..record.head.len], head.len());
        }
        made.url = record.url().map(str::to_owned);
        made.id = record.head.field("WARC-Record-ID").map(str::to_owned);
        self.document(made, &cleaned, &file.record_name(number))
    }

    /// Makes a record or a line of text from a response that holds an HTML page. Other records are left out, but for those that say
    /// what the file is.
    pub fn warc_record(&self, file: &RecordFile, number: u64, raw: &[u8], out: &mut Vec<u8>) -> Done {
        let skip = |reason: &str| Done::of(Record::skipped(&file.path, reason).numbered(number));
        let record = match WarcRecord::parse(raw) {
            Ok(record) => record,
            Err(reason) => return Done::of(Record::failed(&file.path, reason).numbered(number)),
        };
        match record.kind() {
            "warcinfo" if !self.names.lines => return as_is(file, number, raw, Ending::Copied, no_text(&record), out),
            "response" => {}
            _ => return skip(&no_text(&record)),
        }
        let (page, at) = match html_page(record.block, self.limits.max_record) {
            Ok(found) => found,
            Err(reason) => return skip(reason),
        };
        let cleaned = match read_caught(&page, || Document::from_html(&page)) {
            Ok(document) => clean_caught(self.cleaner, self.sites.place(document, &file.source, record.url())),
            Err(_) => return Done { internal: true, ..skip("internal error while it was read") },
        };
        let text = cleaned.output(self.names.to);
        let start = out.len();
        if self.names.lines {
            out.extend_from_slice(self.line(&record, &String::from_utf8_lossy(&text)).as_bytes());
        } else {
            let kind = if self.names.to == Format::Markdown { "text/markdown" } else { "text/plain" };
            out.extend_from_slice(&conversion(&record, &text, kind));
        }
        let mut made = Record::new(&file.path, &cleaned, &text)
            .inside(number, raw, &out[start..], at.map_or(0, |at| record.head.len + at))
            .converted(&file.source, self.names.to);
        if at.is_none() {
            made.warnings.push("byte ranges are of the decoded page: the response is chunked or compressed".to_owned());
        }
        made.url = record.url().map(str::to_owned);
        made.id = record.head.field("WARC-Record-ID").map(str::to_owned);
        self.document(made, &cleaned, &file.record_name(number))
    }

    /// A line of JSON with a page's text, in the fields that JSONL is read by.
    fn line(&self, record: &WarcRecord<'_>, text: &str) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let value = |name| record.head.field(name).map_or_else(|| Value::Null.to_string(), quoted);
        let url = record.url().map_or_else(|| Value::Null.to_string(), quoted);
        let fields = [
            (self.fields.id.as_str(), value("WARC-Record-ID")),
            (&self.fields.url, url),
            ("date", value("WARC-Date")),
            (&self.fields.text, quoted(text)),
        ];
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
        format!("{{{}}}\n", fields.join(","))
    }
}

/// Why a record is not cleaned.
fn no_text(record: &WarcRecord<'_>) -> String {
    match record.kind() {
        "" => "a record without a type".to_owned(),
        kind => format!("a record of type {kind}, no text"),
    }
}

/// The document in a record, as it is cleaned.
pub fn document_of(raw: &[u8]) -> Found {
    let record = WarcRecord::parse(raw)?;
    match record.kind() {
        "conversion" => Ok((record.block.to_vec(), Format::Text)),
        "response" => Ok((html_page(record.block, dehusk::MAX_DOCUMENT)?.0.into_owned(), Format::Html)),
        _ => Err(no_text(&record)),
    }
}
