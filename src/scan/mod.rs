//! Which rules match where.
//!
//! Phrases are found by their rarest pair of words in the words the segmenter has hashed already; patterns are tried only
//! where a word or a literal stands that they cannot match without. Where on the page a rule may fire is decided later, when
//! the page is known.

mod foreign;

use std::ops::Range;

use crate::rules::compiled::Target;
use crate::rules::literals::Kind;
use crate::rules::lookup::Size;
use crate::rules::{Category, Covers, RuleSet, Strength};
use crate::segment::token::{NUMBER, pair};
use crate::segment::{Block, Blocks, Token};

/// Patterns of which no whole word can be told are looked for in blocks of at most this many words, unless they may match
/// a part of a block: looking at every byte is what costs most, and such patterns are for lines.
const LITERAL_WORDS: usize = 24;
/// The share of a block's words, in percent, that `covers = "most"` asks for.
const MOST: usize = 60;
/// The most bytes of one block that regular expressions see.
const MAX_PATTERN_TEXT: usize = 1 << 20;

/// A rule that matched in a block well enough to speak.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// Which rule.
    pub rule: u32,
    /// What it matched, in bytes of the text view.
    pub span: Range<u32>,
}

/// What the rules say of one block.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockHits {
    /// The block's hits in [`Scan::hits`], the strongest first.
    pub hits: Range<u32>,
    /// Where those end that count for nothing: of rules for another language than the page's, on words that may be of its
    /// language. They follow the others.
    pub foreign: u32,
    /// Percent of the block's words under any match but those, spoken or not.
    pub covered: u8,
}

/// The hits of a document, block by block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    pub hits: Vec<Hit>,
    pub blocks: Vec<BlockHits>,
    matches: Vec<Match>,
    candidates: Vec<u32>,
    under: Vec<bool>,
    /// The share of a block's words that rules of a category cover, those that remove and those that protect apart.
    shares: Vec<((Category, bool), usize)>,
}

/// A phrase or pattern found in a block: its words, and its bytes in the text view.
#[derive(Clone, Debug)]
struct Match {
    rule: u32,
    words: Range<usize>,
    span: Range<u32>,
}

impl Scan {
    /// The hits of block `i`, strongest first.
    pub fn of(&self, i: usize) -> &[Hit] {
        let range = &self.blocks[i].hits;
        &self.hits[range.start as usize..range.end as usize]
    }

    /// The hits of block `i` that count for nothing, by the language of their rules.
    pub fn foreign(&self, i: usize) -> &[Hit] {
        let block = &self.blocks[i];
        &self.hits[block.hits.end as usize..block.foreign as usize]
    }
}

/// Finds the hits of every block. `site` is the page's host, for rules that are scoped to sites.
pub(crate) fn scan(view: &str, blocks: &Blocks, rules: &RuleSet, site: Option<&str>, out: &mut Scan) {
    out.hits.clear();
    out.blocks.clear();
    for block in &blocks.blocks {
        out.matches.clear();
        out.candidates.clear();
        phrases(blocks, block, rules, &mut out.candidates, &mut out.matches);
        patterns(view, blocks, block, rules, &mut out.candidates, &mut out.matches);
        let found = if out.matches.is_empty() {
            BlockHits::default()
        } else {
            weigh_matches(view, blocks, block, rules, site, out)
        };
        out.blocks.push(found);
    }
}

/// A block's length in words; two characters of a script without spaces make one.
fn length(block: &Block) -> usize {
    block.shape.length() as usize
}

/// Finds phrases, and the patterns whose words stand in the block.
fn phrases(blocks: &Blocks, block: &Block, rules: &RuleSet, candidates: &mut Vec<u32>, out: &mut Vec<Match>) {
    let words = blocks.words(block);
    let size = Size::of(length(block));
    for at in 0..words.len() {
        let one = rules.lookup.at(words[at].hash, size);
        let two = words.get(at + 1).map_or(&[][..], |next| rules.lookup.at(pair(words[at].hash, next.hash), size));
        for (_, target) in one.iter().chain(two) {
            match *target {
                Target::Phrase(id) => try_phrase(words, size, rules, id, at, out),
                Target::Pattern { id, at: place } => {
                    let here = place.is_none_or(|p| usize::from(p) == at);
                    if here && rules.found_in(*target) >= Some(size) {
                        candidates.push(id);
                    }
                }
            }
        }
    }
}

