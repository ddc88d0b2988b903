//! What is cleaned: raw bytes, and a text view of them with a map back.

mod decode;
mod offsets;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

pub(crate) use offsets::OffsetMap;

use crate::error::{Error, ErrorKind};
use crate::html::{self, HtmlPage, Metadata};

/// How the text of a document is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Plain text: one block a line.
    #[default]
    Text,
    /// Markdown, as HTML-to-Markdown scrapers write it.
    Markdown,
    /// HTML: the text view is the page's visible text, one line for every block element.
    Html,
}

impl Format {
    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Markdown => "markdown",
            Format::Html => "html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where the text came from: it decides how much context alone may remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputKind {
    /// A whole page as a naive scraper leaves it, with menus and footers.
    Page,
    /// Text that an extractor has already been over: little chrome is left and every line is precious.
    Extracted,
}

impl InputKind {
    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            InputKind::Page => "page",
            InputKind::Extracted => "extracted",
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for InputKind {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        [InputKind::Page, InputKind::Extracted]
            .into_iter()
            .find(|k| k.name() == s)
            .ok_or_else(|| Error::new(ErrorKind::Config, format!("no input kind {s:?}: use page or extracted")))
    }
}

/// The source of an HTML page in UTF-8.
#[cfg(feature = "train")]
pub(crate) fn html_source(raw: &[u8]) -> String {
    decode::sniff_html(raw).text.into_owned()
}

/// One document: its raw bytes, and a view of them as text.
///
/// The view is the raw bytes themselves for valid UTF-8. Bytes that are no valid UTF-8, and other encodings, get a
/// decoded view; all spans that leave the library point into the raw bytes, so nothing is lost on the way.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    raw: &'a [u8],
    text: Cow<'a, str>,
    map: OffsetMap,
    encoding: Cow<'static, str>,
    format: Format,
    kind: Option<InputKind>,
    site: Option<Cow<'a, str>>,
    html: Option<Arc<HtmlPage>>,
}

impl<'a> Document<'a> {
    /// A document of text that is known to be UTF-8.
    pub fn new(text: &'a str) -> Self {
        Self {
            raw: text.as_bytes(),
            text: Cow::Borrowed(text),
            map: OffsetMap::identity(),
            encoding: Cow::Borrowed("utf-8"),
            format: Format::Text,
            kind: None,
            site: None,
            html: None,
        }
    }

    /// A document of raw bytes whose encoding is found out: byte order mark, valid UTF-8, UTF-16 by its zero bytes,
    /// mostly valid UTF-8, then a guess (chardetng, as in Firefox).
    pub fn from_bytes(raw: &'a [u8]) -> Self {
        decode::sniff(raw)
    }

    /// A document of raw bytes in a named encoding (a WHATWG label such as `windows-1252` or `shift_jis`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when no encoding has that label.
    pub fn with_encoding(raw: &'a [u8], label: &str) -> Result<Self, Error> {
        decode::labelled(raw, label)
    }

    /// The value of a JSON string; `raw` is what stands between its quotes, escapes and all. Spans point into the escaped
    /// text and never cut an escape, so that what is left is a JSON string again. A lone surrogate is U+FFFD in the view.
    pub fn from_json_string(raw: &'a str) -> Self {
        if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
            return Self::new(raw);
        }
        let (text, map) = html::json::unescape_mapped(raw, 0);
        Self { raw: raw.as_bytes(), text: Cow::Owned(text), map, ..Self::new("") }
    }

    /// An HTML page. Its view is the visible text as a browser lays it out; its encoding is found out by byte order
    /// mark, valid UTF-8, the page's own `meta` element, then a guess (chardetng, as in Firefox).
    pub fn from_html(raw: &'a [u8]) -> Self {
        decode::sniff_html(raw).format(Format::Html)
    }

    /// Title, author, date, language and address, as far as an HTML page says; empty for other formats.
    pub fn metadata(&self) -> Metadata {
        self.html.as_ref().map(|page| page.metadata.clone()).unwrap_or_default()
    }

    /// Whether the last lines of the view are an article that an HTML page holds as data (JSON-LD, the state of a script
    /// framework) and does not show. It is looked for only where the page shows no body.
    pub fn has_embedded_text(&self) -> bool {
        self.html.as_ref().is_some_and(|page| page.embedded)
    }

    /// What the tags of an HTML page say of its lines.
    pub(crate) fn html(&self) -> Option<&HtmlPage> {
        self.html.as_deref()
    }

    /// Sets the layout. The default is [`Format::Text`]. As [`Format::Html`] the text is read as the source of a page, and
    /// its visible text becomes the view; a page stays one.
    pub fn format(mut self, format: Format) -> Self {
        if self.html.is_some() {
            return self;
        }
        if format == Format::Html {
            let html::Read { view, map, page } = html::read(&self.text);
            self.map = self.map.after(map);
            self.text = Cow::Owned(view);
            self.html = Some(Arc::new(page));
        }
        self.format = format;
        self
    }

    /// Says where the text came from. The default is to find out from the page.
    pub fn input_kind(mut self, kind: InputKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the host the page came from, for rules that are scoped to sites. The default is unknown.
    pub fn from_site(mut self, host: impl Into<Cow<'a, str>>) -> Self {
        self.site = Some(host.into());
        self
    }

    /// The address that the document gives as its own: an HTML page's canonical address, or a first line that is an
    /// address and nothing else, as some scrapers write it.
    pub fn own_address(&self) -> Option<&str> {
        match &self.html {
            Some(page) => page.metadata.canonical_url.as_deref(),
            None => {
                let first = self.text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']).lines().next()?.trim();
                let first = first.strip_prefix("URL:").or(first.strip_prefix("url:")).unwrap_or(first).trim();
                host_of(first).is_some().then_some(first)
            }
        }
    }

    /// The bytes as they came in.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The text view.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The encoding's WHATWG name in lower case.
    pub fn encoding(&self) -> &str {
        &self.encoding
    }

    /// The layout.
    pub fn layout(&self) -> Format {
        self.format
    }

    /// Where the text came from, when the caller said so.
    pub fn stated_kind(&self) -> Option<InputKind> {
        self.kind
    }

    /// The host the page came from.
    pub fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }

    /// The raw range of a range of the view.
    pub(crate) fn raw_range(&self, view: Range<usize>) -> Range<usize> {
        if self.html.is_some() {
            // Between the pieces of a page are tags, which belong to neither.
            let start = self.map.raw(view.start);
            return start..self.map.raw_end(view.end).max(start);
        }
        // Trailing raw bytes that made no character (half a shift sequence) belong to the end of the view.
        let end = if view.end == self.text.len() { self.raw.len() } else { self.map.raw(view.end) };
        self.map.raw(view.start)..end
    }
}

/// The host of a web address, in lower case and without a leading `www.`; none of anything else.
pub fn host_of(address: &str) -> Option<String> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let (start, rest) = address.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let fits = host.contains('.') && !rest.chars().any(char::is_whitespace);
    fits.then(|| host.trim_end_matches('.').to_owned())
}

impl<'a> From<&'a str> for Document<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text)
    }
}

impl<'a> From<&'a String> for Document<'a> {
    fn from(text: &'a String) -> Self {
        Self::new(text)
    }
}

impl<'a> From<&'a [u8]> for Document<'a> {
    fn from(raw: &'a [u8]) -> Self {
        Self::from_bytes(raw)
    }
}
