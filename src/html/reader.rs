//! Start tags to open elements: the tree of the page as a flat stack. What closes them is in `close.rs`, what text makes of
//! them in `text.rs`.
//!
//! What the standard's tree construction does to text is kept (implied end tags, formatting that closes across blocks,
//! tables that end tags do not reach out of); where the tree would be rearranged without moving text on the page, it is
//! not. Nothing here calls itself, and elements deeper than [`MAX_DEPTH`] are read without being pushed.

use html5gum::State;

use super::Options;
use super::attrs::{Attrs, Name, SCREEN_READER};
use super::layout::{Gap, Layout};
use super::line::{Element, flag};
use super::metadata::Found;
use super::tag::{self, Tag};

/// Open elements kept; browsers stop here too.
pub(super) const MAX_DEPTH: usize = 512;
/// Names that are not listed are counted in so many buckets.
const OTHER_NAMES: usize = 128;
/// An element that no line has needed yet.
pub(super) const NO_ELEMENT: u32 = u32::MAX;

/// An open element.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub tag: Tag,
    /// Hash of the name, for names that are not listed.
    pub name: u8,
    /// Context it gives itself, and with that of its ancestors.
    pub own: u32,
    pub flags: u32,
    /// Its index in the page's elements, once a line needed it.
    pub element: u32,
    /// Where its class words start in the stack of words.
    pub tokens: u32,
    pub lists: u8,
    pub quotes: u8,
    pub tables: u8,
    /// Number of the last item of an ordered list.
    counter: i32,
    /// Bytes of the view when it was opened.
    pub opened_at: u32,
    pub href: (u32, u32),
}

/// Inline structure: a half-open range of the view. Ranges nest or are disjoint only as well as the page's tags do.
#[derive(Clone, Debug)]
pub(crate) struct Inline {
    pub start: u32,
    pub end: u32,
    pub tag: Tag,
    /// A link's address: range of [`HtmlPage::addresses`](super::HtmlPage).
    pub href: (u32, u32),
}

/// Reads one page.
pub(super) struct Reader {
    pub layout: Layout,
    pub stack: Vec<Open>,
    pub elements: Vec<Element>,
    pub inlines: Vec<Inline>,
    pub addresses: String,
    pub found: Found,
    pub options: Options,
    /// Class words of the open elements.
    pub tokens: Vec<u32>,
    /// Open elements that have an index in `elements`: a prefix of the stack.
    pub indexed: usize,
    /// Open elements of each name.
    pub counts: [u32; 256 + OTHER_NAMES],
    /// Elements that were open beyond the depth cap.
    pub over: usize,
    /// The bullet of a list item whose text has not begun.
    pub item: Option<Item>,
    /// Whether a table cell has begun and has no text yet.
    pub cell_start: bool,
    /// The first line of the open table row, and whether the row has more than one.
    pub row: Option<u32>,
    pub row_is_many: bool,
    /// Whether a newline is to be ignored, right after `<pre>`.
    pub skip_newline: bool,
    /// Bytes of the view at the last `<br>`.
    last_br: usize,
    /// The last inline element that ended, and the bytes of the view there.
    pub last_inline: (Tag, usize),
}

/// A list item's bullet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub indent: usize,
    /// The number in an ordered list.
    pub number: Option<i32>,
}

impl Reader {
    pub fn new(source: &[u8], options: Options) -> Self {
        let root = Open {
            tag: Tag::Html,
            name: 0,
            own: 0,
            flags: if options.preformatted { flag::PRE } else { 0 },
            element: 0,
            tokens: 0,
            lists: 0,
            quotes: 0,
            tables: 0,
            counter: 0,
            opened_at: 0,
            href: (0, 0),
        };
        Self {
            layout: Layout::new(source.len() / 8),
            stack: vec![root],
            elements: vec![Element {
                parent: 0,
                end: 1,
                tag: Tag::Html,
                kind: 0,
                text: 0,
                linked: 0,
                prose: 0,
                lines: 0,
                links: 0,
            }],
            inlines: Vec::new(),
            addresses: String::new(),
            found: Found::default(),
            options,
            tokens: Vec::new(),
            indexed: 1,
            counts: [0; 256 + OTHER_NAMES],
            over: 0,
            item: None,
            cell_start: false,
            row: None,
            row_is_many: false,
            skip_newline: false,
            last_br: usize::MAX,
            last_inline: (Tag::Other, usize::MAX),
        }
    }

    /// The innermost open element; the root is never closed.
    pub fn top(&self) -> &Open {
        &self.stack[self.stack.len() - 1]
    }

    pub fn in_foreign(&self) -> bool {
        self.top().flags & flag::FOREIGN != 0
    }

