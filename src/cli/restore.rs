//! `dehusk restore`: the originals again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use dehusk::io::{Compression, Draft, Ending, Escaped, Input, Record, Tree, Unpacker};

use super::args::{OnConflict, Restore};
use super::exit::{Exit, Failure, Outcome};
use super::outputs::unwritable;
use super::paths::{Identity, report_folder};
use super::screen::{Screen, plural};
use super::together::Together;

/// The longest line of a report that is read.
const MAX_LINE: u64 = 8 << 30;

/// Runs `dehusk restore`.
pub fn run(typed: &Restore, screen: &Screen) -> Outcome {
    let wrong = |path: &Path, e: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot read {}: {e}. Nothing was written", Escaped::path(path)))
    };
    let cleaned = typed.cleaned.as_path();
    let from_folder = cleaned.metadata().map_err(|e| wrong(cleaned, &e))?.is_dir();
    let report = match &typed.report {
        Some(path) => path.clone(),
        None => report_folder(cleaned).map_err(|e| wrong(cleaned, &e))?.join("removals.jsonl"),
    };
    // Refuses what is no regular file before it is read.
    let lines = Input::open(&report, true).and_then(|_| File::open(&report));
    let mut lines =
        BufReader::new(lines.map_err(|e| wrong(&report, &format_args!("{e}; name the report with --report FILE")))?);
    let inside = Identity::chain(&typed.output).and_then(|chain| Ok(chain.contains(&Identity::of(cleaned)?)));
    if inside.unwrap_or(false) {
        return Err(Failure::usage(format!(
            "the originals cannot go into {}. Nothing was written; give another place",
            Escaped::path(cleaned)
        )));
    }
    let replace = typed.on_conflict == OnConflict::Overwrite;
    let to_folder = from_folder || typed.output.is_dir();
    let mut originals = Originals {
        cleaned,
        from_folder,
        to_folder,
        tree: Tree::new(&typed.output, replace),
        skip: typed.on_conflict == OnConflict::Skip,
        replace,
        together: None,
        given_up: None,
    };
    originals.probe()?;
    let mut tally = Tally { screen, restored: 0, tables: 0, visible: 0, without: 0, different: 0 };
    for number in 1.. {
        let mut line = Vec::new();
        let read = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line).map_err(|e| wrong(&report, &e))?;
        let record = std::str::from_utf8(&line)
            .map_err(|e| e.to_string())
            .and_then(|l| Record::parse(l).map_err(|e| e.to_string()));
        let path = record.as_ref().ok().and_then(|r| r.path.to_path().ok());
        // A file of records is whole when another one begins, or the report ends.
        let next = path.as_deref().filter(|_| read > 0);
        if let Some((path, result)) = originals.finish_before(next) {
            tally.add(result, &Escaped::path(&path).to_string(), &typed.output)?;
        }
        if read == 0 {
            break;
        }
        let place = match (&path, &record) {
            (Some(path), Ok(Record { record: Some(n), .. })) => format!("{} record {n}", Escaped::path(path)),
            (Some(path), _) => Escaped::path(path).to_string(),
            _ => format!("{} line {number}", Escaped::path(&report)),
        };
        let result = match &record {
            Ok(record) => originals.restore(record),
            Err(e) => Err(Problem::Different(e.clone())),
        };
        if matches!(result, Ok(Restored::Nothing)) && record.is_ok_and(|r| r.status == Ending::Failed) {
            screen.warning(format_args!("{place} failed when it was to be cleaned: there is nothing to restore"));
        }
        tally.add(result, &place, &typed.output)?;
    }
    let Tally { restored, tables, visible, without, different, .. } = tally;
    let tables = match tables {
        0 => String::new(),
        n => format!("   {} with every value: pages may be cut otherwise", plural(n, "Parquet file")),
    };
    let pages = match visible {
        0 => String::new(),
        n => format!("   {} of HTML as all the text they showed: tags are not in the output", plural(n, "page")),
    };
    let rest = if without > 0 { format!("   {without} without an output or left alone") } else { String::new() };
    screen.note(format_args!("{} restored, byte for byte{tables}{pages}{rest}", plural(restored, "file")));
    Ok(if different > 0 { Exit::Found } else { Exit::Done })
}

