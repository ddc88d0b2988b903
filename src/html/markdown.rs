//! The kept lines of a page as Markdown (CommonMark, with tables of GitHub).

use std::fmt::Write;
use std::ops::Range;

use super::line::{HtmlLine, flag};
use super::page::HtmlPage;
use super::reader::Inline;
use super::tag::Tag;

/// Inline structure that goes on over the end of a line: kept up to so many at once.
const MAX_OPEN: usize = 16;

/// Renders the kept ranges of the view: sorted and disjoint.
pub(crate) fn render(view: &str, page: &HtmlPage, kept: impl Iterator<Item = Range<usize>>) -> String {
    let mut out = Writer {
        view,
        page,
        out: String::new(),
        active: Vec::new(),
        next: 0,
        fence: false,
        items: Vec::new(),
        last: None,
    };
    let mut kept = kept.peekable();
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for line in &page.lines {
        let content = line.view.start as usize + usize::from(line.marker)..line.view.end as usize;
        pieces.clear();
        while let Some(range) = kept.peek() {
            let piece = range.start.max(content.start)..range.end.min(content.end);
            if !piece.is_empty() {
                pieces.push(piece);
            }
            if range.end > content.end {
                break;
            }
            kept.next();
        }
        if pieces.iter().any(|p| !view[p.clone()].trim().is_empty()) {
            out.line(line, &pieces);
        }
    }
    out.close_fence();
    if !out.out.is_empty() {
        out.out.push('\n');
    }
    out.out
}

struct Writer<'p> {
    view: &'p str,
    page: &'p HtmlPage,
    out: String,
    /// Inline structure around or inside the line being written: sorted by start.
    active: Vec<&'p Inline>,
    /// The next of the page's inlines to look at.
    next: usize,
    fence: bool,
    /// Items of lists that go on: lists around each, and where its text begins.
    items: Vec<(u8, usize)>,
    last: Option<&'p HtmlLine>,
}

impl<'p> Writer<'p> {
    fn line(&mut self, line: &'p HtmlLine, pieces: &[Range<usize>]) {
        self.advance(line);
        let pre = line.is(flag::PRE);
        if self.fence && !pre {
            self.close_fence();
        }
        self.separate(line);
        self.enter_item(line);
        if pre {
            if !self.fence {
                self.indent();
                self.out.push_str("```\n");
                self.fence = true;
            }
            self.indent();
            for piece in pieces {
                self.out.push_str(&self.view[piece.clone()]);
            }
        } else {
            self.prefix(line);
            if line.cells > 1 { self.row(line, pieces) } else { self.inline(pieces) }
        }
        self.last = Some(line);
    }

    /// Moves on to the inline structure of a line.
    fn advance(&mut self, line: &HtmlLine) {
        self.active.retain(|i| i.end > line.view.start);
        while let Some(inline) = self.page.inlines.get(self.next).filter(|i| i.start < line.view.end) {
            if inline.end > line.view.start && (self.active.len() < MAX_OPEN || inline.end <= line.view.end) {
                self.active.push(inline);
            }
            self.next += 1;
        }
    }

    fn close_fence(&mut self) {
        if std::mem::take(&mut self.fence) {
            self.out.push('\n');
            self.indent();
            self.out.push_str("```");
        }
    }

    /// Finds the item that a line belongs to: one it begins, or one that began before.
    fn enter_item(&mut self, line: &HtmlLine) {
        let begins = line.marker > 0 && line.rank == 0;
        let same = |lists: u8| if begins { lists < line.lists } else { lists <= line.lists };
        while self.items.pop_if(|(lists, _)| !same(*lists) || !line.is(flag::ITEM)).is_some() {}
        if begins {
            self.items.push((line.lists, usize::from(line.marker)));
        }
    }

    /// The white space that keeps a line in the item that an earlier line began.
    fn indent(&mut self) {
        if let Some((_, columns)) = self.items.last() {
            self.out.extend(std::iter::repeat_n(' ', *columns));
        }
    }

    /// What stands between the line before and this one.
    fn separate(&mut self, line: &HtmlLine) {
        let Some(last) = self.last else { return };
        let between = &self.view[last.view.end as usize..line.view.start as usize];
        let newlines = between.bytes().filter(|b| *b == b'\n').count();
        let row = |l: &HtmlLine| l.cells > 1;
        if self.fence {
            // Preformatted text keeps its empty lines; lines that went leave nothing.
            let empty = if between.trim().is_empty() { newlines.max(1) } else { 1 };
            self.out.extend(std::iter::repeat_n('\n', empty));
        } else if (last.marker > 0 && line.marker > 0) || (row(last) && row(line)) {
            self.out.push('\n');
        } else if newlines == 1
            && last.element == line.element
            && last.rank == 0
            && line.rank == 0
            && !row(last)
            && !row(line)
            && line.marker == 0
        {
            self.out.push_str("  \n");
        } else {
            self.out.push_str("\n\n");
        }
    }

    fn prefix(&mut self, line: &HtmlLine) {
        for _ in 0..line.quotes.min(8) {
            self.out.push_str("> ");
        }
        if line.marker == 0 || line.rank > 0 {
            self.indent();
        }
        if line.rank > 0 {
            self.out.extend(std::iter::repeat_n('#', usize::from(line.rank)));
            self.out.push(' ');
        } else if line.marker > 0 {
            self.out
                .push_str(&self.view[line.view.start as usize..line.view.start as usize + usize::from(line.marker)]);
        }
    }

