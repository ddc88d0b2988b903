//! The head of the article: its title, its first sentences, and at levels that keep them its author and date lines.
//!
//! A title stands right under the menu and looks like one of its lines; what gives it away is the text below.

use super::{Cause, Page, Policy, Saved, Verdict};
use crate::report::Look;
use crate::rules::{Category, Strength};
use crate::segment::{CharClass, Marker};

/// The head reaches this many blocks up from the first paragraph that stays.
const REACH: usize = 8;
/// A line on this share of the site's pages is no page's title.
const TEMPLATE: f32 = 0.5;
/// Log-odds over the page's threshold up to which a sentence above the text stays (or below extracted text: see
/// [`tail`](super::tail)): it is likelier to lead the text in than to be one of the menu.
const NEARLY: f32 = 0.5;
/// Words of such a sentence.
const SENTENCE: u32 = 8;
/// Words of a title.
const TITLE: std::ops::RangeInclusive<u32> = 3..=25;

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    let Some(body) = (0..verdicts.len()).find(|i| !verdicts[*i].is_drop() && is_prose(page, *i)) else { return };
    let top = body.saturating_sub(REACH);
    if !policy.removes(Category::Byline) {
        for i in (top..body).filter(|i| page.is_known_as(*i, Category::Byline, Strength::Likely)) {
            verdicts[i].save(Saved::Head);
        }
    }
    for i in (top..body).filter(|i| is_nearly_text(page, *i)) {
        if verdicts[i].is_by_evidence() {
            verdicts[i].save(Saved::Head);
        }
    }
    let unnamed =
        |v: &Verdict| matches!(v, Verdict::Drop { cause: Cause::Score | Cause::Template | Cause::Run(_), .. });
    // A heading of the first rank is the title, whatever else looks like one.
    let first_rank = |i: &usize| page.blocks.blocks[*i].marker == Marker::Heading(1) && looks_like_title(page, *i);
    if let Some(title) = (top..body).find(first_rank).filter(|i| unnamed(&verdicts[*i])) {
        verdicts[title].save(Saved::Head);
    }
    let kept_title = (top..body).any(|i| !verdicts[i].is_drop() && looks_like_title(page, i));
    if kept_title {
        return;
    }
    if let Some(title) = (top..body).rev().find(|i| unnamed(&verdicts[*i]) && looks_like_title(page, *i)) {
        verdicts[title].save(Saved::Head);
    }
}

fn is_prose(page: &Page<'_>, i: usize) -> bool {
    matches!(page.evidence[i].look, Look::Paragraph)
}

/// A whole sentence that no rule knows, and whose evidence is against it by little.
pub(super) fn is_nearly_text(page: &Page<'_>, i: usize) -> bool {
    let (block, evidence) = (&page.blocks.blocks[i], &page.evidence[i]);
    matches!(evidence.look, Look::Paragraph | Look::Sentence)
        && block.marker == Marker::None
        && block.shape.last == CharClass::SentenceEnd
        && block.shape.length() >= SENTENCE
        && page.scan.of(i).is_empty()
        && evidence.score < page.threshold + NEARLY
}

/// A line of a title's length that no rule knows.
fn looks_like_title(page: &Page<'_>, i: usize) -> bool {
    let block = &page.blocks.blocks[i];
    let plain = matches!(block.marker, Marker::None | Marker::Heading(_)) && block.shape.bars < 2;
    let open = block.shape.last != CharClass::SentenceEnd || block.shape.questions > 0;
    let of_template = page.evidence[i].repeated.share() >= TEMPLATE;
    plain && open && TITLE.contains(&block.shape.length()) && page.scan.of(i).is_empty() && !of_template
}
