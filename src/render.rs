//! Verdicts to removed spans, and spans to a body. The only place where anything is left out.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::Document;
use crate::evidence::Lead;
use crate::html::flag;
use crate::report::{Removal, Why};
use crate::segment::Block;
use crate::site::MIN_PAGES;
use crate::verdict::{Cause, Decision, Page, Verdict};

/// What a certain rule's removals are worth: packs promise at least this much.
const CERTAIN_PROBABILITY: f32 = 0.995;
/// Of the words that go as a second copy, this share is not in the gold text a second time (wcxb-dev).
const COPY_PROBABILITY: f32 = 0.86;
/// Of the words that go because the rest of their thread does, at least this share is not in the gold text (wcxb-dev).
const THREAD_PROBABILITY: f32 = 0.9;
/// Text of a heading or a match that a reason quotes, in characters.
const QUOTE: usize = 80;

/// Everything that goes, sorted and disjoint.
pub(crate) fn removals(document: &Document<'_>, page: &Page<'_>, decision: &Decision) -> Vec<Removal> {
    let mut out = Vec::new();
    let mut spans = decision.spans.iter().peekable();
    let n = decision.verdicts.len();
    let mut i = 0;
    while i < n {
        let block = &page.blocks.blocks[i];
        if decision.verdicts[i].is_drop() {
            let end = (i..n).find(|at| !decision.verdicts[*at].is_drop()).unwrap_or(n);
            run(document, page, decision, i..end, &mut out);
            i = end;
            continue;
        }
        while let Some(drop) = spans.next_if(|s| s.span.start < block.outer.end) {
            let view = with_space(page.view, block, &drop.span);
            let view = view.start.max(out.last().map_or(0, |r: &Removal| r.view.end))..view.end;
            if !view.is_empty() {
                let (category, rule, why) = of_rule(page, drop.hit);
                out.push(removal(document, view, category, rule, CERTAIN_PROBABILITY, why));
            }
        }
        i += 1;
    }
    out
}

/// The removals of a run of dropped blocks: one for each stretch with the same cause.
fn run(document: &Document<'_>, page: &Page<'_>, decision: &Decision, blocks: Range<usize>, out: &mut Vec<Removal>) {
    let span = extent(page, &blocks);
    let mut from = blocks.start;
    let mut start = span.start.max(out.last().map_or(0, |r| r.view.end));
    while from < blocks.end {
        let to = (from + 1..blocks.end)
            .find(|i| !same_cause(page, decision, from, *i) || !same_source(document, page, from, *i))
            .unwrap_or(blocks.end);
        let end = if to == blocks.end { span.end } else { page.blocks.blocks[to].outer.start as usize };
        out.push(group(document, page, decision, from..to, start..end));
        start = end;
        from = to;
    }
}

/// The range of the view that a run of dropped blocks takes with it, so that no blank lines are left doubled and a final
/// line terminator stays.
fn extent(page: &Page<'_>, run: &Range<usize>) -> Range<usize> {
    let blocks = &page.blocks.blocks;
    let (first, last) = (&blocks[run.start], &blocks[run.end - 1]);
    let before = run.start.checked_sub(1).map(|i| &blocks[i]);
    let Some(next) = blocks.get(run.end) else {
        let Some(before) = before else { return 0..page.view.len() };
        // After the last kept text: from the end of its line to the page's final terminator.
        let start = if first.continues { first.outer.start as usize } else { content_end(page.view, before) };
        return start..page.view.len() - terminator(page.view, page.view.len());
    };
    if first.continues && !next.continues {
        return first.outer.start as usize..content_end(page.view, last);
    }
    match before {
        None => 0..next.outer.start as usize,
        Some(before) if first.gap < next.gap => before.outer.end as usize..last.outer.end as usize,
        Some(_) => first.outer.start as usize..next.outer.start as usize,
    }
}

/// Where a block's line ends, its terminator not counted.
fn content_end(view: &str, block: &Block) -> usize {
    let end = block.outer.end as usize;
    end - terminator(view, end)
}

/// The length of the line terminator that ends at `end`.
fn terminator(view: &str, end: usize) -> usize {
    let text = &view[..end];
    ["\r\n", "\n", "\r", "\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}"]
        .iter()
        .find(|t| text.ends_with(**t))
        .map_or(0, |t| t.len())
}

/// A removed span inside a block takes the space along that would be left doubled or trailing.
fn with_space(view: &str, block: &Block, span: &Range<u32>) -> Range<usize> {
    let (from, to) = (block.inner.start as usize, block.inner.end as usize);
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    let before = &view[from..start];
    let after = &view[end..to];
    let space_after = after.len() - after.trim_start().len();
    if before.is_empty() || before.ends_with(char::is_whitespace) {
        end += space_after;
    }
    if end == to {
        start = from + before.trim_end().len();
    }
    start..end
}

fn same_cause(page: &Page<'_>, decision: &Decision, a: usize, b: usize) -> bool {
    let (Verdict::Drop { cause: x, category: cx }, Verdict::Drop { cause: y, category: cy }) =
        (decision.verdicts[a], decision.verdicts[b])
    else {
        return false;
    };
    cx == cy
        && match (x, y) {
            (Cause::Rule(x), Cause::Rule(y)) => page.scan.hits[x as usize].rule == page.scan.hits[y as usize].rule,
            (Cause::Section(x), Cause::Section(y)) => x == y,
            (Cause::Run(_), Cause::Run(_)) => true,
            (Cause::Template, Cause::Template) | (Cause::Thread, Cause::Thread) => true,
            (Cause::Copy(x), Cause::Copy(y)) => y.wrapping_sub(x) as usize == b - a,
            (Cause::Score, Cause::Score) => page.evidence[a].look == page.evidence[b].look,
            _ => false,
        }
}

