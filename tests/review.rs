//! From "it removed something I wanted" to a rule that keeps it, and what else makes a run visible.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dehusk::io::{Record, Review, Strings, Summary, excerpts_of};
use dehusk::{Cleaner, Document};
use serde_json::Value;

/// Runs the command in a folder.
fn dehusk(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
    command.current_dir(folder).args(arguments).arg("--isolated").env("NO_COLOR", "1").output().unwrap()
}

/// Runs it and takes what it prints; it must end well.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = dehusk(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with the samples in `pages`.
fn samples() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample");
    fs::create_dir_all(dir.path().join("pages/notes")).unwrap();
    for name in ["harbour.txt", "letter.txt", "soup.md", "notes/muehle.txt"] {
        fs::copy(from.join(name), dir.path().join("pages").join(name)).unwrap();
    }
    dir
}

const WANTED: &str = "Read more: Ferry fares to rise by three per cent";

#[test]
fn three_commands_lead_from_a_loss_to_a_rule_that_keeps() {
    let dir = samples();
    let file = "pages/harbour.txt";
    assert!(!done(dir.path(), &["clean", file]).contains(WANTED));
    done(dir.path(), &["rules", "new", "--keep", WANTED, "-r", "my.toml"]);
    done(dir.path(), &["rules", "test", "my.toml"]);
    assert!(done(dir.path(), &["clean", file, "-r", "my.toml"]).contains(WANTED));
    // Once more changes nothing, and so does what gives no sound rule.
    let before = fs::read(dir.path().join("my.toml")).unwrap();
    done(dir.path(), &["rules", "new", "--keep", WANTED, "-r", "my.toml"]);
    assert_eq!(dehusk(dir.path(), &["rules", "new", "--keep", "12 34", "-r", "my.toml"]).status.code(), Some(2));
    assert_eq!(fs::read(dir.path().join("my.toml")).unwrap(), before);
    let left = "Tickets go on sale on the first of April.";
    done(dir.path(), &["rules", "new", "--remove", left, "-r", "my.toml"]);
    done(dir.path(), &["rules", "test", "my.toml"]);
}

#[test]
fn explain_gives_a_rule_that_works_when_it_is_pasted() {
    let dir = samples();
    let told = done(dir.path(), &["explain", "pages/harbour.txt:30"]);
    for part in ["^^^", "related-links/", "score", "because", "around it", "kept with", "[[allow]]"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let rule = told.split_once("[[allow]]").unwrap().1;
    fs::write(dir.path().join("my.toml"), format!("[[allow]]{rule}")).unwrap();
    done(dir.path(), &["rules", "test", "my.toml"]);
    let told = done(dir.path(), &["explain", "pages/harbour.txt:30", "-r", "my.toml"]);
    assert!(told.contains("saved by  the allow-rule related-links/keep-"), "{told}");
}

#[test]
fn reports_of_shards_are_one_with_exact_totals() {
    let dir = samples();
    done(dir.path(), &["clean", "pages", "-o", "all"]);
    for shard in ["1", "2"] {
        done(dir.path(), &["clean", "pages", "--shard", &format!("{shard}/2"), "-o", shard]);
    }
    let json = |args: &[&str]| serde_json::from_str::<Value>(&done(dir.path(), args)).unwrap();
    let merged = json(&["report", "1.report", "2.report", "--to", "json"]);
    let whole: Value = serde_json::from_slice(&fs::read(dir.path().join("all.report/summary.json")).unwrap()).unwrap();
    for key in ["level", "finished", "found", "status", "bytes", "categories", "rules", "outliers_found"] {
        assert_eq!(merged[key], whole[key], "{key}");
    }
    // The page of the shards shows the same documents, with the text that was kept.
    done(dir.path(), &["report", "1.report", "2.report", "-o", "both.html"]);
    let page = fs::read_to_string(dir.path().join("both.html")).unwrap();
    let whole = fs::read_to_string(dir.path().join("all.report/index.html")).unwrap();
    let documents = |page: &str| format!("{:?}", excerpts_of(page).unwrap());
    assert_eq!(documents(&page), documents(&whole));
    assert!(page.contains("forty cars and two hundred passengers"));
    // Spans of Dolma's attributes are code points of the input.
    let line = done(dir.path(), &["report", "all.report", "--to", "dolma"]);
    let muehle =
        line.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).find(|l| l["id"] == "notes/muehle.txt");
    let text: Vec<char> = fs::read_to_string(dir.path().join("pages/notes/muehle.txt")).unwrap().chars().collect();
    let body = fs::read_to_string(dir.path().join("all/notes/muehle.txt")).unwrap();
    let mut gone = 0;
    for spans in muehle.unwrap()["attributes"].as_object().unwrap().values() {
        gone += spans.as_array().unwrap().iter().map(|s| s[1].as_u64().unwrap() - s[0].as_u64().unwrap()).sum::<u64>();
    }
    assert_eq!(text.len() as u64 - gone, body.chars().count() as u64);
    assert!(done(dir.path(), &["report", "all.report"]).contains("| `navigation` |"));
    assert!(done(dir.path(), &["report", "all.report", "--to", "csv"]).starts_with("count,category,"));
}

