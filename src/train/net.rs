//! Learning the convolution: backpropagation page by page, Adam with a rate that falls to nothing.

use std::ops::Range;

use super::random::Random;
use super::table::{BY_LENGTH, Table};
use crate::model::net::{CHANNELS, DILATIONS, LAYER, Net, Vector, add_product, add_scaled, taps, vectors};

/// How the convolution is learned.
#[derive(Clone, Debug)]
pub struct NetOptions {
    /// How often each page is looked at.
    pub passes: usize,
    /// Fewer pages than this are looked at more often, until it is so many looks.
    pub least: usize,
    /// Adam's rate at the start.
    pub rate: f32,
    /// The share of a weight that a step at rate 1 takes away.
    pub decay: f32,
    /// How much the F1 of a page's words counts beside the log loss of its blocks.
    pub f1: f32,
    /// Of a page longer than this many blocks, so many are looked at.
    pub longest: usize,
}

impl Default for NetOptions {
    fn default() -> Self {
        Self { passes: 6, least: 4000, rate: 0.006, decay: 0.2, f1: 3.0, longest: 1500 }
    }
}

/// Pages between two steps.
const BATCH: usize = 8;
/// Adam's memory of gradients and of their squares.
const MOMENTUM: (f32, f32) = (0.9, 0.999);
/// Blocks to take means and spreads of features from: every so many-th.
const EVERY: usize = 7;

/// Learns from the pages that `chosen` names.
pub(super) fn learn(table: &Table, chosen: &[usize], options: &NetOptions, seed: u64) -> Net {
    let chosen: Vec<usize> =
        chosen.iter().copied().filter(|p| table.pages[*p].clone().any(|r| table.weight[r] > 0.0)).collect();
    let mut random = Random::new(seed);
    let (means, spreads) = moments(table, &chosen);
    let features = table.columns.len();
    if chosen.is_empty() {
        // Nothing is known, so nothing is said.
        return Net { vectors: zeros(features), features };
    }
    let mut net = start(features, &mut random);
    let weight: f32 = chosen.iter().flat_map(|p| table.pages[*p].clone()).map(|r| table.weight[r]).sum();
    let norm = chosen.len() as f32 / weight / BATCH as f32;
    let mut state = State::default();
    let (mut first, mut second) = (zeros(features), zeros(features));
    let mut order = Vec::new();
    let steps = (chosen.len() * options.passes).max(options.least) / BATCH;
    let mut decayed = (1.0_f32, 1.0_f32);
    for step in 0..steps {
        let mut gradient = Net { vectors: zeros(features), features };
        for _ in 0..BATCH {
            if order.is_empty() {
                order.clone_from(&chosen);
                random.shuffle(&mut order);
            }
            let Some(page) = order.pop() else { continue };
            let rows = table.pages[page].clone();
            let from = rows.start + random.below(rows.len().saturating_sub(options.longest) + 1);
            let rows = from..rows.end.min(from + options.longest);
            state.inputs.clear();
            for row in rows.clone() {
                let columns = table.columns.iter().zip(means.iter().zip(&spreads));
                state.inputs.extend(columns.map(|(column, (mean, spread))| (f32::from(column[row]) - mean) / spread));
            }
            state.forward(&net);
            let wrong = state.answers.iter().zip(rows.clone()).map(|(x, row)| {
                let p = 1.0 / (1.0 + (-x).exp());
                (p - table.text[row]) * table.weight[row] * norm
            });
            state.errors.clear();
            state.errors.extend(wrong);
            add_f1(&state.answers, table, rows, options.f1 / BATCH as f32, &mut state.errors);
            state.backward(&net, &mut gradient);
        }
        decayed = (decayed.0 * MOMENTUM.0, decayed.1 * MOMENTUM.1);
        let rate = options.rate * (1.0 - step as f32 / steps as f32);
        let all = net.vectors.iter_mut().zip(gradient.vectors).zip(first.iter_mut().zip(&mut second));
        for ((weights, gradients), (first, second)) in all {
            for i in 0..CHANNELS {
                let g = gradients[i];
                first[i] += (1.0 - MOMENTUM.0) * (g - first[i]);
                second[i] += (1.0 - MOMENTUM.1) * (g * g - second[i]);
                let change = first[i] / (1.0 - decayed.0) / ((second[i] / (1.0 - decayed.1)).sqrt() + 1e-8);
                weights[i] -= rate * (change + options.decay * weights[i]);
            }
        }
    }
    fold_moments(&mut net, &means, &spreads);
    net
}

