//! What a page says about each of its blocks, as numbers.

mod html;
pub(crate) mod layout;
pub(crate) mod structure;
pub(crate) mod threshold;

use crate::html::HtmlPage;
use crate::report::{Look, Place};
use crate::rules::{RuleSet, Strength};
use crate::scan::Scan;
use crate::segment::{Block, Blocks};

pub(crate) use layout::Layout;

/// The evidence on one block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// Log-odds that the block is chrome: from the learned model, or from structure where there is none.
    pub score: f32,
    /// What it looks like.
    pub look: Look,
    /// Where it stands.
    pub place: Place,
}

impl Evidence {
    /// The probability that the block is chrome.
    pub fn probability(&self) -> f32 {
        threshold::sigmoid(self.score)
    }
}

/// How the strongest rules of a block add to its log-odds where structure alone scores it.
pub(crate) fn rule_weight(scan: &Scan, rules: &RuleSet, block: usize) -> f32 {
    let strongest = scan.of(block).iter().map(|h| rules.rule(h.rule)).filter(|r| !r.allow).map(|r| r.strength).max();
    match strongest {
        None => 0.0,
        Some(Strength::Hint) => HINT,
        Some(Strength::Likely) => LIKELY,
        Some(Strength::Certain) => CERTAIN,
    }
}

/// A hint makes chrome about three times as likely, a likely rule about seven times; certain rules decide elsewhere and
/// only colour their neighbourhood here.
const HINT: f32 = 1.0;
const LIKELY: f32 = 2.0;
const CERTAIN: f32 = 4.0;

/// Words from which on a block is a paragraph, if it has an end of sentence.
pub(crate) const PARAGRAPH: u32 = 25;
/// Words up to which a block without an end of sentence is a label.
pub(crate) const LABEL: u32 = 4;

/// What a block looks like.
pub(crate) fn look(block: &Block) -> Look {
    use crate::segment::{CharClass, Marker};
    let shape = &block.shape;
    let length = shape.length();
    let ends = shape.last == CharClass::SentenceEnd;
    if shape.sentence_ends > 0 && length >= PARAGRAPH {
        Look::Paragraph
    } else if shape.words + shape.unspaced <= shape.numbers {
        Look::Figures
    } else if ends && length > LABEL {
        Look::Sentence
    } else if matches!(block.marker, Marker::Bullet | Marker::Number) {
        Look::Item
    } else if length <= LABEL {
        Look::Label
    } else if length >= PARAGRAPH {
        Look::Paragraph
    } else {
        Look::Headline
    }
}

/// Scores every block by structure and rules alone, and by the tags of an HTML page.
pub(crate) fn weigh(blocks: &Blocks, scan: &Scan, rules: &RuleSet, layout: &Layout, page: Option<&HtmlPage>, out: &mut Vec<Evidence>) {
    out.clear();
    out.extend(blocks.blocks.iter().enumerate().map(|(i, block)| Evidence {
        score: 0.0,
        look: look(block),
        place: layout.place(i),
    }));
    structure::score(blocks, scan, rules, page, out);
}