#[test]
fn two_runs_are_compared() {
    let dir = samples();
    done(dir.path(), &["rules", "new", "--keep", WANTED, "-r", "my.toml"]);
    done(dir.path(), &["rules", "new", "--remove", "Tickets go on sale", "-r", "my.toml"]);
    done(dir.path(), &["clean", "pages", "-o", "old"]);
    done(dir.path(), &["clean", "pages", "-r", "my.toml", "-o", "new"]);
    let told = done(dir.path(), &["report", "--diff", "old.report", "new.report"]);
    assert!(told.contains("4 documents compared, 1 changed"), "{told}");
    assert!(
        told.contains(&format!(
            "### Stays now\n\n| count | line | removed by | first in |\n|--:|---|---|---|\n| 1 | `{WANTED}`"
        )),
        "{told}"
    );
    let back = done(dir.path(), &["report", "--diff", "new.report", "old.report"]);
    assert!(back.contains("### Goes now") && !back.contains("### Stays now"), "{back}");
    assert!(
        done(dir.path(), &["report", "--diff", "old.report", "old.report"]).contains("4 documents compared, 0 changed")
    );
}

/// Whatever pages hold, the page stays in bounds, ends nowhere too early, and shows the same documents in any order.
#[test]
fn the_page_is_bounded_and_its_sample_does_not_depend_on_order() {
    let cleaner = Cleaner::new();
    let hostile = "</script><script>alert(1)</script> & \u{2028}\u{202e} ]]> {{data}} ";
    let make = |i: usize| {
        let text = format!(
            "Sign up for our newsletter\n{}\n\nThe ferry left at noon, and nobody on the pier waved: {hostile}{}\n\nAll rights reserved {hostile}{i}\n",
            format!("Share this {hostile}\n").repeat(if i.is_multiple_of(50) { 2_000 } else { 3 }),
            hostile.repeat(200),
        );
        let cleaned = cleaner.clean(Document::new(&text));
        let name = format!("{hostile}{}/{i}.txt", "<".repeat(300));
        (Record::new(Path::new(&name), &cleaned, cleaned.body().as_bytes()), text)
    };
    let page = |order: &mut dyn Iterator<Item = usize>| {
        let (mut review, mut strings, mut summary) = (Review::default(), Strings::default(), Summary::new("balanced"));
        for i in order {
            let (record, text) = make(i);
            let excerpt = review.picker().excerpt(&record, Some(&cleaner.clean(Document::new(&text))));
            review.add(&record, excerpt);
            strings.add(&record);
            summary.add(&record);
        }
        summary.finish(true, &strings);
        let mut page = Vec::new();
        review.write_html(&mut page, &summary, &strings, &|_| None).unwrap();
        String::from_utf8(page).unwrap()
    };
    let (forth, back) = (page(&mut (0..400)), page(&mut (0..400).rev()));
    assert!(forth.len() < 5_000_000, "{}", forth.len());
    assert_eq!(forth.matches("</script>").count(), 2);
    let shown = excerpts_of(&forth).unwrap();
    assert!((60..=120).contains(&shown.len()), "{}", shown.len());
    assert_eq!(format!("{shown:?}"), format!("{:?}", excerpts_of(&back).unwrap()));
}
