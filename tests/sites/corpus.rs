//! Generated sites: thirty templates, articles put together from phrases in eight languages, and what makes a template hard
//! to tell (wire copy, series, pages of one article, corrected copies, titles that stand on many pages).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use dehusk::{Cleaner, Document, Format, SiteModel};

/// Chrome that has to go and text that has to stay, with the site's other pages known.
const CHROME_GONE: f64 = 0.97;
const TEXT_KEPT: f64 = 0.998;
/// What knowing the site may cost of the text.
const LOST_BY_LEARNING: f64 = 0.0005;

/// Numbers that look random and are the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % n as u64) as usize
    }

    fn one<'a>(&mut self, of: &'a [String]) -> &'a str {
        &of[self.below(of.len())]
    }
}

/// Phrases of a language by kind.
type Words = BTreeMap<String, Vec<String>>;

fn words(language: &str) -> Words {
    let mut out = Words::new();
    let mut kind = String::new();
    for line in read(&format!("words/{language}.txt")).lines() {
        match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            Some(name) => kind = name.to_owned(),
            None => out.entry(kind.clone()).or_default().push(line.to_owned()),
        }
    }
    out
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site").join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What a page tells.
#[derive(Clone)]
struct Article {
    title: String,
    paragraphs: Vec<String>,
}

/// What a line is. Bylines and prices go or stay as the level says: they do not count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Chrome,
    Text,
    Either,
}

/// A line of a page.
type Line = (Is, String);

struct Site {
    name: String,
    layout: String,
    pages: Vec<Vec<Line>>,
}

fn sentence(words: &Words, numbers: &mut Numbers, named: bool) -> String {
    let mut out = numbers.one(&words["sentence"]).to_owned();
    for kind in ["who", "did", "where", "when", "so"] {
        let phrase = &with_names(numbers.one(&words[kind]), named, numbers);
        out = out.replace(&format!("{{{kind}}}"), phrase).replace(&format!("{{{}}}", capital(kind)), &capital(phrase));
    }
    out
}

/// A phrase with names of its own among its words, where there is nothing but words to tell pages apart: real prose does
/// not repeat stretches of six words on every page as phrases put together do.
fn with_names(phrase: &str, named: bool, numbers: &mut Numbers) -> String {
    if !named {
        return phrase.to_owned();
    }
    let name = |numbers: &mut Numbers| -> String {
        let syllables =
            (0..3).map(|_| (b"bdfgklmnprstv"[numbers.below(13)] as char, b"aeiou"[numbers.below(5)] as char));
        capital(&syllables.flat_map(|(a, b)| [a, b]).collect::<String>())
    };
    let words: Vec<&str> = phrase.split(' ').collect();
    words.chunks(3).map(|three| format!("{} {}", name(numbers), three.join(" "))).collect::<Vec<_>>().join(" ")
}

