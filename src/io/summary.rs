//! `summary.json`: a run in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{Ending, Record, RecordPath};
use super::strings::{StringCount, Strings};
use crate::document::InputKind;

/// The name and major version of the form.
const SCHEMA: &str = "dehusk.summary/1";
/// Entries of each list.
const LISTED: usize = 100;
/// From so many documents on it can be said what nearly all of them are.
const MANY: u64 = 20;
/// Of nearly all, at most one in so many is otherwise. Of five scrapers' whole pages 4 to 5 % are taken for extracted text, of
/// four extractors' 1 to 12 % for pages.
const NEARLY: u64 = 7;

/// A run in numbers. It holds no times and no machine: the same inputs and options give the same summary.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// `dehusk.summary/1`. Fields may be added within version 1; none changes its meaning.
    pub schema: &'static str,
    /// The version of dehusk that ran.
    pub dehusk: &'static str,
    /// The level that was asked for.
    pub level: &'static str,
    /// Whether all inputs were seen; false when the run was stopped.
    pub finished: bool,
    /// Inputs seen: the sum of `status`.
    pub found: u64,
    /// Inputs by how they ended; every ending is there.
    pub status: BTreeMap<&'static str, u64>,
    /// Documents of text and Markdown by what they were taken for, or told to be: `page` and `extracted`, both are there.
    pub input_kinds: BTreeMap<&'static str, u64>,
    /// Bytes of the inputs that were read, and of what was written for them.
    pub bytes: [u64; 2],
    /// Removals by category.
    pub categories: BTreeMap<String, Count>,
    /// Removals by rule; what no rule removed is not here.
    pub rules: BTreeMap<String, Count>,
    /// The lines removed most often.
    pub strings: Vec<StringCount>,
    /// Documents that were emptied, were suspicious, or of whose text a fifth may be lost (without learned weights: that lost
    /// over 80 % of their bytes).
    pub outliers_found: u64,
    /// The 100 of them that are most worth a look: those whose status says it as they came, then those that may have lost most.
    pub outliers: Vec<Outlier>,
    /// The first 100 inputs that failed.
    pub errors: Vec<Problem>,
}

/// How much was removed under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// Removed pieces.
    pub removals: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Documents with at least one.
    pub documents: u64,
    /// The document that was counted last.
    #[serde(skip)]
    last: u64,
}

/// A document worth a look.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outlier {
    /// Which.
    pub path: RecordPath,
    /// How it ended.
    pub status: Ending,
    /// The share of its bytes that was removed, 0 to 1.
    pub removed: f64,
    /// The share of its text that is expected to be lost, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_loss: Option<f64>,
}

impl Outlier {
    /// The share of its text that is expected to be lost, 0 to 1, if it is known and anything went.
    pub fn loss(&self) -> Option<f64> {
        self.expected_loss.filter(|_| self.removed > 0.0)
    }

    /// Lower ones are shown first: the status, and the text that stays of a thousand parts.
    fn order(&self) -> (bool, i64) {
        let stays = 1.0 - self.loss().unwrap_or_default();
        (self.status == Ending::Cleaned, (stays * 1000.0).round() as i64)
    }
}

/// An input that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Which.
    pub path: RecordPath,
    /// What the system said.
    pub error: String,
}

impl Summary {
    /// A summary of nothing yet. `level` is the level's name.
    pub fn new(level: &'static str) -> Self {
        Self {
            schema: SCHEMA,
            dehusk: env!("CARGO_PKG_VERSION"),
            level,
            finished: false,
            found: 0,
            status: Ending::ALL.iter().map(|e| (e.name(), 0)).collect(),
            input_kinds: [InputKind::Page, InputKind::Extracted].map(|k| (k.name(), 0)).into(),
            bytes: [0, 0],
            categories: BTreeMap::new(),
            rules: BTreeMap::new(),
            strings: Vec::new(),
            outliers_found: 0,
            outliers: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Adds what became of one input.
    pub fn add(&mut self, record: &Record) {
        self.found += record.count();
        *self.status.entry(record.status.name()).or_default() += record.count();
        // An HTML page is one: there was no question.
        if let Some(kind) = record.input_kind.as_deref().filter(|_| record.visible.is_none())
            && let Some(documents) = self.input_kinds.get_mut(kind)
        {
            *documents += 1;
        }
        let [before, after] = record.bytes.unwrap_or_default();
        self.bytes[0] += before;
        self.bytes[1] += after;
        count(&mut self.categories, record, self.found, |piece| Some(&piece.category));
        count(&mut self.rules, record, self.found, |piece| piece.rule.as_ref());
        if matches!(record.status, Ending::Emptied | Ending::Suspicious) || record.is_doubtful() {
            self.outliers_found += 1;
            let removed = (record.share_removed() * 1000.0).round() / 1000.0;
            let (path, status, expected_loss) = (record.path.clone(), record.status, record.expected_loss);
            let outlier = Outlier { path, status, removed, expected_loss };
            let at = self.outliers.partition_point(|o| o.order() <= outlier.order());
            self.outliers.insert(at, outlier);
            self.outliers.truncate(LISTED);
        }
        if let Some(error) = &record.error
            && self.errors.len() < LISTED
        {
            self.errors.push(Problem { path: record.path.clone(), error: error.clone() });
        }
    }

    /// Ends it: all inputs were seen, or not, and these lines were removed.
    pub fn finish(&mut self, finished: bool, strings: &Strings) {
        self.finished = finished;
        self.strings = strings.sorted().into_iter().take(LISTED).cloned().collect();
    }

    /// Where nearly all documents were taken for one kind: that kind, and how many were taken for the other. Files of one
    /// scraper are of one kind, so that those are likely mistaken.
    pub fn nearly_all(&self) -> Option<(InputKind, u64)> {
        let of = |kind: InputKind| self.input_kinds.get(kind.name()).copied().unwrap_or(0);
        let (pages, extracted) = (of(InputKind::Page), of(InputKind::Extracted));
        let kind = if pages > extracted { InputKind::Page } else { InputKind::Extracted };
        let (all, others) = (pages + extracted, pages.min(extracted));
        (all >= MANY && others > 0 && others <= all / NEARLY).then_some((kind, others))
    }

    /// How many inputs ended so.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.status.get(ending.name()).copied().unwrap_or(0)
    }

    /// The file, indented.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: nothing here can fail to serialise.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// Adds a record's pieces under their names. `document` is its number, from 1.
fn count<'r>(
    counts: &mut BTreeMap<String, Count>,
    record: &'r Record,
    document: u64,
    name: impl Fn(&'r super::Removed) -> Option<&'r String>,
) {
    for piece in &record.removed {
        let Some(name) = name(piece) else { continue };
        if !counts.contains_key(name) {
            counts.insert(name.clone(), Count::default());
        }
        let Some(count) = counts.get_mut(name) else { continue };
        count.removals += 1;
        count.bytes += piece.byte[1].saturating_sub(piece.byte[0]) as u64;
        count.documents += u64::from(count.last != document);
        count.last = document;
    }
}
