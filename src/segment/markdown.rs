//! What a Markdown line looks like without its markup: addresses of links are no words, emphasis is no punctuation.

use std::ops::Range;

use super::token::tokenize;
use super::{Block, Blocks, CharClass, Marker, Shape};

/// Counts every line with links or emphasis again, over its visible text only.
pub(super) fn mark(view: &str, out: &mut Blocks) {
    let Blocks { blocks, tokens, .. } = out;
    let old = std::mem::take(tokens);
    let mut pieces = Vec::new();
    let mut fence = false;
    for block in blocks {
        let text = block.text(view);
        let start = block.inner.start as usize;
        let from = tokens.len() as u32;
        let is_fence = text.starts_with("```") || text.starts_with("~~~");
        fence ^= is_fence;
        block.preformatted = fence || is_fence;
        if block.preformatted || memchr::memchr3(b'[', b'*', b'<', text.as_bytes()).is_none() {
            tokens.extend_from_slice(&old[block.words.start as usize..block.words.end as usize]);
        } else {
            pieces.clear();
            visible(text, &mut pieces);
            let mut shape = Shape::default();
            let mut linked = 0;
            for (piece, link) in &pieces {
                let part = tokenize(view, start + piece.start, start + piece.end, tokens);
                linked += if *link { part.letters + part.digits + part.unspaced } else { 0 };
                shape.extend(&part);
            }
            if shape.last == CharClass::None {
                shape.last = CharClass::last(text.trim_end_matches(['*', '_', ')', ']']));
            }
            block.linked = (linked * 100 / (shape.letters + shape.digits + shape.unspaced).max(1)).min(100) as u8;
            if block.marker == Marker::None && is_rule(text) {
                block.marker = Marker::Table;
            }
            block.shape = shape;
        }
        block.words = from..tokens.len() as u32;
    }
}

/// A line of dashes and bars below a table's head.
fn is_rule(text: &str) -> bool {
    text.contains('-') && text.bytes().all(|b| matches!(b, b'-' | b'|' | b':' | b' '))
}

/// The label that a block defines as a reference.
pub(crate) fn definition<'a>(view: &'a str, block: &Block) -> Option<&'a str> {
    let (label, address) = reference(block.text(view))?;
    ["http", "www.", "mailto:", "/", "./", "../", "#", "<"].iter().any(|s| address.starts_with(s)).then_some(label)
}

/// The two sides of `[label]: address`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (label, address) = text.strip_prefix('[')?.split_once("]:")?;
    Some((label, address.trim_start()))
}

/// The visible parts of a line, and whether each is the text of a link or image.
fn visible(text: &str, out: &mut Vec<(Range<usize>, bool)>) {
    let bytes = text.as_bytes();
    // A definition: nothing of it is shown.
    if reference(text).is_some_and(|(_, address)| address.starts_with("http")) {
        return;
    }
    // Brackets open: an image may stand in a link.
    let mut open = 0_u32;
    let mut start = 0;
    let mut push = |range: Range<usize>, link: bool| {
        if !range.is_empty() {
            out.push((range, link));
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'[' => {
                push(start..at, open > 0);
                open += 1;
                start = at + 1;
                at += 1;
            }
            b']' if open > 0 => {
                let end = destination(bytes, at + 1);
                push(start..at, end.is_some());
                open -= 1;
                at = end.unwrap_or(at + 1);
                start = at;
            }
            b'<' if bytes[at + 1..].starts_with(b"http") => {
                push(start..at, open > 0);
                at = memchr::memchr(b'>', &bytes[at..]).map_or(bytes.len(), |i| at + i + 1);
                start = at;
            }
            b'*' | b'`' => {
                push(start..at, open > 0);
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    push(start..bytes.len(), false);
}

/// The end of `(address "title")` or `[reference]` that begins at `at`. Looks no further than a long address.
fn destination(bytes: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 4096;
    let rest = &bytes[at..bytes.len().min(at + LONGEST)];
    match rest.first()? {
        b'(' => {
            let mut depth = 0;
            rest.iter()
                .position(|b| {
                    depth += i32::from(*b == b'(') - i32::from(*b == b')');
                    depth == 0
                })
                .map(|i| at + i + 1)
        }
        b'[' => memchr::memchr(b']', rest).map(|i| at + i + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn first(text: &str) -> (Vec<String>, u8) {
        let mut out = Blocks::default();
        super::super::segment(&Document::new(text).format(crate::Format::Markdown), &mut out);
        let block = &out.blocks[0];
        let words = out.words(block).iter().map(|t| text[t.start as usize..t.end as usize].to_owned()).collect();
        (words, block.linked)
    }

    #[test]
    fn addresses_are_no_words() {
        assert_eq!(first("* [Home](https://example.com/a_(b) \"T\")"), (vec!["Home".into()], 100));
        assert_eq!(first("See **[one][1]** here"), (["See", "one", "here"].map(String::from).to_vec(), 30));
        assert_eq!(first("[1]: https://example.com"), (vec![], 0));
        assert_eq!(first("[![alt text](a.png)](b)").1, 100);
        assert_eq!(first("a [plain] b"), (["a", "plain", "b"].map(String::from).to_vec(), 0));
        assert_eq!(first("[broken](http://"), (["broken", "http"].map(String::from).to_vec(), 0));
    }
}
