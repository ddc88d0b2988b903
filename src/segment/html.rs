//! What tags say, in place of what the first characters of a line only suggest.

use super::{Blocks, Marker};
use crate::html::{HtmlPage, flag};

/// Gives every block the line it stands in, and that line's marks.
pub(super) fn mark(page: &HtmlPage, out: &mut Blocks) {
    let mut at = 0;
    for block in &mut out.blocks {
        while at + 1 < page.lines.len() && page.lines[at].view.end <= block.inner.start {
            at += 1;
        }
        block.line = at as u32;
        let Some(line) = page.lines.get(at) else { continue };
        block.preformatted = line.is(flag::PRE);
        block.linked = (line.link_share() * 100.0) as u8;
        block.marker = if line.rank > 0 {
            Marker::Heading(line.rank)
        } else if line.marker > 0 {
            if line.ordered { Marker::Number } else { Marker::Bullet }
        } else if line.cells > 1 {
            Marker::Table
        } else if line.is(flag::QUOTE) {
            Marker::Quote
        } else {
            Marker::None
        };
    }
}
