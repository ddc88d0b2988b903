//! One input from reading to its finished copy; runs on any thread.

mod done;
mod write;

pub use done::Done;
pub use write::is_of_one;

use std::borrow::Cow;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::batch::{clean_caught, read_caught};
use dehusk::io::{
    Compression, Ending, Escaped, Fields, Input, Packer, Picker, Record, ReportText, TextOrNot, Unpacker, copy_hashed,
    has_memory_for, hash, read_up_to,
};
use dehusk::{Cleaned, Cleaner, Format};

use super::args::{self, OnConflict};
use super::diff;
use super::inputs::{self, ByName, Item, Kind, Source};
use super::names::Names;
use super::outputs::{Outputs, Target};
use super::signals::Signals;
use super::sites::Sites;
use write::Written;

/// What is needed to clean an input.
pub struct Worker<'a> {
    pub cleaner: &'a Cleaner,
    pub names: Names,
    pub limits: Limits,
    /// The fields of JSONL.
    pub fields: Fields,
    pub encoding: Option<&'a str>,
    pub sites: Sites,
    pub signals: &'a Signals,
    pub outputs: &'a Outputs,
    pub text: ReportText,
    /// Whether a diff is wanted.
    pub diff: bool,
    /// What draws documents for the report page, where one is wanted.
    pub picker: Option<Arc<Picker>>,
}

/// What is not exceeded, whatever an input says.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest document that is cleaned.
    pub max_record: usize,
    /// How many times its size a compressed file may expand.
    pub max_expand: u64,
}

/// The largest document that is cleaned, unless --max-record says otherwise.
const MAX_RECORD: u64 = 64 << 20;
/// How many times a compressed file may expand, unless --max-expand says otherwise.
const MAX_EXPAND: u64 = 100;

impl Limits {
    /// What was asked for.
    pub fn of(typed: &args::Input) -> Self {
        Self {
            max_record: typed.max_record.unwrap_or(MAX_RECORD) as usize,
            max_expand: typed.max_expand.unwrap_or(MAX_EXPAND),
        }
    }
}

/// Why a large document is not cleaned though the limits allow it.
pub const NO_MEMORY: &str = "there is not enough memory to clean it";