/// What came of a record of the report.
pub enum Restored {
    /// The input.
    File,
    /// All values of a table.
    Table,
    /// The visible text of an HTML page.
    Visible,
    /// A part of a file, which is counted when it is whole.
    Part,
    /// There was nothing to do.
    Nothing,
}

/// Files by what came of them.
struct Tally<'a> {
    screen: &'a Screen,
    restored: u64,
    tables: u64,
    visible: u64,
    without: u64,
    different: u64,
}

impl Tally<'_> {
    fn add(&mut self, result: Result<Restored, Problem>, place: &str, output: &Path) -> Outcome<()> {
        match result {
            Ok(Restored::File) => self.restored += 1,
            Ok(Restored::Table) => self.tables += 1,
            Ok(Restored::Visible) => self.visible += 1,
            Ok(Restored::Part) => {}
            Ok(Restored::Nothing) => self.without += 1,
            Err(Problem::Different(why)) => {
                self.different += 1;
                let why = Escaped::text(&why);
                self.screen.error(format_args!("{place}: {why}; it was not restored, the others go on"));
            }
            Err(Problem::Output(e)) => {
                return Err(Failure::output(format!(
                    "cannot write to {}: {e}. {} restored, and nothing half-written was left. Make room, then run it again with --on-conflict skip",
                    Escaped::path(output),
                    plural(self.restored + self.tables + self.visible, "file")
                )));
            }
        }
        Ok(())
    }
}

/// Why a file is not restored.
pub enum Problem {
    /// Cleaned file and report do not belong together.
    Different(String),
    /// Originals cannot be written.
    Output(io::Error),
}

/// Cleaned files, and where their originals go.
struct Originals<'a> {
    cleaned: &'a Path,
    from_folder: bool,
    to_folder: bool,
    /// The folder that originals go to; the file, where it is one.
    tree: Tree,
    skip: bool,
    replace: bool,
    /// The file of records that is being put together.
    together: Option<Together>,
    /// A file of records that is left alone, its further records too.
    given_up: Option<PathBuf>,
}

