//! Pages in, text out.
#![allow(clippy::disallowed_types, reason = "tests do not fork")]

use std::ops::Range;
use std::sync::LazyLock;

use super::{HtmlPage, flag};
use crate::{Cleaner, Document};

fn text(html: &str) -> String {
    Document::from_html(html.as_bytes()).text().to_owned()
}

fn page(html: &str) -> (String, HtmlPage) {
    let read = super::read(html);
    (read.view, read.page)
}

fn markdown(html: &str) -> String {
    let (view, page) = page(html);
    super::markdown::render(&view, &page, std::iter::once(0..view.len()))
}

#[test]
fn blocks_are_lines_and_margins_are_blank_lines() {
    let html = "<title>No text</title><h1>A  boat</h1>\n<p>It was\n<b>old</b>.<p>And slow<br>as mud.<div>One</div><div>two</div>";
    assert_eq!(text(html), "A boat\n\nIt was old.\n\nAnd slow\nas mud.\n\nOne\ntwo\n");
}

#[test]
fn lists_tables_and_preformatted_text() {
    assert_eq!(
        text("<ul><li>one<li><p>two</p><ul><li>deep</ul></ul><ol start=3><li>c<li>d</ol>"),
        "* one\n\n* two\n\n  * deep\n\n3. c\n4. d\n"
    );
    assert_eq!(text("<table><tr><th>a<th>b<tr><td><p>1</p></td><td></td><td>2</table>"), "a\tb\n1\t2\n");
    assert_eq!(text("<table><tr><td><p>long</p><p>cell</p></td><td>next</table>"), "long\n\ncell\n\nnext\n");
    assert_eq!(text("<pre>\n if x:\n\n   y &lt; 2\n</pre><p>after"), " if x:\n\n   y < 2\n\nafter\n");
}

#[test]
fn what_a_browser_does_not_show_is_not_there() {
    let html = "a<script>if (a < b) x('</p>')</script><style>p{}</style><!-- c --><template>t</template><svg><title>s</title><path/></svg>\
        <noscript>n</noscript><select><option>o</select><iframe>i</iframe><textarea>t</textarea><video>v</video> b";
    assert_eq!(text(html), "a b\n");
    assert_eq!(text("<svg><g/><p>a paragraph ends the picture"), "a paragraph ends the picture\n");
    assert_eq!(text("<select><option>never closed<div>but the page goes on</div>"), "but the page goes on\n");
}

#[test]
fn words_stay_apart_and_together_as_on_the_page() {
    assert_eq!(
        text("<a>Home</a><a>News</a> <b>H</b>ello <button>Go</button><button>Stop</button>"),
        "Home News Hello Go Stop\n"
    );
    assert_eq!(
        text("1<sup>st</sup> <i>o</i><i>ne</i> caf&eacute;&nbsp;&amp; bar &#8211; &unknown; &amp"),
        "1st one café & bar – &unknown; &\n"
    );
}

#[test]
fn broken_markup_loses_no_text() {
    for (html, want) in [
        ("<p>a<div>b</p>c</div>d", "a\n\nb\nc\nd\n"),
        ("<b><p>bold</b> plain</p>", "bold plain\n"),
        ("</div></p>x</li><td>y", "x\ty\n"),
        ("a < b <3 </> c <>", "a < b <3 c <>\n"),
        ("<div class='x' class=y \"=>text", "text\n"),
        ("<ul><li>a</ul></ul></ul>b", "* a\n\nb\n"),
        ("one<br><br><br>two", "one\n\ntwo\n"),
        ("<h2>One<p>two<ul><li>three</h2>", "One\n\ntwo\n\n* three\n"),
        ("", ""),
        ("<p> \n&nbsp;</p>", ""),
        ("plain text only", "plain text only\n"),
    ] {
        assert_eq!(text(html), want, "{html}");
    }
}

