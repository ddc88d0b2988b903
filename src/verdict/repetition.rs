//! What goes only because the site's other pages have it too. It is decided last: knowing a site's template removes more of
//! a page and changes nothing else of it.
//!
//! Of the main prose, repetition alone may take little, and nothing of an article that other pages carry too. Whoever writes
//! many pages of a site could otherwise make an article vanish by repeating it.

use super::{Cause, Page, Verdict, stretches};
use crate::report::Look;
use crate::rules::Category;
use crate::segment::CharClass;
use crate::site::MIN_PAGES;

/// Of the words of the main prose at most this share goes for being repeated alone; were it more, all of it stays.
const MAX_SHARE: f32 = 0.25;
/// A row of fewer words is a notice, and no main prose.
const NOTICE: u32 = 40;
/// Main prose of so many words in a row that other pages have too is an article under several addresses.
const ARTICLE: u32 = 100;

pub(super) fn apply(page: &Page<'_>, verdicts: &mut [Verdict]) {
    let words = |i: &usize| page.blocks.blocks[*i].shape.length();
    let goes = |i: &usize| {
        let evidence = &page.evidence[*i];
        !verdicts[*i].is_drop() && evidence.template > 0.0 && evidence.score > page.threshold
    };
    let repeated: Vec<usize> = (0..verdicts.len()).filter(goes).collect();
    let main = main_prose(page);
    let copied = copied(page, &main);
    let main = |i: &usize| main[*i];
    let kept = (0..verdicts.len()).filter(|i| !verdicts[*i].is_drop());
    let all: u32 = kept.filter(main).map(|i| words(&i)).sum();
    let lost: u32 = repeated.iter().filter(|i| main(i)).map(words).sum();
    let spares = lost as f32 > MAX_SHARE * all as f32;
    for i in repeated.into_iter().filter(|i| !(spares && main(i) || copied[*i])) {
        let of_template = Verdict::Drop { cause: Cause::Template, category: Category::Template };
        verdicts[i] = page.by_rule(i).unwrap_or(of_template);
    }
}

/// Which blocks are main prose: running text that would stay, in a row of which some is rather text than chrome by all that
/// the page itself says.
fn main_prose(page: &Page<'_>) -> Vec<bool> {
    let mut out = vec![false; page.evidence.len()];
    for row in stretches(out.len(), |i| runs_on(page, i)) {
        let is_text = page.evidence[row.clone()].iter().any(|e| e.own_score() <= page.threshold.min(0.0));
        let words: u32 = page.blocks.blocks[row.clone()].iter().map(|b| b.shape.length()).sum();
        out[row].fill(is_text && words >= NOTICE);
    }
    out
}

/// Which blocks of the main prose are part of an article that other pages have too.
fn copied(page: &Page<'_>, main: &[bool]) -> Vec<bool> {
    let is_repeated = |i: usize| main[i] && page.evidence[i].repeated.pages >= MIN_PAGES;
    let mut out = vec![false; main.len()];
    for row in stretches(out.len(), is_repeated) {
        let words: u32 = page.blocks.blocks[row.clone()].iter().map(|b| b.shape.length()).sum();
        out[row].fill(words >= ARTICLE);
    }
    out
}

/// Paragraphs and whole sentences; a list of titles joined into one line only looks like one.
fn runs_on(page: &Page<'_>, i: usize) -> bool {
    match page.evidence[i].look {
        _ if page.evidence[i].repeated.list => false,
        Look::Paragraph => true,
        Look::Sentence => page.blocks.blocks[i].shape.last == CharClass::SentenceEnd,
        _ => false,
    }
}
