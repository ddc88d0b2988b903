//! What reports say, and that they restore.

use serde_json::Value;

use super::{PAGE, Place, files};

fn folder() -> Place {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/b.md", format!("# Title\n\n{PAGE}")).write("in/c.txt", "Nobody waved.\n");
    place
        .write("in/d.txt", "Subscribe to our newsletter\n")
        .write("in/e.json", "{}")
        .write("in/f.txt", [b'\xe9', b'\n']);
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(PAGE.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    place.write("in/g.txt", utf16);
    std::os::unix::fs::symlink("a.txt", place.path("in/h.txt")).unwrap();
    place
}

/// A rule that takes what the weights know as text.
const WRONG: &str = r#"
category = "navigation"
language = "en"
[[rule]]
id = "wrong"
why = "A rule that was written by mistake."
patterns = ['(?i)ferry']
strength = "certain"
covers = "part"
match = ["The ferry left."]
keep = ["The boat left.", "The train left."]
"#;

#[test]
fn what_may_be_lost_is_said() {
    let place = Place::new();
    let page = format!(
        "{PAGE}\nThe ferry left at noon, and nobody on the pier waved. The ferry came back at four, and everybody did.\n"
    );
    place.write("in/a.txt", PAGE.replace("ferry", "boat")).write("in/b.txt", page).write("wrong.toml", WRONG);
    place.run(&["clean", "in", "-o", "right"]).is(0, "newsletter-signup 2");
    place.run(&["clean", "in", "-o", "out", "-r", "wrong.toml"]).is(0, "1 may have lost text");
    let loss = |record: &Value| record["expected_loss"].as_f64().unwrap();
    let records = place.records("out.report/removals.jsonl");
    assert!(loss(&records[0]) < 0.1 && loss(&records[1]) > 0.2, "{records:?}");
    place.run(&["clean", "in", "-o", "held", "-r", "wrong.toml", "--max-loss", "20"]).is(0, "1 suspicious");
    // Those that may have lost most are shown first.
    place.write(
        "in/a0.txt",
        format!(
            "{}\nThe ferry left at noon, and nobody waved, although everybody had come.\n",
            PAGE.replace("ferry", "boat")
        ),
    );
    place.run(&["clean", "in", "-o", "three", "-r", "wrong.toml"]).is(0, "2 may have lost text");
    let shown = place.text("three.report/index.html");
    let at = |name: &str| shown.find(&format!("\"path\":\"{name}\"")).unwrap();
    assert!(at("b.txt") < at("a0.txt") && at("a0.txt") < at("a.txt"));
    let summary: Value = serde_json::from_slice(&place.read("three.report/summary.json")).unwrap();
    assert_eq!([0, 1].map(|i| &summary["outliers"][i]["path"]), ["b.txt", "a0.txt"]);
    place.run(&["report", "three.report", "--to", "md", "-o", "three.md"]).is(0, "");
    let listed = place.text("three.md");
    let line = |name: &str| listed.lines().position(|l| l.starts_with(&format!("- `{name}`"))).unwrap();
    assert!(line("b.txt") < line("a0.txt") && listed.contains("of its text expected to be lost"), "{listed}");
    let held = &place.records("held.report/removals.jsonl")[1];
    assert!(held["reason"].as_str().unwrap().contains("over the limit of 20 %"), "{held}");
    assert_eq!(loss(held), loss(&records[1]));
    let explained = place.run(&["explain", "in/b.txt:3", "-r", "wrong.toml", "--max-loss", "20"]).is(0, "").out.clone();
    assert!(explained.contains("--max-loss 100"), "{explained}");
    assert_eq!(place.read("held/b.txt"), place.read("in/b.txt"));
    place.run(&["check", "in", "--no-model", "--max-loss", "20"]).is(2, "known by the learned weights alone");
    place.run(&["clean", "in", "-o", "rules", "-r", "wrong.toml", "--no-model"]).is(0, "");
    assert!(place.records("rules.report/removals.jsonl").iter().all(|r| r.get("expected_loss").is_none()));
}

#[test]
fn what_a_document_was_taken_for_is_said() {
    let place = Place::new();
    let (page, extracted) = (include_str!("../sample/harbour.txt"), include_str!("../sample/letter.txt"));
    for i in 0..21 {
        place.write(format!("in/{i}.txt"), page);
    }
    place.write("in/x.txt", extracted).write("in/y.html", "<p>Nobody waved.</p>").write("in/z.txt", [0, 159, 146]);
    let kinds = |place: &Place, report: &str| {
        let summary: Value = serde_json::from_slice(&place.read(format!("{report}/summary.json"))).unwrap();
        [&summary["input_kinds"]["page"], &summary["input_kinds"]["extracted"]].map(|n| n.as_u64().unwrap())
    };
    let said = "whole pages, but for 1: if one scraper made them all, --input-kind page cleans these better";
    place.run(&["clean", "in", "-o", "out"]).is(0, said);
    assert_eq!(kinds(&place, "out.report"), [21, 1]);
    let records = place.records("out.report/removals.jsonl");
    let of = |name: &str| records.iter().find(|r| r["path"] == name).unwrap().get("input_kind");
    assert_eq!([of("0.txt"), of("x.txt"), of("y.txt")].map(Option::unwrap), ["page", "extracted", "page"]);
    assert_eq!(of("z.txt"), None);
    let told = place.run(&["clean", "in", "-o", "told", "--input-kind", "page"]);
    assert!(!told.is(0, "").err.contains("if one scraper"), "{}", told.err);
    assert_eq!(kinds(&place, "told.report"), [22, 0]);
}

#[test]
fn reports_keep_to_their_schemas() {
    let place = folder();
    place.write("in/page.html", format!("<title>T</title><nav>Home</nav><p>{PAGE}"));
    place.run(&["clean", "in", "-o", "out", "--report", "short.jsonl", "--report-text", "snippet"]).is(0, "");
    place.run(&["clean", "in", "-o", "full", "--max-removed", "1"]).is(0, "suspicious");
    place.write("list", "in/a.txt\nin/none.txt\n").run(&["clean", "--files-from", "list", "-o", "some"]).is(3, "");
    let schema = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    };
    let check = |schema: &jsonschema::Validator, value: &Value| {
        let errors: Vec<_> = schema.iter_errors(value).map(|e| format!("{e} at {}", e.instance_path)).collect();
        assert!(errors.is_empty(), "{errors:?} in {value}");
    };
    let (removals, summary) = (schema("removals.schema.json"), schema("summary.schema.json"));
    for report in
        ["out.report/removals.jsonl", "short.jsonl", "full.report/removals.jsonl", "some.report/removals.jsonl"]
    {
        place.records(report).iter().for_each(|record| check(&removals, record));
    }
    for report in ["out.report/summary.json", "full.report/summary.json", "some.report/summary.json"] {
        check(&summary, &serde_json::from_str(&place.text(report)).unwrap());
    }
    assert!(!removals.is_valid(&serde_json::json!({"schema": "dehusk.removals/1"})));
}

