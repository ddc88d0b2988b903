//! Stage 1: how much a block's own words and those of its neighbours speak for text, as one hashed linear score.
//!
//! A word has one slot with a weight for standing in the block itself, in the block before and in the block after, so
//! that neighbours cost no second look-up. The fourth lane of a slot belongs to another feature: word pairs, whole
//! lines, first and last words, and shapes.

use crate::segment::token::{NUMBER, pair};
use crate::segment::{Block, Blocks, Marker, Token};

/// Slots of the table, a power of two. More gave nothing measurable; 2^16 × 4 bytes stay in the second-level cache.
pub(crate) const SLOTS: usize = 1 << 16;
/// Words of a block that are read: the first ones tell nearly all.
pub(crate) const MAX_WORDS: usize = 60;
/// Scores are whole multiples of 1/UNIT log-odds.
pub(crate) const UNIT: f32 = 64.0;
/// Lines of up to this many words are a feature as a whole.
const SHORT_LINE: usize = 6;

/// The lanes of a slot.
pub(crate) const OWN: usize = 0;
pub(crate) const AS_PREVIOUS: usize = 1;
pub(crate) const AS_NEXT: usize = 2;
pub(crate) const OTHER: usize = 3;

/// What keeps kinds of features apart that share the fourth lane.
const WHOLE: u64 = 0x1f83_d9ab_fb41_bd6b;
const FIRST: u64 = 0x5be0_cd19_137e_2179;
const LAST: u64 = 0xcbbb_9d5d_c105_9ed8;
const SHAPES: u64 = 0x629a_292a_367c_d507;

/// The learned weights of stage 1.
#[derive(Clone, Debug)]
pub(crate) struct Lexical {
    /// [`SLOTS`] slots of four weights.
    pub table: Box<[[i8; 4]]>,
    /// The score of a block without any feature.
    pub bias: i32,
}

impl Lexical {
    /// Scores every block, in units of 1/[`UNIT`] log-odds of being text.
    pub fn score(&self, blocks: &Blocks, out: &mut Vec<i32>) {
        let n = blocks.blocks.len();
        out.clear();
        out.resize(n, self.bias);
        for (i, block) in blocks.blocks.iter().enumerate() {
            let words = blocks.words(block);
            let (mut own, mut previous, mut next) = (0_i32, 0_i32, 0_i32);
            for word in words.iter().take(MAX_WORDS) {
                let slot = &self.table[usize::from(unigram(word))];
                own += i32::from(slot[OWN]);
                previous += i32::from(slot[AS_PREVIOUS]);
                next += i32::from(slot[AS_NEXT]);
            }
            others(block, words, |slot| own += i32::from(self.table[usize::from(slot)][OTHER]));
            out[i] += own;
            if i + 1 < n {
                out[i + 1] += previous;
            }
            if i > 0 {
                out[i - 1] += next;
            }
        }
    }
}

fn slot(hash: u64) -> u16 {
    (hash >> 48) as u16
}

/// The slot of a word. Numbers differ by their length only.
pub(crate) fn unigram(word: &Token) -> u16 {
    if word.hash == NUMBER { slot(pair(NUMBER, u64::from((word.end - word.start).min(8)))) } else { slot(word.hash) }
}

/// The slots of a block's other features.
pub(crate) fn others(block: &Block, words: &[Token], mut found: impl FnMut(u16)) {
    let read = &words[..words.len().min(MAX_WORDS)];
    for two in read.windows(2) {
        found(slot(pair(two[0].hash, two[1].hash)));
    }
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        found(slot(pair(first.hash, FIRST)));
        found(slot(pair(last.hash, LAST)));
        if words.len() <= SHORT_LINE {
            found(slot(words.iter().fold(WHOLE, |h, w| pair(h, w.hash))));
        }
    }
    shapes(block, found);
}

/// Combinations of a few coarse counts.
fn shapes(block: &Block, mut found: impl FnMut(u16)) {
    let s = &block.shape;
    let length = u64::from(length_bucket(s.length()));
    let marker = match block.marker {
        Marker::None => 0,
        Marker::Bullet => 1,
        Marker::Number => 2,
        Marker::Heading(rank) => 3 + u64::from(rank),
        Marker::Quote => 10,
        Marker::Table => 11,
    };
    let quarter = |part: u32, of: u32| if of == 0 { 5 } else { u64::from((part * 4).div_ceil(of).min(4)) };
    let signs = [s.bars, s.money, s.colons, s.questions, s.commas, s.brackets, s.ats, s.codes, s.signs, s.numbers];
    let signature = signs.iter().fold(0, |bits, n| bits << 1 | u64::from(*n > 0));
    let templates = [
        length << 8 | s.last as u64,
        length << 8 | s.first as u64,
        length << 8 | quarter(s.short_words, s.words),
        length << 8 | quarter(s.capitals, s.words),
        length << 16 | marker << 8 | u64::from(block.gap.min(3)),
        signature << 8 | length.min(5),
        length << 8 | quarter(s.digits, s.digits + s.letters),
        length << 16 | (s.last as u64) << 8 | u64::from(s.sentence_ends.min(4)),
    ];
    for (kind, template) in templates.into_iter().enumerate() {
        found(slot(pair(SHAPES.rotate_left(kind as u32 * 7), template)));
    }
}

fn length_bucket(words: u32) -> u32 {
    match words {
        0..=4 => words,
        5..=6 => 5,
        7..=9 => 6,
        10..=14 => 7,
        15..=24 => 8,
        25..=49 => 9,
        50..=99 => 10,
        _ => 11,
    }
}
