//! The shape of a pack file, and reading it.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::category::Category;
use crate::error::{Error, ErrorKind, Result};

/// The largest pack file that is read: a pack may come from a stranger.
pub const MAX_PACK_BYTES: usize = 4 << 20;
/// The most rules of one pack file.
pub const MAX_PACK_RULES: usize = 10_000;

/// A rule's permanent name, `category/name`: what reports say and options accept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Arc<str>);

impl RuleId {
    pub(crate) fn new(category: Category, name: &str) -> Self {
        Self(format!("{}/{name}", category.id()).into())
    }

    pub(crate) fn from_full(id: &str) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Strength {
    /// Adds a little to what the page says.
    Hint,
    /// Removes when its surroundings agree.
    #[default]
    Likely,
    /// Decides by itself.
    Certain,
}

/// How much of a block must lie under matches for a rule to fire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Covers {
    /// Every word; numbers do not count.
    Whole,
    /// Three words of five.
    #[default]
    Most,
    /// Any match will do.
    Part,
}

/// What a rule removes where it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Removes {
    /// The matched text alone.
    Span,
    /// The block.
    #[default]
    Block,
    /// The block and its short kin around it.
    Run,
    /// The block as a heading, and what it governs.
    Section,
}

/// Where on the page a rule may fire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Where {
    /// Anywhere.
    #[default]
    Any,
    /// In the first fifth of the page, or before its first paragraph of prose.
    Top,
    /// In the last third of the page.
    Bottom,
    /// After the last long paragraph of prose.
    AfterBody,
}

macro_rules! names {
    ($type:ident: $($variant:ident = $name:literal),*) => {
        impl $type {
            /// The name in packs and listings.
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name,)* }
            }
        }
    };
}
names!(Strength: Hint = "hint", Likely = "likely", Certain = "certain");
names!(Covers: Whole = "whole", Most = "most", Part = "part");
names!(Removes: Span = "span", Block = "block", Run = "run", Section = "section");
names!(Where: Any = "any", Top = "top", Bottom = "bottom", AfterBody = "after-body");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    category: Option<Spanned<String>>,
    #[serde(default = "undetermined")]
    language: String,
    #[serde(default)]
    rule: Vec<Spanned<RuleEntry>>,
    #[serde(default)]
    allow: Vec<Spanned<RuleEntry>>,
}

/// The tag for a pack that does not say its language.
pub(super) const UNDETERMINED: &str = "und";

fn undetermined() -> String {
    UNDETERMINED.to_owned()
}

/// One rule as written in a pack, its defaults filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RuleEntry {
    /// The name within the category.
    pub id: String,
    /// The category, where the file mixes several.
    #[serde(default)]
    pub category: Option<String>,
    /// What it is and why it is chrome, in one sentence.
    pub why: String,
    /// Phrases, matched as folded words.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Regular expressions, matched against one block.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// How much of the block must be covered.
    #[serde(default)]
    pub covers: Covers,
    /// How sure it is.
    #[serde(default)]
    pub strength: Strength,
    /// What goes.
    #[serde(default)]
    pub removes: Removes,
    /// Where it may fire.
    #[serde(default, rename = "where")]
    pub place: Where,
    /// Regular expressions that forbid it to fire.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Hosts it is meant for (`*.example.com` takes the host and all below it); none means all.
    #[serde(default)]
    pub sites: Vec<String>,
    /// Blocks it must catch.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Blocks that must survive all rules.
    pub keep: Vec<String>,
}

/// A rule of a pack with where it stands.
#[derive(Clone, Debug)]
pub(crate) struct PackRule {
    pub id: RuleId,
    pub category: Category,
    /// Whether it protects instead of removing.
    pub allow: bool,
    /// `file:line` for messages.
    pub place: String,
    /// Byte range in the source.
    pub span: Range<usize>,
    pub entry: RuleEntry,
}

