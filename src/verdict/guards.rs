//! What keeps an article from vanishing.

use std::borrow::Cow;

use super::{Cause, Decision, Page, Policy, Verdict};
use crate::document::InputKind;
use crate::report::Status;

/// Of a whole page at most this share of its words may go. Menus and footers are often four fifths of a short page.
const MAX_REMOVED_PAGE: f32 = 0.97;
/// Of an HTML page at most this share: its tags tell chrome surely, and a short body may stand among thousands of menu words.
const MAX_REMOVED_HTML: f32 = 0.995;
/// Of extracted text at most this share: an extractor leaves little chrome, so more is a sign of a mistake.
const MAX_REMOVED_EXTRACTED: f32 = 0.40;
/// Of extracted text of fewer words than this, what certain rules name does not count: a share of a few lines means little.
const FEW_WORDS: u32 = 60;

/// Checks the outcome; a page that would lose too much is passed through whole and marked.
pub(super) fn apply(page: &Page<'_>, policy: &Policy, mut decision: Decision) -> Decision {
    let (mut all, mut gone, mut certain) = (0_u32, 0_u32, 0_u32);
    for (block, verdict) in page.blocks.blocks.iter().zip(&decision.verdicts) {
        let words = block.shape.length().max(1);
        all += words;
        if let Verdict::Drop { cause, .. } = verdict {
            gone += words;
            if matches!(cause, Cause::Rule(id) if page.scan.hits[*id as usize].is_certain(page.rules)) {
                certain += words;
            }
        }
    }
    if gone == 0 && decision.spans.is_empty() {
        decision.status = Status::Unchanged;
        return decision;
    }
    let limit = policy.max_removed.unwrap_or(match page.kind {
        InputKind::Page if page.html => MAX_REMOVED_HTML,
        InputKind::Page => MAX_REMOVED_PAGE,
        InputKind::Extracted => MAX_REMOVED_EXTRACTED,
    });
    let judged = match page.kind {
        InputKind::Extracted if all < FEW_WORDS && policy.max_removed.is_none() => gone - certain,
        _ => gone,
    };
    let share = judged as f32 / all as f32;
    if gone == all && certain == all && policy.max_removed.is_none() {
        decision.status = Status::Emptied;
    } else if share > limit || gone == all {
        decision.status = Status::Suspicious;
        decision.reason = Some(Cow::Owned(format!(
            "{:.0} % of its words would have gone, over the limit of {:.0} %",
            share * 100.0,
            limit * 100.0
        )));
    }
    decision
}
