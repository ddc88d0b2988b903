//! Whoever writes many pages of a site cannot make an honest article of it vanish.

use dehusk::{Category, Cleaner, Document, Format, SiteModel, Status};

const MENU: &str = "Harbour Echo\nTides\nMoorings\nLost oars\nLetters\n\n";
const FOOTER: &str = "\nPrinted in the old net loft\nHow to reach us\nAll rights kept\n";

const VICTIM: [&str; 6] = [
    "The harbour board knew of the crack in the lock gate for two years before it gave way, according to three letters that the \
     pilot kept in a tin under his bunk.",
    "None of the letters was answered, and the clerk who should have filed them had left for the coast by the time anyone thought \
     of asking her about it.",
    "When the gate went, the water took eleven boats, the eel stalls and the bench on which the board had met on summer evenings, \
     and nobody has seen the bench since.",
    "The chairman says that he acted as soon as he could, which the minutes of the spring meeting do not bear out, because they \
     record no meeting at all.",
    "An inspector from the county measured the broken hinge on Tuesday and found that it had been painted over, twice, without \
     ever having been scraped.",
    "The pilot has asked for nothing but an apology, and has said that he will go on keeping copies of whatever he sends to the \
     board from now on.",
];

fn article(of: &[&str]) -> String {
    format!("{MENU}Letters that nobody opened\n\n{}\n{FOOTER}", of.join("\n\n"))
}

fn cleaned(pages: &[String], victim: &str) -> (String, Vec<String>, bool) {
    let mut model = SiteModel::new();
    for page in pages.iter().map(String::as_str).chain([victim]) {
        model.observe(&Document::new(page).from_site("echo.example"));
    }
    let cleaner = Cleaner::builder().sites(&model).build().unwrap();
    let page = cleaner.clean(Document::new(victim).from_site("echo.example"));
    assert_eq!(page.restore(), victim);
    assert_ne!(page.status(), Status::Suspicious);
    let template = page.removals().iter().filter(|r| r.category() == Category::Template);
    let template = template.map(|r| format!("{:?} {}", r.why(), page.text_of(r))).collect();
    (page.body().into_owned(), template, page.body().contains("Tides"))
}

/// Words that make each page of the attacker a page of its own.
fn own(i: usize) -> String {
    let word = |n: usize| {
        "abcdefghijklmnopqrstuvwxyz".chars().cycle().skip(n % 26).step_by(1 + n % 7).take(5 + n % 4).collect::<String>()
    };
    (0..20).map(|k| word(i * 31 + k * k + 7)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_thousand_copies_do_not_remove_an_article() {
    let victim = article(&VICTIM);
    let copies: Vec<String> =
        (0..1_000).map(|i| article(&VICTIM).replace("Letters that nobody opened", &own(i))).collect();
    let (body, _, _) = cleaned(&copies, &victim);
    for paragraph in VICTIM {
        assert!(body.contains(paragraph), "lost: {paragraph}");
    }
}

#[test]
fn sentences_repeated_among_other_text_do_not_remove_an_article() {
    let victim = article(&VICTIM);
    let spread: Vec<String> = (0..1_000)
        .map(|i| {
            let mut page = vec![own(i)];
            for (k, paragraph) in VICTIM.iter().enumerate() {
                page.push(format!("{}, {}.", own(i * 7 + k), own(i * 11 + k)));
                page.push((*paragraph).to_owned());
            }
            article(&page.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    let (body, _, menu_left) = cleaned(&spread, &victim);
    for paragraph in VICTIM {
        assert!(body.contains(paragraph), "lost: {paragraph}");
    }
    assert!(!menu_left, "{body}");
}

#[test]
fn what_goes_for_being_repeated_is_reported() {
    let text = |i: usize| (0..5).map(|k| format!("{}, {}, said {}.", own(i * 5 + k), own(i + k), own(i * k))).collect();
    let pages: Vec<String> = (0..60)
        .map(|i| {
            let own: Vec<String> = text(i);
            let title = format!("On {}", &own[0][..20]);
            article(&own.iter().map(String::as_str).collect::<Vec<_>>()).replace("Letters that nobody opened", &title)
        })
        .collect();
    let (body, template, menu_left) = cleaned(&pages, &article(&VICTIM));
    assert!(!menu_left && !body.contains("net loft"), "{body}");
    assert!(
        template.iter().any(|r| r.contains("OnPages { pages: 61, of: 61 }") && r.contains("net loft")),
        "{template:?}"
    );
    for paragraph in VICTIM {
        assert!(body.contains(paragraph), "lost: {paragraph}");
    }
}

/// One paragraph on each page, with the victim's own neighbours around it, on pages of as many hosts that are taken for one
/// site.
#[test]
fn an_article_spread_over_many_pages_keeps_its_main_prose() {
    let victim = article(&VICTIM);
    let spread: Vec<String> = (0..1_200)
        .map(|i| {
            let at = i % (VICTIM.len() - 2);
            let text: Vec<String> = (0..4).map(|k| format!("{}, {}.", own(i * 5 + k), own(i * 3 + k + 2))).collect();
            let [a, b, c, d] = [&text[0], &text[1], &text[2], &text[3]].map(String::as_str);
            let page = article(&[a, b, VICTIM[at], VICTIM[at + 1], VICTIM[at + 2], c, d]);
            page.replace("Letters that nobody opened", &own(i + 1))
        })
        .collect();
    let (body, _, menu_left) = cleaned(&spread, &victim);
    let all: usize = VICTIM.iter().map(|p| p.len()).sum();
    let kept: usize = VICTIM.iter().filter(|p| body.contains(**p)).map(|p| p.len()).sum();
    assert!(kept * 4 >= all * 3, "{kept} of {all} bytes of the article: {body}");
    assert!(!menu_left, "{body}");
}

/// The victim's title as the last line of the menu of a thousand pages: where the page says that it is its title, it stays.
#[test]
fn a_title_that_other_pages_have_in_their_menu_stays() {
    const TITLE: &str = "Letters that nobody opened";
    let page =
        |title: &str, body: &[&str], named: &str| format!("{MENU}{named}# {title}\n\n{}\n{FOOTER}", body.join("\n\n"));
    let mut model = SiteModel::new();
    for i in 0..1_000 {
        let text: Vec<String> = (0..4).map(|k| format!("{}, {}.", own(i * 5 + k), own(i * 3 + k + 2))).collect();
        let text: Vec<&str> = text.iter().map(String::as_str).collect();
        model.observe(&markdown(&page(&own(i), &text, &format!("{TITLE}\n\n"))));
    }
    let victim = page(TITLE, &VICTIM, "");
    model.observe(&markdown(&victim));
    let cleaner = Cleaner::builder().sites(&model).build().unwrap();
    let cleaned = cleaner.clean(markdown(&victim));
    let body = cleaned.body();
    assert!(body.contains(TITLE) && !body.contains("Tides"), "{body}");
    assert!(VICTIM.iter().all(|paragraph| body.contains(paragraph)), "{body}");
    assert_eq!(cleaned.restore(), victim);
}

fn markdown(text: &str) -> Document<'_> {
    Document::new(text).format(Format::Markdown).from_site("echo.example")
}
