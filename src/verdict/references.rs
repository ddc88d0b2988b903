//! Definitions of Markdown references: they show nothing themselves, and links without them are broken.

use std::collections::HashSet;

use super::{Page, Saved, Verdict};
use crate::segment::definition;

/// Keeps the definitions that text refers to which stays.
pub(super) fn apply(page: &Page<'_>, verdicts: &mut [Verdict]) {
    let label = |i: usize| definition(page.view, &page.blocks.blocks[i]).map(str::to_lowercase);
    let doomed: Vec<(usize, String)> =
        (0..verdicts.len()).filter(|i| verdicts[*i].is_drop()).filter_map(|i| Some((i, label(i)?))).collect();
    if doomed.is_empty() {
        return;
    }
    let mut used = HashSet::new();
    for i in (0..verdicts.len()).filter(|i| !verdicts[*i].is_drop() && label(*i).is_none()) {
        let brackets = page.blocks.blocks[i].text(page.view).split('[').skip(1);
        used.extend(brackets.filter_map(|rest| rest.split(']').next()).map(str::to_lowercase));
    }
    for (i, label) in doomed {
        if used.contains(&label) {
            verdicts[i].save(Saved::Reference);
        }
    }
}
