//! Full disks, closed pipes and signals: what is finished is whole, and a second run can finish the rest.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;

use super::{PAGE, Place, files, skipped};

/// Some pages of some kilobytes.
fn pages(place: &Place, n: usize) {
    for i in 0..n {
        let page = format!("{PAGE}{}", format!("Paragraph {i} says what happened that day on the pier.\n").repeat(200));
        place.write(format!("in/{i:04}.txt"), page);
    }
}

#[test]
fn a_full_standard_output() {
    let place = Place::new();
    place.write("a.txt", PAGE);
    place.shell("$DEHUSK clean a.txt > /dev/full").is(4, "cannot write to standard output: No space left on device");
    place.shell("$DEHUSK rules list > /dev/full").is(4, "No space left on device");
    place.shell("$DEHUSK --help > /dev/full").is(4, "No space left on device");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let place = Place::new();
    pages(&place, 1);
    for args in [
        &["clean", "in/0000.txt"][..],
        &["check", "in", "--diff"],
        &["rules", "list"],
        &["explain", "in/0000.txt"],
        &["man"],
    ] {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {err}");
        assert!(!err.contains("error"), "{args:?}: {err}");
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let place = Place::new();
    pages(&place, 300);
    fs::create_dir(place.path("small")).unwrap();
    let ok = place.shell("unshare -m sh -c 'mount -t tmpfs -o size=64k tmpfs small'");
    if ok.code != 0 {
        return skipped(&format!("no tmpfs can be mounted: {}", ok.err));
    }
    for (size, options) in [("256k", ""), ("1m", "-j1"), ("1m", "-j4"), ("2m,nr_inodes=40", "")] {
        let _ = fs::remove_dir_all(place.path("kept"));
        let script = format!(
            "mount -t tmpfs -o size={size} tmpfs small || exit 99; $DEHUSK clean in -o small/out {options}; code=$?; cp -a small kept; exit $code"
        );
        let ended = place.shell(&format!("unshare -m sh -c '{script}'"));
        ended.is(4, "No space left on device").is(4, "finished, and nothing half-written was left under its name");
        let whole = files(&place.path("kept/out"));
        assert!(whole.iter().all(|f| !f.to_string_lossy().contains(".dehusk-tmp.")), "{whole:?}");
        // Every copy that is there has its record, and comes back.
        let records = place.statuses("kept/out.report/removals.jsonl");
        for file in &whole {
            assert!(
                records.iter().any(|(path, status)| path == &file.to_string_lossy() && status == "cleaned"),
                "{file:?}"
            );
        }
        place.write("partial/x", "");
        let _ = fs::remove_dir_all(place.path("partial"));
        place.run(&["restore", "kept/out", "-o", "partial", "-q"]);
        assert_eq!(files(&place.path("partial")), whole);
        assert!(
            whole.iter().all(
                |f| fs::read(place.path("partial").join(f)).unwrap() == fs::read(place.path("in").join(f)).unwrap()
            )
        );
    }
}

#[test]
fn a_read_only_output() {
    let place = Place::new();
    pages(&place, 1);
    fs::create_dir(place.path("ro")).unwrap();
    let script = "mount -t tmpfs -o ro tmpfs ro || exit 99; $DEHUSK clean in -o ro/out";
    let ended = place.shell(&format!("unshare -m sh -c '{script}'"));
    if !matches!(ended.code, 2 | 4) {
        return skipped(&format!("no tmpfs can be mounted: {}", ended.err));
    }
    ended.is(2, "Read-only file system");
}

#[test]
fn a_file_over_the_size_limit() {
    let place = Place::new();
    place.write("big.txt", format!("{PAGE}{}", "A line that stays where it is.\n".repeat(200_000)));
    place.shell("ulimit -f 1000; $DEHUSK clean big.txt -o out.txt").is(4, "File too large");
    assert!(!place.path("out.txt").exists());
}

#[test]
fn being_told_to_stop() {
    let place = Place::new();
    pages(&place, 3000);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let out = format!("out-{signal}");
        let mut child = place.command(&["clean", "in", "-o", &out, "-j2"]).stderr(Stdio::piped()).spawn().unwrap();
        while !place.path(&out).join("0010.txt").exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        place.shell(&format!("kill -{signal} {}", child.id()));
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let ended = child.wait().unwrap().code();
        if ended == Some(0) {
            return skipped("the run was over before the signal came");
        }
        assert_eq!(ended, Some(code), "{err}");
        assert!(err.contains("stopped; "), "{err}");
        let records = place.statuses(&format!("{out}.report/removals.jsonl"));
        assert_eq!(records.len(), files(&place.path(&out)).len());
        assert!(place.text(format!("{out}.report/summary.json")).contains("\"finished\": false"));
        assert!(place.restores(&out, "in"));
    }
}

/// A pipe that stays silent does not keep a run alive.
#[cfg(target_os = "linux")]
#[test]
fn being_told_to_stop_while_nothing_comes() {
    let place = Place::new();
    for args in [&["clean", "-", "--format", "jsonl", "-o", "a.jsonl"][..], &["clean", "-", "-o", "a.txt", "-j1"]] {
        let mut child = place.command(args).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"{\"text\": \"The ferry left at noon.\"}\n").unwrap();
        // The handler is there.
        let catches = |status: &str| {
            let mask = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap().trim();
            u64::from_str_radix(mask, 16).unwrap() & 1 << 1 > 0
        };
        while !catches(&fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        place.shell(&format!("kill -INT {}", child.id())).is(0, "");
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
        assert!(err.contains("stopped; 0 inputs finished"), "{err}");
        assert!(!place.path(args[args.iter().position(|a| *a == "-o").unwrap() + 1]).exists());
        drop(stdin);
    }
}
