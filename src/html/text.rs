//! Text of the page to lines of the view.

use super::layout::Gap;
use super::line::{ClassToken, Element, HtmlLine, flag};
use super::reader::{NO_ELEMENT, Reader};
use super::tag::{self, Tag};

/// Elements with class words whose words a line takes along.
const LEVELS: u8 = 8;
/// Class words a line takes along.
const MAX_LINE_TOKENS: usize = 40;
/// Elements that make the path of a line.
const PATH: usize = 3;
/// A table row longer than this goes on in a new line: it is layout, not data.
const LONG_ROW: usize = 400;

impl Reader {
    /// Text made of `width` source bytes from `source` on; of equal length, it is those bytes.
    pub fn text(&mut self, text: &[u8], source: usize, width: usize) {
        let flags = self.top().flags;
        if flags & flag::SKIP != 0 {
            if self.top().tag == Tag::Noscript {
                self.found.noscript += width;
            }
            self.found.skipped_text(text, source, width);
            return;
        }
        if flags & flag::PRE != 0 {
            return self.preformatted(text, source, width);
        }
        let whole = text.len() == width;
        if !whole {
            match text {
                b"\xc2\xa0" => self.layout.ask(Gap::Space),
                t if t.iter().all(|b| is_space(*b)) => self.layout.ask(Gap::Space),
                _ => {
                    self.begin_line(source);
                    self.layout.replace(text, source, width);
                    self.count(text.len());
                }
            }
            return;
        }
        let mut at = 0;
        while at < text.len() {
            if is_space(text[at]) {
                while at < text.len() && is_space(text[at]) {
                    at += 1;
                }
                self.layout.ask(Gap::Space);
                continue;
            }
            let start = at;
            while at < text.len() && !is_space(text[at]) {
                if text[at] == 0xc2 && text.get(at + 1) == Some(&0xa0) {
                    break;
                }
                at += 1;
            }
            if at > start {
                self.begin_line(source + start);
                self.layout.copy(&text[start..at], source + start);
                self.count(at - start);
            }
            if text.get(at) == Some(&0xc2) && text.get(at + 1) == Some(&0xa0) {
                // A space that does not break is a space.
                self.layout.ask(Gap::Space);
                at += 2;
            }
        }
    }

