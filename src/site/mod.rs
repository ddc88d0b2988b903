//! What a site's pages have in common: its template.
//!
//! A page is outlined as one hash a line ([`outline`]); a model keeps outlines by site, all of them up to a bound and a fair
//! sample beyond it ([`SiteModel`]); frozen, it tells on how many pages of the site a line stands ([`Templates`]). What is
//! made of that is the matter of the evidence.

mod bytes;
mod cut;
mod freeze;
mod outline;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cut::Stretch;
pub(crate) use freeze::{MIN_PAGES, Repeated, Templates};
pub use outline::Observation;
use outline::{LineKey, Outline, keys, title, title_of};
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::segment::token::pair;
use crate::segment::{Block, Blocks};

/// What the outlines of a site may take, in lines: about 700 KB. A site of up to this size is counted exactly; of a larger
/// one, the pages with the smallest hashes are kept, a fair sample of the site.
const LINES_OF_A_SITE: u64 = 1 << 16;
/// What all outlines together may take: about 350 MB. Beyond, each site is allowed half as much as before.
const LINES_OF_ALL: u64 = 1 << 25;
/// Then a site has one line left.
const MOST_HALVINGS: u8 = 16;

/// Counts the lines that a site's pages have in common.
///
/// ```
/// use dehusk::{Cleaner, Document, SiteModel};
///
/// let menu = "Harbour Echo\nTides\nMoorings\nLost oars\n\n";
/// let pages: Vec<String> = [
///     "The night ferry\n\nThe night ferry will run again from May, the company said on Monday. It sails at ten.",
///     "An old crane\n\nIt took two days to take the crane apart, and half the town came. Its hook is in the museum.",
///     "Gulls\n\nNobody counts them, but a teacher has drawn every one that ever sat on her roof. All are for sale.",
///     "The light\n\nSince its keeper left, it is switched on by a clock in another harbour. The clock is often late.",
/// ]
/// .map(|text| format!("{menu}{text}\n"))
/// .into();
/// let mut model = SiteModel::new();
/// for page in &pages {
///     model.observe(&Document::new(page).from_site("echo.example"));
/// }
/// let cleaner = Cleaner::builder().sites(&model).build()?;
/// let page = cleaner.clean(Document::new(&pages[0]).from_site("echo.example"));
/// assert!(!page.body().contains("Tides") && page.body().contains("will run again"), "{}", page.body());
/// # Ok::<(), dehusk::Error>(())
/// ```
///
/// A model is a function of the set of pages it has seen: neither their order nor how they were shared out over models
/// that were [merged](Self::merge) matters. Up to 65,536 lines of a site are counted exactly. Of a larger site a sample of
/// pages is kept that their hashes choose, as many as have that many lines together; a share of the site's pages `p` is
/// then right to within `sqrt(p (1 - p) / n)`, one standard error, for a sample of `n` pages. When all sites together have
/// more than 33,554,432 lines, every site's bound is halved, again and again: memory stays below about 500 MB and 200 bytes
/// for each site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteModel {
    sites: BTreeMap<Box<str>, Site>,
    /// How often the bound of a site was halved.
    halvings: u8,
    /// What all sites would take within the bound, had no page been left out of a sample for its size.
    #[serde(skip)]
    asked: u64,
}

/// Memory for reading a page against a template; used again for the next page.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    keys: Vec<LineKey>,
    stretches: Vec<Stretch>,
    /// How each block of the page stands to the template; empty where there is none.
    pub repeated: Vec<Repeated>,
}

impl Reading {
    /// Reads a page of a site. Very long lines are cut at the borders of the template.
    pub fn read(&mut self, document: &Document<'_>, templates: Option<&Templates>, blocks: &mut Blocks) {
        self.repeated.clear();
        let Some(template) = templates.and_then(|t| t.of_site(document.site())) else { return };
        cut::cut(document.text(), template, blocks, &mut self.stretches);
        self.keys.clear();
        self.keys.extend(keys(blocks));
        template.read(&self.keys, &self.stretches, &mut self.repeated);
        // What the page says is its title is its own, however many pages repeat it.
        let title = title(document, blocks);
        if title != 0 && template.title != Some(title) {
            let is_title = |(block, _): &(&Block, &mut Repeated)| title_of(blocks, block) == title;
            let same = blocks.blocks.iter().zip(&mut self.repeated).filter(is_title);
            same.for_each(|(_, repeated)| *repeated = Repeated { of: repeated.of, ..Repeated::default() });
        }
    }
}

