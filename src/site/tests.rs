use super::{Repeated, SiteModel, keys};
use crate::document::{Document, host_of};
use crate::segment::{self, Blocks};

/// How the lines of the first page stand to the template of all of them.
fn lines(pages: &[String]) -> Vec<(String, Repeated)> {
    let mut model = SiteModel::new();
    pages.iter().for_each(|page| model.observe(&Document::new(page)));
    let templates = model.freeze();
    let mut blocks = Blocks::default();
    segment::segment(&Document::new(&pages[0]), &mut blocks);
    let template = templates.of_site(None).expect("there is a template");
    let (keys, mut out): (Vec<_>, _) = (keys(&blocks).collect(), Vec::new());
    template.read(&keys, &vec![super::Stretch::Own; blocks.blocks.len()], &mut out);
    blocks.blocks.iter().map(|b| b.text(&pages[0]).to_owned()).zip(out).collect()
}

fn name(i: usize) -> String {
    let letters = |from: usize| "abcdefghijklmnopqrstuvwxyz".chars().cycle().skip(from % 26).take(4);
    letters(i).chain(letters(i / 26)).collect()
}

#[test]
fn a_footer_stands_between_the_same_lines_and_ingredients_do_not() {
    let page = |i: usize| {
        let name = name(i);
        format!("Tides\nMoorings\nSoup of {name}\nIngredients\nLeaves of {name}\nAll rights kept\nPage {i} of 9\n")
    };
    let pages: Vec<String> = (0..9).map(page).collect();
    let lines = lines(&pages);
    let of = |text: &str| lines.iter().find(|(line, _)| line == text).unwrap().1;
    assert_eq!(of("Moorings"), Repeated { pages: 9, of: 9, sides: 2, near: 2, list: false });
    assert_eq!(of("Tides"), Repeated { pages: 9, of: 9, sides: 2, near: 2, list: false });
    assert_eq!(of("Page 0 of 9"), Repeated { pages: 9, of: 9, sides: 2, near: 2, list: false });
    assert_eq!((of("Ingredients").pages, of("Ingredients").sides), (9, 0));
    assert_eq!(of("Soup of abcdabcd").pages, 0);
}

#[test]
fn an_article_under_several_addresses_counts_once() {
    let paragraph = |k: usize| format!("{}. ", format!("The {} left at noon and nobody waved", name(k)).repeat(6));
    let page = |i: usize| {
        let article = if i < 4 { 0 } else { 10 * i };
        let body: Vec<String> = (0..3).map(|k| paragraph(article + k)).collect();
        format!("Tides\nA story of {}\n{}\nAll rights kept\n", name(i), body.join("\n"))
    };
    let pages: Vec<String> = (0..12).map(page).collect();
    let lines = lines(&pages);
    assert_eq!(lines[0].1.pages, 9, "{lines:?}");
    assert!(lines[2..5].iter().all(|(_, repeated)| repeated.pages == 0), "{lines:?}");
}

#[test]
fn hosts_of_addresses() {
    for (address, host) in [
        ("https://www.Echo.example/a?b#c", Some("echo.example")),
        ("HTTP://user@echo.example:8080", Some("echo.example")),
        ("https://echo.example and more", None),
        ("https://localhost/", None),
        ("echo.example/a", None),
        ("https://", None),
        ("é", None),
    ] {
        assert_eq!(host_of(address).as_deref(), host, "{address}");
    }
}
