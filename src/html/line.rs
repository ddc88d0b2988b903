//! What is known of one line of the view.

use std::ops::Range;

use super::tag::Tag;

/// Context of a line, inherited from its ancestors: bits of [`HtmlLine::flags`].
pub(crate) mod flag {
    macro_rules! flags {
        ($($(#[$doc:meta])* $name:ident,)*) => {
            flags!(@ 0u32; $($(#[$doc])* $name,)*);
            /// Names of the flags, by bit.
            pub(crate) const NAMES: &[&str] = &[$(stringify!($name),)*];
        };
        (@ $bit:expr; $(#[$doc:meta])* $name:ident, $($rest:tt)*) => {
            $(#[$doc])* pub(crate) const $name: u32 = 1 << ($bit);
            flags!(@ $bit + 1; $($rest)*);
        };
        (@ $bit:expr;) => {};
    }
    flags! {
        /// Inside `nav`, or a role of navigation.
        NAV,
        /// Inside `footer`.
        FOOTER,
        /// Inside `header`.
        HEADER,
        /// Inside `aside`.
        ASIDE,
        /// Inside `form`.
        FORM,
        /// Inside `button`, or a role of it.
        BUTTON,
        /// Inside `figure`.
        FIGURE,
        /// Inside `figcaption`.
        FIGCAPTION,
        /// Inside `blockquote`.
        QUOTE,
        /// Inside `pre` or its like.
        PRE,
        /// Inside `table`.
        TABLE,
        /// Inside a list item.
        ITEM,
        /// Inside `main`.
        MAIN,
        /// Inside `article`.
        ARTICLE,
        /// Inside an element marked up as the body of an article.
        ARTICLE_BODY,
        /// Inside `section`.
        SECTION,
        /// Inside a dialog or alert.
        DIALOG,
        /// Inside `details`.
        DETAILS,
        /// Inside `label`.
        LABEL,
        /// Taken off the page by `hidden` or an inline style.
        HIDDEN,
        /// Hidden from screen readers.
        ARIA_HIDDEN,
        /// For screen readers only.
        SR_ONLY,
        /// Inside a heading.
        HEADING,
        /// Inside a link.
        LINK,
        /// Inside `b` or `strong`.
        STRONG,
        /// Inside `code` and its like.
        CODE,
        /// A definition's term or text.
        DEFINITION,
        /// The first row of a table, or a head cell.
        HEAD_CELL,
        /// From data embedded in the page, not from its visible text.
        EMBEDDED,
        /// Inside `address`, or `time`.
        ADDRESS,
        /// Not rendered (internal to the reader; no line has it).
        SKIP,
        /// SVG or MathML (internal to the reader).
        FOREIGN,
    }
}

/// A line of the text view of a page, and where in the page's tree it stands.
#[derive(Clone, Debug)]
pub(crate) struct HtmlLine {
    /// Its bytes of the view, marker included, terminator not.
    pub view: Range<u32>,
    /// Bits of [`flag`].
    pub flags: u32,
    /// The nearest block element.
    pub tag: Tag,
    /// Heading rank, 1 to 6, or 0.
    pub rank: u8,
    /// What was inserted before its text: bytes of indentation and bullet.
    pub marker: u8,
    /// Whether the marker is a number.
    pub ordered: bool,
    /// Lists around it.
    pub lists: u8,
    /// Quotes around it.
    pub quotes: u8,
    /// Tables around it.
    pub tables: u8,
    /// Cells joined in it: 0 outside of table rows.
    pub cells: u8,
    /// Open elements above it (at most the depth cap).
    pub depth: u16,
    /// Visible bytes that are no white space.
    pub text: u32,
    /// Of them, bytes inside links.
    pub linked: u32,
    /// Of them, bytes in bold.
    pub strong: u32,
    /// Links that begin in it.
    pub links: u16,
    /// Images since the line before.
    pub images: u16,
    /// Form controls since the line before.
    pub controls: u16,
    /// Class words of the nearest elements: range of [`HtmlPage::tokens`](super::HtmlPage).
    pub tokens: Range<u32>,
    /// Its block element in [`HtmlPage::elements`](super::HtmlPage).
    pub element: u32,
    /// Hash of the nearest tags and class words: lines of a kind share it.
    pub path: u32,
}

impl HtmlLine {
    /// Whether the line stands in any of these contexts.
    pub fn is(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// The share of its text inside links, 0 to 1.
    pub fn link_share(&self) -> f32 {
        self.linked as f32 / self.text.max(1) as f32
    }
}

/// A class word of a line, and how many elements with such words are between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClassToken {
    /// Hash of the word: [`token`](super::attrs::token).
    pub hash: u32,
    /// 0 for the nearest element that has class words, then 1 to 7.
    pub level: u8,
}

/// A block element, with counts over all text inside it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Index of the parent; the root is its own.
    pub parent: u32,
    /// Index after its last descendant: what is inside it is a range.
    pub end: u32,
    pub tag: Tag,
    /// Hash of tag and class words: elements of a kind share it.
    pub kind: u32,
    /// Visible bytes that are no white space.
    pub text: u32,
    /// Of them, bytes inside links.
    pub linked: u32,
    /// Of them, bytes of running text: long lines with few links.
    pub prose: u32,
    /// Lines.
    pub lines: u32,
    /// Links.
    pub links: u32,
}
