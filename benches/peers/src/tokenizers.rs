//! Tokenizers by themselves: what reading HTML costs before anything is made of it.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Tokenizer};
use lol_html::{HtmlRewriter, Settings, doc_text, element};

/// Bytes of a page to bytes of text seen.
type Tokenize = fn(&[u8]) -> usize;

pub const ALL: [(&str, Tokenize); 3] =
    [("html5gum", html5gum), ("lol_html", lol_html), ("dehusk's reader: html5gum, tree, lines, offsets", reader)];

/// Looks for no errors, which costs as much as the rest.
struct Quiet<E>(E);

impl<E: Emitter<Token = Infallible>> ForwardingEmitter for Quiet<E> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

fn html5gum(html: &[u8]) -> usize {
    let mut text = 0;
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<Infallible> {
        if let CallbackEvent::String { value } = event {
            text += value.len();
        }
        None
    });
    let Ok(()) = Tokenizer::new_with_emitter(html, Quiet(emitter)).finish();
    text
}

fn lol_html(html: &[u8]) -> usize {
    let text = Rc::new(Cell::new(0));
    let seen = Rc::clone(&text);
    let settings = Settings::new()
        .append_element_content_handler(element!("*", |_| Ok(())))
        .append_document_content_handler(doc_text!(move |chunk| {
            seen.set(seen.get() + chunk.as_str().len());
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| ());
    // A page that is over its limits of memory is counted as far as it came.
    if rewriter.write(html).is_ok() {
        drop(rewriter.end());
    }
    text.get()
}

fn reader(html: &[u8]) -> usize {
    dehusk::Document::from_html(html).text().len()
}
