//! The files of a report: the folder beside the output, and what `--report` asks for.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use std::collections::BTreeMap;
use std::sync::Arc;

use dehusk::io::{
    About, Draft, Entry, Escaped, Excerpt, FoundJournal, Journal, NoJournal, Picker, Record, RecordWriter, ReportText,
    Review, Strings, Summary,
};
use dehusk::{Cleaner, Pack};

use super::args::{OnConflict, ReportArgs, TextArg};
use super::exit::{Exit, Failure, Outcome};
use super::markdown;
use super::outputs::{JOURNAL, Outputs, Target, unwritable};

/// What a report file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Records,
    Summary,
    Strings,
    Page,
    Markdown,
}

impl Kind {
    /// By the file's extension.
    fn of(path: &Path) -> Outcome<Self> {
        match path.extension().and_then(|e| e.to_str()) {
            Some("jsonl") => Ok(Self::Records),
            Some("json") => Ok(Self::Summary),
            Some("csv") => Ok(Self::Strings),
            Some("html") => Ok(Self::Page),
            Some("md") => Ok(Self::Markdown),
            _ => Err(Failure::usage(format!(
                "the report {} must end in .jsonl (records), .json (summary), .csv (strings), .html (a page to look at) or .md",
                Escaped::path(path)
            ))),
        }
    }
}

/// Collects what is reported, and writes it.
#[derive(Debug)]
pub struct Reports {
    /// How much removed text the records hold.
    pub text: ReportText,
    pub summary: Summary,
    /// Whether some inputs were records of a file.
    pub has_records: bool,
    strings: Strings,
    /// What the page shows, where one is wanted.
    review: Option<Review>,
    about: BTreeMap<String, About>,
    /// The folder's first.
    records: Vec<(RecordWriter, PathBuf)>,
    /// What is finished, where there is a folder.
    journal: Option<Journal>,
    durable: bool,
    /// Files that are written at the end.
    at_end: Vec<(Kind, PathBuf)>,
    folder: Option<PathBuf>,
}

impl Reports {
    /// Opens the files, for a run whose outputs depend on `options`. Returns also what was there of an earlier run.
    pub fn open(typed: &ReportArgs, outputs: &Outputs, cleaner: &Cleaner, options: &str) -> Outcome<(Self, Earlier)> {
        let text = match typed.report_text.unwrap_or_default() {
            TextArg::Full => ReportText::Full,
            TextArg::Snippet => ReportText::Snippet,
            TextArg::None => ReportText::None,
        };
        let mut wanted =
            typed.report.iter().map(|path| Ok((Kind::of(path)?, path.clone()))).collect::<Outcome<Vec<_>>>()?;
        let folder = outputs.report.clone().filter(|_| !typed.no_report);
        check_recoverable(outputs, folder.is_some() || wanted.iter().any(|(kind, _)| *kind == Kind::Records), text)?;
        if outputs.resumes && (folder.is_none() || wanted.iter().any(|(kind, _)| *kind == Kind::Records)) {
            return Err(Failure::usage(
                "--resume goes on with the report in OUT.report alone: leave --no-report and --report FILE.jsonl out",
            ));
        }
        let (mut earlier, mut journal) = (Earlier::Nothing, None);
        if let Some(folder) = &folder {
            let path = folder.join(JOURNAL);
            let found = match Journal::find(&path) {
                Ok(found) => Some(found),
                Err(NoJournal::Held) => return Err(held(folder)),
                Err(_) => None,
            };
            if outputs.resumes {
                let found = found.ok_or_else(|| {
                    Failure::usage(format!("cannot read {}. Nothing was written", Escaped::path(&path)))
                })?;
                earlier = Earlier::Found(found);
            } else if let Some(kept) = make_room(folder, outputs.on_conflict)? {
                earlier = Earlier::Kept(kept);
            }
            fs::create_dir_all(folder).map_err(|e| unwritable(folder, &e))?;
            if !outputs.resumes {
                journal = Some(Journal::create(&path, options).map_err(|e| match e {
                    NoJournal::Io(e) => unwritable(&path, &e),
                    _ => held(folder),
                })?);
            }
            if !outputs.resumes {
                wanted.insert(0, (Kind::Records, folder.join(REMOVALS)));
            }
            wanted.extend([
                (Kind::Page, folder.join("index.html")),
                (Kind::Summary, folder.join("summary.json")),
                (Kind::Strings, folder.join("strings.csv")),
            ]);
        }
        let page = wanted.iter().any(|(kind, _)| *kind == Kind::Page);
        let mut reports = Self {
            text,
            summary: Summary::new(cleaner.level().name()),
            has_records: false,
            strings: Strings::default(),
            review: page.then(Review::default),
            about: if page { about(cleaner) } else { BTreeMap::new() },
            records: Vec::new(),
            journal,
            durable: outputs.durable,
            at_end: Vec::new(),
            folder,
        };
        for (kind, path) in wanted {
            if path.symlink_metadata().is_ok() {
                if !outputs.replaces() {
                    return Err(Failure::usage(format!(
                        "the report {} is there already. Give another name, or --on-conflict overwrite",
                        Escaped::path(&path)
                    )));
                }
                fs::remove_file(&path).map_err(|e| unwritable(&path, &e))?;
            }
            if kind == Kind::Records {
                let writer = RecordWriter::create(&path).map_err(|e| unwritable(&path, &e))?;
                reports.records.push((writer, path));
            } else {
                Draft::new(&path, false).map_err(|e| unwritable(&path, &e))?;
                reports.at_end.push((kind, path));
            }
        }
        Ok((reports, earlier))
    }

