//! Packs made ready for scanning: a word index for phrases, one automaton for the literals of patterns.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::{Regex, RegexBuilder};

use super::category::Category;
use super::literal;
use super::pack::{Covers, Pack, PackRule, Removes, RuleId, Strength, Where};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::token::{pair, words_of};

/// Compiled size of one regex.
const REGEX_BYTES: usize = 1 << 20;
/// Compiled size of all regexes of a rule set, by their source length: a regex of bounded repeats compiles to at most
/// about this many bytes per byte of source before [`REGEX_BYTES`] stops it.
const MAX_PATTERNS: usize = 20_000;

/// A regex that is compiled when a page first needs it: packs hold many, a page needs few.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    source: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    fn new(source: &str) -> Self {
        Self { source: source.into(), compiled: OnceLock::new() }
    }

    /// The regex. `None` only if the source is no valid regex, which the pack check refuses.
    pub fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| build(&self.source).ok()).as_ref()
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|r| r.is_match(text))
    }
}

/// Compiles a regex within the limits for packs.
pub(crate) fn build(source: &str) -> std::result::Result<Regex, regex::Error> {
    RegexBuilder::new(source).size_limit(REGEX_BYTES).nest_limit(50).build()
}

/// A rule in the form that scanning and deciding read.
#[derive(Debug)]
pub(crate) struct Rule {
    pub id: RuleId,
    pub category: Category,
    pub language: Box<str>,
    pub allow: bool,
    pub why: Box<str>,
    pub covers: Covers,
    pub strength: Strength,
    pub removes: Removes,
    pub place: Where,
    pub unless: Vec<LazyRegex>,
    pub sites: Vec<Box<str>>,
}

/// A phrase as word hashes.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub rule: u32,
    pub words: Box<[u64]>,
    /// Which of its words (and the one after it) it is looked up by.
    pub key_at: u32,
}

/// A pattern and the rule it belongs to.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub rule: u32,
    pub regex: LazyRegex,
}

/// Every rule of a cleaner.
#[derive(Debug, Default)]
pub(crate) struct RuleSet {
    pub rules: Vec<Rule>,
    pub phrases: Vec<Phrase>,
    pub patterns: Vec<Pattern>,
    pub index: PhraseIndex,
    pub literals: Literals,
}

impl RuleSet {
    /// Compiles the rules that `wanted` accepts.
    pub fn compile(packs: &[Pack], wanted: impl Fn(&RuleId, Category) -> bool) -> Result<Self> {
        let mut set = Self::default();
        for pack in packs {
            for rule in &pack.rules {
                if rule.allow || wanted(&rule.id, rule.category) {
                    set.add(rule, &pack.language);
                }
            }
        }
        if set.patterns.len() > MAX_PATTERNS {
            return Err(Error::new(
                ErrorKind::Pack,
                format!("more than {MAX_PATTERNS} patterns in all: use phrases instead"),
            ));
        }
        set.index = PhraseIndex::build(&mut set.phrases);
        set.literals = Literals::build(&set)?;
        Ok(set)
    }

    fn add(&mut self, rule: &PackRule, language: &str) {
        let index = self.rules.len() as u32;
        let entry = &rule.entry;
        self.rules.push(Rule {
            id: rule.id.clone(),
            category: rule.category,
            language: language.into(),
            allow: rule.allow,
            why: entry.why.as_str().into(),
            covers: entry.covers,
            strength: entry.strength,
            removes: entry.removes,
            place: entry.place,
            unless: entry.unless.iter().map(|r| LazyRegex::new(r)).collect(),
            sites: entry.sites.iter().map(|s| s.as_str().into()).collect(),
        });
        let phrases = entry.phrases.iter().map(|p| words_of(p)).filter(|w| !w.is_empty());
        self.phrases.extend(phrases.map(|words| Phrase { rule: index, words: words.into(), key_at: 0 }));
        self.patterns.extend(entry.patterns.iter().map(|p| Pattern { rule: index, regex: LazyRegex::new(p) }));
    }

