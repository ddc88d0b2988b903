//! HTML pages: what is read of them, what is kept, and the laws.
//!
//! A case is a file `tests/html/NAME.html` with `NAME.view`: the page's visible text line by line, each with a mark in
//! front: `+` must be kept, `-` must go, `?` may do either. `NAME.md` is the whole page as Markdown.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dehusk::{Cleaner, Document, Format, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

static CLEANER: LazyLock<Cleaner> = LazyLock::new(Cleaner::new);
/// Passes every page through whole.
static KEEPER: LazyLock<Cleaner> = LazyLock::new(|| Cleaner::builder().max_removed(0.0).build().unwrap());

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/html");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "html"));
    paths.sort();
    assert!(paths.len() >= 10, "{paths:?}");
    paths
}

#[test]
fn pages_are_read_and_keep_their_bodies() {
    for path in cases() {
        let name = path.file_stem().unwrap().to_string_lossy();
        let html = fs::read(&path).unwrap();
        let page = CLEANER.clean(Document::from_html(&html));
        let marked = fs::read_to_string(path.with_extension("view")).unwrap();
        let lines: Vec<(char, &str)> = marked
            .lines()
            .map(|line| line.split_at_checked(2).map_or((' ', ""), |(mark, text)| (mark.chars().next().unwrap(), text)))
            .collect();
        let view: String = lines.iter().map(|(_, text)| format!("{text}\n")).collect();
        assert_eq!(page.document().text(), view, "{name}");
        let mut at = 0;
        for (mark, text) in lines {
            let span = at..at + text.len();
            at += text.len() + 1;
            let gone: usize = page
                .removals()
                .iter()
                .map(|r| r.view_span())
                .map(|r| span.end.min(r.end).saturating_sub(span.start.max(r.start)))
                .sum();
            match mark {
                '+' => assert_eq!(gone, 0, "{name}: {text:?} must be kept"),
                '-' => assert_eq!(gone, text.len(), "{name}: {text:?} must go"),
                _ => assert!(matches!(mark, ' ' | '?'), "{name}: {mark:?} is no mark"),
            }
        }
    }
}

#[test]
fn pages_become_markdown() {
    for path in cases().iter().map(|p| p.with_extension("md")).filter(|p| p.exists()) {
        let html = fs::read(path.with_extension("html")).unwrap();
        let page = KEEPER.clean(Document::from_html(&html));
        assert_ne!(page.status(), Status::Cleaned, "{}", path.display());
        assert_eq!(page.markdown(), fs::read_to_string(&path).unwrap(), "{}", path.display());
    }
}

/// A sentence with letters of its own, in an encoding, under a `meta` that may lie.
#[test]
fn encodings_are_found_out() {
    const RUSSIAN: &str = "Паром ушёл в полдень, и никто на причале не махал рукой тем, кто стоял под дождём.";
    const JAPANESE: &str = "フェリーは正午に出発したが、桟橋では誰も手を振らなかった。雨の中に人々が立っていた。";
    const GERMAN: &str = "Die Fähre legte mittags ab, und niemand am Kai grüßte die müden Gäste, die im Regen hörten.";
    for (bytes_in, text, meta, found) in [
        ("windows-1251", RUSSIAN, "windows-1251", "windows-1251"),
        ("windows-1251", RUSSIAN, "utf-8", "windows-1251"),
        ("koi8-r", RUSSIAN, "", "koi8-u"),
        ("utf-8", RUSSIAN, "windows-1251", "utf-8"),
        ("utf-8", GERMAN, "utf-16", "utf-8"),
        ("shift_jis", JAPANESE, "shift_jis", "shift_jis"),
        ("shift_jis", JAPANESE, "utf-8", "shift_jis"),
        ("euc-jp", JAPANESE, "", "euc-jp"),
        ("iso-2022-jp", JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        ("windows-1252", GERMAN, "utf-8", "windows-1252"),
        ("windows-1252", GERMAN, "no-such-thing", "windows-1252"),
    ] {
        let (encoded, _, unmappable) = encoding(bytes_in).encode(text);
        assert!(!unmappable);
        let page = [format!("<html><meta charset='{meta}'><p>").as_bytes(), &encoded, b"</p><i>end</i>"].concat();
        let document = Document::from_html(&page);
        let case = format!("{bytes_in} that says {meta:?}");
        assert_eq!(document.text(), format!("{text}\n\nend\n"), "{case}");
        assert_eq!(document.encoding(), found, "{case}");
        let named = Document::with_encoding(&page, bytes_in).unwrap().format(Format::Html);
        assert_eq!(named.text(), document.text(), "{case}");
    }
}

fn encoding(label: &str) -> &'static encoding_rs::Encoding {
    encoding_rs::Encoding::for_label(label.as_bytes()).unwrap()
}

