//! Inputs read where nothing is written of them: to learn from.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use dehusk::batch::{Batch, read_caught};
use dehusk::io::{Chunk, Chunks, Compression, Fields, Input as OpenFile, JsonLine, ParquetFile, RowsReader};
use dehusk::io::{TextOrNot, Unpacker, WarcRecord, html_page, read_up_to};
use dehusk::{Document, Observation, SiteModel};

use super::args::{Input, SiteArgs};
use super::exit::{Failure, Outcome};
use super::inputs::{self, Inputs, Item, Kind, RootKind, Source};
use super::names::Names;
use super::parquet;
use super::sites::Sites;
use super::worker::Limits;

/// Observations of one input that are held before they become a model of their own: a file may hold millions of records.
const HELD: usize = 1_000;

/// How inputs are read. What cannot be read is passed over: cleaning tells of it.
pub struct Reading<'a> {
    sites: Sites,
    names: Names,
    limits: Limits,
    fields: Fields,
    encoding: Option<&'a str>,
}

/// What was seen in one input.
#[derive(Default)]
struct Seen {
    last: Vec<Observation>,
    before: Option<SiteModel>,
}

impl Seen {
    fn add(&mut self, observation: Observation) {
        self.last.push(observation);
        if self.last.len() >= HELD {
            let model = self.before.get_or_insert_default();
            self.last.drain(..).for_each(|o| model.add(o));
        }
    }
}

impl<'a> Reading<'a> {
    /// What was asked for.
    pub fn new(typed: &SiteArgs, input: &'a Input) -> Outcome<Self> {
        Ok(Self {
            sites: Sites::new(typed),
            names: Names::new(inputs::format(input.format.unwrap_or_default())?, None),
            limits: Limits::of(input),
            fields: input.fields(),
            encoding: input.encoding.as_deref(),
        })
    }

    /// Adds all inputs to a model.
    pub fn observe(&self, inputs: &Inputs, batch: &Batch, model: &mut SiteModel) -> Outcome<()> {
        if inputs.roots.iter().any(|root| root.kind == RootKind::Stdin) {
            return Err(Failure::usage("standard input cannot be read twice: --learn needs files"));
        }
        let look = |item: Item| {
            let mut seen = Seen::default();
            self.read(&item, &mut |document| seen.add(Observation::of(&document)));
            seen
        };
        let cost = |item: &Item| item.len.min(self.limits.max_record as u64);
        batch.map(inputs.items(), cost, look, |seen| {
            seen.before.into_iter().for_each(|part| model.merge(part));
            seen.last.into_iter().for_each(|observation| model.add(observation));
        })?;
        Ok(())
    }

    /// Shows every document of an input to `see`.
    pub fn read(&self, item: &Item, see: &mut dyn FnMut(Document<'_>)) {
        let Source::File { path: from, named } = &item.source else { return };
        // A file that breaks off was read up to there.
        drop(self.read_file(item, from, *named, see));
    }

    fn read_file(&self, item: &Item, from: &Path, named: bool, see: &mut dyn FnMut(Document<'_>)) -> io::Result<()> {
        let by_name = self.names.by_name(from);
        if by_name.records() == Some(Kind::Parquet) {
            let file = OpenFile::open(from, named)?.into_reader();
            let Ok(file) = ParquetFile::open(file, &self.fields, self.limits.max_expand) else { return Ok(()) };
            for rows in RowsReader::new(file) {
                for (_, text, row) in rows?.iter() {
                    let raw = text.filter(|raw| raw.len() <= self.limits.max_record).unwrap_or_default();
                    self.show(raw, || Some(parquet::document(raw)), &item.path, row.url.as_deref(), see);
                }
            }
            return Ok(());
        }
        let mut content = BufReader::new(OpenFile::open(from, named)?.reader()?);
        let compression = match Compression::of_name(from).0 {
            Compression::None if by_name.records().is_some() => Compression::of_bytes(content.fill_buf()?),
            by_its_name => by_its_name,
        };
        let mut content = Unpacker::new(compression, content, self.limits.max_expand)?;
        if let Some((kind, framing)) = by_name.records().and_then(|kind| Some((kind, kind.framing()?))) {
            for chunk in Chunks::new(content, framing, self.limits.max_record, 1) {
                if let Chunk::Records { bytes, ends, .. } = chunk? {
                    let mut at = 0;
                    for end in ends {
                        self.record(kind, &bytes[at..end], &item.path, see);
                        at = end;
                    }
                }
            }
            return Ok(());
        }
        if matches!(by_name, inputs::ByName::Copy(_)) {
            return Ok(());
        }
        let raw = read_up_to(&mut content, self.limits.max_record)?;
        let is_text = self.names.format.is_some() || matches!(TextOrNot::of(&raw), TextOrNot::Text);
        if is_text && raw.len() <= self.limits.max_record {
            let read = || inputs::document(&raw, by_name.format(&raw), self.encoding).ok();
            self.show(&raw, read, &item.path, None, see);
        }
        Ok(())
    }

    /// Shows the document of one record, if it holds one.
    fn record(&self, kind: Kind, raw: &[u8], path: &Path, see: &mut dyn FnMut(Document<'_>)) {
        if kind == Kind::Jsonl {
            if let Ok(line) = JsonLine::parse(raw, &self.fields) {
                self.show(raw, || Some(Document::from_json_string(line.text)), path, line.url.as_deref(), see);
            }
            return;
        }
        let Ok(record) = WarcRecord::parse(raw) else { return };
        match (kind, record.kind()) {
            (Kind::Wet, "conversion") => {
                self.show(raw, || Some(Document::from_bytes(record.block)), path, record.url(), see);
            }
            (Kind::Warc, "response") => {
                if let Ok((page, _)) = html_page(record.block, self.limits.max_record) {
                    self.show(raw, || Some(Document::from_html(&page)), path, record.url(), see);
                }
            }
            _ => {}
        }
    }

    /// Shows a document unless reading it panics.
    fn show<'d>(
        &self,
        raw: &[u8],
        read: impl FnOnce() -> Option<Document<'d>>,
        path: &Path,
        address: Option<&str>,
        see: &mut dyn FnMut(Document<'_>),
    ) {
        let shown = || {
            if let Some(document) = read() {
                see(self.sites.place(document, path, address));
            }
        };
        drop(read_caught(raw, shown));
    }
}
