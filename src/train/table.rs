//! What stage 2 learns from: the features and labels of blocks.

use std::ops::Range;

use super::pages::Lesson;
use crate::model::trees::{Column, LANES};
use crate::segment::Blocks;

/// How much longer blocks count for more than shorter ones: between every block alike and every word alike.
pub(super) const BY_LENGTH: f32 = 0.7;

/// The blocks of one page.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Feature after feature.
    columns: Vec<u8>,
    text: Vec<f32>,
    weight: Vec<f32>,
}

/// Blocks to learn from, a column a feature.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub columns: Vec<Vec<u8>>,
    pub text: Vec<f32>,
    pub weight: Vec<f32>,
    /// Each page's rows.
    pub pages: Vec<Range<usize>>,
}

impl Rows {
    /// What is to be learned of a page's blocks, and room for so many features.
    pub fn new(lesson: &Lesson<'_>, blocks: &Blocks, features: usize) -> Self {
        let n = blocks.blocks.len();
        let words = |i: usize| blocks.blocks[i].shape.length().max(1) as f32;
        let total: f32 = (0..n).map(words).sum();
        let mut rows = Self { columns: vec![0; n * features], ..Self::default() };
        for i in 0..n {
            let target = lesson.target(i);
            let weight = words(i).powf(BY_LENGTH) / total.sqrt() * lesson.page.weight;
            rows.text.push(target.unwrap_or(0.0));
            rows.weight.push(if target.is_some() { weight } else { 0.0 });
        }
        rows
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The features of the blocks from one on, as many as there are lanes.
    pub fn fill(&mut self, from: usize, columns: &[Column]) {
        let n = self.len();
        let lanes = LANES.min(n - from);
        for (feature, column) in columns.iter().enumerate() {
            self.columns[feature * n + from..][..lanes].copy_from_slice(&column[..lanes]);
        }
    }
}

impl Table {
    pub fn new(features: usize) -> Self {
        Self { columns: vec![Vec::new(); features], ..Self::default() }
    }

    /// Adds a page.
    pub fn add(&mut self, page: Rows) {
        let (start, n) = (self.text.len(), page.len());
        for (feature, all) in self.columns.iter_mut().enumerate() {
            all.extend(&page.columns[feature * n..(feature + 1) * n]);
        }
        self.text.extend(page.text);
        self.weight.extend(page.weight);
        self.pages.push(start..start + n);
    }
}
