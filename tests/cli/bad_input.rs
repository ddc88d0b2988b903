//! Everything that can be wrong with an input. Each gets its exit code and message, the other files still get done, and
//! nothing is lost or half-written.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{BODY, PAGE, Place, files, skipped};

#[test]
fn a_missing_path_stops_before_any_work() {
    let place = Place::new();
    place.write("a.txt", PAGE);
    place.run(&["clean", "a.txt", "nowhere", "-o", "out"]).is(2, "cannot read 'nowhere': No such file or directory");
    assert!(!place.path("out").exists());
}

#[test]
fn a_folder_without_an_output_and_no_input_at_all() {
    let place = Place::new();
    place.write("in/a.txt", PAGE);
    place.run(&["clean", "in"]).is(2, "'in' is a folder: say where the cleaned copies go with -o OUT");
    place.run(&["clean", "in/a.txt", "in"]).is(2, "-o OUT");
    place.run(&["clean"]).is(2, "name what to clean");
    place.run(&["in"]).is(2, "did you mean `dehusk clean 'in' -o OUT`?");
    place.run(&["in/a.txt"]).is(2, "did you mean `dehusk clean 'in/a.txt'`?");
}

#[test]
fn an_unreadable_file_fails_alone() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/locked.txt", PAGE).write("in/sub/z.txt", PAGE);
    let locked = place.path("in/locked.txt");
    let mut run = place.command(&["clean", "in", "-o", "out"]);
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&locked).is_ok() {
        // Root reads everything: be somebody else.
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o777)).unwrap();
        let mut other = Command::new("setpriv");
        other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(env!("CARGO_BIN_EXE_dehusk"));
        other.args(["clean", "in", "-o", "out"]).current_dir(place.path("")).env("HOME", "/nonexistent");
        if !other.output().is_ok_and(|o| o.status.code() != Some(127) && place.path("out.report").exists()) {
            return skipped("no way to be a user who may not read a file");
        }
        fs::remove_dir_all(place.path("out")).unwrap();
        fs::remove_dir_all(place.path("out.report")).unwrap();
        run = other;
    }
    super::ended(run.output().unwrap()).is(3, "'in/locked.txt': cannot read it: Permission denied");
    assert_eq!(files(&place.path("out")), [Path::new("a.txt"), Path::new("sub/z.txt")]);
    let record = &place.records("out.report/removals.jsonl")[1];
    assert_eq!((record["status"].as_str(), record["bytes"].is_null()), (Some("failed"), true));
}

#[test]
fn binary_empty_and_odd_files_are_kept_whole() {
    let place = Place::new();
    let noise: Vec<u8> = (0..9999_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let utf16: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    place
        .write("in/1-binary.txt", &noise)
        .write("in/2-empty.txt", "")
        .write("in/3-nul.txt", PAGE.replace("ferry", "fer\0ry"));
    place.write("in/4-utf16.txt", &utf16).write("in/5-picture.png", "\u{89}PNG").write("in/6-table.csv", "a,Subscribe");
    place
        .write("in/7-damaged.txt", [PAGE.as_bytes(), b"caf\xe9\n\xff\n"].concat())
        .write("in/8-cr.txt", PAGE.replace('\n', "\r"));
    place.run(&["clean", "in", "-o", "out"]).is(0, "2 copied");
    let statuses: Vec<_> = place.statuses("out.report/removals.jsonl").into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, ["copied", "unchanged", "cleaned", "cleaned", "unchanged", "copied", "cleaned", "cleaned"]);
    assert_eq!(place.read("out/1-binary.txt"), noise);
    assert_eq!(place.read("out/2-empty.txt"), b"");
    assert_eq!(place.read("out/6-table.csv"), b"a,Subscribe");
    assert_eq!(place.read("out/4-utf16.txt"), BODY.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    assert!(place.restores("out", "in"));
    assert_eq!(files(&place.path("back-again")).len(), 8);
}

#[test]
fn a_line_of_two_hundred_megabytes() {
    let place = Place::in_memory();
    let line = "Nobody on the pier waved at the ferry. ".repeat(200_000_000 / 39);
    place.write("in/long.txt", &line).write("in/short.txt", PAGE);
    drop(line);
    place.run(&["clean", "in", "-o", "out", "-q"]).is(0, "");
    assert_eq!(place.text("out/short.txt"), BODY);
    assert!(place.restores("out", "in"));
}

#[test]
fn a_hundred_thousand_tiny_files() {
    let place = Place::in_memory();
    for folder in 0..100 {
        fs::create_dir_all(place.path(format!("in/{folder:02}"))).unwrap();
        for file in 0..1000 {
            fs::write(place.path(format!("in/{folder:02}/{file:03}.txt")), format!("{PAGE}{folder} {file}\n")).unwrap();
        }
    }
    let started = Instant::now();
    let mut child = place.command(&["clean", "in", "-o", "out", "-q"]).spawn().unwrap();
    let mut peak = 0;
    let code = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0_u64));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(0));
    super::say(&format!("100,000 files: peak memory {} MB in {:.1} s", peak / 1000, started.elapsed().as_secs_f64()));
    assert!(peak < 200_000, "peak memory {peak} kB");
    assert_eq!(place.text("out.report/removals.jsonl").lines().count(), 100_000);
    assert_eq!(fs::read_dir(place.path("out/99")).unwrap().count(), 1000);
}

