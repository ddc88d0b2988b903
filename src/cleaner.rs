//! The pipeline on one screen: segment, scan, weigh, decide, render.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::document::{Document, Format, InputKind};
use crate::error::{Error, ErrorKind, Result};
use crate::evidence::{self, Evidence, Layout, Models, Weighed};
use crate::model::{self, HtmlModel, Memory, Model};
use crate::render;
use crate::report::{Removal, Report, Status, restore};
use crate::rules::compiled::Compiled;
use crate::rules::{Category, Level, Pack, RuleId, RuleSet, Use, builtin};
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};
use crate::site::{Reading, SiteModel, Templates};
use crate::verdict::{self, Decision, Page, Policy, SpanDrop};

/// The largest document that is cleaned, in bytes; a larger one passes through whole. Offsets inside are 32 bits wide,
/// and the text view may be three times as long as the input.
pub const MAX_DOCUMENT: usize = 1 << 30;

/// Removes site chrome from documents. Cheap to clone and to share between threads; holds no state of any document.
///
/// ```
/// let cleaner = dehusk::Cleaner::new();
/// let page = cleaner.clean("Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n");
/// assert_eq!(page.body(), "The ferry left at noon, and nobody on the pier waved.\n");
/// assert_eq!(page.removals()[0].category(), dehusk::Category::NewsletterSignup);
/// ```
#[derive(Clone)]
pub struct Cleaner {
    inner: Arc<Inner>,
}

struct Inner {
    rules: RuleSet,
    default_rules: bool,
    packs: Vec<Pack>,
    policy: Policy,
    kind: Option<InputKind>,
    model: Option<Arc<Model>>,
    html_model: Option<Arc<HtmlModel>>,
    sites: Option<Arc<Templates>>,
}

/// Memory that is used again for the next document.
#[derive(Default)]
struct Scratch {
    blocks: Blocks,
    reading: Reading,
    scan: Scan,
    evidence: Vec<Evidence>,
    model: Memory,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Cleaner {
    /// A cleaner with the built-in packs at [`Level::Balanced`].
    pub fn new() -> Self {
        Self::builder().build().expect("the built-in packs compile: a test checks it")
    }

    /// Sets a cleaner up.
    pub fn builder() -> CleanerBuilder {
        CleanerBuilder::default()
    }

    /// Cleans one document. Cannot fail: what cannot be cleaned passes through whole, and the report says why.
    pub fn clean<'a>(&self, document: impl Into<Document<'a>>) -> Cleaned<'a> {
        let document = document.into();
        if document.raw().len() > MAX_DOCUMENT {
            return Cleaned::passed_through(document, format!("larger than {MAX_DOCUMENT} bytes"));
        }
        let report = self.inspect(&document, |page, decision| report(&document, page, decision));
        Cleaned { document, report }
    }

    /// Runs the stages up to the decision, and shows page and decision to `see`.
    pub(crate) fn inspect<R>(&self, document: &Document<'_>, see: impl FnOnce(&Page<'_>, Decision) -> R) -> R {
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.run(document, &mut scratch, see),
            Err(_) => self.run(document, &mut Scratch::default(), see),
        })
    }

    fn run<R>(&self, document: &Document<'_>, scratch: &mut Scratch, see: impl FnOnce(&Page<'_>, Decision) -> R) -> R {
        let Inner { rules, policy, model, html_model, sites, .. } = &*self.inner;
        let Scratch { blocks, reading, scan, evidence, model: memory } = scratch;
        segment::segment(document, blocks);
        reading.read(document, sites.as_deref(), blocks);
        scan::scan(document.text(), blocks, rules, document.site(), scan);
        let layout = Layout::of(blocks, scan, rules);
        let html = document.html();
        // A page that still has its tags has not been through an extractor.
        let told = document.stated_kind().or(self.inner.kind).or(html.map(|_| InputKind::Page));
        let Weighed { kind, threshold } = evidence::weigh(
            (blocks, scan, rules, &layout, html),
            Models { text: model.as_deref(), html: html_model.as_deref() },
            &reading.repeated,
            told,
            policy.level,
            memory,
            evidence,
        );
        let html = html.is_some();
        let page =
            Page { view: document.text(), blocks, scan, rules, layout: &layout, evidence, kind, html, threshold };
        let decision = verdict::decide(&page, policy);
        see(&page, decision)
    }

    /// The packs in use, the built-in ones first.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        let built_in = if self.inner.default_rules { builtin::packs() } else { &[] };
        built_in.iter().chain(&self.inner.packs)
    }

    #[cfg(feature = "_stages")]
    pub(crate) fn rules(&self) -> &RuleSet {
        &self.inner.rules
    }

    /// The level in use.
    pub fn level(&self) -> Level {
        self.inner.policy.level
    }

    /// Whether learned weights may join the evidence.
    pub fn uses_model(&self) -> bool {
        self.inner.model.is_some()
    }
}