/// A file of rules, read and checked for its form.
#[derive(Clone, Debug)]
pub struct Pack {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) language: String,
    pub(crate) rules: Vec<PackRule>,
}

impl Pack {
    /// Reads a pack from TOML. `name` is what messages call it, usually its path.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Pack`] with file, line and column when it is no TOML, has unknown keys, or is too large.
    pub fn parse(name: &str, source: &str) -> Result<Self> {
        if source.len() > MAX_PACK_BYTES {
            return Err(Error::new(
                ErrorKind::Pack,
                format!("the pack is larger than {MAX_PACK_BYTES} bytes: split it"),
            )
            .at(name));
        }
        let file: PackFile = toml::from_str(source).map_err(|e| {
            let at = e.span().map_or_else(|| name.to_owned(), |s| place(name, source, s.start));
            Error::new(ErrorKind::Pack, e.message().to_owned()).at(at)
        })?;
        if file.rule.len() + file.allow.len() > MAX_PACK_RULES {
            return Err(Error::new(
                ErrorKind::Pack,
                format!("the pack has more than {MAX_PACK_RULES} rules: split it"),
            )
            .at(name));
        }
        let default = match &file.category {
            None => None,
            Some(c) => Some(parse_category(c.get_ref(), || place(name, source, c.span().start))?),
        };
        // TOML gives the place of a rule's header; the rule reaches to the next one.
        let starts: Vec<usize> = file.rule.iter().chain(&file.allow).map(|r| r.span().start).collect();
        let end_of = |start| starts.iter().copied().filter(|s| *s > start).min().unwrap_or(source.len());
        let entries = file.rule.into_iter().map(|r| (false, r)).chain(file.allow.into_iter().map(|r| (true, r)));
        let mut rules = Vec::new();
        for (allow, entry) in entries {
            let span = entry.span().start..end_of(entry.span().start);
            let at = place(name, source, span.start);
            let entry = entry.into_inner();
            let category = match &entry.category {
                Some(c) => parse_category(c, || at.clone())?,
                None => default.ok_or_else(|| {
                    Error::new(
                        ErrorKind::Pack,
                        format!(
                            "rule {:?} has no category: write `category = \"…\"` at the top of the file or in the rule",
                            entry.id
                        ),
                    )
                    .at(at.clone())
                })?,
            };
            rules.push(PackRule { id: RuleId::new(category, &entry.id), category, allow, place: at, span, entry });
        }
        Ok(Self { name: name.to_owned(), source: source.to_owned(), language: file.language, rules })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The language its rules are written for, as a BCP 47 tag.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Its rules in file order.
    pub fn rules(&self) -> impl Iterator<Item = RuleView<'_>> {
        self.rules.iter().map(|rule| RuleView { rule, language: &self.language })
    }
}

/// A rule of a pack, for listings.
#[derive(Clone, Copy, Debug)]
pub struct RuleView<'a> {
    rule: &'a PackRule,
    language: &'a str,
}

impl<'a> RuleView<'a> {
    /// Its permanent name.
    pub fn id(&self) -> &'a RuleId {
        &self.rule.id
    }

    /// What it removes.
    pub fn category(&self) -> Category {
        self.rule.category
    }

    /// The language of its pack.
    pub fn language(&self) -> &'a str {
        self.language
    }

    /// Whether it is an allow-rule: it protects instead of removing.
    pub fn is_allow(&self) -> bool {
        self.rule.allow
    }

    /// `file:line`.
    pub fn place(&self) -> &'a str {
        &self.rule.place
    }

    /// What the pack says of it.
    pub fn entry(&self) -> &'a RuleEntry {
        &self.rule.entry
    }
}

fn parse_category(id: &str, at: impl FnOnce() -> String) -> Result<Category> {
    Category::from_str(id).map_err(|e| Error::new(ErrorKind::Pack, e.message().to_owned()).at(at()))
}

/// `file:line:column` of a byte offset.
pub(crate) fn place(name: &str, source: &str, offset: usize) -> String {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{name}:{line}:{column}")
}
