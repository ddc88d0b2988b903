//! One decision over the whole page: which blocks go, under which name.

mod copies;
mod guards;
mod head;
mod loss;
mod naming;
mod pieces;
mod references;
mod repetition;
mod runs;
mod sections;
mod tail;
mod threads;

use std::borrow::Cow;
use std::ops::Range;

use crate::document::InputKind;
use crate::evidence::{Evidence, Layout};
use crate::report::{Look, Place, Status};
use crate::rules::{Category, Level, Removes, RuleSet, Strength};
use crate::scan::{Hit, Scan};
use crate::segment::{Blocks, Token};

/// Why a block goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cause {
    /// A rule by itself, or with the page's agreement: index into [`Scan::hits`].
    Rule(u32),
    /// The heading at this block governs it.
    Section(u32),
    /// It is one of a run of so many blocks, part of which rules know.
    Run(u32),
    /// Its evidence is over the threshold.
    Score,
    /// Its evidence is over the threshold, and part of it is that other pages of the site have it too.
    Template,
    /// It is part of a thread of comments or reviews, which goes in one piece.
    Thread,
    /// The block with this number is the same and stays.
    Copy(u32),
}

/// Goes by its evidence alone, under no name yet.
const UNNAMED: Verdict = Verdict::Drop { cause: Cause::Score, category: Category::Unclassified };

/// The longest ranges of blocks, out of so many, that all meet a condition.
fn stretches(blocks: usize, meets: impl Fn(usize) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = (at..blocks).find(|i| meets(*i))?;
        at = (start..blocks).find(|i| !meets(*i)).unwrap_or(blocks);
        Some(start..at)
    })
}

/// What happens to a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    Keep,
    /// It would have gone, and something takes it back.
    Saved(Saved),
    Drop {
        cause: Cause,
        category: Category,
    },
}

/// What takes a block back that would have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// It is a title, byline or first sentence above the text.
    Head,
    /// It is one of the last sentences of extracted text.
    Tail,
    /// It is part of a listing, list or table that stays.
    Piece,
    /// A sentence above it that stays ends in a colon.
    Announced,
    /// It defines a reference that is used in what stays.
    Reference,
}

impl Verdict {
    /// Takes it back, if it would go.
    fn save(&mut self, by: Saved) {
        if self.is_drop() {
            *self = Self::Saved(by);
        }
    }

    pub fn is_drop(&self) -> bool {
        matches!(self, Verdict::Drop { .. })
    }

    /// Whether evidence alone takes it, its own or that of the run it stands in.
    fn is_by_evidence(&self) -> bool {
        matches!(self, Verdict::Drop { cause: Cause::Score | Cause::Run(_), .. })
    }

    /// Whether another copy of it stays.
    fn is_copy(&self) -> bool {
        matches!(self, Verdict::Drop { cause: Cause::Copy(_), .. })
    }
}

/// A stretch inside a kept block that goes: the hit, and its range in the text view.
#[derive(Clone, Debug)]
pub(crate) struct SpanDrop {
    pub hit: u32,
    pub span: Range<u32>,
}

/// The outcome for a page.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub verdicts: Vec<Verdict>,
    pub spans: Vec<SpanDrop>,
    pub status: Status,
    pub reason: Option<Cow<'static, str>>,
    /// The share of the page's text that is expected to be among what goes.
    pub expected_loss: Option<f32>,
}

/// How a cleaner decides, as its builder set it.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub level: Level,
    /// The share of a page's bytes that may go; over it the page is suspicious.
    pub max_removed: Option<f32>,
    /// The share of a page's text that may be expected to go; over it the page is suspicious.
    pub max_loss: Option<f32>,
    /// Categories that are switched on at this level.
    pub enabled: [bool; Category::ALL.len()],
}

impl Policy {
    /// Whether the level and the user's choice let a category go.
    pub fn removes(&self, category: Category) -> bool {
        self.enabled[category.index()] && category.removed_at() <= self.level
    }
}

/// What deciding looks at.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    pub view: &'a str,
    pub blocks: &'a Blocks,
    pub scan: &'a Scan,
    pub rules: &'a RuleSet,
    pub layout: &'a Layout,
    pub evidence: &'a [Evidence],
    /// How likely it is extracted text, 0 to 1; one of both where it was told.
    pub extracted: f32,
    /// Whether tags spoke.
    pub html: bool,
    /// Log-odds over which evidence alone removes a block.
    pub threshold: f32,
    /// Whether the evidence is of learned weights.
    pub learned: bool,
    /// Of each block the strongest hit that fires, by its place in [`Scan::hits`]: see [`firing`].
    pub firing: &'a [Option<u32>],
}

