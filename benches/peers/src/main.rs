//! Cleans the HTML pages of a folder with dehusk and its peers, one after the other on one thread, page by page.
//!
//!     peers PAGES OUT [URLS]
//!
//! PAGES has ID.html, URLS lines of `ID<tab>URL`. Writes OUT/TOOL/ID.txt to be scored, and prints a table. Times are CPU
//! time of the thread, the best of a few rounds over each page.

mod tokenizers;
mod tools;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use cpu_time::ThreadTime;

/// Rounds over each page: the first one warms caches up for all later ones.
const ROUNDS: usize = 3;

/// A page of the folder.
pub struct Page {
    id: String,
    pub html: Vec<u8>,
    pub url: Option<String>,
}

/// What a tool did with all pages.
#[derive(Default)]
struct Total {
    time: Duration,
    failed: usize,
    /// Seconds for each megabyte of the page it was slowest on, and that page.
    slowest: (f64, String),
}

fn main() {
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [pages, out, urls @ ..] = args.as_slice() else { panic!("usage: peers PAGES OUT [URLS]") };
    let pages = read(pages, urls.first().map(PathBuf::as_path));
    let bytes: usize = pages.iter().map(|p| p.html.len()).sum();
    // A peer that panics is counted, not shown.
    std::panic::set_hook(Box::new(|_| ()));
    let tools = tools::all();
    let mut totals: Vec<Total> = tools.iter().map(|_| Total::default()).collect();
    for (tool, _) in &tools {
        fs::create_dir_all(out.join(tool)).unwrap();
    }
    for page in &pages {
        for ((name, tool), total) in tools.iter().zip(&mut totals) {
            let (best, text) = time(|| catch_unwind(AssertUnwindSafe(|| tool(page))).ok().flatten());
            total.time += best;
            total.failed += usize::from(text.is_none());
            let rate = best.as_secs_f64() / page.html.len() as f64 * 1e6;
            if rate > total.slowest.0 && page.html.len() >= 10_000 {
                total.slowest = (rate, page.id.clone());
            }
            fs::write(out.join(name).join(format!("{}.txt", page.id)), text.unwrap_or_default()).unwrap();
        }
    }
    println!("{} pages, {:.1} MB, CPU time of one thread, best of {ROUNDS}\n", pages.len(), bytes as f64 / 1e6);
    println!(
        "| tool | MB/s | pages/s | times dehusk's time | slowest page, s/MB | failed |\n|---|---|---|---|---|---|"
    );
    let ours = totals[0].time.as_secs_f64();
    for ((name, _), total) in tools.iter().zip(&totals) {
        let time = total.time.as_secs_f64();
        println!(
            "| {name} | {:.1} | {:.0} | {:.1} | {:.3} ({}) | {} |",
            bytes as f64 / 1e6 / time,
            pages.len() as f64 / time,
            time / ours,
            total.slowest.0,
            total.slowest.1,
            total.failed
        );
    }
    println!("\n| tokenizer alone | MB/s | bytes of text |\n|---|---|---|");
    for (name, tokenize) in tokenizers::ALL {
        let mut time_spent = Duration::ZERO;
        let mut seen = 0;
        for page in &pages {
            let (best, text) = time(|| tokenize(&page.html));
            time_spent += best;
            seen += text;
        }
        println!("| {name} | {:.1} | {seen} |", bytes as f64 / 1e6 / time_spent.as_secs_f64());
    }
}

/// The best time of a few, and the result.
fn time<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let start = ThreadTime::now();
        let result = std::hint::black_box(run());
        (start.elapsed(), result)
    };
    let mut best = once();
    for _ in 1..ROUNDS {
        let (time, _) = once();
        best.0 = best.0.min(time);
    }
    best
}

fn read(folder: &Path, urls: Option<&Path>) -> Vec<Page> {
    let urls: HashMap<String, String> = urls
        .map(|p| fs::read_to_string(p).unwrap())
        .unwrap_or_default()
        .lines()
        .filter_map(|l| l.split_once('\t').map(|(id, url)| (id.to_owned(), url.to_owned())))
        .collect();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let page = |path: &PathBuf| {
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        Page { html: fs::read(path).unwrap(), url: urls.get(&id).cloned(), id }
    };
    paths.iter().map(page).collect()
}
