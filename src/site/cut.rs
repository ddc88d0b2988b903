//! Very long lines, into which a scraper joined a whole page: cut where the site's template begins and ends.
//!
//! There are no lines to compare, so stretches of words are (shingles): words that lie in stretches which stand on most
//! pages are the template's. Stretches that stand on some, in a row and without an end of sentence, are a list: of titles
//! of other pages, most often.

use std::ops::Range;

use super::freeze::Template;
use super::outline::{SHINGLE, shingle};
use crate::evidence::LABEL;
use crate::segment::{self, Block, Blocks, CharClass, Token};

/// A stretch of the template has at least this many words: a shingle and some.
const MIN_TEMPLATE: usize = 8;
/// So few words between two stretches of the template belong to it: a name or a date in a standing sentence.
const MAX_HOLE: usize = 3;
/// Of the words of a list, other pages have at least one in so many: not every title is listed often.
const LISTED: usize = 2;

/// How the words of a block stand to the pages of the site, where it is part of a very long line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Stretch {
    /// They are the page's own, or of a line that is not very long.
    #[default]
    Own,
    /// They are the template's; on how many pages they stand.
    Template(u32),
    /// They are a list of stretches that stand on some other pages.
    List(u32),
}

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

/// Cuts the very long lines of a page at the borders of the site's template. `stretches` gets one for each block.
pub(super) fn cut(view: &str, template: &Template, blocks: &mut Blocks, stretches: &mut Vec<Stretch>) {
    stretches.clear();
    let lines: Vec<LongLine> = if template.has_shingles() { long_lines(blocks).collect() } else { Vec::new() };
    if lines.is_empty() {
        stretches.resize(blocks.blocks.len(), Stretch::Own);
        return;
    }
    let old = std::mem::take(&mut blocks.blocks);
    let mut next = 0;
    for line in lines {
        blocks.blocks.extend_from_slice(&old[next..line.blocks.start]);
        stretches.resize(blocks.blocks.len(), Stretch::Own);
        let counts = Counts::of(template, &blocks.tokens[line.words()]);
        for block in &old[line.blocks.clone()] {
            let words = block.words.start as usize - line.words.start..block.words.end as usize - line.words.start;
            let pieces = counts.pieces(words, block.shape.last == CharClass::SentenceEnd);
            split(view, block, &pieces, blocks, stretches);
        }
        next = line.blocks.end;
    }
    blocks.blocks.extend_from_slice(&old[next..]);
    stretches.resize(blocks.blocks.len(), Stretch::Own);
}

/// On how many pages each word of a very long line stands in its stretch; 0 for the page's own.
struct Counts {
    /// Stretches of most pages.
    template: Vec<u32>,
    /// Stretches of some.
    listed: Vec<u32>,
}

impl Counts {
    fn of(template: &Template, words: &[Token]) -> Self {
        let mut out = Self { template: vec![0; words.len()], listed: vec![0; words.len()] };
        for (at, stretch) in words.windows(SHINGLE).enumerate() {
            let pages = template.pages_of_shingle(shingle(stretch));
            let counts = if template.is_common(pages) { &mut out.template } else { &mut out.listed };
            counts[at..at + SHINGLE].iter_mut().for_each(|count| *count = (*count).max(pages));
        }
        fill_holes(&mut out.template);
        out
    }

    /// The pieces of a block by how they stand to the template: how many words each has. `ends` says whether the block ends
    /// its sentence.
    fn pieces(&self, words: Range<usize>, ends: bool) -> Vec<(usize, Stretch)> {
        let mut out = Vec::new();
        let mut at = words.start;
        for stretch in self.template[words.clone()].chunk_by(|a, b| (*a > 0) == (*b > 0)) {
            let end = at + stretch.len();
            let pages = stretch.iter().copied().min().unwrap_or(0);
            let list = self.list(at..end).filter(|_| pages == 0 && !(ends && end == words.end));
            match list {
                _ if pages > 0 => out.push((stretch.len(), Stretch::Template(pages))),
                Some((start, pages)) => {
                    out.extend((start > at).then_some((start - at, Stretch::Own)));
                    out.push((end - start, Stretch::List(pages)));
                }
                None => out.push((stretch.len(), Stretch::Own)),
            }
            at = end;
        }
        out
    }

    /// Where a list begins that goes on to the end of some words, and the most pages that have a stretch of it.
    fn list(&self, words: Range<usize>) -> Option<(usize, u32)> {
        let is_listed = |at: &usize| self.listed[*at] > 0;
        let first = words.clone().find(is_listed)?;
        let listed = (first..words.end).filter(is_listed).count();
        // A label right before a list is its heading.
        let start = if first - words.start <= LABEL as usize { words.start } else { first };
        let pages = self.listed[first..words.end].iter().copied().max().unwrap_or(0);
        (listed >= MIN_TEMPLATE && listed * LISTED >= words.end - first).then_some((start, pages))
    }
}

/// Gives short holes in the template to it, and takes stretches that are too short from it.
fn fill_holes(counts: &mut [u32]) {
    let is_template = |count: &u32| *count > 0;
    let mut last = None;
    for at in 0..counts.len() {
        if is_template(&counts[at]) {
            if let Some(last) = last.filter(|last| at - last <= MAX_HOLE + 1) {
                let pages = counts[at].min(counts[last]);
                counts[last + 1..at].fill(pages);
            }
            last = Some(at);
        }
    }
    for stretch in counts.chunk_by_mut(|a, b| is_template(a) == is_template(b)).filter(|s| s.len() < MIN_TEMPLATE) {
        stretch.fill(0);
    }
}

/// Splits a block into pieces.
fn split(view: &str, block: &Block, pieces: &[(usize, Stretch)], blocks: &mut Blocks, stretches: &mut Vec<Stretch>) {
    if let [] | [_] = pieces {
        stretches.push(pieces.first().map_or(Stretch::Own, |piece| piece.1));
        blocks.blocks.push(block.clone());
        return;
    }
    let mut outer = block.outer.start;
    let mut word = block.words.start as usize;
    for (at, (words, stretch)) in pieces.iter().enumerate() {
        word += words;
        let last = at == pieces.len() - 1;
        let to = if last { block.outer.end } else { border(view, &blocks.tokens[word - 1], &blocks.tokens[word]) };
        segment::piece(view, block, outer as usize..to as usize, at > 0, blocks);
        stretches.push(*stretch);
        outer = to;
    }
}

/// Where to cut between two words: after the last space, so that an opening quote stays with what it opens.
fn border(view: &str, before: &Token, after: &Token) -> u32 {
    let between = &view[before.end as usize..after.start as usize];
    let space = between.char_indices().rfind(|(_, c)| c.is_whitespace());
    space.map_or(after.start, |(at, c)| before.end + (at + c.len_utf8()) as u32)
}
