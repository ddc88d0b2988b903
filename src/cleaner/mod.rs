//! The pipeline on one screen: segment, scan, weigh, decide, render.

mod builder;

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

pub use builder::CleanerBuilder;

use crate::cleaned::Cleaned;
use crate::document::{Document, InputKind};
use crate::evidence::{self, Evidence, Layout, Models, Weighed};
use crate::model::{HtmlModel, Memory, Model};
use crate::render;
use crate::report::{Report, Status};
use crate::rules::{Level, Pack, RuleSet, builtin};
use crate::scan::{self, Scan};
use crate::segment::{self, Blocks};
use crate::site::{Reading, Templates};
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
        Cleaned::new(document, report)
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
        let Weighed { extracted, threshold, learned } = evidence::weigh(
            (blocks, scan, rules, &layout, html),
            Models { text: model.as_deref(), html: html_model.as_deref() },
            &reading.repeated,
            told,
            policy.level,
            memory,
            evidence,
        );
        let html = html.is_some();
        let page = Page {
            view: document.text(),
            blocks,
            scan,
            rules,
            layout: &layout,
            evidence,
            extracted,
            html,
            threshold,
            learned,
            firing: &verdict::firing(blocks, scan, rules, &layout, policy),
        };
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
        input_kind: page.kind(),
        words,
        expected_loss: decision.expected_loss,
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
