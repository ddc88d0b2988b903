//! The command, run as people run it.

mod bad_input;
mod config;
mod html;
mod places;
mod records;
mod reports;
mod sites;
mod stopping;
mod tables;
mod weights;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A page with chrome at both ends that no pack can do without.
pub const PAGE: &str = "Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n\nIt came back \
                        at dusk with two passengers fewer than it had left with.\n";
/// Its body.
pub const BODY: &str = "The ferry left at noon, and nobody on the pier waved.\n\nIt came back at dusk with two passengers \
                        fewer than it had left with.\n";

/// A folder to work in.
pub struct Place {
    dir: tempfile::TempDir,
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder in memory where the system has one, for what would wear a disk.
    pub fn in_memory() -> Self {
        Self { dir: tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap()) }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The command in this folder, reading no configuration from outside.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
        command.current_dir(self.dir.path()).env("XDG_CONFIG_HOME", self.path("home")).env("NO_COLOR", "1").args(args);
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ended {
        ended(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs a script in this folder, `$DEHUSK` being the command.
    pub fn shell(&self, script: &str) -> Ended {
        let mut shell = Command::new("sh");
        shell.current_dir(self.dir.path()).env("DEHUSK", env!("CARGO_BIN_EXE_dehusk")).env("NO_COLOR", "1");
        shell.env("XDG_CONFIG_HOME", self.path("home")).stdin(Stdio::null());
        ended(shell.args(["-c", script]).output().unwrap())
    }

    /// The records of a report by path.
    pub fn records(&self, report: &str) -> Vec<serde_json::Value> {
        self.text(report).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Path and status of every record.
    pub fn statuses(&self, report: &str) -> Vec<(String, String)> {
        let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        self.records(report).iter().map(|r| (text(&r["path"]), text(&r["status"]))).collect()
    }

    /// Restores `out` and says whether it is the same as `input`, for the files that `out` has.
    pub fn restores(&self, out: &str, input: &str) -> bool {
        let back = self.path("back-again");
        let _ = fs::remove_dir_all(&back);
        let ended = self.run(&["restore", out, "-o", "back-again"]);
        ended.code == 0
            && files(&back).iter().all(|f| self.read(Path::new(input).join(f)) == fs::read(back.join(f)).unwrap())
    }
}

pub fn ended(output: Output) -> Ended {
    let err = String::from_utf8(output.stderr).expect("messages are UTF-8");
    let unsafe_char =
        |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    assert_eq!(err.chars().find(unsafe_char), None, "{err}");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    Ended { code: output.status.code().unwrap_or(-1), out, err }
}

impl Ended {
    /// Asserts the exit code, and that the messages say this.
    #[track_caller]
    pub fn is(&self, code: i32, said: &str) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(said), "{:?} is not in:\n{}", said, self.err);
        self
    }
}

/// All files below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// Says why a test did not run here.
pub fn skipped(reason: &str) {
    say(&format!("skipped: {reason}"));
}

/// Says something that a person who runs the tests may want to know.
#[allow(clippy::print_stderr, reason = "tests have nothing else to say it with")]
pub fn say(message: &str) {
    eprintln!("{message}");
}

#[test]
fn commands_as_files() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .case("tests/cmd/*.toml")
        .case("tests/cmd/*.md");
}
