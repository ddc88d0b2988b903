//! WARC records (ISO 28500), as web archives and Common Crawl's WET files have them: where they end, what their heads say,
//! and heads whose length and digests are right again after their block was cleaned.

use std::ops::Range;

use sha1::Sha1;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_128;

use super::chunks::End;

/// What every record begins with, after the line feed before it.
pub(super) const MARK: &[u8] = b"\nWARC/1.";
/// The longest head of a record. Those of real archives have some kilobytes.
const MAX_HEAD: usize = 64 << 10;
/// What ends every record.
const TAIL: &[u8] = b"\r\n\r\n";

/// Where the record ends that `bytes` begin with; `all` says that nothing follows them. A length that the next record
/// contradicts is not believed: the record ends where the next one begins.
pub(super) fn end(bytes: &[u8], all: bool) -> End {
    let Some(head) = Head::parse(bytes) else {
        if !all && bytes.len() < MAX_HEAD && (bytes.starts_with(b"WARC/") || b"WARC/".starts_with(bytes)) {
            return End::Behind(None);
        }
        return resync(bytes, all);
    };
    let Some(block_end) = head.length().and_then(|n| n.checked_add(head.len as u64)) else {
        return resync(bytes, all);
    };
    let record_end = block_end.saturating_add(TAIL.len() as u64);
    let Some(rest) = usize::try_from(block_end).ok().and_then(|at| bytes.get(at..)) else {
        // Longer than what is left, or only than what was read so far.
        return if all { resync(bytes, all) } else { End::Behind(Some(record_end)) };
    };
    // Some writers leave one line feed, some leave more.
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let next = &rest[blank..];
    let at = bytes.len() - next.len();
    match next {
        _ if next.starts_with(b"WARC/") => End::At(at),
        [] if all => End::At(at),
        _ if !all && (rest.len() as u64) < TAIL.len() as u64 => End::Behind(Some(record_end)),
        _ if !all && b"WARC/".starts_with(next) => End::Behind(None),
        _ => resync(bytes, all),
    }
}

/// The end of a record whose length is not known: the next record's beginning.
fn resync(bytes: &[u8], all: bool) -> End {
    match next_mark(bytes, 0) {
        Some(at) => End::At(at),
        None if all => End::At(bytes.len()),
        None => End::Behind(None),
    }
}

/// Where the next record begins that has a line feed at or after `from` before it.
pub(super) fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, MARK).map(|i| from + i + 1)
}

/// The head of a record: its version line and named fields, up to the blank line.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    bytes: &'a [u8],
    /// Its length, the blank line included.
    pub len: usize,
}

impl<'a> Head<'a> {
    /// The head that a record begins with.
    pub fn parse(record: &'a [u8]) -> Option<Self> {
        if !record.starts_with(b"WARC/") {
            return None;
        }
        let near = &record[..record.len().min(MAX_HEAD)];
        let crlf = memchr::memmem::find(near, b"\r\n\r\n").map(|i| i + 4);
        let lf = memchr::memmem::find(near, b"\n\n").map(|i| i + 2);
        let len = crlf.into_iter().chain(lf).min()?;
        Some(Self { bytes: &record[..len], len })
    }

    /// Where the value of a field stands, white space around it left out. The first of a name counts.
    fn place(&self, name: &str) -> Option<Range<usize>> {
        let mut at = 0;
        for line in self.bytes.split_inclusive(|b| *b == b'\n') {
            if let Some(colon) = memchr::memchr(b':', line)
                && line[..colon].eq_ignore_ascii_case(name.as_bytes())
            {
                let value = &line[colon + 1..];
                let start = at + colon + 1 + (value.len() - value.trim_ascii_start().len());
                return Some(start..start + value.trim_ascii().len());
            }
            at += line.len();
        }
        None
    }

    /// A field's value.
    pub fn field(&self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(&self.bytes[self.place(name)?]).ok()
    }