impl Worker<'_> {
    /// Does all that can be done out of order.
    pub fn work(&self, item: Item) -> Done {
        let Item { path, source, .. } = item;
        let shown = match &source {
            Source::File { path, .. } => path.clone(),
            _ => path.clone(),
        };
        let done = match source {
            Source::Skip(reason) => Done::of(Record::skipped(&path, reason)),
            Source::Fail(error) => Done::of(Record::failed(&path, error)),
            _ if self.is_there(&self.names.output(&path)) => {
                Done::of(Record::skipped(&path, "the output is there already"))
            }
            Source::Stdin => self.stdin(&path),
            Source::File { path: from, named } => self.file(&path, &from, named),
        };
        Done { item: path, ..self.ended(done, shown) }
    }

    /// Writes the line of the report.
    pub fn ended(&self, mut done: Done, shown: PathBuf) -> Done {
        // Trimming takes a copy of the record only where something is left out of it.
        done.line = match self.text {
            ReportText::Full => done.record.to_line(),
            text => done.record.clone().trim(text).to_line(),
        };
        done.shown = shown;
        done
    }

    /// Whether an output is there that is to be left.
    pub fn is_there(&self, path: &Path) -> bool {
        self.outputs.on_conflict == OnConflict::Skip
            && match &self.outputs.target {
                Target::Folder(tree) => tree.root().join(path).symlink_metadata().is_ok(),
                Target::File(file) => file.symlink_metadata().is_ok(),
                _ => false,
            }
    }

    fn stdin(&self, path: &Path) -> Done {
        let fail = |e: io::Error| Done::of(Record::failed(path, format!("cannot read standard input: {e}")));
        let (compression, stdin) = Compression::of_stream(BufReader::new(self.signals.stdin()));
        let mut content = match Unpacker::new(compression, stdin, self.limits.max_expand) {
            Ok(content) => content,
            Err(e) => return fail(e),
        };
        let raw = match read_up_to(&mut content, self.limits.max_record) {
            Ok(raw) => raw,
            Err(e) => return fail(e),
        };
        let copy = |ending, reason: &str, whole: &mut dyn Read| {
            let done = self.copy(path, path, ending, reason, |out| {
                let mut out = Packer::new(out, compression);
                let copied = copy_hashed(whole, &mut out)?;
                out.finish()?;
                Ok(copied)
            });
            done.packed(compression)
        };
        if raw.len() > self.limits.max_record {
            let mut whole = raw.as_slice().chain(content);
            return copy(Ending::PassedThrough, &self.too_large(), &mut whole);
        }
        match TextOrNot::of(&raw) {
            TextOrNot::Other(what) if self.names.format.is_none() => copy(Ending::Copied, what, &mut raw.as_slice()),
            _ => {
                let format = self.names.format.unwrap_or(ByName::Unknown).format(&raw);
                self.clean(Text { source: path, from: path, format, compression }, &raw, None)
            }
        }
    }

    fn file(&self, path: &Path, from: &Path, named: bool) -> Done {
        let fail = |e: io::Error| Done::of(Record::failed(path, format!("cannot read it: {e}")));
        let mut input = match Input::open(from, named) {
            Ok(input) => input,
            Err(e) => return fail(e),
        };
        let (compression, _) = Compression::of_name(from);
        let by_name = self.names.by_name(from);
        let reason = match by_name {
            _ if input.len() > self.limits.max_record as u64 => Some((Ending::PassedThrough, self.too_large())),
            ByName::Copy(reason) => Some((Ending::Copied, reason.to_owned())),
            ByName::Records(Kind::Parquet) => Some((Ending::PassedThrough, super::parquet::unfit(self, from, named))),
            _ if compression != Compression::None || self.names.format.is_some() || input.len() <= READ_AT_ONCE => None,
            _ => match input.sample().map(|sample| TextOrNot::of(&sample)) {
                Ok(TextOrNot::Text) => None,
                Ok(TextOrNot::Other(what)) => Some((Ending::Copied, what.to_owned())),
                Err(e) => return fail(e),
            },
        };
        if let Some((ending, reason)) = reason {
            return self.copy(path, from, ending, &reason, |out| input.copy_to(out));
        }
        let raw = match input.read() {
            Ok(raw) => raw,
            Err(e) => return fail(e),
        };
        let seal = Some((raw.len() as u64, hash(&raw)));
        let copy = |ending, reason: &str| self.copy(path, from, ending, reason, |out| copy_hashed(&mut &*raw, out));
        let raw = match self.unpack(compression, &raw) {
            Err(_) if Compression::of_bytes(&raw) != compression => {
                return copy(Ending::Copied, "not compressed as its name says");
            }
            Err(e) => return Done { input: seal, ..fail(e) },
            Ok(content) if content.len() > self.limits.max_record => {
                return copy(Ending::PassedThrough, &self.too_large());
            }
            Ok(content) if !has_memory_for(content.len()) => return copy(Ending::PassedThrough, NO_MEMORY),
            Ok(content) => match TextOrNot::of(&content) {
                TextOrNot::Other(what) if self.names.format.is_none() => return copy(Ending::Copied, what),
                _ => content,
            },
        };
        let format = by_name.format(&raw);
        Done { input: seal, ..self.clean(Text { source: path, from, format, compression }, &raw, Some(&input)) }
    }

    /// The content of a file, up to one byte over the limit.
    fn unpack<'r>(&self, compression: Compression, raw: &'r [u8]) -> io::Result<Cow<'r, [u8]>> {
        if compression == Compression::None {
            return Ok(Cow::Borrowed(raw));
        }
        let mut content = Unpacker::new(compression, raw, self.limits.max_expand)?;
        let content = read_up_to(&mut content, self.limits.max_record).map_err(|e| {
            io::Error::new(e.kind(), format!("the {} data is damaged or cut short: {e}", compression.name()))
        })?;
        Ok(Cow::Owned(content))
    }

    /// Why a document passes through that is over the limit.
    pub fn too_large(&self) -> String {
        format!("larger than {} bytes (--max-record)", self.limits.max_record)
    }

    fn clean(&self, text: Text<'_>, raw: &[u8], input: Option<&Input>) -> Done {
        let Text { source, from, format, compression } = text;
        if format == Format::Html && matches!(self.outputs.target, Target::InPlace { .. }) {
            return Done::of(Record::skipped(source, "an HTML page cannot be cleaned in place: it becomes text"));
        }
        let read =
            || inputs::document(raw, format, self.encoding).map(|document| self.sites.place(document, source, None));
        let (cleaned, renamed) = match read_caught(raw, read) {
            Ok(Ok(document)) => (clean_caught(self.cleaner, document), self.names.output(source)),
            Ok(Err(e)) => return Done::of(Record::failed(source, e.to_string())),
            // What could not be read is still the page that its name says.
            Err(cleaned) => (*cleaned, source.to_path_buf()),
        };
        let path = renamed.as_path();
        let body = cleaned.output(self.names.to);
        let mut record = Record::new(path, &cleaned, &body).converted(source, self.names.to);
        let packed = || compression.pack(body.to_vec()).map_err(|e| self.not_written(from, e));
        let written = match &self.outputs.target {
            Target::Nothing => Ok(Written::Nothing),
            Target::Stdout => Ok(Written::Body),
            Target::InPlace { .. } if record.removed.is_empty() => Ok(Written::Nothing),
            Target::InPlace { .. } => {
                if input.is_some_and(has_other_names) {
                    record.warnings.push("the file has other names (hard links): they keep the original".to_owned());
                }
                packed().and_then(|packed| self.replacement(from, &packed, input))
            }
            _ if compression == Compression::None => self.write(path, from, |out| out.write_all(&body)),
            _ => packed().and_then(|packed| self.write(path, from, |out| out.write_all(&packed))),
        };
        let done = self.document(record, &cleaned, from).packed(compression);
        match written {
            Err(not) => Done::not(path, not),
            Ok(Written::Body) => match packed() {
                Ok(packed) => Done { body: Some(packed), ..done },
                Err(not) => Done::not(path, not),
            },
            Ok(written) => done.with(written),
        }
    }
}

/// A document of its own file.
struct Text<'a> {
    /// Its path in the output folder, if it kept its name.
    source: &'a Path,
    from: &'a Path,
    format: Format,
    compression: Compression,
}

/// A larger file is looked at before it is read: it may be a film.
const READ_AT_ONCE: u64 = 8 << 20;

fn has_other_names(input: &Input) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        input.metadata().nlink() > 1
    }
    #[cfg(not(unix))]
    {
        let _ = input;
        false
    }
}

/// What a document loses, as a unified diff.
pub fn diff_of(from: &Path, cleaned: &Cleaned<'_>) -> String {
    let removed: Vec<_> = cleaned.removals().iter().map(dehusk::Removal::view_span).collect();
    diff::unified(&Escaped::bare_path(from).to_string(), cleaned.document().text(), &removed)
}
