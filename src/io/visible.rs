//! HTML pages in reports: their output is another form than their source, and comes back as all the text they showed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::record::{NO_TEXT, Record, RecordPath, hash};
use crate::cleaned::Cleaned;
use crate::document::Format;
use crate::error::{Error, ErrorKind, Result};

/// The visible text of an HTML page. Output and removed pieces tile it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Visible {
    /// The form of the output: `text` or `markdown`.
    pub to: String,
    /// Bytes of the visible text in UTF-8, and of what was kept of it.
    pub bytes: [u64; 2],
    /// Hash of the visible text, as [`hash`] makes it.
    pub hash: String,
    /// Whether the end of it is an article that the page holds as data and does not show.
    pub embedded: bool,
}

impl Visible {
    pub(super) fn of(cleaned: &Cleaned<'_>) -> Self {
        let text = cleaned.document().text();
        let removed: usize = cleaned.removals().iter().map(|r| r.view_span().len()).sum();
        Self {
            to: Format::Text.name().to_owned(),
            bytes: [text.len() as u64, (text.len() - removed) as u64],
            hash: hash(text.as_bytes()),
            embedded: cleaned.document().has_embedded_text(),
        }
    }
}

impl Record {
    /// Says where the document came from and in which form it was written, where that is another name or another form.
    pub fn converted(mut self, source: &Path, to: Format) -> Self {
        let source = RecordPath::from(source);
        self.source = (source != self.path).then_some(source);
        if let Some(visible) = &mut self.visible {
            to.name().clone_into(&mut visible.to);
        }
        self
    }

    /// All visible text of an HTML page, byte for byte, from the output in plain text that belongs to this record.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Report`] as for [`Record::restore`]; when it was no HTML page; and when the output is Markdown, in which
    /// text and markup cannot be told apart.
    pub fn restore_visible(&self, body: &[u8]) -> Result<String> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        let Some(visible) = &self.visible else { return Err(wrong("it was no HTML page")) };
        if visible.to != Format::Text.name() {
            return Err(wrong("it was an HTML page that became Markdown, which cannot be turned back: clean it again"));
        }
        self.hash_before(body)?;
        let mut rest = std::str::from_utf8(body).map_err(|_| wrong("the cleaned file is no UTF-8"))?;
        let (mut text, mut chars) = (String::with_capacity(body.len()), 0);
        for piece in &self.removed {
            let Some(removed) = &piece.text else { return Err(wrong(NO_TEXT)) };
            let misfit = || wrong("a removed piece does not fit the cleaned file");
            let kept = piece.char[0].checked_sub(chars).ok_or_else(misfit)?;
            let end = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(kept).ok_or_else(misfit)?;
            text.push_str(&rest[..end]);
            text.push_str(removed);
            rest = &rest[end..];
            chars = piece.char[1];
        }
        text.push_str(rest);
        if hash(text.as_bytes()) == visible.hash {
            Ok(text)
        } else {
            Err(wrong("the report is damaged: what comes out is not the page's text"))
        }
    }
}