    /// A start tag; `end` is the source offset after it. Returns how the tokenizer is to read its content.
    pub fn start_tag(&mut self, name: &[u8], tag: Tag, attrs: &Attrs, self_closing: bool, end: usize) -> Option<State> {
        self.skip_newline = false;
        if self.in_foreign() {
            if !tag.is(tag::BREAKOUT) {
                if !self_closing {
                    let own = if tag == Tag::Foreign { flag::SKIP } else { 0 };
                    self.push(name, tag, own, attrs);
                    if tag == Tag::Foreign {
                        self.leave_foreign();
                    }
                }
                return None;
            }
            self.break_out();
        }
        self.found.start_tag(tag, attrs, self.top().flags);
        self.imply_ends(tag);
        match tag {
            Tag::Html | Tag::Head => return None,
            Tag::Body if self.counts[Tag::Body as usize] > 0 => return None,
            Tag::Br => self.line_break(),
            Tag::Img | Tag::Image => self.layout.images = self.layout.images.saturating_add(1),
            Tag::Input | Tag::Select | Tag::Textarea | Tag::Button if !self.skipping() => {
                self.layout.controls = self.layout.controls.saturating_add(1);
            }
            _ => {}
        }
        if tag.is(tag::BLOCK) {
            self.block_edge(tag);
        } else if tag.is(tag::BOX) || self.apart(tag) {
            self.layout.ask(Gap::Space);
        }
        if tag.is(tag::VOID) {
            return None;
        }
        self.push(name, tag, self.context(tag, attrs), attrs);
        self.opened(tag, attrs);
        match tag {
            Tag::Title => {
                self.found.begin_title();
                Some(State::RcData)
            }
            Tag::Textarea => Some(State::RcData),
            Tag::Script => {
                self.found.begin_script(attrs, end);
                Some(State::ScriptData)
            }
            Tag::Style | Tag::Xmp | Tag::Iframe | Tag::Noembed | Tag::Noframes => Some(State::RawText),
            Tag::Noscript if !self.options.noscript => Some(State::RawText),
            Tag::Plaintext => Some(State::PlainText),
            _ => None,
        }
    }

    /// Whether text is not rendered here.
    pub(super) fn skipping(&self) -> bool {
        self.top().flags & flag::SKIP != 0
    }

    /// What an element says of its content.
    fn context(&self, tag: Tag, attrs: &Attrs) -> u32 {
        let by_tag = match tag {
            Tag::Nav | Tag::Menu => flag::NAV,
            Tag::Footer => flag::FOOTER,
            Tag::Header => flag::HEADER,
            Tag::Aside => flag::ASIDE,
            Tag::Form | Tag::Search | Tag::Fieldset => flag::FORM,
            Tag::Button => flag::BUTTON,
            Tag::Figure => flag::FIGURE,
            Tag::Figcaption | Tag::Caption => flag::FIGCAPTION,
            Tag::Blockquote => flag::QUOTE,
            Tag::Pre | Tag::Listing | Tag::Xmp | Tag::Plaintext => flag::PRE,
            Tag::Table => flag::TABLE,
            Tag::Li => flag::ITEM,
            Tag::Main => flag::MAIN,
            Tag::Article => flag::ARTICLE,
            Tag::Section => flag::SECTION,
            Tag::Dialog => flag::DIALOG | if attrs.get(Name::Open).is_some() { 0 } else { flag::HIDDEN },
            Tag::Details => flag::DETAILS,
            Tag::Label | Tag::Legend => flag::LABEL,
            Tag::A => flag::LINK,
            Tag::Bold | Tag::Strong => flag::STRONG,
            Tag::Code | Tag::Kbd | Tag::Samp | Tag::Tt | Tag::Var => flag::CODE,
            Tag::Dt | Tag::Dd => flag::DEFINITION,
            Tag::Thead | Tag::Th => flag::HEAD_CELL,
            Tag::Address | Tag::Time => flag::ADDRESS,
            Tag::Svg => flag::FOREIGN,
            Tag::Math => flag::FOREIGN,
            Tag::Noscript if !self.options.noscript => flag::SKIP,
            tag if tag.rank() > 0 => flag::HEADING,
            _ => 0,
        };
        let skip = if tag.is(tag::SKIP) { flag::SKIP } else { 0 };
        by_tag | skip | if attrs.is_empty() { 0 } else { attrs.flags() }
    }

