//! The attributes of one start tag, as far as they tell something.

use super::line::flag;
use super::tag::Tag;

/// Words of classes and the like kept for one element.
const MAX_TOKENS: usize = 12;
/// Bytes of a value that are looked at for words.
const MAX_VALUE: usize = 400;

/// An attribute the reader wants the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Class,
    Id,
    Role,
    ItemProp,
    AriaLabel,
    AriaHidden,
    Hidden,
    Style,
    Href,
    Open,
    Start,
    Type,
    Rel,
    Content,
    Property,
    MetaKey,
    Lang,
    DateTime,
    HttpEquiv,
    Src,
    Alt,
}

impl Name {
    /// The attribute of a lower-case name on an element.
    pub fn of(name: &[u8], tag: Tag) -> Option<Name> {
        Some(match (name, tag) {
            (b"class", _) => Name::Class,
            (b"id", _) => Name::Id,
            (b"role", _) => Name::Role,
            (b"itemprop", _) => Name::ItemProp,
            (b"aria-label", _) => Name::AriaLabel,
            (b"aria-hidden", _) => Name::AriaHidden,
            (b"hidden", _) => Name::Hidden,
            (b"style", _) => Name::Style,
            (b"href", Tag::A | Tag::Link) => Name::Href,
            (b"open", Tag::Dialog) => Name::Open,
            (b"start", Tag::Ol) => Name::Start,
            (b"type", Tag::Script) => Name::Type,
            (b"rel", Tag::A | Tag::Link) => Name::Rel,
            (b"content", _) => Name::Content,
            (b"property", _) => Name::Property,
            (b"name", Tag::Meta) => Name::MetaKey,
            (b"lang", Tag::Html) => Name::Lang,
            (b"datetime", Tag::Time) => Name::DateTime,
            (b"http-equiv", Tag::Meta) => Name::HttpEquiv,
            (b"src", Tag::Img) => Name::Src,
            (b"alt", Tag::Img) => Name::Alt,
            _ => return None,
        })
    }
}

/// The wanted attributes of the start tag that is being read.
#[derive(Default)]
pub(super) struct Attrs {
    values: Vec<u8>,
    found: Vec<(Name, u32, u32)>,
}

impl Attrs {
    pub fn clear(&mut self) {
        self.values.clear();
        self.found.clear();
    }

    pub fn begin(&mut self, name: Name) {
        let at = self.values.len() as u32;
        self.found.push((name, at, at));
    }

