//! Pages with labels: what training learns from.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::Part;
use super::align::align;
use super::sets::{Gold, Set, kind_of};
use crate::document::{Document, Format, InputKind, html_source};
use crate::segment::token::words_of;
use crate::segment::{self, Block, Blocks};

/// The rendering that is no rendering: the page itself.
pub(super) const HTML: &str = "html";

/// The rendering that holds nothing but the gold texts.
pub(super) const GOLD: &str = "gold";

/// Extractors that must agree where there is no gold text.
const VOTES: usize = 2;

/// One rendering of one page.
#[derive(Debug)]
pub(super) struct Page {
    pub set: usize,
    pub id: String,
    pub domain: String,
    /// The host it is from; empty where that is not known.
    pub site: String,
    /// Page type, such as `article`.
    pub kind: Option<String>,
    pub rendering: String,
    pub input: InputKind,
    /// The text, or the source in UTF-8 of an HTML page.
    pub text: String,
    /// Whether its labels are a vote of extractors, not a gold text.
    pub silver: bool,
    /// Each block's share of text; not a number where it is not known.
    pub labels: Vec<f32>,
    /// What the page counts: renderings of one page share one vote.
    pub weight: f32,
    /// Which fold tests it.
    pub fold: usize,
}

impl Page {
    /// Its words, and which of them are each block's, as [`align`] compares them. The blocks stay behind in `blocks`.
    pub fn words(&self, blocks: &mut Blocks) -> (Vec<u64>, Vec<Range<usize>>) {
        segment::segment(&self.document(), blocks);
        let words = blocks.tokens.iter().map(|t| t.hash).collect();
        let ranges = blocks.blocks.iter().map(|b| b.words.start as usize..b.words.end as usize).collect();
        (words, ranges)
    }

    pub fn document(&self) -> Document<'_> {
        if self.rendering == HTML {
            return Document::from_html(self.text.as_bytes());
        }
        let format = if self.rendering.starts_with("md-") { Format::Markdown } else { Format::Text };
        Document::new(&self.text).format(format)
    }
}

/// A page, and what is learned of it.
pub(super) struct Lesson<'a> {
    pub page: &'a Page,
    /// The labels, or a teacher's view of them.
    pub targets: Cow<'a, [f32]>,
}

impl<'a> Lesson<'a> {
    /// The labels as they are.
    pub fn of(page: &'a Page) -> Self {
        Self { page, targets: Cow::Borrowed(&page.labels) }
    }

    /// The share of text of a block to learn, where it is known. A gold text, which has no labels, is all text.
    pub fn target(&self, block: usize) -> Option<f32> {
        Some(self.targets.get(block).copied().unwrap_or(1.0)).filter(|target| !target.is_nan())
    }

    /// The share of text of a block to learn, and what it counts in stage 1.
    pub fn vote(&self, block: &Block, at: usize) -> (f32, f32) {
        let words = block.shape.length().max(1) as f32;
        self.target(at).map_or((0.0, 0.0), |target| (target, words.sqrt() * self.page.weight))
    }
}

/// All renderings of all pages of a set.
pub(super) fn of_set(index: usize, set: Set, part: Option<Part>) -> Vec<Page> {
    let Set { name: _, gold, mut renderings, html } = set;
    let votes: Vec<String> = renderings.keys().filter(|r| kind_of(r) == InputKind::Extracted).cloned().collect();
    let mut out = Vec::new();
    let has_gold = gold.iter().any(|g| g.gold.is_some());
    if has_gold {
        let bodies = gold.iter().filter_map(|g| Some((g.id.clone(), g.gold.clone()?))).collect();
        renderings.insert(GOLD.to_owned(), bodies);
    }
    if !html.is_empty() {
        renderings.insert(HTML.to_owned(), html.into_iter().map(|(id, raw)| (id, html_source(&raw))).collect());
    }
    for g in &gold {
        let silver = g.gold.is_none();
        let truths: Vec<Vec<u64>> = match &g.gold {
            Some(gold) => vec![words_of(gold)],
            None => votes.iter().filter_map(|v| renderings[v].get(&g.id)).map(|t| words_of(t)).collect(),
        };
        // One extractor is no vote, but the page itself may say more.
        let page_is_known = renderings.get(HTML).is_some_and(|pages| pages.contains_key(&g.id));
        if silver && truths.len() < VOTES && !page_is_known {
            continue;
        }
        for (rendering, texts) in &renderings {
            // HTML pages teach text.
            if part == Some(Part::Html) && rendering != HTML {
                continue;
            }
            let input = kind_of(rendering);
            let Some(text) = texts.get(&g.id).filter(|t| !t.is_empty()) else { continue };
            // What an extractor kept cannot be labelled by what extractors kept.
            if silver && input == InputKind::Extracted {
                continue;
            }
            let mut page = page(index, g, rendering, input, text.clone());
            page.labels = if rendering == GOLD { Vec::new() } else { label(&page, &truths) };
            if silver && rendering == HTML {
                by_snippets(&mut page, g);
            }
            out.push(page);
        }
    }
    out
}

