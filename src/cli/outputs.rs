//! Where the cleaned copies go, checked before any work.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dehusk::io::{Draft, Escaped, Tree};

use super::args::{Durability, OnConflict, Output};
use super::exit::{Exit, Failure, Outcome};
use super::inputs::{Inputs, RootKind};
use super::names::Names;
use super::paths::{Identity, file_of, report_folder};

/// The journal's name in the folder of the report.
pub const JOURNAL: &str = "journal.jsonl";

/// Where the cleaned copies go.
#[derive(Debug)]
pub enum Target {
    /// Nowhere.
    Nothing,
    /// To standard output.
    Stdout,
    /// To this file.
    File(PathBuf),
    /// Below this folder.
    Folder(Tree),
    /// Into the inputs themselves; originals are kept under their names with the suffix.
    InPlace { backup: Option<OsString> },
}

/// A target that was found writable.
#[derive(Debug)]
pub struct Outputs {
    pub target: Target,
    /// What to do about files that are there.
    pub on_conflict: OnConflict,
    /// The folder for reports that goes with the target.
    pub report: Option<PathBuf>,
    /// Whether a run that was stopped is gone on with.
    pub resumes: bool,
    /// Whether what is finished must outlive a loss of power.
    pub durable: bool,
    /// The column of removed pieces that tables get, if they are to.
    pub removed_column: Option<String>,
}

impl Outputs {
    /// Decides where output goes, and checks everything that can be checked without writing.
    pub fn resolve(typed: &Output, inputs: &Inputs, names: &Names) -> Outcome<Self> {
        let on_conflict = typed.on_conflict.unwrap_or_default();
        let durable = typed.durability.unwrap_or_default() == Durability::Power;
        let outputs = |target, report| {
            let removed_column = typed.removed_column.clone();
            Ok(Self { target, on_conflict, report, resumes: false, durable, removed_column })
        };
        if let Some((one, other)) = inputs.collision() {
            return Err(collide(one, other));
        }
        if typed.in_place {
            if inputs.roots.iter().any(|r| r.kind == RootKind::Stdin) {
                return Err(Failure::usage("standard input cannot be cleaned in place"));
            }
            let report = match inputs.roots.as_slice() {
                [one] => Some(named_report(&one.path)?),
                _ => None,
            };
            return outputs(Target::InPlace { backup: typed.backup.clone() }, report);
        }
        if !inputs.is_single()
            && let Some((one, other)) = names.collision(inputs)
        {
            return Err(collide(&one, &other));
        }
        let Some(out) = file_of(typed.output.as_ref()) else {
            if typed.resume {
                return Err(Failure::usage("--resume needs -o OUT, whose report says what is finished"));
            }
            if typed.dry_run || inputs.is_single() {
                return outputs(if typed.dry_run { Target::Nothing } else { Target::Stdout }, None);
            }
            let what = match inputs.roots.iter().find(|r| r.kind == RootKind::Folder) {
                Some(folder) => format!("{} is a folder", Escaped::path(&folder.path)),
                None => "there is more than one input".to_owned(),
            };
            return Err(Failure::usage(format!(
                "{what}: say where the cleaned copies go with -o OUT. Nothing was written"
            )));
        };
        let is_folder = !inputs.is_single() || out.is_dir() || ends_with_separator(out);
        check_apart(out, is_folder, inputs)?;
        let report = named_report(out)?;
        check_apart(&report, true, inputs)?;
        if typed.dry_run {
            return outputs(Target::Nothing, None);
        }
        if typed.resume && report.join(JOURNAL).is_file() {
            // What is there is what the earlier run made of the same inputs, or has no claim to be kept.
            let target = if is_folder { Target::Folder(Tree::new(out, true)) } else { Target::File(out.clone()) };
            let on_conflict = OnConflict::Overwrite;
            return Ok(Self { on_conflict, resumes: true, ..outputs(target, Some(report))? });
        }
        if is_folder {
            check_conflicts(out, inputs, names, on_conflict)?;
            return outputs(Target::Folder(Tree::new(out, on_conflict == OnConflict::Overwrite)), Some(report));
        }
        if on_conflict == OnConflict::Error && out.symlink_metadata().is_ok() {
            return Err(exists(out));
        }
        outputs(Target::File(out.clone()), Some(report))
    }

    /// Whether files that are there may be replaced.
    pub fn replaces(&self) -> bool {
        self.on_conflict == OnConflict::Overwrite
    }

