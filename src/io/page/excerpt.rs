//! A document as the report page shows it, within a bound; and which documents are shown.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::escape::cost;
use crate::cleaned::Cleaned;
use crate::io::record::{Ending, Record, RecordPath, Removed};

/// Where the sample begins. The same documents are drawn again from the same names.
const SEED: u64 = 1;
/// Documents of each kind of outlier, and of the others.
const DRAWN: [usize; KINDS] = [20, 20, 20, 60];
/// Kinds: suspicious, emptied, doubtful, all others.
pub(super) const KINDS: usize = 4;
/// The kind of which those are shown that may have lost most, in that order.
const DOUBTFUL: usize = 2;
/// Bytes of the page for one document.
pub(super) const CAP: usize = 20_000;
/// A stretch of kept text longer than this is shown by its ends.
const KEPT: usize = 2_400;
/// Characters of its beginning and of its end.
const ENDS: [usize; 2] = [1_400, 800];
/// Characters of a removed piece.
const PIECE: usize = 1_500;
/// Pieces of evidence for a removal, and bytes of each.
const WHYS: usize = 6;
const WHY: usize = 160;
/// Bytes of a path, a reason.
const NAME: usize = 300;

/// A document as the page shows it: its text in order, shortened where it is long.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Excerpt {
    /// Which kind: suspicious, emptied, doubtful, other.
    pub(super) class: usize,
    /// Stands for the whole name, where `path` is shortened.
    pub(super) id: String,
    pub(super) path: String,
    status: String,
    reason: Option<String>,
    bytes: [u64; 2],
    /// The share of its text that is expected to be lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loss: Option<f64>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Part {
    Kept(String),
    Omitted {
        /// Characters; bytes where the text is not at hand.
        omitted: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        removals: Option<usize>,
        /// Whether it is kept text that is not at hand.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        kept: bool,
    },
    Removed {
        c: String,
        r: Option<String>,
        s: f64,
        n: usize,
        w: Vec<String>,
        t: String,
    },
}

/// Draws documents while a run goes on. Shared by all threads; which documents are drawn depends on their names and expected
/// losses alone, not on threads or order.
#[derive(Debug, Default)]
pub struct Picker {
    /// Over this, a draw is too high; `u64::MAX` until enough were drawn.
    bounds: [Bound; KINDS],
}

#[derive(Debug)]
struct Bound(AtomicU64);

impl Default for Bound {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

/// The documents drawn so far.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub picker: Arc<Picker>,
    kept: [BTreeMap<(u64, String), Excerpt>; KINDS],
    /// Documents of each kind.
    pub seen: [u64; KINDS],
}

impl Picker {
    /// Whether a document may come to be shown.
    pub fn wants(&self, record: &Record) -> bool {
        class(record).is_some_and(|class| rank(record, class) <= self.bounds[class].0.load(Ordering::Relaxed))
    }

    /// The excerpt of a document, where it may come to be shown. Without `cleaned`, kept text is not at hand.
    pub fn excerpt(&self, record: &Record, cleaned: Option<&Cleaned<'_>>) -> Option<Excerpt> {
        let class = class(record)?;
        self.wants(record).then(|| Excerpt::new(record, cleaned, class))
    }
}

impl Drawn {
    /// Takes what a record says, and its excerpt if it has one.
    pub fn add(&mut self, record: &Record, excerpt: Option<Excerpt>) {
        let Some(class) = class(record) else { return };
        self.seen[class] += 1;
        let Some(mut excerpt) = excerpt else { return };
        // One that was read from another report is of the record's kind whatever it says.
        excerpt.class = class;
        let kept = &mut self.kept[class];
        kept.insert((rank(record, class), name_of(record)), excerpt);
        if kept.len() > DRAWN[class] {
            kept.pop_last();
            if let Some(((highest, _), _)) = kept.last_key_value() {
                self.picker.bounds[class].0.store(*highest, Ordering::Relaxed);
            }
        }
    }

    /// All, the outliers first, each kind by name, the doubtful by what they may have lost.
    pub fn sorted(&self) -> Vec<&Excerpt> {
        let mut all: Vec<_> = self.kept.iter().flat_map(BTreeMap::values).collect();
        let name = |e: &Excerpt| Some(e.path.clone()).filter(|_| e.class != DOUBTFUL);
        all.sort_by_cached_key(|e| (e.class, name(e)));
        all
    }
}

/// The kind of a document that was read as text.
fn class(record: &Record) -> Option<usize> {
    match record.status {
        Ending::Suspicious => Some(0),
        Ending::Emptied => Some(1),
        Ending::Cleaned if record.is_doubtful() => Some(DOUBTFUL),
        Ending::Cleaned | Ending::Unchanged => Some(3),
        _ => None,
    }
}

fn draw(name: &str) -> u64 {
    xxh3_64_with_seed(name.as_bytes(), SEED)
}

/// Where a document stands in the line of its kind: the lowest are shown.
fn rank(record: &Record, class: usize) -> u64 {
    let chance = draw(&name_of(record));
    match record.expected_loss {
        Some(loss) if class == DOUBTFUL => (((1.0 - loss) * 1000.0) as u64) << 48 | chance >> 16,
        _ => chance,
    }
}

/// What tells a document from all others of a run.
fn name_of(record: &Record) -> String {
    let path = shown(&record.path);
    record.record.map_or(path.clone(), |n| format!("{path}#{n}"))
}

/// A path as text.
pub(crate) fn shown(path: &RecordPath) -> String {
    match path {
        RecordPath::Text(text) => text.clone(),
        RecordPath::Raw { bytes } => path.to_path().map_or(bytes.clone(), |p| p.to_string_lossy().into_owned()),
    }
}

