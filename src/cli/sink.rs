//! Takes results in input order: files get their names, records go into the report, and people are told.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::builder::styling::{AnsiColor, Style};
use dehusk::io::{Ending, Entry, Escaped, Finished, Record, Summary, sync_folder};

use super::assembly::{Assembled, Assembly};
use super::clean::{Listing, Plan};
use super::exit::{Failure, Outcome};
use super::outputs::Target;
use super::reports::Reports;
use super::screen::{self, Screen, plural};
use super::stream::{PartDone, RecordFile, Start};
use super::worker::{Done, is_of_one};

/// Errors of single inputs that are shown; the report has them all.
const ERRORS_SHOWN: u64 = 20;

/// Takes results in input order.
pub struct Sink<'a, 'p> {
    pub plan: &'a Plan<'p>,
    pub screen: &'a Screen,
    pub reports: Reports,
    pub stop: &'a AtomicBool,
    pub failure: Option<Failure>,
    pub internal: u64,
    /// Files whose records are not in the report yet: without them they could not be restored.
    pub uncertain: Vec<PathBuf>,
    /// The largest record that is looked at.
    pub max_record: usize,
    /// The file of records that is being put together.
    pub assembly: Option<Assembly>,
    /// Where the first file of records is gone on with.
    pub part: Option<Start>,
    /// A file of records whose copy cannot be written, while others can.
    pub refused: Option<Arc<RecordFile>>,
}

impl Sink<'_, '_> {
    /// Takes what became of a file that is one document, or none.
    pub fn take(&mut self, mut done: Done) {
        if let Some((path, e)) = done.fatal.take() {
            // What cannot be written is no fault of the input: it was not seen.
            self.tell(&done);
            return self.cannot_write(&path, &e);
        }
        self.uncertain.extend(done.written.take());
        if self.document(&mut done).is_err() {
            return;
        }
        let to = done.record.path.to_path().unwrap_or_default();
        self.reports.commit(Entry::new(&done.item, &to, done.input.take(), done.output.take()));
        if let Some(finished) = done.replacement.take() {
            let replaced = self.flush().map(|()| self.replace(finished));
            if let Ok(Err(e)) = replaced {
                self.cannot_write(&done.shown, &e);
            }
        }
        if let Some(body) = &done.body
            && let Err(failure) = screen::out_bytes(body)
        {
            self.fail(failure);
        }
    }

    /// Takes a part of a file of records.
    pub fn take_part(&mut self, part: PartDone) {
        let refused = self.refused.as_ref().is_some_and(|file| Arc::ptr_eq(file, &part.file));
        if self.failure.is_some() || refused {
            return;
        }
        let mut assembly = match self.assembly.take() {
            Some(assembly) => assembly,
            None => match Assembly::new(
                Arc::clone(&part.file),
                &self.plan.outputs,
                self.reports.has_journal().then(|| self.part.take()),
            ) {
                Ok(assembly) => assembly,
                Err(e) => return self.refuse(part.file, &e),
            },
        };
        let written = part.unpackable.map_or(Ok(()), Err).and_then(|()| assembly.write(&part.output));
        let written = written.and_then(|()| part.rows.map_or(Ok(()), |rows| assembly.write_rows(rows)));
        let passed = written.and_then(|()| match &part.piece {
            Some(piece) => assembly.pass(piece, self.max_record),
            None => Ok(None),
        });
        let mut documents = part.documents;
        match passed {
            Ok(passed) => documents.extend(passed),
            Err(e) => return self.cannot_write(&assembly.target(), &e),
        }
        documents.extend(part.end.as_ref().and_then(|end| assembly.last(end)));
        for done in &mut documents {
            assembly.saw(&done.record);
            if done.line.is_empty() {
                done.line = done.record.to_line();
                done.shown = done.record.record.map_or_else(|| part.file.shown.clone(), |n| part.file.record_name(n));
            }
            if self.document(done).is_err() {
                return;
            }
        }
        let Some(end) = part.end else {
            if let Some((content, next)) = part.upto
                && let Some(written) = assembly.written_so_far(self.plan.outputs.durable)
            {
                let result = written.map(|written| {
                    let mut entry = Entry::new(&part.file.source, &part.file.path, Some(content), Some(written));
                    entry.part = Some(next);
                    self.reports.commit(entry);
                });
                if let Err(e) = result {
                    return self.cannot_write(&assembly.target(), &e);
                }
                if self.flush().is_err() {
                    return;
                }
            }
            self.assembly = Some(assembly);
            return;
        };
        let (source, path) = (part.file.source.clone(), part.file.path.clone());
        let target = assembly.target();
        let durable = self.plan.outputs.durable;
        let placed = assembly.finish(&end, durable).and_then(|(assembled, written)| {
            // A file gets its name when all its records are in the report.
            if self.flush().is_err() {
                return Ok(());
            }
            let file = match assembled {
                Assembled::Nothing => None,
                Assembled::File(finished) => Some(finished.commit()?),
                Assembled::Whole(partial) => Some(partial.commit()?),
                Assembled::Replacement(finished) => {
                    self.replace(finished)?;
                    None
                }
            };
            if let Some(file) = file.filter(|_| durable) {
                sync_folder(&file)?;
            }
            self.reports.commit(Entry::new(&source, &path, Some(end.raw), written));
            Ok(())
        });
        if let Err(e) = placed {
            self.cannot_write(&target, &e);
        }
    }

