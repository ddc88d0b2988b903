//! Packs in the form that scanning reads. The built-in packs are brought into it when the library is built, so that a
//! cleaner starts in milliseconds; packs of users when they are loaded.

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::pack::{Covers, Pack, Removes, Strength, Where};
use super::{keys, literal};
use crate::segment::token::{pair, words_of};

/// Packs compiled together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub rules: Vec<CompiledRule>,
    /// The words of all phrases, one phrase after the other.
    pub words: Vec<u64>,
    pub phrases: Vec<CompiledPhrase>,
    pub patterns: Vec<CompiledPattern>,
    /// Sorted: the hash of a word or of a pair of words, and what is looked up by it.
    pub keys: Vec<(u64, Target)>,
}

/// A rule without its phrases, patterns and tests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CompiledRule {
    pub id: String,
    pub category: u8,
    pub language: String,
    pub allow: bool,
    pub covers: Covers,
    pub strength: Strength,
    pub removes: Removes,
    pub place: Where,
    pub unless: Vec<String>,
    pub sites: Vec<String>,
}

/// A phrase: a rule, a range of the words, and which of them it is looked up by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct CompiledPhrase {
    pub rule: u32,
    pub start: u32,
    pub len: u16,
    pub key_at: u16,
}

/// A regular expression of a rule; `literals` are those it needs where no whole word can be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CompiledPattern {
    pub rule: u32,
    pub regex: String,
    pub literals: Vec<String>,
    pub guard: Guard,
}

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Target {
    Phrase(u32),
    /// A pattern, and which word of the block the key must be, where that is known.
    Pattern {
        id: u32,
        at: Option<u8>,
    },
}

impl Compiled {
    pub fn of(packs: &[Pack]) -> Self {
        let mut out = Self::default();
        for pack in packs {
            for rule in &pack.rules {
                let index = out.rules.len() as u32;
                let entry = &rule.entry;
                out.rules.push(CompiledRule {
                    id: rule.id.as_str().to_owned(),
                    category: rule.category.index() as u8,
                    language: pack.language.clone(),
                    allow: rule.allow,
                    covers: entry.covers,
                    strength: entry.strength,
                    removes: entry.removes,
                    place: entry.place,
                    unless: entry.unless.clone(),
                    sites: entry.sites.clone(),
                });
                for phrase in &entry.phrases {
                    out.phrase(index, &words_of(phrase));
                }
                for pattern in &entry.patterns {
                    out.pattern(index, pattern);
                }
            }
        }
        out.key_phrases();
        out.keys.sort_unstable();
        out
    }

    fn phrase(&mut self, rule: u32, words: &[u64]) {
        // A longer phrase than this is no phrase; the pack check keeps them readable anyway.
        let Ok(len) = u16::try_from(words.len()) else { return };
        if len > 0 {
            let start = self.words.len() as u32;
            self.words.extend(words);
            self.phrases.push(CompiledPhrase { rule, start, len, key_at: 0 });
        }
    }

    fn pattern(&mut self, rule: u32, regex: &str) {
        let id = self.patterns.len() as u32;
        let keys = keys::required(regex);
        // A pattern without a literal cannot be found; the pack check refuses it.
        let literals = if keys.is_some() { Vec::new() } else { literal::required(regex).unwrap_or_default() };
        let mut keys = keys.unwrap_or_default();
        keys.sort_unstable();
        keys.dedup();
        self.keys.extend(keys.into_iter().map(|k| (k.hash, Target::Pattern { id, at: k.at })));
        self.patterns.push(CompiledPattern { rule, regex: regex.to_owned(), literals, guard: Guard::of(regex) });
    }

    /// Looks each phrase up by the pair of its words that the fewest other phrases have: rare pairs are rarely met.
    fn key_phrases(&mut self) {
        let mut sorted = self.words.clone();
        sorted.sort_unstable();
        let common = |w: u64| sorted.partition_point(|s| *s <= w) - sorted.partition_point(|s| *s < w);
        for (id, phrase) in self.phrases.iter_mut().enumerate() {
            let words = &self.words[phrase.start as usize..][..phrase.len as usize];
            let rarest = words.windows(2).enumerate().min_by_key(|(_, p)| common(p[0]) + common(p[1]));
            let (at, key) = rarest.map_or((0, words[0]), |(at, p)| (at, pair(p[0], p[1])));
            phrase.key_at = at as u16;
            self.keys.push((key, Target::Phrase(id as u32)));
        }
    }
}
