//! Where the words of a page stand in another text, such as its gold text.
//!
//! Runs of equal words are chained in the order of both texts, long runs first, then shorter ones in the gaps between
//! them: a menu's "home" does not match the "home" of a paragraph that is matched already.

use std::collections::HashMap;
use std::ops::Range;

/// Lengths of the runs that are looked for, round by round.
const ROUNDS: [usize; 4] = [8, 4, 2, 1];
/// Runs that start at a gram with more places than this in the gold text are left to later rounds.
const MAX_PLACES: usize = 16;
/// Short runs are looked for only in gaps of at most this many gold words: in larger ones they match by chance.
const SMALL_GAP: usize = 400;
/// Blocks of at least this many words may stand in another order than in the gold text.
const MIN_MOVED: usize = 6;
/// The share of such a block's words, in percent, that must be found.
const MOVED: usize = 70;

/// A run of equal words: where in the page, where in the gold text, how many.
#[derive(Clone, Copy, Debug)]
struct Run {
    page: usize,
    gold: usize,
    len: usize,
}

/// For each word of the page, which word of the gold text it is, if any. `blocks` are the page's blocks as ranges of words.
pub(super) fn align(page: &[u64], gold: &[u64], blocks: &[Range<usize>]) -> Vec<Option<usize>> {
    let mut in_page = vec![None; page.len()];
    let mut in_gold = vec![false; gold.len()];
    let mut gaps = vec![(0..page.len(), 0..gold.len())];
    for size in ROUNDS {
        let mut left = Vec::new();
        for (p, g) in gaps {
            if p.is_empty() || g.is_empty() {
                continue;
            }
            if size <= 2 && g.len() > SMALL_GAP {
                continue;
            }
            let (mut p_at, mut g_at) = (p.start, g.start);
            for run in chain(runs(page, gold, &p, &g, size)) {
                for (place, gold) in in_page[run.page..run.page + run.len].iter_mut().zip(run.gold..) {
                    *place = Some(gold);
                }
                in_gold[run.gold..run.gold + run.len].fill(true);
                left.push((p_at..run.page, g_at..run.gold));
                (p_at, g_at) = (run.page + run.len, run.gold + run.len);
            }
            left.push((p_at..p.end, g_at..g.end));
        }
        gaps = left;
    }
    moved(page, gold, blocks, &mut in_page, &in_gold);
    in_page
}

/// All maximal runs of at least `size` equal words within two ranges.
fn runs(page: &[u64], gold: &[u64], p: &Range<usize>, g: &Range<usize>, size: usize) -> Vec<Run> {
    if p.len() < size || g.len() < size {
        return Vec::new();
    }
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for at in g.start..=g.end - size {
        places.entry(gram(&gold[at..at + size])).or_default().push(at);
    }
    let mut out = Vec::new();
    for at in p.start..=p.end - size {
        let Some(found) = places.get(&gram(&page[at..at + size])) else { continue };
        if found.len() > MAX_PLACES {
            continue;
        }
        for &place in found {
            if at > p.start && place > g.start && page[at - 1] == gold[place - 1] {
                continue; // part of a run that was found at its start
            }
            let len = page[at..p.end].iter().zip(&gold[place..g.end]).take_while(|(a, b)| a == b).count();
            if len >= size {
                out.push(Run { page: at, gold: place, len });
            }
        }
    }
    out
}

