//! A cleaned document: its body, and the receipt for what is not in it.

use std::borrow::Cow;

use crate::document::{Document, Format, InputKind};
use crate::render;
use crate::report::{Removal, Report, Status, restore};

/// A cleaned document: its body, and the receipt for what is not in it.
#[derive(Clone, Debug)]
pub struct Cleaned<'a> {
    document: Document<'a>,
    report: Report,
}

impl<'a> Cleaned<'a> {
    /// A document that is handed back whole, for a reason.
    pub(crate) fn passed_through(document: Document<'a>, reason: impl Into<Cow<'static, str>>) -> Self {
        let report = Report {
            status: Status::PassedThrough,
            reason: Some(reason.into()),
            input_kind: InputKind::Page,
            words: [0; 2],
            expected_loss: None,
            removals: Vec::new(),
            withheld: Vec::new(),
            internal_error: false,
        };
        Self { document, report }
    }

    /// A document whose cleaning panicked: handed back whole, and marked.
    #[cfg_attr(not(feature = "parallel"), allow(dead_code, reason = "only batches catch panics"))]
    pub(crate) fn after_panic(document: Document<'a>, message: &str) -> Self {
        let mut cleaned = Self::passed_through(document, format!("internal error: {message}"));
        cleaned.report.internal_error = true;
        cleaned
    }

    /// Takes a document and the receipt that was written for it together.
    pub(crate) fn new(document: Document<'a>, report: Report) -> Self {
        Self { document, report }
    }

    /// The body as text; borrowed from the input when nothing was removed.
    pub fn body(&self) -> Cow<'_, str> {
        render::body(self.document.text(), &self.report.removals)
    }

    /// The body as Markdown: headings, lists, links, emphasis, code, tables and quotes as an HTML page has them. For other
    /// formats it is the [`body`](Self::body).
    pub fn markdown(&self) -> Cow<'_, str> {
        let view = self.document.text();
        match self.document.html() {
            None => self.body(),
            Some(page) => {
                let kept = render::kept(view.len(), self.report.removals.iter().map(|r| r.view.clone()));
                Cow::Owned(crate::html::markdown::render(view, page, kept))
            }
        }
    }

    /// The body as the raw bytes that were kept, in the input's own encoding. Of an HTML page it is the
    /// [`body`](Self::body) in UTF-8: what its tags held together has no bytes of its own.
    pub fn body_bytes(&self) -> Cow<'a, [u8]> {
        if self.document.html().is_some() {
            return Cow::Owned(self.body().into_owned().into_bytes());
        }
        render::body_bytes(self.document.raw(), &self.report.removals)
    }

    /// What is written for it: [`body_bytes`](Self::body_bytes), or of an HTML page the [`markdown`](Self::markdown) if `to`
    /// asks for it. Other formats keep theirs, whatever `to` says.
    pub fn output(&self, to: Format) -> Cow<'a, [u8]> {
        match to {
            Format::Markdown if self.document.html().is_some() => Cow::Owned(self.markdown().into_owned().into_bytes()),
            _ => self.body_bytes(),
        }
    }

    /// What was removed: sorted, disjoint, non-empty; with the kept bytes it tiles the input.
    pub fn removals(&self) -> &[Removal] {
        &self.report.removals
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        self.report.status
    }

    /// Everything there is to say of it.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The document that was cleaned.
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// The text of a removal.
    pub fn text_of(&self, removal: &Removal) -> &str {
        &self.document.text()[removal.view.clone()]
    }

    /// Body and removed pieces put together again: the input, byte for byte. For text; see [`restore`] for bytes.
    pub fn restore(&self) -> Cow<'_, str> {
        let pieces =
            self.report.removals.iter().map(|r| (r.view.clone(), &self.document.text().as_bytes()[r.view.clone()]));
        match restore(self.body().as_bytes(), pieces) {
            Ok(bytes) => String::from_utf8(bytes).map_or(Cow::Borrowed(self.document.text()), Cow::Owned),
            // Removals are sorted, disjoint and of the document, so this cannot come; the input is the right answer anyway.
            Err(_) => Cow::Borrowed(self.document.text()),
        }
    }
}
