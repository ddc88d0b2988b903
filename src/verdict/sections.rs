//! Headings such as "Related articles" govern what follows.

use super::{Cause, Page, Policy, Verdict};
use crate::evidence::PARAGRAPH;
use crate::report::{Look, Place};
use crate::rules::{Category, Removes, Strength};
use crate::segment::{CharClass, Marker};

/// A heading governs at most this many blocks.
const MAX_BLOCKS: usize = 40;
/// A heading over prose (a biography, a notice) governs at most this many paragraphs.
const MAX_PARAGRAPHS: usize = 3;
/// A heading has at most this many words.
const MAX_HEADING: u32 = 12;

/// Whether a category's sections consist of prose, which then goes with the heading.
fn is_of_prose(category: Category) -> bool {
    matches!(category, Category::AuthorBio | Category::NewsletterSignup | Category::CookieConsent)
}

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    let mut i = 0;
    while i < verdicts.len() {
        i = match heading(page, policy, i) {
            Some((id, category)) => govern(page, verdicts, i, id, category),
            None => i + 1,
        };
    }
}

/// The section rule that makes block `i` a heading, if it may act here.
fn heading(page: &Page<'_>, policy: &Policy, i: usize) -> Option<(u32, Category)> {
    let (id, hit) = page.hit(i)?;
    let rule = page.rules.rule(hit.rule);
    let acts = match rule.strength {
        Strength::Certain => true,
        Strength::Likely => policy.level > crate::Level::Gentle && page.evidence[i].place == Place::AfterBody,
        Strength::Hint => false,
    };
    let short = page.blocks.blocks[i].shape.length() <= MAX_HEADING;
    (rule.removes == Removes::Section && acts && short).then_some((id, rule.category))
}

/// Drops the heading and what it governs; returns the first block after.
fn govern(page: &Page<'_>, verdicts: &mut [Verdict], at: usize, id: u32, category: Category) -> usize {
    verdicts[at] = Verdict::Drop { cause: Cause::Rule(id), category };
    let rank = match page.blocks.blocks[at].marker {
        Marker::Heading(rank) => Some(rank),
        _ => None,
    };
    // An entry of a list, as "Related" in a menu, heads no more than the rest of its list.
    let listed = is_listed(page, at);
    let mut paragraphs = 0;
    let end = verdicts.len().min(at + 1 + MAX_BLOCKS);
    for (i, verdict) in verdicts.iter_mut().enumerate().take(end).skip(at + 1) {
        let block = &page.blocks.blocks[i];
        let ends_here = match block.marker {
            Marker::Heading(other) => rank.is_none_or(|rank| other <= rank),
            _ => false,
        };
        let other_rule = page.hit(i).is_some_and(|(id, h)| h.is_certain(page.rules) && page.category(id) != category);
        let leaves_list = listed && !is_listed(page, i);
        if ends_here || other_rule || leaves_list || page.protected(i) {
            return i;
        }
        let prose = match page.evidence[i].look {
            Look::Paragraph => true,
            Look::Sentence => {
                block.shape.last == CharClass::SentenceEnd && block.shape.questions == 0 && !is_listed(page, i)
            }
            _ => block.shape.length() >= PARAGRAPH,
        };
        if prose {
            paragraphs += 1;
            if !is_of_prose(category)
                || page.evidence[i].place == Place::WithinBody && !last_of_page(page, i)
                || paragraphs > MAX_PARAGRAPHS
            {
                return i;
            }
        }
        *verdict = match likely(page, i) {
            Some(id) => page.drop_by(id),
            None => Verdict::Drop { cause: Cause::Section(at as u32), category },
        };
    }
    end
}

/// The rule that knows a governed block by itself, and then names it: "14 Comments" below a biography.
fn likely(page: &Page<'_>, i: usize) -> Option<u32> {
    let (id, hit) = page.hit(i)?;
    (page.rules.rule(hit.rule).strength >= Strength::Likely).then_some(id)
}

/// Whether a block is a list item: as a link it is a title even when it ends like a sentence.
fn is_listed(page: &Page<'_>, i: usize) -> bool {
    matches!(page.blocks.blocks[i].marker, Marker::Bullet | Marker::Number)
}

/// Whether block `i` stands in the last part of the page, where a biography may be the last paragraph there is.
fn last_of_page(page: &Page<'_>, i: usize) -> bool {
    let n = page.blocks.blocks.len();
    i * 4 >= n * 3
}