    /// Makes the output folder and tries to write there, so that a mistake shows before any work.
    pub fn prepare(&self) -> Outcome<()> {
        let (probe, folder) = match &self.target {
            Target::Folder(tree) => (tree.draft(Path::new(".dehusk-probe")), tree.root()),
            Target::File(file) => {
                let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                (Draft::new(folder.join(".dehusk-probe"), false), folder)
            }
            _ => return Ok(()),
        };
        probe.map(drop).map_err(|e| unwritable(folder, &e))
    }
}

/// An output that cannot be written, found before any work: a full disk is another matter than a wrong path.
pub fn unwritable(path: &Path, cause: &io::Error) -> Failure {
    let message = format!(
        "cannot write to {}: {cause}. Nothing was written; give a folder that can be written",
        Escaped::path(path)
    );
    let full = matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    Failure::Told(if full { Exit::Output } else { Exit::Usage }, message)
}

fn collide(one: &Path, other: &Path) -> Failure {
    let (one, other) = (Escaped::path(one), Escaped::path(other));
    Failure::usage(format!(
        "{one} and {other} would go to the same output. Nothing was written; clean them in two runs"
    ))
}

fn named_report(out: &Path) -> Outcome<PathBuf> {
    report_folder(out)
        .map_err(|e| Failure::usage(format!("{} has no name to put a report beside: {e}", Escaped::path(out))))
}

fn exists(path: &Path) -> Failure {
    Failure::usage(format!(
        "{} is there already. Nothing was written; give another name, or --on-conflict skip or overwrite",
        Escaped::path(path)
    ))
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|b| std::path::is_separator(char::from(*b)))
}

/// Output and input must be apart, whatever they are called.
fn check_apart(out: &Path, is_folder: bool, inputs: &Inputs) -> Outcome<()> {
    let shown = Escaped::path(out);
    let chain = Identity::chain(out).map_err(|e| unwritable(out, &e))?;
    let itself = Identity::of(out).ok();
    for (path, input) in inputs.identities(RootKind::Folder) {
        if chain.contains(&input) {
            let relation = if itself.as_ref() == Some(&input) { "is the input" } else { "is inside the input" };
            return Err(Failure::usage(format!(
                "the output {shown} {relation} {}. Nothing was written; give a folder outside, or use --in-place",
                Escaped::path(path)
            )));
        }
        if let Some(itself) = &itself
            && is_folder
            && Identity::chain(path).is_ok_and(|chain| chain.contains(itself))
        {
            return Err(Failure::usage(format!(
                "the input {} is inside the output {shown}. Nothing was written; give another output folder",
                Escaped::path(path)
            )));
        }
    }
    let files = [RootKind::File, RootKind::Listed].map(|kind| inputs.identities(kind)).concat();
    for (path, input) in files {
        if itself.as_ref() == Some(&input) {
            return Err(Failure::usage(format!(
                "the output {shown} is the input {}. Nothing was written; use --in-place",
                Escaped::path(path)
            )));
        }
    }
    Ok(())
}

/// What stands where output would go.
fn check_conflicts(out: &Path, inputs: &Inputs, names: &Names, on_conflict: OnConflict) -> Outcome<()> {
    match out.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() && !out.is_dir() => return Err(exists(out)),
        Ok(_) if !out.is_dir() => {
            return Err(Failure::usage(format!("the output {} is no folder. Nothing was written", Escaped::path(out))));
        }
        Ok(_) => {}
        Err(_) => return Ok(()),
    }
    let from_folders = inputs.roots.iter().any(|r| r.kind == RootKind::Folder);
    for root in inputs.roots.iter().filter(|r| r.kind != RootKind::Folder) {
        let target = out.join(names.output(&root.under));
        if Identity::of(&target).is_ok_and(|t| Identity::of(&root.path).is_ok_and(|r| t == r)) {
            return Err(Failure::usage(format!(
                "the output {} is the input. Nothing was written; use --in-place",
                Escaped::path(&target)
            )));
        }
        if on_conflict == OnConflict::Error && target.symlink_metadata().is_ok() {
            return Err(exists(&target));
        }
    }
    let empty = || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    if on_conflict == OnConflict::Error && from_folders && !empty() {
        return Err(Failure::usage(format!(
            "the output {} is not empty. Nothing was written; give another folder, or --on-conflict skip or overwrite",
            Escaped::path(out)
        )));
    }
    Ok(())
}
