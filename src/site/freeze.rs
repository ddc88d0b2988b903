//! From the outlines of a site's pages to its template: on how many pages each line stands, and between which lines.

use std::collections::BTreeMap;

use super::cut::Stretch;
use super::outline::{LineKey, Outline};

/// A line is repeated from this many pages on: two may be a coincidence, or one page under two addresses.
pub(crate) const MIN_PAGES: u32 = 3;
/// The template goes on beside a line if one of so many lines there is the usual one: a date or a name may stand between.
const NEAR: usize = 3;
/// Neighbours of a line at the edge of a page.
const TOP: u64 = 1;
const BOTTOM: u64 = 2;
/// Prose of so many words that the same pages share, and no others, is an article that they all carry: standing texts are
/// shorter,
const ARTICLE: u32 = 100;
/// or stand on most pages of the site: the reciprocal of the share up to which an article may be repeated,
const COPIES: usize = 2;
/// which tells nothing on a site of fewer pages than this.
const SMALL_SITE: usize = 8;
/// Of stretches of words those are the template's that stand on this share of the pages, in percent: the first words of a
/// title, which many titles share, are not.
const COMMON: u64 = 75;
/// A title that stands on more than this share of the pages, in percent, is the site's and not the pages' own.
const COMMON_TITLE: usize = 50;

/// What the pages of each site have in common.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    sites: BTreeMap<Box<str>, Template>,
}

impl Templates {
    pub(super) fn of<'o>(sites: impl Iterator<Item = (&'o str, impl Iterator<Item = &'o Outline>)>) -> Self {
        let frozen =
            sites.filter_map(|(name, outlines)| Some((name.into(), Template::of(&outlines.collect::<Vec<_>>())?)));
        Self { sites: frozen.collect() }
    }

    /// The template of a site; none where fewer than [`MIN_PAGES`] pages are known or nothing is repeated.
    pub fn of_site(&self, site: Option<&str>) -> Option<&Template> {
        self.sites.get(site.unwrap_or_default())
    }
}

/// What the pages of one site have in common.
#[derive(Debug)]
pub(crate) struct Template {
    /// Pages that were compared; pages that carry the same article count once.
    pub pages: u32,
    /// What most pages say is their title: the site's name, most often.
    pub title: Option<u64>,
    /// Sorted by key.
    lines: Vec<Line>,
    /// Hash and pages of repeated stretches of words in very long lines; sorted.
    shingles: Vec<(u32, u32)>,
}

/// A line that is repeated.
#[derive(Clone, Copy, Debug)]
struct Line {
    key: u64,
    pages: u32,
    /// What stands most often so many lines before and after it, if on most of its pages.
    before: [u64; NEAR],
    after: [u64; NEAR],
}

/// How a line of a page stands to the template.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Repeated {
    /// On how many pages it stands; 0 where it is the page's own.
    pub pages: u32,
    /// Of so many.
    pub of: u32,
    /// On how many of its two sides the template goes on right beside it, and within a few lines.
    pub sides: u8,
    pub near: u8,
    /// Whether it is a list of stretches of words that stand on some other pages.
    pub list: bool,
}

impl Repeated {
    /// The share of the site's pages, 0 to 1.
    pub fn share(&self) -> f32 {
        self.pages as f32 / self.of.max(1) as f32
    }
}

impl Template {
    fn of(outlines: &[&Outline]) -> Option<Self> {
        if outlines.len() < MIN_PAGES as usize {
            return None;
        }
        let mut places = places(outlines);
        let articles = articles(outlines, &places);
        let title = common_title(outlines);
        let titles = titles(outlines, &places, title);
        places.retain(|p| titles[p.page as usize] > 0);
        let pages = distinct(&titles, |page| titles[page] > 0).min(distinct(&articles, |page| titles[page] > 0));
        let mut lines = Vec::new();
        for same in places.chunk_by(|a, b| a.key == b.key).filter(|same| same.len() >= MIN_PAGES as usize) {
            let of = |groups: &[u64]| {
                let mut of: Vec<u64> = same.iter().map(|p| groups[p.page as usize]).collect();
                of.sort_unstable();
                of.dedup();
                of.len() as u32
            };
            let count = of(&articles).min(of(&titles));
            if count >= MIN_PAGES {
                let beside = |at: &dyn Fn(&Place) -> u64| commonest(same.iter().map(at).collect());
                let keys = |p: &Place| &outlines[p.page as usize].keys;
                let before = std::array::from_fn(|far| beside(&|p| before(keys(p), p.at as usize, far)));
                let after = std::array::from_fn(|far| beside(&|p| after(keys(p), p.at as usize, far)));
                lines.push(Line { key: same[0].key, pages: count, before, after });
            }
        }
        let shingles = shingles(outlines, &articles, &titles);
        (!lines.is_empty() || !shingles.is_empty()).then_some(Self { pages, title, lines, shingles })
    }