    /// The length that it says its block has.
    pub fn length(&self) -> Option<u64> {
        let digits = self.field("Content-Length")?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    /// The head of the same record with another block: length and digests are that block's, all else is as it was.
    ///
    /// # Errors
    ///
    /// When it has a digest of a kind that is not known.
    pub fn with_block(&self, block: &[u8]) -> Result<Vec<u8>, String> {
        let mut edits = Vec::new();
        if let Some(place) = self.place("Content-Length") {
            edits.push((place, block.len().to_string()));
        }
        for name in ["WARC-Block-Digest", "WARC-Payload-Digest"] {
            if let (Some(place), Some(old)) = (self.place(name), self.field(name)) {
                let new = digest_like(old, block).ok_or_else(|| format!("its {name} is of an unknown kind"))?;
                edits.push((place, new));
            }
        }
        edits.sort_by_key(|(place, _)| place.start);
        let mut out = Vec::with_capacity(self.len);
        let mut at = 0;
        for (place, new) in edits {
            out.extend_from_slice(&self.bytes[at..place.start]);
            out.extend_from_slice(new.as_bytes());
            at = place.end;
        }
        out.extend_from_slice(&self.bytes[at..]);
        Ok(out)
    }
}

/// A whole record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WarcRecord<'a> {
    /// Its head.
    pub head: Head<'a>,
    /// Its block.
    pub block: &'a [u8],
    /// What is between its block and the next record.
    pub tail: &'a [u8],
}

impl<'a> WarcRecord<'a> {
    /// Takes a record apart.
    ///
    /// # Errors
    ///
    /// Why the record has to pass through.
    pub fn parse(raw: &'a [u8]) -> Result<Self, &'static str> {
        let head = Head::parse(raw).ok_or("no WARC record")?;
        let length = head.length().ok_or("a WARC record without a sound Content-Length")?;
        let rest = &raw[head.len..];
        let end = usize::try_from(length).ok().filter(|n| *n <= rest.len()).ok_or("the WARC record is cut short")?;
        let (block, tail) = rest.split_at(end);
        let pairs = tail.len().is_multiple_of(2) && tail.chunks(2).all(|pair| pair == b"\r\n");
        if pairs || tail.iter().all(|b| *b == b'\n') {
            Ok(Self { head, block, tail })
        } else {
            Err("the WARC record's Content-Length is wrong")
        }
    }

    /// Its type, as in `response` or `conversion`.
    pub fn kind(&self) -> &'a str {
        self.head.field("WARC-Type").unwrap_or_default()
    }

    /// The page's address.
    pub fn url(&self) -> Option<&'a str> {
        let uri = self.head.field("WARC-Target-URI")?;
        Some(uri.strip_prefix('<').and_then(|u| u.strip_suffix('>')).unwrap_or(uri))
    }
}

/// A record of the text that became of a page: `record` is the response that held it. The same page gives the same record.
pub fn conversion(record: &WarcRecord<'_>, text: &[u8], content_type: &str) -> Vec<u8> {
    let mut out = String::from("WARC/1.0\r\nWARC-Type: conversion\r\n");
    let mut field = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(": ");
        out.push_str(value);
        out.push_str("\r\n");
    };
    for name in ["WARC-Target-URI", "WARC-Date"] {
        if let Some(value) = record.head.field(name) {
            field(name, value);
        }
    }
    let id = record.head.field("WARC-Record-ID").unwrap_or_default();
    field(
        "WARC-Record-ID",
        &format!("<urn:uuid:{}>", uuid(&[b"dehusk\0", id.as_bytes(), b"\0", record.block].concat())),
    );
    if !id.is_empty() {
        field("WARC-Refers-To", id);
    }
    field("WARC-Block-Digest", &format!("sha1:{}", base32(&Sha1::digest(text), false)));
    field("Content-Type", content_type);
    field("Content-Length", &text.len().to_string());
    let mut out = (out + "\r\n").into_bytes();
    out.extend_from_slice(text);
    out.extend_from_slice(TAIL);
    out
}