    fn push(&mut self, name: &[u8], tag: Tag, own: u32, attrs: &Attrs) {
        if self.stack.len() >= MAX_DEPTH {
            self.over += 1;
            return;
        }
        let parent = self.top();
        let tokens = self.tokens.len() as u32;
        let mut open = Open {
            tag,
            name: bucket(name),
            own,
            flags: parent.flags | own,
            element: NO_ELEMENT,
            tokens,
            lists: parent.lists.saturating_add(u8::from(matches!(tag, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir))),
            quotes: parent.quotes.saturating_add(u8::from(tag == Tag::Blockquote)),
            tables: parent.tables.saturating_add(u8::from(tag == Tag::Table)),
            counter: 0,
            opened_at: self.layout.view.len() as u32,
            href: (0, 0),
        };
        if !attrs.is_empty() {
            attrs.tokens(&mut self.tokens);
            let own = &self.tokens[tokens as usize..];
            if !own.is_empty() && SCREEN_READER.iter().any(|words| words.iter().all(|w| own.contains(w))) {
                open.own |= flag::SR_ONLY;
                open.flags |= flag::SR_ONLY;
            }
            if let Some(href) = attrs.text(Name::Href) {
                let from = self.addresses.len() as u32;
                self.addresses.push_str(href);
                open.href = (from, self.addresses.len() as u32);
            }
            if let Some(start) = attrs.text(Name::Start) {
                open.counter = start.parse::<i32>().map_or(0, |n| n.saturating_sub(1));
            }
        }
        self.counts[count_slot(tag, open.name)] += 1;
        self.stack.push(open);
    }

    /// What follows from an element that was just opened.
    fn opened(&mut self, tag: Tag, _: &Attrs) {
        match tag {
            Tag::Li => {
                let lists = self.top().lists;
                let list = self
                    .stack
                    .iter_mut()
                    .rev()
                    .take(4)
                    .find(|o| matches!(o.tag, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir));
                let number = list.filter(|l| l.tag == Tag::Ol).map(|list| {
                    list.counter = list.counter.saturating_add(1);
                    list.counter
                });
                self.item = Some(Item { indent: 2 * usize::from(lists.saturating_sub(1)), number });
            }
            Tag::Pre | Tag::Listing => self.skip_newline = true,
            Tag::Table => {
                self.row = None;
                self.row_is_many = false;
            }
            Tag::Tr => {
                self.row = None;
                self.row_is_many = false;
                self.cell_start = false;
            }
            Tag::Td | Tag::Th => {
                if self.row.is_some() && !self.row_is_many && self.layout.open.is_some() {
                    self.layout.gap = Gap::Cell;
                } else {
                    self.layout.ask(Gap::Line);
                }
                self.cell_start = true;
            }
            Tag::A if !self.skipping() => self.count_link(),
            _ => {}
        }
    }

    /// The line break that comes with the start or end of a block.
    pub(super) fn block_edge(&mut self, tag: Tag) {
        let keeps_cell = matches!(tag, Tag::P | Tag::Div | Tag::Section | Tag::Center | Tag::Figure);
        if self.skipping() || (self.cell_start && keeps_cell) {
            return;
        }
        let nested_list = matches!(tag, Tag::Ul | Tag::Ol | Tag::Menu) && self.top().lists > 0;
        let margin = tag.is(tag::MARGIN) && !nested_list;
        self.layout.ask(if margin { Gap::Blank } else { Gap::Line });
    }

    /// Whether an inline element begins where one like it has just ended: styles put such neighbours into boxes of their
    /// own more often than they cut a word in two.
    fn apart(&self, tag: Tag) -> bool {
        let (last, at) = self.last_inline;
        let boxlike =
            |t: Tag| t == Tag::A || !(t.is(tag::VOID | tag::FORMAT | tag::BLOCK) || matches!(t, Tag::Sup | Tag::Sub));
        at == self.layout.view.len() && boxlike(last) && boxlike(tag) && self.top().flags & flag::PRE == 0
    }

    pub(super) fn line_break(&mut self) {
        if self.skipping() {
            return;
        }
        let second = self.last_br == self.layout.view.len();
        self.layout.ask(if second { Gap::Blank } else { Gap::Line });
        self.last_br = self.layout.view.len();
    }

    /// HTML inside SVG: read as HTML, shown as little as the picture around it.
    fn leave_foreign(&mut self) {
        if let Some(top) = self.stack.last_mut() {
            top.flags &= !flag::FOREIGN;
        }
    }
}

/// Which count a name that is not listed belongs to.
pub(super) fn bucket(name: &[u8]) -> u8 {
    (name.iter().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193)) >> 8) as u8
        % OTHER_NAMES as u8
}

/// Where elements of a name are counted.
pub(super) fn count_slot(tag: Tag, name: u8) -> usize {
    if tag == Tag::Other { 256 + usize::from(name) } else { tag as usize }
}
