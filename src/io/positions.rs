//! Byte offsets to characters and lines.

use std::ops::Range;

/// Counts characters and lines on the way through a text, so that many ascending offsets cost one pass.
#[derive(Debug)]
pub(crate) struct Positions<'t> {
    text: &'t str,
    at: usize,
    chars: usize,
    /// Line breaks before `at`.
    breaks: usize,
}

impl<'t> Positions<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, chars: 0, breaks: 0 }
    }

    /// The characters of `range`, half-open, and the lines that its visible text stands on: the first line is 1, and the
    /// end is not included. Ranges must come in ascending order.
    pub fn of(&mut self, range: Range<usize>) -> ([usize; 2], [usize; 2]) {
        let text = &self.text[range.clone()];
        let visible = match text.trim_start() {
            "" => range.start..range.end,
            front => range.end - front.len()..range.start + text.trim_end().len(),
        };
        let from = self.go(range.start).0;
        let first = self.go(visible.start).1;
        // The line of the last byte: what a terminator ends it still belongs to.
        let last = self.go(visible.end.saturating_sub(usize::from(self.text[..visible.end].ends_with(['\n', '\r'])))).1;
        let to = self.go(range.end).0;
        ([from, to], [first, last + 1])
    }

    /// Characters before `to`, and the line it is on. Line feeds, and carriage returns alone or before one, end a line.
    fn go(&mut self, to: usize) -> (usize, usize) {
        let to = to.max(self.at);
        let bytes = self.text.as_bytes();
        self.chars += self.text[self.at..to].chars().count();
        self.breaks += memchr::memchr2_iter(b'\n', b'\r', &bytes[self.at..to])
            .filter(|i| bytes[self.at + i] == b'\n' || bytes.get(self.at + i + 1) != Some(&b'\n'))
            .count();
        self.at = to;
        (self.chars, self.breaks + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_lines() {
        let text = "é\r\nzwei\rdrei\nvier\n\n";
        let mut positions = Positions::new(text);
        let at = |part: &str| text.find(part).unwrap();
        assert_eq!(positions.of(0..2), ([0, 1], [1, 2]));
        assert_eq!(positions.of(at("zwei")..at("vier")), ([3, 13], [2, 4]));
        assert_eq!(positions.of(at("vier")..text.len()), ([13, 19], [4, 5]));
        assert_eq!(Positions::new("a\n\nb").of(1..3), ([1, 3], [1, 3]));
    }
}
