//! Words that a regular expression cannot match without, so that it is tried only where they stand.
//!
//! The segmenter has hashed every word of a page already; asking for a word costs nothing, while asking an automaton for a
//! literal costs a look at every byte.

use once_cell::race::OnceBox;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

use crate::segment::fold::{Folded, fold};
use crate::segment::token::{pair, words_of};

/// A word, or a pair of words, that a match contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The word's hash, or the pair's.
    pub hash: u64,
    /// Which word of the block it is, where the pattern tells.
    pub at: Option<u8>,
}

/// Keys of which every match of `pattern` contains at least one, as whole words of the page; `None` when there are none,
/// or the pattern does not parse.
pub(crate) fn required(pattern: &str) -> Option<Vec<Key>> {
    // The parser limits nesting (250 by default), which bounds the recursion below.
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    best(&hir, UNKNOWN, UNKNOWN, None).filter(|k| k.rarity >= MIN_RARITY).map(|k| k.keys)
}

/// What stands beside a part of the pattern: perhaps a letter, surely none, or either of the two.
const UNKNOWN: char = '\u{0}';
const BOUNDARY: char = ' ';
const MAYBE_NONE: char = '\u{1}';
/// As the two above, but what stands there may be signs, which count as words.
const LOOSE: char = '\u{3}';
const MAYBE_LOOSE: char = '\u{4}';
/// Where the block begins: a boundary with no word before it.
const START: char = '\u{2}';

/// Keys and how much they narrow the search.
struct Keys {
    keys: Vec<Key>,
    rarity: usize,
}

/// A pair of words, or a word whose place is known, is far rarer than any word; else the longer word is taken to be the
/// rarer.
const PAIR: usize = 100;
/// Pairs of fewer letters, such as "is a", are no rarer than a word.
const SHORT_PAIR: usize = 6;
/// Words of fewer letters stand everywhere: a literal narrows better.
const MIN_RARITY: usize = 4;
/// A pattern whose optional parts make more sequences than this is not spelled out.
const MAX_VARIANTS: usize = 256;

/// `place` is the number of words before this part, where it is known.
fn best(hir: &Hir, left: char, right: char, place: Option<usize>) -> Option<Keys> {
    match hir.kind() {
        HirKind::Capture(capture) => best(&capture.sub, left, right, place),
        HirKind::Repetition(r) if r.min > 0 && r.max == Some(1) => best(&r.sub, left, right, place),
        HirKind::Repetition(r) if r.min > 0 => best(&r.sub, UNKNOWN, UNKNOWN, None),
        HirKind::Alternation(branches) => all_of(branches.iter().map(|b| best(b, left, right, place))),
        HirKind::Concat(parts) => all_of(variants(parts).iter().map(|v| of_sequence(v, left, right, place))),
        HirKind::Literal(_) | HirKind::Class(_) => of_sequence(&[hir], left, right, place),
        _ => None,
    }
}

/// The keys of branches one of which matches.
fn all_of(branches: impl Iterator<Item = Option<Keys>>) -> Option<Keys> {
    let all: Vec<Keys> = branches.collect::<Option<_>>()?;
    let rarity = all.iter().map(|k| k.rarity).min()?;
    Some(Keys { keys: all.into_iter().flat_map(|k| k.keys).collect(), rarity })
}

/// The sequences that parts in a row stand for: with and without what is optional, and one for each branch.
fn variants(parts: &[Hir]) -> Vec<Vec<&Hir>> {
    let mut out: Vec<Vec<&Hir>> = vec![Vec::new()];
    for part in parts {
        let choices = choices(part);
        if out.len() * choices.len() > MAX_VARIANTS {
            out.iter_mut().for_each(|v| v.push(part));
        } else {
            out = choices.iter().flat_map(|c| out.iter().map(|v| [v.as_slice(), c.as_slice()].concat())).collect();
        }
    }
    out
}