impl Excerpt {
    /// What tells the document from all others of a run.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn new(record: &Record, cleaned: Option<&Cleaned<'_>>, class: usize) -> Self {
        let mut excerpt = Self {
            class,
            id: format!("{:016x}", draw(&name_of(record))),
            path: shortened(&name_of(record), NAME),
            status: record.status.name().to_owned(),
            reason: record.reason.as_deref().map(|r| shortened(r, NAME)),
            bytes: record.bytes.unwrap_or_default(),
            loss: record.expected_loss,
            parts: Vec::new(),
        };
        let pieces = if record.removed.is_empty() { &record.withheld } else { &record.removed };
        let mut room = Room { left: CAP - 2 * NAME, skipped: 0, removals: 0 };
        match cleaned {
            Some(cleaned) => {
                let report = cleaned.report();
                let spans = report.removals().iter().chain(report.withheld()).map(crate::Removal::view_span);
                excerpt.fill(pieces, spans, cleaned.document().text(), &mut room);
            }
            None => excerpt.fill_without_text(pieces, &mut room),
        }
        if room.skipped > 0 {
            let removals = Some(room.removals).filter(|n| *n > 0);
            excerpt.parts.push(Part::Omitted { omitted: room.skipped, removals, kept: false });
        }
        excerpt
    }

    fn fill(&mut self, pieces: &[Removed], spans: impl Iterator<Item = Range<usize>>, text: &str, room: &mut Room) {
        let mut at = 0;
        for (piece, span) in pieces.iter().zip(spans) {
            self.keep(&text[at..span.start], room);
            self.remove(piece, &text[span.clone()], room);
            at = span.end;
        }
        self.keep(&text[at..], room);
    }

    fn fill_without_text(&mut self, pieces: &[Removed], room: &mut Room) {
        let mut at = 0;
        for piece in pieces {
            if piece.byte[0] > at {
                self.parts.push(Part::Omitted { omitted: piece.byte[0] - at, removals: None, kept: true });
                room.left = room.left.saturating_sub(60);
            }
            self.remove(piece, piece.text.as_deref().unwrap_or("(no text in the report)"), room);
            at = piece.byte[1];
        }
        let end = self.bytes[0] as usize;
        if end > at {
            self.parts.push(Part::Omitted { omitted: end - at, removals: None, kept: true });
        }
    }

    fn keep(&mut self, text: &str, room: &mut Room) {
        if text.is_empty() {
            return;
        }
        let long = text.char_indices().nth(KEPT).is_some();
        let Some((front, back)) = long.then(|| ends(text)) else {
            return self.keep_short(text, room);
        };
        self.keep_short(&text[..front], room);
        let omitted = text[front..back].chars().count();
        if room.takes(60) {
            self.parts.push(Part::Omitted { omitted, removals: None, kept: false });
        } else {
            room.skipped += omitted;
        }
        self.keep_short(&text[back..], room);
    }

    fn keep_short(&mut self, text: &str, room: &mut Room) {
        if room.takes(cost(text) + 3) {
            self.parts.push(Part::Kept(text.to_owned()));
        } else {
            room.skipped += text.chars().count();
        }
    }

    fn remove(&mut self, piece: &Removed, text: &str, room: &mut Room) {
        let cut = text.char_indices().nth(PIECE).map_or(text.len(), |(at, _)| at);
        let w: Vec<String> = piece.why.iter().take(WHYS).map(|w| shortened(w, WHY)).collect();
        let rule = piece.rule.as_deref().map(|r| shortened(r, NAME));
        let spent = cost(&text[..cut])
            + w.iter().map(|w| cost(w) + 3).sum::<usize>()
            + piece.category.len()
            + rule.as_deref().map_or(4, cost)
            + 80;
        if !room.takes(spent) {
            room.skipped += text.chars().count();
            room.removals += 1;
            return;
        }
        self.parts.push(Part::Removed {
            c: shortened(&piece.category, 40),
            r: rule,
            s: piece.score,
            n: piece.line[0],
            w,
            t: text[..cut].to_owned(),
        });
        if cut < text.len() {
            let omitted = text[cut..].chars().count();
            self.parts.push(Part::Omitted { omitted, removals: None, kept: false });
            room.left = room.left.saturating_sub(60);
        }
    }
}

/// What of the page is left for a document, and what found no room.
struct Room {
    left: usize,
    /// Characters.
    skipped: usize,
    removals: usize,
}

impl Room {
    /// Takes so many bytes. Once something found no room, nothing after it does: the end is cut, not the middle.
    fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.skipped == 0 && bytes <= self.left;
        if fits {
            self.left -= bytes;
        }
        fits
    }
}

/// Where the beginning of a long text ends and its end begins; at line breaks or spaces where some are near.
fn ends(text: &str) -> (usize, usize) {
    let nth = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let front = nth(ENDS[0]);
    let back = text.char_indices().nth_back(ENDS[1]).map_or(front, |(at, _)| at).max(front);
    let front = text[..front].rfind([' ', '\n']).filter(|at| front - at < 200).map_or(front, |at| at + 1);
    let back = text[back..].find([' ', '\n']).filter(|at| *at < 200).map_or(back, |at| back + at);
    (front, back)
}

/// Text of at most about so many bytes of the page.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if cost(text) <= most {
        return text.to_owned();
    }
    let mut spent = 4;
    let fits = |c: &char| {
        spent += super::escape::cost_of(*c);
        spent <= most
    };
    let mut out: String = text.chars().take_while(fits).collect();
    out.push('…');
    out
}
