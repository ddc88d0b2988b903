//! The strings of a JSON text, one after the other, with the keys that lead to them. Never calls itself; JSON that is
//! broken gives the strings before the break.

use std::ops::Range;

/// Keys deeper than this are not told.
const MAX_DEPTH: usize = 32;

/// A string of a JSON text.
pub(super) struct Text<'k> {
    /// Its bytes of the JSON text, without quotes.
    pub raw: Range<usize>,
    /// The keys that lead to it, the outermost first; arrays add none.
    pub keys: &'k [&'k str],
    /// Objects and arrays around it.
    pub depth: usize,
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
                    visit(&Text { raw, keys: &told, depth });
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
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next();
        rest = &rest[at + 1 + escape.map_or(0, char::len_utf8)..];
        match escape {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b' | 'f') => out.push(' '),
            Some('u') => {
                let unit = |text: &str| text.get(..4).and_then(|h| u16::from_str_radix(h, 16).ok());
                let Some(first) = unit(rest) else { continue };
                rest = &rest[4..];
                let second = if (0xd800..0xdc00).contains(&first) { rest.strip_prefix("\\u").and_then(unit) } else { None };
                let both = second.and_then(|s| char::decode_utf16([first, s]).next()?.ok());
                if both.is_some() {
                    rest = &rest[6..];
                }
                out.push(both.or_else(|| char::from_u32(u32::from(first))).unwrap_or('\u{fffd}'));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_with_their_keys() {
        let json = r#"{"@graph":[{"a":"x","author":[{"name":"Ada \"B\""}]},"s"],"n":1,"z":{"y":"end"}}"#;
        let mut got = Vec::new();
        strings(json, |t| got.push((t.keys.join("/"), unescape(&json[t.raw.clone()]), t.depth)));
        let want = [("@graph/a", "x", 3), ("@graph/author/name", "Ada \"B\"", 5), ("@graph", "s", 2), ("z/y", "end", 2)];
        assert_eq!(got, want.map(|(k, v, d)| (k.to_owned(), v.to_owned(), d)));
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
