//! What closes elements: end tags, start tags that imply them, and the end of the page.

use super::layout::Gap;
use super::line::flag;
use super::reader::{Inline, Open, Reader, bucket, count_slot};
use super::tag::{self, Tag};

impl Reader {
    /// Closes what a start tag closes without saying so.
    pub(super) fn imply_ends(&mut self, tag: Tag) {
        if tag.is(tag::CLOSES_P) && self.counts[Tag::P as usize] > 0 {
            self.close_within(|t| t == Tag::P, |t| t.is(tag::BARRIER) || t == Tag::Button);
        }
        self.end_lost_heading(tag);
        match tag {
            Tag::Li => self.close_within(|t| t == Tag::Li, |t| t.is(tag::SPECIAL) && !transparent(t)),
            Tag::Dd | Tag::Dt => {
                self.close_within(|t| matches!(t, Tag::Dd | Tag::Dt), |t| t.is(tag::SPECIAL) && !transparent(t))
            }
            Tag::Tr => self.close_within(|t| t == Tag::Tr, |t| matches!(t, Tag::Table | Tag::Template)),
            Tag::Td | Tag::Th => self.close_within(
                |t| matches!(t, Tag::Td | Tag::Th),
                |t| matches!(t, Tag::Table | Tag::Template | Tag::Tr),
            ),
            Tag::Tbody | Tag::Thead | Tag::Tfoot => self.close_within(
                |t| matches!(t, Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Caption | Tag::Colgroup),
                |t| matches!(t, Tag::Table | Tag::Template),
            ),
            Tag::A if self.counts[Tag::A as usize] > 0 => self.close_format(Tag::A, bucket(b"a")),
            Tag::Button => self.close_within(|t| t == Tag::Button, |t| t.is(tag::BARRIER)),
            Tag::Select | Tag::Input | Tag::Textarea if self.counts[Tag::Select as usize] > 0 => {
                self.close_within(|t| t == Tag::Select, |t| t.is(tag::BARRIER));
            }
            Tag::Option | Tag::Optgroup if self.top().tag == Tag::Option => self.pop_to(self.stack.len() - 1),
            t if t.rank() > 0 && self.top().tag.rank() > 0 => self.pop_to(self.stack.len() - 1),
            // A select that was never closed would swallow the page.
            t if t.is(tag::BLOCK) && self.counts[Tag::Select as usize] > 0 => {
                self.close_within(|t| t == Tag::Select, |t| t.is(tag::BARRIER))
            }
            _ => {}
        }
    }

    /// A heading that has its text already and was never closed would make headings of all the rest.
    fn end_lost_heading(&mut self, tag: Tag) {
        let body = matches!(tag, Tag::P | Tag::Ul | Tag::Ol | Tag::Dl | Tag::Table | Tag::Blockquote | Tag::Pre);
        let headings = Tag::H1 as usize..=Tag::H6 as usize;
        if !body || self.counts[headings].iter().all(|n| *n == 0) {
            return;
        }
        let heading = self.stack.iter().rposition(|o| o.tag.rank() > 0 || o.tag.is(tag::BARRIER));
        if let Some(at) = heading.filter(|at| self.stack[*at].tag.rank() > 0)
            && (self.stack[at].opened_at as usize) < self.layout.view.len()
            && self.layout.view[self.stack[at].opened_at as usize..].iter().any(|b| !b.is_ascii_whitespace())
        {
            self.pop_to(at);
        }
    }

