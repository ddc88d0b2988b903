//! Where a literal may begin: a bit filter that stays in the fastest cache, in front of an automaton that does not.

use super::literal::MIN_LITERAL;

/// Bytes of a literal's start that are looked at; of a literal of [`MIN_LITERAL`] bytes, all.
const START: usize = 4;
/// Bits of a filter: 4 KiB, so that a thousand starts let about one place of other text in thirty through.
const BITS: u32 = 15;
/// Folds the case of ASCII letters by setting a bit. Some other bytes are folded too, which is harmless.
const FOLD: u32 = 0x2020_2020;
/// What is left of four bytes are the first three.
const THREE: u32 = 0x00ff_ffff;

/// The starts of many literals, without case.
#[derive(Debug)]
pub(crate) struct Starts {
    /// The first three bytes of all literals: the one question asked at every byte.
    three: Filter,
    /// The first four bytes of literals that have as many.
    four: Filter,
    /// Literals of three bytes.
    short: Filter,
}

impl Starts {
    /// Literals have at least [`MIN_LITERAL`] bytes.
    pub fn of<'a>(literals: impl Iterator<Item = &'a str>) -> Self {
        let mut starts = Self { three: Filter::new(), four: Filter::new(), short: Filter::new() };
        for literal in literals {
            let start = first_four(literal.as_bytes());
            starts.three.insert(start & THREE);
            if literal.len() < START { &mut starts.short } else { &mut starts.four }.insert(start);
        }
        starts
    }

    /// The places where one of the literals may begin, in any case of ASCII letters, in order. None is left out.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let bytes = text.as_bytes();
        let inner = bytes.windows(START).enumerate().filter(|(_, window)| {
            let start = first_four(window);
            let three = start & THREE;
            self.three.has(three) && (self.four.has(start) || self.short.has(three))
        });
        let last = bytes.len().checked_sub(MIN_LITERAL);
        inner.map(|(at, _)| at).chain(last.filter(|at| self.short.has(first_four(&bytes[*at..]))))
    }
}

/// The first four bytes, without case; what is missing is nought.
fn first_four(bytes: &[u8]) -> u32 {
    match bytes.first_chunk() {
        Some(four) => u32::from_le_bytes(*four) | FOLD,
        None => bytes.iter().rev().fold(0, |start, byte| start << 8 | u32::from(*byte)) | FOLD & THREE,
    }
}

/// A set of numbers as one bit for each of their hashes: it may say yes to others too.
#[derive(Debug)]
struct Filter {
    bits: Box<[u64]>,
}

impl Filter {
    fn new() -> Self {
        Self { bits: vec![0; 1 << (BITS - 6)].into() }
    }

    fn insert(&mut self, number: u32) {
        let (slot, bit) = place(number);
        self.bits[slot] |= bit;
    }

    fn has(&self, number: u32) -> bool {
        let (slot, bit) = place(number);
        self.bits[slot] & bit != 0
    }
}

fn place(number: u32) -> (usize, u64) {
    let hash = number.wrapping_mul(0x9e37_79b1) >> (32 - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_literal_is_overlooked() {
        let literals = ["photo", "ap photo", "版权", "tel", "н-"];
        let starts = Starts::of(literals.into_iter());
        for literal in literals {
            for text in [literal.to_owned(), literal.to_ascii_uppercase(), format!("Some words, {literal}: more")] {
                let at = text.to_ascii_lowercase().find(literal);
                assert!(starts.find(&text).any(|start| Some(start) == at), "{text}");
            }
        }
        for text in ["", "to", "A block of other words", "вода"] {
            assert_eq!(starts.find(text).count(), 0, "{text}");
        }
    }
}
