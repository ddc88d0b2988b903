//! Files of records and compressed files, in and out in kind.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use dehusk::io::Compression;
use serde_json::{Value, json};

use super::{BODY, PAGE, Place};

/// Lines of every kind that a JSONL file may have, with what becomes of each.
const LINES: &[(&str, &str)] = &[
    (
        r#"{"id": "a", "text": "Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n", "n":1.00}"#,
        "cleaned",
    ),
    (r#"{"text":"The ferry left \u0061t noon.","text2":"\/"}"#, "unchanged"),
    ("", "passed_through"),
    (r#"{"text":"a","text":"b"}"#, "passed_through"),
    (r#"{"body":"Subscribe to our newsletter"}"#, "passed_through"),
    (r#"{"text":["Subscribe to our newsletter"]}"#, "passed_through"),
    (r#"{"text":"Subscribe to our newsletter""#, "passed_through"),
    (
        r#"{"b":"\ud83d","text":"Subscribe to our newsletter\r\n\r\nCaf\u00e9 \ud83d\ude00 and a lone \ud83d on the pier, where nobody waved.","a":{"text":1}}"#,
        "cleaned",
    ),
    (r#"[{"text":"x"}]"#, "passed_through"),
    (r#"{"text":"Subscribe to our newsletter"}"#, "emptied"),
];

fn jsonl() -> String {
    LINES.iter().map(|(line, _)| format!("{line}\n")).collect()
}

/// Many records, enough for several parts.
fn many(n: usize) -> String {
    let filler = "Paragraph says what happened that day on the pier. ".repeat(20);
    (0..n)
        .map(|i| format!("{}\n", json!({"id": i, "text": format!("{PAGE}{filler}{i}\n"), "url": "http://a.example/"})))
        .collect()
}

#[test]
fn each_line_is_edited_where_its_text_stands() {
    let place = Place::new();
    place.write("in/pages.jsonl", jsonl());
    place.run(&["clean", "in", "-o", "out"]).is(0, "10 records").is(0, "6 passed through");
    let out = place.text("out/pages.jsonl");
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines[0], r#"{"id": "a", "text": "The ferry left at noon, and nobody on the pier waved.\n", "n":1.00}"#);
    assert_eq!(
        lines[7],
        r#"{"b":"\ud83d","text":"Caf\u00e9 \ud83d\ude00 and a lone \ud83d on the pier, where nobody waved.","a":{"text":1}}"#
    );
    assert_eq!(lines[9], r#"{"text":""}"#);
    for (i, (line, status)) in LINES.iter().enumerate() {
        assert!(matches!(*status, "cleaned" | "emptied") || lines[i] == *line, "{line}");
    }
    let records = place.records("out.report/removals.jsonl");
    for (i, (record, (_, status))) in records.iter().zip(LINES).enumerate() {
        assert_eq!((record["record"].as_u64(), record["status"].as_str()), (Some(i as u64 + 1), Some(*status)));
    }
    assert_eq!((records[0]["id"].as_str(), records[0]["path"].as_str()), (Some("a"), Some("pages.jsonl")));
    assert_eq!(records[0]["removed"][0]["text"], "Subscribe to our newsletter\n\n");
    assert_eq!(records[4]["reason"], "no field \"text\"");
    assert!(place.restores("out", "in"));
    let checked = place.run(&["check", "in"]);
    checked.is(1, "");
    assert!(checked.out.contains("in/pages.jsonl:1:1: newsletter-signup/"), "{}", checked.out);
    assert!(place.run(&["check", "in", "--diff"]).out.contains("-Subscribe to our newsletter"));
    let explained = place.run(&["explain", "in/pages.jsonl:8:1"]);
    explained.is(0, "");
    assert!(explained.out.contains("removed as newsletter-signup"), "{}", explained.out);
    place.run(&["explain", "in/pages.jsonl:4"]).is(2, "record 4: the field \"text\" is there twice");
    place.run(&["explain", "in/pages.jsonl:400"]).is(2, "no such record");
}

#[test]
fn other_fields_pipes_and_single_files() {
    let place = Place::new();
    let line = json!({"content": PAGE, "text": PAGE}).to_string() + "\n";
    place.write("a.jsonl", &line);
    let ended = place.shell("$DEHUSK clean - --format jsonl --field content -q < a.jsonl");
    let out: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((out["content"].as_str(), out["text"].as_str()), (Some(BODY), Some(PAGE)));
    assert_eq!(place.run(&["clean", "a.jsonl", "-q", "--field", "content"]).out, ended.out);
    place.run(&["clean", "a.jsonl", "-o", "b.jsonl"]).is(0, "");
    place.run(&["restore", "b.jsonl", "-o", "c.jsonl"]).is(0, "1 file restored");
    assert_eq!(place.text("c.jsonl"), line);
    place.run(&["clean", "a.jsonl", "--in-place"]).is(0, "");
    assert_eq!(place.text("a.jsonl"), place.text("b.jsonl"));
    place.run(&["restore", "a.jsonl", "-o", "d.jsonl"]).is(0, "1 file restored");
    assert_eq!(place.text("d.jsonl"), line);
}

#[test]
fn compressed_files_stay_compressed() {
    let place = Place::new();
    let jsonl = many(3000);
    assert!(jsonl.len() > 3 << 20);
    for (ending, kind) in [("", Compression::None), (".gz", Compression::Gzip), (".zst", Compression::Zstd)] {
        let pack = |bytes: &str| kind.pack(bytes.as_bytes().to_vec()).unwrap();
        let (front, back) = jsonl.split_at(1_234_567);
        place
            .write(format!("in/many.jsonl{ending}"), [pack(front), pack(back)].concat())
            .write(format!("in/page.txt{ending}"), pack(PAGE))
            .write(format!("in/page.md{ending}"), pack(PAGE))
            .write(format!("in/data.csv{ending}"), pack("a,b\n"))
            .write(format!("in/empty.jsonl{ending}"), pack(""));
    }
    place.write("in/wrong.txt.gz", PAGE).write("in/none.jsonl.gz", "");
    place.run(&["clean", "in", "-o", "out", "-j1"]).is(0, "");
    place.run(&["clean", "in", "-o", "out-4", "-j4", "--memory", "1M"]).is(0, "");
    place.shell("diff -r out out-4 && diff -r out.report out-4.report").is(0, "");
    assert_eq!(place.text("out/page.txt"), BODY);
    place.shell("zcat out/many.jsonl.gz | cmp - out/many.jsonl && zcat out/page.md.gz | cmp - out/page.txt").is(0, "");
    place.shell("cmp in/data.csv.gz out/data.csv.gz && cmp in/wrong.txt.gz out/wrong.txt.gz").is(0, "");
    place.shell("$DEHUSK restore out -o back -q && zcat back/many.jsonl.gz | cmp - in/many.jsonl && cmp back/page.txt in/page.txt").is(0, "");
    place
        .shell("zcat back/page.txt.gz | cmp - in/page.txt && zcat back/empty.jsonl.gz | cmp - in/empty.jsonl")
        .is(0, "");
    let piped = place.shell(
        "$DEHUSK clean - --format jsonl -q < in/many.jsonl.zst > piped.zst; $DEHUSK clean -q - < in/page.txt.gz | zcat",
    );
    assert_eq!(piped.out, BODY);
    assert_eq!(place.read("piped.zst"), place.read("out/many.jsonl.zst"));
}

#[test]
fn a_broken_stream_keeps_what_came_before() {
    let place = Place::new();
    let jsonl = many(2000);
    for (ending, kind) in [("gz", Compression::Gzip), ("zst", Compression::Zstd)] {
        let whole = kind.pack(jsonl.clone().into_bytes()).unwrap();
        place.write(format!("in/cut.jsonl.{ending}"), &whole[..whole.len() * 2 / 3]);
        place.write(format!("in/garbage.jsonl.{ending}"), [&whole[..], b"garbage"].concat());
        place.write(format!("in/page.txt.{ending}"), &kind.pack(PAGE.into()).unwrap()[..60]);
    }
    let ended = place.run(&["clean", "in", "-o", "out"]);
    ended
        .is(3, "'in/cut.jsonl.gz:")
        .is(3, "cannot read the gzip data after byte")
        .is(3, "what came before it is cleaned");
    ended.is(3, "'in/page.txt.zst': cannot read it: the zstd data is damaged or cut short");
    let records = place.records("out.report/removals.jsonl");
    let of = |name: &str| records.iter().filter(|r| r["path"] == name).collect::<Vec<_>>();
    for ending in ["gz", "zst"] {
        let cut = of(&format!("cut.jsonl.{ending}"));
        let n = cut.len();
        assert!(
            n > 500 && cut[n - 1]["status"] == "failed" && cut[n - 2]["reason"] == "the file ends in the middle of it"
        );
        assert_eq!(cut[..n - 2].iter().find(|r| r["status"] != "cleaned"), None);
        assert_eq!(of(&format!("garbage.jsonl.{ending}")).len(), 2001);
        assert!(!place.path(format!("out/page.txt.{ending}")).exists());
    }
    place.run(&["restore", "out", "-o", "back"]).is(0, "there is nothing to restore");
    place.write("whole.jsonl", &jsonl);
    let same = "zcat -q back/garbage.jsonl.gz | cmp - whole.jsonl && zcat back/cut.jsonl.gz | cmp - whole.jsonl 2>&1 | grep -q 'EOF on -'";
    place.shell(same).is(0, "");
}

#[test]
fn records_over_the_limit_and_bombs() {
    let place = Place::in_memory();
    let page = json!({"text": PAGE}).to_string();
    let long = json!({"text": format!("{PAGE}{}", "x".repeat(3 << 20))}).to_string();
    place.write("in/a.jsonl", format!("{page}\n{long}\n{page}\n{long}"));
    place.write("in/b.txt.gz", Compression::Gzip.pack(vec![b'a'; 3 << 20]).unwrap());
    place.run(&["clean", "in", "-o", "out", "--max-record", "2M"]).is(0, "3 passed through");
    let records = place.records("out.report/removals.jsonl");
    let statuses: Vec<_> = records.iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["cleaned", "passed_through", "cleaned", "passed_through", "passed_through"]);
    assert!(records[1]["reason"].as_str().unwrap().contains("larger than 2097152 bytes"));
    assert!(place.restores("out", "in"));
    // However long, a record of a compressed file is one member, which readers of archives find by its place.
    let long = warc("conversion", "", &"x".repeat(5 << 20));
    let archive = [PAGE, &long, PAGE].map(|block| warc("conversion", "", block));
    let packed =
        |kind: Compression| archive.iter().flat_map(|r| kind.pack(r.clone().into()).unwrap()).collect::<Vec<_>>();
    let magic = [(Compression::Gzip, &b"\x1f\x8b\x08\0"[..]), (Compression::Zstd, b"\x28\xb5\x2f\xfd")];
    place.write("archives/a.wet.gz", packed(Compression::Gzip)).write("archives/a.wet.zst", packed(Compression::Zstd));
    place.run(&["clean", "archives", "-o", "cleaned", "--max-record", "2M"]).is(0, "2 passed through");
    for ((_, magic), ending) in magic.iter().zip(["gz", "zst"]) {
        let out = place.read(format!("cleaned/a.wet.{ending}"));
        assert_eq!(out.windows(4).filter(|w| w == magic).count(), 3, "{ending}");
    }
    place.run(&["restore", "cleaned", "-o", "archives-back"]).is(0, "2 files restored");
    place.shell("zcat archives-back/a.wet.gz > a && zcat archives/a.wet.gz | cmp - a").is(0, "");
    let bomb = Compression::Zstd.pack(vec![b'a'; 64 << 20]).unwrap().repeat(8);
    place.write("bomb.jsonl.zst", bomb);
    place.run(&["clean", "bomb.jsonl.zst", "-n"]).is(3, "expands more than 100 times");
    place.run(&["clean", "bomb.jsonl.zst", "-n", "--max-expand", "2"]).is(3, "expands more than 2 times");
}

/// A report is not many times as long as a file of blank lines, and what is told of its lines does not fill the memory.
#[test]
fn records_in_a_row_that_pass_through_have_one_line() {
    let place = Place::in_memory();
    let page = json!({"text": PAGE}).to_string() + "\n";
    let rows = [page.clone(), "\n".repeat(20_000), "{}\n".repeat(7), "\n".into(), page.repeat(2), "1\n".repeat(3)];
    place.write("in/a.jsonl", rows.concat());
    place.run(&["clean", "in", "-o", "out", "-q"]).is(0, "");
    let records = place.records("out.report/removals.jsonl");
    let told: Vec<_> =
        records.iter().map(|r| (r["record"].as_u64().unwrap(), r["records"].as_u64().unwrap_or(1))).collect();
    // A part holds 4,096 records at most, and rows end with it.
    let blank = [(2, 4095), (4097, 4096), (8193, 4096), (12_289, 4096), (16_385, 3617)];
    let others = [(20_002, 7), (20_009, 1), (20_010, 1), (20_011, 1), (20_012, 3)];
    assert_eq!(told, [&[(1, 1)][..], &blank, &others].concat());
    assert_eq!((records[6]["reason"].as_str(), records[6]["bytes"][0].as_u64()), (Some("no field \"text\""), Some(21)));
    let summary: Value = serde_json::from_str(&place.text("out.report/summary.json")).unwrap();
    assert_eq!((summary["found"].as_u64(), summary["status"]["passed_through"].as_u64()), (Some(20_014), Some(20_011)));
    assert!(place.restores("out", "in"));
    let dolma = place.run(&["report", "out.report", "--to", "dolma"]).out;
    assert_eq!((dolma.lines().count(), dolma.contains("a.jsonl#20014")), (20_014, true));
}

#[test]
fn memory_does_not_grow_with_the_stream() {
    let place = Place::in_memory();
    let peak = |megabytes: usize| {
        let line = many(1);
        let mut child = place
            .command(&["clean", "-", "--format", "jsonl", "-q", "-j2", "--no-model", "--memory", "32M"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let block = line.repeat((1 << 20) / line.len());
        for _ in 0..megabytes {
            stdin.write_all(block.as_bytes()).unwrap();
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
        drop(stdin);
        assert!(child.wait().unwrap().success());
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let (less, more) = (peak(40), peak(120));
    super::say(&format!("peak memory {less} kB for 40 MB, {more} kB for 120 MB"));
    // What is in work at most differs from run to run; 80 MB more would show.
    assert!(more < less + 30_000 && more < 200_000, "{less} kB, then {more} kB");
}

/// A WARC record.
fn warc(kind: &str, fields: &str, block: &str) -> String {
    let id = block.len() + kind.len();
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{id:012}>\r\nWARC-Date: 2024-05-01T10:00:00Z\r\n{fields}Content-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
}

#[test]
fn wet_records_are_cleaned_and_corrected() {
    let place = Place::new();
    let info = warc("warcinfo", "Content-Type: application/warc-fields\r\n", "software: test\r\n");
    let page = warc(
        "conversion",
        "WARC-Target-URI: http://a.example/x\r\nWARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nContent-Type: text/plain\r\n",
        PAGE,
    );
    let plain = warc("conversion", "", "Nothing to remove here at all.\n");
    let wrong = page.replace("Content-Length: ", "Content-Length: 9");
    let records = [&info, &page, &plain, &wrong, &page];
    let wet: String = records.iter().map(|r| r.as_str()).collect();
    let members =
        |kind: Compression| records.iter().flat_map(|r| kind.pack(r.as_bytes().to_vec()).unwrap()).collect::<Vec<_>>();
    place
        .write("in/a.wet", &wet)
        .write("in/b.warc.wet.gz", members(Compression::Gzip))
        .write("in/c.wet.zst", members(Compression::Zstd));
    place.run(&["clean", "in", "-o", "out"]).is(0, "15 records");
    let out = place.text("out/a.wet");
    assert!(out.contains(&format!("Content-Length: {}\r\n\r\n{BODY}\r\n\r\n", BODY.len())), "{out}");
    assert!(
        !out[..out.find("Nothing").unwrap()].contains("sha1:AAAAAAAAA")
            && out.starts_with(&info)
            && out.contains(&plain)
    );
    let reports = place.records("out.report/removals.jsonl");
    let statuses: Vec<_> = reports[..5].iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["copied", "cleaned", "unchanged", "passed_through", "cleaned"]);
    assert_eq!((reports[1]["url"].as_str(), reports[1]["record"].as_u64()), (Some("http://a.example/x"), Some(2)));
    place.shell("zcat out/b.warc.wet.gz | cmp - out/a.wet").is(0, "");
    // Each record has a member of its own.
    assert_eq!(place.read("out/b.warc.wet.gz").windows(4).filter(|w| w == b"\x1f\x8b\x08\0").count(), 5);
    place
        .shell("$DEHUSK restore out -o back -q && cmp back/a.wet in/a.wet && zcat back/b.warc.wet.gz | cmp - in/a.wet")
        .is(0, "");
    assert!(place.run(&["explain", "in/a.wet:2"]).out.contains("newsletter"));
}

#[test]
fn pages_in_archives_become_text() {
    let place = Place::new();
    let html = "<html><body><nav><a href=/>Home</a></nav><p>The ferry left at noon, and nobody on the pier waved.</p><p>Subscribe to our newsletter</p></body></html>";
    let response = |head: &str, body: &str| {
        warc("response", "WARC-Target-URI: http://a.example/x\r\n", &format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}"))
    };
    let chunked = format!("{:x}\r\n{html}\r\n0\r\n\r\n", html.len());
    let all = [
        warc("warcinfo", "", "software: test\r\n"),
        warc("request", "", "GET /x HTTP/1.1\r\n\r\n"),
        response("Content-Type: text/html", html),
        response("Content-Type: text/html\r\nTransfer-Encoding: chunked", &chunked),
        response("Content-Type: image/png", "\u{1}\u{2}"),
    ];
    place
        .write("in/a.warc", all.concat())
        .write("in/b.warc.gz", Compression::Gzip.pack(all.concat().into_bytes()).unwrap());
    place.run(&["clean", "in", "-o", "out"]).is(0, "10 records").is(0, "4 skipped");
    let out = place.text("out/a.warc.wet");
    assert_eq!(out.matches("\r\n\r\nThe ferry left at noon, and nobody on the pier waved.").count(), 2, "{out}");
    assert_eq!(
        (out.matches("WARC-Type: conversion").count(), out.matches("WARC-Refers-To: <urn:uuid:").count()),
        (2, 2)
    );
    place.shell("zcat out/b.warc.wet.gz | cmp - out/a.warc.wet").is(0, "");
    let records = place.records("out.report/removals.jsonl");
    assert_eq!((records[2]["path"].as_str(), records[2]["source"].as_str()), (Some("a.warc.wet"), Some("a.warc")));
    let source = all.concat();
    let start: usize = all[..2].iter().map(String::len).sum();
    let last = records[2]["removed"].as_array().unwrap().last().unwrap();
    let byte = |i: usize| start + last["byte"][i].as_u64().unwrap() as usize;
    assert!(source[byte(0)..byte(1)].contains("Subscribe to our newsletter"), "{}", &source[byte(0)..byte(1)]);
    place.run(&["restore", "out", "-o", "back"]).is(1, "a web archive that became text");
    place.run(&["clean", "in", "-o", "lines", "--to", "jsonl", "--field", "content"]).is(0, "6 skipped");
    let lines = place.text("lines/a.warc.jsonl");
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        (line["url"].as_str(), line["date"].as_str()),
        (Some("http://a.example/x"), Some("2024-05-01T10:00:00Z"))
    );
    assert_eq!(line["content"], "The ferry left at noon, and nobody on the pier waved.\n");
    assert!(line["id"].as_str().unwrap().starts_with("<urn:uuid:") && lines.lines().count() == 2, "{lines}");
    place.shell("zcat lines/b.warc.jsonl.gz | cmp - lines/a.warc.jsonl").is(0, "");
    // What comes out goes in again.
    place.run(&["check", "lines", "--field", "content"]).is(0, "4 records");
    place.run(&["clean", "in/a.warc", "--in-place"]).is(0, "");
    assert_eq!(place.text("in/a.warc"), source);
}

/// Runs, stops half-way as a killed run would be, and goes on: the result is that of one run.
#[test]
fn a_run_is_gone_on_with() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/b.html", format!("<p>{PAGE}")).write("in/c.jsonl", many(3000));
    place.write("in/d.jsonl.gz", Compression::Gzip.pack(many(2500).into_bytes()).unwrap()).write("in/e.txt", PAGE);
    place.run(&["clean", "in", "-o", "whole", "-q"]).is(0, "");
    let lines: Vec<String> = place.text("whole.report/journal.jsonl").lines().map(str::to_owned).collect();
    assert!(lines.len() > 9, "{lines:?}");
    for kept in 1..=lines.len() {
        for folder in ["out", "out.report"] {
            let _ = fs::remove_dir_all(place.path(folder));
        }
        place.shell("cp -r whole out; cp -r whole.report out.report").is(0, "");
        // What the journal does not vouch for is as a kill leaves it: unfinished, or finished and not noted.
        let torn = lines.get(kept).map_or("", |next| &next[..next.len() / 2]);
        place.write("out.report/journal.jsonl", format!("{}\n{torn}", lines[..kept].join("\n")));
        let last: Value = serde_json::from_str(&lines[kept - 1]).unwrap();
        if last["part"].is_u64() {
            let target = place.path("out").join(last["path"].as_str().unwrap());
            fs::rename(&target, dehusk::io::partial_of(&target)).unwrap();
        }
        place.write("out/.dehusk-tmp.left", "half");
        let ended = place.run(&["clean", "in", "-o", "out", "--resume"]);
        ended.is(0, "going on: of the earlier run");
        place.shell("diff -r whole out && diff -r whole.report out.report").is(0, "");
    }
    // What changed since, and all behind it, is done again; so is everything under other options.
    place.write("in/b.html", "<p>The ferry left at noon, and nobody on the pier waved.");
    place.run(&["clean", "in", "-o", "out", "--resume"]).is(0, "of the earlier run 1 finished inputs count");
    place.run(&["clean", "in", "-o", "out", "--resume", "--level", "strict"]).is(0, "all inputs are done again");
    place.run(&["clean", "in", "-o", "new", "--level", "strict", "-q"]).is(0, "");
    place.shell("diff -r new out && diff -r new.report out.report").is(0, "");
    place.run(&["clean", "in/a.txt", "--resume"]).is(2, "--resume needs -o OUT");
    place
        .run(&["clean", "in", "-o", "out", "--resume", "--level", "strict", "--durability", "power"])
        .is(0, "5 finished inputs count");
}

#[test]
fn a_pipe_may_bring_a_compressed_stream_byte_by_byte() {
    let place = Place::new();
    let lines = format!("{}\n", serde_json::json!({ "text": PAGE }));
    place.write("a.jsonl", lines).write("a.txt", PAGE);
    place.shell("gzip -n a.jsonl a.txt").is(0, "");
    for (file, options) in [("a.jsonl.gz", "--format jsonl"), ("a.txt.gz", "")] {
        place.shell(&format!("\"$DEHUSK\" clean -q - {options} < {file} > at-once")).is(0, "");
        // Each `head` takes a byte, and what is written waits for nobody.
        let bytes = "for i in 1 2 3 4 5; do head -c 1; sleep 0.05; done; cat";
        place.shell(&format!("{{ {bytes}; }} < {file} | \"$DEHUSK\" clean -q - {options} > one-by-one")).is(0, "");
        assert_eq!(place.read("at-once"), place.read("one-by-one"), "{file}");
        assert_ne!(place.read("at-once"), place.read(file), "{file}");
    }
}