    fn preformatted(&mut self, text: &[u8], source: usize, width: usize) {
        let whole = text.len() == width;
        let mut at = 0;
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i);
            if end > at {
                self.skip_newline = false;
                self.begin_line(if whole { source + at } else { source });
                if whole {
                    self.layout.copy(&text[at..end], source + at)
                } else {
                    self.layout.replace(text, source, width)
                }
                self.count(text[at..end].iter().filter(|b| !is_space(**b)).count());
                if !whole {
                    return;
                }
            }
            if end < text.len() {
                if self.skip_newline {
                    self.skip_newline = false;
                } else if self.layout.open.is_some() && self.layout.gap < Gap::Line {
                    self.layout.gap = Gap::None;
                    self.layout.end_line("\n");
                } else if self.layout.gap < Gap::Line {
                    self.layout.blank_line();
                }
            }
            at = end + 1;
        }
    }

    /// Counts text of the open line.
    fn count(&mut self, bytes: usize) {
        let flags = self.top().flags;
        if let Some(line) = &mut self.layout.open {
            let bytes = bytes as u32;
            line.text += bytes;
            line.linked += if flags & flag::LINK != 0 { bytes } else { 0 };
            line.strong += if flags & flag::STRONG != 0 { bytes } else { 0 };
        }
    }

    /// A link begins: it counts for the line its text will stand in.
    pub fn count_link(&mut self) {
        self.found.pending_links = self.found.pending_links.saturating_add(1);
    }

    /// Makes sure a line is open for text from `source` on.
    fn begin_line(&mut self, source: usize) {
        if self.layout.gap == Gap::Cell
            && self.layout.open.as_ref().is_some_and(|l| self.layout.view.len() - l.view.start as usize > LONG_ROW)
        {
            self.layout.gap = Gap::Line;
        }
        self.layout.settle();
        self.cell_start = false;
        if self.layout.open.is_none() {
            let line = self.new_line();
            let item = self.item.take().filter(|_| line.rank == 0 && !line.is(flag::PRE));
            let (indent, marker) = match item {
                None => (0, String::new()),
                Some(item) => (item.indent, item.number.map_or_else(|| "* ".to_owned(), |n| format!("{n}. "))),
            };
            self.layout.begin(line, source, indent, &marker);
            let start = self.layout.open.as_ref().map(|l| l.view.start);
            if self.row.is_none() {
                self.row = start;
            } else if self.row != start {
                self.row_is_many = true;
            }
        }
        let links = std::mem::take(&mut self.found.pending_links);
        if links > 0
            && let Some(line) = &mut self.layout.open
        {
            line.links = line.links.saturating_add(links);
        }
    }

    /// What the open elements say of a line that begins now.
    fn new_line(&mut self) -> HtmlLine {
        self.index_elements();
        let first_token = self.layout.tokens.len();
        let mut path = 0x9e37_79b9_u32;
        let mut level = 0;
        let mut rank = 0;
        let mut block = None;
        let mut end = self.tokens.len();
        for (above, open) in self.stack.iter().rev().enumerate() {
            let own = &self.tokens[open.tokens as usize..end];
            end = open.tokens as usize;
            let is_block = open.tag.is(tag::BLOCK) || matches!(open.tag, Tag::Td | Tag::Th);
            if is_block && block.is_none() {
                block = Some(open.tag);
            }
            if rank == 0 {
                rank = open.tag.rank();
            }
            if above < PATH {
                path = mix(path, open.tag as u32);
                path = own.iter().fold(path, |p, t| mix(p, *t));
            }
            if !own.is_empty() && level < LEVELS {
                let room = MAX_LINE_TOKENS.saturating_sub(self.layout.tokens.len() - first_token);
                self.layout.tokens.extend(own.iter().take(room).map(|hash| ClassToken { hash: *hash, level }));
                level += 1;
            }
            if above > 24 && (level == LEVELS || above > 64) {
                break;
            }
        }
        let top = &self.stack[self.stack.len() - 1];
        let in_cell = top.tables > 0 && top.flags & flag::TABLE != 0;
        HtmlLine {
            view: 0..0,
            flags: top.flags,
            tag: block.unwrap_or(Tag::Body),
            rank,
            marker: 0,
            ordered: false,
            lists: top.lists,
            quotes: top.quotes,
            tables: top.tables,
            cells: u8::from(in_cell),
            depth: self.stack.len() as u16,
            text: 0,
            linked: 0,
            strong: 0,
            links: 0,
            images: 0,
            controls: 0,
            tokens: first_token as u32..self.layout.tokens.len() as u32,
            element: top.element,
            path,
        }
    }

    /// Gives every open element an index: block elements one of their own, others that of their parent.
    fn index_elements(&mut self) {
        for at in self.indexed.max(1)..self.stack.len() {
            let parent = self.stack[at - 1].element;
            let to = self.stack.get(at + 1).map_or(self.tokens.len(), |next| next.tokens as usize);
            let open = &mut self.stack[at];
            let is_block = open.tag.is(tag::BLOCK) || matches!(open.tag, Tag::Td | Tag::Th);
            open.element = parent;
            if is_block {
                open.element = self.elements.len() as u32;
                self.elements.push(Element {
                    parent,
                    end: 0,
                    tag: open.tag,
                    kind: self.tokens[open.tokens as usize..to].iter().fold(open.tag as u32, |k, t| mix(k, *t)),
                    text: 0,
                    linked: 0,
                    prose: 0,
                    lines: 0,
                    links: 0,
                });
            }
            debug_assert!(open.element != NO_ELEMENT);
        }
        self.indexed = self.stack.len();
    }
}

fn mix(hash: u32, value: u32) -> u32 {
    let h = (hash.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b1);
    h ^ (h >> 15)
}

/// White space of HTML.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0c)
}