#[test]
fn context_of_lines() {
    let html = "<nav class='siteNav'><a href=/>Home</a></nav><main><article><h2>Title</h2><p>Some <a href=x>link</a> text.</p>\
        <div style='display: none'>gone</div><p class='sr-only'>read aloud</p></article></main><footer>End</footer>";
    let (view, page) = page(html);
    let line = |text: &str| {
        page.lines.iter().find(|l| view[l.view.start as usize..l.view.end as usize].contains(text)).unwrap()
    };
    assert!(line("Home").is(flag::NAV) && line("Home").link_share() == 1.0);
    assert_eq!(page.tokens(line("Home")).iter().map(|t| t.hash).collect::<Vec<_>>(), ["site", "nav"].map(super::token));
    assert!(line("Title").rank == 2 && line("Title").is(flag::MAIN) && line("Title").is(flag::ARTICLE));
    assert!((line("Some").link_share() - 4.0 / 13.0).abs() < 1e-6 && line("Some").links == 1);
    assert!(line("gone").is(flag::HIDDEN) && line("aloud").is(flag::SR_ONLY) && line("End").is(flag::FOOTER));
    assert!(!line("End").is(flag::HIDDEN | flag::MAIN));
}

#[test]
fn headings_links_and_the_rest_as_markdown() {
    let html = "<h1>A <em>boat</em></h1><p>It <strong>was</strong> <a href='/old (1)'>old, and <i>slow</i></a>: <code>a*b</code> * c_d _e</p>\
        <blockquote><p>Said he.</p></blockquote><ul><li><a href=#>x</a><li>y</ul><pre><code>let a = 1;\n\nlet b;</code></pre>\
        <ol><li>one<p>more</p><pre>x\n y</pre><li><a href=u><code>f</code></a><ul><li>in<p>deep</ul>out</ol>\
        <table><tr><th>a<th>b|c<tr><td>1<td>2</table><p>one<br>two";
    let want = "# A *boat*\n\nIt **was** [old, and *slow*](/old%20%281%29): `a*b` \\* c_d \\_e\n\n> Said he.\n\n* x\n* y\n\n\
        ```\nlet a = 1;\n\nlet b;\n```\n\n1. one\n\n   more\n\n   ```\n   x\n    y\n   ```\n\n2. [`f`](u)\n  * in\n\n    deep\n\n   out\n\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 |\n\none  \ntwo\n";
    assert_eq!(markdown(html), want);
}

#[test]
fn metadata_is_what_the_page_says() {
    let html = "<html lang=de><head><title>T | Site</title><meta property='og:title' content='T'><meta name=author content='A. Nyman'>\
        <link rel=canonical href='https://example.com/t'><meta property='og:site_name' content=Site>\
        <script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-03-01\",\"mentions\":[{\"author\":\"Nobody\"}]}</script>";
    let m = Document::from_html(html.as_bytes()).metadata();
    let fields = [m.title, m.author, m.date, m.language, m.canonical_url, m.site_name].map(Option::unwrap);
    assert_eq!(fields, ["T", "A. Nyman", "2024-03-01", "de", "https://example.com/t", "Site"]);
    let nothing = b"<link rel=canonical href='https:///path'><meta property='og:url' content='/path'><p>nothing said";
    assert_eq!(Document::from_html(nothing).metadata(), crate::Metadata::default());
}

const SENTENCE: &str = "The ferry left at noon, and nobody on the pier waved at the people who stood in the rain. ";

#[test]
fn embedded_bodies_are_the_last_resort() {
    let body = SENTENCE.repeat(12);
    let script = format!(
        "<script type=\"application/ld+json\">{{\"articleBody\":\"{}\\n\\u00c9nd &amp; more\"}}</script>",
        body.trim()
    );
    let hidden = format!("<html><nav>Home</nav>{script}<p>Loading</p>");
    let document = Document::from_html(hidden.as_bytes());
    assert!(
        document.has_embedded_text()
            && document.text().ends_with("waved at the people who stood in the rain.\nÉnd & more\n")
    );
    let at = document.text().find("Énd").unwrap();
    assert_eq!(&hidden[document.raw_range(at..at + 6)], "\\u00c9nd &amp;");
    let shown = format!("<html>{script}<p>{body}</p>");
    assert!(!Document::from_html(shown.as_bytes()).has_embedded_text());
    let noscript = format!("<div id=app></div><noscript><p>{body}</p></noscript>{script}");
    let document = Document::from_html(noscript.as_bytes());
    assert!(!document.has_embedded_text() && document.text().trim() == body.trim());
}

