//! What stage 2 needs to know of a page: running sums, so that any window costs two look-ups.

use super::lexical;
use crate::evidence::{Layout, Lead, look};
use crate::report::Look;
use crate::rules::{Removes, RuleSet, Strength};
use crate::scan::Scan;
use crate::segment::{Block, Blocks, CharClass, Marker};

/// What counts as a heading without a mark: a short line after a blank one that does not end a sentence.
const HEADING_WORDS: u32 = 12;
/// Each line of a run costs this much (in 1/1024 expected words), so that runs do not reach through a menu to a stray
/// sentence.
const RUN_COST: i64 = 307;
/// Words this much for chrome (nine to one) are worth naming.
const CHROME_WORDS: i32 = -140;
/// Probabilities are whole multiples of 1/1024.
pub(super) const ONE: i64 = 1024;

/// Running sums over the blocks of a page; entry `i` is the sum before block `i`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub z: i64,
    pub words: i64,
    pub z_words: i64,
    pub text: i64,
    pub prose: i64,
    pub rules: i64,
    pub copies: i64,
}

/// What is known of one block beside its shape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Local {
    pub words: u32,
    pub look: u8,
    pub is_prose: bool,
    /// Lines of its look in a row, and how many of them stand before it.
    pub run: u32,
    pub run_at: u32,
    /// First block of its group, and the one after its last.
    pub group: (u32, u32),
    pub copies: u32,
    pub copies_before: u32,
    pub same_start: u32,
    pub to_prose_before: u32,
    pub to_prose_after: u32,
    pub since_heading: u32,
    pub heading_z: i32,
    pub strength: u8,
    pub category: u8,
    pub covered: u8,
    pub since_section: u32,
    pub section: u8,
    pub prose_since_section: u32,
}

/// The page as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PageFacts {
    pub longest: u32,
    pub prose: u32,
    pub questions: u32,
    pub figures: u32,
    pub prices: u32,
    pub code: u32,
    pub gaps: u32,
    pub short: u32,
    pub marks: u32,
    pub headings: u32,
    pub repeats: u32,
    pub spread: f32,
    /// Half-open ranges of blocks: the main run of text and the next best one outside of it.
    pub run: (u32, u32),
    pub second: (u32, u32),
}

/// Memory for a page's facts; used again for the next page.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(super) z: Vec<i32>,
    pub(super) sums: Vec<Sums>,
    pub(super) locals: Vec<Local>,
    pub(super) page: PageFacts,
    lines: Counter,
    starts: Counter,
    slots: Vec<(u32, u32)>,
}

/// Far more lines than any window: "there is none".
pub(super) const NONE: u32 = 1 << 20;

impl Context {
    /// Reads a page whose stage-1 scores are in `self.z`.
    pub(super) fn read(&mut self, blocks: &Blocks, scan: &Scan, rules: &RuleSet, layout: &Layout) {
        let n = blocks.blocks.len();
        self.page = PageFacts::default();
        self.locals.clear();
        self.locals.resize(n, Local::default());
        self.shapes(blocks);
        self.rules(scan, rules, layout);
        self.copies(blocks);
        self.forwards(blocks);
        self.backwards();
        self.sum_up();
        self.page.run = self.best_run(0, n);
        let (start, end) = (self.page.run.0 as usize, self.page.run.1 as usize);
        let (before, after) = (self.best_run(0, start), self.best_run(end, n));
        let words = |r: (u32, u32)| self.sums[r.1 as usize].text - self.sums[r.0 as usize].text;
        self.page.second = if words(before) > words(after) { before } else { after };
    }

    /// The plainest of the facts that weigh most.
    pub fn lead(&self, i: usize) -> Lead {
        let copies = self.locals[i].copies;
        if copies > 1 {
            Lead::Copies(copies)
        } else if self.z[i] < CHROME_WORDS {
            Lead::Words
        } else if (i as u32) < self.page.run.0 || i as u32 >= self.page.run.1 {
            Lead::OutsideMainText
        } else {
            Lead::None
        }
    }