/// A document that is more likely extracted text than this is judged as such.
const EITHER: f32 = 0.5;

impl<'a> Page<'a> {
    /// What it was told to be, or looks like.
    pub fn kind(&self) -> InputKind {
        if self.extracted > EITHER { InputKind::Extracted } else { InputKind::Page }
    }

    /// The strongest hit of a block that fires.
    fn hit(&self, i: usize) -> Option<(u32, &'a Hit)> {
        let id = self.firing[i]?;
        Some((id, &self.scan.hits[id as usize]))
    }

    /// What a hit comes to that takes its block.
    fn drop_by(&self, hit: u32) -> Verdict {
        Verdict::Drop { cause: Cause::Rule(hit), category: self.category(hit) }
    }

    /// What the strongest hit of a block comes to, if it may fire and its category goes at this level.
    fn by_rule(&self, i: usize) -> Option<Verdict> {
        self.hit(i).map(|(id, _)| self.drop_by(id))
    }

    /// Whether an allow-rule protects a block.
    fn protected(&self, i: usize) -> bool {
        self.scan.of(i).iter().any(|h| self.rules.rule(h.rule).allow)
    }

    /// Whether a rule of at least this strength knows a block as of a category.
    fn is_known_as(&self, i: usize, category: Category, least: Strength) -> bool {
        self.scan
            .of(i)
            .iter()
            .map(|h| self.rules.rule(h.rule))
            .any(|rule| !rule.allow && rule.category == category && rule.strength >= least)
    }

    /// Whether a rule knows a block as something that stays at this level.
    fn is_of_kept_category(&self, i: usize, policy: &Policy) -> bool {
        self.scan
            .of(i)
            .iter()
            .map(|h| self.rules.rule(h.rule))
            .any(|rule| !rule.allow && rule.strength >= Strength::Likely && !policy.removes(rule.category))
    }

    /// Whether the template of the page's site is known.
    fn has_template(&self) -> bool {
        self.evidence.first().is_some_and(|e| e.repeated.of > 0)
    }

    /// Whether the block stands at an edge of the page's text.
    fn at_edge(&self, i: usize) -> bool {
        self.evidence[i].place != Place::WithinBody
    }

    fn category(&self, hit: u32) -> Category {
        self.rules.rule(self.scan.hits[hit as usize].rule).category
    }
}

/// From these log-odds on (nearly three to one), being repeated over the site names what goes.
const NAMES_TEMPLATE: f32 = 1.0;

/// Of each block the strongest hit that may fire where the block stands and whose category goes at this level, by its
/// place in [`Scan::hits`]; allow-rules are not asked.
pub(crate) fn firing(
    blocks: &Blocks,
    scan: &Scan,
    rules: &RuleSet,
    layout: &Layout,
    policy: &Policy,
) -> Vec<Option<u32>> {
    let strongest = |i: usize| {
        let fires = |h: &Hit| {
            let rule = rules.rule(h.rule);
            let whole = rule.removes != Removes::Span || is_whole(blocks.words(&blocks.blocks[i]), h);
            !rule.allow && whole && policy.removes(rule.category) && layout.allows(rule.place, i)
        };
        let at = scan.of(i).iter().position(fires)?;
        Some(scan.blocks[i].hits.start + at as u32)
    };
    (0..blocks.blocks.len()).map(strongest).collect()
}

/// Whether a hit takes all words of its block.
fn is_whole(words: &[Token], hit: &Hit) -> bool {
    words.first().is_some_and(|w| hit.span.start <= w.start) && words.last().is_some_and(|w| w.end <= hit.span.end)
}

/// Decides over a page.
pub(crate) fn decide(page: &Page<'_>, policy: &Policy) -> Decision {
    let n = page.blocks.blocks.len();
    let mut verdicts = vec![Verdict::Keep; n];
    certain(page, &mut verdicts);
    sections::apply(page, policy, &mut verdicts);
    if policy.level > Level::Gentle {
        by_score(page, policy, &mut verdicts);
        runs::apply(page, policy, &mut verdicts);
        likely(page, &mut verdicts);
        naming::apply(page, policy, &mut verdicts);
        head::apply(page, policy, &mut verdicts);
        tail::apply(page, &mut verdicts);
        threads::apply(page, policy, &mut verdicts);
        pieces::apply(page, &mut verdicts);
        repetition::apply(page, &mut verdicts);
        copies::apply(page, policy, &mut verdicts);
    } else if page.learned {
        by_near_certainty(page, policy, &mut verdicts);
    }
    references::apply(page, &mut verdicts);
    for (i, verdict) in verdicts.iter_mut().enumerate() {
        if page.protected(i) {
            *verdict = Verdict::Keep;
        }
    }
    let spans = spans(page, policy, &verdicts);
    let expected_loss = loss::expected(page, &verdicts);
    guards::apply(page, policy, Decision { verdicts, spans, status: Status::Cleaned, reason: None, expected_loss })
}

