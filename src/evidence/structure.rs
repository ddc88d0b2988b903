//! The score of a block from its shape, its neighbourhood and the page's main run of prose: no learned weights.
//!
//! The main run is the stretch of blocks with the greatest sum of words × (probability of being text − ½), found in one
//! pass (Kadane). It is the strongest single sign that shape gives.

use super::threshold::{Clip, logit, plug_in};
use super::{Evidence, html, rule_weight};
use crate::html::HtmlPage;
use crate::report::Look;
use crate::rules::RuleSet;
use crate::scan::Scan;
use crate::segment::token::pair;
use crate::segment::{Block, Blocks, CharClass, Marker};

// The constants are from a random search on whole-page scrapes, word F1 over all pages and over articles with at least
// 98.3 % of article words kept, on two halves of the sites; between neighbours of these values nothing changes much.

/// What a block's look says for its being text.
const PARAGRAPH: f32 = 1.7;
const SENTENCE: f32 = 1.2;
const ITEM: f32 = 0.0;
const HEADLINE: f32 = -0.7;
const LABEL: f32 = -1.5;
const FIGURES: f32 = -0.1;
/// A heading mark, and a line of menu bars.
const HEADING_MARK: f32 = 1.9;
const BARS: f32 = -1.7;
/// A line without any short lower-case word, as titles and menus have.
const NO_SHORT_WORDS: f32 = -0.2;
/// A line that stands on the page twice.
const DUPLICATE: f32 = -0.8;
/// A line that is all link, in Markdown.
const LINKED: f32 = -2.0;
/// Blocks looked at on either side.
const WINDOW: usize = 5;
/// What the neighbourhood's mean counts beside the block's own score.
const NEIGHBOURS: f32 = 0.5;
/// Inside and outside of the main run.
const IN_RUN: f32 = 6.8;
const OUT_OF_RUN: f32 = -2.5;
/// The same where tags speak too.
const IN_RUN_HTML: f32 = 1.0;
const OUT_OF_RUN_HTML: f32 = -1.0;
/// What tags count beside shape.
const TAGS: f32 = 1.4;
/// Points to log-odds.
const SCALE: f32 = 0.3;

/// Fills in the scores.
pub(crate) fn score(blocks: &Blocks, scan: &Scan, rules: &RuleSet, page: Option<&HtmlPage>, evidence: &mut [Evidence]) {
    let n = evidence.len();
    let duplicates = duplicates(blocks);
    let own: Vec<f32> = blocks
        .blocks
        .iter()
        .enumerate()
        .map(|(i, block)| {
            let twice = if duplicates[i] { DUPLICATE } else { 0.0 };
            let linked = f32::from(block.linked) / 100.0 * LINKED;
            let tags = page.map_or(linked, |page| TAGS * html::bias(page, block.line as usize));
            own_score(block, evidence[i].look) + twice + tags - rule_weight(scan, rules, i)
        })
        .collect();
    let weight = |i: usize| (blocks.blocks[i].shape.length() as f32).sqrt().max(1.0);
    let mut sums = Vec::with_capacity(n + 1);
    sums.push((0.0_f32, 0.0_f32));
    for (i, score) in own.iter().enumerate() {
        let (score_sum, weight_sum) = sums[i];
        sums.push((score_sum + score * weight(i), weight_sum + weight(i)));
    }
    let (run_start, run_end) = main_run(blocks, &own);
    let (in_run, out_of_run) = if page.is_some() { (IN_RUN_HTML, OUT_OF_RUN_HTML) } else { (IN_RUN, OUT_OF_RUN) };
    for (i, block) in evidence.iter_mut().enumerate() {
        let (from, to) = (sums[i.saturating_sub(WINDOW)], sums[(i + WINDOW + 1).min(n)]);
        let mean = (to.0 - from.0) / (to.1 - from.1);
        let run = if (run_start..run_end).contains(&i) { in_run } else { out_of_run };
        block.score = -SCALE * (own[i] + NEIGHBOURS * mean + run);
    }
}

fn own_score(block: &Block, look: Look) -> f32 {
    let shape = &block.shape;
    let mut score = match look {
        Look::Paragraph => PARAGRAPH,
        Look::Sentence => SENTENCE,
        Look::Item => ITEM,
        Look::Headline => HEADLINE,
        Look::Label => LABEL,
        Look::Figures => FIGURES,
    };
    if matches!(block.marker, Marker::Heading(_)) {
        score += HEADING_MARK;
    }
    if shape.bars >= 2 && shape.last != CharClass::SentenceEnd {
        score += BARS;
    }
    if shape.short_words == 0 && shape.unspaced == 0 && shape.words > 1 {
        score += NO_SHORT_WORDS;
    }
    score
}

