//! Learning the weights from pages whose gold text is known, or which extractors agree on.
//!
//! Everything is a function of the pages, the rules and the seed: the same command writes the same bytes.

mod align;
mod boost;
mod card;
mod fold;
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
use crate::model::{HtmlModel, Model};
use crate::rules::{Level, RuleSet, Use, builtin};
use fold::Weights;
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
    /// Folds by domain: of the cross-validation, of the stage-1 scores that stage 2 learns from, and of teachers.
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
    /// How convolutions are learned.
    pub net: NetOptions,
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
            html: BoostOptions::default(),
        }
    }
}

impl TrainOptions {
    /// How many stages 1 are learned: one for each fold, and one from all pages that are there.
    fn runs(&self, left_out: usize) -> usize {
        self.folds.max(left_out + 1)
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
    pages::into_folds(&mut pages, options.folds);
    let mut html: Vec<Page> = pages.extract_if(.., |p| p.rendering == pages::HTML).collect();
    pages::share_votes(&mut pages);
    pages::share_votes(&mut html);
    progress(&format!("{} renderings of {} domains, {} HTML pages", pages.len(), pages::domains(&pages), html.len()));
    let learner = fold::Pages { options, rules: &rules, text: &pages, html: &html };
    let folds = if options.cv { learner.folds(progress)? } else { Vec::new() };
    let all = match options.out {
        Some(_) => learner.learn(options.folds, progress)?,
        None => Weights::default(),
    };
    let measure = |pages: &[Page]| measure::cross_validate(options, pages, &names, &golds, &folds, progress);
    let mut said = String::new();
    if folds.iter().any(|weights| weights.text.is_some()) {
        said = measure(&pages)?;
        progress("measuring site templates");
        said += &sites::table(options, &pages, &names, &golds, &folds)?;
    }
    if let (Some(out), Some(model)) = (&options.out, &all.text) {
        write(&out.join(Model::FILE), &model.to_bytes())?;
        write(&out.join("card.md"), card::card(options, &names, &pages, model, &said).as_bytes())?;
    }
    let measured = folds.iter().any(|weights| weights.html.is_some());
    let said_of_html = if measured { measure(&html)? } else { String::new() };
    if let (Some(out), Some(model)) = (&options.out, &all.html) {
        write(&out.join(HtmlModel::FILE), &model.to_bytes())?;
        write(&out.join("html.md"), card::html(options, &names, &html, model, &said_of_html).as_bytes())?;
    }
    Ok(said + &said_of_html)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, bytes)).map_err(|e| sets::unreadable(path, e))
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