/// Checks the whole phrase around its key at word `at`.
fn try_phrase(words: &[Token], size: Size, rules: &RuleSet, id: u32, at: usize, out: &mut Vec<Match>) {
    let (rule, phrase, key_at) = rules.phrase(id);
    let Some(start) = at.checked_sub(key_at) else { return };
    let Some(window) = words.get(start..start + phrase.len()) else { return };
    let same = window.iter().map(|t| t.hash).eq(phrase.iter().copied());
    if same && rules.found_in(Target::Phrase(id)) >= Some(size) {
        let span = window[0].start..window[window.len() - 1].end;
        out.push(Match { rule, words: start..start + phrase.len(), span });
    }
}

/// Tries the candidates, and the patterns of which no word but a literal can be told.
fn patterns(
    view: &str,
    blocks: &Blocks,
    block: &Block,
    rules: &RuleSet,
    candidates: &mut Vec<u32>,
    out: &mut Vec<Match>,
) {
    let words = blocks.words(block);
    let text = block.text(view);
    if text.is_empty() || text.len() > MAX_PATTERN_TEXT {
        return;
    }
    let long = length(block) > LITERAL_WORDS;
    rules.literals.find(text, Kind { long, digits: block.shape.digits > 0, wide: !text.is_ascii() }, candidates);
    candidates.sort_unstable();
    candidates.dedup();
    for id in candidates.iter() {
        let pattern = &rules.patterns[*id as usize];
        if rules.rule(pattern.rule).off || !pattern.may_match(text, &block.shape) {
            continue;
        }
        let Some(regex) = pattern.regex.get() else { continue };
        for found in regex.find_iter(text).filter(|m| !m.is_empty()) {
            let span = block.inner.start + found.start() as u32..block.inner.start + found.end() as u32;
            let first = words.partition_point(|t| t.end <= span.start);
            let last = words.partition_point(|t| t.start < span.end);
            out.push(Match { rule: pattern.rule, words: first..last.max(first), span });
        }
    }
}

/// Turns what matched in a block into hits.
fn weigh_matches(
    view: &str,
    blocks: &Blocks,
    block: &Block,
    rules: &RuleSet,
    site: Option<&str>,
    out: &mut Scan,
) -> BlockHits {
    let (text, words) = (block.text(view), blocks.words(block));
    let all = out.matches.len();
    let own = if blocks.english { foreign::set_apart(view, rules, &mut out.matches) } else { all };
    let start = out.hits.len() as u32;
    weigh(text, words, rules, site, 0..own, out);
    let end = out.hits.len() as u32;
    weigh(text, words, rules, site, own..all, out);
    let covered = covered_by(out.matches[..own].iter(), words, &mut out.under) as u8;
    BlockHits { hits: start..end, foreign: out.hits.len() as u32, covered }
}

/// Turns these matches into hits, the strongest first: enough of the block must be covered by them, and no `unless` hold.
fn weigh(
    text: &str,
    words: &[Token],
    rules: &RuleSet,
    site: Option<&str>,
    which: Range<usize>,
    Scan { hits, matches, under, shares, .. }: &mut Scan,
) {
    let matches = &matches[which];
    let start = hits.len();
    shares.clear();
    for m in matches {
        let rule = rules.rule(m.rule);
        if hits[start..].iter().any(|h| h.rule == m.rule && h.span == m.span) {
            continue;
        }
        // What protects and what removes speak for a block apart: neither may lean on the other's words.
        let side = (rule.category, rule.allow);
        let mut share = || match shares.iter().find(|(of, _)| *of == side) {
            Some((_, share)) => *share,
            None => {
                let same = matches.iter().filter(|m| {
                    let other = rules.rule(m.rule);
                    (other.category, other.allow) == side
                });
                let share = covered_by(same, words, under);
                shares.push((side, share));
                share
            }
        };
        let enough = match rule.covers {
            Covers::Part => true,
            Covers::Most => share() >= MOST,
            Covers::Whole => share() == 100,
        };
        let on_site =
            rule.sites.is_empty() || site.is_some_and(|s| rule.sites.iter().any(|pattern| host_matches(pattern, s)));
        if enough && on_site && !rule.unless.iter().any(|u| u.is_match(text)) {
            hits.push(Hit { rule: m.rule, span: m.span.clone() });
        }
    }
    let strength = |h: &Hit| {
        let rule = rules.rule(h.rule);
        (rule.allow, rule.strength, h.span.len())
    };
    hits[start..].sort_by(|a, b| strength(b).cmp(&strength(a)).then(a.rule.cmp(&b.rule)));
}

