//! What it is worth to know the other pages of a site: each page is cleaned alone, and with its site's template.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::fold::Weights;
use super::pages::Page;
use super::sets::Gold;
use super::{TrainOptions, measure, parallel};
use crate::cleaner::Cleaner;
use crate::document::InputKind;
use crate::error::Result;
use crate::site::{MIN_PAGES, SiteModel};

/// Cleans the pages of sites of which several are there, with the weights that have not seen their domain.
pub(super) fn table(
    options: &TrainOptions,
    pages: &[Page],
    names: &[String],
    golds: &[Vec<Gold>],
    folds: &[Weights],
) -> Result<String> {
    let golds: Vec<HashMap<&str, &Gold>> =
        golds.iter().map(|g| g.iter().map(|g| (g.id.as_str(), g)).collect()).collect();
    let mut renderings: BTreeMap<(usize, &str), BTreeMap<&str, Vec<&Page>>> = BTreeMap::new();
    for page in pages.iter().filter(|p| p.input == InputKind::Page && !p.site.is_empty()) {
        if options.only.is_empty() || options.only.contains(&page.rendering) {
            renderings.entry((page.set, &page.rendering)).or_default().entry(&page.site).or_default().push(page);
        }
    }
    let mut out = String::from(
        "\nsite templates: set/rendering/site, pages, F1 of each page alone, with the site's other pages, difference\n",
    );
    for ((set, rendering), mut sites) in renderings {
        sites.retain(|_, pages| pages.len() >= MIN_PAGES as usize);
        let mut model = SiteModel::new();
        for page in sites.values().flatten() {
            model.observe(&page.document().from_site(&page.site));
        }
        let alone = folds.iter().map(|weights| weights.cleaner().build()).collect::<Result<Vec<_>>>()?;
        let learned =
            folds.iter().map(|weights| weights.cleaner().sites(&model).build()).collect::<Result<Vec<_>>>()?;
        let all: Vec<&Page> = sites.values().flatten().copied().collect();
        let scores = parallel(options.threads, all.len(), |i| {
            let page = all[i];
            let gold = golds[set].get(page.id.as_str())?;
            let f1 = |cleaner: &Cleaner| {
                let cleaned = cleaner.clean(page.document().from_site(&page.site));
                measure::figures(page, gold, &cleaned.body()).f1.map(|f| f.2)
            };
            Some((f1(&alone[page.fold])?, f1(&learned[page.fold])?))
        });
        let mut groups: BTreeMap<&str, Vec<(f32, f32)>> = BTreeMap::new();
        for (page, score) in all.iter().zip(scores) {
            if let Some(score) = score {
                groups.entry(&page.site).or_default().push(score);
                groups.entry("").or_default().push(score);
            }
        }
        for (site, scores) in groups {
            let n = scores.len() as f32;
            let (alone, learned) = scores.iter().fold((0.0, 0.0), |a, s| (a.0 + s.0 / n, a.1 + s.1 / n));
            let name = format!("{}/{rendering}/{}", names[set], if site.is_empty() { "all" } else { site });
            let _ = writeln!(out, "{name:60} {n:4} {alone:.4} {learned:.4} {:+.4}", learned - alone);
        }
    }
    Ok(out)
}
