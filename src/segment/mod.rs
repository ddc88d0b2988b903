//! The text view cut into blocks: the units that are kept or removed.

pub(crate) mod fold;
mod html;
mod join;
mod language;
mod markdown;
pub(crate) mod shape;
mod text;
pub(crate) mod token;
mod wrap;

use std::ops::Range;

pub(crate) use markdown::definition;
pub(crate) use shape::{CharClass, Shape};
pub(crate) use token::Token;

use crate::document::{Document, Format};

/// What a line is marked as by its first characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Nothing.
    #[default]
    None,
    /// A bullet: `*`, `-`, `+`, `•` and their kin.
    Bullet,
    /// `1.` or `1)`.
    Number,
    /// A Markdown heading and its rank, 1 to 6.
    Heading(u8),
    /// `>`.
    Quote,
    /// A row of a Markdown table.
    Table,
}

/// A line, a sentence of a very long line, or the lines that a scraper broke a sentence into. Offsets are bytes of the text view.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// From the block's first byte to the first byte of what comes after it, the line's terminator included.
    pub outer: Range<u32>,
    /// Its text without indentation, marker, trailing space and terminator.
    pub inner: Range<u32>,
    /// Its words, as a range of [`Blocks::tokens`].
    pub words: Range<u32>,
    /// Empty lines right before it.
    pub gap: u32,
    /// Columns of indentation.
    pub indent: u32,
    /// What its first characters mark it as.
    pub marker: Marker,
    /// Whether its format marks it as preformatted: in `pre`, or between the fences of a Markdown listing.
    pub preformatted: bool,
    /// Whether it continues the line of the block before it (sentences of one long line).
    pub continues: bool,
    /// Of an HTML page, the line it stands in: index of `HtmlPage::lines`.
    pub line: u32,
    /// Percent of its letters that stand in links; 0 where the format has no links.
    pub linked: u8,
    /// Counts over its text.
    pub shape: Shape,
}

/// A document in blocks. Blocks are in order and disjoint, and what is between them is white space.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    pub blocks: Vec<Block>,
    pub tokens: Vec<Token>,
    /// Whether the document is in English.
    pub english: bool,
}

impl Blocks {
    /// The words of a block.
    pub fn words(&self, block: &Block) -> &[Token] {
        &self.tokens[block.words.start as usize..block.words.end as usize]
    }

    /// A hash of a block's words; lines that differ in numbers only have the same.
    pub fn key(&self, block: &Block) -> u64 {
        let words = self.words(block);
        words.iter().fold(words.len() as u64, |h, w| token::pair(h, w.hash))
    }

    /// Forgets the document, keeps the memory.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.tokens.clear();
    }
}

impl Block {
    /// The block's text.
    pub fn text<'a>(&self, view: &'a str) -> &'a str {
        &view[self.inner.start as usize..self.inner.end as usize]
    }

    /// Takes in the block that comes right after.
    fn extend(&mut self, next: &Block) {
        self.outer.end = next.outer.end;
        self.inner.end = next.inner.end;
        self.words.end = next.words.end;
        self.shape.extend(&next.shape);
    }
}

/// Cuts a document into blocks.
pub(crate) fn segment(document: &Document<'_>, out: &mut Blocks) {
    out.clear();
    text::segment(document.text(), out);
    if let Some(page) = document.html() {
        html::mark(page, out);
    } else {
        wrap::join(document.text(), out);
        if document.layout() == Format::Markdown {
            markdown::mark(document.text(), out);
        } else {
            join::join(document.text(), out);
        }
    }
    // Of Markdown, the words of addresses are gone by now.
    out.english = language::is_english(&out.tokens);
}

/// Appends a part of a block, `outer` in bytes of the view, as a block of its own.
pub(crate) fn piece(view: &str, whole: &Block, outer: Range<usize>, continues: bool, out: &mut Blocks) {
    text::piece(view, whole, outer, continues, out);
}