    fn line(&self, key: u64) -> Option<&Line> {
        self.lines.binary_search_by_key(&key, |l| l.key).ok().map(|at| &self.lines[at])
    }

    pub(super) fn has_shingles(&self) -> bool {
        !self.shingles.is_empty()
    }

    /// Whether stretches of words that stand on so many pages are the template's.
    pub(super) fn is_common(&self, pages: u32) -> bool {
        u64::from(pages) * 100 >= u64::from(self.pages) * COMMON
    }

    pub(super) fn pages_of_shingle(&self, hash: u32) -> u32 {
        self.shingles.binary_search_by_key(&hash, |s| s.0).map_or(0, |at| self.shingles[at].1)
    }

    /// How the lines of a page stand to the template, by block. `stretches` says how the words of very long lines do.
    pub fn read(&self, keys: &[LineKey], stretches: &[Stretch], out: &mut Vec<Repeated>) {
        let pages = |stretch: &Stretch| match *stretch {
            Stretch::Own => 0,
            Stretch::Template(pages) | Stretch::List(pages) => pages,
        };
        out.extend(stretches.iter().map(|s| Repeated { pages: pages(s), of: self.pages, ..Repeated::default() }));
        let known: Vec<Option<&Line>> = keys.iter().map(|k| self.line(k.key)).collect();
        // How many lines away the template goes on; none where it does not.
        let goes_on = |beside: &dyn Fn(usize) -> Option<usize>, edge: u64, usual: &[u64; NEAR]| {
            (0..NEAR).find(|far| match beside(*far) {
                Some(at) if at < keys.len() => known[at].is_some() && keys[at].key == usual[*far],
                _ => usual[*far] == edge,
            })
        };
        let mut sides: Vec<[Option<usize>; 2]> = vec![[None; 2]; keys.len()];
        for (at, line) in known.iter().enumerate() {
            let Some(line) = line else { continue };
            sides[at] = [
                goes_on(&|far| at.checked_sub(far + 1), TOP, &line.before),
                goes_on(&|far| Some(at + far + 1), BOTTOM, &line.after),
            ];
        }
        // Of the run of usual lines with which the site's pages begin, and of the one with which they end, no side is missing
        // where the page's own text begins.
        let top = sides.iter().take_while(|s| s[0] == Some(0)).count();
        let bottom = sides.iter().rev().take_while(|s| s[1] == Some(0)).count();
        sides[..top].iter_mut().for_each(|s| s[1] = Some(0));
        let from = sides.len() - bottom;
        sides[from..].iter_mut().for_each(|s| s[0] = Some(0));
        for ((key, line), sides) in keys.iter().zip(known).zip(sides) {
            let Some(line) = line else { continue };
            let block = &mut out[key.block as usize];
            *block = Repeated {
                pages: block.pages.max(line.pages),
                of: self.pages,
                sides: sides.iter().filter(|s| **s == Some(0)).count() as u8,
                near: sides.iter().filter(|s| s.is_some()).count() as u8,
                list: false,
            };
        }
        for (block, stretch) in out.iter_mut().zip(stretches) {
            match stretch {
                Stretch::Own => {}
                // A stretch of words is the template's as a whole.
                Stretch::Template(_) => (block.sides, block.near) = (2, 2),
                Stretch::List(_) => (block.sides, block.near, block.list) = (0, 0, true),
            }
        }
    }
}

/// Where a line stands: the `at`-th of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: u64,
    page: u32,
    at: u32,
}

/// All lines of all pages, sorted.
fn places(outlines: &[&Outline]) -> Vec<Place> {
    let of = |(page, outline): (usize, &&Outline)| {
        let keys: Vec<u64> = outline.keys.to_vec();
        keys.into_iter().enumerate().map(move |(at, key)| Place { key, page: page as u32, at: at as u32 })
    };
    let mut places: Vec<Place> = outlines.iter().enumerate().flat_map(of).collect();
    places.sort_unstable();
    places
}

fn before(keys: &[u64], at: usize, far: usize) -> u64 {
    at.checked_sub(far + 1).map_or(TOP, |at| keys[at])
}

