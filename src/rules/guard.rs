//! What a block must have for a pattern to match: most blocks are turned away by their first byte, or for want of a digit
//! or of a bracket, a colon or another sign, before a regular expression sees them.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

use crate::segment::fold::{Folded, fold};
use crate::segment::shape::Shape;

/// The first bytes that a pattern accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct First {
    /// One bit for each ASCII character.
    ascii: [u64; 2],
    /// Whether anything beyond ASCII is accepted.
    wide: bool,
}

impl First {
    const ANY: Self = Self { ascii: [u64::MAX; 2], wide: true };

    /// Whether a block that begins with this byte may match.
    fn accepts(&self, byte: u8) -> bool {
        if byte < 0x80 { self.ascii[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0 } else { self.wide }
    }

    fn add(&mut self, from: char, to: char) {
        for c in from as u32..=(to as u32).min(0x7f) {
            self.ascii[(c >> 6) as usize] |= 1 << (c & 63);
        }
        self.wide |= !to.is_ascii();
    }

    fn join(&mut self, other: &Self) {
        self.ascii[0] |= other.ascii[0];
        self.ascii[1] |= other.ascii[1];
        self.wide |= other.wide;
    }
}

/// What a pattern needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Guard {
    /// How a block begins in which it matches, where it can match at the start only.
    first: Option<First>,
    /// Whether every match has a digit.
    digit: bool,
    /// Bytes of which every match has one.
    sign: Option<[u8; SIGNS]>,
}

/// So many bytes are looked for at once.
const SIGNS: usize = 3;

impl Guard {
    pub fn of(pattern: &str) -> Self {
        let Ok(hir) = regex_syntax::Parser::new().parse(pattern) else { return Self::default() };
        let (first, empty) = first(&hir);
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        Self {
            first: anchored.then_some(if empty { First::ANY } else { first }),
            digit: needs(&hir, &|c| fold(c) == Folded::Letter('0')),
            sign: sign(&hir).map(|signs| std::array::from_fn(|i| signs[i.min(signs.len() - 1)])),
        }
    }

    /// Whether the pattern may match in a block of this text and shape.
    pub fn accepts(&self, text: &str, shape: &Shape) -> bool {
        let bytes = text.as_bytes();
        (!self.digit || shape.digits > 0)
            && bytes.first().is_some_and(|begin| self.first.is_none_or(|f| f.accepts(*begin)))
            && self.sign.is_none_or(|[a, b, c]| memchr::memchr3(a, b, c, bytes).is_some())
    }

    /// Bytes of which every match has one, if they are known.
    pub fn signs(&self) -> Option<&[u8]> {
        self.sign.as_ref().map(<[u8; SIGNS]>::as_slice)
    }

    /// Whether every match has a digit.
    pub fn needs_digit(&self) -> bool {
        self.digit
    }
}

/// Whether every match has a character of a kind.
fn needs(hir: &Hir, kind: &dyn Fn(char) -> bool) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|s| s.chars().any(kind)),
        HirKind::Class(Class::Unicode(class)) => {
            // A class of digits is many short ranges; a long range holds other things.
            class.iter().all(|r| r.end() as u32 - r.start() as u32 <= 64 && (r.start()..=r.end()).all(kind))
        }
        HirKind::Repetition(r) => r.min > 0 && needs(&r.sub, kind),
        HirKind::Capture(capture) => needs(&capture.sub, kind),
        HirKind::Alternation(branches) => branches.iter().all(|b| needs(b, kind)),
        HirKind::Concat(parts) => parts.iter().any(|p| needs(p, kind)),
    }
}