    fn shapes(&mut self, blocks: &Blocks) {
        let page = &mut self.page;
        for (block, local) in blocks.blocks.iter().zip(&mut self.locals) {
            let shape = &block.shape;
            local.words = shape.length().max(1);
            let look = look(block);
            local.look = look as u8;
            local.is_prose = look == Look::Paragraph && shape.sentence_ends > 0;
            page.longest = page.longest.max(local.words);
            page.prose += u32::from(local.is_prose);
            page.questions += u32::from(shape.questions > 0);
            page.figures += u32::from(look == Look::Figures);
            page.prices += u32::from(shape.money > 0 && shape.numbers > 0);
            page.code += u32::from(shape.codes > 1);
            page.gaps += u32::from(block.gap > 0);
            page.short += u32::from(local.words <= 4);
            page.marks += u32::from(block.marker != Marker::None);
            page.headings += u32::from(matches!(block.marker, Marker::Heading(_)));
        }
    }

    fn rules(&mut self, scan: &Scan, rules: &RuleSet, layout: &Layout) {
        let mut since = NONE;
        let mut section = 0;
        let mut prose = 0;
        for i in 0..self.locals.len() {
            let hit = scan.of(i).iter().map(|h| rules.rule(h.rule)).find(|r| !r.allow && layout.allows(r.place, i));
            let local = &mut self.locals[i];
            local.covered = scan.blocks[i].covered;
            if let Some(rule) = hit {
                local.strength = match rule.strength {
                    Strength::Hint => 1,
                    Strength::Likely => 2,
                    Strength::Certain => 3,
                };
                local.category = rule.category.index() as u8 + 1;
                if rule.removes == Removes::Section && rule.strength > Strength::Hint {
                    (since, section, prose) = (0, local.category, 0);
                }
            }
            local.since_section = since;
            local.section = section;
            local.prose_since_section = prose;
            since = (since + 1).min(NONE);
            prose += u32::from(local.is_prose);
        }
    }

    /// Counts equal lines, and lines that begin with the same word.
    fn copies(&mut self, blocks: &Blocks) {
        let n = blocks.blocks.len();
        self.lines.clear(n);
        self.starts.clear(n);
        self.slots.clear();
        for (block, local) in blocks.blocks.iter().zip(&mut self.locals) {
            let words = blocks.words(block);
            let line = blocks.key(block);
            let start = words.first().map_or(0, |w| w.hash);
            let (line, before) = self.lines.add(line);
            local.copies_before = before;
            self.page.repeats += u32::from(before > 0);
            self.slots.push((line, self.starts.add(start).0));
        }
        for ((line, start), local) in self.slots.iter().zip(&mut self.locals) {
            local.copies = self.lines.count(*line);
            local.same_start = self.starts.count(*start);
        }
    }

    /// Groups, runs of equal look, and what came last before each block.
    fn forwards(&mut self, blocks: &Blocks) {
        let n = blocks.blocks.len();
        let (mut group, mut run) = (0, 0);
        let mut since_prose = NONE;
        let (mut since_heading, mut heading_z) = (NONE, 0);
        for i in 0..n {
            let block = &blocks.blocks[i];
            let starts_group = i > 0 && block.gap > 0;
            if starts_group {
                self.close_group(group, i);
                group = i;
            }
            if i > 0 && self.locals[i].look != self.locals[i - 1].look {
                self.close_run(run, i);
                run = i;
            }
            let local = &mut self.locals[i];
            local.to_prose_before = since_prose;
            since_prose = if local.is_prose { 1 } else { (since_prose + 1).min(NONE) };
            if is_heading(block) {
                (since_heading, heading_z) = (0, self.z[i]);
            }
            local.since_heading = since_heading;
            local.heading_z = heading_z;
            since_heading = (since_heading + 1).min(NONE);
        }
        self.close_group(group, n);
        self.close_run(run, n);
    }

    fn close_group(&mut self, start: usize, end: usize) {
        for local in &mut self.locals[start..end] {
            local.group = (start as u32, end as u32);
        }
    }

    fn close_run(&mut self, start: usize, end: usize) {
        for (at, local) in self.locals[start..end].iter_mut().enumerate() {
            local.run = (end - start) as u32;
            local.run_at = at as u32;
        }
    }

    fn backwards(&mut self) {
        let mut to_prose = NONE;
        for local in self.locals.iter_mut().rev() {
            local.to_prose_after = to_prose;
            to_prose = if local.is_prose { 1 } else { (to_prose + 1).min(NONE) };
        }
    }

