//! What is kept of a page: a hash and a size for each line, in order.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::evidence::PARAGRAPH;
use crate::segment::token::{pair, words_of};
use crate::segment::{self, Block, Blocks, Marker};

/// Of a very long page, this many lines at either end: templates stand there.
const LINES_AT_AN_END: usize = 2_048;
/// Words of a shingle. Shorter stretches of words recur in prose by chance.
pub(super) const SHINGLE: usize = 6;
/// Of a very long line, this many shingles.
const MAX_SHINGLES: usize = 16_384;
/// So many shingles take about as much room as a line.
const SHINGLES_PER_LINE: u64 = 2;
/// The first headings of a page, of a rank that titles have.
const TITLE_RANK: u8 = 2;

thread_local! {
    static BLOCKS: RefCell<Blocks> = RefCell::default();
}

/// What was seen of one page. Made on any thread, and [added](super::SiteModel::add) to a model.
#[derive(Clone, Debug)]
pub struct Observation {
    pub(super) site: Box<str>,
    pub(super) outline: Outline,
}

impl Observation {
    /// Observes a page of [`Document::site`].
    pub fn of(document: &Document<'_>) -> Self {
        let site = document.site().unwrap_or_default().into();
        let outline = BLOCKS.with(|blocks| match blocks.try_borrow_mut() {
            Ok(mut blocks) => Outline::of(document, &mut blocks),
            Err(_) => Outline::of(document, &mut Blocks::default()),
        });
        Self { site, outline }
    }
}

/// A line of a page as a site's pages are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineKey {
    /// Which block it is.
    pub block: u32,
    /// Hash of its folded words; numbers are all alike.
    pub key: u64,
}

/// The lines of a page that can be compared: lines of nothing but numbers are not.
pub(crate) fn keys(blocks: &Blocks) -> impl Iterator<Item = LineKey> {
    let has_words = |block: &Block| block.shape.words + block.shape.unspaced > 0;
    let with_words = blocks.blocks.iter().enumerate().filter(move |(_, b)| has_words(b));
    with_words.map(|(i, block)| LineKey { block: i as u32, key: blocks.key(block) })
}

/// The lines of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Outline {
    /// Hash of what the page says its title is; 0 where it does not say.
    pub title: u64,
    /// Hashes of its lines, in order.
    pub keys: Box<[u64]>,
    /// Words of its lines up to 127, and whether they are prose in the highest bit.
    pub sizes: Box<[u8]>,
    /// Hashes of all stretches of [`SHINGLE`] words of very long lines; sorted.
    pub shingles: Box<[u32]>,
}

const PROSE: u8 = 0x80;

impl Outline {
    fn of(document: &Document<'_>, blocks: &mut Blocks) -> Self {
        segment::segment(document, blocks);
        let mut lines: Vec<LineKey> = keys(blocks).collect();
        if lines.len() > 2 * LINES_AT_AN_END {
            lines.drain(LINES_AT_AN_END..lines.len() - LINES_AT_AN_END);
        }
        let size = |line: &LineKey| {
            let shape = &blocks.blocks[line.block as usize].shape;
            let prose = shape.length() >= PARAGRAPH && shape.sentence_ends > 0;
            shape.length().min(u32::from(!PROSE)) as u8 | if prose { PROSE } else { 0 }
        };
        Self {
            title: title(document, blocks),
            keys: lines.iter().map(|l| l.key).collect(),
            sizes: lines.iter().map(size).collect(),
            shingles: shingles_of(blocks),
        }
    }

    /// Words of a line, up to 127.
    pub fn words(&self, at: usize) -> u32 {
        u32::from(self.sizes[at] & !PROSE)
    }

    pub fn is_prose(&self, at: usize) -> bool {
        self.sizes[at] & PROSE != 0
    }

    /// What it takes in memory, in lines.
    pub fn cost(&self) -> u64 {
        (self.keys.len() as u64 + self.shingles.len() as u64 / SHINGLES_PER_LINE).max(1)
    }

    /// Tells pages apart; pages that differ in numbers only are the same. None of a page without words.
    pub fn hash(&self) -> Option<u64> {
        let all = self.keys.iter().fold(self.keys.len() as u64, |h, k| pair(h, *k));
        // The sample is of the smallest: the high bits have to be as random as the low ones.
        (!self.keys.is_empty()).then(|| (all ^ all >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32))
    }

    /// Whether the parts fit together: what is read from a file may not.
    pub fn is_sound(&self) -> bool {
        self.keys.len() == self.sizes.len()
            && self.keys.len() <= 2 * LINES_AT_AN_END
            && self.shingles.len() <= MAX_SHINGLES
            && self.shingles.is_sorted()
    }
}

/// A hash of the title of a page, where HTML or Markdown says it; 0 where it is not said.
pub(super) fn title(document: &Document<'_>, blocks: &Blocks) -> u64 {
    if let Some(title) = document.html().and_then(|page| page.metadata.title.as_deref()) {
        return as_title(words_of(title));
    }
    let heading = |b: &&Block| matches!(b.marker, Marker::Heading(rank) if rank <= TITLE_RANK);
    blocks.blocks.iter().find(heading).map_or(0, |block| title_of(blocks, block))
}

/// A block's words as [`title`] hashes them.
pub(super) fn title_of(blocks: &Blocks, block: &Block) -> u64 {
    as_title(blocks.words(block).iter().map(|w| w.hash))
}

fn as_title(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(1, pair)
}

/// The hash of a stretch of words.
pub(super) fn shingle(words: &[crate::segment::Token]) -> u32 {
    (words.iter().fold(0, |h, w| pair(h, w.hash)) >> 32) as u32
}

fn shingles_of(blocks: &Blocks) -> Box<[u32]> {
    let mut out: Vec<u32> = super::cut::long_lines(blocks)
        .flat_map(|line| blocks.tokens[line.words()].windows(SHINGLE))
        .take(MAX_SHINGLES)
        .map(shingle)
        .collect();
    out.sort_unstable();
    out.dedup();
    out.into()
}