    /// An end tag.
    pub fn end_tag(&mut self, name: &[u8], tag: Tag) {
        self.skip_newline = false;
        match tag {
            Tag::Br => return self.line_break(),
            Tag::Body | Tag::Html | Tag::Head => return,
            _ => {}
        }
        if self.over > 0 {
            self.over -= 1;
            if tag.is(tag::BLOCK) {
                self.block_edge(tag);
            }
            return;
        }
        let slot = count_slot(tag, bucket(name));
        if self.counts[slot] == 0 && tag.rank() == 0 {
            if tag == Tag::P {
                // An end tag without a start makes an empty paragraph.
                self.block_edge(Tag::Div);
            }
            return;
        }
        match tag {
            t if t.is(tag::FORMAT) => self.close_format(t, bucket(name)),
            t if t.rank() > 0 => self.close_within(|o| o.rank() > 0, |o| o.is(tag::BARRIER)),
            Tag::Td | Tag::Th | Tag::Tr | Tag::Tbody | Tag::Thead | Tag::Tfoot => {
                self.close_within(|o| o == tag, |o| matches!(o, Tag::Table | Tag::Template));
            }
            Tag::Li => self.close_within(|o| o == Tag::Li, |o| matches!(o, Tag::Ul | Tag::Ol) || o.is(tag::BARRIER)),
            Tag::Other => {
                let name = bucket(name);
                let at =
                    self.stack.iter().rposition(|o| (o.tag == Tag::Other && o.name == name) || o.tag.is(tag::SPECIAL));
                if let Some(at) = at.filter(|at| self.stack[*at].tag == Tag::Other) {
                    self.pop_to(at);
                }
            }
            t if t.is(tag::SPECIAL) => self.close_within(|o| o == t, |o| o.is(tag::BARRIER)),
            t => self.close_within(|o| o == t, |o| o.is(tag::SPECIAL)),
        }
    }

    /// Closes the innermost element that `is` it, unless something that `stops` the search comes first.
    fn close_within(&mut self, is: impl Fn(Tag) -> bool, stops: impl Fn(Tag) -> bool) {
        for at in (1..self.stack.len()).rev() {
            let tag = self.stack[at].tag;
            if is(tag) {
                return self.pop_to(at);
            }
            if stops(tag) {
                return;
            }
        }
    }

    /// Ends formatting; blocks inside it stay open.
    fn close_format(&mut self, tag: Tag, name: u8) {
        let Some(at) = (1..self.stack.len())
            .rev()
            .take_while(|at| !self.stack[*at].tag.is(tag::BARRIER))
            .find(|at| self.stack[*at].tag == tag)
        else {
            return;
        };
        if !self.stack[at + 1..].iter().any(|o| o.tag.is(tag::SPECIAL)) {
            return self.pop_to(at);
        }
        self.counts[count_slot(tag, name)] -= 1;
        let gone = self.stack.remove(at);
        self.indexed -= usize::from(self.indexed > at);
        self.inline_end(&gone);
        for i in at..self.stack.len() {
            self.stack[i].flags = self.stack[i - 1].flags | self.stack[i].own;
        }
    }

    /// Closes all open elements from index `at` on.
    pub fn pop_to(&mut self, at: usize) {
        while self.stack.len() > at.max(1) {
            let Some(open) = self.stack.pop() else { return };
            self.counts[count_slot(open.tag, open.name)] -= 1;
            self.tokens.truncate(open.tokens as usize);
            self.inline_end(&open);
            if open.tag.is(tag::BLOCK) && open.flags & flag::SKIP == 0 {
                self.block_edge(open.tag);
            } else if open.tag.is(tag::BOX) {
                self.layout.ask(Gap::Space);
            }
            self.last_inline = (open.tag, self.layout.view.len());
            match open.tag {
                Tag::Li => self.item = None,
                Tag::Table => self.row_is_many = true,
                Tag::Td | Tag::Th => self.cell_start = false,
                Tag::Title => self.found.end_title(),
                Tag::Script => self.found.end_script(),
                _ => {}
            }
        }
        self.indexed = self.indexed.min(self.stack.len());
    }

    fn inline_end(&mut self, open: &Open) {
        let kind = matches!(
            open.tag,
            Tag::A
                | Tag::Bold
                | Tag::Strong
                | Tag::Italic
                | Tag::Em
                | Tag::Code
                | Tag::Kbd
                | Tag::Samp
                | Tag::Tt
                | Tag::Strike
                | Tag::StrikeLong
        );
        let end = self.layout.view.len() as u32;
        if kind && end > open.opened_at {
            self.inlines.push(Inline { start: open.opened_at, end, tag: open.tag, href: open.href });
        }
    }

    /// Leaves SVG or MathML for a start tag that cannot stand in it.
    pub(super) fn break_out(&mut self) {
        let first = self.stack.iter().position(|o| o.own & flag::FOREIGN != 0);
        if let Some(at) = first {
            self.pop_to(at);
        }
    }
}

/// Elements that an item's end reaches through.
fn transparent(tag: Tag) -> bool {
    matches!(tag, Tag::Address | Tag::Div | Tag::P)
}
