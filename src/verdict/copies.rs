//! A second copy of text that stays goes: pages hold their text once for phones and once for wide screens, put a
//! description above and below, and quote a post in each answer to it.
//!
//! Blocks are judged one by one, and both copies of an article are as likely text; only here it counts that the other one
//! stays. It is the first that does, so no text is lost with the others.

use std::collections::HashMap;

use super::{Cause, Page, Policy, Verdict};
use crate::document::InputKind;
use crate::model::regime;
use crate::rules::Category;
use crate::segment::token::{NUMBER, ascii, pair};
use crate::segment::{Block, Marker};

/// A stretch of blocks is a copy if so many words of sentences are in it: shorter ones repeat in lists of offers and dates.
const STRETCH: u32 = 20;
/// A block by itself is one from so many words on. (Both flat by measure: from 12 and 20 to 30 and 60 the same within .0006.)
const ALONE: u32 = 40;
/// Either of them in text that an extractor has been over, which chose what it left.
const EXTRACTED: u32 = 60;
/// What stands on the page more often is what its entries have in common, and belongs to each of them.
const MOST: u32 = 3;
/// A sentence has at least so many words.
const SENTENCE: u32 = 8;
/// Blocks with more signs of code are code, which repeats itself.
const CODE: u32 = 1;
/// Lines right before the first sentence of a copy that go with it, at most.
const LEAD: usize = 8;
/// What filler begins with ("Lorem ipsum…"): it stands for text that is not the same everywhere.
const FILLER: [u64; 2] = [ascii("lorem"), ascii("ipsum")];

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    if !policy.removes(Category::Duplicate) || regime::is_book(page.blocks) {
        return;
    }
    let kept: Vec<usize> = (0..verdicts.len()).filter(|i| !verdicts[*i].is_drop()).collect();
    let copies = Copies::of(kept.iter().map(|i| key(page, &page.blocks.blocks[*i])));
    if !copies.any() || kept.iter().any(|i| is_filler(page, *i)) {
        return;
    }
    let mut at = 0;
    while at < kept.len() {
        let original = copies.first[at];
        let length = (0..kept.len() - at).take_while(|n| copies.are(original + n, at + n)).count();
        let words: u32 = kept[at..at + length].iter().map(|i| sentences(page, *i)).sum();
        let least = match page.kind() {
            InputKind::Extracted => EXTRACTED,
            InputKind::Page if length == 1 => ALONE,
            InputKind::Page => STRETCH,
        };
        if words >= least {
            let free = |n: usize| n <= at.min(original) && !verdicts[kept[at - n]].is_drop();
            let lead = (1..=LEAD).take_while(|n| free(*n) && copies.are(original - n, at - n)).count();
            for (original, copy) in (original - lead..).zip(at - lead..at + length) {
                let cause = Cause::Copy(kept[original] as u32);
                verdicts[kept[copy]] = Verdict::Drop { cause, category: Category::Duplicate };
            }
        }
        at += length.max(1);
    }
}

/// Which of the blocks that would stay are equal.
struct Copies {
    keys: Vec<u64>,
    /// The first that is equal to each.
    first: Vec<usize>,
    /// How many are equal to it, by the first of them.
    times: Vec<u32>,
}

impl Copies {
    fn of(keys: impl Iterator<Item = u64>) -> Self {
        let keys: Vec<u64> = keys.collect();
        let mut seen = HashMap::new();
        let first: Vec<usize> = keys.iter().enumerate().map(|(at, key)| *seen.entry(*key).or_insert(at)).collect();
        let mut times = vec![0; keys.len()];
        first.iter().for_each(|at| times[*at] += 1);
        Self { keys, first, times }
    }

    fn any(&self) -> bool {
        self.times.iter().any(|times| *times > 1)
    }

    /// Whether the second is a copy of the first, and no entry's.
    fn are(&self, original: usize, copy: usize) -> bool {
        original < copy && self.keys[original] == self.keys[copy] && self.times[self.first[copy]] <= MOST
    }
}

fn is_filler(page: &Page<'_>, i: usize) -> bool {
    let words = page.blocks.words(&page.blocks.blocks[i]);
    words.windows(FILLER.len()).any(|words| words.iter().map(|w| w.hash).eq(FILLER))
}

/// What equal lines have in common: their words, and the digits of their numbers.
fn key(page: &Page<'_>, block: &Block) -> u64 {
    let numbers = page.blocks.words(block).iter().filter(|word| word.hash == NUMBER);
    let digits = numbers.flat_map(|n| page.view.as_bytes()[n.start as usize..n.end as usize].iter().chain(b" "));
    digits.fold(page.blocks.key(block), |hash, digit| pair(hash, u64::from(*digit)))
}

/// Words of a block that is running text.
fn sentences(page: &Page<'_>, i: usize) -> u32 {
    let block = &page.blocks.blocks[i];
    let shape = &block.shape;
    let is_prose = shape.sentence_ends > 0 && shape.codes <= CODE && block.marker != Marker::Table;
    let is_text = is_prose && shape.length() >= SENTENCE;
    if is_text { shape.length() } else { 0 }
}
