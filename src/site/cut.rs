//! Very long lines, into which a scraper joined a whole page: cut where the site's template begins and ends.
//!
//! There are no lines to compare, so stretches of words are (shingles): words that lie in stretches which stand on other
//! pages too are the template's.

use std::ops::Range;

use super::freeze::Template;
use super::outline::{SHINGLE, shingle};
use crate::segment::{self, Block, Blocks, Token};

/// A stretch of the template has at least this many words: a shingle and some.
const MIN_TEMPLATE: usize = 8;
/// So few words between two stretches of the template belong to it: a name or a date in a standing sentence.
const MAX_HOLE: usize = 3;

/// The blocks that one very long line was cut into.
pub(super) struct LongLine {
    blocks: Range<usize>,
    words: Range<usize>,
}

impl LongLine {
    /// Its words, as a range of [`Blocks::tokens`].
    pub fn words(&self) -> Range<usize> {
        self.words.clone()
    }
}

/// The very long lines of a page.
pub(super) fn long_lines(blocks: &Blocks) -> impl Iterator<Item = LongLine> {
    let all = &blocks.blocks;
    let mut at = 0;
    std::iter::from_fn(move || {
        let second = (at..all.len()).find(|i| all[*i].continues)?;
        let first = second.saturating_sub(1);
        let end = (second..all.len()).find(|i| !all[*i].continues).unwrap_or(all.len());
        at = end;
        Some(LongLine { blocks: first..end, words: all[first].words.start as usize..all[end - 1].words.end as usize })
    })
}

/// Cuts the very long lines of a page at the borders of the site's template. `pages` gets, for each block, on how many
/// pages its words stand; 0 for blocks of other lines and for what is the page's own.
pub(super) fn cut(view: &str, template: &Template, blocks: &mut Blocks, pages: &mut Vec<u32>) {
    pages.clear();
    let lines: Vec<LongLine> = if template.has_shingles() { long_lines(blocks).collect() } else { Vec::new() };
    if lines.is_empty() {
        pages.resize(blocks.blocks.len(), 0);
        return;
    }
    let old = std::mem::take(&mut blocks.blocks);
    let mut next = 0;
    for line in lines {
        blocks.blocks.extend_from_slice(&old[next..line.blocks.start]);
        pages.resize(blocks.blocks.len(), 0);
        let counts = counts(template, &blocks.tokens[line.words()]);
        for block in &old[line.blocks.clone()] {
            let words = block.words.start as usize - line.words.start..block.words.end as usize - line.words.start;
            split(view, block, &counts[words], blocks, pages);
        }
        next = line.blocks.end;
    }
    blocks.blocks.extend_from_slice(&old[next..]);
    pages.resize(blocks.blocks.len(), 0);
}

/// On how many pages each word stands in its stretch; 0 for the page's own.
fn counts(template: &Template, words: &[Token]) -> Vec<u32> {
    let mut out = vec![0_u32; words.len()];
    for (at, stretch) in words.windows(SHINGLE).enumerate() {
        let pages = template.pages_of_shingle(shingle(stretch));
        if pages > 0 {
            out[at..at + SHINGLE].iter_mut().for_each(|count| *count = (*count).max(pages));
        }
    }
    let is_template = |count: &u32| *count > 0;
    let mut last = None;
    for at in 0..out.len() {
        if is_template(&out[at]) {
            if let Some(last) = last.filter(|last| at - last <= MAX_HOLE + 1) {
                let pages = out[at].min(out[last]);
                out[last + 1..at].fill(pages);
            }
            last = Some(at);
        }
    }
    for stretch in out.chunk_by_mut(|a, b| is_template(a) == is_template(b)).filter(|s| s.len() < MIN_TEMPLATE) {
        stretch.fill(0);
    }
    out
}

/// Splits a block where its words go from the template to the page's own or back.
fn split(view: &str, block: &Block, counts: &[u32], blocks: &mut Blocks, pages: &mut Vec<u32>) {
    let mut ends: Vec<(usize, u32)> = Vec::new();
    let mut word = block.words.start as usize;
    for stretch in counts.chunk_by(|a, b| (*a > 0) == (*b > 0)) {
        word += stretch.len();
        ends.push((word, stretch.iter().copied().min().unwrap_or(0)));
    }
    if ends.len() <= 1 {
        pages.push(ends.first().map_or(0, |e| e.1));
        blocks.blocks.push(block.clone());
        return;
    }
    let last = ends.len() - 1;
    let mut outer = block.outer.start;
    for (at, (end, count)) in ends.into_iter().enumerate() {
        let to = if at == last { block.outer.end } else { border(view, &blocks.tokens[end - 1], &blocks.tokens[end]) };
        let piece = outer as usize..to as usize;
        segment::piece(view, block, piece, at > 0, blocks);
        pages.push(count);
        outer = to;
    }
}

/// Where to cut between two words: after the last space, so that an opening quote stays with what it opens.
fn border(view: &str, before: &Token, after: &Token) -> u32 {
    let between = &view[before.end as usize..after.start as usize];
    let space = between.char_indices().rfind(|(_, c)| c.is_whitespace());
    space.map_or(after.start, |(at, c)| before.end + (at + c.len_utf8()) as u32)
}
