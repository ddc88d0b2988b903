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
#[cfg(test)]
mod tests;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use boost::BoostOptions;
pub use net::NetOptions;

use crate::document::InputKind;
use crate::error::{Error, ErrorKind, Result};
use crate::evidence::Layout;
use crate::model::net::Net;
use crate::model::trees::{Forest, LANES};
use crate::model::{Columns, Context, Model, Second, lexical::Lexical, regime::FACTS, table::COUNT};
use crate::rules::{Level, RuleSet, Use, builtin};
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};
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
    /// How the convolutions are learned.
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
    let mut said = String::new();
    if !pages.is_empty() {
        said += &text(&known, &pages, progress)?;
    }
    if !html.is_empty() {
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

/// Learns the weights for text.
fn text(known: &Known<'_>, pages: &[Page], progress: &(dyn Fn(&str) + Sync)) -> Result<String> {
    let Known { options, rules, names, golds } = *known;
    progress(&format!("{} renderings of {} domains", pages.len(), pages::domains(pages)));
    let learner = Learner { options, rules, pages };
    let (all, models) = match options.folds_at.as_deref().filter(|f| f.exists()) {
        Some(folder) => (None, read_folds(folder, "", options.folds, Model::from_bytes)?),
        None => {
            let lexicals = learner.lexicals(progress);
            let tables = learner.tables(&lexicals, progress);
            let all = match &options.out {
                Some(out) => {
                    let all = learner.models(&lexicals, &tables, &[options.folds], progress).into_iter().next();
                    if let Some(model) = &all {
                        write(out, Model::FILE, &model.to_bytes())?;
                    }
                    all
                }
                None => None,
            };
            let folds: Vec<usize> = if options.cv { (0..options.folds).collect() } else { Vec::new() };
            (all, learner.models(&lexicals, &tables, &folds, progress))
        }
    };
    if let Some(folder) = options.folds_at.as_deref().filter(|f| !f.exists()) {
        for (fold, model) in models.iter().enumerate() {
            write(folder, &format!("{fold}.bin"), &model.to_bytes())?;
        }
    }
    let mut said = String::new();
    if options.cv {
        said = measure::cross_validate(
            options,
            pages,
            names,
            golds,
            measure::Folds { text: &models, html: &[] },
            progress,
        )?;
        progress("measuring site templates");
        said += &sites::table(options, pages, names, golds, &models)?;
    }
    if let (Some(out), Some(model)) = (&options.out, &all) {
        write(out, "card.md", card::card(options, names, pages, model, &said).as_bytes())?;
    }
    Ok(said)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)).map_err(|e| sets::unreadable(&path, e))
}

/// Weights that leave one fold out each, as an earlier run wrote them.
fn read_folds<T>(folder: &Path, prefix: &str, folds: usize, parse: impl Fn(&[u8]) -> Result<T>) -> Result<Vec<T>> {
    let read = |fold: usize| {
        let path = folder.join(format!("{prefix}{fold}.bin"));
        parse(&fs::read(&path).map_err(|e| sets::unreadable(&path, e))?)
    };
    (0..folds).map(read).collect()
}

/// Everything that training looks at.
struct Learner<'a> {
    options: &'a TrainOptions,
    rules: &'a RuleSet,
    pages: &'a [Page],
}

/// Features, labels and facts of all pages of both kinds.
struct Tables {
    page: boost::Table,
    extracted: boost::Table,
    /// Which page of the learner a table's page is.
    page_of: [Vec<usize>; 2],
    facts: Vec<[u8; FACTS]>,
}

/// Features, labels and facts of one page.
#[derive(Default)]
struct Read {
    facts: [u8; FACTS],
    /// Feature after feature.
    columns: Vec<u8>,
    text: Vec<f32>,
    weight: Vec<f32>,
}

