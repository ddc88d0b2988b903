//! Stage 2's features of a block of an HTML page, each squeezed into one byte.

use super::elements::{Elements, Pivot, Pool};
use super::table::{ALL, HtmlFeature};
use crate::html::{HtmlPage, flag};
use crate::model::context::ONE;
use crate::model::features::{log_steps, z_steps};
use crate::model::table::COUNT;
use crate::model::trees::{Column, LANES};
use crate::segment::Blocks;

/// The features of [`LANES`] blocks, a column a feature: first those of text.
pub(crate) type HtmlColumns = [Column; ALL];

/// Flags in the order of the first features.
const FLAGS: [u32; 29] = [
    flag::NAV,
    flag::FOOTER,
    flag::HEADER,
    flag::ASIDE,
    flag::FORM,
    flag::BUTTON,
    flag::FIGURE,
    flag::FIGCAPTION,
    flag::QUOTE,
    flag::PRE,
    flag::TABLE,
    flag::ITEM,
    flag::MAIN,
    flag::ARTICLE,
    flag::ARTICLE_BODY,
    flag::SECTION,
    flag::DIALOG,
    flag::DETAILS,
    flag::LABEL,
    flag::HIDDEN,
    flag::ARIA_HIDDEN,
    flag::SR_ONLY,
    flag::LINK,
    flag::STRONG,
    flag::CODE,
    flag::DEFINITION,
    flag::HEAD_CELL,
    flag::EMBEDDED,
    flag::ADDRESS,
];

/// What stage 1 said of the page.
pub(super) struct Scores<'a> {
    /// Of each block, by words and tags.
    pub z: &'a [i32],
    /// Of each line, by tags alone.
    pub tags: &'a [i32],
}

impl Elements {
    /// Fills in the features that only HTML pages have.
    pub(super) fn fill(
        &self,
        page: &HtmlPage,
        blocks: &Blocks,
        scores: &Scores<'_>,
        start: usize,
        out: &mut HtmlColumns,
    ) {
        let end = (start + LANES).min(blocks.blocks.len());
        for i in start..end {
            let line = blocks.blocks[i].line as usize;
            if line >= page.lines.len() {
                continue;
            }
            let mut row = Row { lane: i - start, out };
            line_facts(page, line, &mut row);
            row.z(HtmlFeature::TagWords, scores.tags[line] as f32);
            row.z(HtmlFeature::TextWords, (scores.z[i] - scores.tags[line]) as f32);
            let tags = |line: Option<usize>| line.and_then(|l| scores.tags.get(l)).copied().unwrap_or(-192);
            row.z(HtmlFeature::TagWordsBefore, tags(line.checked_sub(1)) as f32);
            row.z(HtmlFeature::TagWordsAfter, tags(Some(line + 1)) as f32);
            self.around(page, line, &mut row);
            self.pivots(page, line, &mut row);
        }
    }

    fn around(&self, page: &HtmlPage, at: usize, row: &mut Row<'_>) {
        use HtmlFeature as F;
        let line = &page.lines[at];
        let all = self.pools[0];
        let own = line.element as usize;
        let mut chain = [own; 5];
        for i in 1..5 {
            chain[i] = page.elements[chain[i - 1]].parent as usize;
        }
        let levels = [
            (F::Text0, F::Mean0, F::Lines0),
            (F::Text1, F::Mean1, F::Lines1),
            (F::Text2, F::Mean2, F::Lines2),
            (F::Text3, F::Mean3, F::Lines3),
            (F::Text4, F::Mean4, F::Lines4),
        ];
        for (e, (text, mean, lines)) in chain.into_iter().zip(levels) {
            row.pool(self.pools[e], text, mean);
            row.count(lines, self.pools[e].blocks);
        }
        let sizes = [
            (F::Bytes0, F::Linked0, F::Prose0),
            (F::Bytes1, F::Linked1, F::Prose1),
            (F::Bytes2, F::Linked2, F::Prose2),
        ];
        for (e, (bytes, linked, prose)) in chain.into_iter().zip(sizes) {
            let element = &page.elements[e];
            row.count(bytes, element.text.into());
            row.ratio(linked, element.linked.into(), element.text.into());
            row.ratio(prose, element.prose.into(), element.text.into());
        }
        row.set(F::Tag1, page.elements[chain[1]].tag as u8);
        row.set(F::Tag2, page.elements[chain[2]].tag as u8);
        for (e, page) in chain[1..].iter().zip([F::Page1, F::Page2, F::Page3]) {
            row.ratio(page, self.pools[*e].text, all.text);
        }
        for (i, rest) in [F::Rest0, F::Rest1, F::Rest2].into_iter().enumerate() {
            row.text(rest, self.pools[chain[i + 1]].minus(self.pools[chain[i]]));
        }
        let (least, most) = self.bounds[own];
        row.ratio(F::Least, least, ONE);
        row.ratio(F::Most, most, ONE);
        let alike = self.path(line.path);
        row.pool(alike, F::AlikeText, F::AlikeMean);
        row.count(F::AlikeLength, alike.words / alike.blocks.max(1));
        row.count(F::CardsOf, self.cards[own].all.into());
        row.count(F::CardsAt, self.cards[own].before.into());
        row.count(F::Cards1, self.cards[chain[1]].all.into());
        row.count(F::Cards1At, self.cards[chain[1]].before.into());
        row.count(F::Cards2, self.cards[chain[2]].all.into());
        row.count(F::Cards3, self.cards[chain[3]].all.into());
        row.text(F::CardText, self.group(chain[1]));
    }

