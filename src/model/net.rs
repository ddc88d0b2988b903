//! A small dilated convolution over the blocks of a page: what a block's surroundings, up to 63 blocks away, change.
//!
//! It asks for the features that the trees ask for. Trees judge a block by sums over its surroundings; the convolution
//! sees their order. A mean of both is better than either.
//!
//! Its loops are compiled for wider vectors too, and those are used where the machine has them ([`pulp`]); sums are added
//! up in the same order everywhere, so that the answer is the same.

use pulp::{Arch, NullaryFnOnce};

use super::trees::{Column, LANES};

/// Numbers that stand for a block between two layers.
pub(crate) const CHANNELS: usize = 16;
/// How far apart the three blocks are that a layer looks at.
pub(crate) const DILATIONS: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// How many blocks away the last layer still sees.
#[cfg(test)]
const REACH: usize = 63;
/// Blocks that a layer looks at: before, itself, after.
pub(crate) const TAPS: usize = 3;
/// Vectors of a layer's weights: one for each tap and channel, and the bias.
pub(crate) const LAYER: usize = TAPS * CHANNELS + 1;
/// Vectors of all weights, for so many features: of each feature and their bias, of the layers, of the answer and its bias.
pub(crate) const fn vectors(features: usize) -> usize {
    features + 1 + DILATIONS.len() * LAYER + 2
}

/// Blocks that are worked off side by side: one sum alone would wait for itself at every step.
const ABREAST: usize = 4;

/// A number for each channel.
pub(crate) type Vector = [f32; CHANNELS];

/// The weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Net {
    /// All of them ([`vectors`]), in the order of their use.
    pub vectors: Vec<Vector>,
    /// How many features it asks for.
    pub features: usize,
}

/// Memory that is used again for the next page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// Features of the blocks that are read side by side.
    inputs: Vec<[f32; ABREAST]>,
    before: Vec<Vector>,
    after: Vec<Vector>,
}

impl Layers {
    /// Begins a page.
    pub fn clear(&mut self) {
        self.before.clear();
    }
}

impl Net {
    /// Reads the features of the next blocks of a page, as many as there are lanes in use.
    pub fn read(&self, columns: &[Column], lanes: usize, layers: &mut Layers) {
        Arch::new().dispatch(Reading { net: self, columns, lanes, layers });
    }

    /// Log-odds of being text of every block of the page that was read last.
    pub fn score<'a>(&'a self, layers: &'a mut Layers) -> impl Iterator<Item = f32> + 'a {
        Arch::new().dispatch(Scoring { net: self, layers });
        layers.before.iter().map(|block| self.answer(block))
    }

    /// What [`layer`](Self::layer) gives for the blocks from `i` on, all of whose taps are on the page.
    #[inline(always)]
    fn layer_abreast(&self, layer: usize, dilation: usize, blocks: &[Vector], i: usize, sums: &mut [Vector; ABREAST]) {
        let weights = self.weights(layer);
        let mut own = [weights[LAYER - 1]; ABREAST];
        for tap in 0..TAPS {
            let inputs = &blocks[i + tap * dilation - dilation..][..ABREAST];
            for (channel, row) in weights[tap * CHANNELS..][..CHANNELS].iter().enumerate() {
                add_row(&mut own, &std::array::from_fn(|k| inputs[k][channel]), row);
            }
        }
        *sums = own;
    }

    /// The weights of the features.
    #[inline(always)]
    pub fn input(&self) -> &[Vector] {
        &self.vectors[..self.features]
    }

    #[inline(always)]
    pub fn input_bias(&self) -> Vector {
        self.vectors[self.features]
    }

    /// The weights of a layer, tap after tap, and its bias at the end.
    #[inline(always)]
    pub fn weights(&self, layer: usize) -> &[Vector] {
        &self.vectors[self.layer_at(layer)..][..LAYER]
    }

    /// Where a layer's weights begin.
    #[inline(always)]
    pub fn layer_at(&self, layer: usize) -> usize {
        self.features + 1 + layer * LAYER
    }

    /// What a layer makes of block `i`, before what is negative is cut off.
    #[inline(always)]
    pub fn layer(&self, layer: usize, dilation: usize, blocks: &[Vector], i: usize) -> Vector {
        let weights = self.weights(layer);
        let mut sum = weights[LAYER - 1];
        for (tap, at) in taps(i, dilation, blocks.len()) {
            add_product(&mut sum, blocks[at].iter().copied(), &weights[tap * CHANNELS..][..CHANNELS]);
        }
        sum
    }

    /// The log-odds that the last layer's numbers give.
    pub fn answer(&self, block: &Vector) -> f32 {
        let [.., weights, bias] = self.vectors.as_slice() else { return 0.0 };
        block.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>() + bias[0]
    }
}

/// What [`Net::read`] does, in a form that is compiled for each kind of vectors.
struct Reading<'a> {
    net: &'a Net,
    columns: &'a [Column],
    lanes: usize,
    layers: &'a mut Layers,
}

impl NullaryFnOnce for Reading<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Reading { net, columns, lanes, layers } = self;
        for from in (0..lanes).step_by(ABREAST) {
            let mut sums = [net.input_bias(); ABREAST];
            // All numbers first, then all sums: in one loop the sums would not stay in registers.
            layers.inputs.clear();
            for column in columns {
                layers.inputs.push(std::array::from_fn(|k| f32::from(column[(from + k) % LANES])));
            }
            for (input, weights) in layers.inputs.iter().zip(net.input()) {
                add_row(&mut sums, input, weights);
            }
            let used = ABREAST.min(lanes - from);
            layers.before.extend(sums[..used].iter().map(|sum| sum.map(|x| x.max(0.0))));
        }
    }
}

