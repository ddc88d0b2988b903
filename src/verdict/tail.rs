//! The end of extracted text: its last sentences.
//!
//! What an extractor left below an article is little, so that a sentence right below text that stays more likely ends the
//! text than that it is of a footer. On whole pages it is the other way round.

use super::head::is_nearly_text;
use super::{Page, Saved, Verdict};
use crate::document::InputKind;
use crate::report::Look;

pub(super) fn apply(page: &Page<'_>, verdicts: &mut [Verdict]) {
    if page.kind() != InputKind::Extracted {
        return;
    }
    let is_text = |i: &usize| matches!(page.evidence[*i].look, Look::Paragraph | Look::Sentence);
    let Some(last) = (0..verdicts.len()).rev().find(|i| !verdicts[*i].is_drop() && is_text(i)) else { return };
    for (i, verdict) in verdicts.iter_mut().enumerate().skip(last + 1) {
        if verdict.is_by_evidence() && is_nearly_text(page, i) {
            verdict.save(Saved::Tail);
        } else if verdict.is_drop() {
            return;
        }
    }
}
