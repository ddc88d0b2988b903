//! The strings of a JSON text, one after the other, with the keys that lead to them. Never calls itself; JSON that is
//! broken gives the strings before the break.

use std::ops::Range;

use crate::document::OffsetMap;

/// Keys deeper than this are not told.
const MAX_DEPTH: usize = 32;

/// A string of a JSON text.
pub(super) struct Text<'k> {
    /// Its bytes of the JSON text, without quotes.
    pub raw: Range<usize>,
    /// The keys that lead to it, the outermost first; arrays add none.
    pub keys: &'k [&'k str],
}

/// Calls `visit` for every string that is a value.
pub(super) fn strings(json: &str, mut visit: impl FnMut(&Text<'_>)) {
    let bytes = json.as_bytes();
    let mut at = 0;
    // Keys of the open objects; "" for arrays.
    let mut keys: Vec<&str> = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut key: Option<&str> = None;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let Some(end) = string_end(bytes, at + 1) else { return };
                let raw = at + 1..end;
                at = end + 1;
                let next = bytes[at..].iter().position(|b| !b.is_ascii_whitespace()).map_or(0, |i| bytes[at + i]);
                if next == b':' {
                    key = Some(&json[raw]);
                } else {
                    told.clear();
                    told.extend(keys.iter().copied().chain(key.take()).filter(|k| !k.is_empty()));
                    visit(&Text { raw, keys: &told });
                }
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if depth <= MAX_DEPTH {
                    keys.push(key.take().unwrap_or(""));
                }
                key = None;
            }
            b'}' | b']' => {
                if depth <= MAX_DEPTH {
                    keys.pop();
                }
                depth = depth.saturating_sub(1);
                key = None;
            }
            b',' => key = None,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that starts at `at` ends: the index of its closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let i = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[i] == b'"' {
            return Some(i);
        }
        at = i + 2;
    }
}

/// The text of a JSON string, escapes decoded; a lone surrogate becomes U+FFFD.
pub(super) fn unescape(raw: &str) -> String {
    unescape_mapped(raw, 0).0
}

/// The same, and where each character came from; `base` is where the string starts in the source.
pub(crate) fn unescape_mapped(raw: &str, base: usize) -> (String, OffsetMap) {
    let mut out = String::with_capacity(raw.len());
    let mut map = OffsetMap::identity();
    let mut at = 0;
    while at < raw.len() {
        let next = memchr::memchr(b'\\', &raw.as_bytes()[at..]).map_or(raw.len(), |i| at + i);
        if next > at {
            map.push(out.len(), base + at, 1, 1);
            out.push_str(&raw[at..next]);
        }
        if next == raw.len() {
            break;
        }
        let (c, width) = escape(&raw[next..]);
        if let Some(c) = c {
            map.push(out.len(), base + next, c.len_utf8(), width);
            out.push(c);
        }
        at = next + width;
    }
    (out, map)
}

/// The character of the escape at the start of `text`, and the bytes it takes.
fn escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|h| u16::from_str_radix(h, 16).ok());
    match text[1..].chars().next() {
        None => (None, 1),
        Some('n') => (Some('\n'), 2),
        Some('t') => (Some('\t'), 2),
        Some('r') => (Some('\r'), 2),
        Some('b') => (Some('\u{8}'), 2),
        Some('f') => (Some('\u{c}'), 2),
        Some('u') => {
            let Some(first) = unit(2) else { return (None, 2) };
            let second = if text.get(6..8) == Some("\\u") { unit(8) } else { None };
            let pair = second
                .filter(|_| (0xd800..0xdc00).contains(&first))
                .and_then(|s| char::decode_utf16([first, s]).next()?.ok());
            match pair {
                Some(c) => (Some(c), 12),
                None => (char::from_u32(u32::from(first)).or(Some('\u{fffd}')), 6),
            }
        }
        Some(c) => (Some(c), 1 + c.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_with_their_keys() {
        let json = r#"{"@graph":[{"a":"x","author":[{"name":"Ada \"B\""}]},"s"],"n":1,"z":{"y":"end"}}"#;
        let mut got = Vec::new();
        strings(json, |t| got.push((t.keys.join("/"), unescape(&json[t.raw.clone()]))));
        let want = [("@graph/a", "x"), ("@graph/author/name", "Ada \"B\""), ("@graph", "s"), ("z/y", "end")];
        assert_eq!(got, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(r"a\n\u00e9\ud83d\ude00\ud83d.\/"), "a\né😀\u{fffd}./");
        for broken in [r"\", r"\u12", r"\ud83d\u", "\\é"] {
            unescape(broken);
        }
    }

    #[test]
    fn broken_json_ends_quietly() {
        for json in ["{\"a", "[[[", "]]]\"x\"", "\"\\", ""] {
            strings(json, |_| {});
        }
    }
}
