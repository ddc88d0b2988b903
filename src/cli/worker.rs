//! One input from reading to its finished copy; runs on any thread.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::batch::{clean_caught, read_caught};
use dehusk::io::{
    Draft, Ending, Escaped, Excerpt, Finished, Input, Picker, Record, ReportText, TextOrNot, copy_hashed, read_up_to,
};
use dehusk::{Cleaned, Cleaner, Format, MAX_DOCUMENT};

use super::args::OnConflict;
use super::diff;
use super::inputs::{self, ByName, Item, Source};
use super::names::Names;
use super::outputs::{Outputs, Target};

/// What is needed to clean an input.
pub struct Worker<'a> {
    pub cleaner: &'a Cleaner,
    pub names: Names,
    pub encoding: Option<&'a str>,
    pub outputs: &'a Outputs,
    pub text: ReportText,
    /// Whether a diff is wanted.
    pub diff: bool,
    /// What draws documents for the report page, where one is wanted.
    pub picker: Option<Arc<Picker>>,
}

/// What became of an input.
pub struct Done {
    pub record: Record,
    /// The record's line for reports.
    pub line: String,
    /// What the user calls the input.
    pub shown: PathBuf,
    /// The body, for standard output.
    pub body: Option<Vec<u8>>,
    pub diff: String,
    /// How the report page may show the document.
    pub excerpt: Option<Excerpt>,
    /// What was written.
    pub written: Option<PathBuf>,
    /// A copy that takes its input's place once the record is safe.
    pub replacement: Option<Finished>,
    /// Why the output cannot be written any more.
    pub fatal: Option<(PathBuf, io::Error)>,
    /// A mistake in dehusk.
    pub internal: bool,
}

/// How writing ended.
enum Written {
    Nothing,
    Body,
    File(PathBuf),
    Replacement(Finished),
}

/// Why an output is not there.
enum NotWritten {
    /// This one cannot be written; others can.
    One(String),
    /// None can.
    Fatal(PathBuf, io::Error),
}

