//! How much of a page's text went, as far as the learned evidence can tell.

use super::{Page, Verdict};

/// The words that went, each counted by how likely it is to be text, as a share of all words so counted (at least one);
/// nothing where no learned weights spoke. A second copy is no loss.
///
/// Probabilities that mean what they say make a mean over pages that does, too: docs/accuracy.md compares it with what was
/// lost.
pub(super) fn expected(page: &Page<'_>, verdicts: &[Verdict]) -> Option<f32> {
    if !page.learned {
        return None;
    }
    let (mut all, mut lost) = (0.0, 0.0);
    for ((block, verdict), evidence) in page.blocks.blocks.iter().zip(verdicts).zip(page.evidence) {
        if verdict.is_copy() {
            continue;
        }
        let text = block.shape.length() as f32 * (1.0 - evidence.probability());
        all += text;
        lost += if verdict.is_drop() { text } else { 0.0 };
    }
    Some(lost / f32::max(all, 1.0))
}