fn after(keys: &[u64], at: usize, far: usize) -> u64 {
    keys.get(at + far + 1).copied().unwrap_or(BOTTOM)
}

/// What occurs most often, if it makes up half; 0 else. Of equals the smaller.
fn commonest(mut all: Vec<u64>) -> u64 {
    let n = all.len();
    all.sort_unstable();
    let mut best = (0, 0);
    for same in all.chunk_by(|a, b| a == b) {
        if same.len() > best.0 {
            best = (same.len(), same[0]);
        }
    }
    if best.0 * 2 >= n { best.1 } else { 0 }
}

/// The pages that a line stands on, in order.
fn pages_of(same: &[Place]) -> Vec<u32> {
    let mut pages: Vec<u32> = same.iter().map(|p| p.page).collect();
    pages.dedup();
    pages
}

/// Which article each page carries: pages of the same long prose carry the same.
fn articles(outlines: &[&Outline], places: &[Place]) -> Vec<u64> {
    let prose = |page: usize| -> u32 {
        let outline = outlines[page];
        (0..outline.keys.len()).filter(|at| outline.is_prose(*at)).map(|at| outline.words(at)).sum()
    };
    let mut shared: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    for same in places.chunk_by(|a, b| a.key == b.key) {
        let Place { page, at, .. } = same[0];
        let outline = outlines[page as usize];
        if same.len() > 1 && outline.is_prose(at as usize) {
            *shared.entry(pages_of(same)).or_default() += outline.words(at as usize);
        }
    }
    let mut article: Vec<usize> = (0..outlines.len()).collect();
    for (pages, words) in shared {
        let few = pages.len() * COPIES <= outlines.len() || outlines.len() < SMALL_SITE;
        let most = |page: &u32| words * 2 >= prose(*page as usize);
        if pages.len() > 1 && words >= ARTICLE && few && pages.iter().all(most) {
            let first = pages.iter().map(|p| root(&article, *p as usize)).min().unwrap_or(0);
            for page in pages {
                let root = root(&article, page as usize);
                article[root] = first;
            }
        }
    }
    (0..outlines.len()).map(|page| root(&article, page) as u64).collect()
}

fn root(of: &[usize], mut at: usize) -> usize {
    while of[at] != at {
        at = of[at];
    }
    at
}

/// What most pages say is their title.
fn common_title(outlines: &[&Outline]) -> Option<u64> {
    let mut said: Vec<u64> = outlines.iter().map(|o| o.title).filter(|title| *title != 0).collect();
    said.sort_unstable();
    let same = said.chunk_by(|a, b| a == b).max_by_key(|same| same.len())?;
    (same.len() > 1 && same.len() * 100 > outlines.len() * COMMON_TITLE).then_some(same[0])
}

/// The title of each page: what it says is its title, or its first line that no other page has; 0 where it has neither.
fn titles(outlines: &[&Outline], places: &[Place], common: Option<u64>) -> Vec<u64> {
    let mut own: Vec<Option<(u32, u64)>> = vec![None; outlines.len()];
    for same in places.chunk_by(|a, b| a.key == b.key) {
        if let [Place { key, page, at }] = same {
            let first = &mut own[*page as usize];
            if first.is_none_or(|(other, _)| at < &other) {
                *first = Some((*at, *key));
            }
        }
    }
    let of = |(outline, own): (&&Outline, Option<(u32, u64)>)| {
        if outline.title != 0 && common != Some(outline.title) {
            outline.title
        } else {
            own.map_or(0, |(_, key)| key.max(1))
        }
    };
    outlines.iter().zip(own).map(of).collect()
}

/// How many different values there are, of the pages asked for.
fn distinct(values: &[u64], wanted: impl Fn(usize) -> bool) -> u32 {
    let mut all: Vec<u64> = values.iter().enumerate().filter(|(page, _)| wanted(*page)).map(|(_, v)| *v).collect();
    all.sort_unstable();
    all.dedup();
    all.len() as u32
}

/// The stretches of words that several pages have.
fn shingles(outlines: &[&Outline], articles: &[u64], titles: &[u64]) -> Vec<(u32, u32)> {
    let with_title = |page: &usize| titles[*page] > 0;
    let pages = (0..outlines.len()).filter(with_title);
    let mut all: Vec<(u32, u64)> =
        pages.flat_map(|page| outlines[page].shingles.iter().map(move |s| (*s, articles[page]))).collect();
    all.sort_unstable();
    all.dedup();
    let counts = all.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.len() as u32));
    counts.filter(|(_, pages)| *pages >= MIN_PAGES).collect()
}
