//! HTML pages on the command line: names, forms, reports, and what comes back.

use serde_json::json;

use super::{PAGE, Place};

/// A page with chrome that no reader needs, and a body in three shapes.
const PAGE_HTML: &str = "<!doctype html><html lang=en><head><title>Ferry | Post</title>\
    <meta property='og:title' content='The ferry'><link rel=canonical href='https://example.com/ferry'></head><body>\
    <nav><ul><li><a href=/>Home</a></li><li><a href=/news>News</a></li></ul></nav><main><article><h1>The ferry</h1>\
    <p>The ferry left at noon, and <em>nobody</em> on the pier waved at the people who stood in the rain by the rail.</p>\
    <p>It came back at dusk with two passengers fewer than it had left with, and the mate said nothing about them.</p>\
    </article></main><footer><p>Subscribe to our newsletter</p><p>&copy; 2024 The Harbour Post. All rights reserved.</p>\
    </footer></body></html>\n";
const TEXT: &str = "The ferry\n\n\
    The ferry left at noon, and nobody on the pier waved at the people who stood in the rain by the rail.\n\n\
    It came back at dusk with two passengers fewer than it had left with, and the mate said nothing about them.\n";
const MARKDOWN: &str = "# The ferry\n\n\
    The ferry left at noon, and *nobody* on the pier waved at the people who stood in the rain by the rail.\n\n\
    It came back at dusk with two passengers fewer than it had left with, and the mate said nothing about them.\n";

#[test]
fn pages_become_text_or_markdown_under_names_that_say_so() {
    for (to, extension, body) in [("text", "txt", TEXT), ("markdown", "md", MARKDOWN)] {
        let place = Place::new();
        for name in ["a.html", "b.HTM", "c.d.xhtml", "bare", "index.php"] {
            place.write(format!("in/{name}"), PAGE_HTML);
        }
        place.write("in/e.txt", PAGE);
        place.run(&["clean", "in", "-o", "out", "--to", to]).is(0, "6 files");
        for name in ["a", "b", "c.d"] {
            assert_eq!(place.text(format!("out/{name}.{extension}")), body);
        }
        // Names that do not say HTML do not lie about text either.
        assert_eq!([place.text("out/bare"), place.text("out/index.php")], [body, body]);
        let records = place.records("out.report/removals.jsonl");
        let record = &records[0];
        assert_eq!(record["path"], format!("a.{extension}"));
        assert_eq!([&record["source"], &record["format"], &record["visible"]["to"]], ["a.html", "html", to]);
        assert_eq!(
            record["metadata"],
            json!({"title": "The ferry", "author": null, "date": null, "language": "en",
                "canonical_url": "https://example.com/ferry", "site_name": null})
        );
        for removed in record["removed"].as_array().unwrap() {
            let [from, to] = [0, 1].map(|i| removed["byte"][i].as_u64().unwrap() as usize);
            let last = removed["text"].as_str().unwrap().trim().rsplit([' ', '\n']).next().unwrap();
            assert!(PAGE_HTML[from..to].contains(last), "{last:?} in {:?}", &PAGE_HTML[from..to]);
        }
        assert!(records[4]["source"].is_null() && records[4]["metadata"].is_null());
    }
}

#[test]
fn one_page_goes_to_standard_output_or_a_file() {
    let place = Place::new();
    place.write("a.html", PAGE_HTML);
    assert_eq!(place.run(&["clean", "a.html"]).is(0, "cleaned").out, TEXT);
    assert_eq!(place.run(&["clean", "a.html", "--to", "markdown"]).is(0, "").out, MARKDOWN);
    for form in ["", "--format html"] {
        assert_eq!(place.shell(&format!("\"$DEHUSK\" clean - {form} < a.html")).is(0, "").out, TEXT);
    }
    place.run(&["clean", "a.html", "-o", "any.name"]).is(0, "");
    assert_eq!(place.text("any.name"), TEXT);
    // A page that is said to be text is text.
    place.run(&["clean", "a.html", "--format", "text", "-o", "out/"]).is(0, "unchanged");
    assert_eq!(place.text("out/a.html"), PAGE_HTML);
}

