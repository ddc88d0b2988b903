//! The model card: what the weights were learned from, and how good they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::TrainOptions;
use super::pages::Page;
use crate::model::html::table::HTML_FEATURES;
use crate::model::table::FEATURES;
use crate::model::{HtmlModel, Model};

/// The card of the weights for HTML pages.
pub(super) fn html(
    options: &TrainOptions,
    names: &[String],
    pages: &[Page],
    model: &HtmlModel,
    figures: &str,
) -> String {
    let mut out = String::from("# Weights of dehusk for HTML pages\n\n");
    let _ = writeln!(out, "hash: {:016x}\nseed: {}\nfolds: {}", model.hash(), options.seed, options.folds);
    let _ = writeln!(out, "stage 2: {:?}\nstage 2, convolution: {:?}\n\n## Data\n", options.html, options.net);
    data(names, pages, &mut out);
    out.push_str("\n## Features of stage 2\n\nThose of text, and:\n\n");
    for (feature, what) in HTML_FEATURES {
        let _ = writeln!(out, "- {feature:?}: {what}");
    }
    validated(figures, &mut out);
    out
}

/// The card of the weights for text.
pub(super) fn card(options: &TrainOptions, names: &[String], pages: &[Page], model: &Model, figures: &str) -> String {
    let mut out = String::from("# Weights of dehusk\n\n");
    let _ = writeln!(out, "hash: {:016x}\nseed: {}\nfolds: {}", model.hash(), options.seed, options.folds);
    let _ = writeln!(
        out,
        "stage 2, pages: {:?}\nstage 2, extracted: {:?}\nconvolutions: {:?}\n\n## Data\n",
        options.page, options.extracted, options.net
    );
    data(names, pages, &mut out);
    out.push_str("\n## Features of stage 2\n\n");
    for (feature, family, what) in FEATURES {
        let _ = writeln!(out, "- {feature:?} ({family:?}): {what}");
    }
    validated(figures, &mut out);
    out
}

/// What was learned from.
fn data(names: &[String], pages: &[Page], out: &mut String) {
    let mut ids: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut renderings: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for page in pages {
        ids.entry(page.set).or_default().insert(&page.id);
        renderings.entry(page.set).or_default().insert(&page.rendering);
    }
    for (set, ids) in &ids {
        let list: Vec<&str> = renderings[set].iter().copied().collect();
        let _ = writeln!(out, "- {}: {} pages as {}", names[*set], ids.len(), list.join(", "));
    }
    out.push_str(
        "\nwcxb-dev is the development split of WCXB, the Web Content eXtraction Benchmark (Murrough Foley, 2026, CC-BY-4.0).\n\
         The weights hold no text of any page.\n",
    );
}

fn validated(figures: &str, out: &mut String) {
    if !figures.is_empty() {
        let _ = write!(out, "\n## Cross-validated by domain\n\n```text{figures}```\n");
    }
}