/// Tags whose text is shown wherever they stand.
const SHOWN: [&str; 30] = [
    "<p>",
    "</p>",
    "<div class='nav menu'>",
    "</div>",
    "<b>",
    "</b>",
    "<a href=/x>",
    "</a>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<h2>",
    "</h2>",
    "<nav>",
    "</nav>",
    "<footer>",
    "<blockquote>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "<br>",
    "<article>",
    "</article>",
    "<x-y>",
    "</x-y>",
    "<dl><dt>",
];
/// What may swallow text, and odd pieces.
const ODD: [&str; 24] = [
    "<script>",
    "</script>",
    "<style>",
    "<!--",
    "-->",
    "<svg>",
    "</svg>",
    "<math>",
    "<template>",
    "</template>",
    "<select><option>",
    "<textarea>",
    "<title>",
    "<iframe>",
    "<plaintext>",
    "&amp;",
    "&#x1F600;",
    "&nbsp;",
    "<",
    "<a b='",
    "\0",
    "<![CDATA[",
    "<ol start=7>",
    "<script type='application/ld+json'>{\"articleBody\":\"",
];
const WORDS: [&str; 8] = [
    "ferry ",
    "Subscribe to our newsletter",
    "\n ",
    "größe",
    " The ferry left at noon, and nobody on the pier waved at the people who stood in the rain by the rail. ",
    "\r\n",
    "№",
    "All rights reserved",
];

fn soup(odd: bool) -> impl Strategy<Value = String> {
    let pieces: Vec<&str> = [&SHOWN[..], if odd { &ODD } else { &[] }, &WORDS, &WORDS].concat();
    vec(select(pieces), 0..60).prop_map(|pieces| pieces.concat())
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

proptest! {
    #[test]
    fn kept_and_removed_text_tile_the_page(html in soup(true), cut in any::<prop::sample::Index>()) {
        for raw in [html.as_bytes(), &html.as_bytes()[..cut.index(html.len() + 1)]] {
            let page = CLEANER.clean(Document::from_html(raw));
            let view = page.document().text();
            let mut at = 0;
            for r in page.removals() {
                let span = r.view_span();
                prop_assert!(at <= span.start && span.start < span.end && span.end <= view.len());
                at = span.end;
                prop_assert!(r.span().start <= r.span().end && r.span().end <= raw.len());
            }
            prop_assert_eq!(page.restore(), view);
            let kept: usize = view.len() - page.removals().iter().map(|r| r.view_span().len()).sum::<usize>();
            prop_assert_eq!(page.body().len(), kept);
            let again = CLEANER.clean(Document::from_html(raw));
            prop_assert_eq!(page.markdown(), again.markdown());
        }
    }

    #[test]
    fn records_give_the_visible_text_back(html in soup(true)) {
        #[cfg(feature = "io")]
        {
            let page = CLEANER.clean(Document::from_html(html.as_bytes()));
            let body = page.output(Format::Text);
            let record = dehusk::io::Record::new(Path::new("a.txt"), &page, &body);
            let record = dehusk::io::Record::parse(&record.to_line()).unwrap();
            prop_assert_eq!(record.restore_visible(&body).unwrap(), page.document().text());
            prop_assert!(record.restore(&body).is_err());
        }
    }

    #[test]
    fn text_is_complete_and_in_order(html in soup(false)) {
        let document = Document::from_html(html.as_bytes());
        let mut source = String::new();
        let mut tag = false;
        for c in html.chars() {
            tag |= c == '<';
            if !tag {
                source.push(c);
            }
            tag &= c != '>';
        }
        prop_assert_eq!(letters(document.text()), letters(&source));
    }

    #[test]
    fn source_ranges_hold_the_removed_text(html in soup(false)) {
        let page = CLEANER.clean(Document::from_html(html.as_bytes()));
        let mut end = 0;
        for r in page.removals() {
            prop_assert!(end <= r.span().start);
            end = r.span().end;
            let mut source = html[r.span()].chars();
            let missing = letters(page.text_of(r)).chars().find(|c| !source.any(|s| s == *c));
            prop_assert_eq!(missing, None, "{:?} is not in {:?}", page.text_of(r), &html[r.span()]);
        }
    }

    #[test]
    fn a_page_in_another_encoding_is_the_same_page(html in soup(false)) {
        let utf16: Vec<u8> = html.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = Document::with_encoding(&utf16, "utf-16le").unwrap().format(Format::Html);
        let (wide, narrow) = (CLEANER.clean(wide), CLEANER.clean(Document::from_html(html.as_bytes())));
        prop_assert_eq!(wide.body(), narrow.body());
    }
}