    /// A copy that cannot be begun: the others go on where they can.
    fn refuse(&mut self, file: Arc<RecordFile>, e: &io::Error) {
        if !is_of_one(e) {
            let path = file.path.clone();
            return self.cannot_write(&path, e);
        }
        let mut done = Done::of(Record::failed(&file.path, format!("cannot write its copy: {e}")));
        done.line = done.record.to_line();
        done.shown.clone_from(&file.shown);
        self.refused = Some(file);
        // Whatever stops the report stops the run.
        let _ = self.document(&mut done);
    }

    /// Puts a document's record into the report and tells of it.
    fn document(&mut self, done: &mut Done) -> Result<(), ()> {
        self.tell(done);
        let saved = self.reports.add(&done.record, &done.line, done.excerpt.take());
        match saved {
            Ok(true) => self.uncertain.clear(),
            Ok(false) => {}
            Err((path, e)) => return self.lost(&path, &e),
        }
        if let Err(failure) = self.list(done) {
            self.fail(failure);
        }
        if self.plan.run.fail_fast && done.record.status == Ending::Failed {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.screen.advance(self.reports.summary.found, done.record.bytes.map_or(0, |[before, _]| before));
        Ok(())
    }

    /// Brings all records so far into the report.
    fn flush(&mut self) -> Result<(), ()> {
        match self.reports.flush() {
            Ok(()) => {
                self.uncertain.clear();
                Ok(())
            }
            Err((path, e)) => self.lost(&path, &e),
        }
    }

    /// The report cannot be written: files without a record are taken back.
    fn lost(&mut self, path: &Path, e: &io::Error) -> Result<(), ()> {
        // The journal may vouch for a file whose record is there.
        if !self.reports.are_saved() {
            take_back(&self.uncertain);
        }
        self.uncertain.clear();
        self.cannot_write(path, e);
        Err(())
    }

    fn cannot_write(&mut self, path: &Path, e: &io::Error) {
        let failure = match e.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => cannot_write(path, e, &self.reports),
        };
        self.fail(failure);
    }

    /// The first failure counts; no more inputs are taken after it.
    fn fail(&mut self, failure: Failure) {
        self.stop.store(true, Ordering::Relaxed);
        self.failure.get_or_insert(failure);
    }

