//! Learning stage 1: logistic regression on hashed features by stochastic gradient descent.

use crate::html::HtmlPage;
use crate::model::html::tags::{self, Tags};
use crate::model::lexical::{AS_NEXT, AS_PREVIOUS, Lexical, MAX_WORDS, OTHER, OWN, SLOTS, UNIT, others, unigram};
use crate::segment::Blocks;

use super::random::Random;

/// L2 regularisation. Measured on domains not seen: log loss .441 at 4e-5, .428 at 8e-5, .414 at 2e-4.
const ALPHA: f32 = 2e-4;
/// Passes over the data. Twice as many took log loss from .428 to .421 (at 8e-5).
const EPOCHS: usize = 3;
/// The step of the first example.
const FIRST_STEP: f32 = 0.1;

/// One block to learn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Example {
    /// Share of its words that are text.
    pub text: f32,
    pub weight: f32,
    /// Whether there is a block before and after it on its page.
    pub has_previous: bool,
    pub has_next: bool,
}

/// The features of blocks, page after page.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub examples: Vec<Example>,
    words: Vec<u16>,
    word_ends: Vec<u32>,
    others: Vec<u16>,
    other_ends: Vec<u32>,
    /// Slot and lane of what tags say, four lanes a slot; empty for text.
    tags: Vec<u32>,
    tag_ends: Vec<u32>,
}

impl Data {
    /// Adds the blocks of a page; `label` gives each block's text share and weight.
    pub fn add(&mut self, blocks: &Blocks, html: Option<&HtmlPage>, mut label: impl FnMut(usize) -> (f32, f32)) {
        let n = blocks.blocks.len();
        for (i, block) in blocks.blocks.iter().enumerate() {
            let words = blocks.words(block);
            self.words.extend(words.iter().take(MAX_WORDS).map(unigram));
            self.word_ends.push(self.words.len() as u32);
            others(block, words, |slot| self.others.push(slot));
            self.other_ends.push(self.others.len() as u32);
            if let Some(page) = html {
                tags::each(page, block.line as usize, |slot, lane| self.tags.push((slot * 4 + lane) as u32));
                self.tag_ends.push(self.tags.len() as u32);
            }
            let (text, weight) = label(i);
            self.examples.push(Example { text, weight, has_previous: i > 0, has_next: i + 1 < n });
        }
    }

    fn words(&self, i: usize) -> &[u16] {
        let start = if i == 0 { 0 } else { self.word_ends[i - 1] };
        &self.words[start as usize..self.word_ends[i] as usize]
    }

    fn others(&self, i: usize) -> &[u16] {
        let start = if i == 0 { 0 } else { self.other_ends[i - 1] };
        &self.others[start as usize..self.other_ends[i] as usize]
    }

    fn tags(&self, i: usize) -> &[u32] {
        let Some(end) = self.tag_ends.get(i) else { return &[] };
        let start = if i == 0 { 0 } else { self.tag_ends[i - 1] };
        &self.tags[start as usize..*end as usize]
    }

    /// Calls `visit` with slot and lane of every feature of example `i`.
    fn each(&self, i: usize, mut visit: impl FnMut(usize, usize)) {
        let example = &self.examples[i];
        self.words(i).iter().for_each(|s| visit(usize::from(*s), OWN));
        if example.has_previous {
            self.words(i - 1).iter().for_each(|s| visit(usize::from(*s), AS_PREVIOUS));
        }
        if example.has_next {
            self.words(i + 1).iter().for_each(|s| visit(usize::from(*s), AS_NEXT));
        }
        self.others(i).iter().for_each(|s| visit(usize::from(*s), OTHER));
        self.tags(i).iter().for_each(|s| visit(SLOTS + *s as usize / 4, *s as usize % 4));
    }
}

/// Learns from the examples in `rows`, visited in random order.
pub(super) fn learn(data: &Data, mut rows: Vec<u32>, seed: u64) -> (Lexical, Tags) {
    rows.retain(|r| data.examples[*r as usize].weight > 0.0);
    let total: f64 = rows.iter().map(|r| f64::from(data.examples[*r as usize].weight)).sum();
    let mean = (total / rows.len().max(1) as f64) as f32;
    let mut table = vec![[0.0_f32; 4]; if data.tags.is_empty() { SLOTS } else { 2 * SLOTS }];
    let mut bias = 0.0_f32;
    // Weights are table × scale, so that shrinking all of them costs one multiplication.
    let mut scale = 1.0_f32;
    let mut random = Random::new(seed);
    let delay = 1.0 / (FIRST_STEP * ALPHA);
    let mut at = 0_u64;
    for _ in 0..EPOCHS {
        random.shuffle(&mut rows);
        for &row in &rows {
            let example = data.examples[row as usize];
            let mut sum = 0.0;
            data.each(row as usize, |slot, lane| sum += table[slot][lane]);
            let score = sum * scale + bias;
            let step = 1.0 / (ALPHA * (delay + at as f32));
            scale *= 1.0 - step * ALPHA;
            // Long blocks have many features: an uncapped step would throw the weights about.
            let gradient = (1.0 / (1.0 + (-score).exp()) - example.text) * (example.weight / mean).min(10.0);
            let change = -step * gradient / scale;
            data.each(row as usize, |slot, lane| table[slot][lane] += change);
            bias -= step * gradient * 0.1;
            if scale < 1e-6 {
                table.iter_mut().flatten().for_each(|w| *w *= scale);
                scale = 1.0;
            }
            at += 1;
        }
    }
    let quantise = |w: f32| (w * scale * UNIT).round().clamp(-127.0, 127.0) as i8;
    let mut table: Vec<[i8; 4]> = table.into_iter().map(|slot| slot.map(quantise)).collect();
    let tags = Tags { table: table.split_off(SLOTS).into() };
    (Lexical { table: table.into(), bias: (bias * UNIT).round() as i32 }, tags)
}
