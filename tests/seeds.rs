//! The five scraped articles that the project was asked for come out exact.
//!
//! They are other people's text and stay outside the repository: `DEHUSK_SEEDS` names their folder, else it is looked for
//! beside the checkout.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use dehusk::{Cleaned, Cleaner, Level};

fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    env::var_os("DEHUSK_SEEDS").map(PathBuf::from).or(Some(beside)).filter(|p| p.join("expected.tsv").exists())
}

/// A labelled line: which categories are right, and from which level on it goes.
struct Label {
    categories: Vec<String>,
    removed_at: String,
}

fn labels(tsv: &str) -> BTreeMap<String, BTreeMap<usize, Label>> {
    let mut out: BTreeMap<String, BTreeMap<usize, Label>> = BTreeMap::new();
    for row in tsv.lines().skip(1).filter(|l| !l.trim().is_empty()) {
        let cells: Vec<&str> = row.split('\t').collect();
        let (first, last) = cells[1].split_once('-').unwrap_or((cells[1], cells[1]));
        for line in first.parse().unwrap()..=last.parse().unwrap() {
            let label =
                Label { categories: cells[2].split('|').map(str::to_owned).collect(), removed_at: cells[3].to_owned() };
            out.entry(cells[0].to_owned()).or_default().insert(line, label);
        }
    }
    out
}

/// The category under which each line that is not blank went; `None` for lines that stayed whole.
fn removed(text: &str, page: &Cleaned<'_>) -> Vec<(usize, Option<String>)> {
    let mut at = 0;
    let mut out = Vec::new();
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let over = page.removals().iter().find(|r| r.span().start < end && start < r.span().end);
        out.push((i + 1, over.map(|r| r.category().id().to_owned())));
    }
    out
}

#[test]
fn every_labelled_line_goes_and_no_other() {
    let Some(folder) = folder() else {
        println!("skipped: the seeds are not here (set DEHUSK_SEEDS)");
        return;
    };
    let labels = labels(&fs::read_to_string(folder.join("expected.tsv")).unwrap());
    assert_eq!(labels.len(), 5);
    let mut wrong = Vec::new();
    for level in [Level::Balanced, Level::Strict] {
        let cleaner = Cleaner::builder().level(level).build().unwrap();
        for (name, labels) in &labels {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            let page = cleaner.clean(&text);
            assert_eq!(page.restore(), text, "{name} is not restored");
            for (line, went) in removed(&text, &page) {
                let right = match (labels.get(&line), &went) {
                    (None, went) => went.is_none(),
                    (Some(label), None) => {
                        label.removed_at == "either" || (label.removed_at == "strict" && level < Level::Strict)
                    }
                    (Some(label), Some(category)) => {
                        label.removed_at == "either"
                            || label.categories.contains(category)
                                && (label.removed_at == "balanced" || level == Level::Strict)
                    }
                };
                if !right {
                    let want = labels.get(&line).map_or("kept".to_owned(), |l| l.categories.join("|"));
                    wrong.push(format!(
                        "{name}:{line} at {level}: {} instead of {want}",
                        went.as_deref().unwrap_or("kept")
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
