//! Learning stage 2: gradient boosting of oblivious trees on histograms.

use super::random::Random;
use super::table::Table;
use crate::model::trees::{DEPTH, Forest, LEAVES, Tree, UNIT};

/// Values of a feature.
const BINS: usize = 256;

/// How trees are grown.
#[derive(Clone, Debug)]
pub struct BoostOptions {
    /// Trees.
    pub trees: usize,
    /// The share of a tree's answer that is added.
    pub rate: f32,
    /// About how many blocks each tree looks at: those that are wrong or doubtful come first.
    pub rows: usize,
    /// The share of features each tree may ask for, in percent.
    pub features: u64,
    /// Regularisation of a leaf's answer: blocks of curvature one that say zero.
    pub lambda: f32,
    /// Leaves lighter than this do not vote on a split.
    pub min_leaf: f32,
}

impl Default for BoostOptions {
    fn default() -> Self {
        Self { trees: 320, rate: 0.15, rows: 150_000, features: 20, lambda: 20.0, min_leaf: 8.0 }
    }
}

/// Gradient and curvature.
type Pair = [f32; 2];

/// The rows a tree looks at, copied together.
#[derive(Default)]
struct Sample {
    rows: Vec<u32>,
    pairs: Vec<Pair>,
    leaf: Vec<u8>,
    columns: Vec<Vec<u8>>,
}

/// Grows a forest on the pages that `chosen` names.
pub(super) fn grow(table: &Table, chosen: &[usize], options: &BoostOptions, seed: u64) -> Forest {
    let rows = table.text.len();
    let (mut total, mut text, mut count) = (0.0_f64, 0.0_f64, 0_usize);
    for row in chosen.iter().flat_map(|p| table.pages[*p].clone()) {
        total += f64::from(table.weight[row]);
        text += f64::from(table.weight[row] * table.text[row]);
        count += 1;
    }
    if total == 0.0 {
        return Forest::default();
    }
    let norm = (count as f64 / total) as f32;
    let prior = (text / total).clamp(0.001, 0.999);
    let bias = ((prior / (1.0 - prior)).ln() * f64::from(UNIT)) as i32;
    let mut forest = Forest { bias, trees: Vec::new() };
    let mut raw = vec![bias as f32 / UNIT; rows];
    let mut leaf = vec![0_u8; rows];
    let mut random = Random::new(seed);
    let mut sample = Sample { columns: vec![Vec::new(); table.columns.len()], ..Sample::default() };
    // How much a row must matter to be taken for sure; corrected from tree to tree.
    let mut sure = 0.5_f32;
    for _ in 0..options.trees {
        let features: Vec<usize> =
            (0..table.columns.len()).filter(|_| random.next() % 100 < options.features).collect();
        sample.rows.clear();
        sample.pairs.clear();
        for row in chosen.iter().flat_map(|p| table.pages[*p].clone()) {
            let weight = table.weight[row] * norm;
            let p = 1.0 / (1.0 + (-raw[row]).exp());
            let (gradient, curvature) = (weight * (p - table.text[row]), weight * (p * (1.0 - p)).max(1e-6));
            // Rows that matter less are taken less often and count more: unbiased, and of the least variance.
            let chance = ((gradient * gradient + 0.1 * curvature * curvature).sqrt() / sure).min(1.0);
            if random.unit() < chance {
                sample.rows.push(row as u32);
                sample.pairs.push([gradient / chance, curvature / chance]);
            }
        }
        sure *= (sample.rows.len() as f32 / options.rows as f32).clamp(0.3, 3.0);
        let tree = grow_tree(table, &mut sample, &features, options);
        for page in chosen {
            let rows = table.pages[*page].clone();
            leaf[rows.clone()].fill(0);
            for (level, (feature, threshold)) in tree.tests.iter().enumerate() {
                let column = &table.columns[usize::from(*feature)][rows.clone()];
                for (leaf, value) in leaf[rows.clone()].iter_mut().zip(column) {
                    *leaf |= u8::from(value > threshold) << level;
                }
            }
            for row in rows {
                raw[row] += f32::from(tree.leaves[usize::from(leaf[row])]) / UNIT;
            }
        }
        forest.trees.push(tree);
    }
    forest
}

fn grow_tree(table: &Table, sample: &mut Sample, features: &[usize], options: &BoostOptions) -> Tree {
    let Sample { rows, pairs, leaf, columns } = sample;
    leaf.clear();
    leaf.resize(rows.len(), 0);
    for &feature in features {
        columns[feature].clear();
        let all = &table.columns[feature];
        columns[feature].extend(rows.iter().map(|row| all[*row as usize]));
    }
    let mut tests = [(0_u8, u8::MAX); DEPTH];
    let mut histogram = vec![[0.0_f32; 2]; LEAVES / 2 * BINS];
    for (level, test) in tests.iter_mut().enumerate() {
        let leaves = 1 << level;
        let mut best: Option<(f32, usize, u8)> = None;
        for &feature in features {
            let histogram = &mut histogram[..leaves * BINS];
            histogram.fill([0.0; 2]);
            for ((value, leaf), pair) in columns[feature].iter().zip(leaf.iter()).zip(pairs.iter()) {
                let cell = &mut histogram[usize::from(*leaf) * BINS + usize::from(*value)];
                cell[0] += pair[0];
                cell[1] += pair[1];
            }
            if let Some((gain, threshold)) = best_threshold(histogram, leaves, options)
                && best.is_none_or(|(other, ..)| gain > other)
            {
                best = Some((gain, feature, threshold));
            }
        }
        let Some((_, feature, threshold)) = best else { continue };
        *test = (feature as u8, threshold);
        for (leaf, value) in leaf.iter_mut().zip(&columns[feature]) {
            *leaf |= u8::from(*value > threshold) << level;
        }
    }
    let mut sums = [[0.0_f64; 2]; LEAVES];
    for (leaf, pair) in leaf.iter().zip(pairs.iter()) {
        let sum = &mut sums[usize::from(*leaf)];
        sum[0] += f64::from(pair[0]);
        sum[1] += f64::from(pair[1]);
    }
    let mut leaves = Box::new([0_i16; LEAVES]);
    for (leaf, [gradient, curvature]) in leaves.iter_mut().zip(sums) {
        let answer = -gradient / (curvature + f64::from(options.lambda)) * f64::from(options.rate * UNIT);
        *leaf = answer.round().clamp(-32767.0, 32767.0) as i16;
    }
    Tree { tests, leaves }
}

/// The threshold that helps most over all leaves, and how much it helps.
fn best_threshold(histogram: &[Pair], leaves: usize, options: &BoostOptions) -> Option<(f32, u8)> {
    let worth = |[gradient, curvature]: Pair| gradient * gradient / (curvature + options.lambda);
    let mut gains = [0.0_f32; BINS];
    for leaf in histogram.chunks_exact(BINS).take(leaves) {
        let all = leaf.iter().fold([0.0; 2], |a: Pair, b| [a[0] + b[0], a[1] + b[1]]);
        if all[1] < options.min_leaf {
            continue;
        }
        let whole = worth(all);
        let mut left = [0.0; 2];
        for (gain, cell) in gains.iter_mut().zip(leaf) {
            left = [left[0] + cell[0], left[1] + cell[1]];
            let right = [all[0] - left[0], all[1] - left[1]];
            if left[1] >= options.min_leaf && right[1] >= options.min_leaf {
                *gain += worth(left) + worth(right) - whole;
            }
        }
    }
    let (at, gain) = gains.iter().enumerate().take(BINS - 1).max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
    (*gain > 0.0).then_some((*gain, at as u8))
}
