//! The literals of patterns of which no whole word can be told, looked for byte by byte.
//!
//! Looking at every byte is what costs most in scanning, and a small automaton is faster than a large one. So there is one
//! for each kind of block, with only the patterns that can match in it: short or long, with or without digits, with or
//! without characters beyond ASCII. Each is built when a block first needs it, without waiting for
//! another thread that builds it too: a process that was forked meanwhile would wait for ever.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use once_cell::race::OnceBox;

use crate::error::{Error, ErrorKind, Result};

/// The most bytes of literals of all packs together: far more than any sound pack has, and few enough to build.
const MAX_BYTES: usize = 16 << 20;
/// Up to so many bytes of literals the fastest automaton stays small.
const DFA_BYTES: usize = 16 << 10;

/// A literal, and what it leads to.
#[derive(Debug)]
struct Entry {
    literal: String,
    pattern: u32,
    /// Whether the pattern may match inside a long block, and whether it needs a digit.
    inside: bool,
    digit: bool,
}

/// What a block is like, as far as it decides which patterns can match in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub long: bool,
    pub digits: bool,
    pub wide: bool,
}

/// All literals, and an automaton for each kind of block.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    entries: Vec<Entry>,
    automata: [OnceBox<Option<Automaton>>; 8],
}

impl Literals {
    pub fn add(&mut self, literal: &str, pattern: u32, inside: bool, digit: bool) {
        self.entries.push(Entry { literal: literal.to_owned(), pattern, inside, digit });
    }

    /// Refuses literals that are too many to look for.
    pub fn check(&self) -> Result<()> {
        if self.entries.iter().map(|e| e.literal.len()).sum::<usize>() > MAX_BYTES {
            return Err(Error::new(ErrorKind::Pack, "the patterns' literals are too many: use phrases instead"));
        }
        Ok(())
    }

    /// Adds the patterns whose literals stand in the text of a block.
    pub fn find(&self, text: &str, kind: Kind, out: &mut Vec<u32>) {
        let slot = usize::from(kind.long) | usize::from(kind.digits) << 1 | usize::from(kind.wide) << 2;
        if let Some(Automaton { automaton, patterns }) = self.automata[slot].get_or_init(|| Box::new(self.build(kind)))
        {
            for found in automaton.find_overlapping_iter(text) {
                out.extend(&patterns[found.pattern().as_usize()]);
            }
        }
    }

    fn build(&self, kind: Kind) -> Option<Automaton> {
        let can_match =
            |e: &&Entry| (e.inside || !kind.long) && (!e.digit || kind.digits) && (kind.wide || e.literal.is_ascii());
        let mut by_literal: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for entry in self.entries.iter().filter(can_match) {
            by_literal.entry(&entry.literal).or_default().push(entry.pattern);
        }
        if by_literal.is_empty() {
            return None;
        }
        let bytes: usize = by_literal.keys().map(|l| l.len()).sum();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind((bytes <= DFA_BYTES).then_some(AhoCorasickKind::DFA))
            .build(by_literal.keys())
            .ok()?;
        Some(Automaton { automaton, patterns: by_literal.into_values().collect() })
    }
}

/// An automaton whose pattern ids lead to patterns of the rule set.
#[derive(Debug)]
struct Automaton {
    automaton: AhoCorasick,
    patterns: Vec<Vec<u32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_match_is_looked_for() {
        let mut literals = Literals::default();
        literals.add("photo", 0, false, false);
        literals.add("tel", 1, false, true);
        literals.add("版权", 2, true, false);
        let found = |text: &str, long, digits, wide| {
            let mut out = Vec::new();
            literals.find(text, Kind { long, digits, wide }, &mut out);
            out
        };
        let text = "Photo tel 版权";
        assert_eq!(found(text, false, true, true), [0, 1, 2]);
        assert_eq!(found(text, false, false, true), [0, 2]);
        assert_eq!(found(text, false, false, false), [0]);
        assert_eq!(found(text, true, true, true), [2]);
        assert_eq!(found(text, true, true, false), Vec::<u32>::new());
    }
}
