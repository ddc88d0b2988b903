//! What it says of a line that it stands on other pages of the site too.
//!
//! Little, where it stands alone among lines that are the page's own: every recipe has its "Ingredients". Much, where the
//! template goes on beside it.

use super::Evidence;
use crate::report::Look;
use crate::site::{MIN_PAGES, Repeated};

// Chosen on the pages of sites of which three to twelve are known: whole-page scrapes, the score without the template from
// weights that have not seen the site. In docs/accuracy.md.

/// Where the template goes on right beside a line, on neither, one, or both sides.
const SIDES: [f32; 3] = [0.0, 2.0, 2.5];
/// The same for labels and figures: fields and sections of the text have the same names on many pages.
const SIDES_OF_LABEL: [f32; 3] = [0.0, 0.0, 1.6];
/// Running text is rarely repeated by chance.
const PROSE: f32 = 1.0;
/// For the share of the site's pages that it is missing on.
const MISSING: f32 = -5.0;
/// For every e-fold of the pages that it stands on.
const PAGES: f32 = 0.3;

/// From so many pages on there was nothing to choose by,
const MANY: f32 = 12.0;
/// so that this is set by hand: what twelve pages suggest, some dozens make sure.
const MANY_PAGES: f32 = 4.0;
/// The most that repetition says of a line with the template on neither, one, or both sides, however many the pages. Inside
/// the article, where sections and fields have standing names:
const MOST_INSIDE: [f32; 3] = [0.0, 1.5, 8.0];
/// and before and after it.
const MOST_OUTSIDE: [f32; 3] = [2.0, 5.0, 8.0];

/// Lines of the page's own that stand after the article between lines of the template, or after the last one, such as the titles under "More from
/// us": at most so many in a row, and the most that their place says.
const ENCLOSED: usize = 12;
const MOST_ENCLOSED: f32 = 6.0;
/// The share of the pages that the lines around them stand on.
const COMMON: f32 = 0.5;

/// Adds the template's part to the scores.
pub(crate) fn add(evidence: &mut [Evidence]) {
    if evidence.first().is_none_or(|e| e.repeated.of < MIN_PAGES) {
        return;
    }
    let Some((first, last)) = own_text(evidence) else { return };
    for (i, block) in evidence.iter_mut().enumerate().filter(|(_, e)| e.repeated.pages >= MIN_PAGES) {
        let inside = (first..=last).contains(&i);
        let mut most = if inside { MOST_INSIDE } else { MOST_OUTSIDE };
        if inside && matches!(block.look, Look::Label | Look::Item | Look::Figures) {
            // Fields, sections and lists of the article itself: a few pages that have them too say nothing (measured).
            most = most.map(|most| most.min(many(block.repeated.pages)));
        }
        block.template = log_odds(&block.repeated, block.look, most);
    }
    enclosed(evidence, last);
    evidence.iter_mut().for_each(|e| e.score += e.template);
}

/// From the first to the last paragraph of the page's own; on a page without, from the first to the last line that is not on
/// most pages.
fn own_text(evidence: &[Evidence]) -> Option<(usize, usize)> {
    let prose = |e: &Evidence| e.look == Look::Paragraph && e.repeated.pages < MIN_PAGES;
    let line = |e: &Evidence| e.repeated.share() < COMMON;
    let of = |is: &dyn Fn(&Evidence) -> bool| Some((evidence.iter().position(is)?, evidence.iter().rposition(is)?));
    of(&prose).or_else(|| of(&line)).or_else(|| Some((0, evidence.len().checked_sub(1)?)))
}

fn log_odds(repeated: &Repeated, look: Look, most: [f32; 3]) -> f32 {
    let (sides, near) = (usize::from(repeated.sides), usize::from(repeated.near));
    if sides + near == 0 {
        return 0.0;
    }
    let beside = if matches!(look, Look::Label | Look::Figures) { SIDES_OF_LABEL } else { SIDES };
    let prose = if look == Look::Paragraph { PROSE } else { 0.0 };
    let few = PAGES * ((repeated.pages as f32).min(MANY) / MIN_PAGES as f32).ln();
    let missing = MISSING * (1.0 - repeated.share());
    (beside[sides] + prose + few + many(repeated.pages) + missing).clamp(0.0, most[sides])
}

fn many(pages: u32) -> f32 {
    MANY_PAGES * ((pages as f32).max(MANY) / MANY).ln()
}

/// What stands after the last own paragraph between lines of the template goes with them, if it is no prose. So does a list
/// of what stands on other pages too, right before the template.
fn enclosed(evidence: &mut [Evidence], last: usize) {
    let is_common = |e: &Evidence| e.repeated.share() >= COMMON;
    let mut from: Option<usize> = None;
    for i in last + 1..=evidence.len() {
        if evidence.get(i).is_some_and(|e| !is_common(e)) {
            continue;
        }
        let first = from.map_or(last + 1, |from| from + 1);
        if let Some(footer) = evidence.get(i).map(|e| many(e.repeated.pages).min(MOST_ENCLOSED)) {
            let list = evidence[first..i].iter_mut().rev().take_while(|e| e.repeated.list);
            list.for_each(|e| e.template = e.template.max(footer));
        }
        if let Some(from) = from.replace(i).filter(|from| (2..=ENCLOSED + 1).contains(&(i - from))) {
            let pages = evidence[from].repeated.pages;
            let part = many(pages).min(MOST_ENCLOSED);
            // A heading that stays, such as "See also", may govern a list of the article.
            let goes = evidence[from].score + evidence[from].template > 0.0;
            let between = &mut evidence[from + 1..i];
            let fits = |e: &Evidence| match e.look {
                Look::Headline => true,
                Look::Label | Look::Item | Look::Figures => goes,
                Look::Paragraph | Look::Sentence => e.repeated.list,
            };
            if between.iter().all(fits) {
                // With what stands under it, a heading goes too.
                evidence[from..i].iter_mut().for_each(|e| e.template = e.template.max(part));
            }
        }
    }
}
