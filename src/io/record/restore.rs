//! The input again, from its output and its record.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Record, Removed, hash};
use crate::error::{Error, ErrorKind, Result};
use crate::report::restore;

impl Record {
    /// The input, byte for byte, from the output that belongs to this record.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Report`] when the output was changed since, or the record does not hold what was removed; and for an
    /// HTML page, whose tags are in neither: see [`Record::restore_visible`].
    pub fn restore(&self, body: &[u8]) -> Result<Vec<u8>> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        if self.visible.is_some() {
            return Err(wrong("it was an HTML page, whose tags are in neither output nor report"));
        }
        let before = self.hash_before(body)?;
        let pieces = self.removed.iter().map(Removed::bytes).collect::<Result<Vec<_>>>()?;
        let spans = self.removed.iter().map(|r| r.byte[0]..r.byte[1]);
        let with_head;
        let body = match &self.head {
            None => body,
            Some(head) => {
                let old = match &head.raw {
                    Some(raw) => BASE64.decode(raw).map_err(|_| wrong("the old head is no base64"))?,
                    None => head.text.clone().into_bytes(),
                };
                let rest = usize::try_from(head.instead).ok().and_then(|n| body.get(n..));
                with_head =
                    [old.as_slice(), rest.ok_or_else(|| wrong("the old head does not fit the cleaned record"))?]
                        .concat();
                &with_head
            }
        };
        let input = restore(body, spans.zip(pieces.iter().map(Vec::as_slice)))?;
        if hash(&input) == before {
            Ok(input)
        } else {
            Err(wrong("the report is damaged: what comes out is not the input"))
        }
    }

    /// The input's hash, if `body` is what was written for it.
    pub(in crate::io) fn hash_before(&self, body: &[u8]) -> Result<&str> {
        let wrong = |what: &str| Error::new(ErrorKind::Report, what.to_owned());
        let Some([before, after]) = &self.hash else {
            return Err(wrong("nothing was written for it"));
        };
        if hash(body) != *after {
            return Err(wrong(
                "the cleaned file is not what was written: it was changed since, or belongs to another report",
            ));
        }
        Ok(before)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::io::ReportText;
    use crate::{Cleaner, Document};

    const PAGE: &str = "Größe\nSubscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n";

    fn record(raw: &[u8]) -> (Record, Vec<u8>) {
        let cleaned = Cleaner::new().clean(Document::from_bytes(raw));
        let body = cleaned.body_bytes().into_owned();
        (Record::new(Path::new("a/b.txt"), &cleaned, &body), body)
    }

    #[test]
    fn a_record_restores_its_input_in_any_encoding() {
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(PAGE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let latin1: Vec<u8> = PAGE.chars().map(|c| c as u8).collect();
        let damaged = [PAGE.as_bytes(), b"\xff Subscribe to our newsletter \xfe\n"].concat();
        for raw in [PAGE.as_bytes(), &utf16, &latin1, &damaged] {
            let (record, body) = record(raw);
            assert!(!record.removed.is_empty(), "{}", record.to_line());
            let read = Record::parse(&record.to_line()).unwrap();
            assert_eq!(read, record);
            assert_eq!(read.restore(&body).unwrap(), raw);
        }
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        let (record, body) = record(PAGE.as_bytes());
        assert!(record.restore(b"other").is_err());
        assert!(record.clone().trim(ReportText::Snippet).removed.iter().all(|r| r.raw.is_none()));
        let none = record.clone().trim(ReportText::None).restore(&body).unwrap_err();
        assert!(none.message().contains("--report-text full"));
        let mut forged = record;
        forged.removed[0].byte = [usize::MAX - 1, usize::MAX];
        assert_eq!(forged.restore(&body).unwrap_err().kind(), ErrorKind::Report);
        assert!(Record::parse(r#"{"schema":"dehusk.removals/2"}"#).unwrap_err().message().contains("/2"));
    }
}