/// What one part stands for.
fn choices(part: &Hir) -> Vec<Vec<&Hir>> {
    match part.kind() {
        HirKind::Capture(capture) => choices(&capture.sub),
        HirKind::Concat(parts) => variants(parts),
        HirKind::Alternation(branches) => {
            let all: Vec<_> = branches.iter().flat_map(choices).collect();
            if all.len() <= MAX_VARIANTS { all } else { vec![vec![part]] }
        }
        // An optional separator is no choice: it is settled by what stands beside it.
        HirKind::Repetition(r)
            if r.min == 0 && r.max == Some(1) && one_char(&r.sub).is_none_or(|c| !is_boundary(c)) =>
        {
            let mut all = choices(&r.sub);
            all.push(Vec::new());
            all
        }
        _ => vec![vec![part]],
    }
}

/// The best keys of parts in a row: whole words among their characters, or keys inside one of them.
fn of_sequence(parts: &[&Hir], left: char, right: char, place: Option<usize>) -> Option<Keys> {
    let mut text = vec![left];
    let mut nested = Vec::new();
    for part in parts {
        spell(part, &mut text, &mut nested);
    }
    text.push(right);
    settle(&mut text);
    let words = in_text(&text, place);
    let inner = nested.iter().filter_map(|(at, hir)| {
        let beside = |i: usize| if is_boundary(text[i]) { BOUNDARY } else { UNKNOWN };
        let before = words_before(&text[..*at], place);
        best(hir, beside(at - 1), beside(at + 1), before)
    });
    words.into_iter().chain(inner).max_by_key(|k| k.rarity)
}

/// How many words a block has before the end of `text`, if all of it is known from the block's start on.
fn words_before(text: &[char], place: Option<usize>) -> Option<usize> {
    let start = text.iter().rposition(|c| *c == START);
    let known = &text[start.unwrap_or(0)..];
    // The character before this sequence is a stand-in; it counts only where the place is known.
    let known = if start.is_none() { known.get(1..)? } else { known };
    let base = if start.is_some() { 0 } else { place? };
    (!known.contains(&UNKNOWN) && !known.contains(&LOOSE))
        .then(|| base + words_of(&known.iter().collect::<String>()).len())
}

/// Appends what one part spells; parts that spell nothing definite are kept aside with their place.
fn spell<'h>(part: &'h Hir, text: &mut Vec<char>, nested: &mut Vec<(usize, &'h Hir)>) {
    match part.kind() {
        HirKind::Empty => {}
        HirKind::Look(Look::Start) => text.push(START),
        HirKind::Look(Look::End | Look::StartLF | Look::EndLF | Look::WordAscii | Look::WordUnicode) => {
            text.push(BOUNDARY)
        }
        HirKind::Look(_) => {}
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(s) => text.extend(s.chars()),
            Err(_) => text.push(UNKNOWN),
        },
        HirKind::Class(Class::Unicode(class)) => text.push(of_class(class)),
        // A class of bytes is the empty one, such as `[a&&b]`.
        HirKind::Class(Class::Bytes(_)) => text.push(UNKNOWN),
        HirKind::Repetition(r) => match one_char(&r.sub) {
            Some(c) if is_boundary(c) && r.min == 0 => text.push(if c == LOOSE { MAYBE_LOOSE } else { MAYBE_NONE }),
            Some(c) if (is_boundary(c) || c == '0') && r.min > 0 => text.push(c),
            _ => {
                // "(?:our )?written": whether it is there or not, a separator stands before "written".
                let apart = ends_apart(&r.sub) && (r.min > 0 || text.last().is_some_and(|c| is_boundary(*c)));
                nested.push((text.len(), part));
                text.push(UNKNOWN);
                text.extend(apart.then_some(BOUNDARY));
            }
        },
        _ => {
            nested.push((text.len(), part));
            text.push(UNKNOWN);
        }
    }
}

/// Whether all that a part matches ends in a separator.
fn ends_apart(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => {
            let mut text = Vec::new();
            spell(hir, &mut text, &mut Vec::new());
            text.last().is_some_and(|c| is_boundary(*c))
        }
        HirKind::Capture(capture) => ends_apart(&capture.sub),
        HirKind::Repetition(r) => r.min > 0 && ends_apart(&r.sub),
        HirKind::Concat(parts) => parts.last().is_some_and(ends_apart),
        HirKind::Alternation(branches) => branches.iter().all(ends_apart),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

fn one_char(hir: &Hir) -> Option<char> {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Some(of_class(class)),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().filter(|s| s.chars().count() == 1)?.chars().next()
        }
        _ => None,
    }
}

