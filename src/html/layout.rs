//! Text to lines, as a browser lays it out: white space collapsed, a line for every block, a blank line at margins.

use super::line::{ClassToken, HtmlLine};
use crate::document::OffsetMap;

/// What separates the next text from the text before it; the greater of two requests wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Space,
    Cell,
    Line,
    Blank,
}

/// What joins the cells of a table row, as in a browser's clipboard.
const CELL: &str = "\t";

/// The view while it is written.
pub(super) struct Layout {
    /// UTF-8, except that a character may be half written between two calls.
    pub view: Vec<u8>,
    pub map: OffsetMap,
    pub lines: Vec<HtmlLine>,
    pub tokens: Vec<ClassToken>,
    /// The line being written, if any.
    pub open: Option<HtmlLine>,
    pub gap: Gap,
    /// Images and controls since the last text.
    pub images: u16,
    pub controls: u16,
    /// Source offset right after the last text: where inserted characters map to.
    source: usize,
}

impl Layout {
    pub fn new(capacity: usize) -> Self {
        Self {
            view: Vec::with_capacity(capacity),
            map: OffsetMap::identity(),
            lines: Vec::new(),
            tokens: Vec::new(),
            open: None,
            gap: Gap::None,
            images: 0,
            controls: 0,
            source: 0,
        }
    }

    /// Asks for a separation before the next text.
    pub fn ask(&mut self, gap: Gap) {
        if self.gap < gap && (self.open.is_some() || (gap == Gap::Blank && !self.lines.is_empty())) {
            self.gap = gap;
        }
    }

    /// Ends the open line if the pending separation says so, and writes the separation.
    pub fn settle(&mut self) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if self.open.is_none() {
            if gap == Gap::Blank && !self.view.is_empty() && !self.view.ends_with(b"\n\n") {
                self.insert("\n");
            }
            return;
        }
        match gap {
            Gap::None => {}
            Gap::Space => self.insert(" "),
            Gap::Cell => {
                self.insert(CELL);
                if let Some(line) = &mut self.open {
                    line.cells = line.cells.saturating_add(1);
                }
            }
            Gap::Line => self.end_line("\n"),
            Gap::Blank => self.end_line("\n\n"),
        }
    }

    /// Ends the open line, if there is one.
    pub fn end_line(&mut self, terminator: &str) {
        if let Some(mut line) = self.open.take() {
            line.view.end = self.view.len() as u32;
            self.lines.push(line);
            self.insert(terminator);
        }
    }

    /// An empty line inside preformatted text.
    pub fn blank_line(&mut self) {
        if !self.view.is_empty() {
            self.insert("\n");
        }
    }

    /// Begins a line; its text follows.
    pub fn begin(&mut self, mut line: HtmlLine, source: usize, indent: usize, marker: &str) {
        self.source = source;
        line.view = self.view.len() as u32..0;
        line.images = std::mem::take(&mut self.images);
        line.controls = std::mem::take(&mut self.controls);
        if indent > 0 || !marker.is_empty() {
            self.insert(&"                "[..indent.min(16)]);
            self.insert(marker);
            line.marker = (self.view.len() as u32 - line.view.start) as u8;
            line.ordered = marker.starts_with(|c: char| c.is_ascii_digit());
        }
        self.open = Some(line);
    }

    /// Text that is not in the source.
    fn insert(&mut self, text: &str) {
        self.map.push(self.view.len(), self.source, 1, 0);
        self.view.extend_from_slice(text.as_bytes());
    }

    /// Text as it stands in the source.
    pub fn copy(&mut self, text: &[u8], source: usize) {
        self.map.push(self.view.len(), source, 1, 1);
        self.view.extend_from_slice(text);
        self.source = source + text.len();
    }

    /// One character (or a pair) made of `width` source bytes.
    pub fn replace(&mut self, text: &[u8], source: usize, width: usize) {
        self.map.push(self.view.len(), source, text.len(), width);
        self.view.extend_from_slice(text);
        self.source = source + width;
    }

    /// Takes blank lines and spaces off the end.
    pub fn finish(&mut self) {
        self.end_line("\n");
        while self.view.ends_with(b"\n\n") {
            self.view.pop();
        }
    }
}
