//! Sites: learning from a folder, keeping what was learned, and using it.

use std::path::PathBuf;

use super::tables::{read, write_texts};
use super::{Place, files};

/// Pages of two sites with templates that no pack knows, in folders named for their hosts.
fn mirrored() -> Place {
    let place = Place::new();
    for (site, menu, foot) in [
        (
            "echo.example",
            "Tidewater Echo\nMoorings\nLost oars\nNet loft",
            "Printed in the old net loft\nHow to find the loft",
        ),
        ("kiln.example", "The Brick Kiln\nClay\nGlazes\nFirings", "Fired twice a year\nWhere the kiln stands"),
    ] {
        for i in 0..30 {
            let own =
                "abcdefghijklmnopqrstuvwxyz".chars().cycle().skip(i).step_by(1 + i % 5).take(9).collect::<String>();
            let page = format!(
                "{menu}\n\nOn the {own} of the quay\n\nThe {own} that stood by the second lock was mended in the week of the eclipse, and \
                 nobody who lives near {own} has been able to say since then who had paid for the paint.\n\nThe bill for the {own} went \
                 to the parish council, which asked the insurance, which asked the man from {own}, who had left for the coast.\n\n{foot}\n"
            );
            place.write(format!("in/{site}/{i}.txt"), page);
        }
    }
    place
}

#[test]
fn learning_removes_what_pages_share_and_can_be_taken_back() {
    let place = mirrored();
    place.run(&["clean", "in", "-o", "plain", "--isolated"]).is(0, "");
    place.run(&["clean", "in", "-o", "out", "--learn", "--isolated"]).is(0, "template");
    let (plain, learned) = (place.text("plain/echo.example/3.txt"), place.text("out/echo.example/3.txt"));
    assert!(plain.contains("Lost oars") || plain.contains("net loft"), "{plain}");
    assert!(!learned.contains("Lost oars") && !learned.contains("net loft"), "{learned}");
    assert!(learned.contains("second lock") && learned.contains("parish council"), "{learned}");
    let report = place.text("out.report/removals.jsonl");
    assert!(report.contains("on 30 of 30 pages of the site"), "{report}");
    place.run(&["restore", "out", "-o", "back"]).is(0, "");
    for file in files(&place.path("in")) {
        assert_eq!(place.read(place.path("in").join(&file)), place.read(place.path("back").join(&file)));
    }
}

#[test]
fn threads_and_shards_do_not_matter() {
    let place = mirrored();
    place.run(&["clean", "in", "-o", "one", "--learn", "-j", "1", "--isolated"]).is(0, "");
    place.run(&["clean", "in", "-o", "many", "--learn", "-j", "7", "--isolated"]).is(0, "");
    place.run(&["learn", "in", "-o", "all.site"]).is(0, "60 pages of 2 sites");
    for k in 1..=4 {
        place.run(&["learn", "in", "-o", &format!("{k}.site"), "--shard", &format!("{k}/4")]).is(0, "");
    }
    let parts = ["4.site", "2.site", "1.site", "3.site"].map(|part| ["--site-model", part]).concat();
    place.run(&[&["learn", "-o", "merged.site"][..], &parts].concat()).is(0, "60 pages of 2 sites");
    assert_eq!(place.read("all.site"), place.read("merged.site"));
    place.run(&["clean", "in", "-o", "kept", "--site-model", "merged.site", "--isolated"]).is(0, "");
    for file in files(&place.path("one")) {
        let one = place.read(place.path("one").join(&file));
        assert_eq!(one, place.read(place.path("many").join(&file)));
        assert_eq!(one, place.read(place.path("kept").join(&file)));
    }
}

#[test]
fn a_learned_pack_is_sound_and_works_alone() {
    let place = mirrored();
    place.run(&["learn", "in", "-o", "site.toml"]).is(0, "rules to review");
    let pack = place.text("site.toml");
    assert!(pack.contains("On 30 of 30 pages of echo.example, as in echo.example/0.txt:"), "{pack}");
    assert!(pack.contains("sites = [\"echo.example\"]"), "{pack}");
    place.run(&["rules", "test", "site.toml"]).is(0, "");
    place.run(&["clean", "in", "-o", "out", "--rules", "site.toml", "--isolated"]).is(0, "");
    let body = place.text("out/kiln.example/7.txt");
    assert!(!body.contains("Fired twice a year") && body.contains("second lock"), "{body}");
    place.run(&["learn", "in", "-o", "site.toml"]).is(2, "is there already");
}

#[test]
fn sites_are_told_by_address_folder_or_not_at_all() {
    let place = mirrored();
    // The address in the first line says more than the folder.
    for (i, file) in files(&place.path("in")).into_iter().enumerate() {
        let page = place.text(place.path("in").join(&file));
        let host = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        place.write(format!("flat/part-{}/{i}.txt", i % 40), format!("https://www.{host}/{i}\n{page}"));
    }
    place.run(&["learn", "flat", "-o", "by-host.site"]).is(0, "60 pages of 2 sites");
    place.run(&["learn", "flat", "-o", "by-dir.site", "--site-by", "dir"]).is(0, "60 pages of 40 sites");
    place.run(&["learn", "flat", "-o", "as-one.site", "--site-by", "none"]).is(0, "60 pages of 1 site");
    place.write("no.site", "this is no model");
    place.run(&["clean", "flat", "-o", "out", "--site-model", "no.site"]).is(2, "no site model of this version");
    place.run(&["learn", "--site-model", "as-one.site", "-o", "rules.toml"]).is(2, "name the inputs as well");
}

#[test]
fn records_are_of_the_site_of_their_address() {
    let place = mirrored();
    let page = |file: &PathBuf| place.text(place.path("in").join(file));
    let (urls, texts): (Vec<_>, Vec<_>) =
        files(&place.path("in")).iter().map(|file| (format!("https://www.{}", file.display()), page(file))).unzip();
    let line = |(url, text)| format!("{}\n", serde_json::json!({ "url": url, "text": text }));
    place.write("pages.jsonl", urls.iter().zip(&texts).map(line).collect::<String>());
    place.run(&["learn", "pages.jsonl", "-o", "pages.site"]).is(0, "60 pages of 2 sites");
    place.run(&["clean", "pages.jsonl", "-o", "out.jsonl", "--learn", "--isolated"]).is(0, "template");
    let cleaned = place.text("out.jsonl");
    assert!(!cleaned.contains("Lost oars") && cleaned.contains("second lock"), "{cleaned}");
    // Rows of a table are told from each other in the same way, and lose the same.
    write_texts(&place.path("pages.parquet"), &[("url", &urls), ("text", &texts)]);
    place.run(&["learn", "pages.parquet", "-o", "rows.site"]).is(0, "60 pages of 2 sites");
    assert_eq!(place.read("rows.site"), place.read("pages.site"));
    place.run(&["clean", "pages.parquet", "-o", "out.parquet", "--learn", "--isolated"]).is(0, "template");
    let bodies: Vec<String> = place.records("out.jsonl").iter().map(|r| r["text"].as_str().unwrap().into()).collect();
    write_texts(&place.path("want.parquet"), &[("url", &urls), ("text", &bodies)]);
    assert_eq!(read(&place.path("out.parquet")), read(&place.path("want.parquet")));
    let through = place.shell("cat pages.jsonl | $DEHUSK clean - --format jsonl --learn");
    through.is(2, "standard input cannot be read twice");
}