fn zeros(features: usize) -> Vec<Vector> {
    vec![[0.0; CHANNELS]; vectors(features)]
}

/// Small random weights, smaller where more of them add up.
fn start(features: usize, random: &mut Random) -> Net {
    let mut net = Net { vectors: zeros(features), features };
    let mut fill = |vectors: &mut [Vector], inputs: usize, gain: f32| {
        let width = gain * (6.0 / inputs as f32).sqrt();
        vectors.iter_mut().flatten().for_each(|w| *w = (random.unit() * 2.0 - 1.0) * width);
    };
    fill(&mut net.vectors[..features], features, 1.0);
    for layer in 0..DILATIONS.len() {
        let at = net.layer_at(layer);
        fill(&mut net.vectors[at..][..LAYER - 1], LAYER - 1, 0.5);
    }
    let output = net.vectors.len() - 2;
    fill(&mut net.vectors[output..=output], CHANNELS, 0.3);
    net
}

/// Mean and spread of every feature.
fn moments(table: &Table, chosen: &[usize]) -> (Vec<f32>, Vec<f32>) {
    let (mut means, mut spreads) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let (mut sum, mut squares, mut n) = (0.0_f64, 0.0_f64, 0.0_f64);
        for row in chosen.iter().flat_map(|p| table.pages[*p].clone()).step_by(EVERY) {
            let x = f64::from(column[row]);
            (sum, squares, n) = (sum + x, squares + x * x, n + 1.0);
        }
        let mean = sum / n.max(1.0);
        means.push(mean as f32);
        spreads.push(((squares / n.max(1.0) - mean * mean).max(0.0).sqrt() as f32).max(1.0));
    }
    (means, spreads)
}

/// Makes the weights fit for features as they are.
fn fold_moments(net: &mut Net, means: &[f32], spreads: &[f32]) {
    let (mut bias, features) = (net.input_bias(), net.features);
    for (f, weights) in net.vectors[..features].iter_mut().enumerate() {
        for (w, bias) in weights.iter_mut().zip(&mut bias) {
            *w /= spreads[f];
            *bias -= *w * means[f];
        }
    }
    net.vectors[features] = bias;
}

/// What a pass over a page leaves behind.
#[derive(Default)]
struct State {
    /// The features of one block after the other.
    inputs: Vec<f32>,
    /// The blocks before the first layer, and after each layer.
    blocks: Vec<Vec<Vector>>,
    /// Which numbers a layer cut off: one where it did not.
    open: Vec<Vec<Vector>>,
    answers: Vec<f32>,
    /// How the loss changes with each answer.
    errors: Vec<f32>,
}

impl State {
    fn forward(&mut self, net: &Net) {
        self.blocks.resize_with(DILATIONS.len() + 1, Vec::new);
        self.open.resize_with(DILATIONS.len() + 1, Vec::new);
        let (mut blocks, mut open) = (Vec::new(), Vec::new());
        for input in self.inputs.chunks_exact(net.features) {
            let mut sum = net.input_bias();
            add_product(&mut sum, input.iter().copied(), net.input());
            open.push(sum.map(|x| f32::from(u8::from(x > 0.0))));
            blocks.push(sum.map(|x| x.max(0.0)));
        }
        self.blocks[0] = blocks;
        self.open[0] = open;
        for (layer, dilation) in DILATIONS.into_iter().enumerate() {
            let before = &self.blocks[layer];
            let (mut blocks, mut open) = (before.clone(), Vec::with_capacity(before.len()));
            for (i, block) in blocks.iter_mut().enumerate() {
                let sum = net.layer(layer, dilation, before, i);
                open.push(sum.map(|x| f32::from(u8::from(x > 0.0))));
                block.iter_mut().zip(sum).for_each(|(out, x)| *out += x.max(0.0));
            }
            self.blocks[layer + 1] = blocks;
            self.open[layer + 1] = open;
        }
        self.answers.clear();
        self.answers.extend(self.blocks[DILATIONS.len()].iter().map(|h| net.answer(h)));
    }