impl Worker<'_> {
    /// Does all that can be done out of order.
    pub fn work(&self, item: Item) -> Done {
        let Item { path, source, .. } = item;
        let shown = match &source {
            Source::File { path, .. } => path.clone(),
            _ => path.clone(),
        };
        let mut done = match source {
            Source::Skip(reason) => Done::of(Record::skipped(&path, reason)),
            Source::Fail(error) => Done::of(Record::failed(&path, error)),
            _ if self.is_there(&self.names.output(&path)) => {
                Done::of(Record::skipped(&path, "the output is there already"))
            }
            Source::Stdin => self.stdin(&path),
            Source::File { path: from, named } => self.file(&path, &from, named),
        };
        // Trimming takes a copy of the record only where something is left out of it.
        done.line = match self.text {
            ReportText::Full => done.record.to_line(),
            text => done.record.clone().trim(text).to_line(),
        };
        done.shown = shown;
        done
    }

    /// Whether an output is there that is to be left.
    fn is_there(&self, path: &Path) -> bool {
        self.outputs.on_conflict == OnConflict::Skip
            && match &self.outputs.target {
                Target::Folder(tree) => tree.root().join(path).symlink_metadata().is_ok(),
                Target::File(file) => file.symlink_metadata().is_ok(),
                _ => false,
            }
    }

    fn stdin(&self, path: &Path) -> Done {
        let mut stdin = io::stdin().lock();
        let raw = match read_up_to(&mut stdin, MAX_DOCUMENT) {
            Ok(raw) => raw,
            Err(e) => return Done::of(Record::failed(path, format!("cannot read standard input: {e}"))),
        };
        if raw.len() > MAX_DOCUMENT {
            let mut whole = raw.as_slice().chain(stdin);
            return self.copy(path, path, Ending::PassedThrough, TOO_LARGE, |out| copy_hashed(&mut whole, out));
        }
        self.text_or_copy(path, path, self.names.format.map_or(ByName::Unknown, ByName::Clean), &raw, None)
    }

    /// Cleans what is text, or was said to be, and copies what is not.
    fn text_or_copy(&self, path: &Path, from: &Path, by_name: ByName, raw: &[u8], input: Option<&Input>) -> Done {
        match TextOrNot::of(raw) {
            TextOrNot::Other(what) if self.names.format.is_none() => {
                self.copy(path, from, Ending::Copied, what, |out| copy_hashed(&mut &*raw, out))
            }
            _ => self.clean(path, from, by_name.format(raw), raw, input),
        }
    }

    fn file(&self, path: &Path, from: &Path, named: bool) -> Done {
        let fail = |e: io::Error| Done::of(Record::failed(path, format!("cannot read it: {e}")));
        let mut input = match Input::open(from, named) {
            Ok(input) => input,
            Err(e) => return fail(e),
        };
        let by_name = self.names.by_name(from);
        let reason = match by_name {
            _ if input.len() > MAX_DOCUMENT as u64 => Some((Ending::PassedThrough, TOO_LARGE)),
            ByName::Copy(reason) => Some((Ending::Copied, reason)),
            _ if self.names.format.is_some() || input.len() <= READ_AT_ONCE => None,
            _ => match input.sample().map(|sample| TextOrNot::of(&sample)) {
                Ok(TextOrNot::Text) => None,
                Ok(TextOrNot::Other(what)) => Some((Ending::Copied, what)),
                Err(e) => return fail(e),
            },
        };
        if let Some((ending, reason)) = reason {
            return self.copy(path, from, ending, reason, |out| input.copy_to(out));
        }
        match input.read() {
            Ok(raw) => self.text_or_copy(path, from, by_name, &raw, Some(&input)),
            Err(e) => fail(e),
        }
    }

    /// Writes an input as it is. `copy` gets where it goes.
    fn copy(
        &self,
        path: &Path,
        from: &Path,
        ending: Ending,
        reason: &str,
        copy: impl FnOnce(&mut dyn Write) -> io::Result<io::Result<(u64, String)>>,
    ) -> Done {
        let mut result = None;
        let write = |out: &mut dyn Write| match copy(out)? {
            Ok(copied) => {
                result = Some(Ok(copied));
                Ok(())
            }
            Err(e) => {
                result = Some(Err(e));
                // Whatever is said here: the draft must not be finished.
                Err(io::ErrorKind::Interrupted.into())
            }
        };
        let written = match &self.outputs.target {
            Target::Nothing | Target::InPlace { .. } => {
                write(&mut io::sink()).map(|()| Written::Nothing).map_err(|e| self.not_written(from, e))
            }
            Target::Stdout => {
                write(&mut io::stdout().lock()).map(|()| Written::Nothing).map_err(|e| self.not_written(from, e))
            }
            _ => self.write(path, from, write),
        };
        match (result, written) {
            (Some(Err(e)), _) => Done::of(Record::failed(path, format!("cannot read it: {e}"))),
            (Some(Ok((len, hash))), Ok(written)) => {
                Done::of(Record::as_is(path, ending, reason, len, hash)).with(written)
            }
            (_, Err(not)) => Done::not(path, not),
            (None, Ok(_)) => Done::of(Record::failed(path, "cannot read it")),
        }
    }

    fn clean(&self, source: &Path, from: &Path, format: Format, raw: &[u8], input: Option<&Input>) -> Done {
        if format == Format::Html && matches!(self.outputs.target, Target::InPlace { .. }) {
            return Done::of(Record::skipped(source, "an HTML page cannot be cleaned in place: it becomes text"));
        }
        let read = || inputs::document(raw, format, self.encoding);
        let (cleaned, renamed) = match read_caught(raw, read) {
            Ok(Ok(document)) => (clean_caught(self.cleaner, document), self.names.output(source)),
            Ok(Err(e)) => return Done::of(Record::failed(source, e.to_string())),
            // What could not be read is still the page that its name says.
            Err(cleaned) => (*cleaned, source.to_path_buf()),
        };
        let path = renamed.as_path();
        let body = cleaned.output(self.names.to);
        let mut record = Record::new(path, &cleaned, &body).converted(source, self.names.to);
        let written = match &self.outputs.target {
            Target::Nothing => Ok(Written::Nothing),
            Target::Stdout => Ok(Written::Body),
            Target::InPlace { .. } if record.removed.is_empty() => Ok(Written::Nothing),
            Target::InPlace { .. } => {
                if input.is_some_and(has_other_names) {
                    record.warnings.push("the file has other names (hard links): they keep the original".to_owned());
                }
                self.replacement(from, &body, input)
            }
            _ => self.write(path, from, |out| out.write_all(&body)),
        };
        let mut done = match written {
            Err(not) => return Done::not(path, not),
            Ok(Written::Body) => Done { body: Some(body.into_owned()), ..Done::of(record) },
            Ok(written) => Done::of(record).with(written),
        };
        done.internal = cleaned.report().is_internal_error();
        done.excerpt = self.picker.as_ref().and_then(|p| p.excerpt(&done.record, Some(&cleaned)));
        if self.diff {
            done.diff = diff_of(from, &cleaned);
        }
        done
    }

    /// A finished copy that will take its input's place, the input being kept beside it where that is asked for.
    fn replacement(&self, from: &Path, body: &[u8], input: Option<&Input>) -> Result<Written, NotWritten> {
        let not = |e| self.not_written(from, e);
        let real = from.canonicalize().map_err(not)?;
        let mut draft = Draft::new(&real, true).map_err(not)?;
        draft.write_all(body).map_err(not)?;
        if let Some(input) = input {
            draft.permissions(input.metadata().permissions()).map_err(not)?;
        }
        draft.finish().map(Written::Replacement).map_err(not)
    }

    fn write(
        &self,
        path: &Path,
        from: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Written, NotWritten> {
        let draft = match &self.outputs.target {
            Target::Folder(tree) => tree.draft(path),
            Target::File(file) => Draft::new(file, self.outputs.replaces()),
            _ => return Ok(Written::Nothing),
        };
        let result = draft.and_then(|mut draft| {
            write(&mut draft)?;
            draft.finish()?.commit()
        });
        result.map(Written::File).map_err(|e| self.not_written(&self.target_of(path, from), e))
    }

    fn target_of(&self, path: &Path, from: &Path) -> PathBuf {
        match &self.outputs.target {
            Target::Folder(tree) => tree.root().join(path),
            Target::File(file) => file.clone(),
            Target::Stdout => "standard output".into(),
            _ => from.to_path_buf(),
        }
    }

    /// Whether one output cannot be written, or none.
    fn not_written(&self, target: &Path, e: io::Error) -> NotWritten {
        use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
        match e.kind() {
            AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory => {
                NotWritten::One(format!("cannot write {}: {e}", Escaped::path(target)))
            }
            _ => NotWritten::Fatal(target.to_path_buf(), e),
        }
    }
}

