//! The README's commands run, as written, in order.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The lines of `sh` blocks that call dehusk.
fn commands(readme: &str) -> Vec<&str> {
    let mut inside = false;
    let mut out = Vec::new();
    for line in readme.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = fence == "sh";
        } else if inside && line.starts_with("dehusk ") {
            out.push(line);
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn every_command_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("tests/sample"), &folder.path().join("tests/sample"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let commands = commands(&readme);
    assert!(commands.len() >= 9, "{commands:?}");
    let bin = Path::new(env!("CARGO_BIN_EXE_dehusk")).parent().unwrap();
    let path = env::join_paths(
        std::iter::once(bin.to_owned()).chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    for line in commands {
        let mut run = Command::new("sh");
        run.args(["-c", line]).current_dir(folder.path()).env("PATH", path.as_ref().unwrap());
        let output = run.output().unwrap();
        // `check` ends with 1 when it found something, as it should in the sample.
        let right = if line.starts_with("dehusk check") { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(right), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    copy_is_equal(&root.join("tests/sample"), &folder.path().join("originals"));
}

fn copy_is_equal(original: &Path, restored: &Path) {
    for entry in fs::read_dir(original).unwrap() {
        let path = entry.unwrap().path();
        let other = restored.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_is_equal(&path, &other);
        } else {
            assert_eq!(fs::read(&path).unwrap(), fs::read(&other).unwrap(), "{}", other.display());
        }
    }
}
