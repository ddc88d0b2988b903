//! Why each block of a document was removed or kept.

use std::ops::Range;

use crate::cleaned::Cleaned;
use crate::cleaner::{self, Cleaner};
use crate::document::Document;
use crate::report::{Look, Place, Removal};
use crate::rules::compile::Rule;
use crate::rules::{Category, RuleId, Strength};
use crate::scan::Hit;
use crate::verdict::{Decision, Page, Saved, Verdict};

/// How a document was judged, block by block.
///
/// ```
/// let cleaner = dehusk::Cleaner::new();
/// let seen = cleaner.explain("Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n");
/// let first = &seen.blocks()[0];
/// assert_eq!(first.removed(), Some(dehusk::Category::NewsletterSignup));
/// assert!(first.hits().iter().any(|hit| hit.fires()));
/// ```
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    cleaned: Cleaned<'a>,
    blocks: Vec<ExplainedBlock>,
    threshold: f32,
}

/// A line, or a sentence of a very long line, and what was thought of it.
#[derive(Clone, Debug)]
pub struct ExplainedBlock {
    span: Range<usize>,
    removed: Option<Category>,
    saved: Option<&'static str>,
    hits: Vec<RuleHit>,
    score: f32,
    look: Look,
    place: Place,
    tags: Option<String>,
    on_pages: (u32, u32),
}

/// A rule that matched in a block.
#[derive(Clone, Debug)]
pub struct RuleHit {
    rule: RuleId,
    category: Category,
    strength: Strength,
    span: Range<usize>,
    allow: bool,
    silence: Option<Silence>,
}

/// What keeps a rule that matched from firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    /// It may not fire at this place of the page.
    Place,
    /// It is for another language than the page, which is in English, and what it matched may be English too.
    Language,
}

impl Cleaner {
    /// Cleans a document and keeps what was thought of each block.
    pub fn explain<'a>(&self, document: impl Into<Document<'a>>) -> Explanation<'a> {
        let document = document.into();
        if document.raw().len() > cleaner::MAX_DOCUMENT {
            return Explanation { cleaned: self.clean(document), blocks: Vec::new(), threshold: f32::INFINITY };
        }
        let (report, blocks, threshold) = self.inspect(&document, |page, decision| {
            let tags = |i: usize| document.html().map(|html| html.described(page.blocks.blocks[i].line as usize));
            let blocks = 0..page.blocks.blocks.len();
            let blocks =
                blocks.map(|i| ExplainedBlock { tags: tags(i), ..ExplainedBlock::of(page, &decision, i) }).collect();
            (cleaner::report(&document, page, decision), blocks, page.threshold)
        });
        Explanation { cleaned: Cleaned::new(document, report), blocks, threshold }
    }
}

impl<'a> Explanation<'a> {
    /// The document as it came out.
    pub fn cleaned(&self) -> &Cleaned<'a> {
        &self.cleaned
    }

    /// Its blocks in order.
    pub fn blocks(&self) -> &[ExplainedBlock] {
        &self.blocks
    }

    /// The score over which evidence alone removes a block; infinite where it never does.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The removals that took a block or a part of it, also those that were withheld from a suspicious document.
    pub fn removals_of(&self, block: &ExplainedBlock) -> impl Iterator<Item = &Removal> {
        let report = self.cleaned.report();
        let touches = |r: &&Removal| r.view.start < block.span.end && block.span.start < r.view.end;
        report.removals().iter().chain(report.withheld()).filter(touches)
    }
}

impl ExplainedBlock {
    fn of(page: &Page<'_>, decision: &Decision, i: usize) -> Self {
        let (block, evidence) = (&page.blocks.blocks[i], &page.evidence[i]);
        let here = |hit| RuleHit::of(page, hit, |rule| (!page.layout.allows(rule.place, i)).then_some(Silence::Place));
        let foreign = |hit| RuleHit::of(page, hit, |_| Some(Silence::Language));
        let hits = page.scan.of(i).iter().map(here).chain(page.scan.foreign(i).iter().map(foreign));
        Self {
            span: block.inner.start as usize..block.inner.end as usize,
            removed: match decision.verdicts[i] {
                Verdict::Drop { category, .. } => Some(category),
                Verdict::Keep | Verdict::Saved(_) => None,
            },
            saved: match decision.verdicts[i] {
                Verdict::Saved(saved) => Some(match saved {
                    Saved::Head => "the text below, of which it is the title, the byline or the first sentence",
                    Saved::Tail => "the text above, which an extractor left and whose last sentence it may be",
                    Saved::Piece => "the listing, list or table around it, which stays in one piece",
                    Saved::Announced => "the sentence above, which ends in a colon and announces it",
                    Saved::Reference => "text that refers to it and stays",
                }),
                Verdict::Keep | Verdict::Drop { .. } => None,
            },
            hits: hits.collect(),
            score: evidence.score,
            look: evidence.look,
            place: evidence.place,
            tags: None,
            on_pages: (evidence.repeated.pages, evidence.repeated.of),
        }
    }

    /// Where it stands in [`Document::text`]: bytes, half-open, without indentation, marker and terminator.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What the whole block was taken for, when it was to go.
    pub fn removed(&self) -> Option<Category> {
        self.removed
    }

    /// What took it back when it was to go, in words a person understands.
    pub fn saved(&self) -> Option<&'static str> {
        self.saved
    }

    /// The rules that matched, the strongest first; then those for another language, which count for nothing.
    pub fn hits(&self) -> &[RuleHit] {
        &self.hits
    }

    /// How much speaks for chrome, as log-odds: 0 is even, over 0 is rather chrome.
    pub fn score(&self) -> f32 {
        self.score
    }

    /// What it looks like.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Of an HTML page, the block elements around it and what they say of it; `None` for other formats.
    pub fn tags(&self) -> Option<&str> {
        self.tags.as_deref()
    }

    /// Where it stands on the page.
    pub fn place(&self) -> Place {
        self.place
    }

    /// On how many pages of the site it stands, and how many were compared; 0 of 0 where no template of the site is known.
    pub fn on_pages(&self) -> (u32, u32) {
        self.on_pages
    }
}

impl RuleHit {
    fn of(page: &Page<'_>, hit: &Hit, silence: impl Fn(&Rule) -> Option<Silence>) -> Self {
        let rule = page.rules.rule(hit.rule);
        Self {
            rule: rule.id.clone(),
            category: rule.category,
            strength: rule.strength,
            span: hit.span.start as usize..hit.span.end as usize,
            allow: rule.allow,
            silence: silence(rule),
        }
    }

    /// Which rule.
    pub fn rule(&self) -> &RuleId {
        &self.rule
    }

    /// What the rule removes.
    pub fn category(&self) -> Category {
        self.category
    }

    /// How sure the rule is.
    pub fn strength(&self) -> Strength {
        self.strength
    }

    /// What it matched, in bytes of [`Document::text`].
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether it is an allow-rule, which protects the block.
    pub fn is_allow(&self) -> bool {
        self.allow
    }

    /// Whether the rule may fire where the block stands.
    pub fn fires(&self) -> bool {
        self.silence.is_none()
    }

    /// What keeps it from firing.
    pub fn silence(&self) -> Option<&'static str> {
        self.silence.map(|silence| match silence {
            Silence::Place => "not at this place",
            Silence::Language => "not on one or two words that may be English, on a page in English",
        })
    }
}