#[test]
fn names_that_would_meet_are_found_before_any_work() {
    for (names, one, other) in [
        (["s/a.html", "s/a.txt", "b"], "s/a.html", "s/a.txt"),
        (["x.htm", "x.html", "y.txt"], "x.htm", "x.html"),
        (["p.q.html", "p.q.txt", "p.html"], "p.q.html", "p.q.txt"),
    ] {
        let place = Place::new();
        for name in names {
            place.write(format!("in/{name}"), PAGE_HTML);
        }
        place.run(&["clean", "in", "-o", "out"]).is(2, &format!("'{one}' and '{other}' would go to the same output"));
        assert!(!place.path("out").exists() && !place.path("out.report").exists());
        place.run(&["clean", "in", "-o", "out", "--shard", "1/5"]).is(2, "would go to the same output");
        place.run(&["clean", "in", "-o", "out", "--format", "text"]).is(0, "");
    }
    let place = Place::new();
    place.write("in/a.html", PAGE_HTML).write("in/a.txt", PAGE);
    place.run(&["clean", "in", "-o", "out", "--to", "markdown"]).is(0, "");
    place.run(&["clean", "in/a.html", "-o", "one/"]).is(0, "");
    place.run(&["clean", "in/a.html", "-o", "one/"]).is(2, "'one/a.txt' is there already");
    place.run(&["clean", "in/a.html", "-o", "one/", "--on-conflict", "skip"]).is(0, "skipped");
}

#[test]
fn restoring_gives_the_visible_text_and_says_so() {
    let place = Place::new();
    place.write("in/a.html", PAGE_HTML).write("in/b.txt", PAGE);
    place.run(&["clean", "in", "-o", "out"]).is(0, "");
    place
        .run(&["restore", "out", "-o", "back"])
        .is(0, "1 file restored, byte for byte   1 page of HTML as all the text");
    assert_eq!(place.text("back/b.txt"), PAGE);
    let back = place.text("back/a.txt");
    assert!(back.contains("* Home\n* News\n") && back.contains(TEXT.trim()) && back.contains("© 2024"), "{back}");
    place.write("out/a.txt", "changed").run(&["restore", "out", "-o", "again"]).is(1, "changed since");
    place.run(&["clean", "in", "-o", "md", "--to", "markdown"]).is(0, "");
    place.run(&["restore", "md", "-o", "back2"]).is(1, "became Markdown, which cannot be turned back");
    assert_eq!(place.text("back2/b.txt"), PAGE);
}

#[test]
fn nothing_is_cleaned_in_place_that_would_be_no_page_any_more() {
    let place = Place::new();
    place.write("in/a.html", PAGE_HTML).write("in/b", PAGE_HTML).write("in/c.txt", PAGE);
    place.run(&["clean", "in", "--in-place", "-v"]).is(0, "an HTML page cannot be cleaned in place");
    assert!(place.text("in/a.html") == PAGE_HTML && place.text("in/b") == PAGE_HTML && place.text("in/c.txt") != PAGE);
}

#[test]
fn explain_says_what_took_a_line_back() {
    let place = Place::new();
    let html = "<title>T</title><nav><ul><li><a href=/>Home</a><li><a href=/docs>Docs</a></ul></nav><main><h1>Timetables as data</h1>\
                <p>The office of the ferries publishes its timetable as a list, one entry for each crossing, and asks nothing in return \
                but that you say where you have it from.</p><ul><li>a <a href=/t>ticket</a> for the day, which the office sells until \
                six<li><a href=/c>Contact us</a><li>a coat, since the deck has no roof<li>something to read on the way back</ul>\
                <p>The list is sorted by the hour, and the last entry of each day is the boat that waits for the train.</p></main>";
    place.write("a.html", html);
    let explained = place.run(&["explain", "a.html"]).is(0, "").out.clone();
    let line = explained.lines().position(|l| l.contains("Contact us")).unwrap() + 1;
    let number =
        explained.lines().nth(line - 1).unwrap().split_whitespace().find_map(|w| w.parse::<u32>().ok()).unwrap();
    let explained = place.run(&["explain", &format!("a.html:{number}")]).is(0, "").out.clone();
    assert!(explained.contains("saved by  the listing, list or table around it"), "{explained}");
}