fn gram(words: &[u64]) -> u64 {
    words.iter().fold(words.len() as u64, |h, w| (h.rotate_left(23) ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The heaviest chain of runs that is in order in both texts.
fn chain(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by_key(|r| (r.page, r.gold));
    let top = runs.iter().map(|r| r.gold + r.len).max().unwrap_or(0) + 1;
    let mut best = Fenwick::new(top);
    let mut weight = vec![0_u64; runs.len()];
    let mut before: Vec<Option<usize>> = vec![None; runs.len()];
    let mut by_end: Vec<usize> = (0..runs.len()).collect();
    by_end.sort_by_key(|i| (runs[*i].page + runs[*i].len, *i));
    let mut ended = 0;
    for i in 0..runs.len() {
        while ended < by_end.len() && runs[by_end[ended]].page + runs[by_end[ended]].len <= runs[i].page {
            let done = by_end[ended];
            best.raise(runs[done].gold + runs[done].len, weight[done], done);
            ended += 1;
        }
        let (sum, from) = best.up_to(runs[i].gold);
        // Longer runs count more than their words: chance gives short ones.
        let len = runs[i].len as u64;
        weight[i] = sum + len * len.min(32);
        before[i] = from;
    }
    let mut out = Vec::new();
    let mut at = (0..runs.len()).max_by_key(|i| (weight[*i], std::cmp::Reverse(*i)));
    while let Some(i) = at {
        out.push(runs[i]);
        at = before[i];
    }
    out.reverse();
    out
}

/// Greatest weight over a prefix.
struct Fenwick {
    tree: Vec<(u64, Option<usize>)>,
}

impl Fenwick {
    fn new(n: usize) -> Self {
        Self { tree: vec![(0, None); n + 1] }
    }

    fn raise(&mut self, at: usize, weight: u64, id: usize) {
        let mut i = at + 1;
        while i < self.tree.len() {
            if weight > self.tree[i].0 {
                self.tree[i] = (weight, Some(id));
            }
            i += i & i.wrapping_neg();
        }
    }

    fn up_to(&self, at: usize) -> (u64, Option<usize>) {
        let mut i = (at + 1).min(self.tree.len() - 1);
        let mut best = (0, None);
        while i > 0 {
            if self.tree[i].0 > best.0 {
                best = self.tree[i];
            }
            i -= i & i.wrapping_neg();
        }
        best
    }
}

/// Long blocks that stand elsewhere in the gold text.
fn moved(page: &[u64], gold: &[u64], blocks: &[Range<usize>], in_page: &mut [Option<usize>], in_gold: &[bool]) {
    const SIZE: usize = 4;
    let mut free = HashMap::new();
    for (at, (words, used)) in gold.windows(SIZE).zip(in_gold.windows(SIZE)).enumerate() {
        if !used.iter().any(|u| *u) {
            free.insert(gram(words), at);
        }
    }
    if free.is_empty() {
        return;
    }
    for block in blocks.iter().filter(|b| b.len() >= MIN_MOVED) {
        let matched = in_page[block.clone()].iter().flatten().count();
        if matched * 2 >= block.len() {
            continue;
        }
        let mut found = vec![None; block.len()];
        for (at, words) in page[block.clone()].windows(SIZE).enumerate() {
            if let Some(place) = free.get(&gram(words)) {
                for (i, found) in found[at..at + SIZE].iter_mut().enumerate() {
                    *found = Some(place + i);
                }
            }
        }
        if found.iter().flatten().count() * 100 >= block.len() * MOVED {
            // The words between those that were found went with them.
            let mut last = found.iter().flatten().next().copied();
            for (place, found) in in_page[block.clone()].iter_mut().zip(found) {
                last = found.or(last);
                *place = last;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(page: &[&str], gold: &str) -> Vec<f32> {
        let words = |t: &str| crate::segment::token::words_of(t);
        let mut all = Vec::new();
        let mut blocks = Vec::new();
        for line in page {
            let start = all.len();
            all.extend(words(line));
            blocks.push(start..all.len());
        }
        let found = align(&all, &words(gold), &blocks);
        blocks.iter().map(|b| found[b.clone()].iter().flatten().count() as f32 / b.len() as f32).collect()
    }

    #[test]
    fn a_menu_word_does_not_match_a_paragraph() {
        let gold = "The long way home was cold and dark that night. Nobody said a word until the lights came on again.";
        let page = [
            "Home",
            "News",
            "The long way home was cold and dark that night.",
            "Share",
            "Nobody said a word until the lights came on again.",
            "Home",
        ];
        assert_eq!(matched(&page, gold), [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn fragments_of_a_sentence_match() {
        let gold = "They met in Paris in the spring of that year, and later they moved to a village near Lyon.";
        let page = [
            "They met in",
            "Paris",
            "in the spring of that year, and later they moved to",
            "a village",
            "near Lyon.",
            "Paris",
        ];
        assert_eq!(matched(&page, gold), [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn another_order_is_found_for_long_blocks() {
        let gold =
            "First comes the tale of the miller and his three sons. Then comes the tale of the cat with the boots.";
        let page = [
            "Then comes the tale of the cat with the boots.",
            "Menu",
            "First comes the tale of the miller and his three sons.",
        ];
        assert_eq!(matched(&page, gold), [1.0, 0.0, 1.0]);
    }

    #[test]
    fn nothing_matches_nothing() {
        assert_eq!(matched(&["a b c"], ""), [0.0]);
        assert!(matched(&[], "a b c").is_empty());
    }
}
