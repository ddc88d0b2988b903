//! Inputs that once broke a law, found by the fuzzers in `fuzz/`: `tests/fuzz/TARGET/NAME` is run again here, for ever.

mod oracles;

use std::fs;
use std::path::Path;

pub use oracles::{CLEANERS, tiles};

#[test]
fn what_was_found_is_found_no_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    names.sort();
    for target in names {
        let name = target.file_name().unwrap().to_str().unwrap();
        let (_, check) = oracles::ALL.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no target {name}"));
        for input in fs::read_dir(&target).unwrap().map(|e| e.unwrap().path()) {
            println!("{}", input.display());
            check(&fs::read(&input).unwrap());
        }
    }
}

/// A check that looks at nothing would find nothing: every target takes its seeds.
#[test]
fn every_target_takes_pages_and_oddities() {
    let page = "Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n";
    for (_, check) in oracles::ALL {
        for input in [&b""[..], b"\0", b"\xff\xfe\n", page.as_bytes(), format!("{{\"text\":{page:?}}}\n").as_bytes()] {
            check(input);
        }
    }
}
