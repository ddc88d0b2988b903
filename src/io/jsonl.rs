//! A line of JSONL: where its text is, as it stands in the file. Nothing is ever written anew: what is removed is cut out
//! of the string between its quotes, and every other byte of the line stays.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The names of the fields that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The text to clean.
    pub text: String,
    /// The page's address.
    pub url: String,
    /// What the record is called.
    pub id: String,
}

impl Default for Fields {
    /// `text`, `url` and `id`.
    fn default() -> Self {
        Self { text: "text".to_owned(), url: "url".to_owned(), id: "id".to_owned() }
    }
}

/// A line whose text was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonLine<'a> {
    /// What stands between the quotes of the text.
    pub text: &'a str,
    /// Where it stands in the line.
    pub at: Range<usize>,
    /// The page's address, where the line has one.
    pub url: Option<String>,
    /// What the record is called, where the line says so: a text, or a number as it stands there.
    pub id: Option<String>,
}

impl<'a> JsonLine<'a> {
    /// Finds the text of a line. Only fields of the outermost object count, and each may be there once: readers disagree
    /// on which of two counts.
    ///
    /// # Errors
    ///
    /// Why the line has to pass through.
    pub fn parse(line: &'a [u8], fields: &Fields) -> Result<Self, String> {
        let body = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if body.trim_ascii().is_empty() {
            return Err("a blank line".to_owned());
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let found = json.deserialize_map(Names(fields)).and_then(|found| json.end().map(|()| found)).map_err(|e| {
            match e.classify() {
                serde_json::error::Category::Data => "no JSON object".to_owned(),
                // The line is known, and always 1 for the parser.
                _ => format!("invalid JSON: {}", e.to_string().replace("line 1 ", "")),
            }
        })?;
        let text = match found.text {
            Seen::Once(text) => text.get(),
            Seen::Never => return Err(format!("no field {:?}", fields.text)),
            Seen::Twice => return Err(format!("the field {:?} is there twice", fields.text)),
        };
        let inner = text
            .strip_prefix('"')
            .and_then(|t| t.strip_suffix('"'))
            .ok_or_else(|| format!("the field {:?} is no string", fields.text))?;
        // Where the parser says that the string stands, it stands: it lends from the line.
        let start = inner.as_ptr() as usize - line.as_ptr() as usize;
        Ok(Self { text: inner, at: start..start + inner.len(), url: found.url.text(), id: found.id.text() })
    }
}

/// How often a field is there.
enum Seen<'a> {
    Never,
    Once(&'a RawValue),
    Twice,
}

impl<'a> Seen<'a> {
    fn add(&mut self, value: &'a RawValue) {
        *self = if matches!(self, Self::Never) { Self::Once(value) } else { Self::Twice };
    }

    /// A string's value, or a number as it stands.
    fn text(&self) -> Option<String> {
        let Self::Once(value) = self else { return None };
        match value.get().as_bytes().first()? {
            b'"' => serde_json::from_str(value.get()).ok(),
            b'-' | b'0'..=b'9' => Some(value.get().to_owned()),
            _ => None,
        }
    }
}

struct Found<'a> {
    text: Seen<'a>,
    url: Seen<'a>,
    id: Seen<'a>,
}

struct Names<'f>(&'f Fields);

impl<'de> Visitor<'de> for Names<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found { text: Seen::Never, url: Seen::Never, id: Seen::Never };
        while let Some(Key(key)) = map.next_key()? {
            let fields = self.0;
            let wanted = [&fields.text, &fields.url, &fields.id].map(|name| **name == *key);
            if wanted == [false; 3] {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value: &RawValue = map.next_value()?;
            let seen = [&mut found.text, &mut found.url, &mut found.id];
            for (seen, _) in seen.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
                seen.add(value);
            }
        }
        Ok(found)
    }
}

/// A key, lent from the line where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cleaner, Document};

    fn text(line: &str) -> Result<String, String> {
        JsonLine::parse(line.as_bytes(), &Fields::default()).map(|l| {
            assert_eq!(&line[l.at.clone()], l.text);
            l.text.to_owned()
        })
    }

    #[test]
    fn the_text_is_found_as_it_stands() {
        for (line, want) in [
            (r#"{"text":"a\u00e9\/\n"}"#, r"a\u00e9\/\n"),
            ("{\"a\":{\"text\":1},\"text\" : \"x\" , \"b\":[{\"text\":2}]}\r\n", "x"),
            (r#"{"te\u0078t":"key with an escape"}"#, "key with an escape"),
            ("\u{feff}{\"text\":\"after a mark\"}", "after a mark"),
            (r#"{"n":1e400,"m":-0.0,"text":"\ud83d lone"}"#, r"\ud83d lone"),
            (r#"{"text":"","x":1,"x":2}"#, ""),
        ] {
            assert_eq!(text(line).as_deref(), Ok(want), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (line, why) in [
            ("", "a blank line"),
            (" \r\n", "a blank line"),
            ("[1]", "no JSON object"),
            ("\"text\"", "no JSON object"),
            ("12", "no JSON object"),
            ("{}", "no field \"text\""),
            (r#"{"text":null}"#, "the field \"text\" is no string"),
            (r#"{"text":["a"]}"#, "the field \"text\" is no string"),
            (r#"{"text":"a","text":"b"}"#, "the field \"text\" is there twice"),
            (r#"{"text":"a"}{"text":"b"}"#, "invalid JSON: trailing characters at column 13"),
            (r#"{"text":"a"#, "invalid JSON: EOF while parsing a string at column 10"),
            (r#"{"text":NaN}"#, "invalid JSON: expected value"),
            (r#"{"text":"\x"}"#, "invalid JSON: invalid escape"),
            (r#"{'text':1}"#, "invalid JSON: key must be a string"),
            ("{\"text\":\"a\nb\"}", "invalid JSON: control character"),
        ] {
            let got = text(line).unwrap_err();
            assert!(got.starts_with(why), "{line}: {got}");
        }
        assert!(JsonLine::parse(b"{\"text\":\"\xff\"}", &Fields::default()).unwrap_err().contains("invalid"));
        // Depth costs neither stack nor time.
        let deep = format!("{{\"d\":{}1{},\"text\":\"x\"}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(text(&deep).as_deref(), Ok("x"));
    }

    #[test]
    fn names_and_numbers() {
        let line = JsonLine::parse(br#"{"id":17,"url":"http:\/\/a.b","text":"x"}"#, &Fields::default()).unwrap();
        assert_eq!((line.id.as_deref(), line.url.as_deref()), (Some("17"), Some("http://a.b")));
        let line = JsonLine::parse(br#"{"id":{"a":1},"url":null,"text":"x"}"#, &Fields::default()).unwrap();
        assert_eq!((line.id, line.url), (None, None));
    }

    #[test]
    fn what_is_left_is_json_again() {
        let line = br#"{"a" : 1.00, "text":"Subscribe to our newsletter\n\nThe ferry left \u0061t noon, and nobody \ud83d\ude00 on the \ud83d pier waved.\r\nSubscribe to our newsletter","a":2}"#;
        let found = JsonLine::parse(line, &Fields::default()).unwrap();
        let cleaned = Cleaner::new().clean(Document::from_json_string(found.text));
        let body = cleaned.body_bytes();
        assert_eq!(body.as_ref(), br"The ferry left \u0061t noon, and nobody \ud83d\ude00 on the \ud83d pier waved.");
    }
}