    /// Goes on with what is believed of an earlier run: the first `len` bytes of its records.
    pub fn go_on(&mut self, journal: Journal, len: u64) -> io::Result<()> {
        let path = self.folder.clone().unwrap_or_default().join(REMOVALS);
        let writer = if len == 0 {
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => RecordWriter::create(&path)?,
            }
        } else {
            RecordWriter::go_on(&path, len)?
        };
        self.journal = Some(journal);
        self.records.insert(0, (writer, path));
        Ok(())
    }

    /// Adds what an earlier run found.
    pub fn add_again(&mut self, record: &Record, excerpt: Option<Excerpt>) {
        self.summary.add(record);
        self.has_records |= record.record.is_some();
        self.strings.add(record);
        if let Some(review) = &mut self.review {
            review.add(record, excerpt);
        }
    }

    /// Whether there is a journal.
    pub fn has_journal(&self) -> bool {
        self.journal.is_some()
    }

    /// Notes that an input is finished, or a part of one; its records were added before.
    pub fn commit(&mut self, mut entry: Entry) {
        if let (Some(journal), Some((records, _))) = (&mut self.journal, self.records.first()) {
            entry.report = records.len();
            journal.add(&entry);
        }
    }

    /// Where to look: the folder, or the first file.
    pub fn place(&self) -> Option<&Path> {
        let first = || self.records.iter().map(|(_, path)| path).chain(self.at_end.iter().map(|(_, path)| path)).next();
        self.folder.as_ref().or_else(first).map(PathBuf::as_path)
    }

    /// What draws documents for the page, where one is wanted.
    pub fn picker(&self) -> Option<Arc<Picker>> {
        self.review.as_ref().map(Review::picker)
    }

    /// Adds what became of an input: its record, the record's line, and how the page may show it. Returns whether all lines so far are in the files.
    pub fn add(&mut self, record: &Record, line: &str, excerpt: Option<Excerpt>) -> Result<bool, (PathBuf, io::Error)> {
        self.add_again(record, excerpt);
        let mut all = true;
        for (writer, path) in &mut self.records {
            all &= writer.line(line).map_err(|e| (path.clone(), e))?;
        }
        if all {
            self.vouch()?;
        }
        Ok(all)
    }

    /// Whether all records so far are in the report, whatever else failed.
    pub fn are_saved(&self) -> bool {
        self.records.iter().all(|(writer, _)| writer.is_saved())
    }

    /// Writes the journal's lines: what they tell of is in the report. Once a record was lost, nothing more is vouched for.
    fn vouch(&mut self) -> Result<(), (PathBuf, io::Error)> {
        if !self.are_saved() {
            return Ok(());
        }
        let path = || self.folder.clone().unwrap_or_default().join(JOURNAL);
        let Some(journal) = &mut self.journal else { return Ok(()) };
        if self.durable {
            for (writer, path) in &self.records {
                writer.sync().map_err(|e| (path.clone(), e))?;
            }
        }
        let written = journal.flush().and_then(|()| if self.durable { journal.sync() } else { Ok(()) });
        written.map_err(|e| (path(), e))
    }

    /// Writes the lines that are held back.
    pub fn flush(&mut self) -> Result<(), (PathBuf, io::Error)> {
        for (writer, path) in &mut self.records {
            writer.flush().map_err(|e| (path.clone(), e))?;
        }
        self.vouch()
    }

    /// Writes what comes at the end. `finished` says whether all inputs were seen.
    pub fn finish(&mut self, finished: bool) -> Result<(), (PathBuf, io::Error)> {
        self.flush()?;
        self.summary.finish(finished, &self.strings);
        for (kind, path) in &self.at_end {
            let write = || {
                let mut draft = Draft::new(path, false)?;
                let mut out = io::BufWriter::new(&mut draft);
                match (kind, &self.review) {
                    (Kind::Strings, _) => self.strings.write_csv(&mut out)?,
                    (Kind::Page, Some(review)) => {
                        review.write_html(&mut out, &self.summary, &self.strings, &|id| self.about.get(id).cloned())?;
                    }
                    (Kind::Markdown, _) => out.write_all(markdown::summary(&self.summary).as_bytes())?,
                    _ => out.write_all(self.summary.to_json().as_bytes())?,
                }
                out.flush()?;
                drop(out);
                draft.finish()?.commit()
            };
            write().map_err(|e| (path.clone(), e))?;
        }
        Ok(())
    }
}

