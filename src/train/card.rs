//! The model card: what the weights were learned from, and how good they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::TrainOptions;
use super::pages::Page;
use crate::model::Model;
use crate::model::table::FEATURES;

pub(super) fn card(options: &TrainOptions, names: &[String], pages: &[Page], model: &Model, figures: &str) -> String {
    let mut out = String::from("# Weights of dehusk\n\n");
    let mut ids: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut renderings: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for page in pages {
        ids.entry(page.set).or_default().insert(&page.id);
        renderings.entry(page.set).or_default().insert(&page.rendering);
    }
    let _ = writeln!(out, "hash: {:016x}\nseed: {}\nfolds: {}", model.hash(), options.seed, options.folds);
    let _ = writeln!(
        out,
        "stage 2, pages: {:?}\nstage 2, extracted: {:?}\nconvolutions: {:?}\n\n## Data\n",
        options.page, options.extracted, options.net
    );
    for (set, ids) in &ids {
        let list: Vec<&str> = renderings[set].iter().copied().collect();
        let _ = writeln!(out, "- {}: {} pages as {}", names[*set], ids.len(), list.join(", "));
    }
    out.push_str(
        "\nwcxb-dev is the development split of WCXB, the Web Content eXtraction Benchmark (Murrough Foley, 2026, CC-BY-4.0).\n\
         The weights hold no text of any page.\n\n## Features of stage 2\n\n",
    );
    for (feature, family, what) in FEATURES {
        let _ = writeln!(out, "- {feature:?} ({family:?}): {what}");
    }
    if !figures.is_empty() {
        let _ = write!(out, "\n## Cross-validated by domain\n\n```text{figures}```\n");
    }
    out
}