    pub fn extend(&mut self, value: &[u8]) {
        self.values.extend_from_slice(value);
        if let Some(last) = self.found.last_mut() {
            last.2 = self.values.len() as u32;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The value of an attribute; of two with one name the first counts.
    pub fn get(&self, name: Name) -> Option<&[u8]> {
        self.found.iter().find(|f| f.0 == name).map(|f| &self.values[f.1 as usize..f.2 as usize])
    }

    pub fn text(&self, name: Name) -> Option<&str> {
        self.get(name).and_then(|v| std::str::from_utf8(v).ok()).map(str::trim).filter(|v| !v.is_empty())
    }

    /// Context that attributes give: role, hiding, marked-up bodies.
    pub fn flags(&self) -> u32 {
        let mut flags = 0;
        for (name, from, to) in &self.found {
            let value = &self.values[*from as usize..*to as usize];
            flags |= match name {
                Name::Hidden => flag::HIDDEN,
                Name::AriaHidden if value.eq_ignore_ascii_case(b"true") => flag::ARIA_HIDDEN,
                Name::Style if hides(value) => flag::HIDDEN,
                Name::Role => role(value),
                Name::ItemProp if value.eq_ignore_ascii_case(b"articleBody") => flag::ARTICLE_BODY,
                _ => 0,
            };
        }
        flags
    }

    /// Hashes of the words in class, id, role, itemprop and aria-label.
    pub fn tokens(&self, out: &mut Vec<u32>) {
        let limit = out.len() + MAX_TOKENS;
        for (name, from, to) in &self.found {
            if matches!(name, Name::Class | Name::Id | Name::Role | Name::ItemProp | Name::AriaLabel) {
                let value = &self.values[*from as usize..*to as usize];
                words(&value[..value.len().min(MAX_VALUE)], limit, out);
            }
        }
    }
}

/// Appends the hashes of the words of a value: runs of letters, cut where a capital follows a small letter.
fn words(value: &[u8], limit: usize, out: &mut Vec<u32>) {
    let mut hash = SEED;
    let mut length = 0;
    let mut small = false;
    let mut close = |hash: &mut u32, length: &mut usize| {
        // A single letter says nothing.
        let h = finish(*hash);
        if *length >= 2 && out.len() < limit && !out[limit - MAX_TOKENS..].contains(&h) {
            out.push(h);
        }
        *hash = SEED;
        *length = 0;
    };
    for &byte in value {
        let letter = byte.is_ascii_alphabetic() || byte >= 0x80;
        if !letter || (small && byte.is_ascii_uppercase()) {
            close(&mut hash, &mut length);
        }
        if letter {
            hash = step(hash, byte.to_ascii_lowercase());
            length += 1;
        }
        small = byte.is_ascii_lowercase();
    }
    close(&mut hash, &mut length);
}

const SEED: u32 = 0x811c_9dc5;

const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn finish(hash: u32) -> u32 {
    let h = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    h ^ (h >> 13)
}

/// The hash of a class word in lower case, as pages give it. Fixed for ever: learned weights are addressed by it.
pub(crate) const fn token(word: &str) -> u32 {
    let bytes = word.as_bytes();
    let mut hash = SEED;
    let mut i = 0;
    while i < bytes.len() {
        hash = step(hash, bytes[i]);
        i += 1;
    }
    finish(hash)
}

fn role(value: &[u8]) -> u32 {
    let is = |names: &[&str]| names.iter().any(|n| value.eq_ignore_ascii_case(n.as_bytes()));
    if is(&["navigation", "menu", "menubar", "tablist", "toolbar"]) {
        flag::NAV
    } else if is(&["contentinfo"]) {
        flag::FOOTER
    } else if is(&["banner"]) {
        flag::HEADER
    } else if is(&["complementary"]) {
        flag::ASIDE
    } else if is(&["main"]) {
        flag::MAIN
    } else if is(&["article"]) {
        flag::ARTICLE
    } else if is(&["search", "form"]) {
        flag::FORM
    } else if is(&["dialog", "alertdialog", "alert"]) {
        flag::DIALOG
    } else if is(&["button"]) {
        flag::BUTTON
    } else {
        0
    }
}

/// Whether an inline style takes the element off the page.
fn hides(style: &[u8]) -> bool {
    style.split(|b| *b == b';').any(|declaration| {
        let mut parts = declaration.splitn(2, |b| *b == b':');
        let (Some(property), Some(value)) = (parts.next(), parts.next()) else { return false };
        let value = value.trim_ascii();
        let starts = |with: &[u8]| value.len() >= with.len() && value[..with.len()].eq_ignore_ascii_case(with);
        match property.trim_ascii() {
            p if p.eq_ignore_ascii_case(b"display") => starts(b"none"),
            p if p.eq_ignore_ascii_case(b"visibility") => starts(b"hidden"),
            _ => false,
        }
    })
}

/// Class words that hide an element from the eye and leave it to screen readers.
pub(super) const SCREEN_READER: [&[u32]; 4] = [
    &[token("sr"), token("only")],
    &[token("visually"), token("hidden")],
    &[token("visuallyhidden")],
    &[token("screen"), token("reader"), token("text")],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_words_are_whole_words() {
        let mut out = Vec::new();
        words(b"navBar site-nav_2 canvas a", MAX_TOKENS, &mut out);
        assert_eq!(out, ["nav", "bar", "site", "canvas"].map(token));
    }

    #[test]
    fn styles_that_hide() {
        assert!(hides(b"color:red; DISPLAY : none !important") && hides(b"visibility:hidden"));
        assert!(!hides(b"display:block") && !hides(b"x-display:none") && !hides(b""));
    }
}