/// Rules that decide alone.
fn certain(page: &Page<'_>, verdicts: &mut [Verdict]) {
    for (i, verdict) in verdicts.iter_mut().enumerate() {
        if let Some((id, hit)) = page.hit(i)
            && hit.is_certain(page.rules)
        {
            *verdict = page.drop_by(id);
        }
    }
}

/// Blocks whose evidence is over the page's threshold, the template's part left out: see [`repetition`].
fn by_score(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    for (i, verdict) in verdicts.iter_mut().enumerate() {
        if verdict.is_drop() || page.evidence[i].own_score() <= page.threshold {
            continue;
        }
        *verdict = match page.by_rule(i) {
            Some(known) => known,
            None if page.evidence[i].template >= NAMES_TEMPLATE => {
                Verdict::Drop { cause: Cause::Template, category: Category::Template }
            }
            None if policy.removes(Category::Unclassified) => UNNAMED,
            None => Verdict::Keep,
        };
    }
}

/// At the gentlest level: blocks whose learned evidence is next to certain, if what they are named goes at this level.
fn by_near_certainty(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    for (i, verdict) in verdicts.iter_mut().enumerate() {
        let certain = page.evidence[i].own_score() > page.threshold;
        if certain && !verdict.is_drop() && !page.is_of_kept_category(i, policy) {
            *verdict = page.by_rule(i).unwrap_or(UNNAMED);
        }
    }
    naming::apply(page, policy, verdicts);
    head::apply(page, policy, verdicts);
    for verdict in verdicts.iter_mut().filter(|v| **v == UNNAMED) {
        *verdict = Verdict::Keep;
    }
}

/// Likely rules, where the surroundings agree: at an edge of the text, beside something that goes already, or beside
/// another of their kind.
fn likely(page: &Page<'_>, verdicts: &mut [Verdict]) {
    let n = verdicts.len();
    // Two passes, so that agreement spreads downwards and upwards.
    for i in (0..n).chain((0..n).rev()) {
        let Some((id, hit)) = page.hit(i) else { continue };
        if verdicts[i].is_drop() || page.rules.rule(hit.rule).strength < Strength::Likely {
            continue;
        }
        let agrees = |at: usize| {
            verdicts.get(at).is_some_and(Verdict::is_drop)
                || at < n
                    && page.hit(at).is_some_and(|(other, h)| {
                        page.category(other) == page.category(id)
                            && page.rules.rule(h.rule).strength >= Strength::Likely
                    })
        };
        let beside = i.checked_sub(1).is_some_and(agrees) || agrees(i + 1);
        let alone = is_never_a_heading(page.category(id)) && page.evidence[i].look == Look::Label;
        if (beside || alone || page.at_edge(i)) && page.evidence[i].look != Look::Paragraph {
            verdicts[i] = page.drop_by(id);
        }
    }
}

/// Whether labels of a category ("Advertisement", "Enlarge image") never title a section of an article, so that they may
/// go even between two paragraphs.
fn is_never_a_heading(category: Category) -> bool {
    matches!(category, Category::Advertisement | Category::PhotoCredit | Category::AppNotice)
}

/// Certain rules that remove a span of a kept block. Spans are disjoint: the longer of two that overlap wins.
fn spans(page: &Page<'_>, policy: &Policy, verdicts: &[Verdict]) -> Vec<SpanDrop> {
    let mut out: Vec<SpanDrop> = Vec::new();
    for i in (0..verdicts.len()).filter(|i| !verdicts[*i].is_drop() && !page.protected(*i)) {
        let start = out.len();
        let first = page.scan.blocks[i].hits.start;
        for (at, hit) in page.scan.of(i).iter().enumerate() {
            let rule = page.rules.rule(hit.rule);
            let fires = rule.removes == Removes::Span
                && hit.is_certain(page.rules)
                && policy.removes(rule.category)
                && page.layout.allows(rule.place, i);
            if fires {
                out.push(SpanDrop { hit: first + at as u32, span: hit.span.clone() });
            }
        }
        out[start..].sort_by_key(|s| (s.span.start, std::cmp::Reverse(s.span.end)));
        let mut end = 0;
        let mut at = start;
        while at < out.len() {
            if out[at].span.start < end {
                out.remove(at);
            } else {
                end = out[at].span.end;
                at += 1;
            }
        }
    }
    out
}
