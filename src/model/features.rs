//! Stage 2's features of a block, each squeezed into one byte.

use super::context::{Context, NONE, ONE, Sums};
use super::lexical;
use super::table::{COUNT, Feature};
use super::trees::{Column, LANES};
use crate::segment::{Blocks, CharClass, Marker, Shape};

/// Steps of a byte to one log-odds, around [`MIDDLE`].
const Z_STEPS: f32 = 24.0;
const MIDDLE: f32 = 128.0;

/// The features of [`LANES`] blocks, a column a feature.
pub(crate) type Columns = [Column; COUNT];

impl Context {
    /// Fills in the features of the blocks from `start` on; lanes past the last block keep what they hold.
    /// What holds for the whole page is written with the first blocks only.
    pub(super) fn fill(&self, blocks: &Blocks, start: usize, out: &mut Columns) {
        let end = (start + LANES).min(blocks.blocks.len());
        if start == 0 {
            (0..LANES).for_each(|lane| self.page_facts(&mut Row { lane, out }));
        }
        for i in start..end {
            let mut row = Row { lane: i - start, out };
            self.shape(blocks, i, &mut row);
            self.words(i, &mut row);
            self.main_run(i, &mut row);
            self.place(i, &mut row);
            self.rule_facts(i, &mut row);
        }
    }

    fn shape(&self, blocks: &Blocks, i: usize, row: &mut Row<'_>) {
        let empty = Shape::default();
        let block = &blocks.blocks[i];
        let at = |i: Option<usize>| i.and_then(|i| blocks.blocks.get(i));
        let (previous, next) = (at(i.checked_sub(1)), at(Some(i + 1)));
        let s = &block.shape;
        row.count(Feature::Length, s.length());
        row.count(Feature::Bytes, s.bytes);
        row.count(Feature::Sentences, s.sentence_ends);
        row.set(Feature::LastClass, class(s.last));
        row.set(Feature::FirstClass, class(s.first));
        row.set(Feature::Mark, mark(block.marker));
        row.count(Feature::GapBefore, block.gap);
        row.count(Feature::GapAfter, next.map_or(9, |b| b.gap));
        row.count(Feature::Indent, block.indent);
        row.share(Feature::CapitalShare, s.capitals, s.words);
        row.share(Feature::UpperShare, s.uppers, s.letters);
        row.share(Feature::DigitShare, s.digits, s.letters + s.digits);
        row.share(Feature::ShortWordShare, s.short_words, s.words);
        row.share(Feature::NumberShare, s.numbers, s.words + s.numbers);
        row.count(Feature::Commas, s.commas);
        row.count(Feature::Questions, s.questions);
        row.count(Feature::Bars, s.bars);
        row.count(Feature::Money, s.money);
        row.count(Feature::Colons, s.colons);
        row.count(Feature::Codes, s.codes);
        row.share(Feature::WordLength, s.letters / 12, s.words);
        row.count(Feature::Brackets, s.brackets);
        row.count(Feature::PreviousLength, previous.map_or(0, |b| b.shape.length()));
        row.count(Feature::NextLength, next.map_or(0, |b| b.shape.length()));
        row.count(Feature::NextNextLength, at(Some(i + 2)).map_or(0, |b| b.shape.length()));
        row.count(Feature::PreviousPreviousLength, at(i.checked_sub(2)).map_or(0, |b| b.shape.length()));
        row.set(Feature::PreviousLast, class(previous.map_or(&empty, |b| &b.shape).last));
        row.set(Feature::NextLast, class(next.map_or(&empty, |b| &b.shape).last));
        row.set(Feature::PreviousMark, previous.map_or(0, |b| mark(b.marker)));
        row.set(Feature::NextMark, next.map_or(0, |b| mark(b.marker)));
        row.count(Feature::RunOfLook, self.locals[i].run);
        row.count(Feature::RunOfLookAt, self.locals[i].run_at);
    }

    fn words(&self, i: usize, row: &mut Row<'_>) {
        let n = self.z.len();
        let z = |i: Option<usize>| i.and_then(|i| self.z.get(i)).copied().unwrap_or(-192);
        row.z(Feature::Own, self.z[i] as f32);
        row.z(Feature::Before1, z(i.checked_sub(1)) as f32);
        row.z(Feature::Before2, z(i.checked_sub(2)) as f32);
        row.z(Feature::Before3, z(i.checked_sub(3)) as f32);
        row.z(Feature::After1, z(Some(i + 1)) as f32);
        row.z(Feature::After2, z(Some(i + 2)) as f32);
        row.z(Feature::After3, z(Some(i + 3)) as f32);
        row.z(Feature::Mean2, self.mean(i.saturating_sub(2), i + 3));
        let five = self.window(i, 5);
        let fifteen = self.window(i, 15);
        let forty = self.window(i, 40);
        row.z(Feature::Mean5, five.mean());
        row.z(Feature::Mean15, fifteen.mean());
        row.z(Feature::Mean40, forty.mean());
        row.z(Feature::Weighted5, five.weighted());
        row.z(Feature::Weighted15, fifteen.weighted());
        row.z(Feature::Weighted40, forty.weighted());
        row.z(Feature::Previous5, self.mean(i.saturating_sub(5), i));
        row.z(Feature::Next5, self.mean(i + 1, i + 6));
        row.z(Feature::Previous15, self.mean(i.saturating_sub(15), i));
        row.z(Feature::Next15, self.mean(i + 1, i + 16));
        row.z(Feature::MeanSoFar, self.mean(0, i));
        row.z(Feature::MeanToCome, self.mean(i + 1, n));
        row.count(Feature::Near5, five.words as u32);
        row.count(Feature::Near15, fifteen.words as u32);
        row.set(Feature::Rules5, (five.rules * 16).min(255) as u8);
        row.set(Feature::Rules15, (fifteen.rules * 8).min(255) as u8);
    }

