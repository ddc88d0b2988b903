//! Scoring the whole pipeline on pages it has not learned from.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;

use super::fold::Weights;
use super::pages::{GOLD, Page};
use super::sets::{Gold, unreadable};
use super::{TrainOptions, parallel};
use crate::document::InputKind;
use crate::error::Result;
use crate::report::{Removal, Status};
use crate::rules::{Category, Level};
use crate::segment::token::words_of;
use crate::segment::{self, Blocks};

/// What is measured of one cleaned page.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub f1: Option<(f32, f32, f32)>,
    before: f32,
    /// The F1 of the best choice of whole blocks, by the labels.
    oracle: f32,
    kept: (usize, usize),
    kept_before: usize,
    with: Option<f32>,
    without: Option<f32>,
    suspicious: bool,
    extracted: bool,
    unclassified: usize,
    removed: usize,
    /// Whether over 40 % of the gold's words that it had went, or of all its words, and its status does not say so.
    big_loss: (bool, bool),
    /// The share of the text that was expected to be lost.
    expected_loss: Option<f32>,
    /// Words removed at each probability, and how many of them were chrome by the labels.
    reliability: [(f64, f64); BINS.len()],
}

/// Lower ends of the bins of a removal's probability.
const BINS: [f32; 8] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
/// Lower ends of the bins of a page's expected loss.
const LOSSES: [f32; 7] = [0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5];

/// Cleans every page with the weights that have not seen its domain, and says how well.
pub(super) fn cross_validate(
    options: &TrainOptions,
    pages: &[Page],
    names: &[String],
    golds: &[Vec<Gold>],
    folds: &[Weights],
    progress: &(dyn Fn(&str) + Sync),
) -> Result<String> {
    let mut out = String::new();
    let wanted = |p: &&Page| options.only.is_empty() || options.only.contains(&p.rendering);
    let pages: Vec<&Page> = pages.iter().filter(wanted).collect();
    // What extractors left is cleaned twice: told what it is, and not told.
    let told = pages.iter().filter(|p| p.input == InputKind::Extracted && p.rendering != GOLD);
    let runs: Vec<(&Page, bool)> = pages.iter().map(|p| (*p, false)).chain(told.map(|p| (*p, true))).collect();
    let golds: Vec<HashMap<&str, &Gold>> =
        golds.iter().map(|g| g.iter().map(|g| (g.id.as_str(), g)).collect()).collect();
    for level in options.levels.iter().copied() {
        progress(&format!("measuring {level}"));
        let cleaners =
            folds.iter().map(|weights| weights.cleaner().level(level).build()).collect::<Result<Vec<_>>>()?;
        let failed = Mutex::new(None);
        let figures = parallel(options.threads, runs.len(), |i| {
            let (page, told) = runs[i];
            let gold = golds[page.set].get(page.id.as_str());
            let mut document = page.document();
            if told {
                document = document.input_kind(page.input);
            }
            let cleaned = cleaners[page.fold].clean(document);
            let body = cleaned.body();
            if level == Level::Balanced
                && !told
                && let Some(folder) = &options.cv_out
            {
                let folder = folder.join(&names[page.set]).join(&page.rendering);
                let extension = if page.rendering.starts_with("md-") { "md" } else { "txt" };
                let path = folder.join(format!("{}.{extension}", page.id));
                if let Err(e) = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, body.as_bytes()))
                    && let Ok(mut failed) = failed.lock()
                {
                    *failed = Some(unreadable(&path, e));
                }
            }
            let mut f = gold.map(|g| figures(page, g, &body)).unwrap_or_default();
            f.suspicious = cleaned.report().status() == Status::Suspicious;
            f.expected_loss = cleaned.report().expected_loss();
            f.extracted = cleaned.report().input_kind() == InputKind::Extracted;
            if !told {
                f.reliability = reliability(page, cleaned.report().removals());
            }
            let (document, mut copied) = (cleaned.document(), 0);
            for removal in cleaned.report().removals() {
                f.removed += removal.span().len();
                match removal.category() {
                    Category::Unclassified => f.unclassified += removal.span().len(),
                    // A second copy is no loss.
                    Category::Duplicate => copied += words_of(&document.text()[removal.view_span()]).len() as u32,
                    _ => {}
                }
            }
            let marked = matches!(cleaned.report().status(), Status::Suspicious | Status::Emptied);
            let [all, left] = cleaned.report().words();
            let all = all.saturating_sub(copied);
            f.big_loss = (!marked && f.kept.0 * 10 < f.kept_before * 6, !marked && left * 10 < all * 6);
            f
        });
        if let Ok(Some(error)) = failed.into_inner() {
            return Err(error);
        }
        table(&mut out, level, &runs, names, &golds, &figures);
        reliability_table(&mut out, level, &figures);
        loss_table(&mut out, level, &runs, &figures);
    }
    Ok(out)
}

