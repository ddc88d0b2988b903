//! What a page says about each of its blocks, as numbers.

mod html;
pub(crate) mod layout;
pub(crate) mod structure;
pub(crate) mod template;
pub(crate) mod threshold;

use crate::document::InputKind;
use crate::html::HtmlPage;
use crate::model::{HtmlModel, Memory, Model, decode, regime};
use crate::report::{Look, Place};
use crate::rules::{Level, RuleSet, Strength};
use crate::scan::Scan;
use crate::segment::{Block, Blocks};
use crate::site::Repeated;

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
    /// What spoke most plainly for chrome, where the model decides.
    pub lead: Lead,
    /// How it stands to the site's template.
    pub repeated: Repeated,
    /// What of the score is for that.
    pub template: f32,
}

/// The plainest fact behind a score. Boosted trees have no single reason; these are the facts that weigh most in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Look and place say it all.
    None,
    /// So many equal lines are on the page.
    Copies(u32),
    /// Its words, and its neighbours' words, are those of chrome.
    Words,
    /// It is outside of the page's main run of text.
    OutsideMainText,
}

impl Evidence {
    /// The probability that the block is chrome.
    pub fn probability(&self) -> f32 {
        threshold::sigmoid(self.score)
    }

    /// The score without what the site's template adds.
    pub fn own_score(&self) -> f32 {
        self.score - self.template
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

/// What the page says as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed {
    /// How likely it is extracted text, 0 to 1; one of both where it was told.
    pub extracted: f32,
    /// The log-odds of being chrome over which evidence alone removes a block.
    pub threshold: f32,
    /// Whether learned weights spoke.
    pub learned: bool,
}

/// The learned weights in use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Models<'a> {
    pub text: Option<&'a Model>,
    pub html: Option<&'a HtmlModel>,
}

/// Scores every block: by the learned model of its format if there is one, else by structure, tags and rules alone.
pub(crate) fn weigh(
    (blocks, scan, rules, layout, html): (&Blocks, &Scan, &RuleSet, &Layout, Option<&HtmlPage>),
    models: Models<'_>,
    repeated: &[Repeated],
    told: Option<InputKind>,
    level: Level,
    memory: &mut Memory,
    out: &mut Vec<Evidence>,
) -> Weighed {
    out.clear();
    out.extend(blocks.blocks.iter().enumerate().map(|(i, block)| Evidence {
        score: 0.0,
        look: look(block),
        place: layout.place(i),
        lead: Lead::None,
        repeated: repeated.get(i).copied().unwrap_or_default(),
        template: 0.0,
    }));
    let extracted = match (html, models) {
        (Some(page), Models { html: Some(model), .. }) => {
            model.score((blocks, scan, rules, layout, page), memory);
            f32::from(told == Some(InputKind::Extracted))
        }
        (None, Models { text: Some(model), .. }) => {
            let detected = model.read(blocks, scan, rules, layout, memory);
            let extracted = match told {
                None => detected,
                Some(InputKind::Page) => 0.0,
                Some(InputKind::Extracted) => 1.0,
            };
            model.score(extracted, blocks, memory);
            extracted
        }
        _ => {
            structure::score(blocks, scan, rules, html, out);
            let likeness = match told {
                None => structure::page_likeness(blocks, scan, out),
                Some(InputKind::Page) => f32::INFINITY,
                Some(InputKind::Extracted) => f32::NEG_INFINITY,
            };
            let threshold = structure::threshold(likeness, blocks, out);
            template::add(out);
            let extracted = if likeness > 0.0 { 0.0 } else { 1.0 };
            return Weighed { extracted, threshold, learned: false };
        }
    };
    for (i, evidence) in out.iter_mut().enumerate() {
        evidence.score = -memory.scores[i];
        evidence.lead = memory.context.lead(i);
    }
    let words = blocks.blocks.iter().map(|b| b.shape.length().max(1) as f32);
    // Tags are as sure in any language.
    let sure = html.is_some() || blocks.english;
    let text = threshold::plug_in(memory.scores.iter().copied().zip(words), decode::clip(extracted, sure, level));
    // What other pages say is about the lines they share: it makes the page no stricter on the others.
    template::add(out);
    // Of a book, weights that have seen pages alone are wrong in ways that nobody has counted: only rules take from it.
    let is_book = html.is_none() && told != Some(InputKind::Page) && regime::is_book(blocks);
    let threshold = if is_book { f32::INFINITY } else { -threshold::logit(text) };
    Weighed { extracted, threshold, learned: true }
}
