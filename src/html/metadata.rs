//! What a page says of itself: title, author, date, language, address, site.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::attrs::{Attrs, Name};
use super::json;
use super::line::flag;
use super::tag::Tag;

/// Bytes of a value that are kept.
const MAX_VALUE: usize = 1000;

/// What a page says of itself. A field is `None` where the page does not say; nothing is guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The title of the article, or else of the page.
    pub title: Option<String>,
    /// The author's name, as the page writes it.
    pub author: Option<String>,
    /// When it was published, as the page writes it (ISO 8601 mostly).
    pub date: Option<String>,
    /// The language: a BCP 47 tag such as `de` or `pt-BR`.
    pub language: Option<String>,
    /// The address that the page gives as its own.
    pub canonical_url: Option<String>,
    /// The name of the site.
    pub site_name: Option<String>,
}

/// A field of [`Metadata`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Author,
    Date,
    Language,
    Url,
    Site,
}

/// The best value so far of every field, and how good its source is.
#[derive(Default)]
struct Best([Option<(u8, String)>; 6]);

/// What the reader finds beside the visible text.
#[derive(Default)]
pub(super) struct Found {
    best: Best,
    title: Option<String>,
    in_title: bool,
    /// Scripts that hold data: JSON-LD, and other JSON.
    pub linked_data: Vec<Range<usize>>,
    pub app_data: Vec<Range<usize>>,
    script: Option<(bool, Range<usize>)>,
    /// Source bytes of what browsers without scripts would show.
    pub noscript: usize,
    /// Links begun whose text has not.
    pub pending_links: u16,
}

impl Best {
    fn offer(&mut self, field: Field, rank: u8, value: &str) {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let slot = &mut self.0[field as usize];
        if !value.is_empty() && value.len() <= MAX_VALUE && slot.as_ref().is_none_or(|(r, _)| *r < rank) {
            *slot = Some((rank, value));
        }
    }
}

impl Found {
    pub fn start_tag(&mut self, tag: Tag, attrs: &Attrs, context: u32) {
        match tag {
            Tag::Html => {
                if let Some(lang) = attrs.text(Name::Lang) {
                    self.best.offer(Field::Language, 5, lang);
                }
            }
            Tag::Link if attrs.text(Name::Rel).is_some_and(|r| r.eq_ignore_ascii_case("canonical")) => {
                if let Some(href) = attrs.text(Name::Href).filter(|h| is_address(h)) {
                    self.best.offer(Field::Url, 5, href);
                }
            }
            Tag::Meta => self.meta(attrs),
            Tag::Time if attrs.get(Name::ItemProp) == Some(b"datePublished") => {
                if let Some(date) = attrs.text(Name::DateTime) {
                    self.best.offer(Field::Date, 3, date);
                }
            }
            Tag::Time if context & flag::ARTICLE != 0 => {
                if let Some(date) = attrs.text(Name::DateTime) {
                    self.best.offer(Field::Date, 1, date);
                }
            }
            _ => {}
        }
    }

    fn meta(&mut self, attrs: &Attrs) {
        let Some(content) = attrs.text(Name::Content) else { return };
        let name =
            [Name::Property, Name::MetaKey, Name::ItemProp, Name::HttpEquiv].into_iter().find_map(|n| attrs.text(n));
        let Some(name) = name else { return };
        let not_url = |rank| if content.contains("://") { 0 } else { rank };
        let (field, rank) = match name.to_ascii_lowercase().as_str() {
            "og:title" => (Field::Title, 5),
            "twitter:title" => (Field::Title, 3),
            "dc.title" | "dcterms.title" | "citation_title" => (Field::Title, 4),
            "author" | "dc.creator" | "citation_author" | "parsely-author" | "sailthru.author" => {
                (Field::Author, not_url(4))
            }
            "article:author" | "og:article:author" => (Field::Author, not_url(3)),
            "article:published_time" | "og:article:published_time" | "og:published_time" => (Field::Date, 5),
            "datepublished"
            | "dc.date"
            | "dcterms.created"
            | "citation_publication_date"
            | "parsely-pub-date"
            | "date"
            | "pubdate" => (Field::Date, 3),
            "og:locale" => (Field::Language, 2),
            "content-language" | "language" | "dc.language" => (Field::Language, 3),
            "og:url" => (Field::Url, if is_address(content) { 3 } else { 0 }),
            "og:site_name" => (Field::Site, 5),
            "application-name" => (Field::Site, 2),
            _ => return,
        };
        if rank > 0 {
            let content = if field == Field::Language { content.replace('_', "-") } else { content.to_owned() };
            self.best.offer(field, rank, &content);
        }
    }