/// The one folded letter of a class such as `[Pp]`, `0` for digits, a boundary for a class without letters.
fn of_class(class: &regex_syntax::hir::ClassUnicode) -> char {
    let mut letters = class.clone();
    letters.intersect(word_characters());
    if letters.ranges().is_empty() {
        return LOOSE;
    }
    let mut found = None;
    for range in class.iter() {
        // Large ranges hold letters of many kinds; runs of digits are short.
        if range.end() as u32 - range.start() as u32 > 64 {
            return UNKNOWN;
        }
        for c in range.start()..=range.end() {
            let kind = match fold(c) {
                Folded::Separator => BOUNDARY,
                Folded::Letter(l) => l,
                Folded::Ignored | Folded::Pair(..) | Folded::Alone(_) | Folded::Sign(_) => return UNKNOWN,
            };
            if *found.get_or_insert(kind) != kind {
                return UNKNOWN;
            }
        }
    }
    found.unwrap_or(UNKNOWN)
}

/// Every character that may be part of a word of the page.
fn word_characters() -> &'static ClassUnicode {
    static WORD: OnceBox<ClassUnicode> = OnceBox::new();
    WORD.get_or_init(|| {
        let hir = regex_syntax::Parser::new().parse(r"[\w\p{M}]").ok();
        Box::new(match hir.as_ref().map(Hir::kind) {
            Some(HirKind::Class(Class::Unicode(class))) => class.clone(),
            // Not reached; with every character a letter no class is a boundary, which only finds fewer keys.
            _ => ClassUnicode::new([ClassUnicodeRange::new('\u{0}', char::MAX)]),
        })
    })
}

fn is_boundary(c: char) -> bool {
    match c {
        START | LOOSE => true,
        UNKNOWN | MAYBE_NONE | MAYBE_LOOSE => false,
        _ => fold(c) == Folded::Separator,
    }
}

/// An optional separator is one where a sure separator stands beside it, and unknown elsewhere.
fn settle(text: &mut [char]) {
    for i in 0..text.len() {
        if matches!(text[i], MAYBE_NONE | MAYBE_LOOSE) {
            let beside = |at: Option<&char>| at.is_some_and(|c| is_boundary(*c));
            let sure = beside(i.checked_sub(1).and_then(|p| text.get(p))) || beside(text.get(i + 1));
            let settled = if text[i] == MAYBE_LOOSE { LOOSE } else { BOUNDARY };
            text[i] = if sure { settled } else { UNKNOWN };
        }
    }
}

/// The best word or pair of whole words in spelled text.
fn in_text(text: &[char], place: Option<usize>) -> Option<Keys> {
    let mut out: Option<Keys> = None;
    let mut offer = |key: Key, rarity: usize| {
        let rarity = if key.at.is_some() { PAIR + rarity } else { rarity };
        if out.as_ref().is_none_or(|best| rarity > best.rarity) {
            out = Some(Keys { keys: vec![key], rarity });
        }
    };
    let mut start = 0;
    while start < text.len() {
        let end = text[start..].iter().position(|c| *c == UNKNOWN).map_or(text.len(), |at| start + at);
        let whole = whole_words(text, start, end);
        for (i, word) in whole.iter().enumerate() {
            let at = words_before(&text[..word.start], place).and_then(|n| u8::try_from(n).ok());
            if word.letters > 0 {
                offer(Key { hash: word.hash, at }, word.letters.min(PAIR - 1));
            }
            if let Some(next) = whole.get(i + 1).filter(|next| next.follows) {
                let letters = word.letters + next.letters;
                let rarity = if letters < SHORT_PAIR { letters } else { PAIR + letters };
                offer(Key { hash: pair(word.hash, next.hash), at }, rarity);
            }
        }
        start = end + 1;
    }
    out
}

