//! Simple pages keep their bodies, whatever the learned weights have seen.

use dehusk::{Category, Cleaner, Document, Format, InputKind, Status, Why};

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

const ARTICLE: &str = "The boat\n\nIt was old, and it was slow, and it was ours until the winter in which the river froze and \
    the mill closed.\n\nWe sold it to a man from the other side, who never came to fetch it, and so it lies there still, \
    with a tree in it, and every spring the heron that was the cause of all the trouble between us stands on its roof.\n\n";
const SENTENCE: &str = "It was old, and it was slow";

/// How often a sentence stands in the body of a text.
fn stays(text: &str, kind: InputKind) -> usize {
    let cleaned = Cleaner::builder().input_kind(kind).build().unwrap().clean(text);
    assert_ne!(cleaned.status(), Status::Suspicious);
    let duplicates = cleaned.removals().iter().filter(|r| r.category() == Category::Duplicate);
    assert!(duplicates.clone().all(|r| r.why().iter().any(|w| matches!(w, Why::Copy(_)))), "{:?}", cleaned.removals());
    cleaned.body().matches(SENTENCE).count()
}

#[test]
fn threads_go_or_stay_in_one_piece() {
    let post = "When I was a boy the same boat lay in the mill pond for a whole summer, and my uncle, who owned the mill, was \
        paid by the hour to look at it.\n\n";
    let comment = |name: &str| format!("{name} says:\n\n{post}Reply\n\n");
    let thread = format!("3 Comments\n\n{}{}{}", comment("Jane Doe"), comment("John Roe"), comment("Mary Major"));
    let review = format!("Verified Purchase\n\n{post}12 people found this helpful\n\n");
    let reviews = review.repeat(3);
    let cases = [
        ("reviews in a shop", format!("Add to cart\n\n{}{reviews}", ARTICLE.repeat(2)), Category::Reviews, 0),
        ("reviews where nothing is sold", format!("{}{reviews}", ARTICLE.repeat(2)), Category::Reviews, 3),
        ("reviews under next to no text", format!("The boat\n\nAdd to cart\n\n{reviews}"), Category::Reviews, 3),
        ("comments of which most stay", ARTICLE.to_owned() + &thread, Category::Comments, 3),
    ];
    for (what, text, category, wanted) in cases {
        // Copies are another matter, and so is what the weights make of a page of three lines.
        let cleaner = Cleaner::builder().input_kind(InputKind::Page).model(false).ignore("duplicate").build().unwrap();
        let cleaned = cleaner.clean(&*text);
        assert_eq!(cleaned.body().matches("my uncle").count(), wanted, "{what}: {:?}", cleaned.removals());
        let whole = cleaned.removals().iter().any(|r| r.category() == category && r.why().contains(&Why::Thread));
        assert_eq!(whole, wanted == 0, "{what}");
        let ignored =
            Cleaner::builder().input_kind(InputKind::Page).model(false).ignore("duplicate").ignore(category.id());
        assert_eq!(ignored.build().unwrap().clean(&*text).body().matches("my uncle").count(), 3, "{what}");
    }
}

#[test]
fn of_text_that_stands_twice_one_copy_stays() {
    let twice = ARTICLE.repeat(2);
    let other_year = ARTICLE.replace("the winter in which", "the winter of 1984, in which")
        + &ARTICLE.replace("the winter in which", "the winter of 1985, in which");
    let code = "let boat = Boat::new(river, old, slow);\nboat.sell(&man_from_the_other_side());\n".repeat(2);
    let cases = [
        ("an article twice", twice.clone(), 1),
        ("an article twice, and a word between", ARTICLE.to_owned() + "Print version\n\n" + ARTICLE, 1),
        ("what entries have in common", ARTICLE.repeat(4), 4),
        ("numbers that differ", other_year, 2),
        ("filler", twice.replace("It was old", "Lorem ipsum. It was old"), 2),
        (
            "a sentence",
            format!(
                "{ARTICLE}It was old, and it was slow, and it was ours.\n\nThat was what they said in the town, for years, whenever somebody \
         asked about the boat.\n\nIt was old, and it was slow, and it was ours.\n"
            ),
            3,
        ),
    ];
    for (what, text, wanted) in cases {
        for kind in [InputKind::Page, InputKind::Extracted] {
            assert_eq!(stays(&text, kind), wanted, "{what}, {kind:?}");
        }
    }
    let text = ARTICLE.to_owned() + &code;
    let cleaned = Cleaner::new().clean(&*text);
    assert!(cleaned.body().ends_with(&code), "{}", cleaned.body());
}

