//! What stage 2 needs to know of a page's elements: stage-1 scores pooled over the tree.

use std::collections::HashMap;

use crate::html::{HtmlPage, Tag};
use crate::model::context::{ONE, probability};
use crate::segment::Blocks;

/// Each block costs an element this much (in 1/1024 expected words) when the best one is looked for.
const BLOCK_COST: i64 = 307;
/// Elements with fewer blocks do not count for the least and greatest share around a line.
const MIN_BLOCKS: i64 = 3;

/// Sums over blocks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pool {
    pub blocks: i64,
    pub words: i64,
    /// Expected words of text, in 1/[`ONE`].
    pub text: i64,
    pub z: i64,
}

impl Pool {
    fn add(&mut self, words: i64, z: i32) {
        let z = i64::from(z.clamp(-512, 512));
        self.blocks += 1;
        self.words += words;
        self.text += words * probability(z);
        self.z += z;
    }

    fn plus(self, other: Pool) -> Pool {
        Pool {
            blocks: self.blocks + other.blocks,
            words: self.words + other.words,
            text: self.text + other.text,
            z: self.z + other.z,
        }
    }

    pub fn minus(self, other: Pool) -> Pool {
        Pool {
            blocks: self.blocks - other.blocks,
            words: self.words - other.words,
            text: self.text - other.text,
            z: self.z - other.z,
        }
    }

    /// Words of text less the words of chrome.
    fn gain(&self) -> i64 {
        self.text - self.words * ONE / 2 - BLOCK_COST * self.blocks
    }
}

/// An element that the page turns around, and how every other element stands to it.
#[derive(Debug, Default)]
pub(super) struct Pivot {
    pub element: usize,
    /// By element: the branch it belongs to, and the steps from there.
    places: Vec<Placed>,
}

/// How an element stands to a pivot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placed {
    /// Inside the pivot: the pivot's child around the element. Else the outermost element around it that does not hold
    /// the pivot, or the element itself if it does.
    pub branch: u32,
    pub steps: u8,
    /// The depth of the innermost element around both.
    pub depth: u16,
    pub inside: bool,
}

impl Pivot {
    fn read(&mut self, page: &HtmlPage, element: usize, depths: &[u16]) {
        self.element = element;
        self.places.clear();
        let holds = |e: usize| (e..page.elements[e].end as usize).contains(&element);
        let inside = |e: usize| (element..page.elements[element].end as usize).contains(&e);
        for (e, of) in page.elements.iter().enumerate() {
            let own = Placed { branch: e as u32, steps: 0, depth: depths[e], inside: inside(e) };
            let parent = of.parent as usize;
            self.places.push(if holds(e) || e == 0 {
                own
            } else if parent == element {
                Placed { depth: depths[element], ..own }
            } else if own.inside || !holds(parent) {
                let above = self.places[parent];
                Placed { steps: above.steps.saturating_add(1), ..above }
            } else {
                Placed { depth: depths[parent], ..own }
            });
        }
    }

    pub fn of(&self, element: usize) -> Placed {
        self.places[element]
    }

    /// -1 before the pivot, 0 inside of it, 1 after it.
    pub fn side(&self, element: usize) -> i8 {
        if self.places[element].inside {
            0
        } else if element <= self.element {
            -1
        } else {
            1
        }
    }
}

/// Elements of one kind beside each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cards {
    pub all: u32,
    pub before: u32,
    /// Which pool of like elements it belongs to.
    group: u32,
}

/// Memory for what is known of a page's elements.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    pub(super) pools: Vec<Pool>,
    pub(super) depths: Vec<u16>,
    /// Least and greatest expected share of text (in 1/[`ONE`]) of the elements around.
    pub(super) bounds: Vec<(i64, i64)>,
    pub(super) best: Pivot,
    pub(super) most: Pivot,
    pub(super) title: Pivot,
    pub(super) title_line: Option<usize>,
    pub(super) cards: Vec<Cards>,
    groups: Vec<Pool>,
    paths: HashMap<u32, Pool>,
    sums: Vec<Pool>,
}

impl Elements {
    /// Reads a page whose stage-1 scores are `z`.
    pub fn read(&mut self, page: &HtmlPage, blocks: &Blocks, z: &[i32]) {
        let n = page.elements.len();
        self.pools.clear();
        self.pools.resize(n, Pool::default());
        self.paths.clear();
        for (block, z) in blocks.blocks.iter().zip(z) {
            let Some(line) = page.lines.get(block.line as usize) else { continue };
            let words = i64::from(block.shape.length().max(1));
            self.pools[line.element as usize].add(words, *z);
            self.paths.entry(line.path).or_default().add(words, *z);
        }
        self.sums.clear();
        self.sums.push(Pool::default());
        for (e, pool) in self.pools.iter().enumerate() {
            self.sums.push(self.sums[e].plus(*pool));
        }
        for (e, element) in page.elements.iter().enumerate() {
            self.pools[e] = self.sums[element.end as usize].minus(self.sums[e]);
        }
        self.bounds(page);
        // The innermost of equals: the last.
        let best = (0..n).max_by_key(|e| self.pools[*e].gain()).unwrap_or(0);
        self.best.read(page, best, &self.depths);
        let all = self.pools[0].text;
        let most = (0..n).rfind(|e| self.pools[*e].text * 5 >= all * 4).unwrap_or(0);
        self.most.read(page, most, &self.depths);
        self.title_line = page.lines.iter().position(|l| l.tag == Tag::H1);
        self.title.read(page, self.title_line.map_or(0, |l| page.lines[l].element as usize), &self.depths);
        self.cards(page);
    }

    fn bounds(&mut self, page: &HtmlPage) {
        self.depths.clear();
        self.bounds.clear();
        for (e, element) in page.elements.iter().enumerate() {
            let pool = self.pools[e];
            let (depth, (least, most)) = if e == 0 {
                (0, (ONE, 0))
            } else {
                (self.depths[element.parent as usize].saturating_add(1), self.bounds[element.parent as usize])
            };
            self.depths.push(depth);
            let share = pool.text / pool.words.max(1);
            self.bounds.push(if pool.blocks >= MIN_BLOCKS {
                (least.min(share), most.max(share))
            } else {
                (least, most)
            });
        }
    }

    /// Counts elements of one kind under one parent.
    fn cards(&mut self, page: &HtmlPage) {
        let mut groups: HashMap<(u32, u32), u32> = HashMap::new();
        self.cards.clear();
        self.groups.clear();
        let mut counts: Vec<u32> = Vec::new();
        for (e, element) in page.elements.iter().enumerate() {
            let group = *groups.entry((element.parent, element.kind)).or_insert_with(|| {
                counts.push(0);
                self.groups.push(Pool::default());
                counts.len() as u32 - 1
            });
            self.cards.push(Cards { all: 0, before: counts[group as usize], group });
            counts[group as usize] += 1;
            let sum = &mut self.groups[group as usize];
            *sum = sum.plus(self.pools[e]);
        }
        for cards in &mut self.cards {
            cards.all = counts[cards.group as usize];
        }
    }

    /// Sums over an element and those like it beside it.
    pub(super) fn group(&self, element: usize) -> Pool {
        self.groups[self.cards[element].group as usize]
    }

    /// Sums over the lines of one path.
    pub(super) fn path(&self, path: u32) -> Pool {
        self.paths.get(&path).copied().unwrap_or_default()
    }
}