    pub fn rule(&self, index: u32) -> &Rule {
        &self.rules[index as usize]
    }
}

/// Finds the phrases that may stand at a word: a bit filter that stays in the cache, then a table.
#[derive(Debug, Default)]
pub(crate) struct PhraseIndex {
    filter: Vec<u64>,
    /// Phrases by the hash of a pair of their words, or of their only word.
    table: HashMap<u64, Vec<u32>, BuildHasherDefault<Hashed>>,
}

/// Bits of the filter: 64 KiB, so that 10,000 phrases let about one word in fifty through.
const FILTER_BITS: usize = 1 << 19;

/// The keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*b);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl PhraseIndex {
    /// Picks for each phrase the pair of words that the fewest other phrases have: rare pairs are rarely looked up.
    fn build(phrases: &mut [Phrase]) -> Self {
        let mut common: HashMap<u64, u32> = HashMap::new();
        for phrase in phrases.iter() {
            for word in phrase.words.iter() {
                *common.entry(*word).or_default() += 1;
            }
        }
        let mut index = Self { filter: vec![0; FILTER_BITS / 64], table: HashMap::default() };
        for (i, phrase) in phrases.iter_mut().enumerate() {
            let weight = |w: &u64| common.get(w).copied().unwrap_or(0);
            let at = phrase
                .words
                .windows(2)
                .enumerate()
                .min_by_key(|(_, p)| weight(&p[0]) + weight(&p[1]))
                .map_or(0, |(at, _)| at);
            phrase.key_at = at as u32;
            let key = match phrase.words.get(at..at + 2) {
                Some(two) => pair(two[0], two[1]),
                None => phrase.words[0],
            };
            let (slot, bit) = Self::bit(key);
            index.filter[slot] |= bit;
            index.table.entry(key).or_default().push(i as u32);
        }
        index
    }

    fn bit(key: u64) -> (usize, u64) {
        let at = (key >> 40) as usize & (FILTER_BITS - 1);
        (at / 64, 1 << (at % 64))
    }

    /// The phrases with this key.
    #[inline]
    pub fn get(&self, key: u64) -> &[u32] {
        let (slot, bit) = Self::bit(key);
        match self.filter.get(slot) {
            Some(bits) if bits & bit != 0 => self.table.get(&key).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}

/// The literals that patterns need, in two automata: all of them for short blocks, and those of patterns that may fire
/// inside a long paragraph.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    pub short: Option<Automaton>,
    pub long: Option<Automaton>,
}

/// An automaton whose pattern ids lead to patterns of the rule set.
#[derive(Debug)]
pub(crate) struct Automaton {
    pub automaton: AhoCorasick,
    pub patterns: Vec<Vec<u32>>,
}

impl Literals {
    fn build(set: &RuleSet) -> Result<Self> {
        let all = |_: &Rule| true;
        let inside = |r: &Rule| r.covers == Covers::Part;
        Ok(Self { short: Automaton::build(set, all)?, long: Automaton::build(set, inside)? })
    }
}

impl Automaton {
    fn build(set: &RuleSet, wanted: impl Fn(&Rule) -> bool) -> Result<Option<Self>> {
        let mut by_literal: std::collections::BTreeMap<String, Vec<u32>> = std::collections::BTreeMap::new();
        for (i, pattern) in set.patterns.iter().enumerate() {
            if wanted(set.rule(pattern.rule)) {
                // A pattern without a literal cannot be found; the pack check refuses it.
                for literal in literal::required(&pattern.regex.source).unwrap_or_default() {
                    by_literal.entry(literal).or_default().push(i as u32);
                }
            }
        }
        if by_literal.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // The literals are some hundreds, so the fastest automaton fits the second-level cache.
            .kind(Some(AhoCorasickKind::DFA))
            .build(by_literal.keys())
            .map_err(|e| Error::new(ErrorKind::Pack, format!("the patterns' literals are too many: {e}")))?;
        Ok(Some(Self { automaton, patterns: by_literal.into_values().collect() }))
    }
}
