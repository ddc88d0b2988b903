//! What a block must have for a pattern to match: most blocks are turned away by their first byte, or for want of a digit
//! or an @, before a regular expression sees them.

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
    /// Whether every match has a digit, an @.
    digit: bool,
    at: bool,
}

impl Guard {
    pub fn of(pattern: &str) -> Self {
        let Ok(hir) = regex_syntax::Parser::new().parse(pattern) else { return Self::default() };
        let (first, empty) = first(&hir);
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        Self {
            first: anchored.then_some(if empty { First::ANY } else { first }),
            digit: needs(&hir, &|c| fold(c) == Folded::Letter('0')),
            at: needs(&hir, &|c| c == '@'),
        }
    }

    /// Whether a block that begins with this byte may match.
    pub fn accepts(&self, begin: u8, shape: &Shape) -> bool {
        (!self.digit || shape.digits > 0) && (!self.at || shape.ats > 0) && self.first.is_none_or(|f| f.accepts(begin))
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
    fn digits_and_ats() {
        for (pattern, digit, at) in [
            (r"^\d+ views", true, false),
            (r"^(?:no|\d+) views", false, false),
            (r"(?:1st|2nd) of", true, false),
            (r"mail: ?\S+@\S+", false, true),
            (r"x[0-9a]y", false, false),
        ] {
            let guard = Guard::of(pattern);
            assert_eq!((guard.digit, guard.at), (digit, at), "{pattern}");
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
