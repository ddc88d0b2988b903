//! JSON that can stand in a page: nothing in it can end the element it stands in, or turn what is read.

use std::io::{self, Write};

use crate::io::escaped::is_unsafe;

/// Whether a character is written as `\uXXXX`. All of these stand inside strings only.
fn is_escaped(c: char) -> bool {
    matches!(c, '<' | '>' | '&') || (c >= '\u{7f}' && is_unsafe(c))
}

/// Bytes that a text takes in the page.
pub(super) fn cost(text: &str) -> usize {
    text.chars().map(cost_of).sum()
}

/// Bytes that a character takes in the page.
pub(super) fn cost_of(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c if is_escaped(c) => 6 * c.len_utf16(),
        c => c.len_utf8(),
    }
}

/// Writes JSON with everything escaped that a page could take for markup.
pub(super) struct Escaping<W>(pub W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // serde_json hands strings over whole or cut at ASCII.
        let text = std::str::from_utf8(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        let mut at = 0;
        for (i, c) in text.char_indices().filter(|(_, c)| is_escaped(*c)) {
            self.0.write_all(&bytes[at..i])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.0, "\\u{unit:04x}")?;
            }
            at = i + c.len_utf8();
        }
        self.0.write_all(&bytes[at..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_costs_what_it_takes_and_comes_back() {
        let all: String = ('\0'..=char::MAX).collect();
        for part in [all.as_str(), "</script><!--<script>", "\u{2028}\u{202e}\u{e0041}"] {
            let mut out = Vec::new();
            serde_json::to_writer(Escaping(&mut out), part).unwrap();
            assert_eq!(out.len(), cost(part) + 2);
            assert!(!out.iter().any(|b| matches!(b, b'<' | b'>' | b'&')));
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), part);
        }
    }
}
