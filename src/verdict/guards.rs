//! What keeps an article from vanishing.

use std::borrow::Cow;

use super::{Cause, Decision, EITHER, Page, Policy, Verdict};
use crate::document::InputKind;
use crate::report::Status;

/// Of a whole page at most this share of its words may go. Menus and footers are often four fifths of a short page.
const MAX_REMOVED_PAGE: f32 = 0.97;
/// Of a page whose tags or whose site's template tell chrome surely, at most this share: a short body may stand among
/// thousands of menu words.
const MAX_REMOVED_SURELY: f32 = 0.995;
/// Of extracted text at most this share: an extractor leaves little chrome, so more is a sign of a mistake.
const MAX_REMOVED_EXTRACTED: f32 = 0.40;
/// How likely a document is extracted text from which on that limit holds. Below, down to one half, it comes nearer to a
/// page's the less is known: where much would go, a whole page is the likelier explanation.
const SURELY_EXTRACTED: f32 = 0.8;
/// Of extracted text of fewer words than this, what certain rules name does not count: a share of a few lines means little.
const FEW_WORDS: u32 = 60;

/// Checks the outcome; a page that would lose too much is passed through whole and marked.
pub(super) fn apply(page: &Page<'_>, policy: &Policy, mut decision: Decision) -> Decision {
    let (mut all, mut gone, mut certain, mut of_template, mut excused) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    // A second copy is no loss, and the page without it is the page; a limit that the user sets is about all that goes.
    let counts = |verdict: &Verdict| policy.max_removed.is_some() || !verdict.is_copy();
    let blocks = page.blocks.blocks.iter().zip(&decision.verdicts).zip(page.evidence);
    for ((block, verdict), evidence) in blocks.filter(|((_, verdict), _)| counts(verdict)) {
        let words = block.shape.length().max(1);
        all += words;
        if let Verdict::Drop { cause, .. } = verdict {
            gone += words;
            let is_certain = matches!(cause, Cause::Rule(id) if page.scan.hits[*id as usize].is_certain(page.rules));
            certain += if is_certain { words } else { 0 };
            if evidence.template > 0.0 {
                of_template += words;
            } else if is_certain {
                excused += words;
            }
        }
    }
    if !decision.verdicts.iter().any(Verdict::is_drop) && decision.spans.is_empty() {
        decision.status = Status::Unchanged;
        return decision;
    }
    let limit = policy.max_removed.unwrap_or(match page.kind() {
        InputKind::Page if page.html || page.has_template() => MAX_REMOVED_SURELY,
        InputKind::Page => MAX_REMOVED_PAGE,
        InputKind::Extracted => {
            let doubt = ((SURELY_EXTRACTED - page.extracted) / (SURELY_EXTRACTED - EITHER)).clamp(0.0, 1.0);
            MAX_REMOVED_EXTRACTED + doubt * (MAX_REMOVED_PAGE - MAX_REMOVED_EXTRACTED)
        }
    });
    let (judged, of) = match page.kind() {
        InputKind::Extracted if policy.max_removed.is_none() => {
            // An extractor that left the site's template in is no sign of a mistake.
            let few = if all < FEW_WORDS { excused } else { 0 };
            (gone - of_template - few, (all - of_template).max(1))
        }
        _ => (gone, all),
    };
    let share = judged as f32 / of as f32;
    if gone == all && certain == all && policy.max_removed.is_none() {
        decision.status = Status::Emptied;
    } else if share > limit || gone == all {
        decision.status = Status::Suspicious;
        decision.reason = Some(Cow::Owned(format!(
            "{:.0} % of its words would have gone, over the limit of {:.0} %",
            share * 100.0,
            limit * 100.0
        )));
    } else if let (Some(loss), Some(limit)) = (decision.expected_loss, policy.max_loss)
        && loss > limit
    {
        decision.status = Status::Suspicious;
        decision.reason = Some(Cow::Owned(format!(
            "{:.0} % of its text is expected to be among what would have gone, over the limit of {:.0} %",
            loss * 100.0,
            limit * 100.0
        )));
    }
    decision
}
