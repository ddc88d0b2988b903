//! From the tokenizer's calls to start tags, end tags and text with their places in the source.

use std::convert::Infallible;

use html5gum::{Emitter, Error, ForwardingEmitter, State};

use super::attrs::{Attrs, Name};
use super::reader::Reader;
use super::tag::Tag;

/// Bytes of a tag name that are looked at.
const MAX_NAME: usize = 64;

/// Receives what the tokenizer finds and hands it to the reader.
pub(super) struct Sink<'a> {
    pub reader: Reader,
    source: &'a [u8],
    /// Bytes read.
    position: usize,
    /// Bytes that have become text or tags.
    used: usize,
    end_tag: bool,
    self_closing: bool,
    name: Vec<u8>,
    tag: Tag,
    last_start: Vec<u8>,
    attribute: Vec<u8>,
    wanted: Wanted,
    attrs: Attrs,
}

/// A sink that outlives the tokenizer.
pub(super) struct Lent<'s, 'a>(pub &'s mut Sink<'a>);

impl<'a> ForwardingEmitter for Lent<'_, 'a> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut *self.0
    }
}

/// Whether the attribute being read is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Unknown,
    No,
    Yes,
}

impl<'a> Sink<'a> {
    /// A sink for a tokenizer that begins at `start`.
    pub fn new(source: &'a [u8], start: usize, reader: Reader) -> Self {
        Self {
            reader,
            source,
            position: start,
            used: start,
            end_tag: false,
            self_closing: false,
            name: Vec::new(),
            tag: Tag::Other,
            last_start: Vec::new(),
            attribute: Vec::new(),
            wanted: Wanted::No,
            attrs: Attrs::default(),
        }
    }

    /// Whether a reference to an ampersand stands where the next text comes from.
    fn is_ampersand(&self) -> bool {
        let rest = self.source.get(self.used + 1..).unwrap_or_default();
        [&b"amp"[..], b"AMP", b"#"].iter().any(|name| rest.starts_with(name))
    }

    /// The name of the attribute is complete: is it wanted?
    fn settle_name(&mut self) {
        if self.wanted == Wanted::Unknown {
            self.wanted = Wanted::No;
            if let Some(name) = Name::of(&self.attribute, self.tag) {
                self.wanted = Wanted::Yes;
                self.attrs.begin(name);
            }
        }
    }
}

impl Emitter for Sink<'_> {
    type Token = Infallible;

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start.clear();
        self.last_start.extend_from_slice(name.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, text: &[u8]) {
        let n = text.len();
        let at = self.position.wrapping_sub(n);
        let stands_at = |at: usize| self.source.get(at..at.wrapping_add(n)) == Some(text);
        if text == b"\0" {
            // No text in HTML.
            self.used = self.position;
        } else if stands_at(at) {
            self.reader.text(text, at, n);
            self.used = self.position;
        } else if stands_at(self.used) && !(text == b"&" && self.is_ampersand()) {
            self.reader.text(text, self.used, n);
            self.used += n;
        } else {
            // A character reference, or a line end that was normalised.
            let end = self.position.max(self.used).min(self.source.len());
            self.reader.text(text, self.used.min(end), end - self.used.min(end));
            self.used = end;
        }
    }

    fn init_start_tag(&mut self) {
        self.end_tag = false;
        self.self_closing = false;
        self.name.clear();
        self.attrs.clear();
        self.wanted = Wanted::No;
    }

    fn init_end_tag(&mut self) {
        self.end_tag = true;
        self.name.clear();
        self.wanted = Wanted::No;
    }

    fn init_comment(&mut self) {}

    fn emit_current_tag(&mut self) -> Option<State> {
        self.used = self.position;
        if self.end_tag {
            self.last_start.clear();
            self.reader.end_tag(&self.name, Tag::of(&self.name));
            return None;
        }
        self.settle_name();
        std::mem::swap(&mut self.last_start, &mut self.name);
        self.tag = Tag::of(&self.last_start);
        self.reader.start_tag(&self.last_start, self.tag, &self.attrs, self.self_closing, self.position)
    }

    fn emit_current_comment(&mut self) {
        self.used = self.position;
    }

    fn emit_current_doctype(&mut self) {
        self.used = self.position;
    }

    fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, name: &[u8]) {
        let room = MAX_NAME.saturating_sub(self.name.len());
        self.name.extend_from_slice(&name[..name.len().min(room)]);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {}

    fn init_attribute(&mut self) {
        if self.end_tag {
            return;
        }
        if self.attrs.is_empty() && self.wanted == Wanted::No {
            self.tag = Tag::of(&self.name);
        }
        self.settle_name();
        self.attribute.clear();
        self.wanted = Wanted::Unknown;
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        let room = MAX_NAME.saturating_sub(self.attribute.len());
        self.attribute.extend_from_slice(&name[..name.len().min(room)]);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.settle_name();
        if self.wanted == Wanted::Yes {
            self.attrs.extend(value);
        }
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.end_tag && !self.last_start.is_empty() && self.last_start == self.name
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.reader.in_foreign()
    }
}
