//! The stages one by one, for the benches. No part of the public API.

use crate::cleaner::Cleaner;
use crate::document::Document;
use crate::rules::literal;
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};

/// A cleaner with the memory that its stages share.
#[derive(Debug)]
pub struct Stages {
    cleaner: Cleaner,
    blocks: Blocks,
    scan: Scan,
}

impl Stages {
    /// The stages of a cleaner.
    pub fn new(cleaner: Cleaner) -> Self {
        Self { cleaner, blocks: Blocks::default(), scan: Scan::default() }
    }

    /// Cuts a document into blocks; returns how many.
    pub fn segment(&mut self, document: &Document<'_>) -> usize {
        segment::segment(document, &mut self.blocks);
        self.blocks.blocks.len()
    }

    /// Finds the hits in the blocks of the document that was segmented last; returns how many.
    pub fn scan(&mut self, document: &Document<'_>) -> usize {
        scan::scan(document.text(), &self.blocks, self.cleaner.rules(), document.site(), &mut self.scan);
        self.scan.hits.len()
    }

    /// Segments, scans, weighs and decides; returns how many blocks go.
    pub fn decide(&self, document: &Document<'_>) -> usize {
        self.cleaner.inspect(document, |_, decision| decision.verdicts.iter().filter(|v| v.is_drop()).count())
    }

    /// The literals of the packs: every phrase, and for every pattern those that it needs.
    pub fn literals(&self) -> Vec<String> {
        let rules = self.cleaner.packs().flat_map(|p| p.rules());
        let mut out: Vec<String> = rules
            .flat_map(|r| {
                let entry = r.entry();
                let needed = entry.patterns.iter().flat_map(|p| literal::required(p).unwrap_or_default());
                entry.phrases.iter().map(|p| p.to_lowercase()).chain(needed).collect::<Vec<_>>()
            })
            .filter(|l| !l.is_empty())
            .collect();
        out.sort();
        out.dedup();
        out
    }
}