/// A UUID that is made of a hash (RFC 9562, version 8).
fn uuid(bytes: &[u8]) -> String {
    let hash = xxh3_128(bytes);
    let hash = hash & !(0xf << 76 | 0x3 << 62) | 8 << 76 | 2 << 62;
    let digits = format!("{hash:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// The digest of a block, of the same kind and written the same way as another one.
fn digest_like(old: &str, block: &[u8]) -> Option<String> {
    let (algorithm, value) = old.split_once(':')?;
    let hash = match algorithm.to_ascii_lowercase().replace('-', "").as_str() {
        "sha1" => Sha1::digest(block).to_vec(),
        "sha256" => Sha256::digest(block).to_vec(),
        _ => return None,
    };
    let text = if value.len() == hash.len() * 2 {
        hash.iter().map(|b| format!("{b:02x}")).collect()
    } else {
        base32(&hash, value.ends_with('='))
    };
    let upper = value.bytes().any(|b| b.is_ascii_uppercase());
    Some(format!("{algorithm}:{}", if upper { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() }))
}

/// RFC 4648.
fn base32(bytes: &[u8], padded: bool) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for group in bytes.chunks(5) {
        let bits = group.iter().chain(&[0; 5]).take(5).fold(0_u64, |bits, b| bits << 8 | u64::from(*b));
        let digits = (group.len() * 8).div_ceil(5);
        out.extend((0..digits).map(|i| char::from(ALPHABET[(bits >> (35 - 5 * i) & 31) as usize])));
        out.extend(std::iter::repeat_n('=', if padded { 8 - digits } else { 0 }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Chunk, Chunks, Framing};

    fn record(kind: &str, length: impl std::fmt::Display, block: &str) -> String {
        format!("WARC/1.0\r\nWARC-Type: {kind}\r\ncontent-length: {length}\r\n\r\n{block}\r\n\r\n")
    }

    fn good(block: &str) -> String {
        record("conversion", block.len(), block)
    }

    /// The records of a file, read in chunks whose size the reader decides.
    fn split(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        for chunk in Chunks::new(text.as_bytes(), Framing::Warc, 1 << 20, 1) {
            match chunk.unwrap() {
                Chunk::Records { bytes, ends, .. } => {
                    let mut at = 0;
                    for end in ends {
                        out.push(String::from_utf8(bytes[at..end].to_vec()).unwrap());
                        at = end;
                    }
                }
                whole @ Chunk::Whole { .. } => out.push(String::from_utf8(whole.bytes().to_vec()).unwrap()),
            }
        }
        assert_eq!(out.concat(), text);
        out
    }

    #[test]
    fn records_end_where_their_length_says() {
        let text = [good("one"), good(""), good("WARC/1.0\r\nnot a head\nWARC/1.0\r\n\r\n")].concat();
        assert_eq!(split(&text).len(), 3);
        assert_eq!(split("").len(), 0);
        // Line feeds alone, and more of them than there should be.
        let loose = "WARC/1.0\nContent-Length: 3\n\none\n\n\n\nWARC/1.0\nContent-Length: 3\n\ntwo";
        assert_eq!(split(loose).len(), 2);
        assert!(split(loose).iter().all(|r| WarcRecord::parse(r.as_bytes()).is_ok()));
    }

    #[test]
    fn a_wrong_length_costs_one_record() {
        for wrong in ["2", "4", "400", "-3", "18446744073709551615", "99999999999999999999", "x", ""] {
            let text = [good("first"), record("conversion", wrong, "one"), good("last")].concat();
            let records = split(&text);
            assert_eq!(records.len(), 3, "{wrong}: {records:?}");
            let sound: Vec<_> = records.iter().map(|r| WarcRecord::parse(r.as_bytes()).is_ok()).collect();
            assert_eq!(sound, [true, false, true], "{wrong}");
        }
        let cut = &[good("first"), good("a long last one")].concat()[..100];
        assert_eq!(split(cut).len(), 2);
        assert_eq!(split("no record\n").len(), 1);
        assert_eq!(split(&["junk\r\n", &good("one")].concat()).len(), 2);
    }

    #[test]
    fn every_cut_is_split_without_loss() {
        let text = [good("one"), record("response", 9, "two"), good("three\nWARC/1.0\n")].concat();
        for cut in 0..text.len() {
            split(&text[..cut]);
        }
    }

    #[test]
    fn lengths_and_digests_are_corrected() {
        let old = "WARC/1.0\r\nContent-Length: 11\r\nWARC-Block-Digest: sha1:YVQMAPXLAUQFJ3SWKL3CPSA2NIKRKIQJ\r\nX: y\r\nWARC-Payload-Digest: sha256:00000000000000000000000000000000000000000000000000000000000000ab\r\n\r\n";
        let head = Head::parse(old.as_bytes()).unwrap();
        let new = String::from_utf8(head.with_block(b"abc").unwrap()).unwrap();
        assert_eq!(
            new,
            "WARC/1.0\r\nContent-Length: 3\r\nWARC-Block-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\nX: y\r\nWARC-Payload-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n\r\n"
        );
        let odd = "WARC/1.0\r\nWARC-Block-Digest: blake9:AA\r\n\r\n";
        assert!(Head::parse(odd.as_bytes()).unwrap().with_block(b"").is_err());
        assert_eq!(base32(b"foob", true), "MZXW6YQ=");
    }
}