/// What a decision comes to: the receipt.
pub(crate) fn report(document: &Document<'_>, page: &Page<'_>, decision: Decision) -> Report {
    let removals = render::removals(document, page, &decision);
    let words = words(page, &decision);
    let mut report = Report {
        status: decision.status,
        reason: decision.reason,
        input_kind: page.kind,
        words,
        removals,
        withheld: Vec::new(),
        internal_error: false,
    };
    match report.status {
        Status::Suspicious => {
            std::mem::swap(&mut report.removals, &mut report.withheld);
            report.words[1] = report.words[0];
        }
        Status::Cleaned if report.removals.is_empty() => report.status = Status::Unchanged,
        _ => {}
    }
    report
}

/// Words before and after.
fn words(page: &Page<'_>, decision: &Decision) -> [u32; 2] {
    let (mut all, mut gone) = (0, 0);
    for (block, verdict) in page.blocks.blocks.iter().zip(&decision.verdicts) {
        let words = block.shape.length();
        all += words;
        gone += if verdict.is_drop() { words } else { 0 };
    }
    for SpanDrop { span, .. } in &decision.spans {
        let before = |at: u32| page.blocks.tokens.partition_point(|t| t.start < at);
        gone += (before(span.end) - before(span.start)) as u32;
    }
    [all, all.saturating_sub(gone)]
}

