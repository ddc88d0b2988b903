//! Article text that a page carries as data and does not show: JSON-LD, and the state of script frameworks.

use std::ops::Range;

use super::json::{self, Text};
use super::line::flag;
use super::{Options, Read, around, pass};

/// Bytes from which on a string of a page's data may be its body.
const LONG: usize = 300;
/// Bytes from which on a string beside the longest one, under the same key, is part of the body.
const PART: usize = 60;
/// The share of letters and spaces that running text has.
const LETTERS: f32 = 0.75;
/// Spaces per byte that running text has at least; text without spaces is told by its bytes beyond ASCII.
const SPACES: f32 = 0.05;

/// Data in a page: ranges of its source.
#[derive(Default)]
pub(super) struct Data {
    /// JSON-LD.
    pub linked: Vec<Range<usize>>,
    /// Other JSON.
    pub app: Vec<Range<usize>>,
}

/// Appends the body that a page holds as data, if it holds one longer than the running text it shows.
pub(super) fn append(source: &str, data: &Data, read: &mut Read) {
    let mut bodies = linked(source, &data.linked);
    // A framework's state holds all kinds of text: it is asked only for a page that shows next to nothing.
    let mut shown = 2 * read.page.prose() as usize;
    if bodies.is_empty() {
        bodies = app(source, &data.app);
        shown = read.page.elements[0].text as usize;
    }
    if bodies.iter().map(Range::len).sum::<usize>() < shown.max(LONG) {
        return;
    }
    for body in bodies {
        let (value, inner) = json::unescape_mapped(&source[body.clone()], body.start);
        let plain = !["</p>", "<br", "</div>", "</li>", "</h2>", "<p>"].iter().any(|tag| value.contains(tag));
        let part = pass(&value, Options { preformatted: plain, ..Options::default() }).0;
        let map = inner.after(part.map);
        join(read, Read { map, ..part });
    }
    read.page.around = around::of(&read.page.lines, &read.page.elements);
}

/// The bodies of articles in JSON-LD.
fn linked(source: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        strings(source, range, |text, raw| {
            if matches!(text.keys.last(), Some(&("articleBody" | "text" | "reviewBody")))
                && is_prose(&source[raw.clone()])
            {
                out.push(raw);
            }
        });
    }
    unlike(source, out)
}

/// The strings of other data that look like the body: the longest, and what stands beside it under the same key.
fn app(source: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for range in ranges {
        let mut longest: (usize, String) = (LONG, String::new());
        strings(source, range, |text, raw| {
            if raw.len() > longest.0 && is_prose(&source[raw.clone()]) {
                longest = (raw.len(), text.keys.join("/"));
            }
        });
        if longest.1.is_empty() {
            continue;
        }
        strings(source, range, |text, raw| {
            if raw.len() >= PART && text.keys.join("/") == longest.1 && is_prose(&source[raw.clone()]) {
                out.push(raw);
            }
        });
    }
    unlike(source, out)
}

/// Each text once, in order.
fn unlike(source: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut seen = std::collections::HashSet::new();
    ranges.retain(|r| seen.insert(&source[r.clone()]));
    ranges
}

fn strings(source: &str, range: &Range<usize>, mut visit: impl FnMut(&Text<'_>, Range<usize>)) {
    if let Some(json) = source.get(range.clone()) {
        json::strings(json, |text| visit(text, range.start + text.raw.start..range.start + text.raw.end));
    }
}

/// Whether a raw JSON string reads like running text, with or without tags.
fn is_prose(raw: &str) -> bool {
    let (mut letters, mut spaces, mut wide, mut all) = (0, 0, 0, 0);
    let mut in_tag = false;
    for byte in raw.bytes() {
        match byte {
            b'<' => in_tag = true,
            b'>' => in_tag = false,
            _ if in_tag => {}
            _ => {
                all += 1;
                letters += usize::from(byte.is_ascii_alphabetic() || byte >= 0x80);
                wide += usize::from(byte >= 0x80);
                spaces += usize::from(byte == b' ');
            }
        }
    }
    let share = |n: usize| n as f32 / (all.max(1)) as f32;
    all >= PART && share(letters + spaces) >= LETTERS && (share(spaces) >= SPACES || share(wide) > 0.5)
}

/// Puts the lines of `part` behind those of `read`.
fn join(read: &mut Read, mut part: Read) {
    if part.page.lines.is_empty() {
        return;
    }
    if !read.view.is_empty() {
        read.view.push('\n');
    }
    let shift = read.view.len() as u32;
    read.map.append(part.map, shift as usize);
    read.view.push_str(&part.view);
    let page = &mut read.page;
    let (element, token, address) = (page.elements.len() as u32, page.tokens.len() as u32, page.addresses.len() as u32);
    for line in &mut part.page.lines {
        line.view = line.view.start + shift..line.view.end + shift;
        line.flags = (line.flags | flag::EMBEDDED) & !flag::PRE;
        line.element += element;
        line.tokens = line.tokens.start + token..line.tokens.end + token;
    }
    for (i, e) in part.page.elements.iter_mut().enumerate() {
        e.parent = if i == 0 { 0 } else { e.parent + element };
        e.end += element;
    }
    for inline in &mut part.page.inlines {
        inline.start += shift;
        inline.end += shift;
        inline.href = (inline.href.0 + address, inline.href.1 + address);
    }
    page.lines.append(&mut part.page.lines);
    page.tokens.append(&mut part.page.tokens);
    page.inlines.append(&mut part.page.inlines);
    page.addresses.push_str(&part.page.addresses);
    let added = part.page.elements[0].clone();
    page.elements.append(&mut part.page.elements);
    let end = page.elements.len() as u32;
    let root = &mut page.elements[0];
    root.text += added.text;
    root.prose += added.prose;
    root.lines += added.lines;
    root.end = end;
    page.embedded = true;
}
