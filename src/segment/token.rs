//! Words as hashes, and the shape of a line, in one pass over its bytes.
//!
//! Rules and the learned model read the same words, so that a page is tokenized once.

use super::fold::{Folded, fold};
use super::shape::{CharClass, Shape};

/// A word of the text view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Hash of the folded word. Fixed for ever: learned weights are addressed by it.
    pub hash: u64,
    /// Where the word starts in the text view, in bytes.
    pub start: u32,
    /// Where it ends (exclusive).
    pub end: u32,
}

/// The hash of a run of digits, whatever its length.
pub(crate) const NUMBER: u64 = finish(step(SEED, b'0' as u32));

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

const fn step(hash: u64, c: u32) -> u64 {
    (hash ^ c as u64).wrapping_mul(PRIME)
}

/// FNV leaves the high bits of short words weak; one more round mixes them.
const fn finish(hash: u64) -> u64 {
    let h = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h ^ (h >> 29)
}

/// The hash of a word of lower-case ASCII letters.
pub(crate) const fn ascii(word: &str) -> u64 {
    let (bytes, mut hash, mut at) = (word.as_bytes(), SEED, 0);
    while at < bytes.len() {
        hash = step(hash, bytes[at] as u32);
        at += 1;
    }
    finish(hash)
}

/// Combines the hashes of two neighbouring words.
pub(crate) fn pair(first: u64, second: u64) -> u64 {
    (first.rotate_left(23) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// ASCII: 0 ends a word, else the folded byte.
const ASCII_FOLD: [u8; 128] = {
    let mut t = [0u8; 128];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        t[b] = if c.is_ascii_digit() {
            b'0'
        } else if c.is_ascii_alphabetic() {
            c.to_ascii_lowercase()
        } else {
            0
        };
        b += 1;
    }
    t
};

/// A word in the making.
struct Word {
    hash: u64,
    start: usize,
    letters: u32,
    capital: bool,
    in_number: bool,
    only_digits: bool,
}

/// Appends the words of `text[start..end]` to `tokens` and returns the shape of that stretch.
pub(crate) fn tokenize(text: &str, start: usize, end: usize, tokens: &mut Vec<Token>) -> Shape {
    let bytes = &text.as_bytes()[..end];
    let mut shape = Shape::default();
    let mut at = start;
    while at < end {
        let byte = bytes[at];
        if byte < 0x80 && ASCII_FOLD[byte as usize] == 0 {
            shape.separator(byte, bytes.get(at + 1).copied());
            at += 1;
        } else {
            at = word(text, at, end, tokens, &mut shape);
        }
    }
    shape.bytes = (end - start) as u32;
    shape.first = CharClass::first(&text[start..end]);
    shape.last = CharClass::last(&text[start..end]);
    shape
}

/// Reads from the first byte of what may be a word; returns where reading goes on.
fn word(text: &str, start: usize, end: usize, tokens: &mut Vec<Token>, shape: &mut Shape) -> usize {
    let bytes = &text.as_bytes()[..end];
    let mut w = Word {
        hash: SEED,
        start,
        letters: 0,
        capital: bytes[start].is_ascii_uppercase(),
        in_number: false,
        only_digits: true,
    };
    let mut at = start;
    while at < end {
        let byte = bytes[at];
        if byte < 0x80 {
            let folded = ASCII_FOLD[byte as usize];
            if folded == 0 {
                break;
            }
            if folded == b'0' {
                shape.digits += 1;
                if !w.in_number {
                    w.hash = step(w.hash, u32::from(b'0'));
                }
                w.in_number = true;
            } else {
                w.hash = step(w.hash, u32::from(folded));
                shape.uppers += u32::from(byte < b'a');
                w.letters += 1;
                w.in_number = false;
                w.only_digits = false;
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..end].chars().next() else { break };
        let next = at + c.len_utf8();
        match fold(c) {
            Folded::Ignored => {}
            Folded::Separator => {
                if at == start {
                    shape.wide_separator(c);
                    return next;
                }
                break;
            }
            Folded::Letter('0') => {
                shape.digits += 1;
                if !w.in_number {
                    w.hash = step(w.hash, u32::from(b'0'));
                }
                w.in_number = true;
            }
            Folded::Letter(a) => w.letter(c, &[a], at == start, shape),
            Folded::Pair(a, b) => w.letter(c, &[a, b], at == start, shape),
            Folded::Alone(a) | Folded::Sign(a) => {
                if at > start {
                    break;
                }
                let hash = finish(step(SEED, a as u32));
                tokens.push(Token { hash, start: at as u32, end: next as u32 });
                if matches!(fold(c), Folded::Alone(_)) {
                    shape.unspaced += 1
                } else {
                    shape.signs += 1
                }
                return next;
            }
        }
        at = next;
    }
    w.close(at, tokens, shape);
    at
}

impl Word {
    fn letter(&mut self, c: char, folded: &[char], first: bool, shape: &mut Shape) {
        for f in folded {
            self.hash = step(self.hash, *f as u32);
        }
        let upper = c.is_uppercase();
        shape.uppers += u32::from(upper);
        self.capital |= first && upper;
        self.letters += 1;
        self.in_number = false;
        self.only_digits = false;
    }

    fn close(self, end: usize, tokens: &mut Vec<Token>, shape: &mut Shape) {
        if self.letters == 0 && !self.in_number {
            return; // nothing but ignored characters
        }
        tokens.push(Token { hash: finish(self.hash), start: self.start as u32, end: end as u32 });
        shape.letters += self.letters;
        shape.longest_word = shape.longest_word.max(self.letters);
        if self.only_digits {
            shape.numbers += 1;
        } else {
            shape.words += 1;
            shape.capitals += u32::from(self.capital);
            shape.short_words += u32::from(!self.capital && self.letters <= SHORT_WORD);
        }
    }
}

/// Lower-case words up to this long stand in for stop words in any language (measured as good as an English stop list
/// on English, and far better elsewhere).
const SHORT_WORD: u32 = 3;

/// The word hashes of a phrase, as a page would give them.
pub(crate) fn words_of(phrase: &str) -> Vec<u64> {
    let mut tokens = Vec::new();
    tokenize(phrase, 0, phrase.len(), &mut tokens);
    tokens.into_iter().map(|t| t.hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fold_to_one_hash() {
        assert_eq!(words_of("0 min read"), words_of("12 min read"));
        assert_eq!(words_of("2024")[0], NUMBER);
        assert_eq!(words_of("20th"), words_of("5th"));
        assert_ne!(words_of("min"), words_of("max"));
    }

    #[test]
    fn words_have_their_places() {
        let text = "Été — don’t 版权";
        let mut tokens = Vec::new();
        tokenize(text, 0, text.len(), &mut tokens);
        let words: Vec<_> = tokens.iter().map(|t| &text[t.start as usize..t.end as usize]).collect();
        assert_eq!(words, ["Été", "don", "t", "版", "权"]);
        assert_eq!(tokens[0].hash, words_of("ete")[0]);
    }

    #[test]
    fn invisible_characters_alone_are_no_word() {
        assert!(words_of("\u{200b}\u{200d}").is_empty());
        assert_eq!(words_of("sub\u{ad}scribe"), words_of("subscribe"));
    }
}