fn capital(phrase: &str) -> String {
    let mut chars = phrase.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn article(words: &Words, numbers: &mut Numbers, paragraphs: usize, named: bool) -> Article {
    let space = if words["sentence"][0].ends_with('。') { "" } else { " " };
    let title = ["who", "did", "where"].map(|kind| numbers.one(&words[kind]).to_owned());
    let paragraph = |numbers: &mut Numbers| {
        let sentences: Vec<String> = (0..2 + numbers.below(3)).map(|_| sentence(words, numbers, named)).collect();
        sentences.join(space)
    };
    Article { title: capital(&title.join(space)), paragraphs: (0..paragraphs).map(|_| paragraph(numbers)).collect() }
}

fn site(name: &str) -> Site {
    let words = words(&name[..2]);
    let template = read(&format!("templates/{name}.txt"));
    let (head, lines): (Vec<&str>, Vec<&str>) = template.lines().partition(|l| l.starts_with("# "));
    let said = |key: &str| head.iter().find_map(|l| l.strip_prefix(&format!("# {key}: "))).expect(key);
    let layout = said("layout").to_owned();
    let count: usize = said("pages").parse().unwrap();
    let mut numbers = Numbers(name.bytes().fold(7, |h, b| h * 31 + u64::from(b)));
    // A page in one line has to be a long one, as such pages are.
    let size = if layout == "joined" { 24 } else { 4 };
    let mut titles = BTreeSet::new();
    let mut articles: Vec<Article> = Vec::new();
    while articles.len() < count {
        let paragraphs = size + numbers.below(5);
        let mut next = article(&words, &mut numbers, paragraphs, layout == "joined");
        let earlier = articles.len().checked_sub(1).map(|last| articles[last].clone());
        match (articles.len() % 20, earlier) {
            // Wire copy: the same text under another title.
            (7, Some(same)) => next.paragraphs = same.paragraphs,
            // A corrected copy: one paragraph more under the same title.
            (11, Some(same)) => {
                next.paragraphs.truncate(1);
                next = Article { title: same.title.clone(), paragraphs: [same.paragraphs, next.paragraphs].concat() };
                titles.remove(&next.title);
            }
            // The second page of an article.
            (15, Some(same)) => {
                next.title.clone_from(&same.title);
                titles.remove(&next.title);
            }
            _ => {}
        }
        if titles.insert(next.title.clone()) {
            articles.push(next);
        }
    }
    let series: Vec<String> = (0..5).map(|_| sentence(&words, &mut numbers, false)).collect();
    let titles: Vec<String> = articles.iter().map(|a| a.title.clone()).collect();
    let pages = (0..count).map(|at| page(&lines, &articles[at], at, &titles, &series, &words, &mut numbers)).collect();
    Site { name: name.to_owned(), layout, pages }
}

fn page(
    lines: &[&str],
    article: &Article,
    at: usize,
    titles: &[String],
    series: &[String],
    words: &Words,
    numbers: &mut Numbers,
) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let bodies = lines.iter().filter(|l| l.ends_with("{body}")).count();
    let mut body = 0;
    for line in lines {
        let (is, text) = match line.split_at(2) {
            ("- ", text) => (Is::Chrome, text),
            ("~ ", text) => (Is::Either, text),
            (_, text) => (Is::Text, text),
        };
        match text {
            "{body}" => {
                let n = article.paragraphs.len();
                let part: Range<usize> = n * body / bodies..n * (body + 1) / bodies;
                body += 1;
                out.extend(article.paragraphs[part].iter().map(|p| (Is::Text, p.clone())));
            }
            "{lead}" => out.push((Is::Text, sentence(words, numbers, false))),
            "{series}" => out.push((Is::Text, series[at * series.len() / titles.len()].clone())),
            "{list}" => {
                for _ in 0..3 + numbers.below(4) {
                    out.push((Is::Text, format!("{} {}", 2 + numbers.below(18), numbers.one(&words["thing"]))));
                }
            }
            _ => out.push((is, filled(text, article, titles, words, numbers))),
        }
    }
    out
}

fn filled(text: &str, article: &Article, titles: &[String], words: &Words, numbers: &mut Numbers) -> String {
    let mut out = text.replace("{title}", &article.title).replace("{year}", "2026");
    while let Some(at) = out.find('{') {
        let end = at + out[at..].find('}').unwrap();
        let fill = match &out[at + 1..end] {
            "other" => numbers.one(titles).to_owned(),
            // What is read most changes slowly: a few titles for many pages.
            "popular" => titles[numbers.below(6)].clone(),
            "number" => numbers.below(1000).to_string(),
            "date" => format!("{} {} 2026", 1 + numbers.below(28), numbers.one(&words["month"])),
            kind => numbers.one(&words[kind]).to_owned(),
        };
        out.replace_range(at..=end, &fill);
    }
    out
}

/// A page as a scraper would have it.
fn rendered(layout: &str, lines: &[Line]) -> String {
    match layout {
        "joined" => lines.iter().map(|(_, l)| l.as_str()).collect::<Vec<_>>().join(" "),
        "html" => {
            let title = &lines.iter().find(|(is, _)| *is == Is::Text).unwrap().1;
            let element = |line: &Line| format!("<div>{}</div>\n", line.1.replace('&', "&amp;"));
            let body: String = lines.iter().map(element).collect();
            format!("<!doctype html><title>{title}</title><body>\n{body}</body>\n")
        }
        _ => {
            let mut out = String::new();
            for (i, (is, line)) in lines.iter().enumerate() {
                let paragraph = |at: usize| lines[at].0 == Is::Text && lines[at].1.len() > 60;
                let gap = i > 0 && (paragraph(i) || paragraph(i - 1) || *is != lines[i - 1].0);
                out.push_str(if gap { "\n" } else { "" });
                out.push_str(line);
                out.push('\n');
            }
            out
        }
    }
}

