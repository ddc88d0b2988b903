//! Going on with a run that was stopped: what its journal vouches for, and only as far as inputs and outputs still are what
//! they were.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use dehusk::batch::Batch;
use dehusk::io::{
    Compression, Entry, Escaped, Excerpt, FoundJournal, Input, Partial, Record, Unpacker, copy_hashed, seal_of, sweep,
};

use super::args::OnConflict;
use super::clean::Plan;
use super::exit::{Failure, Outcome};
use super::inputs::{Item, Source};
use super::outputs::{Outputs, Target};
use super::records::Records;
use super::reports::{REMOVALS, Reports};
use super::screen::{Screen, count};
use super::stream::{Part, Start, Unit, Units};
use super::worker::Worker;

/// What is taken over from an earlier run.
#[derive(Debug, Default)]
pub struct TakenUp {
    /// So many inputs are finished, the first ones.
    pub inputs: usize,
    /// Where the next one is gone on with.
    pub part: Option<Start>,
}

/// An entry of the journal with its input, to be checked.
struct Claim {
    item: Item,
    entry: Entry,
    /// Length of the journal with it.
    at: u64,
}

/// What is believed: the journal and the report up to here.
#[derive(Clone, Copy, Debug, Default)]
struct Believed {
    inputs: usize,
    journal: u64,
    report: u64,
}

/// Takes over what an earlier run finished, and brings journal and report to that point.
pub fn take_up(
    mut found: FoundJournal,
    plan: &Plan<'_>,
    worker: &Worker<'_>,
    reports: &mut Reports,
    batch: &Batch,
    screen: &Screen,
) -> Outcome<TakenUp> {
    let folder = plan.outputs.report.clone().unwrap_or_default();
    let wrong = |e: io::Error| {
        Failure::output(format!("cannot go on with the report in {}: {e}. Nothing was changed", Escaped::path(&folder)))
    };
    if let Target::Folder(tree) = &plan.outputs.target {
        sweep(tree.root()).map_err(wrong)?;
    }
    sweep(&folder).map_err(wrong)?;
    if !found.is_of(&plan.options).map_err(wrong)? {
        screen.note("the earlier run had other options or rules, or was of another version: all inputs are done again");
        let journal = found.begin_anew(&plan.options).map_err(wrong)?;
        reports.go_on(journal, 0).map_err(wrong)?;
        return Ok(TakenUp::default());
    }
    let mut believed = Believed { journal: found.at(), ..Believed::default() };
    let (mut open, all_hold) = (None, AtomicBool::new(true));
    let mut items = plan.inputs.items();
    let claims = std::iter::from_fn(|| claim(&mut items, &mut found, &mut open));
    batch.map(
        claims.take_while(|_| all_hold.load(Ordering::Relaxed)),
        |claim| claim.item.len.min(1 << 20),
        |claim| (holds(&claim, worker, &plan.outputs), claim.at, claim.entry.report),
        |(holds, at, report)| {
            if all_hold.fetch_and(holds, Ordering::Relaxed) && holds {
                believed = Believed { inputs: believed.inputs + 1, journal: at, report };
            }
        },
    )?;
    let mut part = None;
    if let (true, Some(claim)) = (all_hold.into_inner(), open)
        && let Some(start) = part_holds(&claim, worker, &plan.outputs)
    {
        believed = Believed { journal: claim.at, report: claim.entry.report, ..believed };
        part = Some(start);
    }
    let len = folder.join(REMOVALS).metadata().map_or(0, |m| m.len());
    if len < believed.report {
        // The journal tells of more than there is: a loss of power, or a file that was changed.
        (believed, part) = (Believed::default(), None);
    }
    let journal = match believed.journal {
        0 => found.begin_anew(&plan.options),
        at => found.go_on(at),
    };
    reports.go_on(journal.map_err(wrong)?, believed.report).map_err(wrong)?;
    tell_again(&folder, believed, plan, worker, reports)?;
    let inside = if part.is_some() { ", and a part of the next" } else { "" };
    let inputs = count(believed.inputs as u64);
    screen.note(format_args!("going on: of the earlier run {inputs} finished inputs count{inside}"));
    Ok(TakenUp { inputs: believed.inputs, part })
}

/// The next finished input that the journal tells of; a part of one that was not finished goes to `open`.
fn claim(items: &mut dyn Iterator<Item = Item>, found: &mut FoundJournal, open: &mut Option<Claim>) -> Option<Claim> {
    let item = items.next()?;
    let mut part = None;
    loop {
        // What cannot be read is not believed.
        let Some(entry) = found.entry().ok().flatten().filter(|e| e.path == item.path.as_path().into()) else {
            *open = part.map(|(entry, at)| Claim { item, entry, at });
            return None;
        };
        if entry.part.is_none() {
            return Some(Claim { item, entry, at: found.at() });
        }
        part = Some((entry, found.at()));
    }
}

