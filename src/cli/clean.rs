//! `dehusk clean` and `dehusk check`: one run over all inputs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use dehusk::batch::Batch;
use dehusk::io::{Ending, Escaped, Record, built_in, seal_of};
use dehusk::{Cleaner, CleanerBuilder, Document, InputKind, Level, Pack};

use super::args::{Check, Clean, Input, KindArg, LevelArg, Output, ReportArgs, RuleArgs, Run, SiteArgs};
use super::exit::{Exit, Failure, Outcome};
use super::inputs::{self, Inputs};
use super::names::Names;
use super::outputs::{Outputs, Target};
use super::reading::Reading;
use super::reports::{Earlier, Reports};
use super::resume::{TakenUp, take_up};
use super::screen::{self, Screen, count, plural};
use super::signals::Signals;
use super::sink::{Sink, cannot_write, take_back, written};
use super::sites::{self, Sites};
use super::stream::{PartDone, Unit, Units};
use super::weights;
use super::worker::{Done, Limits, Worker};

/// Memory for the documents in work, unless --memory says otherwise; and what cleaning takes at worst for a byte of text.
const MEMORY: u64 = 256 << 20;
const MEMORY_PER_BYTE: u64 = 8;
/// Categories in the closing lines.
const CATEGORIES_SHOWN: usize = 6;

/// Runs `dehusk clean`.
pub fn clean(typed: &Clean, screen: &mut Screen) -> Outcome {
    let mut inputs = Inputs::resolve(&typed.input)?;
    let names = Names::new(inputs::format(typed.input.format.unwrap_or_default())?, typed.output.to);
    let outputs = Outputs::resolve(&typed.output, &inputs, &names)?;
    inputs.backup.clone_from(&typed.output.backup);
    if typed.run.json && matches!(outputs.target, Target::Stdout) {
        return Err(Failure::usage("--json and the cleaned text cannot both go to standard output: give -o OUT"));
    }
    let mut options = options(typed)?;
    let sites = Sites::new(&typed.sites);
    let (cleaner, known) =
        knowing_sites(builder(&typed.rules)?, (typed.learn, &typed.sites), &typed.input, &typed.run, &inputs)?;
    options.push_str(&known);
    let plan =
        Plan { input: &typed.input, run: &typed.run, cleaner, inputs, names, outputs, sites, options, listing: None };
    run(&plan, &typed.report, screen)
}

/// Runs `dehusk check`.
pub fn check(typed: &Check, screen: &mut Screen) -> Outcome {
    let inputs = Inputs::resolve(&typed.input)?;
    let sites = Sites::new(&typed.sites);
    let (cleaner, _) =
        knowing_sites(builder(&typed.rules)?, (typed.learn, &typed.sites), &typed.input, &typed.run, &inputs)?;
    let nothing = Output {
        output: None,
        to: None,
        removed_column: None,
        in_place: false,
        backup: None,
        on_conflict: None,
        resume: false,
        durability: None,
        dry_run: true,
    };
    let names = Names::new(inputs::format(typed.input.format.unwrap_or_default())?, None);
    let outputs = Outputs::resolve(&nothing, &inputs, &names)?;
    let report = ReportArgs { report: Vec::new(), report_text: None, no_report: true };
    let listing = Some(if typed.diff { Listing::Diff } else { Listing::Lines }).filter(|_| !typed.run.json);
    let options = String::new();
    let plan = Plan { input: &typed.input, run: &typed.run, cleaner, inputs, names, outputs, sites, options, listing };
    let mut found = false;
    let exit =
        run_and(&plan, &report, screen, |record| found |= !record.removed.is_empty() || !record.withheld.is_empty())?;
    Ok(if exit == Exit::Done && found { Exit::Found } else { exit })
}

