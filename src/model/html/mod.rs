//! The learned model for HTML pages: the same two stages, which also see class words, tags and the page's tree.

mod elements;
mod features;
pub(crate) mod table;
pub(crate) mod tags;

use super::Memory;
use super::lexical::Lexical;
use super::table::COUNT;
use super::trees::{self, Forest, LANES};
use crate::evidence::Layout;
use crate::html::HtmlPage;
use crate::rules::RuleSet;
use crate::scan::Scan;
use crate::segment::Blocks;
use elements::Elements;
pub(crate) use features::HtmlColumns;
use features::Scores;
use table::ALL;
use tags::Tags;

/// Weights learned from HTML pages: the built-in ones, or those that `dehusk train` wrote.
#[derive(Clone, Debug)]
pub struct HtmlModel {
    pub(crate) lexical: Lexical,
    pub(crate) tags: Tags,
    pub(crate) forest: Forest,
    pub(crate) hash: u64,
}

/// Memory that is used again for the next page.
#[derive(Debug)]
pub(crate) struct HtmlMemory {
    elements: Elements,
    /// What tags alone say of each line.
    tags: Vec<i32>,
    columns: Box<HtmlColumns>,
}

impl Default for HtmlMemory {
    fn default() -> Self {
        Self { elements: Elements::default(), tags: Vec::new(), columns: Box::new([[0; LANES]; ALL]) }
    }
}

impl HtmlModel {
    /// Log-odds of being text of every block of a page, into `memory.scores`.
    pub(crate) fn score(
        &self,
        (blocks, scan, rules, layout, page): (&Blocks, &Scan, &RuleSet, &Layout, &HtmlPage),
        memory: &mut Memory,
    ) {
        memory.read_html(&self.lexical, &self.tags, (blocks, scan, rules, layout, page));
        let n = blocks.blocks.len();
        memory.scores.clear();
        memory.scores.resize(n, 0.0);
        let mut sums = [0; LANES];
        for start in (0..n).step_by(LANES) {
            memory.fill_html(blocks, page, start);
            self.forest.score(&memory.html.columns[..], n - start, &mut sums);
            for (score, sum) in memory.scores[start..].iter_mut().zip(&sums) {
                *score = *sum as f32 / trees::UNIT;
            }
        }
    }

    /// The hash of the weights, as their model card states it.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

impl Memory {
    /// Reads a page: first its words and tags, then what stage 2 asks for.
    pub(crate) fn read_html(
        &mut self,
        lexical: &Lexical,
        tags: &Tags,
        (blocks, scan, rules, layout, page): (&Blocks, &Scan, &RuleSet, &Layout, &HtmlPage),
    ) {
        let Memory { context, html, .. } = self;
        lexical.score(blocks, &mut context.z);
        tags.score(blocks, page, &mut context.z, &mut html.tags);
        context.read(blocks, scan, rules, layout);
        html.elements.read(page, blocks, &context.z);
    }

    /// The features of the blocks from `start` on.
    pub(crate) fn fill_html(&mut self, blocks: &Blocks, page: &HtmlPage, start: usize) -> &HtmlColumns {
        let Memory { context, html, .. } = self;
        if let Some(columns) = html.columns.first_chunk_mut::<COUNT>() {
            context.fill(blocks, start, columns);
        }
        let scores = Scores { z: &context.z, tags: &html.tags };
        html.elements.fill(page, blocks, &scores, start, &mut html.columns);
        &html.columns
    }
}
