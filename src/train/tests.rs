//! Training on a tiny set of invented pages.

use std::fs;
use std::path::Path;

use super::{BoostOptions, TrainOptions, run};
use crate::{Cleaner, Document, HtmlModel, InputKind, Model};

const NOUNS: [&str; 8] = ["ferry", "harbour", "miller", "orchard", "lantern", "bridge", "valley", "market"];

fn write_set(folder: &Path, domains: usize) {
    fs::create_dir_all(folder.join("renderings")).unwrap();
    fs::create_dir_all(folder.join("html")).unwrap();
    let (mut gold, mut page, mut extracted) = (String::new(), String::new(), String::new());
    for i in 0..24 {
        let noun = |k: usize| NOUNS[(i * 5 + k) % NOUNS.len()];
        let body: Vec<String> = (0..4)
            .map(|k| {
                format!(
                    "When the {} opened in the spring, nobody had expected that the {} would be the talk of the town for years, and the {} with it.",
                    noun(k), noun(k + 1), noun(k + 3)
                )
            })
            .collect();
        let text = body.join("\n\n");
        let paragraphs: String = body.iter().map(|p| format!("<p>{p}</p>")).collect();
        let source = format!(
            "<nav><a>Home</a> <a>News</a></nav><div class='post-body'>{paragraphs}</div><div class=related>{}</div>",
            "<p>Another story of the day that has nothing to do with this one.</p>".repeat(3)
        );
        fs::write(folder.join(format!("html/p{i}.html")), source).unwrap();
        let record = |text: &str| format!("{}\n", serde_json::json!({ "id": format!("p{i}"), "text": text }));
        gold += &format!(
            "{}\n",
            serde_json::json!({ "id": format!("p{i}"), "domain": format!("d{}.example", i % domains), "type": "article", "gold": text })
        );
        page += &record(&format!("Home\nNews\nSport\nLog in\n\n{text}\n\nShare\nPrivacy\nTerms\nContact\n"));
        extracted += &record(&format!("{text}\nShare"));
    }
    fs::write(folder.join("gold.jsonl"), gold).unwrap();
    fs::write(folder.join("renderings/scrape-a.jsonl"), page).unwrap();
    fs::write(folder.join("renderings/extract-a.jsonl"), extracted).unwrap();
}

#[test]
fn the_same_pages_give_the_same_bytes_and_a_model_that_cleans() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set");
    write_set(&set, 24);
    let boost = BoostOptions { trees: 20, lambda: 1.0, min_leaf: 0.5, ..BoostOptions::default() };
    let train = |out: &str, threads| {
        let out = folder.path().join(out);
        let options = TrainOptions {
            sets: vec![set.clone()],
            out: Some(out.clone()),
            cv: true,
            cv_out: Some(out.clone()),
            threads,
            page: boost.clone(),
            extracted: boost.clone(),
            html: boost.clone(),
            ..TrainOptions::default()
        };
        let table = run(&options, &|_| {}).unwrap();
        assert!(table.contains("set/scrape-a/article"));
        assert!(table.contains("set/html/article"));
        assert!(table.contains("set/extract-a/all, told") && !table.contains("set/scrape-a/all, told"));
        assert!(out.join("set/scrape-a/p3.txt").exists() && out.join("set/html/p3.txt").exists());
        ["dehusk.bin", "card.md", "html.bin", "html.md"].map(|name| fs::read(out.join(name)).unwrap())
    };
    let first = train("one", 1);
    assert_eq!(first, train("two", 2));
    let [text, text_card, html, html_card] = first;
    let model = Model::from_bytes(&text).unwrap();
    assert!(String::from_utf8_lossy(&text_card).contains(&format!("{:016x}", model.hash())));
    let html = HtmlModel::from_bytes(&html).unwrap();
    assert!(String::from_utf8_lossy(&html_card).contains(&format!("{:016x}", html.hash())));
    let page = "Home\nNews\nSport\nLog in\n\nWhen the tower opened in the spring, nobody had expected that the tower would be the talk of the town for years, and the river with it.\n\nShare\nPrivacy\nTerms\nContact\n";
    let cleaner = Cleaner::builder().default_rules(false).input_kind(InputKind::Page).weights(model);
    let cleaner = cleaner.html_weights(html).build().unwrap();
    let cleaned = cleaner.clean(page);
    assert!(cleaned.body().starts_with("When the tower"), "{}", cleaned.body());
    let page = "<nav><a>Home</a> <a>News</a></nav><div class='post-body'><p>When the tower opened in the spring, nobody had expected that the tower would be the talk of the town for years, and the river with it.</p></div><div class=related><p>Another story of the day that has nothing to do with this one.</p></div>";
    let cleaned = cleaner.clean(Document::from_html(page.as_bytes()));
    assert!(cleaned.body().trim().starts_with("When the tower") && cleaned.body().trim().ends_with("river with it."));
}

#[test]
fn pages_of_one_domain_cannot_be_cross_validated() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set");
    write_set(&set, 1);
    let options = TrainOptions { sets: vec![set], cv: true, ..TrainOptions::default() };
    let error = run(&options, &|_| {}).unwrap_err();
    assert!(error.to_string().contains("all pages are of one domain"), "{error}");
}