impl Default for Cleaner {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cleaner")
            .field("rules", &self.inner.rules.rules.len())
            .field("level", &self.inner.policy.level)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Cleaner`]. Errors come from [`build`](Self::build) only.
#[derive(Clone, Debug)]
pub struct CleanerBuilder {
    level: Level,
    default_rules: bool,
    packs: Vec<Pack>,
    select: Vec<String>,
    ignore: Vec<String>,
    max_removed: Option<f32>,
    kind: Option<InputKind>,
    model: bool,
    text_weights: Option<Arc<Model>>,
    html_weights: Option<Arc<HtmlModel>>,
    sites: Option<Arc<Templates>>,
}

impl Default for CleanerBuilder {
    fn default() -> Self {
        Self {
            level: Level::Balanced,
            default_rules: true,
            packs: Vec::new(),
            select: Vec::new(),
            ignore: Vec::new(),
            max_removed: None,
            kind: None,
            model: true,
            text_weights: None,
            html_weights: None,
            sites: None,
        }
    }
}

impl CleanerBuilder {
    /// How much to remove. The default is [`Level::Balanced`].
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Adds a pack to the built-in ones. None are added by default.
    pub fn pack(mut self, pack: Pack) -> Self {
        self.packs.push(pack);
        self
    }

    /// Whether the built-in packs are used. They are by default.
    pub fn default_rules(mut self, on: bool) -> Self {
        self.default_rules = on;
        self
    }

    /// Removes only this category or rule (`cookie-consent`, `cookie-consent/accept-all`), and others that are selected.
    /// By default all are selected.
    pub fn select(mut self, category_or_rule: impl Into<String>) -> Self {
        self.select.push(category_or_rule.into());
        self
    }

    /// Never removes this category, or what this rule finds: certain and likely rules that are ignored protect instead.
    /// None are ignored by default.
    pub fn ignore(mut self, category_or_rule: impl Into<String>) -> Self {
        self.ignore.push(category_or_rule.into());
        self
    }

    /// The share of a document's words, 0 to 1, that may go; a document that would lose more passes through whole as
    /// [`Status::Suspicious`]. The default is 0.97 for whole pages and 0.40 for extracted text.
    pub fn max_removed(mut self, share: f32) -> Self {
        self.max_removed = Some(share);
        self
    }

    /// Says that all documents are whole pages, or all extracted text. By default each document tells.
    pub fn input_kind(mut self, kind: InputKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Whether the learned model is used: it is by default. Without it, rules and the page's structure decide alone.
    pub fn model(mut self, on: bool) -> Self {
        self.model = on;
        self
    }

    /// Uses these weights for text instead of the built-in ones.
    pub fn weights(mut self, model: Model) -> Self {
        self.text_weights = Some(Arc::new(model));
        self
    }

    /// Uses these weights for HTML pages instead of the built-in ones.
    pub fn html_weights(mut self, model: HtmlModel) -> Self {
        self.html_weights = Some(Arc::new(model));
        self
    }

    /// Takes what pages of each site have in common as evidence, for documents whose [`Document::site`] the model has seen.
    /// None is known by default.
    pub fn sites(mut self, model: &SiteModel) -> Self {
        self.sites = Some(Arc::new(model.freeze()));
        self
    }

    /// Compiles the rules.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] for a category or rule that does not exist or a share outside 0 to 1;
    /// [`ErrorKind::Pack`] for packs that together are too large.
    pub fn build(self) -> Result<Cleaner> {
        if let Some(share) = self.max_removed
            && !(0.0..=1.0).contains(&share)
        {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the share {share} of words that may go is not between 0 and 1"),
            ));
        }
        let own = Compiled::of(&self.packs);
        let built_in = self.default_rules.then(builtin::compiled);
        let parts: Vec<&Compiled> = built_in.into_iter().chain([&own]).collect();
        let select = Choice::parse(&self.select, &parts)?;
        let ignore = Choice::parse(&self.ignore, &parts)?;
        let chosen = |id: &RuleId, category| {
            if ignore.has(id, category) {
                Use::Protects
            } else if select.is_empty() || select.has(id, category) {
                Use::AsWritten
            } else {
                Use::Off
            }
        };
        let rules = RuleSet::join(&parts, chosen)?;
        let mut enabled = [false; Category::ALL.len()];
        for category in Category::ALL {
            let selected = select.is_empty()
                || select.categories.contains(category)
                || select.rules.iter().any(|r| category_of(r) == category.id());
            enabled[category.index()] = selected && !ignore.categories.contains(category);
        }
        let policy = Policy { level: self.level, max_removed: self.max_removed, enabled };
        let (model, html_model) = match self.model {
            true => (self.text_weights.or_else(model::builtin), self.html_weights.or_else(model::builtin_html)),
            false => (None, None),
        };
        let sites = self.sites.filter(|_| policy.removes(Category::Template));
        Ok(Cleaner {
            inner: Arc::new(Inner {
                rules,
                default_rules: self.default_rules,
                packs: self.packs,
                policy,
                kind: self.kind,
                model,
                html_model,
                sites,
            }),
        })
    }
}

/// Categories and rules that a user named.
struct Choice {
    categories: BTreeSet<Category>,
    rules: BTreeSet<String>,
}

impl Choice {
    fn parse(names: &[String], parts: &[&Compiled]) -> Result<Self> {
        let mut choice = Choice { categories: BTreeSet::new(), rules: BTreeSet::new() };
        for name in names {
            if !name.contains('/') {
                choice.categories.insert(name.parse()?);
            } else if parts.iter().flat_map(|p| &p.rules).any(|r| r.id == *name) {
                choice.rules.insert(name.clone());
            } else {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("no rule {name:?}: `dehusk rules list` shows them all"),
                ));
            }
        }
        Ok(choice)
    }

    fn is_empty(&self) -> bool {
        self.categories.is_empty() && self.rules.is_empty()
    }

    fn has(&self, id: &RuleId, category: Category) -> bool {
        self.categories.contains(&category) || self.rules.contains(id.as_str())
    }
}

fn category_of(rule: &str) -> &str {
    rule.split('/').next().unwrap_or_default()
}

/// A cleaned document: its body, and the receipt for what is not in it.
#[derive(Clone, Debug)]
pub struct Cleaned<'a> {
    document: Document<'a>,
    report: Report,
}

impl<'a> Cleaned<'a> {
    /// A document that is handed back whole, for a reason.
    pub(crate) fn passed_through(document: Document<'a>, reason: impl Into<Cow<'static, str>>) -> Self {
        let report = Report {
            status: Status::PassedThrough,
            reason: Some(reason.into()),
            input_kind: InputKind::Page,
            words: [0; 2],
            removals: Vec::new(),
            withheld: Vec::new(),
            internal_error: false,
        };
        Self { document, report }
    }

    /// A document whose cleaning panicked: handed back whole, and marked.
    #[cfg_attr(not(feature = "parallel"), allow(dead_code, reason = "only batches catch panics"))]
    pub(crate) fn after_panic(document: Document<'a>, message: &str) -> Self {
        let mut cleaned = Self::passed_through(document, format!("internal error: {message}"));
        cleaned.report.internal_error = true;
        cleaned
    }

    /// Takes a document and the receipt that was written for it together.
    pub(crate) fn new(document: Document<'a>, report: Report) -> Self {
        Self { document, report }
    }

    /// The body as text; borrowed from the input when nothing was removed.
    pub fn body(&self) -> Cow<'_, str> {
        render::body(self.document.text(), &self.report.removals)
    }

    /// The body as Markdown: headings, lists, links, emphasis, code, tables and quotes as an HTML page has them. For other
    /// formats it is the [`body`](Self::body).
    pub fn markdown(&self) -> Cow<'_, str> {
        let view = self.document.text();
        match self.document.html() {
            None => self.body(),
            Some(page) => {
                let kept = render::kept(view.len(), self.report.removals.iter().map(|r| r.view.clone()));
                Cow::Owned(crate::html::markdown::render(view, page, kept))
            }
        }
    }

    /// The body as the raw bytes that were kept, in the input's own encoding. Of an HTML page it is the
    /// [`body`](Self::body) in UTF-8: what its tags held together has no bytes of its own.
    pub fn body_bytes(&self) -> Cow<'a, [u8]> {
        if self.document.html().is_some() {
            return Cow::Owned(self.body().into_owned().into_bytes());
        }
        render::body_bytes(self.document.raw(), &self.report.removals)
    }

    /// What is written for it: [`body_bytes`](Self::body_bytes), or of an HTML page the [`markdown`](Self::markdown) if `to`
    /// asks for it. Other formats keep theirs, whatever `to` says.
    pub fn output(&self, to: Format) -> Cow<'a, [u8]> {
        match to {
            Format::Markdown if self.document.html().is_some() => Cow::Owned(self.markdown().into_owned().into_bytes()),
            _ => self.body_bytes(),
        }
    }

    /// What was removed: sorted, disjoint, non-empty; with the kept bytes it tiles the input.
    pub fn removals(&self) -> &[Removal] {
        &self.report.removals
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        self.report.status
    }

    /// Everything there is to say of it.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The document that was cleaned.
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// The text of a removal.
    pub fn text_of(&self, removal: &Removal) -> &str {
        &self.document.text()[removal.view.clone()]
    }

    /// Body and removed pieces put together again: the input, byte for byte. For text; see [`restore`] for bytes.
    pub fn restore(&self) -> Cow<'_, str> {
        let pieces =
            self.report.removals.iter().map(|r| (r.view.clone(), &self.document.text().as_bytes()[r.view.clone()]));
        match restore(self.body().as_bytes(), pieces) {
            Ok(bytes) => String::from_utf8(bytes).map_or(Cow::Borrowed(self.document.text()), Cow::Owned),
            // Removals are sorted, disjoint and of the document, so this cannot come; the input is the right answer anyway.
            Err(_) => Cow::Borrowed(self.document.text()),
        }
    }
}
