//! Whether a document is a whole page or text that an extractor has been over: a few boosted trees on facts about it.

use super::context::{Context, ONE};
use super::features::log_steps;
use super::lexical;
use super::trees::{self, Forest};
use crate::evidence::threshold::sigmoid;
use crate::segment::Blocks;

/// How many facts there are.
pub(crate) const FACTS: usize = 18;

/// Words from which on a document is no page of a site but a book, a log or an archive: more than twice those of the
/// longest page that weights were learned from. What was learned of pages says nothing of it.
const LONGEST_PAGE: u64 = 40_000;

/// Whether a document is longer than any page of a site.
pub(crate) fn is_book(blocks: &Blocks) -> bool {
    blocks.blocks.iter().map(|b| u64::from(b.shape.length().max(1))).sum::<u64>() > LONGEST_PAGE
}

/// How likely a document is to be extracted text, by what was learned.
pub(crate) fn extracted(forest: &Forest, context: &Context) -> f32 {
    sigmoid(forest.score_one(&facts(context)) as f32 / trees::UNIT)
}

/// The facts, a byte each.
pub(crate) fn facts(context: &Context) -> [u8; FACTS] {
    let n = context.z.len();
    let all = context.sums[n];
    let page = &context.page;
    let mean = |from: usize, to: usize| {
        let lines = to.saturating_sub(from).max(1) as f32;
        ((context.sums[to].z - context.sums[from].z) as f32 / lines / lexical::UNIT * 40.0 + 128.0) as u8
    };
    let ratio = |part: i64, of: i64| (part as f32 / of.max(1) as f32 * 255.0) as u8;
    let share = |part: u32| ratio(i64::from(part), n as i64);
    let logs = |n: i64| log_steps(n.clamp(0, i64::from(u32::MAX)) as u32);
    let run = (page.run.0 as usize, page.run.1 as usize);
    [
        mean(0, n),
        mean(0, n.min(3)),
        mean(n.saturating_sub(3), n),
        mean(0, n.min(12)),
        mean(n.saturating_sub(12), n),
        share(page.short),
        share(page.repeats),
        share(page.gaps),
        share(page.figures),
        share(page.marks),
        ratio(all.prose, all.words),
        ratio(all.text, all.words * ONE),
        logs(all.words),
        logs(n as i64),
        logs(run.0 as i64),
        logs((n - run.1) as i64),
        ratio(context.sums[run.1].words - context.sums[run.0].words, all.words),
        ratio(all.rules * 4, n as i64),
    ]
}
