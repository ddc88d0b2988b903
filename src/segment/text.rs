//! Plain text and Markdown: a block a line; sentences where a scraper joined a page into one line.

use super::token::tokenize;
use super::{Block, Blocks, Marker};
use crate::segment::shape::is_sentence_end;

/// A line longer than this many bytes is cut into sentences. Paragraphs stay below it (99.9 % of article paragraphs are
/// shorter than 2,600 bytes); pages joined into one line are far above.
pub(super) const LONG_LINE: usize = 4_000;
/// A sentence longer than this is cut at the next space, so that a page without any full stop has blocks too.
const LONG_SENTENCE: usize = 1_000;
/// Columns of a tab.
const TAB: u32 = 4;

pub(super) fn segment(view: &str, out: &mut Blocks) {
    let mut gap = 0;
    let rare = has_rare_terminator(view);
    let mut start = 0;
    while start < view.len() {
        let (end, next) = line_end(view, start, rare);
        let content = trimmed(view, start, end);
        if content.0 == content.1 {
            gap += 1;
        } else {
            line(view, start, content, next, gap, out);
            gap = 0;
        }
        start = next;
    }
}

/// Where the line at `start` ends, and where the next one begins.
fn line_end(view: &str, start: usize, rare: bool) -> (usize, usize) {
    let bytes = view.as_bytes();
    let rest = &bytes[start..];
    let at = if rare {
        rest.iter().enumerate().position(|(i, b)| match b {
            b'\n' | b'\r' | 0x0b | 0x0c => true,
            0xc2 => rest.get(i + 1) == Some(&0x85),
            0xe2 => rest.get(i + 1) == Some(&0x80) && matches!(rest.get(i + 2), Some(0xa8 | 0xa9)),
            _ => false,
        })
    } else {
        memchr::memchr2(b'\n', b'\r', rest)
    };
    let Some(end) = at.map(|i| start + i) else { return (bytes.len(), bytes.len()) };
    let width = match bytes[end] {
        b'\r' if bytes.get(end + 1) == Some(&b'\n') => 2,
        0xc2 => 2,
        0xe2 => 3,
        _ => 1,
    };
    (end, end + width)
}

/// Whether the text holds line terminators other than CR and LF: vertical tab, form feed, NEL, U+2028, U+2029.
fn has_rare_terminator(view: &str) -> bool {
    let bytes = view.as_bytes();
    memchr::memchr2(0x0b, 0x0c, bytes).is_some()
        || [&b"\xc2\x85"[..], b"\xe2\x80\xa8", b"\xe2\x80\xa9"].iter().any(|t| memchr::memmem::find(bytes, t).is_some())
}

/// The range of `start..end` without white space and invisible marks around it.
fn trimmed(view: &str, start: usize, end: usize) -> (usize, usize) {
    let invisible =
        |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\0');
    let text = &view[start..end];
    let front = text.trim_start_matches(invisible);
    let from = end - front.len();
    (from, from + front.trim_end_matches(invisible).len())
}

fn line(view: &str, start: usize, (from, to): (usize, usize), next: usize, gap: u32, out: &mut Blocks) {
    let indent = view[start..from].bytes().map(|b| if b == b'\t' { TAB } else { 1 }).sum();
    let (marker, skip) = marker(&view[from..to]);
    let inner = from + skip;
    if to - inner <= LONG_LINE {
        push(view, start..next, inner..to, out, Head { gap, indent, marker, continues: false });
        return;
    }
    let mut outer = start;
    let mut at = inner;
    while at < to {
        let end = sentence_end(view, at, to);
        let (sentence, after) = trimmed(view, at, end);
        let last = end == to;
        let head = if outer == start {
            Head { gap, indent, marker, continues: false }
        } else {
            Head { gap: 0, indent: 0, marker: Marker::None, continues: true }
        };
        if sentence < after || last {
            push(view, outer..if last { next } else { end }, sentence..after, out, head);
            outer = end;
        }
        at = end;
    }
}

/// Appends the part `outer` of a block that is cut after all; `continues` when it is not the first part.
pub(super) fn piece(view: &str, whole: &Block, outer: std::ops::Range<usize>, continues: bool, out: &mut Blocks) {
    let from = outer.start.max(whole.inner.start as usize);
    let inner = trimmed(view, from, outer.end.min(whole.inner.end as usize).max(from));
    let head = if continues {
        Head { gap: 0, indent: 0, marker: Marker::None, continues }
    } else {
        Head { gap: whole.gap, indent: whole.indent, marker: whole.marker, continues: whole.continues }
    };
    push(view, outer, inner.0..inner.1, out, head);
}