/// Whether input and output are still what the journal says.
fn holds(claim: &Claim, worker: &Worker<'_>, outputs: &Outputs) -> bool {
    let Claim { item, entry, .. } = claim;
    let same_input = match (&item.source, &entry.input) {
        (Source::Skip(_) | Source::Fail(_), None) => true,
        // It could not be read then, and cannot be read now.
        (Source::File { path, named }, None) => Input::open(path, *named).is_err(),
        (Source::File { path, named }, Some(seal)) => seal_of(path, *named).is_ok_and(|now| now == *seal),
        _ => false,
    };
    let same_output = || match &entry.output {
        None => true,
        Some(seal) => seal_of(&output_of(claim, worker, outputs), false).is_ok_and(|now| now == *seal),
    };
    same_input && same_output()
}

/// Where a file of records can be gone on with, if what was read and written of it is still the same.
fn part_holds(claim: &Claim, worker: &Worker<'_>, outputs: &Outputs) -> Option<Start> {
    let Source::File { path, named } = &claim.item.source else { return None };
    let (content, written) = (claim.entry.input.clone()?, claim.entry.output.clone()?);
    let mut from = io::BufReader::new(Input::open(path, *named).ok()?.into_reader());
    let compression = match Compression::of_name(path).0 {
        Compression::None => Compression::of_bytes(io::BufRead::fill_buf(&mut from).ok()?),
        packed => packed,
    };
    let from = Unpacker::new(compression, from, worker.limits.max_expand).ok()?;
    let now = copy_hashed(&mut io::Read::take(from, content.0), &mut io::sink()).ok()?.ok()?;
    let output = output_of(claim, worker, outputs);
    let same = now == content && Partial::new(output, true, Some(&written)).is_ok();
    same.then_some(Start { content, written, next: claim.entry.part? })
}

/// Where an input's output is. The journal may choose between two names, and no more.
fn output_of(claim: &Claim, worker: &Worker<'_>, outputs: &Outputs) -> PathBuf {
    let renamed = worker.names.output(&claim.item.path);
    let path = if claim.entry.to == Some(renamed.as_path().into()) { renamed } else { claim.item.path.clone() };
    match &outputs.target {
        Target::Folder(tree) => tree.root().join(path),
        Target::File(file) => file.clone(),
        _ => path,
    }
}

/// Reads the records of the earlier run, so that summary, strings and page are those of one run.
fn tell_again(
    folder: &Path,
    believed: Believed,
    plan: &Plan<'_>,
    worker: &Worker<'_>,
    reports: &mut Reports,
) -> Outcome<()> {
    if believed.report == 0 {
        return Ok(());
    }
    let nowhere = Outputs {
        target: Target::Nothing,
        on_conflict: OnConflict::Overwrite,
        report: None,
        resumes: false,
        durable: false,
        removed_column: None,
    };
    let worker = Worker { outputs: &nowhere, fields: worker.fields.clone(), picker: worker.picker.clone(), ..*worker };
    let mut again = Again { items: plan.inputs.items(), worker: &worker, item: None, units: None, part: None };
    let mut records = Records::open(folder)?;
    while let Some(record) = records.read()? {
        let wanted = worker.picker.as_ref().is_some_and(|p| p.wants(&record));
        let excerpt = if wanted { again.excerpt(&record) } else { None };
        reports.add_again(&record, excerpt);
    }
    Ok(())
}

/// Cleans single documents again whose kept text is wanted: no report holds it.
struct Again<'a, I> {
    items: I,
    worker: &'a Worker<'a>,
    /// The input that is at hand.
    item: Option<(PathBuf, Source)>,
    units: Option<Units<'a, std::iter::Once<Item>>>,
    /// The records that are at hand.
    part: Option<Part>,
}

impl<'a, I: Iterator<Item = Item>> Again<'a, I> {
    /// Records come in the order of the inputs.
    fn excerpt(&mut self, record: &Record) -> Option<Excerpt> {
        let path = record.path.to_path().ok()?;
        let is_it = |item: &Path, worker: &Worker<'_>| item == path || worker.names.output(item) == path;
        while !self.item.as_ref().is_some_and(|(item, _)| is_it(item, self.worker)) {
            let Item { path, len, source } = self.items.next()?;
            self.item = Some((path.clone(), source.clone()));
            self.units = Some(Units::new(std::iter::once(Item { path, len, source }), self.worker, None));
            self.part = None;
        }
        let Some(number) = record.record else {
            let Some(Unit::One(item)) = self.units.as_mut()?.next() else { return None };
            return self.worker.work(item).excerpt;
        };
        loop {
            if let Some(done) = self.part.as_ref().and_then(|part| part.one(number, self.worker)) {
                return done.excerpt;
            }
            let Some(Unit::Part(part)) = self.units.as_mut()?.next() else { return None };
            self.part = Some(part);
        }
    }
}