/// Whether two blocks both come from what a page shows, or both from its data: source ranges do not reach across.
fn same_source(document: &Document<'_>, page: &Page<'_>, a: usize, b: usize) -> bool {
    let embedded = |i: usize| {
        let line = document.html()?.lines.get(page.blocks.blocks[i].line as usize)?;
        Some(line.is(flag::EMBEDDED))
    };
    embedded(a) == embedded(b)
}

/// One removal for blocks of the same cause.
fn group(
    document: &Document<'_>,
    page: &Page<'_>,
    decision: &Decision,
    blocks: Range<usize>,
    view: Range<usize>,
) -> Removal {
    let Verdict::Drop { cause, category } = decision.verdicts[blocks.start] else {
        return removal(document, view, crate::Category::Unclassified, None, 0.0, vec![Why::Between]);
    };
    let evidence = &page.evidence[blocks.start];
    let mean = blocks.clone().map(|i| page.evidence[i].probability()).sum::<f32>() / blocks.len() as f32;
    let look = Why::Run { lines: blocks.len() as u32, look: evidence.look };
    let place = Why::Place(evidence.place);
    match cause {
        Cause::Rule(hit) => {
            let (_, rule, mut why) = of_rule(page, hit);
            let certain = page.scan.hits[hit as usize].is_certain(page.rules);
            if !certain {
                why.extend([look, place]);
            }
            removal(document, view, category, rule, if certain { mean.max(CERTAIN_PROBABILITY) } else { mean }, why)
        }
        Cause::Section(heading) => {
            let heading = page.blocks.blocks[heading as usize].text(page.view);
            removal(document, view, category, None, mean, vec![Why::Under(quote(heading)), look, place])
        }
        Cause::Run(lines) => {
            let look = Why::Run { lines, look: evidence.look };
            removal(document, view, category, None, mean, vec![look, place])
        }
        Cause::Template => {
            // Titles between lines of the template go with them, whatever pages they stand on themselves.
            let repeated = blocks.clone().map(|i| page.evidence[i].repeated).filter(|r| r.pages >= MIN_PAGES);
            let least = repeated.min_by_key(|r| r.pages);
            let lead = least.map_or(Why::Between, |r| Why::OnPages { pages: r.pages, of: r.of });
            removal(document, view, category, None, mean, vec![lead, look, place])
        }
        Cause::Thread => {
            removal(document, view, category, None, mean.max(THREAD_PROBABILITY), vec![Why::Thread, look, place])
        }
        Cause::Copy(original) => {
            let original = page.blocks.blocks[original as usize].text(page.view);
            removal(document, view, category, None, COPY_PROBABILITY, vec![Why::Copy(quote(original)), look, place])
        }
        Cause::Score => {
            let lead = match evidence.lead {
                Lead::None => None,
                Lead::Copies(copies) => Some(Why::Repeated(copies)),
                Lead::Words => Some(Why::Words),
                Lead::OutsideMainText => Some(Why::OutsideMainText),
            };
            // A run of its like says more than any single fact.
            let why = if blocks.len() > 2 { [Some(look), Some(place), lead] } else { [lead, Some(look), Some(place)] };
            removal(document, view, category, None, mean, why.into_iter().flatten().collect())
        }
    }
}

/// Category, rule and leading reason of a hit.
fn of_rule(page: &Page<'_>, hit: u32) -> (crate::Category, Option<crate::RuleId>, Vec<Why>) {
    let hit = &page.scan.hits[hit as usize];
    let rule = page.rules.rule(hit.rule);
    let matched = &page.view[hit.span.start as usize..hit.span.end as usize];
    (rule.category, Some(rule.id.clone()), vec![Why::Matched(quote(matched))])
}

fn quote(text: &str) -> Box<str> {
    match text.char_indices().nth(QUOTE) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]).into(),
    }
}

fn removal(
    document: &Document<'_>,
    view: Range<usize>,
    category: crate::Category,
    rule: Option<crate::RuleId>,
    probability: f32,
    why: Vec<Why>,
) -> Removal {
    Removal { span: document.raw_range(view.clone()), view, category, rule, probability, why }
}

/// The kept parts of `text` in one piece; borrowed when nothing goes.
pub(crate) fn body<'t>(text: &'t str, removals: &[Removal]) -> Cow<'t, str> {
    if removals.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for kept in kept(text.len(), removals.iter().map(|r| r.view.clone())) {
        out.push_str(&text[kept]);
    }
    Cow::Owned(out)
}

/// The kept parts of the raw bytes; borrowed when nothing goes.
pub(crate) fn body_bytes<'r>(raw: &'r [u8], removals: &[Removal]) -> Cow<'r, [u8]> {
    if removals.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    for kept in kept(raw.len(), removals.iter().map(|r| r.span.clone())) {
        out.extend_from_slice(&raw[kept]);
    }
    Cow::Owned(out)
}

/// The gaps between sorted, disjoint ranges in `0..len`.
pub(crate) fn kept(len: usize, removed: impl Iterator<Item = Range<usize>>) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    removed
        .chain(std::iter::once(len..len))
        .map(move |r| {
            let kept = at..r.start;
            at = r.end;
            kept
        })
        .filter(|r| !r.is_empty())
}