/// Bytes, [`SIGNS`] at most, of which every match has one: signs, since letters stand everywhere. The fewer the better.
fn sign(hir: &Hir) -> Option<Vec<u8>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            text.chars().find_map(|c| signs(std::iter::once(c)))
        }
        HirKind::Class(Class::Unicode(class)) => signs(class.iter().flat_map(|r| r.start()..=r.end())),
        HirKind::Repetition(r) => sign(&r.sub).filter(|_| r.min > 0),
        HirKind::Capture(capture) => sign(&capture.sub),
        HirKind::Alternation(branches) => {
            let all: Option<Vec<_>> = branches.iter().map(sign).collect();
            few(all?.concat())
        }
        HirKind::Concat(parts) => parts.iter().filter_map(sign).min_by_key(Vec::len),
    }
}

/// The leading bytes of characters that are all signs.
fn signs(chars: impl Iterator<Item = char>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (n, c) in chars.enumerate() {
        if n == MAX_CLASS || c.is_alphanumeric() || c.is_whitespace() || matches!(c, '.' | ',' | '-') {
            return None;
        }
        bytes.push(c.encode_utf8(&mut [0; 4]).as_bytes()[0]);
    }
    few(bytes)
}

/// A class of more characters is no narrow one.
const MAX_CLASS: usize = 64;

fn few(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    bytes.sort_unstable();
    bytes.dedup();
    (1..=SIGNS).contains(&bytes.len()).then_some(bytes)
}

/// The first bytes, and whether the part may match nothing.
fn first(hir: &Hir) -> (First, bool) {
    let mut out = First::default();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (out, true),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0).ok().and_then(|s| s.chars().next()) {
            Some(c) => {
                out.add(c, c);
                (out, false)
            }
            None => (First::ANY, false),
        },
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().for_each(|r| out.add(r.start(), r.end()));
            (out, false)
        }
        HirKind::Class(Class::Bytes(_)) => (First::ANY, false),
        HirKind::Repetition(r) => {
            let (sub, empty) = first(&r.sub);
            (sub, empty || r.min == 0)
        }
        HirKind::Capture(capture) => first(&capture.sub),
        HirKind::Alternation(branches) => {
            let mut any_empty = false;
            for (sub, empty) in branches.iter().map(first) {
                out.join(&sub);
                any_empty |= empty;
            }
            (out, any_empty)
        }
        HirKind::Concat(parts) => {
            for part in parts {
                let (sub, empty) = first(part);
                out.join(&sub);
                if !empty {
                    return (out, false);
                }
            }
            (out, true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs() {
        for (pattern, digit, signs) in [
            (r"^\d+ views", true, ""),
            (r"^(?:no|\d+) views", false, ""),
            (r"(?:1st|2nd) of", true, ""),
            (r"mail ?\S+@\S+", false, "@"),
            (r"x[0-9a]y", false, ""),
            (r"\(?photo[:/] ?x\)?", false, "/:"),
            (r"photo(?: by|:)", false, ""),
            (r"photo(?:/|: )\(x", false, "("),
            (r"[:|©]+ x", false, ":|\u{c2}"),
            (r"[^()]+", false, ""),
        ] {
            let guard = Guard::of(pattern);
            let mut found = guard.sign.map_or(Vec::new(), Vec::from);
            found.dedup();
            let found: String = found.into_iter().map(char::from).collect();
            assert_eq!((guard.digit, found.as_str()), (digit, signs), "{pattern}");
        }
    }

    #[test]
    fn first_bytes() {
        let accepted = |pattern: &str| -> Option<String> {
            let first = Guard::of(pattern).first?;
            let mut out: String = (0..0x80u8).filter(|b| first.accepts(*b)).map(char::from).collect();
            if first.accepts(0xd0) {
                out.push('…');
            }
            Some(out)
        };
        for (pattern, want) in [
            (r"(?i)^photo", Some("Pp")),
            (r"^(?:ab|c?d)x", Some("acd")),
            (r"^\(?x", Some("(x")),
            (r"(?i)^[0-3]?фото", Some("0123…")),
            (r"^a|^b", Some("ab")),
            (r"^a|b", None),
            (r"\ba", None),
        ] {
            assert_eq!(accepted(pattern).as_deref(), want, "{pattern}");
        }
    }
}