/// How many of the words that went at each probability were chrome by the labels.
fn reliability(page: &Page, removals: &[Removal]) -> [(f64, f64); BINS.len()] {
    let mut out = [(0.0, 0.0); BINS.len()];
    let mut blocks = Blocks::default();
    segment::segment(&page.document(), &mut blocks);
    for (block, label) in blocks.blocks.iter().zip(&page.labels).filter(|(_, l)| !l.is_nan()) {
        let at = block.inner.start as usize;
        let after = removals.partition_point(|r| r.view_span().end <= at);
        let Some(removal) = removals.get(after).filter(|r| r.view_span().contains(&at)) else { continue };
        let bin = BINS.iter().rposition(|from| removal.probability() >= *from).unwrap_or_default();
        let words = f64::from(block.shape.length());
        out[bin].0 += words;
        out[bin].1 += words * f64::from(1.0 - label);
    }
    out
}

fn reliability_table(out: &mut String, level: Level, figures: &[Figures]) {
    let _ = writeln!(
        out,
        "\n{level:9} a removal's probability, words that went, share of them that is chrome by the labels"
    );
    for (bin, from) in BINS.iter().enumerate() {
        let sum = figures.iter().fold((0.0, 0.0), |a, f| (a.0 + f.reliability[bin].0, a.1 + f.reliability[bin].1));
        let to = BINS.get(bin + 1).copied().unwrap_or(1.0);
        let _ = writeln!(out, "{level:9} {from:.2} to {to:.2} {:10.0} {:.3}", sum.0, sum.1 / sum.0.max(1.0));
    }
}

/// How much of the gold text went of pages by how much was expected to go.
fn loss_table(out: &mut String, level: Level, runs: &[(&Page, bool)], figures: &[Figures]) {
    let _ = writeln!(
        out,
        "\n{level:9} expected loss, pages, mean of it, mean share of the gold's words lost, pages that lost over 40 %"
    );
    let mut bins = [(0_u32, 0.0_f64, 0.0_f64, 0_u32); LOSSES.len()];
    for ((page, _), f) in runs.iter().zip(figures) {
        let Some(expected) = f.expected_loss.filter(|_| page.input == InputKind::Page && f.kept_before > 0) else {
            continue;
        };
        let lost = 1.0 - f.kept.0 as f64 / f.kept_before as f64;
        let bin = &mut bins[LOSSES.iter().rposition(|from| expected >= *from).unwrap_or_default()];
        *bin = (bin.0 + 1, bin.1 + f64::from(expected), bin.2 + lost, bin.3 + u32::from(lost > 0.4));
    }
    for (bin, (pages, expected, lost, big)) in bins.into_iter().enumerate() {
        let (from, to) = (LOSSES[bin], LOSSES.get(bin + 1).copied().unwrap_or(1.0));
        let mean = |sum: f64| sum / f64::from(pages.max(1));
        let _ =
            writeln!(out, "{level:9} {from:.2} to {to:.2} {pages:6} {:.3} {:.3} {big:5}", mean(expected), mean(lost));
    }
}

fn table(
    out: &mut String,
    level: Level,
    runs: &[(&Page, bool)],
    names: &[String],
    golds: &[HashMap<&str, &Gold>],
    figures: &[Figures],
) {
    let mut groups: BTreeMap<(usize, &str, String), Vec<&Figures>> = BTreeMap::new();
    let mut empty: BTreeMap<(usize, &str, bool), BTreeMap<&str, Option<String>>> = BTreeMap::new();
    let group = |kind: &str, told: bool| format!("{kind}{}", if told { ", told" } else { "" });
    for ((page, told), figures) in runs.iter().zip(figures) {
        groups.entry((page.set, &page.rendering, group("all", *told))).or_default().push(figures);
        if let Some(kind) = &page.kind {
            groups.entry((page.set, &page.rendering, group(kind, *told))).or_default().push(figures);
        }
        // Snippets of pages in many languages: each language for itself.
        let gold = golds[page.set].get(page.id.as_str()).filter(|g| g.with.is_some());
        if let Some(language) = gold.and_then(|g| g.language.as_ref()) {
            groups.entry((page.set, &page.rendering, format!("in {language}"))).or_default().push(figures);
        }
        empty.entry((page.set, &page.rendering, *told)).or_default().insert(&page.id, page.kind.clone());
    }
    // A page whose rendering is empty scores nothing, as score.py counts it.
    let nothing = Figures { f1: Some((0.0, 0.0, 0.0)), ..Figures::default() };
    for ((set, rendering, told), here) in &empty {
        for gold in golds[*set]
            .values()
            .filter(|g| g.gold.as_ref().is_some_and(|g| !g.is_empty()) && !here.contains_key(g.id.as_str()))
        {
            for kind in ["all"].into_iter().chain(gold.kind.as_deref()) {
                if let Some(group) = groups.get_mut(&(*set, rendering, group(kind, *told))) {
                    group.push(&nothing);
                }
            }
        }
    }
    let _ = writeln!(
        out,
        "\n{level:9} set/rendering/type                      pages     F1    +-se      P      R   oracle before   lift   kept  was    with without  susp extr uncl% big all"
    );
    for ((set, rendering, kind), group) in groups {
        let scored: Vec<_> = group.iter().filter_map(|f| f.f1.map(|s| (s, f.before))).collect();
        let oracle =
            group.iter().filter(|f| f.f1.is_some()).map(|f| f.oracle).sum::<f32>() / scored.len().max(1) as f32;
        let n = scored.len().max(1) as f32;
        type Scored = ((f32, f32, f32), f32);
        let mean = |get: &dyn Fn(&Scored) -> f32| scored.iter().map(get).sum::<f32>() / n;
        let f1 = mean(&|s| s.0.2);
        let se = (scored.iter().map(|s| (s.0.2 - f1).powi(2)).sum::<f32>() / n / n).sqrt();
        let before = mean(&|s| s.1);
        let (kept, all) = group.iter().fold((0, 0), |a, f| (a.0 + f.kept.0, a.1 + f.kept.1));
        let was: usize = group.iter().map(|f| f.kept_before).sum();
        let snippets = |get: &dyn Fn(&Figures) -> Option<f32>| {
            let found: Vec<f32> = group.iter().filter_map(|f| get(f)).collect();
            found.iter().sum::<f32>() / found.len().max(1) as f32
        };
        let count = |is: &dyn Fn(&Figures) -> bool| group.iter().filter(|f| is(f)).count();
        let share = |part: usize, of: usize| part as f32 / of.max(1) as f32;
        let (removed, unclassified) = group.iter().fold((0, 0), |a, f| (a.0 + f.removed, a.1 + f.unclassified));
        let name = format!("{}/{rendering}/{kind}", names[set]);
        let _ = writeln!(
            out,
            "{level:9} {name:47} {:5} {f1:.4} {se:.4} {:.4} {:.4} {oracle:.4} {before:.4} {:+.4} {:.4} {:.4} {:.3} {:.3} {:5} {:5} {:4.1} {:3} {:3}",
            group.len(),
            mean(&|s| s.0.0),
            mean(&|s| s.0.1),
            f1 - before,
            share(kept, all),
            share(was, all),
            snippets(&|f| f.with),
            snippets(&|f| f.without),
            count(&|f| f.suspicious),
            count(&|f| f.extracted),
            share(unclassified, removed) * 100.0,
            count(&|f| f.big_loss.0),
            count(&|f| f.big_loss.1),
        );
    }
}

