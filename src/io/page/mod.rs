//! `index.html`: a run to look at, in one file.
//!
//! What was scraped is data in it, never markup: JSON in a data block, with every character escaped that could end the
//! block, and put on the page as text nodes by the one script that the policy allows by its hash.

mod escape;
mod excerpt;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use excerpt::shown;
pub use excerpt::{Excerpt, Picker};

use super::record::{Record, Removed};
use super::strings::Strings;
use super::summary::Summary;
use crate::rules::Category;
use escape::{Escaping, cost};
use excerpt::{CAP, Drawn, shortened};

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
// STYLE_HASH and SCRIPT_HASH, as a policy names them.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Distinct lines on the page, and the bytes they may take. With 120 documents and all rules it stays under 5 MB.
const LINES: usize = 5_000;
const LINES_BYTES: usize = 1_300_000;
/// Rules on the page, and the bytes they may take.
const RULES: usize = 2_000;
const RULES_BYTES: usize = 400_000;
/// Bytes of a path beside a line; of an error.
const PATH: usize = 200;
const ERROR: usize = 400;
/// A line of so many words that ends like a sentence reads like prose; of so many bytes, where words are not spaced.
const PROSE_WORDS: usize = 20;
const PROSE_BYTES: usize = 240;

/// What the page shows beside totals and lines: rules at work, and documents. Its memory is bounded.
#[derive(Debug, Default)]
pub struct Review {
    drawn: Drawn,
    rules: BTreeMap<(String, Option<String>), Work>,
}

/// What a pack says of a rule.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Why what it matches is chrome.
    pub why: String,
    /// How sure it is, in a word.
    pub strength: &'static str,
}

/// What one rule took.
#[derive(Clone, Debug, Default)]
struct Work {
    removals: u64,
    documents: u64,
    /// In thousandths.
    score: u64,
    lowest: u64,
    prose: u64,
    longest: u64,
    /// The document that was counted last.
    last: u64,
}

#[derive(Serialize)]
struct Data<'a> {
    dehusk: &'a str,
    level: &'a str,
    finished: bool,
    found: u64,
    status: &'a BTreeMap<&'static str, u64>,
    bytes: [u64; 2],
    what: BTreeMap<&'a str, &'a str>,
    categories: Vec<CategoryRow<'a>>,
    rules: Vec<RuleRow>,
    rules_found: usize,
    lines: Vec<LineRow<'a>>,
    distinct: usize,
    forgotten: u64,
    outliers: [u64; 3],
    sampled_from: u64,
    cap: usize,
    errors: Vec<ErrorRow>,
    documents: Vec<&'a Excerpt>,
}

/// Count, category, rule, text, path and line: a tuple keeps five thousand of them small.
type LineRow<'a> = (u64, &'a str, Option<&'a str>, &'a str, String, usize);

#[derive(Serialize)]
struct CategoryRow<'a> {
    id: &'a str,
    what: &'a str,
    removals: u64,
    documents: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct RuleRow {
    category: String,
    rule: Option<String>,
    removals: u64,
    documents: u64,
    mean: f64,
    lowest: f64,
    prose: u64,
    longest: u64,
    distinct: u64,
    why: String,
    strength: &'static str,
}

#[derive(Serialize)]
struct ErrorRow {
    path: String,
    error: String,
}

impl Review {
    /// What draws documents; threads share it.
    pub fn picker(&self) -> Arc<Picker> {
        Arc::clone(&self.drawn.picker)
    }

    /// Adds what became of an input, and its excerpt if [`Picker::excerpt`] made one.
    pub fn add(&mut self, record: &Record, excerpt: Option<Excerpt>) {
        self.drawn.add(record, excerpt);
        let document = self.drawn.seen.iter().sum();
        for piece in &record.removed {
            let key = (piece.category.clone(), piece.rule.clone());
            self.rules.entry(key).or_default().add(piece, document);
        }
    }