/// Where a block begins that is not told by its text.
struct Head {
    gap: u32,
    indent: u32,
    marker: Marker,
    continues: bool,
}

fn push(view: &str, outer: std::ops::Range<usize>, inner: std::ops::Range<usize>, out: &mut Blocks, head: Head) {
    let words = out.tokens.len() as u32;
    let shape = tokenize(view, inner.start, inner.end, &mut out.tokens);
    out.blocks.push(Block {
        outer: outer.start as u32..outer.end as u32,
        inner: inner.start as u32..inner.end as u32,
        words: words..out.tokens.len() as u32,
        gap: head.gap,
        indent: head.indent,
        marker: head.marker,
        preformatted: false,
        continues: head.continues,
        line: 0,
        linked: 0,
        shape,
    });
}

/// The end of the sentence at `start`, its trailing spaces included.
fn sentence_end(view: &str, start: usize, end: usize) -> usize {
    let mut chars = view[start..end].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map(|(_, n)| *n);
        let closes = is_sentence_end(c) && (!c.is_ascii() || next.is_none_or(char::is_whitespace));
        let too_long = i >= LONG_SENTENCE && c.is_whitespace();
        if closes || too_long {
            while chars.next_if(|(_, n)| n.is_whitespace()).is_some() {}
            return chars.peek().map_or(end, |(i, _)| start + i);
        }
    }
    end
}

/// The marker at the start of a trimmed line, and its length in bytes with the space after it.
fn marker(line: &str) -> (Marker, usize) {
    let bytes = line.as_bytes();
    let after = |marker, len: usize| {
        let spaces = bytes[len..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if spaces > 0 && len + spaces < bytes.len() { (marker, len + spaces) } else { (Marker::None, 0) }
    };
    match bytes[0] {
        b'*' | b'-' | b'+' => after(Marker::Bullet, 1),
        b'#' => {
            let rank = bytes.iter().take_while(|b| **b == b'#').count();
            if rank <= 6 { after(Marker::Heading(rank as u8), rank) } else { (Marker::None, 0) }
        }
        b'>' => after(Marker::Quote, 1),
        b'|' => (Marker::Table, 0),
        b'0'..=b'9' => {
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
            match bytes.get(digits) {
                Some(b'.' | b')') if digits <= 3 => after(Marker::Number, digits + 1),
                _ => (Marker::None, 0),
            }
        }
        _ => match line.chars().next() {
            Some(c @ ('•' | '·' | '‣' | '▪' | '▸' | '►' | '●' | '○' | '◦' | '■' | '–' | '—')) => {
                after(Marker::Bullet, c.len_utf8())
            }
            _ => (Marker::None, 0),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Blocks {
        let mut out = Blocks::default();
        segment(text, &mut out);
        out
    }

    #[test]
    fn lines_of_every_terminator() {
        for text in ["a\nb", "a\r\nb", "a\rb", "a\u{2028}b", "a\u{2029}b\n", "a\u{85}b", "a\u{c}b"] {
            let b = blocks(text);
            let lines: Vec<_> = b.blocks.iter().map(|b| b.text(text)).collect();
            assert_eq!(lines, ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn markers_gaps_and_indentation() {
        let text = "## Title\n\n\n  * item\n\t12. twelve\n> quote\n| a | b |\n-5 degrees\n-\n• dot";
        let b = blocks(text);
        let got: Vec<_> = b.blocks.iter().map(|b| (b.marker, b.gap, b.indent, b.text(text))).collect();
        assert_eq!(
            got,
            [
                (Marker::Heading(2), 0, 0, "Title"),
                (Marker::Bullet, 2, 2, "item"),
                (Marker::Number, 0, 4, "twelve"),
                (Marker::Quote, 0, 0, "quote"),
                (Marker::Table, 0, 0, "| a | b |"),
                (Marker::None, 0, 0, "-5 degrees"),
                (Marker::None, 0, 0, "-"),
                (Marker::Bullet, 0, 0, "dot"),
            ]
        );
    }

    #[test]
    fn a_very_long_line_is_cut_into_sentences() {
        let text = "One sentence here. Another one! ".repeat(200);
        let b = blocks(&text);
        assert_eq!(b.blocks.len(), 400);
        assert_eq!(b.blocks[0].text(&text), "One sentence here.");
        assert!(!b.blocks[0].continues && b.blocks[1].continues);
        assert_eq!(b.blocks.last().unwrap().outer.end as usize, text.len());
        assert!(b.blocks.windows(2).all(|w| w[0].outer.end == w[1].outer.start));
    }
}
