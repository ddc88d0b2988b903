//! Simple pages keep their bodies, whatever the learned weights have seen.

use dehusk::{Cleaner, Document, InputKind, Status};

const PARAGRAPH: &str = "<p>The ferry left at noon, and nobody on the pier waved at the people who stood in the rain and \
    watched the town grow small behind them.</p>";

/// A page, and what must stay of it.
const PAGES: &[(&str, &[&str])] = &[
    ("<p>The ferry left at noon.</p>", &["The ferry left at noon."]),
    ("Just text without a tag.", &["Just text without a tag."]),
    (
        "<html><head><title>Boat</title></head><body><h1>The boat</h1><p>It was old, and it was slow, and it was ours.</p></body></html>",
        &["The boat", "It was old"],
    ),
    (
        "<body><nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav><main><h1>Pea soup</h1><p>A soup for cold days that \
         feeds four people and takes an hour.</p><h2>Ingredients</h2><ul><li>500 g dried peas</li><li>1 onion</li><li>2 carrots</li>\
         </ul><h2>Method</h2><ol><li>Soak the peas over night.</li><li>Fry the onion until it is soft.</li><li>Add water and \
         simmer for an hour.</li></ol></main><footer><p>Contact</p></footer></body>",
        &["A soup for cold days", "500 g dried peas", "2 carrots", "Soak the peas", "simmer for an hour"],
    ),
    (
        "<div class=question><h1>How do I sort a list by two keys?</h1><p>I have a list of people and want to sort them by name \
         and then by age. What is the shortest way?</p></div><div class=answer><p>Sort with a key that is a pair:</p>\
         <pre><code>people.sort(key=lambda p: (p.name, p.age))</code></pre><p>Pairs are compared from left to right, so the \
         age only counts between equal names.</p></div>",
        &["I have a list of people", "people.sort(key=lambda", "Pairs are compared"],
    ),
    (
        "<article><h1>Reading a file</h1><p>Open the file, read it line by line, and close it again when you are done:</p><pre>\
         with open(path) as f:\n    for line in f:\n        print(line)\n</pre><p>The file is closed even when something goes \
         wrong in between.</p></article>",
        &["Open the file", "for line in f:", "The file is closed"],
    ),
];

#[test]
fn simple_pages_keep_their_bodies() {
    let cleaner = Cleaner::new();
    for (html, wanted) in PAGES {
        let cleaned = cleaner.clean(Document::from_html(html.as_bytes()));
        let body = cleaned.body();
        for text in *wanted {
            assert!(body.contains(text), "{text:?} is missing from {body:?}");
        }
    }
}

#[test]
fn the_tags_around_an_article_go() {
    let menu = ["Home", "News", "Sport", "Weather"].map(|w| format!("<li><a href='/{w}'>{w}</a></li>")).concat();
    let html = format!(
        "<body><header><nav class=main-menu><ul>{menu}</ul></nav></header><main><article><h1>The boat</h1>{}</article></main>\
         <footer class=site-footer><ul><li><a href=/p>Privacy</a></li><li><a href=/t>Terms of use</a></li></ul></footer></body>",
        PARAGRAPH.repeat(4)
    );
    let cleaned = Cleaner::new().clean(Document::from_html(html.as_bytes()));
    assert_eq!(cleaned.status(), Status::Cleaned);
    let body = cleaned.body();
    assert_eq!(body.matches("nobody on the pier").count(), 4, "{body}");
    assert!(!body.contains("Weather") && !body.contains("Terms of use"), "{body}");
}

#[test]
fn what_is_longer_than_any_page_is_judged_with_care() {
    let page = "Home\nNews\nSport\nWeather\nSign in\nSubscribe\n\nThe boat\n\nIt was old, and it was slow, and it was ours, \
                until the winter in which the river froze.\n\nRelated articles\nFerry fares to rise\nA bridge at last\n\n\
                Privacy\nTerms of use\n© 2024 The Harbour Post\n\n";
    let kind = |pages: usize| Cleaner::new().clean(&*page.repeat(pages)).report().input_kind();
    let words = page.split_whitespace().count();
    assert_eq!(kind(30_000 / words), InputKind::Page);
    assert_eq!(kind(45_000 / words), InputKind::Extracted);
}
