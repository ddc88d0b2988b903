//! `dehusk clean` and `dehusk check`: one run over all inputs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::builder::styling::{AnsiColor, Style};
use dehusk::batch::Batch;
use dehusk::io::{Ending, Escaped, Finished, Record, Summary};
use dehusk::{Cleaner, CleanerBuilder, Document, InputKind, Level, Pack};

use super::args::{Check, Clean, Input, KindArg, LevelArg, Output, ReportArgs, RuleArgs, Run};
use super::exit::{Exit, Failure, Outcome};
use super::inputs::{self, Inputs};
use super::names::Names;
use super::outputs::{Outputs, Target};
use super::reports::Reports;
use super::screen::{self, Screen, count, plural};
use super::signals::Signals;
use super::worker::{Done, Worker};

/// Errors of single inputs that are shown; the report has them all.
const ERRORS_SHOWN: u64 = 20;
/// Categories in the closing lines.
const CATEGORIES_SHOWN: usize = 6;

/// Runs `dehusk clean`.
pub fn clean(typed: &Clean, screen: &mut Screen) -> Outcome {
    let cleaner = cleaner(&typed.rules)?;
    let mut inputs = Inputs::resolve(&typed.input)?;
    let names = Names::new(inputs::format(typed.input.format.unwrap_or_default())?, typed.output.to);
    let outputs = Outputs::resolve(&typed.output, &inputs, &names)?;
    inputs.backup.clone_from(&typed.output.backup);
    if typed.run.json && matches!(outputs.target, Target::Stdout) {
        return Err(Failure::usage("--json and the cleaned text cannot both go to standard output: give -o OUT"));
    }
    let plan = Plan { input: &typed.input, run: &typed.run, cleaner, inputs, names, outputs, listing: None };
    run(&plan, &typed.report, screen)
}

/// Runs `dehusk check`.
pub fn check(typed: &Check, screen: &mut Screen) -> Outcome {
    let cleaner = cleaner(&typed.rules)?;
    let inputs = Inputs::resolve(&typed.input)?;
    let nothing = Output { output: None, to: None, in_place: false, backup: None, on_conflict: None, dry_run: true };
    let names = Names::new(inputs::format(typed.input.format.unwrap_or_default())?, None);
    let outputs = Outputs::resolve(&nothing, &inputs, &names)?;
    let report = ReportArgs { report: Vec::new(), report_text: None, no_report: true };
    let listing = Some(if typed.diff { Listing::Diff } else { Listing::Lines }).filter(|_| !typed.run.json);
    let plan = Plan { input: &typed.input, run: &typed.run, cleaner, inputs, names, outputs, listing };
    let mut found = false;
    let exit =
        run_and(&plan, &report, screen, |record| found |= !record.removed.is_empty() || !record.withheld.is_empty())?;
    Ok(if exit == Exit::Done && found { Exit::Found } else { exit })
}

/// The cleaner that the options ask for.
pub fn cleaner(typed: &RuleArgs) -> Outcome<Cleaner> {
    Ok(builder(typed)?.build()?)
}

/// What builds it.
pub fn builder(typed: &RuleArgs) -> Outcome<CleanerBuilder> {
    let mut builder = Cleaner::builder()
        .level(match typed.level.unwrap_or_default() {
            LevelArg::Gentle => Level::Gentle,
            LevelArg::Balanced => Level::Balanced,
            LevelArg::Strict => Level::Strict,
        })
        .default_rules(!typed.no_default_rules)
        .model(!typed.no_model);
    for path in &typed.packs {
        builder = builder.pack(Pack::read(path).map_err(|e| super::rules::bad_pack(path, &e))?);
    }
    for name in &typed.select {
        builder = builder.select(name);
    }
    for name in &typed.ignore {
        builder = builder.ignore(name);
    }
    if let Some(percent) = typed.max_removed {
        builder = builder.max_removed(percent / 100.0);
    }
    if let Some(kind) = typed.input_kind {
        builder = builder.input_kind(match kind {
            KindArg::Page => InputKind::Page,
            KindArg::Extracted => InputKind::Extracted,
        });
    }
    Ok(builder)
}

/// What `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Lines,
    Diff,
}

/// A run with everything resolved.
struct Plan<'a> {
    input: &'a Input,
    run: &'a Run,
    cleaner: Cleaner,
    inputs: Inputs,
    names: Names,
    outputs: Outputs,
    listing: Option<Listing>,
}

