//! The learned model: how likely each block of a page is to be text.
//!
//! Stage 1 ([`lexical`]) scores words; stage 2 ([`trees`]) looks at those scores, at shapes, rules and repetition over the
//! whole page; so does a convolution ([`net`]). There are two second stages, one for whole pages and one for text that an extractor has been over.

mod builtin;
mod context;
pub(crate) mod decode;
mod features;
mod format;
pub(crate) mod html;
pub(crate) mod lexical;
pub(crate) mod net;
pub(crate) mod regime;
pub(crate) mod table;
pub(crate) mod trees;

use crate::evidence::Layout;
use crate::rules::RuleSet;
use crate::scan::Scan;
use crate::segment::Blocks;

#[cfg(feature = "io")]
pub(crate) use builtin::bytes as builtin_bytes;
pub(crate) use builtin::{builtin, builtin_html};
pub(crate) use context::Context;
pub(crate) use features::Columns;
#[cfg(feature = "train")]
pub(crate) use format::fnv as lexical_hash;
pub use html::HtmlModel;
use lexical::Lexical;
use net::{Layers, Net};
use trees::{Column, Forest, LANES};

/// Learned weights: the built-in ones, or those that `dehusk train` wrote.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) lexical: Lexical,
    pub(crate) page: Second,
    pub(crate) extracted: Second,
    pub(crate) regime: Forest,
    pub(crate) hash: u64,
}

/// A second stage: trees and a convolution over the same features, whose answers are averaged.
#[derive(Clone, Debug)]
pub(crate) struct Second {
    pub forest: Forest,
    pub net: Net,
}

/// The trees' share in a mean with the convolution. Measured from .35 to .65: flat.
const FOREST: f32 = 0.5;
/// Under this probability of one kind of input only the other kind's second stage is asked.
const SURE: f32 = 0.05;

/// Memory that is used again for the next page.
#[derive(Debug)]
pub(crate) struct Memory {
    pub context: Context,
    columns: Box<Columns>,
    layers: Layers,
    html: html::HtmlMemory,
    pub scores: Vec<f32>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            context: Context::default(),
            columns: Box::new([[0; LANES]; table::COUNT]),
            layers: Layers::default(),
            html: html::HtmlMemory::default(),
            scores: Vec::new(),
        }
    }
}

impl Model {
    /// What the file of weights is called that `dehusk train -o` writes.
    pub const FILE: &str = "dehusk.bin";

    /// Reads a page: first its words, then everything stage 2 asks for. Returns how likely it is to be extracted text.
    pub(crate) fn read(
        &self,
        blocks: &Blocks,
        scan: &Scan,
        rules: &RuleSet,
        layout: &Layout,
        memory: &mut Memory,
    ) -> f32 {
        self.lexical.score(blocks, &mut memory.context.z);
        memory.context.read(blocks, scan, rules, layout);
        if regime::is_book(blocks) { 1.0 } else { regime::extracted(&self.regime, &memory.context) }
    }

    /// Log-odds of being text of every block of the page that was read last, into `memory.scores`: a mean of both second
    /// stages where it is not clear what the page is.
    pub(crate) fn score(&self, extracted: f32, blocks: &Blocks, memory: &mut Memory) {
        let n = blocks.blocks.len();
        let share = if extracted < SURE {
            0.0
        } else if extracted > 1.0 - SURE {
            1.0
        } else {
            extracted
        };
        memory.scores.clear();
        memory.scores.resize(n, 0.0);
        for (second, share) in [(&self.page, 1.0 - share), (&self.extracted, share)] {
            if share > 0.0 {
                let Memory { context, columns, layers, scores, .. } = memory;
                second.score(share, columns, (layers, scores), |start, columns| context.fill(blocks, start, columns));
            }
        }
    }

    /// The hash of the weights, as their model card states it.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

impl Second {
    /// Adds the log-odds of every block of a page, times `share`. `fill` writes the features of the blocks from one on.
    fn score<const N: usize>(
        &self,
        share: f32,
        columns: &mut [Column; N],
        (layers, scores): (&mut Layers, &mut [f32]),
        mut fill: impl FnMut(usize, &mut [Column; N]),
    ) {
        let mut sums = [0; LANES];
        layers.clear();
        for (start, scores) in (0..).step_by(LANES).zip(scores.chunks_mut(LANES)) {
            fill(start, columns);
            self.forest.score(columns, scores.len(), &mut sums);
            self.net.read(columns, scores.len(), layers);
            for (score, sum) in scores.iter_mut().zip(&sums) {
                *score += share * FOREST * (*sum as f32 / trees::UNIT);
            }
        }
        for (score, answer) in scores.iter_mut().zip(self.net.score(layers)) {
            *score += share * (1.0 - FOREST) * answer;
        }
    }
}

impl Context {
    /// Reads a page whose stage-1 scores come from elsewhere: training does so.
    #[cfg_attr(not(feature = "train"), allow(dead_code, reason = "training calls it"))]
    pub(crate) fn read_with(&mut self, z: &[i32], blocks: &Blocks, scan: &Scan, rules: &RuleSet, layout: &Layout) {
        self.z.clear();
        self.z.extend_from_slice(z);
        self.read(blocks, scan, rules, layout);
    }

    /// The features of the blocks from `start` on.
    #[cfg_attr(not(feature = "train"), allow(dead_code, reason = "training calls it"))]
    pub(crate) fn columns(&self, blocks: &Blocks, start: usize, out: &mut Columns) {
        self.fill(blocks, start, out);
    }
}