/// What [`Net::score`] does, in a form that is compiled for each kind of vectors.
struct Scoring<'a> {
    net: &'a Net,
    layers: &'a mut Layers,
}

impl NullaryFnOnce for Scoring<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Layers { before, after, .. } = self.layers;
        let n = before.len();
        for (layer, dilation) in DILATIONS.into_iter().enumerate() {
            after.clear();
            let mut i = 0;
            while i < n {
                let whole = i >= dilation && i + ABREAST + dilation <= n;
                let mut sums = [[0.0; CHANNELS]; ABREAST];
                let used = if whole { ABREAST } else { 1 };
                if whole {
                    self.net.layer_abreast(layer, dilation, before, i, &mut sums);
                } else {
                    sums[0] = self.net.layer(layer, dilation, before, i);
                }
                for (at, sum) in (i..).zip(&sums[..used]) {
                    let mut out = before[at];
                    out.iter_mut().zip(sum).for_each(|(out, x)| *out += x.max(0.0));
                    after.push(out);
                }
                i += used;
            }
            std::mem::swap(before, after);
        }
    }
}

/// The taps of block `i` that are on the page, and which blocks they are.
#[inline(always)]
pub(crate) fn taps(i: usize, dilation: usize, n: usize) -> impl Iterator<Item = (usize, usize)> {
    let at = [i.checked_sub(dilation), Some(i), i.checked_add(dilation).filter(|at| *at < n)];
    at.into_iter().enumerate().filter_map(|(tap, at)| Some((tap, at?)))
}

/// Adds each row of weights as often as its input says. Rows are added in order, so the sum is the same on every machine.
#[inline(always)]
pub(crate) fn add_product(sum: &mut Vector, input: impl Iterator<Item = f32>, weights: &[Vector]) {
    for (x, row) in input.zip(weights) {
        add_scaled(sum, x, row);
    }
}

/// Adds a row of weights to sums side by side, as often as their inputs say.
#[inline(always)]
fn add_row(sums: &mut [Vector; ABREAST], inputs: &[f32; ABREAST], row: &Vector) {
    for (sum, x) in sums.iter_mut().zip(inputs) {
        add_scaled(sum, *x, row);
    }
}

/// Adds a row of weights as often as its input says. Counts instead of iterating: so it becomes vector instructions.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "see above")]
pub(crate) fn add_scaled(sum: &mut Vector, x: f32, row: &Vector) {
    for c in 0..CHANNELS {
        sum[c] += x * row[c];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features of the nets here.
    const COUNT: usize = 90;
    const VECTORS: usize = vectors(COUNT);

    fn net_of(vectors: Vec<Vector>) -> Net {
        Net { vectors, features: COUNT }
    }

    fn answers(net: &Net, rows: &[[u8; COUNT]]) -> Vec<f32> {
        let mut layers = Layers::default();
        for rows in rows.chunks(LANES) {
            let mut columns = [[0; LANES]; COUNT];
            for (lane, row) in rows.iter().enumerate() {
                row.iter().zip(&mut columns).for_each(|(x, column)| column[lane] = *x);
            }
            net.read(&columns, rows.len(), &mut layers);
        }
        net.score(&mut layers).collect()
    }

    #[test]
    fn a_block_is_seen_as_far_as_it_reaches() {
        let mut net = net_of(vec![[0.01; CHANNELS]; VECTORS]);
        net.vectors[COUNT] = [0.0; CHANNELS];
        let mut rows = vec![[0_u8; COUNT]; 3 * REACH];
        let none = answers(&net, &rows);
        rows[REACH + 10][5] = 200;
        let one = answers(&net, &rows);
        let changed: Vec<usize> = (0..rows.len()).filter(|i| none[*i] != one[*i]).collect();
        assert_eq!((changed[0], changed[changed.len() - 1]), (10, 2 * REACH + 10));
    }

    #[test]
    fn side_by_side_is_as_one_by_one() {
        let number = |i: usize| (i * 2_654_435_761 % 1000) as f32 / 1000.0 - 0.5;
        let vectors = (0..VECTORS).map(|v| std::array::from_fn(|c| number(v * CHANNELS + c))).collect();
        let net = net_of(vectors);
        for n in [1, 3, 64, 70, 131] {
            let rows: Vec<[u8; COUNT]> =
                (0..n).map(|i| std::array::from_fn(|f| (number(i * COUNT + f) * 9.0 + 9.0) as u8)).collect();
            let mut blocks: Vec<Vector> = rows
                .iter()
                .map(|row| {
                    let mut sum = net.input_bias();
                    add_product(&mut sum, row.iter().map(|x| f32::from(*x)), net.input());
                    sum.map(|x| x.max(0.0))
                })
                .collect();
            for (layer, dilation) in DILATIONS.into_iter().enumerate() {
                let next = (0..n).map(|i| {
                    let sum = net.layer(layer, dilation, &blocks, i);
                    std::array::from_fn(|c| blocks[i][c] + sum[c].max(0.0))
                });
                blocks = next.collect();
            }
            let one_by_one: Vec<f32> = blocks.iter().map(|b| net.answer(b)).collect();
            assert_eq!(answers(&net, &rows), one_by_one, "{n} blocks");
        }
    }

    #[test]
    fn no_block_is_no_answer() {
        assert!(answers(&net_of(vec![[0.5; CHANNELS]; VECTORS]), &[]).is_empty());
    }
}