#[test]
fn copies_stay_where_the_user_says_so() {
    let twice = ARTICLE.repeat(2);
    let ignoring = Cleaner::builder().ignore("duplicate").build().unwrap();
    let gentle = Cleaner::builder().level(dehusk::Level::Gentle).build().unwrap();
    for cleaner in [ignoring, gentle] {
        assert_eq!(cleaner.clean(&*twice).body().matches(SENTENCE).count(), 2);
        assert_eq!(cleaner.clean(Document::new(&twice).input_kind(InputKind::Extracted)).body(), twice);
    }
}

/// A page as resiliparse writes it, with a listing of which a line like `</>` looks like chrome.
const LISTING: &str = "Home\nDocs\nBlog\nPricing\nSign in\n\nTimetables as data\n\nThe office of the ferries publishes its timetable \
    as a list, one entry for each crossing, and asks nothing in return but that you say where you have it from.\n\nconst crossings = [\n\n\
    { pier: \"Pell\", leaves: \"07:10\", price: \"6\", dogs: true },\n\n{ pier: \"Marsh\", leaves: \"07:40\", price: \"6\", dogs: false },\n\n\
    { pier: \"Pell\", leaves: \"09:10\", price: \"4\", dogs: true },\n\n{ pier: \"Mill\", leaves: \"11:00\", price: \"4\", dogs: true },\n\n];\n\n\
    function Ferry({ crossing }) {\n\n  return (\n\n<>\n\n  <b>{crossing.pier}</b>\n\n  <i>{crossing.leaves}</i>\n\n</>\n\n  );\n\n}\n\n\
    The list is sorted by the hour, and the last entry of each day is the boat that waits for the train.\n\n© 2024 The ferries of Pell\n";

#[test]
fn listings_stay_whole() {
    let cleaned = Cleaner::builder().input_kind(InputKind::Page).build().unwrap().clean(LISTING);
    let listing = &LISTING[LISTING.find("const").unwrap()..LISTING.find("The list is").unwrap()];
    assert!(cleaned.body().contains(listing), "{}", cleaned.body());
    assert!(!cleaned.body().contains("Pricing"), "{}", cleaned.body());
}