/// The records' name in the folder of the report.
pub const REMOVALS: &str = "removals.jsonl";

/// What was there of an earlier run.
pub enum Earlier {
    Nothing,
    /// Its report, put away under another name.
    Kept(PathBuf),
    /// Its journal, to go on with.
    Found(FoundJournal),
}

fn held(folder: &Path) -> Failure {
    Failure::Told(
        Exit::Held,
        format!("another run writes to {} at this moment. Nothing was written; wait for it", Escaped::path(folder)),
    )
}

/// What a cleaner's packs say of their rules.
pub fn about(cleaner: &Cleaner) -> BTreeMap<String, About> {
    let say = |rule: dehusk::RuleView<'_>| {
        let about = About { why: rule.entry().why.clone(), strength: rule.entry().strength.name() };
        (rule.id().as_str().to_owned(), about)
    };
    cleaner.packs().flat_map(Pack::rules).filter(|r| !r.is_allow()).map(say).collect()
}

/// In place, either the originals stay beside, or the report restores them.
fn check_recoverable(outputs: &Outputs, has_records: bool, text: ReportText) -> Outcome<()> {
    match &outputs.target {
        Target::InPlace { backup: None } if !has_records || text != ReportText::Full => Err(Failure::usage(
            "in place without a full report or a backup, what is removed would be lost: add --backup .orig or --report FILE.jsonl with --report-text full. Nothing was written",
        )),
        _ => Ok(()),
    }
}

/// The report of an earlier run is never lost: it is renamed, or the run does not start.
fn make_room(folder: &Path, on_conflict: OnConflict) -> Outcome<Option<PathBuf>> {
    if !fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Ok(None);
    }
    if on_conflict == OnConflict::Error {
        return Err(Failure::usage(format!(
            "the report of an earlier run is in {}. Nothing was written; move it away, or use --on-conflict skip or overwrite, which keep it under another name",
            Escaped::path(folder)
        )));
    }
    for n in 1_u32.. {
        let mut name = folder.as_os_str().to_owned();
        name.push(format!(".{n}"));
        let kept = PathBuf::from(name);
        if kept.symlink_metadata().is_err() {
            fs::rename(folder, &kept).map_err(|e| unwritable(folder, &e))?;
            return Ok(Some(kept));
        }
    }
    Ok(None)
}
