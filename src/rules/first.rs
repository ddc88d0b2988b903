//! How a match that begins a block can begin: most blocks are turned away by their first byte.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// The first bytes that a pattern accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct First {
    /// One bit for each ASCII character.
    ascii: [u64; 2],
    /// Whether anything beyond ASCII is accepted.
    wide: bool,
}

impl First {
    const ANY: Self = Self { ascii: [u64::MAX; 2], wide: true };

    /// Whether a block that begins with this byte may match.
    pub fn accepts(&self, byte: u8) -> bool {
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

/// The first bytes of a pattern whose every match begins at the block's start; `None` for one that may match elsewhere.
pub(crate) fn of(pattern: &str) -> Option<First> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    if !hir.properties().look_set_prefix().contains(Look::Start) {
        return None;
    }
    let (first, empty) = first(&hir);
    Some(if empty { First::ANY } else { first })
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
    fn first_bytes() {
        let accepted = |pattern: &str| -> Option<String> {
            let first = of(pattern)?;
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
