//! `dehusk report --diff`: what another run over the same inputs removes that the first did not, and the other way round.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use dehusk::io::{Record, Removed, Strings, Summary};

use super::exit::Outcome;
use super::markdown::{code, path};
use super::records::Records;
use super::screen::{bytes, count, plural};

/// Lines of each list.
const SHOWN: usize = 25;

/// Two runs side by side.
#[derive(Debug)]
pub struct Compared {
    /// Documents in both, of the same input.
    same: u64,
    changed: u64,
    /// Documents whose input is another one.
    other_input: u64,
    only: [u64; 2],
    /// Documents by how they ended in each, where that is not the same.
    status: BTreeMap<[&'static str; 2], (u64, String)>,
    gone: Side,
    kept: Side,
}

/// What only one of the two removed.
#[derive(Debug)]
struct Side {
    summary: Summary,
    strings: Strings,
}

/// Reads both reports to their ends. Documents that come in the same order are forgotten as soon as they are compared.
pub fn compare(mut old: Records, mut new: Records) -> Outcome<Compared> {
    let mut compared = Compared::new();
    let mut waiting: [HashMap<String, Record>; 2] = Default::default();
    loop {
        let (a, b) = (old.read()?, new.read()?);
        if a.is_none() && b.is_none() {
            break;
        }
        for (side, record) in [a, b].into_iter().enumerate() {
            let Some(record) = record else { continue };
            let name = name(&record);
            match (waiting[1 - side].remove(&name), side) {
                (Some(other), 0) => compared.add(&record, &other),
                (Some(other), _) => compared.add(&other, &record),
                (None, _) => drop(waiting[side].insert(name, record)),
            }
        }
    }
    compared.only = waiting.map(|w| w.len() as u64);
    Ok(compared)
}

fn name(record: &Record) -> String {
    format!("{}#{:?}", path(&record.path), record.record)
}

impl Compared {
    fn new() -> Self {
        let side = || Side { summary: Summary::new(""), strings: Strings::default() };
        Self { same: 0, changed: 0, other_input: 0, only: [0, 0], status: BTreeMap::new(), gone: side(), kept: side() }
    }

    fn add(&mut self, old: &Record, new: &Record) {
        let input = |r: &Record| r.hash.as_ref().map(|[before, _]| before.clone());
        if input(old) != input(new) {
            self.other_input += 1;
            return;
        }
        self.same += 1;
        if old.status != new.status {
            let (n, first) = self.status.entry([old.status.name(), new.status.name()]).or_default();
            *n += 1;
            if first.is_empty() {
                *first = path(&new.path);
            }
        }
        let gone = self.gone.add(new, &old.removed);
        let kept = self.kept.add(old, &new.removed);
        self.changed += u64::from(gone || kept);
    }

    /// What changed, for people and pull requests.
    pub fn to_markdown(&self) -> String {
        let mut out = format!(
            "## What changed\n\n{} compared, {} changed\n\n",
            plural(self.same, "document"),
            count(self.changed)
        );
        let [old, new] = self.only;
        for (n, what) in [
            (self.other_input, "not compared: the input is another one"),
            (old, "in the old report only"),
            (new, "in the new report only"),
        ] {
            if n > 0 {
                let _ = writeln!(out, "- {} {what}", plural(n, "document"));
            }
        }
        for ([from, to], (n, first)) in &self.status {
            let _ = writeln!(out, "- {}: {from} → {to}, first {}", plural(*n, "document"), code(first));
        }
        self.table(&mut out, "kind", |s| &s.summary.categories);
        self.table(&mut out, "rule", |s| &s.summary.rules);
        for (title, side) in [("Goes now", &self.gone), ("Stays now", &self.kept)] {
            let lines = side.strings.sorted();
            if lines.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n### {title}\n\n| count | line | removed by | first in |\n|--:|---|---|---|");
            for line in lines.iter().take(SHOWN) {
                let by = line.rule.as_deref().unwrap_or(&line.category);
                let place = format!("{}:{}", path(&line.path), line.line);
                let _ =
                    writeln!(out, "| {} | {} | {} | {} |", count(line.count), code(&line.text), code(by), code(&place));
            }
            if lines.len() > SHOWN {
                let _ = writeln!(out, "\nand {} more distinct lines", count((lines.len() - SHOWN) as u64));
            }
        }
        out
    }

    /// Pieces and bytes that go and stay now, under each name.
    fn table<'s>(
        &'s self,
        out: &mut String,
        what: &str,
        counts: impl Fn(&'s Side) -> &'s BTreeMap<String, dehusk::io::Count>,
    ) {
        let (gone, kept) = (counts(&self.gone), counts(&self.kept));
        let mut names: Vec<&String> = gone.keys().chain(kept.keys()).collect();
        let of = |side: &BTreeMap<_, dehusk::io::Count>, name: &String| side.get(name).copied().unwrap_or_default();
        names.sort_by_key(|n| (std::cmp::Reverse(of(gone, n).bytes + of(kept, n).bytes), n.as_str()));
        names.dedup();
        if names.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n| {what} | goes now | bytes | stays now | bytes |\n|---|--:|--:|--:|--:|");
        for name in names.iter().take(SHOWN) {
            let (g, k) = (of(gone, name), of(kept, name));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                code(name),
                count(g.removals),
                bytes(g.bytes),
                count(k.removals),
                bytes(k.bytes)
            );
        }
        if names.len() > SHOWN {
            let _ = writeln!(out, "\nand {} more", count((names.len() - SHOWN) as u64));
        }
    }
}

impl Side {
    /// Counts what `record` removes and `others` do not. Returns whether there is any.
    fn add(&mut self, record: &Record, others: &[Removed]) -> bool {
        let mut rest = record.clone();
        rest.removed = record.removed.iter().flat_map(|piece| without(piece, others)).collect();
        rest.withheld.clear();
        if rest.removed.is_empty() {
            return false;
        }
        self.summary.add(&rest);
        self.strings.add(&rest);
        true
    }
}

/// What is left of a piece without others, which are sorted; in code points, and only where there is text to be seen.
fn without(piece: &Removed, others: &[Removed]) -> Vec<Removed> {
    let [start, end] = piece.char;
    let from = others.partition_point(|o| o.char[1] <= start);
    let mut left = Vec::new();
    let mut at = start;
    for other in others[from..].iter().take_while(|o| o.char[0] < end) {
        left.push([at, other.char[0].max(at)]);
        at = at.max(other.char[1]);
    }
    left.push([at, end.max(at)]);
    left.retain(|[from, to]| from < to);
    if left == [piece.char] {
        left.clear();
        let blank = piece.text.as_deref().is_some_and(|t| t.trim().is_empty());
        return if blank { Vec::new() } else { vec![piece.clone()] };
    }
    let part = |[from, to]: [usize; 2]| {
        let text = piece.text.as_deref()?;
        let place = |n: usize| text.char_indices().nth(n - start).map_or(text.len(), |(i, _)| i);
        let (begin, end) = (place(from), place(to));
        let part = &text[begin..end];
        let mut left = piece.clone();
        left.byte = [piece.byte[0] + begin, piece.byte[0] + end];
        left.char = [from, to];
        left.line[0] += text[..begin].trim_start().matches('\n').count();
        left.text = Some(part.to_owned());
        (!part.trim().is_empty()).then_some(left)
    };
    left.into_iter().filter_map(part).collect()
}
