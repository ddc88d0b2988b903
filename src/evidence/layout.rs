//! Where the main text of a page begins and ends, as far as paragraphs tell.

use super::{PARAGRAPH, rule_weight};
use crate::report::Place;
use crate::rules::{RuleSet, Where};
use crate::scan::Scan;
use crate::segment::Blocks;

/// The page's extent of prose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    blocks: usize,
    /// First and last paragraph that no rule speaks against.
    body: Option<(usize, usize)>,
}

impl Layout {
    pub fn of(blocks: &Blocks, scan: &Scan, rules: &RuleSet) -> Self {
        let prose = |i: &usize| {
            let shape = &blocks.blocks[*i].shape;
            shape.length() >= PARAGRAPH && shape.sentence_ends > 0 && rule_weight(scan, rules, *i) == 0.0
        };
        let n = blocks.blocks.len();
        let body = (0..n).find(prose).zip((0..n).rev().find(prose));
        Self { blocks: n, body }
    }

    pub fn place(&self, i: usize) -> Place {
        match self.body {
            None => Place::NoBody,
            Some((first, _)) if i < first => Place::BeforeBody,
            Some((_, last)) if i > last => Place::AfterBody,
            Some(_) => Place::WithinBody,
        }
    }

    /// Whether a rule that is tied to a place may fire at block `i`.
    pub fn allows(&self, wanted: Where, i: usize) -> bool {
        match wanted {
            Where::Any => true,
            Where::Top => i * 5 < self.blocks || self.place(i) == Place::BeforeBody,
            Where::Bottom => i * 3 >= self.blocks * 2 || self.place(i) == Place::AfterBody,
            Where::AfterBody => matches!(self.place(i), Place::AfterBody | Place::NoBody),
        }
    }
}