/// A larger file is looked at before it is read: it may be a film.
const READ_AT_ONCE: u64 = 8 << 20;
/// Why a document is not even read.
const TOO_LARGE: &str = "larger than 1 GiB";

impl Done {
    fn of(record: Record) -> Self {
        Self {
            record,
            line: String::new(),
            shown: PathBuf::new(),
            body: None,
            diff: String::new(),
            excerpt: None,
            written: None,
            replacement: None,
            fatal: None,
            internal: false,
        }
    }

    fn with(mut self, written: Written) -> Self {
        match written {
            Written::Nothing | Written::Body => {}
            Written::File(path) => self.written = Some(path),
            Written::Replacement(finished) => self.replacement = Some(finished),
        }
        self
    }

    fn not(path: &Path, not: NotWritten) -> Self {
        match not {
            NotWritten::One(error) => Self::of(Record::failed(path, error)),
            NotWritten::Fatal(target, e) => {
                let record = Record::failed(path, format!("cannot write {}: {e}", Escaped::path(&target)));
                Self { fatal: Some((target, e)), ..Self::of(record) }
            }
        }
    }
}

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

fn diff_of(from: &Path, cleaned: &Cleaned<'_>) -> String {
    let removed: Vec<_> = cleaned.removals().iter().map(dehusk::Removal::view_span).collect();
    diff::unified(&Escaped::bare_path(from).to_string(), cleaned.document().text(), &removed)
}
