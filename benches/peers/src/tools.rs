//! The extractors, each as it is meant to be used for text.

use std::sync::OnceLock;

use dom_smoothie::{Config, Readability, TextMode};

use crate::Page;

/// Bytes of a page to its body; `None` where the tool gives none.
type Tool = fn(&Page) -> Option<String>;

pub fn all() -> Vec<(&'static str, Tool)> {
    vec![
        ("dehusk", dehusk),
        ("dehusk-markdown", dehusk_markdown),
        ("dom_smoothie", dom_smoothie),
        ("rs-trafilatura", rs_trafilatura),
    ]
}

fn cleaner() -> &'static dehusk::Cleaner {
    static CLEANER: OnceLock<dehusk::Cleaner> = OnceLock::new();
    CLEANER.get_or_init(dehusk::Cleaner::new)
}

fn dehusk(page: &Page) -> Option<String> {
    Some(cleaner().clean(dehusk::Document::from_html(&page.html)).body().into_owned())
}

fn dehusk_markdown(page: &Page) -> Option<String> {
    Some(cleaner().clean(dehusk::Document::from_html(&page.html)).markdown().into_owned())
}

/// With its text laid out in lines: its default runs words of neighbouring blocks together.
fn dom_smoothie(page: &Page) -> Option<String> {
    let config = Config { text_mode: TextMode::Formatted, ..Config::default() };
    let html = String::from_utf8_lossy(&page.html);
    let mut readability = Readability::new(html.as_ref(), page.url.as_deref(), Some(config)).ok()?;
    Some(readability.parse().ok()?.text_content.to_string())
}

/// With the page's address, from which it tells page types.
fn rs_trafilatura(page: &Page) -> Option<String> {
    let options = rs_trafilatura::Options { url: page.url.clone(), ..rs_trafilatura::Options::default() };
    Some(rs_trafilatura::extract_bytes_with_options(&page.html, &options).ok()?.content_text)
}