fn run(plan: &Plan<'_>, report: &ReportArgs, screen: &mut Screen) -> Outcome {
    run_and(plan, report, screen, |_| ())
}

/// Cleans all inputs; `see` gets every record.
fn run_and(plan: &Plan<'_>, report: &ReportArgs, screen: &mut Screen, mut see: impl FnMut(&Record)) -> Outcome {
    let encoding = plan.input.encoding.as_deref();
    if let Some(label) = encoding {
        Document::with_encoding(b"", label)?;
    }
    plan.outputs.prepare()?;
    let (reports, kept) = Reports::open(report, &plan.outputs, &plan.cleaner)?;
    if let Some(kept) = kept {
        screen.note(format_args!("the report of the earlier run is kept in {}", Escaped::path(&kept)));
    }
    let batch = plan.run.threads.map_or_else(Batch::new, |n| Batch::new().threads(n.into()));
    let signals = match plan.outputs.target {
        Target::Folder(_) | Target::InPlace { .. } => Signals::catch(),
        _ => Signals::none(),
    };
    screen.progress(plan.run.progress.unwrap_or_default());
    let worker = Worker {
        cleaner: &plan.cleaner,
        names: plan.names,
        encoding,
        outputs: &plan.outputs,
        text: reports.text,
        diff: plan.listing == Some(Listing::Diff),
        picker: reports.picker(),
    };
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let mut sink = Sink { plan, screen, reports, stop: &stop, failure: None, internal: 0, uncertain: Vec::new() };
    let over = AtomicBool::new(false);
    let going = || !stop.load(Ordering::Relaxed) && signals.received().is_none();
    std::thread::scope(|scope| {
        if let Some(bar) = screen::total_of(sink.screen) {
            scope.spawn(|| {
                let counted = plan.inputs.items().take_while(|_| !over.load(Ordering::Relaxed) && going());
                bar(counted.map(|item| item.len).sum());
            });
        }
        let done = batch.map(
            plan.inputs.items().take_while(|_| going()),
            |item| item.len,
            |item| worker.work(item),
            |done| {
                see(&done.record);
                sink.take(done);
            },
        );
        over.store(true, Ordering::Relaxed);
        done
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let Sink { mut reports, failure, internal, uncertain, .. } = sink;
    screen.finish();
    let finished = failure.is_none() && signals.received().is_none() && !stop.load(Ordering::Relaxed);
    let ended = reports.finish(finished).map_err(|(path, e)| {
        take_back(&uncertain);
        cannot_write(&path, &e, &reports.summary)
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    ended?;
    if plan.run.json {
        screen::out(reports.summary.to_json())?;
    }
    closing(plan, &reports, seconds, batch.thread_count(), screen);
    let failed = reports.summary.ended(Ending::Failed);
    Ok(match signals.received() {
        Some(signal) => {
            screen.error(format_args!(
                "stopped; {} finished and in the report. Run again to do the rest",
                plural(written(&reports.summary), "input")
            ));
            Exit::Signal(signal)
        }
        None if internal > 0 => Exit::Internal,
        None if failed > 0 => Exit::SomeFailed,
        None => Exit::Done,
    })
}

/// Takes results in input order.
struct Sink<'a, 'p> {
    plan: &'a Plan<'p>,
    screen: &'a Screen,
    reports: Reports,
    stop: &'a AtomicBool,
    failure: Option<Failure>,
    internal: u64,
    /// Files whose records are not in the report yet: without them they could not be restored.
    uncertain: Vec<PathBuf>,
}

impl Sink<'_, '_> {
    fn take(&mut self, mut done: Done) {
        self.tell(&done);
        if let Some((path, e)) = done.fatal.take() {
            // What cannot be written is no fault of the input: it was not seen.
            self.fail(|summary| match e.kind() {
                io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
                _ => cannot_write(&path, &e, summary),
            });
            return;
        }
        self.uncertain.extend(done.written.take());
        let record = self.reports.add(&done.record, &done.line, done.excerpt.take());
        let saved = match (record, &done.replacement) {
            (Ok(_), Some(_)) => self.reports.flush().map(|()| true),
            (other, _) => other,
        };
        match saved {
            Ok(true) => self.uncertain.clear(),
            Ok(false) => {}
            Err((path, e)) => {
                take_back(&self.uncertain);
                self.uncertain.clear();
                self.fail(|summary| cannot_write(&path, &e, summary));
                return;
            }
        }
        if let Some(finished) = done.replacement.take()
            && let Err(e) = self.replace(finished)
        {
            self.fail(|summary| cannot_write(&done.shown, &e, summary));
        }
        if let Some(body) = &done.body
            && let Err(failure) = screen::out_bytes(body)
        {
            self.fail(|_| failure);
        }
        if let Err(failure) = self.list(&done) {
            self.fail(|_| failure);
        }
        if self.plan.run.fail_fast && done.record.status == Ending::Failed {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.screen.advance(self.reports.summary.found, done.record.bytes.map_or(0, |[before, _]| before));
    }

    /// The first failure counts; no more inputs are taken after it.
    fn fail(&mut self, failure: impl FnOnce(&Summary) -> Failure) {
        self.stop.store(true, Ordering::Relaxed);
        if self.failure.is_none() {
            self.failure = Some(failure(&self.reports.summary));
        }
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
fn take_back(files: &[PathBuf]) {
    for file in files {
        // What cannot be removed is whole and has its input beside it.
        drop(fs::remove_file(file));
    }
}

fn written(summary: &Summary) -> u64 {
    Ending::ALL.iter().filter(|e| e.has_output()).map(|e| summary.ended(*e)).sum()
}

fn cannot_write(path: &Path, cause: &io::Error, summary: &Summary) -> Failure {
    Failure::output(format!(
        "cannot write {}: {cause}. {} finished, and nothing half-written was left. Make room, then run the same command with --on-conflict overwrite",
        Escaped::path(path),
        plural(written(summary), "input"),
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

/// The closing lines of a run.
fn closing(plan: &Plan<'_>, reports: &Reports, seconds: f64, threads: usize, screen: &Screen) {
    let summary = &reports.summary;
    let [before, after] = summary.bytes;
    let share = if before > 0 { before.saturating_sub(after) as f64 / before as f64 * 100.0 } else { 0.0 };
    let sizes = format!("{} → {} (−{share:.1} %)", screen::bytes(before), screen::bytes(after));
    let mut categories: Vec<_> = summary.categories.iter().map(|(name, n)| (n.removals, name.as_str())).collect();
    categories.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let mut removed: Vec<_> =
        categories.iter().take(CATEGORIES_SHOWN).map(|(n, name)| format!("{name} {}", count(*n))).collect();
    removed.extend((categories.len() > CATEGORIES_SHOWN).then(|| "…".to_owned()));
    let removed =
        if removed.is_empty() { "nothing removed".to_owned() } else { format!("removed   {}", removed.join(" · ")) };
    if plan.inputs.is_single() {
        let status = Ending::ALL.into_iter().find(|e| summary.ended(*e) > 0).map_or("", Ending::name);
        return screen.note(format_args!("{status}   {sizes}   {removed}"));
    }
    let speed = screen::bytes((before as f64 / seconds.max(0.001)) as u64);
    screen.note(format_args!(
        "{}   {sizes}   {seconds:.1} s   {speed}/s   {}",
        plural(summary.found, "file"),
        plural(threads as u64, "thread")
    ));
    screen.note(removed);
    let ended =
        |ending, what: &str| Some(summary.ended(ending)).filter(|n| *n > 0).map(|n| format!("{} {what}", count(n)));
    let others = summary.outliers_found - summary.ended(Ending::Emptied) - summary.ended(Ending::Suspicious);
    let look: Vec<_> = [
        ended(Ending::Emptied, "emptied"),
        ended(Ending::Suspicious, "suspicious"),
        Some(others).filter(|n| *n > 0).map(|n| format!("{} lost over 80 %", count(n))),
        ended(Ending::PassedThrough, "passed through"),
        ended(Ending::Copied, "copied"),
        ended(Ending::Skipped, "skipped"),
        ended(Ending::Failed, "failed"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let place = reports.place().map(|p| format!("   → {}", Escaped::path(p))).unwrap_or_default();
    match look.is_empty() {
        true if place.is_empty() => {}
        true => screen.note(format_args!("report{place}")),
        false => screen.note(format_args!("look at   {}{place}", look.join(" · "))),
    }
}
