//! Where output goes, and where it must not go.

use std::fs;
use std::os::unix::fs::symlink;

use super::{BODY, PAGE, Place, files};

#[test]
fn the_output_is_never_the_input() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/sub/b.txt", PAGE).write("one.txt", PAGE);
    symlink(place.path("in"), place.path("link")).unwrap();
    for (out, said) in [
        ("in", "is the input"),
        ("./in/.", "is the input"),
        ("link", "is the input"),
        ("in/out", "is inside"),
        ("link/sub/x", "is inside"),
    ] {
        place.run(&["clean", "in", "-o", out]).is(2, said);
    }
    place.run(&["clean", "in/sub", "-o", "in"]).is(2, "is inside the output");
    place.run(&["clean", "one.txt", "-o", "one.txt"]).is(2, "is the input");
    place.run(&["clean", "one.txt", "-o", ".", "--on-conflict", "overwrite"]).is(2, "is the input");
    assert_eq!(place.text("one.txt"), PAGE);
    assert_eq!(files(&place.path("in")).len(), 2);
    // The report's folder beside the output is the input here.
    fs::rename(place.path("in"), place.path("out.report")).unwrap();
    place.run(&["clean", "out.report", "-o", "out"]).is(2, "is the input");
}

#[test]
fn two_inputs_for_one_output() {
    let place = Place::new();
    place.write("a/page.txt", PAGE).write("b/page.txt", PAGE).write("list", "a/page.txt\n./a/page.txt\n");
    place
        .run(&["clean", "a/page.txt", "b/page.txt", "-o", "out"])
        .is(2, "'a/page.txt' and 'b/page.txt' would go to the same output");
    place.run(&["clean", "--files-from", "list", "-o", "out"]).is(2, "would go to the same output");
    place.run(&["clean", "a", "b/../a", "-o", "out"]).is(2, "would go to the same output");
    assert!(!place.path("out").exists());
}

#[test]
fn what_is_there_is_not_replaced_unasked() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/b.txt", PAGE).write("out/a.txt", "mine");
    place.run(&["clean", "in", "-o", "out"]).is(2, "'out' is not empty");
    place.run(&["clean", "in/a.txt", "-o", "out"]).is(2, "'out/a.txt' is there already");
    place.run(&["clean", "in/a.txt", "-o", "out/a.txt"]).is(2, "'out/a.txt' is there already");
    assert_eq!(place.text("out/a.txt"), "mine");
    place.run(&["clean", "in", "-o", "out", "--on-conflict", "skip"]).is(0, "1 skipped");
    assert_eq!((place.text("out/a.txt"), place.text("out/b.txt")), ("mine".to_owned(), BODY.to_owned()));
    // The receipts of the first run stay.
    place.run(&["clean", "in", "-o", "out", "--on-conflict", "overwrite"]).is(0, "kept in 'out.report.1'");
    assert_eq!(place.text("out/a.txt"), BODY);
    assert_eq!(place.statuses("out.report.1/removals.jsonl")[0].1, "skipped");
    assert!(place.restores("out", "in"));
}

#[test]
fn a_link_in_the_output_is_not_followed() {
    let place = Place::new();
    place.write("in/sub/a.txt", PAGE).write("in/b.txt", PAGE).write("victim/keep.txt", "mine").write("out/x", "");
    symlink(place.path("victim"), place.path("out/sub")).unwrap();
    symlink(place.path("victim/keep.txt"), place.path("out/b.txt")).unwrap();
    place.run(&["clean", "in", "-o", "out", "--on-conflict", "overwrite"]).is(3, "symbolic link");
    assert_eq!(files(&place.path("victim")).len(), 1);
    assert_eq!(place.text("victim/keep.txt"), "mine");
}

#[test]
fn an_output_that_cannot_be_written_is_found_first() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("file", "");
    place.run(&["clean", "in", "-o", "file/out"]).is(2, "Nothing was written");
    place.run(&["clean", "in", "-o", "/proc/out"]).is(2, "'/proc/out'");
    place.run(&["clean", "in/a.txt", "-o", "nowhere/out.txt"]).is(2, "cannot write to 'nowhere'");
}

