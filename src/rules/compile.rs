//! Every rule of a cleaner, ready for scanning.

use once_cell::race::OnceBox;
use regex::{Regex, RegexBuilder};

use super::category::Category;
use super::compiled::{Compiled, CompiledPhrase, Target};
use super::guard::Guard;
use super::literals::Literals;
use super::lookup::{Lookup, Size};
use super::pack::{Covers, Pack, Removes, RuleId, Strength, UNDETERMINED, Where};
use crate::error::{Error, ErrorKind, Result};
use crate::segment::Shape;

/// Compiled size of one regex.
const REGEX_BYTES: usize = 1 << 20;
/// The most patterns of all packs together. Regexes are compiled only when a page needs them, so a pack of bounded
/// repeats costs time and memory only where it fires.
const MAX_PATTERNS: usize = 20_000;

/// A regex that is compiled when a page first needs it: packs hold many, a page needs few. Threads that need it at once
/// compile it twice rather than wait: a process that was forked meanwhile would wait for ever.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    source: Box<str>,
    compiled: OnceBox<Option<Regex>>,
}

impl LazyRegex {
    fn new(source: &str) -> Self {
        Self { source: source.into(), compiled: OnceBox::new() }
    }

    /// The regex. `None` only if the source is no valid regex, which the pack check refuses.
    pub fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Box::new(build(&self.source).ok())).as_ref()
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|r| r.is_match(text))
    }
}

/// Compiles a regex within the limits for packs.
pub(crate) fn build(source: &str) -> std::result::Result<Regex, regex::Error> {
    RegexBuilder::new(source).size_limit(REGEX_BYTES).nest_limit(50).build()
}

/// Whether a BCP 47 tag names one language, and not English.
fn is_foreign(language: &str) -> bool {
    let primary = language.split('-').next().unwrap_or_default();
    ![UNDETERMINED, "en", "mul", ""].iter().any(|tag| primary.eq_ignore_ascii_case(tag))
}

/// What the user's choice makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It is used as its pack says.
    AsWritten,
    /// The user wants what it finds: it protects. A hint is too weak for that, and is switched off.
    Protects,
    /// As if it were not there.
    Off,
}

/// A rule in the form that scanning and deciding read.
#[derive(Debug)]
pub(crate) struct Rule {
    pub id: RuleId,
    pub category: Category,
    /// Whether it is written for one language, and that is not English.
    pub foreign: bool,
    pub allow: bool,
    pub covers: Covers,
    pub strength: Strength,
    pub removes: Removes,
    pub place: Where,
    pub unless: Vec<LazyRegex>,
    pub sites: Vec<String>,
    /// Switched off by the user's choice: as if it were not there.
    pub off: bool,
}

/// A pattern and the rule it belongs to.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub rule: u32,
    pub regex: LazyRegex,
    guard: Guard,
}

impl Pattern {
    /// Whether the pattern may match in a block of this text and shape.
    pub fn may_match(&self, text: &str, shape: &Shape) -> bool {
        self.guard.accepts(text, shape)
    }
}

/// Every rule of a cleaner. Indexes of rules, phrases and patterns run through all its packs.
#[derive(Debug, Default)]
pub(crate) struct RuleSet {
    pub rules: Vec<Rule>,
    words: Vec<u64>,
    phrases: Vec<CompiledPhrase>,
    pub patterns: Vec<Pattern>,
    /// Phrases and patterns by words and pairs of words.
    pub lookup: Lookup,
    pub literals: Literals,
}

impl RuleSet {
    /// Joins compiled packs; rules that `wanted` refuses are off.
    pub fn join(parts: &[&Compiled], wanted: impl Fn(&RuleId, Category) -> Use) -> Result<Self> {
        let mut set = Self::default();
        let mut keys = Vec::new();
        for part in parts {
            set.add(part, &wanted, &mut keys);
        }
        if set.patterns.len() > MAX_PATTERNS {
            let message = format!("more than {MAX_PATTERNS} patterns in all: use phrases instead");
            return Err(Error::new(ErrorKind::Pack, message));
        }
        set.lookup = Lookup::new(keys, |target| set.found_in(target));
        set.literals.check()?;
        Ok(set)
    }

    /// Compiles and joins packs as they were parsed.
    pub fn compile(packs: &[Pack], wanted: impl Fn(&RuleId, Category) -> Use) -> Result<Self> {
        Self::join(&[&Compiled::of(packs)], wanted)
    }

    fn add(&mut self, part: &Compiled, wanted: &impl Fn(&RuleId, Category) -> Use, keys: &mut Vec<(u64, Target)>) {
        let (rule_0, word_0) = (self.rules.len() as u32, self.words.len() as u32);
        let (phrase_0, pattern_0) = (self.phrases.len() as u32, self.patterns.len() as u32);
        for rule in &part.rules {
            let id = RuleId::from_full(&rule.id);
            let category = Category::ALL.get(usize::from(rule.category)).copied().unwrap_or(Category::Unclassified);
            let usage = if rule.allow { Use::AsWritten } else { wanted(&id, category) };
            let protects = usage == Use::Protects && rule.strength > Strength::Hint;
            self.rules.push(Rule {
                off: usage != Use::AsWritten && !protects,
                id,
                category,
                foreign: is_foreign(&rule.language),
                allow: rule.allow || protects,
                covers: rule.covers,
                strength: rule.strength,
                removes: rule.removes,
                place: rule.place,
                unless: rule.unless.iter().map(|r| LazyRegex::new(r)).collect(),
                sites: rule.sites.clone(),
            });
        }
        self.words.extend(&part.words);
        let phrases = part.phrases.iter();
        self.phrases.extend(phrases.map(|p| CompiledPhrase { rule: p.rule + rule_0, start: p.start + word_0, ..*p }));
        for pattern in &part.patterns {
            let id = self.patterns.len() as u32;
            let rule = pattern.rule + rule_0;
            let inside = self.rule(rule).covers == Covers::Part;
            for literal in &pattern.literals {
                self.literals.add(literal, id, inside, &pattern.guard);
            }
            self.patterns.push(Pattern { rule, regex: LazyRegex::new(&pattern.regex), guard: pattern.guard });
        }
        keys.extend(part.keys.iter().map(|(key, target)| match target {
            Target::Phrase(id) => (*key, Target::Phrase(id + phrase_0)),
            Target::Pattern { id, at } => (*key, Target::Pattern { id: id + pattern_0, at: *at }),
        }));
    }

    pub fn rule(&self, index: u32) -> &Rule {
        &self.rules[index as usize]
    }

    /// A phrase's rule, its words, and which of them it is looked up by.
    pub fn phrase(&self, index: u32) -> (u32, &[u64], usize) {
        let CompiledPhrase { rule, start, len, key_at } = self.phrases[index as usize];
        (rule, &self.words[start as usize..][..len as usize], key_at as usize)
    }

    /// The largest blocks that a target can be found in; none if its rule is off.
    pub fn found_in(&self, target: Target) -> Option<Size> {
        let (rule, one_word) = match target {
            Target::Phrase(id) => (self.phrases[id as usize].rule, self.phrases[id as usize].len == 1),
            Target::Pattern { id, .. } => (self.patterns[id as usize].rule, false),
        };
        match self.rule(rule) {
            Rule { off: true, .. } => None,
            _ if one_word => Some(Size::Label),
            Rule { covers: Covers::Part, .. } => Some(Size::Prose),
            _ => Some(Size::Line),
        }
    }
}