    /// Writes the page. `about` says what packs say of a rule.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write_html(
        &self,
        out: &mut dyn Write,
        summary: &Summary,
        strings: &Strings,
        about: &dyn Fn(&str) -> Option<About>,
    ) -> io::Result<()> {
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        );
        let mut rest = HTML;
        for (mark, text) in
            [("{{csp}}", policy.as_str()), ("{{style}}", STYLE), ("{{data}}", ""), ("{{script}}", SCRIPT)]
        {
            let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
            out.write_all(before.as_bytes())?;
            out.write_all(text.as_bytes())?;
            if mark == "{{data}}" {
                serde_json::to_writer(Escaping(&mut *out), &self.data(summary, strings, about))?;
            }
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }

    fn data<'a>(
        &'a self,
        summary: &'a Summary,
        strings: &'a Strings,
        about: &dyn Fn(&str) -> Option<About>,
    ) -> Data<'a> {
        let what = |id: &str| id.parse::<Category>().map_or("", Category::what);
        let row = |(id, n): (&'a String, &super::Count)| CategoryRow {
            id,
            what: what(id),
            removals: n.removals,
            documents: n.documents,
            bytes: n.bytes,
        };
        let mut categories: Vec<_> = summary.categories.iter().map(row).collect();
        categories.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.id.cmp(b.id)));
        let sorted = strings.sorted();
        let mut distinct: BTreeMap<(&str, Option<&str>), u64> = BTreeMap::new();
        for line in &sorted {
            *distinct.entry((&line.category, line.rule.as_deref())).or_default() += 1;
        }
        let mut left = LINES_BYTES;
        let lines = sorted.iter().take(LINES).map(|l| {
            let path = shortened(&shown(&l.path), PATH);
            (l.count, l.category.as_str(), l.rule.as_deref(), l.text.as_str(), path, l.line)
        });
        let lines = lines.take_while(|(_, category, rule, text, path, _)| {
            fits(&mut left, cost(text) + cost(path) + cost(category) + rule.map_or(4, cost) + 50)
        });
        let seen = self.drawn.seen;
        Data {
            dehusk: summary.dehusk,
            level: summary.level,
            finished: summary.finished,
            found: summary.found,
            status: &summary.status,
            bytes: summary.bytes,
            what: Category::ALL.iter().map(|c| (c.id(), c.what())).collect(),
            categories,
            rules: self.rule_rows(&distinct, about),
            rules_found: self.rules.len(),
            lines: lines.collect(),
            distinct: sorted.len(),
            forgotten: strings.forgotten(),
            outliers: [seen[0], seen[1], seen[2]],
            sampled_from: seen[3],
            cap: CAP,
            errors: summary
                .errors
                .iter()
                .map(|e| ErrorRow { path: shortened(&shown(&e.path), PATH), error: shortened(&e.error, ERROR) })
                .collect(),
            documents: self.drawn.sorted(),
        }
    }

    /// The busiest rules first.
    fn rule_rows(
        &self,
        distinct: &BTreeMap<(&str, Option<&str>), u64>,
        about: &dyn Fn(&str) -> Option<About>,
    ) -> Vec<RuleRow> {
        let mut busiest: Vec<_> = self.rules.iter().collect();
        busiest.sort_by(|a, b| b.1.removals.cmp(&a.1.removals).then(a.0.cmp(b.0)));
        let mut left = RULES_BYTES;
        let rows = busiest.into_iter().take(RULES).map(|((category, rule), work)| {
            let About { why, strength } = rule.as_deref().and_then(about).unwrap_or_default();
            RuleRow {
                category: category.clone(),
                rule: rule.as_deref().map(|r| shortened(r, PATH)),
                removals: work.removals,
                documents: work.documents,
                mean: work.score as f64 / work.removals.max(1) as f64 / 1000.0,
                lowest: work.lowest as f64 / 1000.0,
                prose: work.prose,
                longest: work.longest,
                distinct: distinct.get(&(category.as_str(), rule.as_deref())).copied().unwrap_or(0),
                why: shortened(&why, ERROR),
                strength,
            }
        });
        let size = |r: &RuleRow| cost(&r.category) + r.rule.as_deref().map_or(4, cost) + cost(&r.why) + 220;
        rows.take_while(|row| fits(&mut left, size(row))).collect()
    }
}

/// Takes room, if there is enough.
fn fits(left: &mut usize, bytes: usize) -> bool {
    let room = left.checked_sub(bytes);
    *left = room.unwrap_or(0);
    room.is_some()
}

impl Work {
    fn add(&mut self, piece: &Removed, document: u64) {
        let score = (piece.score.clamp(0.0, 1.0) * 1000.0).round() as u64;
        let text = piece.text.as_deref().unwrap_or_default();
        self.lowest = if self.removals == 0 { score } else { self.lowest.min(score) };
        self.removals += 1;
        self.documents += u64::from(self.last != document);
        self.last = document;
        self.score += score;
        self.prose += u64::from(text.lines().any(reads_like_prose));
        self.longest = self.longest.max(text.split_whitespace().count() as u64);
    }
}

/// Whether a line has the length and the end of a sentence.
fn reads_like_prose(line: &str) -> bool {
    let line = line.trim().trim_end_matches(['"', '”', '’', '»', ')', '」']);
    line.ends_with(['.', '!', '?', '。', '！', '？', '।', '؟', '…'])
        && (line.split_whitespace().nth(PROSE_WORDS - 1).is_some()
            || (line.len() >= PROSE_BYTES && line.split_whitespace().nth(3).is_none()))
}

/// The documents that a page shows, by [`Excerpt::id`], to be shown again where reports are merged.
///
/// # Errors
///
/// When it is no report page, or one of another version.
pub fn excerpts_of(page: &str) -> Result<BTreeMap<String, Excerpt>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Page {
        documents: Vec<Excerpt>,
    }
    let data = page.split_once("<script type=\"application/json\" id=\"data\">").map_or("", |(_, after)| after);
    let Page { documents } = serde_json::from_str(data.split("</script>").next().unwrap_or_default())?;
    Ok(documents.into_iter().map(|e| (e.id.clone(), e)).collect())
}