/// What the outputs depend on besides inputs and version, spelled out.
fn options(typed: &Clean) -> Outcome<String> {
    let mut packs = Vec::new();
    for path in typed.rules.packs.iter().chain(&weights::files(&typed.rules)) {
        packs.push(seal_of(path, true).map_err(|e| Failure::usage(format!("{}: {e}", Escaped::path(path))))?.1);
    }
    let Input { glob, exclude, format, encoding, field, url_field, max_record, max_expand, shard, .. } = &typed.input;
    let input = (glob, exclude, format, encoding, field, url_field, max_record, max_expand, shard);
    let output = (typed.output.to, &typed.output.removed_column, typed.report.report_text);
    Ok(format!("{:016x} {:?} {packs:?} {input:?} {output:?}", built_in(), typed.rules))
}

/// A cleaner that knows the templates of sites, where that is asked for: the inputs are read a first time. And what it
/// knows, as a hash: outputs depend on it.
fn knowing_sites(
    builder: CleanerBuilder,
    (learn, typed): (bool, &SiteArgs),
    input: &Input,
    run: &Run,
    inputs: &Inputs,
) -> Outcome<(Cleaner, String)> {
    let mut model = sites::models(typed)?;
    if learn {
        Reading::new(typed, input)?.observe(inputs, &batch(run), model.get_or_insert_default())?;
    }
    Ok(match &model {
        Some(model) => (builder.sites(model).build()?, format!(" {:?} {:016x}", typed.site_by, model.hash())),
        None => (builder.build()?, format!(" {:?}", typed.site_by)),
    })
}

/// What runs over many inputs.
fn batch(run: &Run) -> Batch {
    run.threads.map_or_else(Batch::new, |n| Batch::new().threads(n.into()))
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
    builder = weights::read(typed, builder)?;
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
    if let Some(percent) = typed.max_loss {
        builder = builder.max_loss(percent / 100.0);
    }
    if let Some(kind) = typed.input_kind {
        builder = builder.input_kind(match kind {
            KindArg::Page => InputKind::Page,
            KindArg::Extracted => InputKind::Extracted,
        });
    }
    Ok(builder)
}

/// What a thread made of a unit.
enum Finished {
    One(Box<Done>),
    Part(Box<PartDone>),
}

/// What `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Lines,
    Diff,
}