#[test]
fn everything_found_is_accounted_for() {
    let place = folder();
    let ended = place.run(&["clean", "in", "-o", "out", "--json"]);
    let summary: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(ended.out, place.text("out.report/summary.json"));
    let sum: u64 = summary["status"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!((summary["found"].as_u64(), sum), (Some(8), 8));
    assert_eq!(summary["status"]["emptied"], 1);
    assert_eq!(place.records("out.report/removals.jsonl").len(), 8);
    let bytes = |i: usize| summary["bytes"][i].as_u64().unwrap();
    let size = |folder: &str| {
        files(&place.path(folder))
            .iter()
            .filter(|f| !f.ends_with("h.txt"))
            .map(|f| place.read(format!("{folder}/{}", f.display())).len() as u64)
            .sum::<u64>()
    };
    assert_eq!((bytes(0), bytes(1)), (size("in"), size("out")));
    assert!(place.restores("out", "in"));
}

#[test]
fn ranges_say_where_it_was() {
    let place = folder();
    place.run(&["clean", "in", "-o", "out", "-q"]).is(0, "");
    for record in place.records("out.report/removals.jsonl") {
        let Some(path) = record["path"].as_str().filter(|_| record["encoding"] == "utf-8") else { continue };
        let text = place.text(format!("in/{path}"));
        for piece in record["removed"].as_array().unwrap() {
            let range = |name: &str, i: usize| piece[name][i].as_u64().unwrap() as usize;
            let removed = piece["text"].as_str().unwrap();
            assert_eq!(&text[range("byte", 0)..range("byte", 1)], removed);
            assert_eq!(
                text.chars().skip(range("char", 0)).take(range("char", 1) - range("char", 0)).collect::<String>(),
                removed
            );
            let lines: Vec<_> =
                text.lines().skip(range("line", 0) - 1).take(range("line", 1) - range("line", 0)).collect();
            assert_eq!(lines.join("\n").trim(), removed.trim());
        }
    }
}

#[test]
fn the_same_bytes_at_any_thread_count() {
    let place = folder();
    for i in 0..200 {
        place.write(format!("in/more/{i}.txt"), PAGE.replace("noon", &format!("noon{}", i % 7)));
    }
    for threads in ["1", "2", "3", "8"] {
        place.run(&["clean", "in", "-o", &format!("out{threads}"), "-j", threads, "-q"]).is(0, "");
    }
    for threads in ["2", "3", "8"] {
        for file in files(&place.path("out1")) {
            assert_eq!(
                place.read(format!("out1/{}", file.display())),
                place.read(format!("out{threads}/{}", file.display()))
            );
        }
        for file in ["removals.jsonl", "summary.json", "strings.csv"] {
            assert_eq!(
                place.text(format!("out1.report/{file}")),
                place.text(format!("out{threads}.report/{file}")),
                "{file}"
            );
        }
    }
}

#[test]
fn restore_refuses_what_does_not_belong() {
    let place = folder();
    place.run(&["clean", "in", "-o", "out", "-q"]).is(0, "");
    place.write("out/a.txt", "changed\n");
    place.run(&["restore", "out", "-o", "back"]).is(1, "'a.txt': the cleaned file is not what was written");
    assert_eq!(files(&place.path("back")).len(), 6);
    place.run(&["restore", "out", "-o", "back"]).is(1, "a file is there already");
    place.run(&["restore", "out", "-o", "out/x"]).is(2, "cannot go into 'out'");
    place.run(&["restore", "in", "-o", "x"]).is(2, "name the report with --report FILE");
    place.run(&["clean", "in", "-o", "none", "--report-text", "none", "-q"]).is(0, "");
    place.run(&["restore", "none", "-o", "y"]).is(1, "run with --report-text full");
    // A report from a stranger.
    let record = place.text("out.report/removals.jsonl").lines().nth(2).unwrap().replace("c.txt", "../../evil.txt");
    place.write("hostile.jsonl", format!("{record}\n{}\nno json\n", record.replace("../../evil.txt", "/tmp/evil.txt")));
    let ended = place.run(&["restore", "out", "-o", "z", "--report", "hostile.jsonl"]);
    ended.is(1, "leads out of the folder").is(1, "'hostile.jsonl' line 3");
    assert_eq!(files(&place.path("z")).len(), 0);
}

#[test]
fn reports_elsewhere() {
    let place = folder();
    let all = [
        "clean",
        "in",
        "-o",
        "out",
        "--no-report",
        "--report",
        "r.jsonl",
        "--report",
        "r.json",
        "--report",
        "r.csv",
        "-q",
    ];
    place.run(&all).is(0, "");
    assert!(!place.path("out.report").exists() && place.text("r.json").contains("\"found\": 8"));
    assert!(place.text("r.csv").contains(",\"Subscribe to our newsletter\",\"a.txt\",1"), "{}", place.text("r.csv"));
    place.run(&["restore", "out", "-o", "back", "--report", "r.jsonl"]).is(0, "7 files restored");
    place.run(&["clean", "in/a.txt", "--report", "r.json"]).is(2, "'r.json' is there already");
    place.run(&["clean", "in/a.txt", "--report", "r.txt"]).is(2, "must end in");
    place.run(&["clean", "in/a.txt", "-q", "--report", "r.html", "--report", "r.md"]).is(0, "");
    assert!(place.text("r.html").starts_with("<!doctype html>") && place.text("r.md").starts_with("## dehusk"));
}

#[test]
fn check_finds_and_shows() {
    let place = folder();
    let ended = place.run(&["check", "in/a.txt"]);
    ended.is(1, "");
    assert!(ended.out.starts_with("in/a.txt:1: newsletter-signup/"), "{}", ended.out);
    place.run(&["check", "in/c.txt"]).is(0, "nothing removed");
    // The diff is one that patch understands.
    let ended = place.shell("$DEHUSK check --diff in/a.txt in/b.md > all.patch; cp -r in patched; patch -s -p0 -d patched < all.patch -p1 && cat patched/a.txt");
    if ended.err.contains("patch: not found") {
        return super::skipped("patch is not installed");
    }
    assert_eq!(ended.out, super::BODY, "{}", ended.err);
}

#[test]
fn explain_says_why_and_what_would_change_it() {
    let place = folder();
    let ended = place.run(&["explain", "in/a.txt:1"]);
    for said in ["line 1: removed as newsletter-signup", "^^^^", "(certain)", "around it", "--ignore newsletter-signup"]
    {
        assert!(ended.out.contains(said), "{said} is not in:\n{}", ended.out);
    }
    let ended = place.run(&["explain", "in/a.txt:3"]);
    assert!(ended.out.contains("line 3: kept"), "{}", ended.out);
    assert!(place.run(&["explain", "in/a.txt"]).out.contains("     3 "));
    place.run(&["explain", "in/a.txt:99"]).is(2, "line 99 has no text");
    place.run(&["rules", "show", "newsletter-signup/subscribe-to"]).is(2, "did you mean newsletter-signup/");
}