#[test]
fn in_place_keeps_what_it_takes() {
    let place = Place::new();
    place
        .write("in/a.txt", PAGE)
        .write("in/b.txt", "Nothing to remove here at all.\n")
        .write("in/c.bin", "\0\0\0\0\0\0");
    place.run(&["clean", "in", "--in-place", "--no-report"]).is(2, "would be lost");
    place.run(&["clean", "in", "--in-place", "--report-text", "none"]).is(2, "would be lost");
    assert_eq!(place.text("in/a.txt"), PAGE);
    place.run(&["clean", "in", "--in-place"]).is(0, "");
    assert_eq!(place.text("in/a.txt"), BODY);
    assert_eq!(files(&place.path("in")).len(), 3);
    place.run(&["restore", "in", "-o", "back"]).is(0, "3 files restored");
    assert_eq!(place.text("back/a.txt"), PAGE);
    place.run(&["clean", "back", "--in-place", "--no-report", "--backup", ".orig"]).is(0, "");
    assert_eq!((place.text("back/a.txt"), place.text("back/a.txt.orig")), (BODY.to_owned(), PAGE.to_owned()));
    assert!(!place.path("back/b.txt.orig").exists());
    // A second run leaves the originals alone.
    place.run(&["clean", "back", "--in-place", "--no-report", "--backup", ".orig"]).is(0, "1 skipped");
    assert_eq!(place.text("back/a.txt.orig"), PAGE);
}

#[test]
fn files_keep_their_place_in_the_tree() {
    let place = Place::new();
    place
        .write("in/.hidden/a.txt", PAGE)
        .write("in/b.md", PAGE)
        .write("in/old/c.txt", PAGE)
        .write("in/.gitignore", "*\n");
    place.write("more/d.txt", PAGE).write("list", "in/b.md\nmore/d.txt\nmore/gone.txt\n");
    place.run(&["clean", "in", "more/d.txt", "-o", "both", "-E", "old"]).is(0, "4 files");
    assert_eq!(
        files(&place.path("both")),
        ["d.txt", "in/.gitignore", "in/.hidden/a.txt", "in/b.md"].map(std::path::PathBuf::from)
    );
    place.run(&["clean", "in", "-o", "globbed", "-g", "*.md"]).is(0, "1 file");
    assert_eq!(files(&place.path("globbed")), ["b.md"].map(std::path::PathBuf::from));
    assert_eq!(place.records("globbed.report/removals.jsonl")[0]["format"], "markdown");
    place.run(&["clean", "--files-from", "list", "-o", "listed"]).is(3, "'more/gone.txt': cannot read it");
    assert_eq!(files(&place.path("listed")), ["in/b.md", "more/d.txt"].map(std::path::PathBuf::from));
    let seen: usize = (1..=3)
        .map(|k| {
            let out = format!("shard{k}");
            place.run(&["clean", "in", "-o", &out, "--shard", &format!("{k}/3"), "-q"]).is(0, "");
            place.records(&format!("{out}.report/removals.jsonl")).len()
        })
        .sum();
    assert_eq!(seen, 4);
}

#[test]
fn single_files_and_standard_input() {
    let place = Place::new();
    place.write("page.txt", PAGE);
    let ended = place.run(&["clean", "page.txt"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, BODY));
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    let ended = place.shell("cat page.txt | $DEHUSK clean - > q.txt && $DEHUSK clean -q - -o piped.txt < page.txt");
    ended.is(0, "");
    assert_eq!((place.text("q.txt"), place.text("piped.txt")), (BODY.to_owned(), BODY.to_owned()));
    place.run(&["restore", "piped.txt", "-o", "back.txt"]).is(0, "1 file restored");
    assert_eq!(place.text("back.txt"), PAGE);
    place.run(&["clean", "page.txt", "-o", "folder/"]).is(0, "");
    assert_eq!(place.text("folder/page.txt"), BODY);
    place.run(&["clean", "page.txt", "-n"]).is(0, "cleaned");
    place.run(&["clean", "page.txt", "-"]).is(2, "standard input (-) goes with no other input");
}
