//! Stage 2's decision function: boosted oblivious trees over features of one byte each.
//!
//! An oblivious tree asks the same question on a whole level, so its answers form the index of a leaf: blocks are worked
//! off many at a time without branches. The loops are compiled for wider vectors too, as those of the convolution are.

use pulp::{Arch, NullaryFnOnce};

/// Questions of a tree.
pub(crate) const DEPTH: usize = 6;
/// Leaves of a tree.
pub(crate) const LEAVES: usize = 1 << DEPTH;
/// Blocks that are worked off together.
pub(crate) const LANES: usize = 64;
/// Leaves are whole multiples of 1/UNIT log-odds.
pub(crate) const UNIT: f32 = 4096.0;

/// One feature over [`LANES`] blocks.
pub(crate) type Column = [u8; LANES];

/// Asks whether a feature is greater than a threshold, level by level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Feature and threshold of each level; the first level is the lowest bit of the leaf's index.
    pub tests: [(u8, u8); DEPTH],
    /// What each leaf adds.
    pub leaves: Box<[i16; LEAVES]>,
}

/// A sum of trees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forest {
    /// What every block starts from.
    pub bias: i32,
    /// The trees, in the order they were grown.
    pub trees: Vec<Tree>,
}

impl Forest {
    /// Log-odds of being text of the first `lanes` blocks, in multiples of 1/[`UNIT`].
    pub fn score(&self, columns: &[Column], lanes: usize, out: &mut [i32; LANES]) {
        Arch::new().dispatch(Scoring { forest: self, columns, lanes, out });
    }
}

/// What [`Forest::score`] does, in a form that is compiled for each kind of vectors.
struct Scoring<'a> {
    forest: &'a Forest,
    columns: &'a [Column],
    lanes: usize,
    out: &'a mut [i32; LANES],
}

impl NullaryFnOnce for Scoring<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Scoring { forest, columns, lanes, out } = self;
        out.fill(forest.bias);
        // Two trees at a time, so that a sum is loaded and stored once for both.
        let (pairs, last) = forest.trees.as_chunks::<2>();
        let mut leaves = [[0; LANES]; 2];
        for [first, second] in pairs {
            find_leaves(first, columns, &mut leaves[0]);
            find_leaves(second, columns, &mut leaves[1]);
            for lane in 0..lanes.min(LANES) {
                out[lane] += first.leaf(leaves[0][lane]) + second.leaf(leaves[1][lane]);
            }
        }
        for tree in last {
            find_leaves(tree, columns, &mut leaves[0]);
            for lane in 0..lanes.min(LANES) {
                out[lane] += tree.leaf(leaves[0][lane]);
            }
        }
    }
}

/// Which leaf each block ends at. Loops rather than closures, which would not be compiled for wider vectors.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see above")]
fn find_leaves(tree: &Tree, columns: &[Column], out: &mut [u8; LANES]) {
    let tests = tree.tests.map(|(feature, threshold)| (&columns[usize::from(feature)], threshold));
    for lane in 0..LANES {
        let mut leaf = 0;
        for level in 0..DEPTH {
            leaf |= u8::from(tests[level].0[lane] > tests[level].1) << level;
        }
        out[lane] = leaf;
    }
}

impl Tree {
    #[inline(always)]
    fn leaf(&self, leaf: u8) -> i32 {
        i32::from(self.leaves[usize::from(leaf) % LEAVES])
    }
}

impl Forest {
    /// The score of a single row.
    pub fn score_one(&self, row: &[u8]) -> i32 {
        let leaf = |tree: &Tree| {
            let answers = tree.tests.iter().enumerate();
            let leaf = answers.fold(0, |leaf, (level, (feature, threshold))| {
                let value = row.get(usize::from(*feature)).copied().unwrap_or_default();
                leaf | usize::from(value > *threshold) << level
            });
            i32::from(tree.leaves[leaf % LEAVES])
        };
        self.bias + self.trees.iter().map(leaf).sum::<i32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_a_bit_of_the_leaf() {
        let mut leaves = Box::new([0_i16; LEAVES]);
        for (i, leaf) in leaves.iter_mut().enumerate() {
            *leaf = i as i16;
        }
        let tests = [(0, 10), (1, 10), (0, 20), (1, 20), (0, 254), (0, 255)];
        let forest = Forest { bias: 1000, trees: vec![Tree { tests, leaves: leaves.clone() }, Tree { tests, leaves }] };
        let mut columns = [[0_u8; LANES]; 2];
        (columns[0][0], columns[1][0]) = (10, 11);
        (columns[0][1], columns[1][1]) = (255, 255);
        let mut out = [0; LANES];
        forest.score(&columns, LANES, &mut out);
        assert_eq!(out[0], 1000 + 2 * 0b10);
        assert_eq!(out[1], 1000 + 2 * 0b01_1111);
        assert_eq!(out[2], 1000);
        assert_eq!(forest.score_one(&[10, 11]), out[0]);
        assert_eq!(forest.score_one(&[255, 255]), out[1]);
    }
}