/// The share of a block's words, in percent, that matches cover.
fn covered_by<'a>(matches: impl Iterator<Item = &'a Match>, words: &[Token], under: &mut Vec<bool>) -> usize {
    under.clear();
    under.resize(words.len(), false);
    for m in matches {
        under[m.words.clone()].fill(true);
    }
    // Numbers count neither way: "12 comments" is all "comments", and a lone number is nothing.
    let counted = words.iter().zip(under.iter()).filter(|(w, _)| w.hash != NUMBER);
    let (all, hit) = counted.fold((0_usize, 0), |(all, hit), (_, u)| (all + 1, hit + usize::from(*u)));
    (hit * 100_usize).checked_div(all).unwrap_or(0)
}

/// Whether a host is the pattern's, or below it for `*.example.com`.
fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => host.eq_ignore_ascii_case(pattern),
        Some(parent) => {
            let tail = host.len().checked_sub(parent.len()).and_then(|at| Some((at, host.get(at..)?)));
            tail.is_some_and(|(at, tail)| {
                tail.eq_ignore_ascii_case(parent) && (at == 0 || host.as_bytes()[at - 1] == b'.')
            })
        }
    }
}

impl Hit {
    /// Whether the rule behind it decides alone.
    pub fn is_certain(&self, rules: &RuleSet) -> bool {
        let rule = rules.rule(self.rule);
        !rule.allow && rule.strength == Strength::Certain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::rules::Pack;
    use crate::rules::Use;
    use crate::segment;

    fn hits(pack: &str, text: &str) -> Vec<(String, String)> {
        let pack = Pack::parse("test.toml", pack).unwrap();
        let rules = RuleSet::compile(&[pack], |_, _| Use::AsWritten).unwrap();
        let mut blocks = Blocks::default();
        segment::segment(&Document::new(text), &mut blocks);
        let mut out = Scan::default();
        scan(text, &blocks, &rules, Some("news.example.com"), &mut out);
        let name =
            |h: &Hit| (rules.rule(h.rule).id.to_string(), text[h.span.start as usize..h.span.end as usize].to_owned());
        out.hits.iter().map(name).collect()
    }

    const PACK: &str = r#"
        category = "newsletter-signup"
        language = "en"
        [[rule]]
        id = "a"
        why = "w"
        phrases = ["sign up for our newsletter"]
        match = []
        keep = []
        [[rule]]
        id = "b"
        why = "w"
        phrases = ["0 readers", "today"]
        covers = "whole"
        match = []
        keep = []
        [[rule]]
        id = "c"
        why = "w"
        patterns = ['\(photo: [^)]{1,20}\)']
        covers = "part"
        match = []
        keep = []
        [[rule]]
        id = "d"
        why = "w"
        phrases = ["only here please"]
        sites = ["*.example.com"]
        unless = ["(?i)never"]
        match = []
        keep = []
    "#;

    #[test]
    fn coverage_places_and_exceptions() {
        let hit = |rule: &str, text: &str| vec![(format!("newsletter-signup/{rule}"), text.to_owned())];
        assert_eq!(hits(PACK, "SIGN-UP for “our newsletter” now!"), hit("a", "SIGN-UP for “our newsletter"));
        assert_eq!(hits(PACK, "She would never sign up for our newsletter, and so she wrote to the editor"), []);
        assert_eq!(hits(PACK, "1,200 readers today"), [hit("b", "200 readers"), hit("b", "today")].concat());
        assert_eq!(hits(PACK, "12 readers left today"), []);
        let long = "word ".repeat(60);
        assert_eq!(hits(PACK, &format!("{long}(photo: A. Nyman) {long}")), hit("c", "(photo: A. Nyman)"));
        assert_eq!(hits(PACK, "Only here, please"), hit("d", "Only here, please"));
        assert_eq!(hits(PACK, "only here please: never"), []);
    }

    #[test]
    fn an_allow_rule_covers_what_it_matches() {
        let pack = PACK.replace("[[rule]]\n        id = \"d\"", "[[allow]]\n        id = \"d\"");
        let allowed = [("newsletter-signup/d".to_owned(), "only here, please".to_owned())];
        assert_eq!(hits(&pack, "only here, please"), allowed);
        assert_eq!(hits(&pack, "she said only here, please, and the whole room went very quiet"), []);
    }

    #[test]
    fn hosts() {
        assert!(host_matches("*.example.com", "a.b.Example.com") && host_matches("*.example.com", "example.com"));
        assert!(!host_matches("*.example.com", "badexample.com") && !host_matches("example.com", "a.example.com"));
    }
}
