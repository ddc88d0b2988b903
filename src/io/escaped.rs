//! The one way to show a path or a page's text on a terminal.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::path::Path;

/// Text or a path in a form that is safe to show: no control, escape, bidirectional or invisible character comes through
/// raw. A scraped page or a file name must not be able to move the cursor or to fake a message.
///
/// ```
/// use dehusk::io::Escaped;
/// assert_eq!(Escaped::text("a\u{1b}[2Jb").to_string(), r"a\u{1b}[2Jb");
/// assert_eq!(Escaped::path("it's.txt".as_ref()).to_string(), r"'it\'s.txt'");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a> {
    bytes: &'a [u8],
    quoted: bool,
    lines: bool,
}

impl<'a> Escaped<'a> {
    /// A path, in single quotes.
    pub fn path(path: &'a Path) -> Self {
        Self { bytes: path.as_os_str().as_encoded_bytes(), quoted: true, lines: false }
    }

    /// A path without quotes, for listings that other programs read.
    pub fn bare_path(path: &'a Path) -> Self {
        Self { quoted: false, ..Self::path(path) }
    }

    /// An argument of the command line, in single quotes.
    pub fn argument(argument: &'a OsStr) -> Self {
        Self { bytes: argument.as_encoded_bytes(), quoted: true, lines: false }
    }

    /// Text on one line: line breaks and tabs are escaped too.
    pub fn text(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), quoted: false, lines: false }
    }

    /// Text whose line feeds and tabs stay.
    pub fn lines(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), quoted: false, lines: true }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted {
            f.write_char('\'')?;
        }
        for chunk in self.bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\n' | '\t' if self.lines => f.write_char(c)?,
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    '\'' if self.quoted => f.write_str("\\'")?,
                    c if is_unsafe(c) => write!(f, "{}", c.escape_unicode())?,
                    c => f.write_char(c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        if self.quoted {
            f.write_char('\'')?;
        }
        Ok(())
    }
}

/// Controls, line separators, and whatever changes direction or cannot be seen.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unsafe_comes_through() {
        for c in '\0'..=char::MAX {
            let shown = Escaped::text(c.encode_utf8(&mut [0; 4])).to_string();
            assert!(!shown.chars().any(is_unsafe), "{c:?}");
        }
        assert_eq!(Escaped::lines("a\tb\r\nc\u{9b}").to_string(), "a\tb\\r\nc\\u{9b}");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_of_no_character_are_shown() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(Escaped::argument(OsStr::from_bytes(b"\xff\xfe.html")).to_string(), r"'\xff\xfe.html'");
    }
}
