//! HTML as an encoding of text: the page's visible text as a browser lays it out, where every byte of it came from, and
//! what the tags say of every line.
//!
//! One streaming pass over a WHATWG tokenizer, with a flat stack of open elements. What comes out is an ordinary
//! [`Document`](crate::Document): the pipeline that cleans plain text cleans it too.

mod around;
mod attrs;
mod close;
mod embedded;
pub(crate) mod json;
mod layout;
mod line;
pub(crate) mod markdown;
mod metadata;
mod page;
mod reader;
mod sink;
mod tag;
mod text;

pub(crate) use attrs::token;
pub(crate) use line::{HtmlLine, flag};
pub use metadata::Metadata;
pub(crate) use page::HtmlPage;
pub(crate) use tag::Tag;

use crate::document::OffsetMap;

/// How a page is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Reads the content of `noscript` as a browser without scripts would.
    pub noscript: bool,
    /// Reads text as if the page were one `pre` element.
    pub preformatted: bool,
}

/// A page as text.
pub(crate) struct Read {
    pub view: String,
    pub map: OffsetMap,
    pub page: HtmlPage,
}

/// Visible bytes of running text below which a page shows no body.
const BODY: u32 = 400;

/// Reads a page; `source` is its text in UTF-8. A page that shows no body to a browser with scripts is read as one
/// without would show it; if that shows none either, a body that it holds as data is appended.
pub(crate) fn read(source: &str) -> Read {
    let (mut read, noscript, data) = pass(source, Options::default());
    if read.page.prose() < BODY && noscript >= BODY as usize {
        let (other, ..) = pass(source, Options { noscript: true, ..Options::default() });
        if other.page.prose() > read.page.prose() {
            read = other;
        }
    }
    if read.page.prose() < BODY {
        embedded::append(source, &data, &mut read);
    }
    read
}

/// One pass over a page; also how many bytes stand in `noscript`, and the data in it.
fn pass(source: &str, options: Options) -> (Read, usize, embedded::Data) {
    let reader = reader::Reader::new(source.as_bytes(), options);
    // The byte order mark is no text.
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut sink = sink::Sink::new(source.as_bytes(), start, reader);
    let Ok(()) = html5gum::Tokenizer::new_with_emitter(&source[start..], sink::Lent(&mut sink)).finish();
    let found = &mut sink.reader.found;
    let data = embedded::Data { linked: found.linked_data.clone(), app: std::mem::take(&mut found.app_data) };
    let noscript = found.noscript;
    (page::finish(source, sink.reader), noscript, data)
}

#[cfg(test)]
mod tests;