    pub fn begin_title(&mut self) {
        self.in_title = self.title.is_none();
    }

    pub fn end_title(&mut self) {
        self.in_title = false;
    }

    pub fn begin_script(&mut self, attrs: &Attrs, at: usize) {
        let linked = attrs.text(Name::Type).is_some_and(|t| t.eq_ignore_ascii_case("application/ld+json"));
        let data = attrs.text(Name::Type).is_some_and(|t| t.eq_ignore_ascii_case("application/json"));
        if linked || data || attrs.get(Name::Id) == Some(b"__NEXT_DATA__") {
            self.script = Some((linked, at..at));
        }
    }

    pub fn end_script(&mut self) {
        if let Some((linked, range)) = self.script.take().filter(|s| !s.1.is_empty()) {
            if linked { self.linked_data.push(range) } else { self.app_data.push(range) }
        }
    }

    /// Text that is not shown: titles and data.
    pub fn skipped_text(&mut self, text: &[u8], source: usize, width: usize) {
        if let Some((_, range)) = &mut self.script {
            range.end = source + width;
        } else if self.in_title {
            let title = self.title.get_or_insert_default();
            if title.len() < MAX_VALUE {
                title.push_str(&String::from_utf8_lossy(text));
            }
        }
    }

    /// The metadata; `heading` is the text of the page's only first-rank heading.
    pub fn metadata(&mut self, source: &str, heading: Option<&str>) -> Metadata {
        let ranges = self.linked_data.clone();
        for range in ranges {
            if let Some(json) = source.get(range) {
                linked_data(json, &mut self.best);
            }
        }
        if let Some(title) = self.title.take() {
            self.best.offer(Field::Title, 1, &title);
        }
        if let Some(heading) = heading {
            self.best.offer(Field::Title, 2, heading);
        }
        let [title, author, date, language, canonical_url, site_name] =
            std::mem::take(&mut self.best.0).map(|v| v.map(|(_, v)| v));
        Metadata { title, author, date, language, canonical_url, site_name }
    }
}

/// Whether it is a whole address: with a scheme and a host.
fn is_address(href: &str) -> bool {
    href.split_once("://").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
}

/// Keys under which a page lists other things than itself.
const OTHERS: [&str; 9] =
    ["itemListElement", "hasPart", "isRelatedTo", "mentions", "review", "comment", "mainEntity", "about", "citation"];

fn linked_data(json: &str, best: &mut Best) {
    json::strings(json, |text| {
        let [.., last] = text.keys else { return };
        if text.keys.iter().any(|k| OTHERS.contains(k)) {
            return;
        }
        let parent = text.keys.len().checked_sub(2).map_or("", |i| text.keys[i]);
        let (field, rank) = match (parent, *last) {
            ("" | "@graph" | "mainEntityOfPage", "headline") => (Field::Title, 6),
            ("author", "name") => (Field::Author, 5),
            ("" | "@graph", "author") => (Field::Author, 5),
            ("" | "@graph", "datePublished") => (Field::Date, 6),
            ("publisher", "name") => (Field::Site, 3),
            ("" | "@graph", "inLanguage") => (Field::Language, 1),
            _ => return,
        };
        let value = json::unescape(&json[text.raw.clone()]);
        if !(field == Field::Author && value.contains("://")) {
            best.offer(field, rank, &value);
        }
    });
}
