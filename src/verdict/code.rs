//! Code stays or goes in one piece: a listing without one of its brackets is worth little.

use std::ops::Range;

use super::{Cause, Page, Verdict, stretches};
use crate::segment::{Block, Marker};

/// A listing has at least so many lines; fewer may be a menu with odd signs.
const LINES: usize = 3;
/// A line with so many signs of code is one of code.
const SIGNS: usize = 2;
/// What lines of a listing may consist of.
const BRACKETS: &str = "[]{}()<>/;,";

pub(super) fn apply(page: &Page<'_>, verdicts: &mut [Verdict]) {
    for listing in stretches(verdicts.len(), |i| is_code(page, &page.blocks.blocks[i])) {
        if listing.len() >= LINES {
            whole(page, verdicts, listing);
        }
    }
}

/// Keeps the rest of a listing of which more than half stays.
fn whole(page: &Page<'_>, verdicts: &mut [Verdict], listing: Range<usize>) {
    let words = |i: usize| page.blocks.blocks[i].shape.length().max(1);
    let all: u32 = listing.clone().map(words).sum();
    let kept: u32 = listing.clone().filter(|i| !verdicts[*i].is_drop()).map(words).sum();
    if kept * 2 <= all {
        return;
    }
    for verdict in &mut verdicts[listing] {
        if let Verdict::Drop { cause: Cause::Score | Cause::Run(_) | Cause::Section(_), .. } = verdict {
            *verdict = Verdict::Keep;
        }
    }
}

/// A line with signs that prose and Markdown have no use for, or of brackets alone.
fn is_code(page: &Page<'_>, block: &Block) -> bool {
    let text = block.text(page.view);
    if block.shape.length() == 0 {
        return text.chars().all(|c| BRACKETS.contains(c)) && !text.is_empty();
    }
    let signs = || text.bytes().filter(|b| b"{}<=;".contains(b)).count();
    block.shape.codes > 0 && block.marker == Marker::None && !text.contains("://") && signs() >= SIGNS
}