    fn pivots(&self, page: &HtmlPage, at: usize, row: &mut Row<'_>) {
        use HtmlFeature as F;
        let element = page.lines[at].element as usize;
        let all = self.pools[0];
        let best = [F::BestSide, F::BestSteps, F::BestUp];
        self.pivot(&self.best, element, best, row);
        let most = [F::MostSide, F::MostSteps, F::MostUp];
        self.pivot(&self.most, element, most, row);
        self.pivot(&self.title, element, [F::TitleSide, F::TitleSteps, F::TitleUp], row);
        row.signed(F::TitleLines, self.title_line.map_or(0, |title| at as i64 - title as i64));
        let branch = |pivot: &Pivot| pivot.of(element).branch as usize;
        let of_branch = [
            (branch(&self.best), [F::BestText, F::BestMean, F::BestLines, F::BestWords, F::BestLinked, F::BestProse]),
            (branch(&self.most), [F::MostText, F::MostMean, F::MostLines, F::MostWords, F::MostLinked, F::MostProse]),
        ];
        for (e, [text, mean, lines, words, linked, prose]) in of_branch {
            let (pool, element) = (self.pools[e], &page.elements[e]);
            row.pool(pool, text, mean);
            row.count(lines, pool.blocks);
            row.count(words, pool.words);
            row.ratio(linked, element.linked.into(), element.text.into());
            row.ratio(prose, element.prose.into(), element.text.into());
        }
        row.set(F::BestTag, page.elements[branch(&self.best)].tag as u8);
        let (best, most) = (self.pools[self.best.element], self.pools[self.most.element]);
        row.ratio(F::BestShare, best.text, all.text);
        row.text(F::BestOwn, best);
        row.ratio(F::BestOf, best.words, all.words);
        row.text(F::MostOwn, most);
        row.ratio(F::MostOf, most.words, all.words);
    }

    fn pivot(&self, pivot: &Pivot, element: usize, [side, steps, up]: [HtmlFeature; 3], row: &mut Row<'_>) {
        let place = pivot.of(element);
        row.set(side, (pivot.side(element) + 1) as u8);
        row.set(steps, place.steps);
        row.set(up, self.depths[pivot.element].saturating_sub(place.depth).min(255) as u8);
    }
}

/// What the line's own tags say.
fn line_facts(page: &HtmlPage, at: usize, row: &mut Row<'_>) {
    use HtmlFeature as F;
    let (line, around) = (&page.lines[at], &page.around[at]);
    for (feature, flag) in FLAGS.into_iter().enumerate() {
        row.put(feature, u8::from(line.is(flag)));
    }
    row.set(F::Rank, line.rank);
    row.set(F::Tag, line.tag as u8);
    row.set(F::Lists, line.lists);
    row.set(F::Quotes, line.quotes);
    row.set(F::Tables, line.tables);
    row.set(F::Cells, line.cells);
    row.count(F::Depth, line.depth.into());
    row.count(F::TextBytes, line.text.into());
    row.ratio(F::LinkShare, line.linked.into(), line.text.into());
    row.ratio(F::StrongShare, line.strong.into(), line.text.into());
    row.count(F::Links, line.links.into());
    row.count(F::Images, line.images.into());
    row.count(F::Controls, line.controls.into());
    row.set(F::CoreHalf, around.in_core[0].into());
    row.set(F::CoreMost, around.in_core[1].into());
    row.set(F::CoreAll, around.in_core[2].into());
    row.set(F::CoreSteps, around.steps);
    row.count(F::Alike, around.alike.into());
    row.set(F::AlikeProse, (around.alike_prose * 255.0) as u8);
    row.set(F::ArticleProse, (around.article_prose * 255.0) as u8);
    row.count(F::Articles, around.articles.into());
}

/// Writes the features of one block.
struct Row<'a> {
    lane: usize,
    out: &'a mut HtmlColumns,
}

impl Row<'_> {
    fn put(&mut self, feature: usize, value: u8) {
        self.out[COUNT + feature][self.lane] = value;
    }

    fn set(&mut self, feature: HtmlFeature, value: u8) {
        self.put(feature as usize, value);
    }

    fn count(&mut self, feature: HtmlFeature, n: i64) {
        self.set(feature, log_steps(n.clamp(0, i64::from(u32::MAX)) as u32));
    }

    fn signed(&mut self, feature: HtmlFeature, n: i64) {
        let steps = log_steps(n.unsigned_abs().min(u64::from(u32::MAX)) as u32).min(127);
        self.set(feature, if n < 0 { 127 - steps } else { 127 + steps });
    }

    fn ratio(&mut self, feature: HtmlFeature, part: i64, of: i64) {
        let share = if of <= 0 { 0.0 } else { part as f32 / of as f32 };
        self.set(feature, (share * 255.0) as u8);
    }

    fn z(&mut self, feature: HtmlFeature, z: f32) {
        self.set(feature, z_steps(z));
    }

    fn text(&mut self, feature: HtmlFeature, pool: Pool) {
        self.ratio(feature, pool.text, pool.words * ONE);
    }

    fn pool(&mut self, pool: Pool, text: HtmlFeature, mean: HtmlFeature) {
        self.text(text, pool);
        self.z(mean, pool.z as f32 / pool.blocks.max(1) as f32);
    }
}