    fn main_run(&self, i: usize, row: &mut Row<'_>) {
        let n = self.z.len();
        let all = self.sums[n];
        let (start, end) = (self.page.run.0 as usize, self.page.run.1 as usize);
        let run = self.between(start, end);
        let before = self.sums[i];
        let inside = (start..end).contains(&i);
        row.set(Feature::InRun, u8::from(inside));
        let (lines, words) = if i < start {
            (-((start - i) as i64), -(self.sums[start].words - before.words))
        } else if i >= end {
            ((i + 1 - end) as i64, self.sums[i + 1].words - self.sums[end].words)
        } else {
            (0, 0)
        };
        row.signed(Feature::RunLines, lines);
        row.signed(Feature::RunWords, words);
        row.ratio(Feature::RunAt, if inside { before.words - self.sums[start].words } else { 0 }, run.words);
        row.ratio(Feature::TextBefore, before.text, all.text);
        row.count(Feature::TextAfter, ((all.text - self.sums[i + 1].text) / ONE) as u32);
        let second = (self.page.second.0 as usize, self.page.second.1 as usize);
        row.set(Feature::SecondRun, u8::from((second.0..second.1).contains(&i)));
    }

    fn page_facts(&self, row: &mut Row<'_>) {
        let n = self.z.len() as u32;
        let all = self.sums[self.z.len()];
        let page = &self.page;
        row.count(Feature::PageWords, all.words as u32);
        row.count(Feature::PageLines, n);
        row.count(Feature::PageLongest, page.longest);
        row.count(Feature::PageProse, page.prose);
        row.ratio(Feature::PageProseShare, all.prose, all.words);
        row.fine_share(Feature::PageQuestions, page.questions, n);
        row.share(Feature::PageFigures, page.figures, n);
        row.fine_share(Feature::PagePrices, page.prices, n);
        row.fine_share(Feature::PageCode, page.code, n);
        row.share(Feature::PageGaps, page.gaps, n);
        row.z(Feature::PageMean, all.z as f32 / n as f32);
        row.z(Feature::PageSpread, page.spread);
        row.share(Feature::PageShort, page.short, n);
        row.share(Feature::PageMarks, page.marks, n);
        row.fine_share(Feature::PageHeadings, page.headings, n);
        row.share(Feature::PageRepeats, page.repeats, n);
        row.ratio(Feature::RulesPage, all.rules, i64::from(n));
        let words = |run: (u32, u32)| self.between(run.0 as usize, run.1 as usize).words;
        row.ratio(Feature::RunShare, words(page.run), all.words);
        row.count(Feature::TextTotal, (all.text / ONE) as u32);
        row.ratio(Feature::TextShare, all.text, all.words * ONE);
        row.ratio(Feature::SecondShare, words(page.second), words(page.run));
    }

    fn place(&self, i: usize, row: &mut Row<'_>) {
        let n = self.z.len();
        let local = &self.locals[i];
        let all = self.sums[n];
        let before = self.sums[i];
        row.count(Feature::Copies, local.copies);
        row.count(Feature::CopiesBefore, local.copies_before);
        row.count(Feature::SameStart, local.same_start);
        row.count(Feature::LineAt, i as u32);
        row.count(Feature::LineFromEnd, (n - 1 - i) as u32);
        row.ratio(Feature::WordsAt, before.words, all.words);
        row.share(Feature::LinesAt, i as u32, n as u32);
        let (start, end) = (local.group.0 as usize, local.group.1 as usize);
        let group = self.between(start, end);
        row.count(Feature::GroupLines, (end - start) as u32);
        row.count(Feature::GroupMeanWords, (group.words / (end - start) as i64) as u32);
        row.count(Feature::GroupAt, (i - start) as u32);
        row.z(Feature::GroupMean, group.z as f32 / (end - start) as f32);
        row.count(Feature::ProseBefore, before.prose as u32);
        row.count(Feature::ProseAfter, (all.prose - self.sums[i + 1].prose) as u32);
        row.count(Feature::ToProseBefore, local.to_prose_before);
        row.count(Feature::ToProseAfter, local.to_prose_after);
        row.count(Feature::SinceHeading, local.since_heading);
        row.z(Feature::HeadingWords, local.heading_z as f32);
    }