    fn sum_up(&mut self) {
        let mut sums = Sums::default();
        self.sums.clear();
        self.sums.push(sums);
        let mut squares = 0.0_f32;
        for (local, z) in self.locals.iter().zip(&self.z) {
            let words = i64::from(local.words);
            let z = i64::from((*z).clamp(-512, 512));
            sums.z += z;
            sums.words += words;
            sums.z_words += z * words;
            sums.text += words * probability(z);
            sums.prose += if local.is_prose { words } else { 0 };
            sums.rules += i64::from(local.strength >= 2);
            sums.copies += i64::from(local.copies > 1);
            squares += (z * z) as f32;
            self.sums.push(sums);
        }
        let n = self.locals.len().max(1) as f32;
        let mean = sums.z as f32 / n;
        self.page.spread = (squares / n - mean * mean).max(0.0).sqrt();
    }

    /// The stretch of blocks with the greatest sum of words × (probability of being text − ½), in one pass (Kadane).
    fn best_run(&self, from: usize, to: usize) -> (u32, u32) {
        let mut best = (0_i64, from as u32, from as u32);
        let (mut sum, mut start) = (0_i64, from);
        for i in from..to {
            let words = i64::from(self.locals[i].words);
            sum += (self.sums[i + 1].text - self.sums[i].text) - words * ONE / 2 - RUN_COST;
            if sum <= 0 {
                (sum, start) = (0, i + 1);
            } else if sum > best.0 {
                best = (sum, start as u32, i as u32 + 1);
            }
        }
        (best.1, best.2)
    }
}

fn is_heading(block: &Block) -> bool {
    let marked = matches!(block.marker, Marker::Heading(_));
    let looks = block.gap > 0 && block.shape.length() <= HEADING_WORDS && block.shape.last != CharClass::SentenceEnd;
    marked || looks && block.marker == Marker::None
}

/// The probability of being text that belongs to a stage-1 score, in multiples of 1/[`ONE`]. Integers only: the same on
/// every machine.
pub(super) fn probability(z: i64) -> i64 {
    // x / (1 + |x|), bent: flatter than the logistic function (by up to 0.12, around three), which suits scores of stage 1
    // that are surer than they should be. The weights were learned with exactly this function.
    let x = z as f32 / lexical::UNIT;
    let half = x * 0.5;
    let bent = half * (1.0 + 0.25 * half.abs().min(2.0));
    ((0.5 + 0.5 * bent / (1.0 + bent.abs())) * ONE as f32) as i64
}

/// Counts hashes: open addressing in memory that is used again.
#[derive(Debug, Default)]
struct Counter {
    keys: Vec<u64>,
    counts: Vec<u32>,
}

impl Counter {
    fn clear(&mut self, n: usize) {
        let size = (n * 2).next_power_of_two().max(16);
        self.keys.clear();
        self.keys.resize(size, 0);
        self.counts.clear();
        self.counts.resize(size, 0);
    }

    /// Adds a hash; returns its slot and how often it was there before.
    fn add(&mut self, hash: u64) -> (u32, u32) {
        let mask = self.keys.len() - 1;
        let mut at = (hash ^ hash >> 32) as usize & mask;
        while self.counts[at] > 0 && self.keys[at] != hash {
            at = (at + 1) & mask;
        }
        self.keys[at] = hash;
        self.counts[at] += 1;
        (at as u32, self.counts[at] - 1)
    }

    fn count(&self, slot: u32) -> u32 {
        self.counts[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probability_is_monotone_and_follows_the_logistic() {
        let mut last = -1;
        for z in -512..=512 {
            let p = probability(z);
            assert!(p >= last);
            last = p;
            let exact = 1.0 / (1.0 + (-z as f32 / lexical::UNIT).exp());
            assert!((p as f32 / ONE as f32 - exact).abs() < 0.12, "{z}: {p} {exact}");
        }
    }

    #[test]
    fn counter_counts() {
        let mut c = Counter::default();
        c.clear(4);
        let (slot, before) = c.add(7);
        assert_eq!(before, 0);
        assert_eq!(c.add(7 + 16).1, 0);
        assert_eq!(c.add(7), (slot, 1));
        assert_eq!(c.count(slot), 2);
    }
}
