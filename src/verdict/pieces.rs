//! Listings, lists and tables stay in one piece, and with the sentence that announces them: code without one of its
//! brackets, a list without its third point and "The menu is:" without the menu are worth little.

use std::ops::Range;

use super::{Cause, Page, Saved, Verdict, stretches};
use crate::segment::{Block, Marker};

/// A listing, list or table has at least so many lines; fewer may be a menu with odd signs.
const LINES: usize = 3;
/// A line with so many signs of code is one of code.
const SIGNS: usize = 2;
/// So many lines between two lines of code may be comments, or words of code alone.
const BETWEEN: usize = 4;
/// So many empty lines end a list.
const LIST_GAP: u32 = 2;
/// A line of fewer words is a label, which announces nothing: "Share:".
const SENTENCE: u32 = 4;
/// So many lines may belong to a sentence above them; more would be a menu that the page's text happens to go on after.
const ANNOUNCED: usize = 6;
/// What lines of a listing may consist of.
const BRACKETS: &str = "[]{}()<>/;,";

/// Keeps the rest of what mostly stays, what a sentence announces, and what is marked as code between lines that stay.
pub(super) fn apply(page: &Page<'_>, verdicts: &mut [Verdict]) {
    let blocks = &page.blocks.blocks;
    let gone: Vec<_> = stretches(blocks.len(), |i| verdicts[i].is_drop()).collect();
    for lines in gone {
        if is_announced(page, verdicts, &lines) {
            keep(page, &mut verdicts[lines], Saved::Announced);
        }
    }
    for listing in stretches(blocks.len(), |i| blocks[i].preformatted) {
        let stays = |i: usize| verdicts.get(i).is_some_and(|v| !v.is_drop());
        let is_within = listing.start > 0 && stays(listing.start - 1) && stays(listing.end);
        if is_within || stays_mostly(page, verdicts, &listing) {
            keep(page, &mut verdicts[listing], Saved::Piece);
        }
    }
    for piece in listings(page).chain(lists(blocks)).filter(|piece| piece.len() >= LINES) {
        if stays_mostly(page, verdicts, &piece) {
            keep(page, &mut verdicts[piece], Saved::Piece);
        }
    }
}

/// Whether a few lines that go stand between text that stays and a sentence above them that ends in a colon. Lines that a
/// rule knows are announced by chance.
fn is_announced(page: &Page<'_>, verdicts: &[Verdict], lines: &Range<usize>) -> bool {
    let look = page.evidence[lines.start].look;
    // Lines like these may stand between them and the sentence.
    let near = lines.start.saturating_sub(ANNOUNCED)..lines.start;
    let Some(above) = near.rev().find(|i| page.evidence[*i].look != look) else { return false };
    let (sentence, announced) = (&page.blocks.blocks[above], lines.end - above - 1);
    let by_rule = |v: &Verdict| matches!(v, Verdict::Drop { cause: Cause::Rule(_), .. });
    announced <= ANNOUNCED
        && lines.end < verdicts.len()
        && !verdicts[above].is_drop()
        && sentence.shape.length() >= SENTENCE
        && sentence.text(page.view).trim_end().ends_with([':', '：'])
        && !verdicts[lines.clone()].iter().any(by_rule)
}

/// Whether more than half of a piece stays.
fn stays_mostly(page: &Page<'_>, verdicts: &[Verdict], piece: &Range<usize>) -> bool {
    let words = |i: usize| page.blocks.blocks[i].shape.length().max(1);
    let all: u32 = piece.clone().map(words).sum();
    let kept: u32 = piece.clone().filter(|i| !verdicts[*i].is_drop()).map(words).sum();
    kept * 2 > all
}

/// Takes back what went for any cause but a certain rule: in code, "Share" is a comment, and in a list "Contact us"
/// may be the third point.
fn keep(page: &Page<'_>, piece: &mut [Verdict], saved: Saved) {
    for verdict in piece {
        let is_doubtful = match verdict {
            Verdict::Drop { cause: Cause::Rule(hit), .. } => !page.scan.hits[*hit as usize].is_certain(page.rules),
            Verdict::Drop { cause, .. } => matches!(cause, Cause::Score | Cause::Run(_) | Cause::Section(_)),
            Verdict::Keep | Verdict::Saved(_) => false,
        };
        if is_doubtful {
            verdict.save(saved);
        }
    }
}

/// Stretches of lines of code, and of what stands between them.
fn listings(page: &Page<'_>) -> impl Iterator<Item = Range<usize>> {
    let blocks = &page.blocks.blocks;
    let mut code = (0..blocks.len()).filter(|i| is_code(page, &blocks[*i])).peekable();
    std::iter::from_fn(move || {
        let start = code.next()?;
        let mut end = start + 1;
        while let Some(line) = code.next_if(|line| goes_on(blocks, end..*line)) {
            end = line + 1;
        }
        Some(start..end)
    })
}

/// Whether a listing goes on below these lines, of which none is surely code: there are none, or few, indented, and no
/// empty line among them.
fn goes_on(blocks: &[Block], between: Range<usize>) -> bool {
    let few = between.len() <= BETWEEN && blocks[between.clone()].iter().all(|b| b.gap == 0 && b.indent > 0);
    between.is_empty() || few && blocks[between.end].gap == 0
}

/// A line with signs that prose and Markdown have no use for, or of brackets alone.
fn is_code(page: &Page<'_>, block: &Block) -> bool {
    let text = block.text(page.view);
    if block.shape.length() == 0 {
        return text.chars().all(|c| BRACKETS.contains(c)) && !text.bytes().all(|b| b == b'>');
    }
    let signs = || text.bytes().filter(|b| b"{}<=;".contains(b)).count();
    block.shape.codes > 0 && block.marker == Marker::None && !text.contains("://") && signs() >= SIGNS
}

/// Stretches of items, and of rows.
fn lists(blocks: &[Block]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = (at..blocks.len()).find(|i| part(&blocks[*i]).is_some())?;
        let goes_on = |i: usize| part(&blocks[i]) == part(&blocks[start]) && blocks[i].gap < LIST_GAP;
        at = (start + 1..blocks.len()).find(|i| !goes_on(*i)).unwrap_or(blocks.len());
        Some(start..at)
    })
}

/// What a line may be a part of: a list, or a table.
fn part(block: &Block) -> Option<Marker> {
    match block.marker {
        Marker::Bullet | Marker::Number => Some(Marker::Bullet),
        Marker::Table => Some(Marker::Table),
        _ => None,
    }
}