    /// Puts a copy in its input's place; its record is in the report already.
    fn replace(&self, finished: Finished) -> io::Result<()> {
        if let Target::InPlace { backup: Some(suffix) } = &self.plan.outputs.target {
            let mut name = finished.target().as_os_str().to_owned();
            name.push(suffix);
            let backup = PathBuf::from(name);
            if self.plan.outputs.replaces() && backup.symlink_metadata().is_ok() {
                fs::remove_file(&backup)?;
            }
            fs::hard_link(finished.target(), &backup)?;
        }
        finished.commit().map(drop)
    }

    /// Says what went wrong with an input, and what became of it where that is asked for.
    fn tell(&mut self, done: &Done) {
        let shown = Escaped::path(&done.shown);
        let record = &done.record;
        if done.internal {
            self.internal += 1;
            let reason = record.reason.as_deref().unwrap_or_default();
            self.screen.error(format_args!(
                "{shown}: {} (please report); the file was passed through unchanged",
                Escaped::text(reason)
            ));
        }
        if let (Some(error), None) = (&record.error, &done.fatal) {
            let before = self.reports.summary.ended(Ending::Failed);
            if before < ERRORS_SHOWN || self.screen.verbose {
                self.screen.error(format_args!("{shown}: {}; the other inputs go on", Escaped::text(error)));
            } else if before == ERRORS_SHOWN {
                self.screen.error("more inputs failed: the report and -v show them all");
            }
        }
        if self.screen.verbose && record.error.is_none() {
            let reason = record.reason.as_deref().map(|r| format!(": {}", Escaped::text(r))).unwrap_or_default();
            self.screen.note(format_args!("{shown}: {}{reason}", record.status.name()));
        }
    }

    /// Prints what `check` shows of an input.
    fn list(&self, done: &Done) -> Outcome<()> {
        match self.plan.listing {
            None => Ok(()),
            Some(Listing::Diff) => screen::out(screen::content(&done.diff)),
            Some(Listing::Lines) => screen::out(listing(&done.shown, &done.record)),
        }
    }
}

/// Files whose records are lost are taken back, so that nothing is there that cannot be restored.
pub fn take_back(files: &[PathBuf]) {
    for file in files {
        // What cannot be removed is whole and has its input beside it.
        drop(fs::remove_file(file));
    }
}

/// Inputs that have an output.
pub fn written(summary: &Summary) -> u64 {
    Ending::ALL.iter().filter(|e| e.has_output()).map(|e| summary.ended(*e)).sum()
}

/// What is said when nothing can be written any more.
pub fn cannot_write(path: &Path, cause: &io::Error, reports: &Reports) -> Failure {
    let again = if reports.has_journal() { "--resume" } else { "--on-conflict overwrite" };
    Failure::output(format!(
        "cannot write {}: {cause}. {} finished, and nothing half-written was left under its name. Make room, then run the same command with {again}",
        Escaped::path(path),
        plural(written(&reports.summary), "input"),
    ))
}

/// One line for each removal: where, what, and how it begins.
fn listing(shown: &Path, record: &Record) -> String {
    let mut out = String::new();
    let path = Escaped::bare_path(shown);
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let color = Style::new().fg_color(Some(AnsiColor::Red.into()));
    for piece in record.removed.iter().chain(&record.withheld) {
        let name = piece.rule.as_deref().unwrap_or(&piece.category);
        let text = piece.text.as_deref().unwrap_or_default();
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        let first: String = lines.next().unwrap_or_default().chars().take(80).collect();
        let more = lines.count();
        let more =
            if more > 0 { format!(" {dim}and {}{dim:#}", plural(more as u64, "more line")) } else { String::new() };
        out.push_str(&format!(
            "{bold}{path}:{}{bold:#}: {color}{name}{color:#}: {}{more}\n",
            piece.line[0],
            Escaped::text(&first)
        ));
    }
    if record.status == Ending::Suspicious {
        let reason = record.reason.as_deref().unwrap_or_default();
        out.push_str(&format!(
            "{bold}{path}{bold:#}: suspicious, would be passed through whole: {}\n",
            Escaped::text(reason)
        ));
    }
    out
}