#[test]
fn check_and_explain_show_lines_of_the_page() {
    let place = Place::new();
    place.write("a.html", PAGE_HTML);
    let check = place.run(&["check", "a.html"]).is(1, "").out.clone();
    assert!(check.contains("a.html:1: ") && check.contains("Home") && !check.contains("<nav>"), "{check}");
    let diff = place.run(&["check", "a.html", "--diff"]).is(1, "").out.clone();
    assert!(diff.contains("-* Home\n") && diff.contains(" The ferry\n"), "{diff}");
    let explained = place.run(&["explain", "a.html:1"]).is(0, "").out.clone();
    assert!(
        explained.contains("an HTML page: lines are those of its visible text")
            && explained.contains("html > body > nav > ul > li; in nav, item, link; 100 % links"),
        "{explained}"
    );
}

#[test]
fn empty_broken_and_false_pages_come_out() {
    let place = Place::new();
    place
        .write("in/empty.html", "")
        .write("in/blank.html", " \n\n ")
        .write("in/tags.html", "<div><span></div></p><!-- ")
        .write("in/broken.html", format!("<p <b>{}", &PAGE_HTML[..PAGE_HTML.len() / 2]))
        .write("in/plain.html", "The ferry left at noon, and nobody on the pier waved.")
        .write("in/image.html", b"\x89PNG\r\n\x1a\n\0\0\0\0")
        .write(
            "in/latin.html",
            b"<meta charset=utf-8><p>Der m\xfcde Stra\xdfenk\xf6ter schl\xe4ft \xfcber den H\xe4usern",
        )
        .write("in/nul.html", "<p>a\0b</p>");
    place.run(&["clean", "in", "-o", "out"]).is(0, "8 files");
    assert_eq!(place.text("out/plain.txt"), "The ferry left at noon, and nobody on the pier waved.\n");
    assert_eq!(place.text("out/latin.txt"), "Der müde Straßenköter schläft über den Häusern\n");
    assert_eq!([place.text("out/empty.txt"), place.text("out/tags.txt")], ["", ""]);
    // What is no page keeps its bytes and its name.
    assert_eq!(place.read("out/image.html"), b"\x89PNG\r\n\x1a\n\0\0\0\0");
    let status: Vec<_> = place.statuses("out.report/removals.jsonl");
    assert!(status.contains(&("image.html".into(), "copied".into())), "{status:?}");
    assert!(status.contains(&("empty.txt".into(), "unchanged".into())), "{status:?}");
}

#[test]
fn an_article_that_is_only_data_is_marked() {
    let place = Place::new();
    let body = "The ferry left at noon, and nobody on the pier waved at the people who stood in the rain. ".repeat(9);
    place.write(
        "a.html",
        format!("<nav>Home</nav><script type='application/ld+json'>{{\"articleBody\":\"{}\"}}</script>", body.trim()),
    );
    let cleaned = place.run(&["clean", "a.html", "--report", "r.jsonl"]).is(0, "").out.clone();
    assert!(cleaned.trim().ends_with(body.trim()), "{cleaned}");
    let record = &place.records("r.jsonl")[0];
    assert_eq!(record["visible"]["embedded"], true);
    assert_eq!(record["warnings"][0], "the page shows no body: an article that it holds as data was read with it");
    assert!(place.run(&["explain", "a.html"]).is(0, "").out.contains("it shows no body"));
}