    fn rule_facts(&self, i: usize, row: &mut Row<'_>) {
        let n = self.z.len();
        let local = &self.locals[i];
        row.set(Feature::RuleStrength, local.strength);
        row.set(Feature::RuleCategory, local.category);
        row.set(Feature::RuleCovered, local.covered);
        row.ratio(Feature::RulesBefore, self.sums[i].rules * 4, i as i64);
        row.ratio(Feature::RulesAfter, (self.sums[n].rules - self.sums[i + 1].rules) * 4, (n - 1 - i) as i64);
        row.count(Feature::SinceSection, local.since_section);
        row.set(Feature::SectionCategory, if local.since_section < NONE { local.section } else { 0 });
        row.count(Feature::ProseSinceSection, local.prose_since_section);
    }

    fn between(&self, from: usize, to: usize) -> Sums {
        let (a, b) = (self.sums[from], self.sums[to]);
        Sums {
            z: b.z - a.z,
            words: b.words - a.words,
            z_words: b.z_words - a.z_words,
            text: b.text - a.text,
            prose: b.prose - a.prose,
            rules: b.rules - a.rules,
            copies: b.copies - a.copies,
        }
    }

    fn window(&self, i: usize, reach: usize) -> Window {
        let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(self.z.len()));
        let sums = self.between(from, to);
        Window {
            lines: (to - from) as f32,
            z: sums.z as f32,
            z_words: sums.z_words as f32,
            words: sums.words,
            rules: sums.rules,
        }
    }

    /// The mean of stage-1 scores over a range that may reach past the end; a page's surroundings count as chrome.
    fn mean(&self, from: usize, to: usize) -> f32 {
        let (from, to) = (from.min(self.z.len()), to.min(self.z.len()));
        if from >= to { -192.0 } else { (self.sums[to].z - self.sums[from].z) as f32 / (to - from) as f32 }
    }
}

struct Window {
    lines: f32,
    z: f32,
    z_words: f32,
    words: i64,
    rules: i64,
}

impl Window {
    fn mean(&self) -> f32 {
        self.z / self.lines
    }

    fn weighted(&self) -> f32 {
        self.z_words / self.words as f32
    }
}

/// Writes the features of one block.
struct Row<'a> {
    lane: usize,
    out: &'a mut Columns,
}

impl Row<'_> {
    fn set(&mut self, feature: Feature, value: u8) {
        self.out[feature as usize][self.lane] = value;
    }

    fn count(&mut self, feature: Feature, n: u32) {
        self.set(feature, log_steps(n));
    }

    fn share(&mut self, feature: Feature, part: u32, of: u32) {
        self.ratio(feature, i64::from(part), i64::from(of));
    }

    /// For shares that are mostly below a tenth.
    fn fine_share(&mut self, feature: Feature, part: u32, of: u32) {
        self.ratio(feature, i64::from(part) * 6, i64::from(of));
    }

    fn ratio(&mut self, feature: Feature, part: i64, of: i64) {
        let share = if of <= 0 { 0.0 } else { part as f32 / of as f32 };
        self.set(feature, (share * 255.0) as u8);
    }

    fn signed(&mut self, feature: Feature, n: i64) {
        let steps = log_steps(n.unsigned_abs().min(u64::from(u32::MAX)) as u32).min(127);
        self.set(feature, if n < 0 { 127 - steps } else { 127 + steps });
    }

    fn z(&mut self, feature: Feature, z: f32) {
        self.set(feature, z_steps(z));
    }
}

/// A stage-1 score as a byte.
pub(super) fn z_steps(z: f32) -> u8 {
    (z * (Z_STEPS / lexical::UNIT) + MIDDLE) as u8
}

/// A count in steps that grow with it: single steps up to 8, then eight to each doubling.
pub(super) fn log_steps(n: u32) -> u8 {
    if n < 8 {
        return n as u8;
    }
    let octave = n.ilog2();
    ((octave - 2) * 8 + (n >> (octave - 3) & 7)) as u8
}

fn class(class: CharClass) -> u8 {
    class as u8
}

fn mark(marker: Marker) -> u8 {
    match marker {
        Marker::None => 0,
        Marker::Quote => 1,
        Marker::Number => 2,
        Marker::Bullet => 3,
        Marker::Table => 4,
        Marker::Heading(rank) => 4 + rank,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_monotone() {
        let mut last = 0;
        for n in (0..5000).chain([1 << 20, u32::MAX]) {
            let steps = log_steps(n);
            assert!(steps >= last);
            last = steps;
        }
        assert_eq!((log_steps(7), log_steps(8), log_steps(16), log_steps(u32::MAX)), (7, 8, 16, 239));
    }
}