    /// Adds to the gradient of every weight.
    fn backward(&self, net: &Net, gradient: &mut Net) {
        let n = self.errors.len();
        let last = &self.blocks[DILATIONS.len()];
        let end = net.vectors.len();
        let output = net.vectors[end - 2];
        let mut errors: Vec<Vector> = Vec::with_capacity(n);
        for (error, block) in self.errors.iter().zip(last) {
            gradient.vectors[end - 1][0] += error;
            add_scaled(&mut gradient.vectors[end - 2], *error, block);
            errors.push(output.map(|w| w * error));
        }
        let mut turned = vec![[0.0; CHANNELS]; LAYER - 1];
        for (layer, dilation) in DILATIONS.into_iter().enumerate().rev() {
            turn(net.weights(layer), &mut turned);
            let own = &mut gradient.vectors[net.layer_at(layer)..][..LAYER];
            let mut below = errors.clone();
            for (i, error) in errors.iter().enumerate() {
                let mut error = *error;
                error.iter_mut().zip(&self.open[layer + 1][i]).for_each(|(e, open)| *e *= open);
                add_scaled(&mut own[LAYER - 1], 1.0, &error);
                for (tap, at) in taps(i, dilation, n) {
                    let weights = tap * CHANNELS..(tap + 1) * CHANNELS;
                    for (x, own) in self.blocks[layer][at].iter().zip(&mut own[weights.clone()]) {
                        add_scaled(own, *x, &error);
                    }
                    add_product(&mut below[at], error.iter().copied(), &turned[weights]);
                }
            }
            errors = below;
        }
        for ((mut error, open), input) in
            errors.into_iter().zip(&self.open[0]).zip(self.inputs.chunks_exact(net.features))
        {
            error.iter_mut().zip(open).for_each(|(e, open)| *e *= open);
            add_scaled(&mut gradient.vectors[net.features], 1.0, &error);
            for (x, own) in input.iter().zip(&mut gradient.vectors[..net.features]) {
                add_scaled(own, *x, &error);
            }
        }
    }
}

/// Adds how a page's expected F1 of words falls with each answer: what the whole page is judged by, which a sum over blocks
/// does not see.
fn add_f1(answers: &[f32], table: &Table, rows: Range<usize>, share: f32, errors: &mut [f32]) {
    let words = |row: usize| table.weight[row].powf(1.0 / BY_LENGTH);
    let p = |x: &f32| 1.0 / (1.0 + (-x).exp());
    let (mut hit, mut gold, mut sum) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (x, row) in answers.iter().zip(rows.clone()) {
        hit += words(row) * p(x) * table.text[row];
        gold += words(row) * table.text[row];
        sum += words(row) * (p(x) + table.text[row]);
    }
    if gold == 0.0 {
        return;
    }
    for ((x, row), error) in answers.iter().zip(rows).zip(errors) {
        let slope = 2.0 * words(row) * (table.text[row] * sum - hit) / (sum * sum);
        *error -= share * slope * p(x) * (1.0 - p(x));
    }
}

/// Each tap's weights with rows and columns changed.
fn turn(weights: &[Vector], turned: &mut [Vector]) {
    for (at, row) in weights.iter().take(LAYER - 1).enumerate() {
        let (tap, from) = (at / CHANNELS * CHANNELS, at % CHANNELS);
        for (to, w) in row.iter().enumerate() {
            turned[tap + to][from] = *w;
        }
    }
}