impl Originals<'_> {
    /// Tries to write before any work.
    fn probe(&self) -> Outcome<()> {
        if !self.to_folder {
            return Ok(());
        }
        self.tree.draft(Path::new(".dehusk-probe")).map(drop).map_err(|e| unwritable(self.tree.root(), &e))
    }

    /// Ends the file of records that is being put together, unless `next` is the same.
    fn finish_before(&mut self, next: Option<&Path>) -> Option<(PathBuf, Result<Restored, Problem>)> {
        let together = self.together.take_if(|t| next != Some(t.path.as_path()))?;
        let (path, restored) = (together.path.clone(), together.makes());
        let commit = |draft: Draft| draft.finish().map_err(Problem::Output)?.commit().map_err(conflict);
        Some((path, together.finish().and_then(commit).map(|_| restored)))
    }

    /// Restores a record of a file of records.
    fn restore_record(&mut self, record: &Record, relative: &Path) -> Result<Restored, Problem> {
        if self.given_up.as_deref() == Some(relative) {
            return Ok(Restored::Part);
        }
        if self.together.is_none() {
            self.given_up = Some(relative.to_path_buf());
            let (from, target) = (self.from(relative)?, self.target(relative));
            if self.skip && target.symlink_metadata().is_ok() {
                return Ok(Restored::Nothing);
            }
            let draft = if self.to_folder { self.tree.draft(relative) } else { Draft::new(&target, self.replace) };
            self.together = Some(Together::new(relative, &from, record, draft.map_err(conflict)?)?);
            self.given_up = None;
        }
        let result = self.together.as_mut().map_or(Ok(()), |together| together.restore(record));
        if result.is_err() {
            self.given_up = self.together.take().map(|t| t.path);
        }
        // The record that says why reading broke off has no bytes, and is told of.
        result.map(|()| if record.status.has_output() { Restored::Part } else { Restored::Nothing })
    }

    /// Restores what a record tells of.
    fn restore(&mut self, record: &Record) -> Result<Restored, Problem> {
        if record.record.is_some() || record.column.is_some() {
            let relative = record.path.to_path().map_err(|e| Problem::Different(e.to_string()))?;
            return self.restore_record(record, &relative);
        }
        if !record.status.has_output() {
            return Ok(Restored::Nothing);
        }
        let relative = record.path.to_path().map_err(|e| Problem::Different(e.to_string()))?;
        let (from, target) = (self.from(&relative)?, self.target(&relative));
        if self.skip && target.symlink_metadata().is_ok() {
            return Ok(Restored::Nothing);
        }
        let unreadable = |e: io::Error| Problem::Different(format!("cannot read the cleaned file: {e}"));
        let mut input = Input::open(&from, false).map_err(unreadable)?;
        let draft = if self.to_folder { self.tree.draft(&relative) } else { Draft::new(&target, self.replace) };
        let mut draft = draft.map_err(conflict)?;
        let different = |e: dehusk::Error| Problem::Different(e.to_string());
        let restored = |body: &[u8]| match record.visible {
            Some(_) => record.restore_visible(body).map(String::into_bytes),
            None => record.restore(body),
        };
        if record.compression.is_some() {
            let raw = input.read().map_err(unreadable)?;
            let compression = Compression::of_bytes(&raw);
            let mut content = Vec::new();
            Unpacker::new(compression, raw.as_slice(), u64::MAX)
                .and_then(|mut unpacker| unpacker.read_to_end(&mut content))
                .map_err(unreadable)?;
            let original = compression.pack(restored(&content).map_err(different)?).map_err(Problem::Output)?;
            draft.write_all(&original).map_err(Problem::Output)?;
        } else if record.is_as_it_was() {
            // Nothing to put back: it is copied in pieces, however large it is.
            let (_, hash) = input.copy_to(&mut draft).map_err(Problem::Output)?.map_err(unreadable)?;
            if record.hash.as_ref().is_none_or(|[before, _]| *before != hash) {
                return Err(Problem::Different(
                    "the cleaned file is not what was written: it was changed since, or belongs to another report"
                        .into(),
                ));
            }
        } else {
            let body = input.read().map_err(unreadable)?;
            let original = restored(&body).map_err(different)?;
            draft.write_all(&original).map_err(Problem::Output)?;
        }
        draft.finish().map_err(Problem::Output)?.commit().map_err(conflict)?;
        Ok(if record.visible.is_some() { Restored::Visible } else { Restored::File })
    }

    /// Where the report says the cleaned file is, if that is in the folder.
    fn from(&self, relative: &Path) -> Result<PathBuf, Problem> {
        let inside = relative.components().all(|c| matches!(c, std::path::Component::Normal(_)));
        match (self.from_folder, inside) {
            (false, _) => Ok(self.cleaned.to_path_buf()),
            (true, true) => Ok(self.cleaned.join(relative)),
            (true, false) => Err(Problem::Different("the report has a path that leads out of the folder".into())),
        }
    }

    fn target(&self, relative: &Path) -> PathBuf {
        if self.to_folder { self.tree.root().join(relative) } else { self.tree.root().to_path_buf() }
    }
}

/// What stands in the way of one file, or of all.
fn conflict(e: io::Error) -> Problem {
    match e.kind() {
        io::ErrorKind::AlreadyExists => {
            Problem::Different("a file is there already: --on-conflict skip or overwrite".into())
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            Problem::Different(e.to_string())
        }
        _ => Problem::Output(e),
    }
}