fn page(set: usize, gold: &Gold, rendering: &str, input: InputKind, text: String) -> Page {
    let domain = registrable(gold.domain.as_deref().unwrap_or(&gold.id));
    Page {
        set,
        id: gold.id.clone(),
        domain,
        site: gold.domain.as_deref().unwrap_or_default().trim_start_matches("www.").to_owned(),
        kind: gold.kind.clone(),
        rendering: rendering.to_owned(),
        input,
        text,
        silver: gold.gold.is_none(),
        labels: Vec::new(),
        weight: 1.0,
        fold: 0,
    }
}

/// The last two or three labels of a host: what one owner registers.
fn registrable(host: &str) -> String {
    let labels: Vec<&str> = host.trim_start_matches("www.").split('.').collect();
    let second_level = labels.len() >= 3 && labels[labels.len() - 2].len() <= 3 && labels[labels.len() - 1].len() == 2;
    let keep = if second_level { 3 } else { 2 };
    labels[labels.len().saturating_sub(keep)..].join(".")
}

/// Each block's share of text by one gold text, or by the vote of several extractors' outputs.
fn label(page: &Page, truths: &[Vec<u64>]) -> Vec<f32> {
    let mut blocks = Blocks::default();
    let (words, ranges) = page.words(&mut blocks);
    let target = link_targets(page, &blocks);
    let shares: Vec<Vec<f32>> = truths
        .iter()
        .map(|truth| {
            let matched = align(&words, truth, &ranges);
            ranges.iter().map(|r| share(&matched[r.clone()], &target[r.clone()])).collect()
        })
        .collect();
    match &shares[..] {
        [gold] if !page.silver => gold.clone(),
        several => (0..ranges.len())
            .map(|i| match several.iter().filter(|s| s[i] >= 0.5).count() {
                VOTES.. => 1.0,
                0 if several.len() >= VOTES => 0.0,
                _ => f32::NAN,
            })
            .collect(),
    }
}

/// Bytes from which on a snippet that must stay speaks for the whole line it is in.
const LONG: usize = 20;

/// Labels by snippets that must stay or go, where there are such: extractors agree on many a line that must go.
fn by_snippets(page: &mut Page, gold: &Gold) {
    let snippets = |list: &Option<Vec<String>>| -> Vec<String> {
        list.iter().flatten().map(|s| s.to_lowercase()).filter(|s| !s.trim().is_empty()).collect()
    };
    let (with, without) = (snippets(&gold.with), snippets(&gold.without));
    let mut blocks = Blocks::default();
    let labels = {
        let document = page.document();
        segment::segment(&document, &mut blocks);
        let texts = blocks.blocks.iter().map(|b| b.text(document.text()).to_lowercase());
        // A short snippet may stand in any sentence: it speaks for lines that it makes up half of.
        let has = |text: &str, list: &[String], long: usize| {
            list.iter().any(|s| (s.len() >= long || s.len() * 2 >= text.len()) && text.contains(s.trim()))
        };
        let of = |(text, label): (String, &f32)| match (has(&text, &with, LONG), has(&text, &without, usize::MAX)) {
            (true, false) => 1.0,
            (false, true) => 0.0,
            _ => *label,
        };
        texts.zip(&page.labels).map(of).collect()
    };
    page.labels = labels;
}

