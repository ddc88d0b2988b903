//! Training on a tiny set of invented pages.

use std::fs;
use std::path::Path;

use super::{BoostOptions, TrainOptions, run};
use crate::{Cleaner, InputKind, Model};

const NOUNS: [&str; 8] = ["ferry", "harbour", "miller", "orchard", "lantern", "bridge", "valley", "market"];

fn write_set(folder: &Path) {
    fs::create_dir_all(folder.join("renderings")).unwrap();
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
        let record = |text: &str| format!("{}\n", serde_json::json!({ "id": format!("p{i}"), "text": text }));
        gold += &format!(
            "{}\n",
            serde_json::json!({ "id": format!("p{i}"), "domain": format!("d{i}.example"), "type": "article", "gold": text })
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
    write_set(&set);
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
            ..TrainOptions::default()
        };
        let table = run(&options, &|_| {}).unwrap();
        assert!(table.contains("set/scrape-a/article"));
        assert!(out.join("set/scrape-a/p3.txt").exists());
        (fs::read(out.join("dehusk.bin")).unwrap(), fs::read(out.join("card.md")).unwrap())
    };
    let first = train("one", 1);
    assert_eq!(first, train("two", 2));
    let model = Model::from_bytes(&first.0).unwrap();
    assert!(String::from_utf8_lossy(&first.1).contains(&format!("{:016x}", model.hash())));
    let page = "Home\nNews\nSport\nLog in\n\nWhen the tower opened in the spring, nobody had expected that the tower would be the talk of the town for years, and the river with it.\n\nShare\nPrivacy\nTerms\nContact\n";
    let cleaner = Cleaner::builder().default_rules(false).input_kind(InputKind::Page).weights(model).build().unwrap();
    let cleaned = cleaner.clean(page);
    assert!(cleaned.body().starts_with("When the tower"), "{}", cleaned.body());
}