#[test]
fn what_mostly_stays_stays_whole() {
    let page = |listing: &str| {
        format!(
            "<title>Timetables as data</title><nav><ul><li><a href=/>Home</a><li><a href=/docs>Docs</a><li><a href=/pricing>Pricing</a></ul></nav>\
             <main><h1>Timetables as data</h1><p>The office of the ferries publishes its timetable as a list, one entry for each crossing, \
             and asks nothing in return but that you say where you have it from.</p>{listing}<p>The list is sorted by the hour, and the \
             last entry of each day is the boat that waits for the train.</p></main><footer><a href=/terms>Terms of use</a></footer>"
        )
    };
    let code = "<pre><code>function Ferry() {\n  // Share\n  return (\n    &lt;button&gt;\n      Subscribe\n    &lt;/button&gt;\n  );\n}</code></pre>";
    let list = "<ul><li>a <a href=/t>ticket</a> for the day, which the office sells until six<li><a href=/c>Contact us</a>\
                <li>a coat, since the deck has no roof<li>something to read on the way back</ul>";
    let announced = "<p>We have tried three kinds of pass for the day, and they are these:</p><div><a href=/a>Harbour Card</a></div>\
                     <div><a href=/b>Island Pass</a></div><div><a href=/c>Family Ticket</a></div>";
    let cases = [
        (announced, "Harbour Card\nIsland Pass\nFamily Ticket"),
        (code, "function Ferry() {\n  // Share\n  return (\n    <button>\n      Subscribe\n    </button>\n  );\n}\n"),
        ("<pre>npm install ferries\nLog in\nShare</pre>", "npm install ferries\nLog in\nShare\n"),
        (list, "until six\n* Contact us\n* a coat"),
    ];
    for (listing, stays) in cases {
        let html = page(listing);
        let cleaned = Cleaner::new().clean(Document::new(&html).format(Format::Html));
        let body = cleaned.body();
        assert!(body.contains(stays), "{body}");
        assert!(!body.contains("Pricing") && !body.contains("Terms of use"), "{body}");
    }
    let fenced = format!(
        "{ARTICLE}\n```\nferry login\nShare\nSubscribe\n```\n\nThat is how one asked for a boat, in the years before the bridge, and the clerk would answer by hand.\n"
    );
    let cleaned = Cleaner::new().clean(Document::new(&fenced).format(Format::Markdown).input_kind(InputKind::Page));
    assert!(cleaned.body().contains("ferry login\nShare\nSubscribe\n"), "{}", cleaned.body());
}

#[test]
fn from_what_is_longer_than_any_page_only_rules_take() {
    let page = "Home\nNews\nSport\nWeather\nSign in\nSubscribe\n\nThe boat\n\nIt was old, and it was slow, and it was ours, \
                until the winter in which the river froze.\n\nRelated articles\nFerry fares to rise\nA bridge at last\n\n\
                Privacy\nTerms of use\n© 2024 The Harbour Post\n\n";
    let cleaner = Cleaner::new();
    let kind = |text: &str| cleaner.clean(text).report().input_kind();
    let words = page.split_whitespace().count();
    let [long, book] = [30_000, 45_000].map(|all| page.repeat(all / words));
    assert_eq!(kind(&long), InputKind::Page);
    assert_eq!(kind(&book), InputKind::Extracted);
    assert!(cleaner.explain(&*long).threshold().is_finite());
    assert_eq!(cleaner.explain(&*book).threshold(), f32::INFINITY);
    assert_eq!(cleaner.clean(&*book).body().matches("The boat").count(), book.matches("The boat").count());
    // Unless it is told to be a page.
    assert!(cleaner.explain(Document::new(&book).input_kind(InputKind::Page)).threshold().is_finite());
}

/// A short question in a long frame is easily taken for extracted text, of which two fifths may go at most.
#[test]
fn a_short_post_in_a_long_frame_is_cleaned() {
    let posts = [
        "Is the ferry worth it on a Sunday?\n\nWe have one day by the lake and two small children. The boat leaves at noon \
         and comes back at four, and somebody told me that there is nothing to eat on it. Would you take it, or walk up to \
         the chapel instead?\n",
        "Paint for a wooden boat\n\nI bought an old rowing boat last week and the paint comes off in flakes. Do I have to \
         take it down to the wood, or is it enough to sand it and put a new coat on top? It lies in fresh water from May to \
         October.\n",
    ];
    for post in posts {
        let page = format!(
            "Menu\nHarbour Board\nSign in\nJoin us\n\n{post}\nRelated posts\nHow deep is the lake?\nBest soup on the pier\n\
             When does the ice melt?\nNew here?\nMake an account and talk to boat people everywhere.\nPrivacy Policy\nTerms\n\
             © 2024 Harbour Board\n"
        );
        let cleaned = Cleaner::new().clean(&*page);
        assert_eq!((cleaned.status(), cleaned.body().trim()), (Status::Cleaned, post.trim()));
        let sure = Cleaner::builder().input_kind(InputKind::Extracted).build().unwrap();
        assert_eq!(sure.clean(&*page).status(), Status::Suspicious);
    }
}