pub(super) fn figures(page: &Page, gold: &Gold, body: &str) -> Figures {
    let mut out = Figures::default();
    let markdown = page.rendering.starts_with("md-");
    let plain = |text: &str| if markdown { without_links(text) } else { text.to_owned() };
    let (body, input) = (plain(body), plain(page.document().text()));
    if let Some(gold) = &gold.gold {
        let wanted = bag(gold);
        let all: usize = wanted.values().sum();
        let (hit, size) = overlap(&bag(&body), &wanted);
        let (hit_before, size_before) = overlap(&bag(&input), &wanted);
        out.f1 = Some(scores(hit, size, all));
        out.before = scores(hit_before, size_before, all).2;
        let (best_hit, best_size) = overlap(&bag(&plain(&best_blocks(page))), &wanted);
        out.oracle = scores(best_hit, best_size, all).2;
        out.kept = (hit, all);
        out.kept_before = hit_before;
    }
    let share = |snippets: &Option<Vec<String>>| {
        let snippets = snippets.as_ref().filter(|s| !s.is_empty())?;
        let body = body.to_lowercase();
        Some(snippets.iter().filter(|s| body.contains(&s.to_lowercase())).count() as f32 / snippets.len() as f32)
    };
    out.with = share(&gold.with);
    out.without = share(&gold.without);
    out
}

/// The blocks that are text by their labels.
fn best_blocks(page: &Page) -> String {
    let document = page.document();
    if page.labels.is_empty() {
        return document.text().to_owned();
    }
    let mut blocks = Blocks::default();
    segment::segment(&document, &mut blocks);
    let text = blocks.blocks.iter().zip(&page.labels).filter(|(_, l)| **l >= 0.5);
    text.map(|(b, _)| &document.text()[b.outer.start as usize..b.outer.end as usize]).collect()
}

fn scores(hit: usize, size: usize, all: usize) -> (f32, f32, f32) {
    if size == 0 || all == 0 {
        let same = f32::from(u8::from(size == all));
        return (same, same, same);
    }
    let (p, r) = (hit as f32 / size as f32, hit as f32 / all as f32);
    (p, r, if hit == 0 { 0.0 } else { 2.0 * p * r / (p + r) })
}

fn bag(text: &str) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()) {
        *out.entry(word.to_lowercase()).or_default() += 1;
    }
    out
}

/// Words in common, and words of the first bag.
fn overlap(a: &HashMap<String, usize>, b: &HashMap<String, usize>) -> (usize, usize) {
    let mut sums = (0, 0);
    #[expect(clippy::iter_over_hash_type, reason = "a sum does not depend on the order")]
    for (word, n) in a {
        sums.0 += *n.min(b.get(word).unwrap_or(&0));
        sums.1 += n;
    }
    sums
}

/// Markdown links reduced to their text.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find([')', '\n']).unwrap_or(after.len());
        if after[end..].starts_with(')') {
            rest = &after[end + 1..];
        } else {
            out.push_str("](");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
