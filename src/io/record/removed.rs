//! Removed pieces, and how much of their text a report holds.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::cleaned::Cleaned;
use crate::document::Format;
use crate::error::{Error, ErrorKind, Result};
use crate::io::positions::Positions;
use crate::report::Removal;

/// Characters of a snippet.
const SNIPPET: usize = 120;

/// What a report without removed text cannot do.
pub(in crate::io) const NO_TEXT: &str =
    "the report holds no removed text: run with --report-text full to be able to restore";

/// As reports write shares and probabilities.
pub(super) fn thousandths(share: f32) -> f64 {
    (f64::from(share) * 1000.0).round() / 1000.0
}

/// One removed piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Removed {
    /// The category's id.
    pub category: String,
    /// The rule's id; null when the page's shape and the learned weights removed it.
    pub rule: Option<String>,
    /// Range in bytes of the input as it came, before decoding. Of an HTML page it includes the tags in between, and is
    /// empty where the piece is nothing but line breaks that tags made.
    pub byte: [usize; 2],
    /// Range in Unicode code points of the decoded text; of an HTML page, of its visible text.
    pub char: [usize; 2],
    /// Range of lines that the removed text stands on, white space around it not counted; the first line is 1. Lines of an
    /// HTML page are those of its visible text.
    pub line: [usize; 2],
    /// How likely it is to be chrome, 0 to 1.
    pub score: f64,
    /// The evidence, the leading piece first.
    pub why: Vec<String>,
    /// The removed text: all of it, its beginning, or null, as the run was asked to.
    pub text: Option<String>,
    /// The removed bytes in base64, where `text` in UTF-8 is not the same bytes. HTML pages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// How much of the removed text a report holds. Only with all of it can inputs be restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportText {
    /// All of it.
    #[default]
    Full,
    /// The first 120 characters of each piece.
    Snippet,
    /// None.
    None,
}

impl Removed {
    pub(super) fn trim(&mut self, text: ReportText) {
        match text {
            ReportText::Full => return,
            ReportText::None => self.text = None,
            ReportText::Snippet => {
                if let Some((end, _)) = self.text.as_ref().and_then(|t| t.char_indices().nth(SNIPPET)) {
                    self.text = self.text.as_ref().map(|t| format!("{}…", &t[..end]));
                }
            }
        }
        self.raw = None;
    }

    /// The removed bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        match (&self.raw, &self.text) {
            (Some(raw), _) => BASE64.decode(raw).map_err(|_| wrong("a removed piece is no base64")),
            (None, Some(text)) => Ok(text.clone().into_bytes()),
            (None, None) => Err(wrong(NO_TEXT)),
        }
    }
}

/// The removed pieces of a document.
pub(super) fn pieces(cleaned: &Cleaned<'_>, removals: &[Removal]) -> Vec<Removed> {
    let mut positions = Positions::new(cleaned.document().text());
    let raw = cleaned.document().raw();
    let html = cleaned.document().layout() == Format::Html;
    let piece = |r: &Removal| {
        let text = cleaned.text_of(r);
        let Range { start, end } = r.span();
        let (char, line) = positions.of(r.view_span());
        Removed {
            category: r.category().id().to_owned(),
            rule: r.rule().map(|id| id.as_str().to_owned()),
            byte: [start, end],
            char,
            line,
            // Three digits are all that the estimate is worth, and the same on every machine.
            score: thousandths(r.probability()),
            why: r.why().iter().map(ToString::to_string).collect(),
            text: Some(text.to_owned()),
            raw: (!html && raw[start..end] != *text.as_bytes()).then(|| BASE64.encode(&raw[start..end])),
        }
    };
    removals.iter().map(piece).collect()
}