/// The main run as a half-open range of blocks.
fn main_run(blocks: &Blocks, own: &[f32]) -> (usize, usize) {
    let mut best = (0.0_f32, 0, 0);
    let (mut sum, mut start) = (0.0_f32, 0);
    for (i, score) in own.iter().enumerate() {
        let text = 1.0 / (1.0 + (-score).exp());
        sum += blocks.blocks[i].shape.length() as f32 * (text - 0.5);
        if sum <= 0.0 {
            sum = 0.0;
            start = i + 1;
        } else if sum > best.0 {
            best = (sum, start, i + 1);
        }
    }
    (best.1, best.2)
}

/// Which blocks have a twin: the same words elsewhere on the page.
fn duplicates(blocks: &Blocks) -> Vec<bool> {
    let hash = |block: &Block| blocks.words(block).iter().fold(0, |h, w| pair(h, w.hash));
    let hashes: Vec<u64> = blocks.blocks.iter().map(hash).collect();
    let mut sorted = hashes.clone();
    sorted.sort_unstable();
    let twin = |h: &u64| {
        let at = sorted.partition_point(|s| s < h);
        sorted.get(at + 1) == Some(h)
    };
    hashes.iter().map(twin).collect()
}

/// A page may be as strict or as lenient as its scores say.
const ANY: Clip = Clip { least: 0.0, most: 1.0 };

/// The log-odds of chrome over which evidence alone removes a block. Of extracted text, structure alone removes nothing.
///
/// `likeness` is how surely it is a page; where that is in doubt, evidence has to be stronger.
pub(crate) fn threshold(likeness: f32, blocks: &Blocks, evidence: &[Evidence]) -> f32 {
    if likeness <= 0.0 {
        return f32::INFINITY;
    }
    let doubt = (1.0 - likeness / SURE).max(0.0);
    let text = blocks.blocks.iter().zip(evidence).map(|(b, e)| (-e.score, b.shape.length().max(1) as f32));
    DOUBT * doubt - logit(plug_in(text, ANY))
}

/// From this likeness on a page is surely one.
const SURE: f32 = 2.3;
/// What full doubt adds to the log-odds that a removal asks for.
const DOUBT: f32 = 1.24;

/// Blocks at each end of a document that tell what it is.
const ENDS: usize = 12;
// From a logistic regression over whole-page scrapes, extractor output and clean bodies.

/// The share of blocks at the ends that rules know, and of labels among them.
const KNOWN_AT_ENDS: f32 = 4.5;
const LABELS_AT_ENDS: f32 = 3.8;
/// The same shares of all blocks: a document that is full of such things is a list of them, not a page.
const KNOWN: f32 = -8.3;
const LABELS: f32 = -1.8;
/// The logarithms of the number of blocks, and of one and those that rules know.
const LOG_BLOCKS: f32 = -0.88;
const LOG_KNOWN: f32 = 2.28;
/// Over this sum it is a whole page. A page taken for extracted text keeps some chrome; extracted text taken for a page
/// loses some of the article, which is worse: so the bar is above even odds, which are at 2.4.
const SUM_OF_A_PAGE: f32 = 3.8;

/// How surely a document is a whole page: over zero it is one, under zero extracted text.
pub(crate) fn page_likeness(blocks: &Blocks, scan: &Scan, evidence: &[Evidence]) -> f32 {
    let n = evidence.len();
    let known = |i: usize| !scan.of(i).is_empty();
    let label = |i: usize| evidence[i].look != Look::Paragraph && blocks.blocks[i].shape.length() <= super::LABEL;
    let ends = (0..n).filter(|i| *i < ENDS || *i + ENDS >= n);
    let count = |blocks: &mut dyn Iterator<Item = usize>, of: &dyn Fn(usize) -> bool| {
        let (all, hit) =
            blocks.fold((0.0_f32, 0.0_f32), |(all, hit), i| (all + 1.0, hit + if of(i) { 1.0 } else { 0.0 }));
        (hit, hit / all.max(1.0))
    };
    let (all_known, share_known) = count(&mut (0..n), &known);
    let sum = KNOWN_AT_ENDS * count(&mut ends.clone(), &known).1
        + LABELS_AT_ENDS * count(&mut ends.clone(), &label).1
        + KNOWN * share_known
        + LABELS * count(&mut (0..n), &label).1
        + LOG_BLOCKS * (n.max(1) as f32).ln()
        + LOG_KNOWN * (1.0 + all_known).ln();
    sum - SUM_OF_A_PAGE
}
