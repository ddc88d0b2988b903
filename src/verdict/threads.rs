//! Threads of comments and of reviews go in one piece.
//!
//! Block by block a long comment is as likely text as the article above it, and a review as the description of what it is
//! about. What tells them apart are the small controls around each, which rules know, and what becomes of the rest of the
//! thread.

use std::ops::Range;

use super::{Cause, Page, Policy, UNNAMED, Verdict};
use crate::document::InputKind;
use crate::report::Look;
use crate::rules::{Category, Strength};

/// A thread has at least so many lines that rules know as parts of one: "Reply", "Jane Doe says:", "Verified purchase".
const CONTROLS: usize = 3;
/// So many blocks at most stand between two of them. Fifteen and sixty are little worse for comments.
const APART: usize = 30;
/// Of a thread of comments more than this share of the words of its sentences goes already.
const GONE: f32 = 0.5;
/// Text above the thread that stays, in words for each word of the thread that goes along: so a text between two buttons,
/// one above and one below it, is not taken for a thread. All of them asked for (1) is worse.
const ABOVE: f32 = 0.5;

pub(super) fn apply(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict]) {
    if page.kind() != InputKind::Page {
        return;
    }
    for category in [Category::Reviews, Category::Comments] {
        if policy.removes(category) {
            for thread in threads(page, category) {
                whole(page, policy, verdicts, thread, category);
            }
        }
    }
}

/// From the first control of each thread to its last.
fn threads(page: &Page<'_>, category: Category) -> Vec<Range<usize>> {
    let mut threads = Vec::new();
    let mut controls = (0..page.blocks.blocks.len()).filter(|i| is_control(page, *i, category)).peekable();
    while let Some(first) = controls.next() {
        let (mut last, mut count) = (first, 1);
        while let Some(next) = controls.next_if(|next| next - last <= APART) {
            (last, count) = (next, count + 1);
        }
        if count >= CONTROLS {
            threads.push(first..last + 1);
        }
    }
    threads
}

/// Whether rules know a line as part of a thread.
fn is_control(page: &Page<'_>, i: usize, category: Category) -> bool {
    page.evidence[i].look != Look::Paragraph && page.is_known_as(i, category, Strength::Hint)
}

/// Drops the rest of a thread if it goes, and names what goes for no named reason.
fn whole(page: &Page<'_>, policy: &Policy, verdicts: &mut [Verdict], thread: Range<usize>, category: Category) {
    let sentences =
        |range: Range<usize>| range.filter(|i| matches!(page.evidence[*i].look, Look::Paragraph | Look::Sentence));
    let words = |i: &usize| page.blocks.blocks[*i].shape.length().max(1) as f32;
    let stay = |i: &usize| !verdicts[*i].is_drop();
    let above: f32 = sentences(0..thread.start).filter(stay).map(|i| words(&i)).sum();
    let all: f32 = sentences(thread.clone()).map(|i| words(&i)).sum();
    let left: f32 = sentences(thread.clone()).filter(stay).map(|i| words(&i)).sum();
    let evidence: f32 = sentences(thread.clone()).map(|i| words(&i) * page.evidence[i].own_score()).sum();
    let goes = match category {
        // What customers say is about what the page sells; where it sells nothing, reviews may be its text.
        Category::Reviews => sells(page),
        // In a forum most of a thread stays, below an article most of it goes.
        _ => all - left > GONE * all && evidence > page.threshold * all,
    };
    if !goes || above < ABOVE * left {
        return;
    }
    for i in thread {
        let known = match verdicts[i] {
            // Dates of comments are no byline of the article; what the user keeps stays.
            Verdict::Keep | Verdict::Saved(_) => {
                page.scan.of(i).iter().any(|h| !policy.enabled[page.rules.rule(h.rule).category.index()])
            }
            drop => drop != UNNAMED,
        };
        if !known {
            verdicts[i] = Verdict::Drop { cause: Cause::Thread, category };
        }
    }
}

/// Whether rules know a line of the page as that of a shop.
fn sells(page: &Page<'_>) -> bool {
    (0..page.blocks.blocks.len()).any(|i| page.is_known_as(i, Category::Commerce, Strength::Likely))
}
