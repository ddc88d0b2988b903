//! Stage 1 of HTML pages: how much class words and tags speak for text, as one hashed linear score.
//!
//! Class words are whole words of `class`, `id`, `role`, `itemprop` and `aria-label`. A word has a weight for the nearest
//! element that has such words, for elements farther up, and for the lines before and after.

use crate::html::HtmlPage;
use crate::model::lexical::SLOTS;
use crate::segment::Blocks;
use crate::segment::token::pair;

/// The lanes of a slot.
const NEAR: usize = 0;
const FAR: usize = 1;
const AS_PREVIOUS: usize = 2;
const AS_NEXT: usize = 3;

/// What keeps kinds of features apart.
const WORD: u64 = 0x510e_527f_ade6_82d1;
const FARTHEST: u64 = 0x1f83_d9ab_5be0_cd19;
const PAIR: u64 = 0x9b05_688c_2b3e_6c1f;
const CHAIN: u64 = 0x3c6e_f372_fe94_f82b;
const IN_TAG: u64 = 0xa54f_f53a_5f1d_36f1;

/// The learned weights of class words and tags.
#[derive(Clone, Debug)]
pub(crate) struct Tags {
    /// [`SLOTS`] slots of four weights.
    pub table: Box<[[i8; 4]]>,
}

impl Tags {
    /// Adds to every block's score what its tags say, in the units of [`Lexical`](crate::model::lexical::Lexical); `own` gets
    /// that alone.
    pub fn score(&self, blocks: &Blocks, page: &HtmlPage, out: &mut [i32], own: &mut Vec<i32>) {
        own.clear();
        own.resize(page.lines.len(), 0);
        for (line, sum) in own.iter_mut().enumerate() {
            each(page, line, |slot, lane| *sum += i32::from(self.table[slot][lane]));
        }
        for (block, out) in blocks.blocks.iter().zip(out) {
            *out += own.get(block.line as usize).copied().unwrap_or_default();
        }
    }
}

fn slot(hash: u64) -> usize {
    (hash >> 48) as usize % SLOTS
}

/// Calls `found` with slot and lane of every feature of a line.
pub(crate) fn each(page: &HtmlPage, at: usize, mut found: impl FnMut(usize, usize)) {
    let Some(line) = page.lines.get(at) else { return };
    let words = page.tokens(line);
    for word in words {
        let (kind, lane) = match word.level {
            0 => (WORD, NEAR),
            1 | 2 => (WORD, FAR),
            _ => (FARTHEST, FAR),
        };
        found(slot(pair(kind, u64::from(word.hash))), lane);
    }
    for two in words.windows(2).filter(|two| two[0].level == two[1].level) {
        let lane = if two[0].level == 0 { NEAR } else { FAR };
        found(slot(pair(PAIR ^ u64::from(two[0].hash), u64::from(two[1].hash))), lane);
    }
    let mut chain = CHAIN;
    let mut element = line.element as usize;
    for _ in 0..4 {
        chain = pair(chain, page.elements[element].tag as u64);
        found(slot(chain), NEAR);
        element = page.elements[element].parent as usize;
    }
    for word in words.iter().filter(|w| w.level == 0) {
        found(slot(pair(IN_TAG ^ line.tag as u64, u64::from(word.hash))), NEAR);
    }
    for (neighbour, lane) in [(at.checked_sub(1), AS_PREVIOUS), (Some(at + 1), AS_NEXT)] {
        for word in neighbour.and_then(|n| page.lines.get(n)).map_or(&[][..], |l| page.tokens(l)) {
            found(slot(pair(WORD, u64::from(word.hash))), lane);
        }
    }
}