/// A run with everything resolved.
pub struct Plan<'a> {
    pub input: &'a Input,
    pub run: &'a Run,
    pub cleaner: Cleaner,
    pub inputs: Inputs,
    pub names: Names,
    pub outputs: Outputs,
    pub sites: Sites,
    /// Everything else that the outputs depend on: a run with other options cannot be gone on with.
    pub options: String,
    pub listing: Option<Listing>,
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
    let (mut reports, earlier) = Reports::open(report, &plan.outputs, &plan.cleaner, &plan.options)?;
    if let Earlier::Kept(kept) = &earlier {
        screen.note(format_args!("the report of the earlier run is kept in {}", Escaped::path(kept)));
    }
    let batch = batch(plan.run).in_flight(plan.run.memory.unwrap_or(MEMORY) / MEMORY_PER_BYTE);
    let signals = match plan.outputs.target {
        Target::Folder(_) | Target::File(_) | Target::InPlace { .. } => Signals::catch(),
        _ => Signals::none(),
    };
    screen.progress(plan.run.progress.unwrap_or_default());
    let worker = Worker {
        cleaner: &plan.cleaner,
        names: plan.names,
        limits: Limits::of(plan.input),
        fields: plan.input.fields(),
        encoding,
        sites: plan.sites,
        signals: &signals,
        outputs: &plan.outputs,
        text: reports.text,
        diff: plan.listing == Some(Listing::Diff),
        picker: reports.picker(),
    };
    let taken_up = match earlier {
        Earlier::Found(found) => take_up(found, plan, &worker, &mut reports, &batch, screen)?,
        _ => TakenUp::default(),
    };
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let mut sink = Sink {
        plan,
        screen,
        reports,
        stop: &stop,
        failure: None,
        internal: 0,
        uncertain: Vec::new(),
        max_record: worker.limits.max_record,
        assembly: None,
        part: taken_up.part.clone(),
        refused: None,
    };
    let over = AtomicBool::new(false);
    let going = || !stop.load(Ordering::Relaxed) && signals.received().is_none();
    std::thread::scope(|scope| {
        if let Some(bar) = screen::total_of(sink.screen) {
            scope.spawn(|| {
                let counted = plan.inputs.items().take_while(|_| !over.load(Ordering::Relaxed) && going());
                bar(counted.map(|item| item.len).sum());
            });
        }
        let items = plan.inputs.items().skip(taken_up.inputs).take_while(|_| going());
        let done = batch.map(
            Units::new(items, &worker, taken_up.part.clone()).take_while(|_| going()),
            |unit| unit.cost(worker.limits.max_record as u64),
            |unit| match unit {
                Unit::One(item) => Finished::One(Box::new(worker.work(item))),
                Unit::Part(part) => Finished::Part(Box::new(worker.part(part))),
            },
            |finished| match finished {
                Finished::One(done) => {
                    see(&done.record);
                    sink.take(*done);
                }
                Finished::Part(part) => {
                    part.documents.iter().for_each(|done| see(&done.record));
                    sink.take_part(*part);
                }
            },
        );
        over.store(true, Ordering::Relaxed);
        done
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let Sink { mut reports, failure, internal, uncertain, .. } = sink;
    screen.finish();
    let finished = failure.is_none() && signals.received().is_none() && !stop.load(Ordering::Relaxed);
    // Files whose records are in the report stay, whatever becomes of the summary.
    let flushed = reports.flush();
    if !reports.are_saved() {
        take_back(&uncertain);
    }
    let ended = flushed.and_then(|()| reports.finish(finished));
    let ended = ended.map_err(|(path, e)| cannot_write(&path, &e, &reports));
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
                "stopped; {} finished and in the report. Run the same command with --resume to do the rest",
                plural(written(&reports.summary), "input")
            ));
            Exit::Signal(signal)
        }
        None if internal > 0 => Exit::Internal,
        None if failed > 0 => Exit::SomeFailed,
        None => Exit::Done,
    })
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
    if plan.inputs.is_single() && summary.found <= 1 {
        let status = Ending::ALL.into_iter().find(|e| summary.ended(*e) > 0).map_or("", Ending::name);
        return screen.note(format_args!("{status}   {sizes}   {removed}"));
    }
    let speed = screen::bytes((before as f64 / seconds.max(0.001)) as u64);
    screen.note(format_args!(
        "{}   {sizes}   {seconds:.1} s   {speed}/s   {}",
        plural(summary.found, if reports.has_records { "record" } else { "file" }),
        plural(threads as u64, "thread")
    ));
    screen.note(removed);
    let ended =
        |ending, what: &str| Some(summary.ended(ending)).filter(|n| *n > 0).map(|n| format!("{} {what}", count(n)));
    let others = summary.outliers_found - summary.ended(Ending::Emptied) - summary.ended(Ending::Suspicious);
    let look: Vec<_> = [
        ended(Ending::Emptied, "emptied"),
        ended(Ending::Suspicious, "suspicious"),
        Some(others).filter(|n| *n > 0).map(|n| format!("{} may have lost text", count(n))),
        ended(Ending::PassedThrough, "passed through"),
        ended(Ending::Copied, "copied"),
        ended(Ending::Skipped, "skipped"),
        ended(Ending::Failed, "failed"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some((kind, others)) = summary.nearly_all() {
        let pages = kind == InputKind::Page;
        let (what, tool) = if pages { ("whole pages", "scraper") } else { ("extracted text", "extractor") };
        screen.note(format_args!(
            "input     {what}, but for {}: if one {tool} made them all, --input-kind {kind} cleans these better",
            count(others)
        ));
    }
    let place = reports.place().map(|p| format!("   → {}", Escaped::path(p))).unwrap_or_default();
    match look.is_empty() {
        true if place.is_empty() => {}
        true => screen.note(format_args!("report{place}")),
        false => screen.note(format_args!("look at   {}{place}", look.join(" · "))),
    }
}
