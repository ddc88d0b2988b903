//! Weights of one's own: learned from a folder, used by the other commands.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::Place;

/// A line that only these pages call chrome.
const ODD: &str = "The gulls of the old harbour counted nobody that year, and the keeper wrote it down every evening.";

/// The body of a page, and the page: every second paragraph is chrome, the one of gulls.
fn page(i: usize) -> (String, String) {
    let body: Vec<String> = (0..3)
        .map(|k| format!("On day {} the miller took lane {k} to market, and sold what he had.", i * 3 + k))
        .collect();
    let page: Vec<String> = body.iter().flat_map(|line| [ODD.to_owned(), line.clone()]).collect();
    (body.join("\n\n") + "\n", page.join("\n\n") + "\n")
}

fn write_set(place: &Place) {
    let (mut gold, mut texts) = (String::new(), String::new());
    for i in 0..40 {
        let (id, (body, page)) = (format!("p{i}"), page(i));
        gold += &format!("{}\n", json!({"id": id, "domain": format!("d{i}.example"), "type": "article", "gold": body}));
        texts += &format!("{}\n", json!({"id": id, "text": page}));
    }
    place.write("set/gold.jsonl", gold);
    place.write("set/renderings/scrape-a.jsonl", texts);
}

#[test]
fn weights_that_were_learned_are_used() {
    let place = Place::new();
    write_set(&place);
    place.run(&["train", "set", "-o", "mine", "-q"]).is(0, "");
    let (body, text) = page(66);
    place.write("in/a.txt", &text);
    place.run(&["clean", "in", "-o", "plain", "--isolated"]).is(0, "");
    assert_eq!(place.text("plain/a.txt"), text);
    place.run(&["clean", "in", "-o", "out", "--weights", "mine", "--input-kind", "page", "--isolated"]).is(0, "");
    assert_eq!(place.text("out/a.txt"), body);
    let explained = place.run(&["explain", "in/a.txt:1", "--weights", "mine", "--input-kind", "page"]);
    explained.is(0, "");
    assert!(explained.out.contains("removed as"), "{}", explained.out);
    // The configuration names them from where it lies; what is typed in goes first.
    place.write("dehusk.toml", "weights = \"mine\"\ninput-kind = \"page\"\n");
    place.run(&["clean", "in", "-o", "configured"]).is(0, "");
    assert_eq!(place.text("configured/a.txt"), body);
    place.run(&["clean", "in", "-o", "without", "--no-model"]).is(0, "");
    assert_eq!(place.text("without/a.txt"), text);
    // A run with other weights is another run.
    place.run(&["clean", "in", "-o", "out", "--input-kind", "page", "--isolated", "--resume"]).is(0, "other options");
}

#[test]
fn weights_that_are_none_are_an_error() {
    let place = Place::new();
    place.write("in/a.txt", "The ferry left at noon.\n");
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns/model");
    let weights = fs::read(built_in.join("dehusk.bin")).unwrap();
    place.write("built-in/dehusk.bin", &weights);
    place.run(&["clean", "in", "-o", "out", "--weights", "built-in"]).is(0, "");
    let mut damaged = weights;
    damaged[70_000] ^= 1;
    place.write("damaged/dehusk.bin", damaged);
    place.write("other/html.bin", "dehusk");
    for (folder, says) in [
        ("nowhere", "neither dehusk.bin nor html.bin"),
        ("in", "neither"),
        ("damaged", "damaged"),
        ("other", "html.bin"),
    ] {
        let ended = place.run(&["clean", "in", "-o", "none", "--weights", folder]);
        ended.is(2, "");
        assert!(ended.err.contains(says) && ended.err.contains("Nothing was written"), "{}", ended.err);
        assert!(!place.path("none").exists());
    }
    place.run(&["clean", "in", "-o", "none", "--weights", "built-in", "--no-model"]).is(2, "");
}
