//! A page that has been read: its lines, its elements, and what follows from both together.

use std::fmt::Write;

use super::around::{self, Around};
use super::line::{ClassToken, Element, HtmlLine, flag};
use super::metadata::Metadata;
use super::reader::{Inline, Reader};
use super::{Read, Tag};

/// Visible bytes from which on a line with few links is running text.
const PROSE: u32 = 80;
/// The share of a line inside links from which on it is not.
const PROSE_LINKS: f32 = 0.5;

/// Elements around a line that are named when it is explained.
const DESCRIBED: usize = 8;

/// What the tags of a page say of its text.
#[derive(Clone, Debug)]
pub(crate) struct HtmlPage {
    /// Lines of the view, in order; between them is nothing but line ends.
    pub lines: Vec<HtmlLine>,
    /// What surrounds each line.
    pub around: Vec<Around>,
    /// Class words of all lines.
    pub tokens: Vec<ClassToken>,
    /// Block elements that hold text; parents come before children, and the root is the first.
    pub elements: Vec<Element>,
    /// Links, emphasis and code.
    pub inlines: Vec<Inline>,
    /// Addresses of the links.
    pub addresses: String,
    pub metadata: Metadata,
    /// Whether the last lines are from data of the page and not from its visible text.
    pub embedded: bool,
}

/// The page of a reader that has seen everything.
pub(super) fn finish(source: &str, mut reader: Reader) -> Read {
    reader.pop_to(1);
    reader.layout.finish();
    let Reader { layout, mut elements, mut inlines, addresses, mut found, .. } = reader;
    let view = String::from_utf8(layout.view).unwrap_or_else(|broken| {
        // Only half a character at a place where lines were cut; the view keeps its length.
        let bytes: Vec<u8> = broken.into_bytes().into_iter().map(|b| if b.is_ascii() { b } else { b'?' }).collect();
        String::from_utf8(bytes).unwrap_or_default()
    });
    count(&layout.lines, &mut elements);
    // Of those with one range, the outer one ended last.
    inlines.reverse();
    inlines.sort_by_key(|i| (i.start, std::cmp::Reverse(i.end)));
    let metadata = found.metadata(source, only_heading(&layout.lines, &view));
    let around = around::of(&layout.lines, &elements);
    let page = HtmlPage {
        lines: layout.lines,
        around,
        tokens: layout.tokens,
        elements,
        inlines,
        addresses,
        metadata,
        embedded: false,
    };
    Read { view, map: layout.map, page }
}

/// Adds every line to its element, and every element to its parent.
fn count(lines: &[HtmlLine], elements: &mut [Element]) {
    for line in lines {
        let element = &mut elements[line.element as usize];
        element.text += line.text;
        element.linked += line.linked;
        element.prose += line.prose();
        element.lines += 1;
        element.links += u32::from(line.links);
    }
    for (i, element) in elements.iter_mut().enumerate() {
        element.end = i as u32 + 1;
    }
    for i in (1..elements.len()).rev() {
        let end = elements[i].end;
        let Element { parent, text, linked, prose, lines, links, .. } = elements[i].clone();
        let above = &mut elements[parent as usize];
        above.end = above.end.max(end);
        above.text += text;
        above.linked += linked;
        above.prose += prose;
        above.lines += lines;
        above.links += links;
    }
}

impl HtmlLine {
    /// Its bytes of running text: all or none.
    pub fn prose(&self) -> u32 {
        if self.text >= PROSE && self.link_share() < PROSE_LINKS && self.rank == 0 { self.text } else { 0 }
    }
}

/// The text of the first-rank heading, if there is only one.
fn only_heading<'v>(lines: &[HtmlLine], view: &'v str) -> Option<&'v str> {
    let mut headings = lines.iter().filter(|l| l.tag == Tag::H1);
    let only = headings.next().filter(|_| headings.next().is_none())?;
    view.get(only.view.start as usize + usize::from(only.marker)..only.view.end as usize)
}

impl HtmlPage {
    /// Visible bytes of running text on the page.
    pub fn prose(&self) -> u32 {
        self.elements[0].prose
    }

    /// The block elements around a line, the innermost last, what they make of it, and how much of it is links.
    pub fn described(&self, at: usize) -> String {
        let Some(line) = self.lines.get(at) else { return String::new() };
        let mut path = Vec::new();
        let mut element = line.element as usize;
        while element > 0 && path.len() < DESCRIBED {
            path.push(self.elements[element].tag.name());
            element = self.elements[element].parent as usize;
        }
        path.push(if element > 0 { "…" } else { Tag::Html.name() });
        path.reverse();
        let mut out = path.join(" > ");
        for (bit, name) in flag::NAMES.iter().enumerate().filter(|(bit, _)| line.is(1 << bit)) {
            out.push_str(if line.flags & ((1 << bit) - 1) == 0 { "; in " } else { ", " });
            out.push_str(&name.to_lowercase().replace('_', " "));
        }
        if line.linked > 0 {
            let _ = write!(out, "; {:.0} % links", line.link_share() * 100.0);
        }
        out
    }

    /// The class words of a line.
    pub fn tokens(&self, line: &HtmlLine) -> &[ClassToken] {
        &self.tokens[line.tokens.start as usize..line.tokens.end as usize]
    }
}
