//! Learning the weights from pages whose gold text is known, or which extractors agree on.
//!
//! Everything is a function of the pages, the rules and the seed: the same command writes the same bytes.

mod align;
mod boost;
mod card;
mod html;
mod measure;
mod net;
mod pages;
mod random;
mod sets;
mod sites;
mod table;
mod teach;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use boost::BoostOptions;
pub use net::NetOptions;

use crate::error::{Error, ErrorKind, Result};
use crate::model::net::Net;
use crate::model::trees::Forest;
use crate::rules::{Level, RuleSet, Use, builtin};
use pages::Page;
use sets::Set;

/// Which weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those for text.
    Text,
    /// Those for HTML pages.
    Html,
}

/// What to learn from, and how.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Folders with `gold.jsonl(.xz)` and `renderings/*.jsonl(.xz)`.
    pub sets: Vec<PathBuf>,
    /// Which weights are learned; all that the folders hold pages for, if none are named.
    pub part: Option<Part>,
    /// Where the weights and their cards go (`dehusk.bin` and `card.md`, `html.bin` and `html.md`); nothing is written
    /// without.
    pub out: Option<PathBuf>,
    /// Folds of the cross-validation by domain, which also gives stage 2 its stage-1 scores.
    pub folds: usize,
    /// Whether to cross-validate the whole pipeline and print a table.
    pub cv: bool,
    /// Where the cross-validated bodies go: `<set>/<rendering>/<id>.txt`.
    pub cv_out: Option<PathBuf>,
    /// Threads, at most.
    pub threads: usize,
    /// Where the random numbers begin.
    pub seed: u64,
    /// Where the folds' weights are written to, or read from when they are there: for experiments with what comes after.
    pub folds_at: Option<PathBuf>,
    /// Renderings that are measured; all, if none is named.
    pub only: Vec<String>,
    /// Levels that are measured.
    pub levels: Vec<Level>,
    /// How trees are grown for whole pages.
    pub page: BoostOptions,
    /// How trees are grown for extracted text.
    pub extracted: BoostOptions,
    /// How the convolutions for text are learned, and those of its teachers.
    pub net: NetOptions,
    /// How the convolution for HTML pages is learned.
    pub html_net: NetOptions,
    /// How trees are grown for HTML pages.
    pub html: BoostOptions,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            sets: Vec::new(),
            part: None,
            out: None,
            folds: 5,
            cv: false,
            cv_out: None,
            threads: 2,
            seed: 1,
            folds_at: None,
            only: Vec::new(),
            levels: Level::ALL.to_vec(),
            page: BoostOptions::default(),
            extracted: BoostOptions { trees: 200, rate: 0.1, rows: 100_000, ..BoostOptions::default() },
            net: NetOptions::default(),
            html_net: NetOptions { passes: 3, f1: 0.0, ..NetOptions::default() },
            html: BoostOptions::default(),
        }
    }
}

/// Learns weights, writes them, and cross-validates them if asked to. Returns what there is to say to the user.
///
/// # Errors
///
/// [`ErrorKind::Io`] for sets that cannot be read and folders that cannot be written to.
pub fn run(options: &TrainOptions, progress: &(dyn Fn(&str) + Sync)) -> Result<String> {
    let rules = RuleSet::join(&[builtin::compiled()], |_, _| Use::AsWritten)?;
    let mut names = Vec::new();
    let mut sets = Vec::new();
    for folder in &options.sets {
        sets.push(Set::read(folder)?);
    }
    let mut golds = Vec::new();
    for set in &sets {
        names.push(set.name.clone());
        golds.push(set.gold.clone());
    }
    progress("aligning");
    let sets: Vec<Mutex<Option<Set>>> = sets.into_iter().map(|s| Mutex::new(Some(s))).collect();
    let mut pages: Vec<Page> = parallel(options.threads, sets.len(), |i| match sets[i].lock() {
        Ok(mut set) => set.take().map(|s| pages::of_set(i, s, options.part)).unwrap_or_default(),
        Err(_) => Vec::new(),
    })
    .into_iter()
    .flatten()
    .collect();
    if pages.is_empty() {
        return Err(Error::new(
            ErrorKind::Io,
            "there is no page to learn from: name folders with gold.jsonl and renderings/",
        ));
    }
    let mut html: Vec<Page> = pages.extract_if(.., |p| p.rendering == pages::HTML).collect();
    pages::into_folds(&mut pages, options.folds);
    pages::into_folds(&mut html, options.folds);
    let known = Known { options, rules: &rules, names: &names, golds: &golds };
    // Weights for text that an earlier run wrote have been taught.
    let taught = options.folds_at.as_ref().is_some_and(|f| f.join("0.bin").exists());
    if !html.is_empty() && !pages.is_empty() && !taught {
        known.teachers(&html, progress)?.teach(&mut pages, options.threads);
    }
    let mut said = String::new();
    if !pages.is_empty() {
        said += &known.text(&pages, progress)?;
    }
    if !html.is_empty() && options.part != Some(Part::Text) {
        said += &known.html(&html, progress)?;
    }
    Ok(said)
}

/// What is known of the sets.
struct Known<'a> {
    options: &'a TrainOptions,
    rules: &'a RuleSet,
    names: &'a [String],
    golds: &'a [Vec<sets::Gold>],
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)).map_err(|e| sets::unreadable(&path, e))
}

/// Keeps weights that leave one fold out each, for [`read_folds`].
fn write_folds(folder: &Path, prefix: &str, models: impl Iterator<Item = Vec<u8>>) -> Result<()> {
    models.enumerate().try_for_each(|(fold, bytes)| write(folder, &format!("{prefix}{fold}.bin"), &bytes))
}

/// Weights that leave one fold out each, as an earlier run wrote them.
fn read_folds<T>(folder: &Path, prefix: &str, folds: usize, parse: impl Fn(&[u8]) -> Result<T>) -> Result<Vec<T>> {
    let read = |fold: usize| {
        let path = folder.join(format!("{prefix}{fold}.bin"));
        parse(&fs::read(&path).map_err(|e| sets::unreadable(&path, e))?)
    };
    (0..folds).map(read).collect()
}

/// A part of a second stage.
enum Learned {
    Net(Net),
    Forest(Forest),
}

/// Runs `count` jobs on some threads; results come in the order of the jobs.
fn parallel<T: Send>(threads: usize, count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, count.max(1)) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count {
                        break;
                    }
                    let result = job(i);
                    if let Ok(mut slot) = done[i].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    done.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect()
}
