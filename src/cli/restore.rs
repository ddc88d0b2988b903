//! `dehusk restore`: the originals again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use dehusk::io::{Draft, Ending, Escaped, Input, Record, Tree};

use super::args::{OnConflict, Restore};
use super::exit::{Exit, Failure, Outcome};
use super::outputs::unwritable;
use super::paths::{Identity, report_folder};
use super::screen::{Screen, plural};

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
    let originals = Originals {
        cleaned,
        from_folder,
        to_folder,
        tree: Tree::new(&typed.output, replace),
        skip: typed.on_conflict == OnConflict::Skip,
        replace,
    };
    originals.probe()?;
    let (mut restored, mut visible, mut without, mut different) = (0, 0, 0, 0);
    for number in 1.. {
        let mut line = Vec::new();
        let read = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line).map_err(|e| wrong(&report, &e))?;
        if read == 0 {
            break;
        }
        let record = std::str::from_utf8(&line)
            .map_err(|e| e.to_string())
            .and_then(|l| Record::parse(l).map_err(|e| e.to_string()));
        let result = match &record {
            Ok(record) => originals.restore(record),
            Err(e) => Err(Problem::Different(e.clone())),
        };
        let place = match record.as_ref().map(|r| r.path.to_path()) {
            Ok(Ok(path)) => Escaped::path(&path).to_string(),
            _ => format!("{} line {number}", Escaped::path(&report)),
        };
        match result {
            Ok(Restored::Input) => restored += 1,
            Ok(Restored::Visible) => visible += 1,
            Ok(Restored::Nothing) => {
                without += 1;
                if record.is_ok_and(|r| r.status == Ending::Failed) {
                    screen
                        .warning(format_args!("{place} failed when it was to be cleaned: there is nothing to restore"));
                }
            }
            Err(Problem::Different(why)) => {
                different += 1;
                screen.error(format_args!("{place}: {}; it was not restored, the others go on", Escaped::text(&why)));
            }
            Err(Problem::Output(e)) => {
                return Err(Failure::output(format!(
                    "cannot write to {}: {e}. {} restored, and nothing half-written was left. Make room, then run it again with --on-conflict skip",
                    Escaped::path(&typed.output),
                    plural(restored + visible, "file")
                )));
            }
        }
    }
    let pages = match visible {
        0 => String::new(),
        n => format!("   {} of HTML as all the text they showed: tags are not in the output", plural(n, "page")),
    };
    let rest = if without > 0 { format!("   {without} without an output or left alone") } else { String::new() };
    screen.note(format_args!("{} restored, byte for byte{pages}{rest}", plural(restored, "file")));
    Ok(if different > 0 { Exit::Found } else { Exit::Done })
}

/// What came of a record.
enum Restored {
    /// The input.
    Input,
    /// The visible text of an HTML page.
    Visible,
    /// There was nothing to do.
    Nothing,
}

/// Why a file is not restored.
enum Problem {
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
}

impl Originals<'_> {
    /// Tries to write before any work.
    fn probe(&self) -> Outcome<()> {
        if !self.to_folder {
            return Ok(());
        }
        self.tree.draft(Path::new(".dehusk-probe")).map(drop).map_err(|e| unwritable(self.tree.root(), &e))
    }

    /// Restores what a record tells of.
    fn restore(&self, record: &Record) -> Result<Restored, Problem> {
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
        if record.visible.is_some() {
            let body = input.read().map_err(unreadable)?;
            let text = record.restore_visible(&body).map_err(different)?;
            draft.write_all(text.as_bytes()).map_err(Problem::Output)?;
        } else if record.removed.is_empty() {
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
            let original = record.restore(&body).map_err(different)?;
            draft.write_all(&original).map_err(Problem::Output)?;
        }
        draft.finish().map_err(Problem::Output)?.commit().map_err(conflict)?;
        Ok(if record.visible.is_some() { Restored::Visible } else { Restored::Input })
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
