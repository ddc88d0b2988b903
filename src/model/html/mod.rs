//! The learned model for HTML pages: the same two stages, which also see class words, tags and the page's tree.

mod elements;
mod features;
pub(crate) mod table;
pub(crate) mod tags;

use super::context::Context;
use super::lexical::Lexical;
use super::table::COUNT;
use super::trees::LANES;
use super::{Memory, Second};
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
    pub(crate) second: Second,
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
    /// What the file of weights for HTML pages is called that `dehusk train -o` writes.
    pub const FILE: &str = "html.bin";

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
        let Memory { context, html, layers, scores, .. } = memory;
        let HtmlMemory { elements, tags, columns } = html;
        self.second.score(1.0, columns, (layers, scores), |start, columns| {
            fill(context, (elements, tags), (blocks, page), start, columns);
        });
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
    #[cfg_attr(not(feature = "train"), allow(dead_code, reason = "training calls it"))]
    pub(crate) fn fill_html(&mut self, blocks: &Blocks, page: &HtmlPage, start: usize) -> &HtmlColumns {
        let Memory { context, html: HtmlMemory { elements, tags, columns }, .. } = self;
        fill(context, (elements, tags), (blocks, page), start, columns);
        columns
    }
}

/// Fills in the features of the blocks from `start` on: first those of text.
fn fill(
    context: &Context,
    (elements, tags): (&Elements, &[i32]),
    (blocks, page): (&Blocks, &HtmlPage),
    start: usize,
    columns: &mut HtmlColumns,
) {
    if let Some(columns) = columns.first_chunk_mut::<COUNT>() {
        context.fill(blocks, start, columns);
    }
    elements.fill(page, blocks, &Scores { z: &context.z, tags }, start, columns);
}
