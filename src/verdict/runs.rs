//! Menus: runs of labels of which rules know a part.
//!
//! Beside learned evidence a run only tips the scale: deciding alone, it lost lists of prices and parts that stood next to a
//! footer (docs/accuracy.md).

use super::{Cause, Page, Policy, Verdict};
use crate::evidence::LABEL;
use crate::report::Look;
use crate::rules::{Category, Removes};

/// A run has at least this many blocks.
const MIN_RUN: usize = 3;
/// The share of a run's blocks, in percent, that rules must know for the whole run to go.
const KNOWN: usize = 40;
/// What a run counts beside learned evidence, in log-odds. By cross-validation nothing and a half are alike, one and two
/// worse, and all better than deciding alone.
const RUN: f32 = 0.5;

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    let mut start = 0;
    while start < verdicts.len() {
        let mut end = start;
        while end < verdicts.len() && is_label(page, end) && same_kind(page, start, end) {
            end += 1;
        }
        if end - start >= MIN_RUN {
            run(page, policy, verdicts, start, end);
        }
        start = end.max(start + 1);
    }
    let mut at = 0;
    while at < verdicts.len() {
        at = spread(page, verdicts, at).max(at + 1);
    }
}

fn is_label(page: &Page<'_>, i: usize) -> bool {
    page.blocks.blocks[i].shape.length() <= LABEL
        && matches!(page.evidence[i].look, Look::Label | Look::Item | Look::Figures)
}

/// Whether a run may take a block along that stays so far: not if learned evidence says that it is text, by more than a run
/// outweighs.
fn may_go(page: &Page<'_>, verdicts: &[Verdict], i: usize) -> bool {
    let is_text = page.learned && page.evidence[i].own_score() < page.threshold - RUN;
    !verdicts[i].is_drop() && !is_text
}

fn same_kind(page: &Page<'_>, a: usize, b: usize) -> bool {
    page.blocks.blocks[a].marker == page.blocks.blocks[b].marker
}

/// Drops a run of labels at an edge of the text if rules know enough of it.
fn run(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict], start: usize, end: usize) {
    let mut votes = [0usize; Category::ALL.len()];
    for i in start..end {
        if let Some((id, _)) = page.hit(i) {
            votes[page.category(id).index()] += 1;
        }
    }
    let known: usize = votes.iter().sum();
    let category = Category::ALL.iter().copied().max_by_key(|c| votes[c.index()]);
    let Some(category) = category.filter(|c| policy.removes(*c)) else { return };
    if known * 100 < (end - start) * KNOWN || !page.at_edge(start) || !page.at_edge(end - 1) {
        return;
    }
    let of_run = Verdict::Drop { cause: Cause::Run((end - start) as u32), category };
    for i in start..end {
        if may_go(page, verdicts, i) {
            verdicts[i] = page.by_rule(i).unwrap_or(of_run);
        }
    }
}

/// A rule that removes a run takes the labels around it along. Returns the end of the run, all of whose blocks have the
/// same one.
fn spread(page: &Page<'_>, verdicts: &mut [Verdict], at: usize) -> usize {
    let Verdict::Drop { cause: Cause::Rule(id), category } = verdicts[at] else { return 0 };
    if page.rules.rule(page.scan.hits[id as usize].rule).removes != Removes::Run || !page.at_edge(at) {
        return 0;
    }
    let takes = |i: usize| is_label(page, i) && same_kind(page, at, i) && page.at_edge(i);
    let end = (at + 1..verdicts.len()).find(|i| !takes(*i)).unwrap_or(verdicts.len());
    let start = (0..at).rev().find(|i| !takes(*i)).map_or(0, |i| i + 1);
    let next = if takes(at) { end } else { 0 };
    if end - start < MIN_RUN {
        return next;
    }
    for i in start..end {
        if may_go(page, verdicts, i) {
            verdicts[i] = Verdict::Drop { cause: Cause::Run((end - start) as u32), category };
        }
    }
    next
}