#[test]
fn every_byte_of_the_view_has_its_source() {
    let html = "<p>Caf&eacute; au   lait\n<b>now</b></p><ul><li>x &lt; y</ul>";
    let document = Document::from_html(html.as_bytes());
    let source = |text: &str| {
        let at = document.text().find(text).unwrap();
        &html[document.raw_range(at..at + text.len())]
    };
    assert_eq!(
        [source("Café"), source("au"), source("lait now"), source("x < y"), source("<")],
        ["Caf&eacute;", "au", "lait\n<b>now", "x &lt; y", "&lt;"]
    );
}

#[test]
fn encodings_by_mark_by_bytes_and_by_meta() {
    let latin = b"<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2 <b>\xec\xe8\xf0</b>";
    let document = Document::from_html(latin);
    assert_eq!((document.text(), document.encoding()), ("Привет мир\n", "windows-1251"));
    let at = document.text().find('м').unwrap();
    assert_eq!(document.raw_range(at..at + 6), 37 + 3..43);
    // The bytes are UTF-8, whatever the page says.
    assert_eq!(text("<meta charset=iso-8859-1><p>Übung"), "Übung\n");
    // The page says UTF-8, and its bytes are not.
    let lying = Document::from_html(
        b"<meta charset='utf-8'><p>Der m\xfcde Stra\xdfenk\xf6ter schl\xe4ft \xfcber den H\xe4usern",
    );
    assert_eq!(lying.text(), "Der müde Straßenköter schläft über den Häusern\n");
    let utf16: Vec<u8> = "\u{feff}<p>wide</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Document::from_html(&utf16).text(), "wide\n");
    assert_eq!(Document::from_html("<p>gr\u{fc}n und sch\u{f6}n".repeat(30).as_bytes()).encoding(), "utf-8");
    assert_eq!(text("<p>a\0b"), "ab\n");
}

/// Kept and removed pieces tile the view, and their source ranges are in order.
fn check_laws(html: &[u8]) -> String {
    static CLEANER: LazyLock<Cleaner> = LazyLock::new(Cleaner::new);
    let page = CLEANER.clean(Document::from_html(html));
    let view = page.document().text().to_owned();
    let mut at = 0;
    let mut raw = 0;
    for r in page.removals() {
        let Range { start, end } = r.view_span();
        assert!(at <= start && start < end && end <= view.len());
        at = end;
        assert!(
            raw <= r.span().start && r.span().start <= r.span().end && r.span().end <= html.len(),
            "{:?}",
            r.span()
        );
        raw = r.span().end;
    }
    assert_eq!(page.restore(), view);
    let _ = page.markdown();
    page.body().into_owned()
}

#[test]
fn hostile_nestings_end_and_keep_the_text() {
    const DEEP: usize = 100_000;
    let units = [
        "<div>",
        "<b>",
        "<ul><li>",
        "<table><tr><td>",
        "<svg><g>",
        "<template>",
        "<!--",
        "<![CDATA[",
        "<a href=x><p>",
        "<blockquote>",
        "<select><option>",
        "<p><font>",
        "<div class=\"a b\" ",
        "</div><x-y>",
    ];
    let run = move || {
        for unit in units {
            let body = SENTENCE.repeat(20);
            let before = check_laws(format!("<p>{body}</p>{}", unit.repeat(DEEP)).as_bytes());
            assert!(before.contains("nobody on the pier"), "{unit}");
            let after = text(&format!("{}<p>{body}</p>", unit.repeat(DEEP)));
            let swallows = ["<template>", "<!--", "<![CDATA[", "<div class=\"a b\" "].contains(&unit);
            assert!(swallows || after.contains("nobody on the pier"), "{unit}");
        }
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn odd_bytes_anywhere_do_no_harm() {
    let html = b"<table><tr><td>a<p>b</table><svg><title>x</title></svg><pre>\n c</pre><a href='j'>d<ol><li>e&amp;\xff</ol><script>{</script>";
    for at in 0..html.len() {
        for byte in [b'<', b'>', b'"', 0, 0xc2, 0xff] {
            let mut page = html.to_vec();
            page[at] = byte;
            check_laws(&page);
        }
        check_laws(&html[..at]);
    }
}