fn document<'a>(site: &'a Site, text: &'a str) -> Document<'a> {
    let document = match site.layout.as_str() {
        "html" => Document::from_html(text.as_bytes()),
        "markdown" => Document::new(text).format(Format::Markdown),
        _ => Document::new(text),
    };
    document.from_site(site.name.as_str())
}

/// Letters of chrome and of text, and how many of each were kept.
#[derive(Clone, Copy, Default)]
struct Letters {
    chrome: u64,
    chrome_left: u64,
    text: u64,
    text_kept: u64,
}

impl Letters {
    fn add(&mut self, other: Letters) {
        self.chrome += other.chrome;
        self.chrome_left += other.chrome_left;
        self.text += other.text;
        self.text_kept += other.text_kept;
    }

    fn chrome_gone(&self) -> f64 {
        1.0 - self.chrome_left as f64 / self.chrome as f64
    }

    fn kept(&self) -> f64 {
        self.text_kept as f64 / self.text as f64
    }
}

fn letters(cleaner: &Cleaner, site: &Site, lines: &[Line], text: &str, wrong: &mut Vec<String>) -> Letters {
    let cleaned = cleaner.clean(document(site, text));
    let view = cleaned.document().text();
    let removed: Vec<Range<usize>> = cleaned.removals().iter().map(|r| r.view_span()).collect();
    let mut out = Letters::default();
    let mut at = 0;
    for (is, line) in lines {
        let start = at + view[at..].find(line.as_str()).unwrap_or_else(|| panic!("{}: no {line:?}", site.name));
        at = start + line.len();
        let (mut all, mut kept) = (0, 0);
        for (i, _) in view[start..at].char_indices().filter(|(_, c)| c.is_alphabetic()) {
            all += 1;
            kept += u64::from(!removed.iter().any(|r| r.contains(&(start + i))));
        }
        match is {
            Is::Chrome => {
                out.chrome += all;
                out.chrome_left += kept;
                wrong.extend((kept > 0).then(|| format!("left {line}")));
            }
            Is::Text => {
                out.text += all;
                out.text_kept += kept;
                wrong.extend((kept < all).then(|| format!("lost {line}")));
            }
            Is::Either => {}
        }
    }
    out
}

#[test]
fn templates_are_learned_and_articles_stay() {
    let mut names: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site/templates"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 30);
    let alone = Cleaner::new();
    let (mut all_alone, mut all_learned) = (Letters::default(), Letters::default());
    println!("{:16} pages  chrome gone: alone  with --learn    text kept: alone  with --learn", "site");
    for name in &names {
        let site = site(name);
        let texts: Vec<String> = site.pages.iter().map(|page| rendered(&site.layout, page)).collect();
        let mut model = SiteModel::new();
        texts.iter().for_each(|text| model.observe(&document(&site, text)));
        let learned = Cleaner::builder().sites(&model).build().unwrap();
        let (mut before, mut after) = (Letters::default(), Letters::default());
        let mut wrong = Vec::new();
        for (page, text) in site.pages.iter().zip(&texts) {
            before.add(letters(&alone, &site, page, text, &mut Vec::new()));
            after.add(letters(&learned, &site, page, text, &mut wrong));
        }
        let figures = [before.chrome_gone(), after.chrome_gone(), before.kept(), after.kept()];
        let [a, b, c, d] = figures.map(|f| f * 100.0);
        println!("{name:16} {:5}              {a:6.2}        {b:6.2}             {c:6.2}        {d:6.2}", texts.len());
        if std::env::var_os("SITES_WRONG").is_some() {
            wrong.sort();
            wrong.dedup();
            wrong.iter().take(12).for_each(|line| println!("    {line}"));
        }
        all_alone.add(before);
        all_learned.add(after);
    }
    let figures = [&all_alone, &all_learned].map(|l| (l.chrome_gone(), l.kept()));
    println!("alone: chrome gone {:.4}, text kept {:.4}", figures[0].0, figures[0].1);
    println!("with --learn: chrome gone {:.4}, text kept {:.4}", figures[1].0, figures[1].1);
    assert!(all_learned.chrome_gone() >= CHROME_GONE, "chrome gone {:.4}", all_learned.chrome_gone());
    assert!(all_learned.kept() >= TEXT_KEPT, "text kept {:.4}", all_learned.kept());
    assert!(all_learned.kept() >= all_alone.kept() - LOST_BY_LEARNING, "text kept {:.4}", all_learned.kept());
}