#[test]
fn pipes_devices_sockets_and_loops_are_left_out() {
    let place = Place::new();
    place.write("in/a.txt", PAGE).write("in/z.txt", PAGE).write("secret.txt", "outside");
    let made = place.shell(
        "mkfifo in/fifo; mknod in/null c 1 3; ln -s .. in/loop; ln -s ../secret.txt in/link; ln -s none in/dangling",
    );
    let _socket = std::os::unix::net::UnixListener::bind(place.path("in/socket")).unwrap();
    let started = Instant::now();
    place.run(&["clean", "in", "-o", "out"]).is(0, "skipped");
    assert!(started.elapsed() < Duration::from_secs(30), "waited for a pipe");
    let records = place.records("out.report/removals.jsonl");
    let of = |name: &str| {
        records.iter().find(|r| r["path"] == name).map(|r| (r["status"].as_str().unwrap(), r["reason"].as_str()))
    };
    assert_eq!(of("fifo"), Some(("skipped", Some("a FIFO"))), "{}", made.err);
    assert_eq!(of("socket"), Some(("skipped", Some("a socket"))));
    assert_eq!(of("loop"), Some(("skipped", Some("a symbolic link, which is not followed"))));
    assert!(of("null").is_none_or(|null| null == ("skipped", Some("a device"))));
    assert_eq!(files(&place.path("out")), [Path::new("a.txt"), Path::new("z.txt")]);
    // Named by the user, a pipe is refused, not waited for; a link is followed.
    place.run(&["clean", "in/fifo"]).is(3, "it is a FIFO");
    assert_eq!(place.run(&["clean", "-q", "in/link"]).out, "outside");
}

#[test]
fn names_of_any_bytes() {
    let place = Place::new();
    let names: [&[u8]; 8] = [
        b"\xff\xfe.txt",
        b"new\nline.txt",
        b"esc\x1b[2J.txt",
        "rtl\u{202e}txt.txt".as_bytes(),
        b"-rf",
        b"=cmd.txt",
        b" .txt",
        &[b'n'; 250],
    ];
    for name in names {
        place.write(Path::new("in").join(std::ffi::OsStr::from_bytes(name)), PAGE);
    }
    let ended = place.run(&["clean", "in", "-o", "out", "-v"]);
    ended
        .is(0, r"'in/\xff\xfe.txt': cleaned")
        .is(0, r"'in/esc\u{1b}[2J.txt'")
        .is(0, r"new\nline")
        .is(0, r"rtl\u{202e}txt");
    assert!(place.restores("out", "in"));
    assert_eq!(files(&place.path("back-again")).len(), names.len());
    assert!(place.records("out.report/removals.jsonl").iter().any(|r| r["path"]["bytes"] == "//4udHh0"));
    assert!(place.text("out.report/strings.csv").contains("subscribe"));
    // A listing for people, too.
    assert!(!place.run(&["check", "in"]).out.contains('\u{1b}'));
}

#[test]
fn a_pack_with_a_mistake_is_pointed_at() {
    let place = Place::new();
    let pack = "category = \"navigation\"\nlanguage = \"en\"\n\n[[rule]]\nid = \"x\"\nwhy = \"w\"\nphrase = [\"a b\"]\nmatch = []\nkeep = []\n";
    place.write("mine.toml", pack).write("a.txt", PAGE);
    for args in [&["clean", "-r", "mine.toml", "a.txt", "-o", "out.txt"][..], &["rules", "test", "mine.toml"]] {
        let ended = place.run(args);
        ended.is(2, "mine.toml:7:1: unknown field `phrase`").is(2, "    7 | phrase = [\"a b\"]\n      | ^");
    }
    assert!(!place.path("out.txt").exists());
    place.write("unsound.toml", pack.replace("phrase =", "phrases ="));
    place.run(&["rules", "test", "unsound.toml"]).is(2, "navigation/x: ").is(2, "      = ");
    // Of a very long line only what is near the mistake is shown.
    place.write("long.toml", format!("category = {}", "[".repeat(100_000)));
    assert!(place.run(&["rules", "test", "long.toml"]).is(2, "long.toml:1:").err.len() < 2_000);
    place.run(&["clean", "-r", "none.toml", "a.txt"]).is(2, "none.toml");
    place.run(&["clean", "--select", "cookies", "a.txt"]).is(2, "no category \"cookies\"");
    place.run(&["clean", "--ignore", "navigation/nothing", "a.txt"]).is(2, "no rule \"navigation/nothing\"");
}

#[test]
fn what_is_asked_for_and_not_there_is_an_error() {
    let place = Place::new();
    place.write("a.txt", PAGE);
    place.run(&["clean", "a.txt", "--encoding", "klingon"]).is(2, "no encoding \"klingon\"");
    place.run(&["report", "x"]).is(2, "cannot read 'x'");
}