fn share(matched: &[Option<usize>], target: &[bool]) -> f32 {
    let (mut all, mut hit) = (0, 0);
    for (m, _) in matched.iter().zip(target).filter(|(_, t)| !**t) {
        all += 1;
        hit += u32::from(m.is_some());
    }
    if all == 0 { f32::NAN } else { hit as f32 / all as f32 }
}

/// Which words belong to the target of a Markdown link: gold texts have none.
fn link_targets(page: &Page, blocks: &Blocks) -> Vec<bool> {
    let mut out = vec![false; blocks.tokens.len()];
    if !page.rendering.starts_with("md-") {
        return out;
    }
    let text = &page.text;
    let mut at = 0;
    let mut token = 0;
    while let Some(start) = text[at..].find("](").map(|i| at + i + 2) {
        let end = text[start..].find([')', '\n']).map_or(text.len(), |i| start + i);
        while token < out.len() && (blocks.tokens[token].start as usize) < end {
            out[token] = blocks.tokens[token].start as usize >= start;
            token += 1;
        }
        at = end;
    }
    out
}

/// Shares the pages out over folds so that a domain is in one fold only, as text and as HTML.
pub(super) fn into_folds(pages: &mut [Page], folds: usize) {
    let mut domains: BTreeMap<u64, String> = BTreeMap::new();
    for page in pages.iter() {
        domains.insert(crate::model::lexical_hash(page.domain.as_bytes()), page.domain.clone());
    }
    let fold: BTreeMap<String, usize> = domains.into_values().enumerate().map(|(i, d)| (d, i % folds.max(1))).collect();
    for page in pages.iter_mut() {
        page.fold = fold[&page.domain];
    }
}

/// Gives the renderings of a page one vote.
pub(super) fn share_votes(pages: &mut [Page]) {
    let mut renderings: BTreeMap<(usize, String, bool), usize> = BTreeMap::new();
    for page in pages.iter() {
        *renderings.entry(key(page)).or_default() += 1;
    }
    for page in pages.iter_mut() {
        page.weight = 1.0 / renderings[&key(page)] as f32;
    }
}

fn key(page: &Page) -> (usize, String, bool) {
    (page.set, page.id.clone(), page.input == InputKind::Page)
}

/// How many domains there are.
pub(super) fn domains(pages: &[Page]) -> usize {
    pages.iter().map(|p| p.domain.as_str()).collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_speak_for_lines_that_they_make_up() {
        let gold = r#"{"id":"p","with":["nobody on the pier waved"],"without":["Tags: harbour","ferry"]}"#;
        let gold: Gold = serde_json::from_str(gold).unwrap();
        let html = "<p>The ferry left at noon, and nobody on the pier waved.</p><p>Tags: harbour</p><p>Old ferry</p><p>Rain</p>";
        let mut page = page(0, &gold, HTML, InputKind::Page, html.to_owned());
        page.labels = vec![0.0, 1.0, 1.0, f32::NAN];
        by_snippets(&mut page, &gold);
        assert_eq!(page.labels[..3], [1.0, 0.0, 0.0]);
        assert!(page.labels[3].is_nan());
    }

    #[test]
    fn a_domain_is_in_one_fold_as_text_and_as_html() {
        let of = |domain: &str, rendering: &str| {
            let gold: Gold = serde_json::from_str(&format!(r#"{{"id":"{domain}","domain":"{domain}"}}"#)).unwrap();
            page(0, &gold, rendering, InputKind::Page, String::new())
        };
        // Some domains have no page as HTML.
        let mut pages: Vec<Page> = (0..40).map(|i| of(&format!("d{i}.example"), "scrape-a")).collect();
        pages.extend((0..40).step_by(3).map(|i| of(&format!("d{i}.example"), HTML)));
        into_folds(&mut pages, 5);
        let (html, text): (Vec<_>, Vec<_>) = pages.iter().partition(|p| p.rendering == HTML);
        for page in html {
            assert!(text.iter().all(|t| t.domain != page.domain || t.fold == page.fold), "{}", page.domain);
        }
    }
}
