//! The literals of patterns of which no whole word can be told, looked for byte by byte.
//!
//! Looking at every byte is what costs most in scanning, and a small automaton is faster than a large one. So there is one
//! for each kind of block, with only the patterns that can match in it: short or long, with or without digits, with or
//! without characters beyond ASCII. It is asked only where one of its literals may
//! begin ([`Starts`]): at every byte it would wait for memory. Each is built when a block first needs it, without waiting for
//! another thread that builds it too: a process that was forked meanwhile would wait for ever.

use std::collections::BTreeMap;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use once_cell::race::OnceBox;

use super::guard::Guard;
use super::starts::Starts;
use crate::error::{Error, ErrorKind, Result};

/// The most bytes of literals of all packs together: far more than any sound pack has, and few enough to build.
const MAX_BYTES: usize = 16 << 20;

/// A literal, and what it leads to.
#[derive(Debug)]
struct Entry {
    literal: String,
    pattern: u32,
    /// Whether the pattern may match inside a long block, and whether it needs a digit.
    inside: bool,
    digit: bool,
    /// Bytes of which a block has one where the pattern matches, if that is known.
    signs: Option<Vec<u8>>,
}

/// More signs than this are no sooner found than literals.
const MAX_SIGNS: usize = 6;

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
    /// A literal that a pattern cannot match without; `inside` says that it may match a part of a long block.
    pub fn add(&mut self, literal: &str, pattern: u32, inside: bool, guard: &Guard) {
        // Bytes beyond ASCII are rare enough to be signs themselves.
        let own = literal.bytes().next().filter(|b| !b.is_ascii()).map(|b| vec![b]);
        let signs = own.or_else(|| guard.signs().map(<[u8]>::to_vec));
        self.entries.push(Entry { literal: literal.to_owned(), pattern, inside, digit: guard.needs_digit(), signs });
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
        let Some(found) = self.automata[slot].get_or_init(|| Box::new(self.build(kind))) else { return };
        if found.signs.as_ref().is_some_and(|signs| !has_any(text.as_bytes(), signs)) {
            return;
        }
        for start in found.starts.find(text) {
            found.beginning(&text.as_bytes()[start..], out);
        }
    }

    fn build(&self, kind: Kind) -> Option<Automaton> {
        let can_match =
            |e: &&Entry| (e.inside || !kind.long) && (!e.digit || kind.digits) && (kind.wide || e.literal.is_ascii());
        let signs: Option<Vec<&[u8]>> = self.entries.iter().filter(can_match).map(|e| e.signs.as_deref()).collect();
        let signs = signs.map(|all| all.concat()).map(|mut signs| {
            signs.sort_unstable();
            signs.dedup();
            signs
        });
        let mut by_literal: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for entry in self.entries.iter().filter(can_match) {
            by_literal.entry(&entry.literal).or_default().push(entry.pattern);
        }
        if by_literal.is_empty() {
            return None;
        }
        let automaton = NFA::builder().ascii_case_insensitive(true).build(by_literal.keys()).ok()?;
        let starts = Starts::of(by_literal.keys().copied());
        let signs = signs.filter(|signs| signs.len() <= MAX_SIGNS);
        Some(Automaton { signs, starts, automaton, patterns: by_literal.into_values().collect() })
    }
}

/// Whether one of the signs stands in a text.
fn has_any(text: &[u8], signs: &[u8]) -> bool {
    signs.chunks(3).any(|some| match *some {
        [a, b, c] => memchr::memchr3(a, b, c, text).is_some(),
        [a, b] => memchr::memchr2(a, b, text).is_some(),
        _ => some.first().is_some_and(|a| memchr::memchr(*a, text).is_some()),
    })
}

/// An automaton whose pattern ids lead to patterns of the rule set, and where to ask it.
#[derive(Debug)]
struct Automaton {
    /// Bytes of which a block has one where any of the patterns matches, if few.
    signs: Option<Vec<u8>>,
    starts: Starts,
    automaton: NFA,
    patterns: Vec<Vec<u32>>,
}

impl Automaton {
    /// Adds the patterns whose literals the text begins with.
    fn beginning(&self, text: &[u8], out: &mut Vec<u32>) {
        let Ok(mut state) = self.automaton.start_state(Anchored::Yes) else { return };
        for (at, byte) in text.iter().enumerate() {
            state = self.automaton.next_state(Anchored::Yes, state, *byte);
            if !self.automaton.is_special(state) {
                continue;
            }
            if self.automaton.is_dead(state) {
                return;
            }
            let all = 0..if self.automaton.is_match(state) { self.automaton.match_len(state) } else { 0 };
            let found = all.map(|i| self.automaton.match_pattern(state, i));
            // A state knows the literals too that are the end of its text: those begin later.
            let whole = found.filter(|id| self.automaton.pattern_len(*id) == at + 1);
            out.extend(whole.flat_map(|id| &self.patterns[id.as_usize()]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_match_is_looked_for() {
        let mut literals = Literals::default();
        let any = Guard::default();
        literals.add("photo", 0, false, &any);
        literals.add("tel", 1, false, &Guard::of(r"tel \d+"));
        literals.add("版权", 2, true, &any);
        literals.add("reuters", 3, true, &Guard::of(r"[(\[]reuters"));
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
        assert_eq!(found("a photo (Reuters)", true, false, false), [3]);
        assert_eq!(found("a photo, Reuters", true, false, false), Vec::<u32>::new());
        assert_eq!(found("[Reuters 版权", true, false, true), [3, 2]);
    }
}