/// What is kept of one site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Site {
    /// Pages that were seen, and what all of them would take.
    pages: u64,
    seen: u64,
    /// Outlines by the hash of their lines.
    sample: BTreeMap<u64, Outline>,
    /// What the sample takes.
    #[serde(skip)]
    kept: u64,
}

impl SiteModel {
    /// A model that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of a page of [`Document::site`]; pages without one are taken for one site.
    pub fn observe(&mut self, document: &Document<'_>) {
        self.add(Observation::of(document));
    }

    /// Takes note of what was observed of a page, maybe by another thread.
    pub fn add(&mut self, observation: Observation) {
        let Observation { site, outline } = observation;
        let bound = self.bound();
        let entry = self.sites.entry(site).or_default();
        self.asked -= entry.seen.min(bound);
        entry.pages = entry.pages.saturating_add(1);
        entry.seen = entry.seen.saturating_add(outline.cost());
        self.asked += entry.seen.min(bound);
        entry.insert(outline);
        entry.trim(bound);
        self.shrink();
    }

    /// Takes over what another model has seen. The order of merges does not matter.
    pub fn merge(&mut self, other: Self) {
        self.halvings = self.halvings.max(other.halvings);
        for (name, site) in other.sites {
            let entry = self.sites.entry(name).or_default();
            entry.pages = entry.pages.saturating_add(site.pages);
            entry.seen = entry.seen.saturating_add(site.seen);
            site.sample.into_values().for_each(|outline| entry.insert(outline));
        }
        self.trim();
        self.shrink();
    }

    /// How many pages were seen.
    pub fn pages(&self) -> u64 {
        self.sites.values().map(|s| s.pages).sum()
    }

    /// The sites, and how many pages of each were seen.
    pub fn sites(&self) -> impl Iterator<Item = (&str, u64)> {
        self.sites.iter().map(|(name, site)| (&**name, site.pages))
    }

    /// A hash of the pages that were seen: equal models have the same.
    pub fn hash(&self) -> u64 {
        let mut hash = u64::from(self.halvings);
        for (name, site) in &self.sites {
            let name = name.bytes().fold(name.len() as u64, |h, b| pair(h, u64::from(b)));
            hash = site.sample.keys().fold(pair(pair(hash, name), site.pages), |h, page| pair(h, *page));
        }
        hash
    }

    /// What the pages of each site have in common.
    pub(crate) fn freeze(&self) -> Templates {
        Templates::of(self.sites.iter().map(|(name, site)| (&**name, site.sample.values())))
    }

    fn bound(&self) -> u64 {
        LINES_OF_A_SITE >> self.halvings
    }

    /// Keeps every site within the bound.
    fn trim(&mut self) {
        let bound = self.bound();
        self.sites.values_mut().for_each(|site| site.trim(bound));
        self.asked = self.sites.values().map(|s| s.seen.min(bound)).sum();
    }

    /// Halves the bound of a site until all fit. What counts is what was seen, not what is kept: so the outcome does not
    /// depend on what was left out when.
    fn shrink(&mut self) {
        while self.asked > LINES_OF_ALL && self.halvings < MOST_HALVINGS {
            self.halvings += 1;
            self.trim();
        }
    }
}

impl Site {
    fn insert(&mut self, outline: Outline) {
        let Some(hash) = outline.hash() else { return };
        self.kept += outline.cost();
        if let Some(twin) = self.sample.insert(hash, outline) {
            self.kept -= twin.cost();
            // Pages of equal lines differ in what the hash leaves out: the greater one stays, in whatever order they came.
            let stays = self.sample.get_mut(&hash).filter(|now| **now < twin);
            if let Some(now) = stays {
                self.kept = self.kept - now.cost() + twin.cost();
                *now = twin;
            }
        }
    }

    /// Keeps the pages with the smallest hashes, as many as fit.
    fn trim(&mut self, bound: u64) {
        while self.kept > bound
            && let Some((_, last)) = self.sample.pop_last()
        {
            self.kept -= last.cost();
        }
    }
}
