//! Stage 2's decision function: boosted oblivious trees over features of one byte each.
//!
//! An oblivious tree asks the same question on a whole level, so its answers form the index of a leaf: blocks are worked
//! off many at a time without branches.

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
    /// Log-odds of being text, in multiples of 1/[`UNIT`].
    pub fn score(&self, columns: &[Column], out: &mut [i32; LANES]) {
        out.fill(self.bias);
        for tree in &self.trees {
            let mut leaf = [0_u8; LANES];
            for (level, (feature, threshold)) in tree.tests.iter().enumerate() {
                let column = &columns[usize::from(*feature)];
                for (leaf, value) in leaf.iter_mut().zip(column) {
                    *leaf |= u8::from(*value > *threshold) << level;
                }
            }
            for (sum, leaf) in out.iter_mut().zip(&leaf) {
                *sum += i32::from(tree.leaves[usize::from(*leaf) % LEAVES]);
            }
        }
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
        forest.score(&columns, &mut out);
        assert_eq!(out[0], 1000 + 2 * 0b10);
        assert_eq!(out[1], 1000 + 2 * 0b01_1111);
        assert_eq!(out[2], 1000);
        assert_eq!(forest.score_one(&[10, 11]), out[0]);
        assert_eq!(forest.score_one(&[255, 255]), out[1]);
    }
}