impl Learner<'_> {
    /// One stage 1 for each fold, learned from the others, and one learned from all.
    fn lexicals(&self, progress: &(dyn Fn(&str) + Sync)) -> Vec<Lexical> {
        let mut data = words::Data::default();
        let mut fold = Vec::new();
        let mut blocks = Blocks::default();
        for page in self.pages.iter().filter(|p| !p.labels.is_empty()) {
            segment::segment(&page.document(), &mut blocks);
            data.add(&blocks, None, |i| {
                let label = page.labels[i];
                let words = blocks.blocks[i].shape.length().max(1) as f32;
                if label.is_nan() { (0.0, 0.0) } else { (label, words.sqrt() * page.weight) }
            });
            fold.extend(std::iter::repeat_n(page.fold as u8, blocks.blocks.len()));
        }
        progress(&format!("stage 1: {} blocks", data.examples.len()));
        let runs = self.options.folds + 1;
        parallel(self.options.threads, runs, |run| {
            let rows = (0..fold.len() as u32).filter(|r| usize::from(fold[*r as usize]) != run).collect();
            words::learn(&data, rows, self.options.seed ^ run as u64).0
        })
    }

    /// The features of all pages, by stage-1 scores that did not see the page's domain.
    fn tables(&self, lexicals: &[Lexical], progress: &(dyn Fn(&str) + Sync)) -> Tables {
        progress("features");
        let mut tables = Tables {
            page: boost::Table::default(),
            extracted: boost::Table::default(),
            page_of: [Vec::new(), Vec::new()],
            facts: Vec::new(),
        };
        for table in [&mut tables.page, &mut tables.extracted] {
            table.columns = vec![Vec::new(); COUNT];
        }
        let read = parallel(self.options.threads, self.pages.len(), |at| self.read(&self.pages[at], lexicals));
        for (at, (page, read)) in self.pages.iter().zip(read).enumerate() {
            let (table, which) = match page.input {
                InputKind::Page => (&mut tables.page, 0),
                InputKind::Extracted => (&mut tables.extracted, 1),
            };
            tables.page_of[which].push(at);
            tables.facts.push(read.facts);
            let (start, n) = (table.text.len(), read.text.len());
            table.text.extend(read.text);
            table.weight.extend(read.weight);
            for (feature, all) in table.columns.iter_mut().enumerate() {
                all.extend(&read.columns[feature * n..(feature + 1) * n]);
            }
            table.pages.push(start..start + n);
        }
        tables
    }

    /// The features of one page.
    fn read(&self, page: &Page, lexicals: &[Lexical]) -> Read {
        let (mut blocks, mut scan, mut context) = (Blocks::default(), Scan::default(), Context::default());
        let document = page.document();
        segment::segment(&document, &mut blocks);
        scan::scan(document.text(), &blocks, self.rules, None, &mut scan);
        let layout = Layout::of(&blocks, &scan, self.rules);
        let mut z = Vec::new();
        lexicals[page.fold].score(&blocks, &mut z);
        context.read_with(&z, &blocks, &scan, self.rules, &layout);
        let n = blocks.blocks.len();
        let words = |i: usize| blocks.blocks[i].shape.length().max(1) as f32;
        let total: f32 = (0..n).map(words).sum();
        let facts = crate::model::regime::facts(&context);
        let mut out = Read { facts, columns: vec![0; n * COUNT], ..Read::default() };
        for i in 0..n {
            // A gold text is all text.
            let label = page.labels.get(i).copied().unwrap_or(1.0);
            let known = !label.is_nan();
            out.text.push(if known { label } else { 0.0 });
            out.weight.push(if known { words(i).powf(0.7) / total.sqrt() * page.weight } else { 0.0 });
        }
        let mut columns: Box<Columns> = Box::new([[0; LANES]; COUNT]);
        for from in (0..n).step_by(LANES) {
            context.columns(&blocks, from, &mut columns);
            let lanes = LANES.min(n - from);
            for (feature, column) in columns.iter().enumerate() {
                out.columns[feature * n + from..][..lanes].copy_from_slice(&column[..lanes]);
            }
        }
        out
    }

    /// What tells whole pages from extracted text, learned from all folds but one: a row a page.
    fn regime(&self, tables: &Tables, run: usize) -> Forest {
        let mut table = boost::Table { columns: vec![Vec::new(); FACTS], ..boost::Table::default() };
        for (page, facts) in self.pages.iter().zip(&tables.facts).filter(|(p, _)| p.fold != run) {
            let at = table.text.len();
            table.pages.push(at..at + 1);
            table.text.push(f32::from(page.input == InputKind::Extracted));
            table.weight.push(page.weight);
            table.columns.iter_mut().zip(facts).for_each(|(column, fact)| column.push(*fact));
        }
        let chosen: Vec<usize> = (0..table.pages.len()).collect();
        boost::grow(&table, &chosen, &REGIME, self.options.seed)
    }

    /// Models that each leave one fold out; the number after the last fold leaves out none.
    fn models(
        &self,
        lexicals: &[Lexical],
        tables: &Tables,
        wanted: &[usize],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Vec<Model> {
        progress(&format!(
            "stage 2: {} blocks of pages, {} of extracted text",
            tables.page.text.len(),
            tables.extracted.text.len()
        ));
        // The longest jobs first: two forests and two convolutions a model.
        let learned = parallel(self.options.threads, wanted.len() * 4, |job| {
            let (run, which, what) = (wanted[job / 4], job % 2, job % 4 / 2);
            let (table, options) = match which {
                0 => (&tables.page, &self.options.page),
                _ => (&tables.extracted, &self.options.extracted),
            };
            let chosen: Vec<usize> =
                (0..table.pages.len()).filter(|p| self.pages[tables.page_of[which][*p]].fold != run).collect();
            let seed = self.options.seed.wrapping_add((run * 2 + which) as u64);
            let learned = match what {
                0 => Learned::Net(net::learn(table, &chosen, &self.options.net, seed)),
                _ => Learned::Forest(boost::grow(table, &chosen, options, seed)),
            };
            progress(&format!("stage 2: {} of {}", job + 1, wanted.len() * 4));
            learned
        });
        let mut models = Vec::new();
        for (&run, learned) in wanted.iter().zip(learned.chunks(4)) {
            let [Learned::Net(a), Learned::Net(b), Learned::Forest(page), Learned::Forest(extracted)] = learned else {
                continue;
            };
            let second = |forest: &Forest, net: &Net| Second { forest: forest.clone(), net: net.clone() };
            let regime = self.regime(tables, run);
            models.push(Model::new(lexicals[run].clone(), regime, second(page, a), second(extracted, b)));
        }
        models
    }
}

/// A part of a second stage.
enum Learned {
    Net(Net),
    Forest(Forest),
}

/// How the trees on facts about documents are grown: there are few documents.
const REGIME: BoostOptions =
    BoostOptions { trees: 60, rate: 0.12, rows: 20_000, features: 60, lambda: 2.0, min_leaf: 2.0 };

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