/// A word of spelled text that is whole: sure boundaries on both sides.
struct Whole {
    hash: u64,
    letters: usize,
    start: usize,
    /// Whether the word before it in the list is right before it.
    follows: bool,
}

fn whole_words(text: &[char], start: usize, end: usize) -> Vec<Whole> {
    let mut out: Vec<Whole> = Vec::new();
    let mut at = start;
    let mut last_end = None;
    while at < end {
        if is_boundary(text[at]) {
            at += 1;
            continue;
        }
        let stop = text[at..end].iter().position(|c| is_boundary(*c)).map_or(end, |n| at + n);
        let spelled: String = text[at..stop].iter().collect();
        let hashes = words_of(&spelled);
        let bounded = at > start && stop < end;
        if bounded && hashes.len() == 1 {
            let letters = spelled.chars().filter(|c| !c.is_numeric()).count();
            let follows = last_end.is_some_and(|e: usize| text[e..at].iter().all(|c| is_boundary(*c)));
            out.push(Whole { hash: hashes[0], letters, start: at, follows });
            last_end = Some(stop);
        } else {
            last_end = None;
        }
        at = stop;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(w: &str) -> u64 {
        words_of(w)[0]
    }

    fn two(a: &str, b: &str) -> u64 {
        pair(word(a), word(b))
    }

    #[test]
    fn whole_words_that_a_pattern_needs() {
        let any = |hash| Key { hash, at: None };
        let at = |at, hash| Key { hash, at: Some(at) };
        let cases: [(&str, Option<Vec<Key>>); 23] = [
            (r"(?i)^photo by .{2,80}$", Some(vec![at(0, two("photo", "by"))])),
            (r"(?i)^photo: .{2,80}$", Some(vec![at(0, word("photo"))])),
            (r"(?i)^photos?: .{2,80}$", Some(vec![at(0, word("photo")), at(0, word("photos"))])),
            (r"(?i)photo: ", None),
            (r"(?i)\bphoto: ", Some(vec![any(word("photo"))])),
            (r"(?i)^(?:foto|bild): .+", Some(vec![at(0, word("foto")), at(0, word("bild"))])),
            (r"(?i)^by .+", Some(vec![at(0, word("by"))])),
            (r"(?i)\bby .+", None),
            (r"^\d+ views\d+ comments$", Some(vec![at(1, two("views0", "comments"))])),
            (r"(?i)^фото: ", Some(vec![at(0, word("фото"))])),
            (r"(?i)^photo\s*by ", None),
            (r"(?i)^\W{0,4}copyright .+", Some(vec![any(word("copyright"))])),
            (
                r"(?i)^(?:all |our )?images by .+",
                Some(vec![at(0, two("all", "images")), at(0, two("our", "images")), at(0, two("images", "by"))]),
            ),
            (r"(?i)^photo:?\s+by ", Some(vec![at(0, two("photo", "by"))])),
            (r"(?i)^(?:read|see) also: ", Some(vec![at(0, two("read", "also")), at(0, two("see", "also"))])),
            (r"(?i)^.{1,9} (?:read|see) also: ", Some(vec![any(two("read", "also")), any(two("see", "also"))])),
            (r"(?i)via getty images\)?$", Some(vec![any(two("getty", "images"))])),
            (r"(?i)\bnot .{0,9}x (?:\w+ ){0,3}sold here\b", Some(vec![any(two("sold", "here"))])),
            (r"(?i)\bnot .{0,9}x (?:\w+ )+sold here\b", Some(vec![any(two("sold", "here"))])),
            (r"(?i)\bnot .{0,9}x(?:\w+ ){0,3}sold here\b", Some(vec![any(word("here"))])),
            (r"(?i)\bnot .{0,9}x (?:\w+ |y){0,3}sold here\b", Some(vec![any(word("here"))])),
            (r"\w+", None),
            (r"(?i)^0 comments|1 comment$", None),
        ];
        for (pattern, want) in cases {
            let sorted = |keys: Option<Vec<Key>>| {
                keys.map(|mut k| {
                    k.sort();
                    k.dedup();
                    k
                })
            };
            assert_eq!(sorted(required(pattern)), sorted(want), "{pattern}");
        }
    }
}
