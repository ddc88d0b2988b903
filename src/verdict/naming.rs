//! A name for what went by its evidence alone: from its run, from the heading above it, or from its look and place.

use super::{Cause, Page, Policy, Verdict, stretches};
use crate::report::{Look, Place};
use crate::rules::{Category, Removes};
use crate::segment::Marker;

/// How far up a removed run a heading gives its name.
const REACH_OF_HEADING: usize = 60;
/// How far a neighbour in the same removed run gives its name.
const REACH_OF_NEIGHBOUR: usize = 3;

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    let removed: Vec<_> = stretches(verdicts.len(), |i| verdicts[i].is_drop()).collect();
    for run in removed {
        name_run(page, policy, verdicts, run.start, run.end);
    }
}

/// Names the unnamed blocks of one removed run, `start..end`.
fn name_run(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict], start: usize, end: usize) {
    let mut heading: Option<(usize, Category)> = None;
    let mut in_footer = false;
    for i in start..end {
        if let Some((id, hit)) = page.hit(i)
            && page.rules.rule(hit.rule).removes == Removes::Section
        {
            heading = Some((i, page.category(id)));
        }
        if let Verdict::Drop { cause: Cause::Rule(id), category } = verdicts[i]
            && page.scan.hits[id as usize].is_certain(page.rules)
        {
            // What is surely of another kind ends a section; below a copyright line
            // stand no titles of other pages.
            heading = heading.filter(|(_, governs)| *governs == category);
            in_footer = category == Category::LegalNotice && page.evidence[i].place == Place::AfterBody;
        }
        let Verdict::Drop { cause: Cause::Score, category: Category::Unclassified } = verdicts[i] else { continue };
        let above = heading.filter(|(at, _)| i - at <= REACH_OF_HEADING);
        let named = match above {
            Some((at, category)) => Some((Cause::Section(at as u32), category)),
            None => neighbour(page, verdicts, start, end, i)
                .or_else(|| {
                    let title = page.evidence[i].look == Look::Headline;
                    (in_footer && title).then_some(Category::LegalNotice)
                })
                .or_else(|| by_look(page, start, end, i))
                .map(|c| (Cause::Score, c)),
        };
        if let Some((cause, category)) = named.filter(|(_, c)| policy.removes(*c)) {
            verdicts[i] = Verdict::Drop { cause, category };
        }
    }
}

/// The name that the nearest rule of the run gives, if it stands near and looks alike.
fn neighbour(page: &Page<'_>, verdicts: &[Verdict], start: usize, end: usize, i: usize) -> Option<Category> {
    let by_rule = |at: usize| match verdicts[at] {
        Verdict::Drop { cause: Cause::Rule(_) | Cause::Run(_), category }
            if page.evidence[at].look == page.evidence[i].look =>
        {
            Some(category)
        }
        _ => None,
    };
    (1..=REACH_OF_NEIGHBOUR).find_map(|distance| {
        let before = i.checked_sub(distance).filter(|at| *at >= start).and_then(by_rule);
        before.or_else(|| (i + distance < end).then(|| by_rule(i + distance)).flatten())
    })
}

/// The name that look and place suggest.
fn by_look(page: &Page<'_>, start: usize, end: usize, i: usize) -> Option<Category> {
    let evidence = &page.evidence[i];
    let block = &page.blocks.blocks[i];
    let run = end - start;
    match (evidence.look, evidence.place) {
        _ if block.shape.money > 0 && block.shape.numbers > 0 && block.shape.length() <= 8 => Some(Category::Commerce),
        (Look::Label, Place::BeforeBody | Place::NoBody) if run >= 3 => Some(Category::Navigation),
        (Look::Item, Place::BeforeBody) if run >= 3 => Some(Category::Navigation),
        (Look::Label | Look::Item, Place::AfterBody) if run >= 3 => Some(Category::Navigation),
        (Look::Headline, Place::AfterBody) if run >= 3 => Some(Category::RelatedLinks),
        (Look::Headline, Place::BeforeBody) if run >= 3 => Some(Category::Navigation),
        (Look::Headline | Look::Item | Look::Label, _) if run >= 3 && block.marker == Marker::Bullet => {
            Some(Category::RelatedLinks)
        }
        (Look::Label | Look::Figures, Place::BeforeBody | Place::NoBody) => Some(Category::Navigation),
        (Look::Label, Place::WithinBody) if run >= 4 => Some(Category::Navigation),
        (Look::Headline, Place::NoBody) if run >= 3 => Some(Category::Navigation),
        (Look::Headline | Look::Item, Place::WithinBody) if run >= 4 => Some(Category::RelatedLinks),
        (Look::Sentence, Place::AfterBody) if run >= 6 => Some(Category::RelatedLinks),
        _ => None,
    }
}
