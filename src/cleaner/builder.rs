//! What a cleaner is to do: level, rules, weights, sites.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Cleaner, Inner};
use crate::document::InputKind;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{self, HtmlModel, Model};
use crate::rules::compiled::Compiled;
use crate::rules::{Category, Level, Pack, RuleId, RuleSet, Use, builtin};
use crate::site::{SiteModel, Templates};
use crate::verdict::Policy;

/// Sets up a [`Cleaner`]. Errors come from [`build`](Self::build) only.
#[derive(Clone, Debug)]
pub struct CleanerBuilder {
    level: Level,
    default_rules: bool,
    packs: Vec<Pack>,
    select: Vec<String>,
    ignore: Vec<String>,
    max_removed: Option<f32>,
    max_loss: Option<f32>,
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
            max_loss: None,
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
    /// [`Status::Suspicious`](crate::Status::Suspicious). The default is 0.97 for whole pages and 0.40 for extracted text,
    /// something between where a document may be either.
    pub fn max_removed(mut self, share: f32) -> Self {
        self.max_removed = Some(share);
        self
    }

    /// The share of a document's text, 0 to 1, that may be expected to go
    /// ([`Report::expected_loss`](crate::Report::expected_loss)); a document of which more may be lost passes through whole as
    /// [`Status::Suspicious`](crate::Status::Suspicious). There is no limit by default.
    pub fn max_loss(mut self, share: f32) -> Self {
        self.max_loss = Some(share);
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

    /// Takes what pages of each site have in common as evidence, for documents whose
    /// [`Document::site`](crate::Document::site) the model has seen. None is known by default.
    pub fn sites(mut self, model: &SiteModel) -> Self {
        self.sites = Some(Arc::new(model.freeze()));
        self
    }

    /// Compiles the rules.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] for a category or rule that does not exist, a share outside 0 to 1, or a limit to what may be lost
    /// without learned weights;
    /// [`ErrorKind::Pack`] for packs that together are too large.
    pub fn build(self) -> Result<Cleaner> {
        for (share, of) in [(self.max_removed, "words that may go"), (self.max_loss, "text that may be lost")] {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                let message = format!("the share {share} of {of} is not between 0 and 1");
                return Err(Error::new(ErrorKind::Config, message));
            }
        }
        if self.max_loss.is_some() && !self.model {
            let message =
                "what is expected to be lost is known by the learned weights alone: use them, or set no limit to it";
            return Err(Error::new(ErrorKind::Config, message));
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
        let policy = Policy { level: self.level, max_removed: self.max_removed, max_loss: self.max_loss, enabled };
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
