//! Raw bytes to text view. Invalid bytes become U+FFFD in the view and stay as they are in the raw input.

use std::borrow::Cow;

use encoding_rs::{CoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use super::{Document, OffsetMap};
use crate::error::{Error, ErrorKind};

/// How many bytes the guesses look at.
const SAMPLE: usize = 64 * 1024;
/// Text with at most one invalid byte in this many is damaged UTF-8, not another encoding.
const VALID_BYTES_PER_ERROR: usize = 100;
/// A file whose even (or odd) bytes are zero at least this often is UTF-16 of mostly Latin text.
const UTF16_ZERO_SHARE: f64 = 0.4;

pub(super) fn sniff(raw: &[u8]) -> Document<'_> {
    if let Some((encoding, bom)) = Encoding::for_bom(raw) {
        // The mark belongs to the file, not to the text: it is kept with the first kept byte.
        return decode(raw, bom, encoding);
    }
    let sample = &raw[..raw.len().min(SAMPLE)];
    // Before UTF-8: mostly Latin text in UTF-16 is valid UTF-8 as well, with a NUL beside every letter.
    if let Some(utf16) = utf16_without_mark(sample) {
        return decode(raw, 0, utf16);
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        return Document::new(text);
    }
    let errors = sample.utf8_chunks().filter(|c| !c.invalid().is_empty()).count();
    let high = sample.iter().filter(|b| **b >= 0x80).count();
    if errors * VALID_BYTES_PER_ERROR <= sample.len() && errors * 3 <= high {
        return decode(raw, 0, UTF_8);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    decode(raw, 0, detector.guess(None, chardetng::Utf8Detection::Deny))
}

/// As [`sniff`], with the page's own word for it.
pub(super) fn sniff_html(raw: &[u8]) -> Document<'_> {
    if let Some((encoding, bom)) = Encoding::for_bom(raw) {
        return decode(raw, bom, encoding);
    }
    let stated = stated_encoding(&raw[..raw.len().min(META_SAMPLE)]);
    if let Some(encoding) = stated
        && encoding == ISO_2022_JP
        && memchr::memchr(0x1b, raw).is_some()
    {
        return decode(raw, 0, encoding);
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        return Document::new(text);
    }
    match stated.filter(|e| *e != UTF_8) {
        // A page that names an encoding its bytes are invalid in is not believed.
        Some(encoding) if encoding.decode_without_bom_handling_and_without_replacement(raw).is_some() => {
            decode(raw, 0, encoding)
        }
        _ => sniff(raw),
    }
}

/// How far into a page its encoding is looked for. The standard says 1024; pages put it later.
const META_SAMPLE: usize = 4096;

/// The encoding a page names in `<meta charset=…>` or `<meta … content="…; charset=…">`.
fn stated_encoding(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    while let Some(at) = memchr::memmem::find(rest, b"<") {
        rest = &rest[at + 1..];
        if !rest.get(..4).is_some_and(|n| n.eq_ignore_ascii_case(b"meta")) {
            continue;
        }
        let tag = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())].to_ascii_lowercase();
        let Some(at) = memchr::memmem::find(tag, b"charset") else { continue };
        let value = tag[at + 7..].trim_ascii_start().strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
        let label: Vec<u8> = value
            .iter()
            .copied()
            .skip_while(|b| matches!(b, b'"' | b'\''))
            .take_while(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(b))
            .collect();
        if let Some(encoding) = Encoding::for_label(&label) {
            // A page that could be read so far is not UTF-16, whatever it says.
            return Some(if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding });
        }
    }
    None
}

pub(super) fn labelled<'a>(raw: &'a [u8], label: &str) -> Result<Document<'a>, Error> {
    let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("no encoding {label:?}: use a WHATWG label such as utf-8, windows-1252 or shift_jis"),
        )
    })?;
    let bom = match Encoding::for_bom(raw) {
        Some((found, len)) if found == encoding => len,
        _ => 0,
    };
    Ok(decode(raw, bom, encoding))
}

fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = sample.len() / 2;
    if pairs == 0 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    let zeros = |at: usize| sample.chunks_exact(2).filter(|p| p[at] == 0).count() as f64 / pairs as f64;
    let (first, second) = (zeros(0), zeros(1));
    if second >= UTF16_ZERO_SHARE && first < UTF16_ZERO_SHARE / 4.0 {
        Some(UTF_16LE)
    } else if first >= UTF16_ZERO_SHARE && second < UTF16_ZERO_SHARE / 4.0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn decode<'a>(raw: &'a [u8], bom: usize, encoding: &'static Encoding) -> Document<'a> {
    let name = Cow::Owned(encoding.name().to_ascii_lowercase());
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(raw)
    {
        return Document { encoding: name, ..Document::new(text) };
    }
    let mut text = String::with_capacity(raw.len());
    let mut map = OffsetMap::identity();
    if encoding == UTF_8 {
        utf8_with_errors(raw, &mut text, &mut map);
    } else {
        if bom > 0 {
            // One character of the view stands for the mark, so that the view covers every raw byte.
            map.push(0, 0, '\u{feff}'.len_utf8(), bom);
            text.push('\u{feff}');
        }
        by_decoder(raw, bom, encoding, &mut text, &mut map);
    }
    Document { raw, text: Cow::Owned(text), map, encoding: name, ..Document::new("") }
}

fn utf8_with_errors(raw: &[u8], text: &mut String, map: &mut OffsetMap) {
    let mut at = 0;
    for chunk in raw.utf8_chunks() {
        let valid = chunk.valid();
        if !valid.is_empty() {
            // Within valid text view and raw widths are equal, so a run of width (1, 1) holds for all of it.
            map.push(text.len(), at, 1, 1);
            text.push_str(valid);
            at += valid.len();
        }
        for _ in chunk.invalid() {
            map.push(text.len(), at, '\u{fffd}'.len_utf8(), 1);
            text.push('\u{fffd}');
            at += 1;
        }
    }
}

/// Feeds the decoder byte by byte to learn which raw bytes made which character. Slow (tens of nanoseconds a byte),
/// and only for input that is not UTF-8.
fn by_decoder(raw: &[u8], start: usize, encoding: &'static Encoding, text: &mut String, map: &mut OffsetMap) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = [0u8; 32];
    // Raw bytes from `pending` on have been fed and have not shown up in the view.
    let mut pending = start;
    let mut feed = |src: &[u8], fed: usize, last: bool| {
        let (result, read, written, _) = decoder.decode_to_utf8(src, &mut out, last);
        debug_assert!(result == CoderResult::InputEmpty && read == src.len());
        let chars = std::str::from_utf8(&out[..written]).unwrap_or_default();
        let mut left = chars.chars().count();
        for c in chars.chars() {
            // When one byte releases several characters (an error, then the byte itself), the first takes what was
            // pending and each later one a single byte from the end.
            left -= 1;
            let end = fed.saturating_sub(left).max(pending + 1).min(fed);
            map.push(text.len(), pending, c.len_utf8(), end - pending);
            text.push(c);
            pending = end;
        }
    };
    for (i, byte) in raw.iter().enumerate().skip(start) {
        feed(std::slice::from_ref(byte), i + 1, false);
    }
    feed(&[], raw.len(), true);
}