    /// A row of a table, and the rule below the first one.
    fn row(&mut self, line: &HtmlLine, pieces: &[Range<usize>]) {
        let first = self.last.is_none_or(|l| l.cells <= 1);
        self.out.push('|');
        let mut cell: Vec<Range<usize>> = Vec::new();
        for piece in pieces {
            let mut from = piece.start;
            for tab in memchr::memchr_iter(b'\t', &self.view.as_bytes()[piece.clone()]) {
                cell.push(from..piece.start + tab);
                self.cell(&mut cell);
                from = piece.start + tab + 1;
            }
            cell.push(from..piece.end);
        }
        self.cell(&mut cell);
        if first {
            self.out.push_str("\n|");
            for _ in 0..line.cells {
                self.out.push_str(" --- |");
            }
        }
    }

    fn cell(&mut self, pieces: &mut Vec<Range<usize>>) {
        self.out.push(' ');
        let start = self.out.len();
        self.inline(pieces);
        if self.out[start..].contains('|') {
            let escaped = self.out[start..].replace('|', "\\|");
            self.out.truncate(start);
            self.out.push_str(&escaped);
        }
        self.out.push_str(" |");
        pieces.clear();
    }

    /// Text with its links, emphasis and code.
    fn inline(&mut self, pieces: &[Range<usize>]) {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return };
        let content = first.start..last.end;
        let active = std::mem::take(&mut self.active);
        let mut at = content.start;
        let mut open: Vec<(usize, &Inline)> = Vec::new();
        for inline in &active {
            let outer = open.last().map_or(content.end, |o| o.0);
            let start = (inline.start as usize).clamp(content.start, content.end);
            let range = trim(self.view, start..(inline.end as usize).clamp(start, content.end));
            if range.is_empty()
                || (inline.tag == Tag::A && !is_link(self.href(inline)))
                || open.iter().any(|o| o.1.tag == inline.tag) && outer >= range.end
            {
                continue;
            }
            while let Some((end, _)) = open.last().filter(|o| o.0 <= range.start).copied() {
                self.text(at..end, pieces, &open);
                at = end;
                self.end(&mut open);
            }
            let outer = open.last().map_or(content.end, |o| o.0);
            if open.last().is_some_and(|o| is_code(o.1.tag)) {
                continue;
            }
            self.text(at..range.start, pieces, &open);
            at = at.max(range.start);
            self.out.push_str(opening(inline.tag));
            open.push((range.end.min(outer), inline));
        }
        while let Some((end, _)) = open.last().copied() {
            self.text(at..end, pieces, &open);
            at = at.max(end);
            self.end(&mut open);
        }
        self.text(at..content.end, pieces, &open);
        self.active = active;
    }

    fn href(&self, inline: &Inline) -> &'p str {
        self.page.addresses.get(inline.href.0 as usize..inline.href.1 as usize).unwrap_or_default()
    }

    fn end(&mut self, open: &mut Vec<(usize, &Inline)>) {
        let Some((_, inline)) = open.pop() else { return };
        if inline.tag == Tag::A {
            self.out.push_str("](");
            for c in self.href(inline).chars() {
                match c {
                    '(' | ')' | ' ' | '<' | '>' | '"' => write!(self.out, "%{:02X}", c as u32).unwrap_or_default(),
                    c if c.is_whitespace() || c.is_control() => {}
                    c => self.out.push(c),
                }
            }
            self.out.push(')');
        } else {
            self.out.push_str(opening(inline.tag));
        }
    }

    /// The kept text of a range, escaped unless it is code.
    fn text(&mut self, range: Range<usize>, pieces: &[Range<usize>], open: &[(usize, &Inline)]) {
        let code = open.last().is_some_and(|o| is_code(o.1.tag));
        for piece in pieces {
            let (from, to) = (piece.start.max(range.start), piece.end.min(range.end));
            if from >= to {
                continue;
            }
            let text = &self.view[from..to];
            if code {
                self.out.push_str(text);
                continue;
            }
            let mut before = self.view[..from].chars().next_back();
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let special = match c {
                    '\\' | '`' | '*' | '[' | ']' | '<' => true,
                    '_' => !(word(before) && word(chars.peek().copied())),
                    '#' | '>' | '+' | '-' => {
                        from == pieces[0].start
                            && before.is_none_or(|b| b == '\n' || b == ' ')
                            && chars.peek() == Some(&' ')
                            && self.out.ends_with(['\n', ' '])
                    }
                    _ => false,
                };
                if special {
                    self.out.push('\\');
                }
                self.out.push(if c == '\t' { ' ' } else { c });
                before = Some(c);
            }
        }
    }
}

fn is_code(tag: Tag) -> bool {
    matches!(tag, Tag::Code | Tag::Kbd | Tag::Samp | Tag::Tt)
}

fn opening(tag: Tag) -> &'static str {
    match tag {
        Tag::A => "[",
        Tag::Bold | Tag::Strong => "**",
        Tag::Strike | Tag::StrikeLong => "~~",
        tag if is_code(tag) => "`",
        _ => "*",
    }
}

/// Whether an address leads anywhere.
fn is_link(href: &str) -> bool {
    let script = href.get(..11).is_some_and(|s| s.eq_ignore_ascii_case("javascript:"));
    !href.is_empty() && href != "#" && !script
}

/// A range without white space at its ends.
fn trim(view: &str, range: Range<usize>) -> Range<usize> {
    let Some(text) = view.get(range.clone()) else { return range.start..range.start };
    let start = range.start + (text.len() - text.trim_start().len());
    start..start.max(range.start + text.trim_end().len())
}
