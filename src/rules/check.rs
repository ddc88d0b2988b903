//! Whether a pack is sound: every rule carries its own tests, and a pack that fails them is refused with a way out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use regex_syntax::hir::{Hir, HirKind, Look};

use super::compile::{self, RuleSet, Use};
use super::pack::{Pack, PackRule, RuleId, Strength};
use super::{keys, literal};
use crate::document::Document;
use crate::scan::{self, Hit, Scan};
use crate::segment::{self, Blocks, fold};

/// Examples that a rule must have of what it catches, and of what it must leave alone.
const MIN_EXAMPLES: usize = 2;
/// Words that a certain phrase has at least; characters, in scripts without spaces.
const MIN_CERTAIN_WORDS: usize = 2;
const MIN_CERTAIN_UNSPACED: usize = 4;
/// The longest regular expression, in bytes.
const MAX_PATTERN: usize = 1_000;

/// A mistake in a pack: where, what, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// `file:line:column`.
    pub place: String,
    /// The rule it is about.
    pub rule: RuleId,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The faulty text's byte range in the pack's source; the rule's when the text cannot be told.
    pub span: Range<usize>,
}

impl Pack {
    /// Checks the pack for soundness beside `others`, the packs it will be used with, and against `prose`: innocent texts
    /// (name and content) in which no certain rule may fire. An empty list means it is sound.
    ///
    /// ```
    /// let pack = dehusk::Pack::parse("mine.toml", r#"
    ///     category = "navigation"
    ///     language = "en"
    ///     [[rule]]
    ///     id = "home"
    ///     why = "The first word of most menus."
    ///     phrases = ["home"]
    ///     strength = "certain"
    ///     match = ["Home", "HOME"]
    ///     keep = ["They went home.", "Home is where the hats are."]
    /// "#).unwrap();
    /// let findings = pack.check(&[], &[]);
    /// assert!(findings[0].message.contains("one word"));
    /// ```
    pub fn check(&self, others: &[Pack], prose: &[(&str, &str)]) -> Vec<Finding> {
        check_packs(std::slice::from_ref(self), others, prose)
    }
}

/// Checks several packs at once, as [`Pack::check`] does one.
pub fn check_packs(packs: &[Pack], others: &[Pack], prose: &[(&str, &str)]) -> Vec<Finding> {
    let names: BTreeSet<&str> = packs.iter().map(|p| p.name.as_str()).collect();
    let others = others.iter().filter(|p| !names.contains(p.name.as_str()));
    let all: Vec<Pack> = packs.iter().chain(others).cloned().collect();
    let mut seen: BTreeMap<&RuleId, &str> = BTreeMap::new();
    for pack in &all {
        // The last one stays: of a pack under test and the packs it joins, the latter had the id before.
        seen.extend(pack.rules.iter().map(|r| (&r.id, pack.name.as_str())));
    }
    let compiled = RuleSet::compile(&all, |_, _| Use::AsWritten);
    let mut findings = Vec::new();
    for pack in packs {
        let mut check = Check { pack, findings: Vec::new() };
        check.ids(&seen);
        for rule in &pack.rules {
            check.form(rule);
        }
        if let (Err(e), Some(rule)) = (&compiled, pack.rules.first()) {
            check.add(rule, "", e.message().to_owned(), "make the packs smaller");
        }
        findings.push(check);
    }
    if let Ok(rules) = compiled {
        let mut bench = Bench { rules, blocks: Blocks::default(), scan: Scan::default() };
        for check in &mut findings {
            for rule in &check.pack.rules {
                check.examples(rule, &mut bench);
            }
        }
        in_prose(&mut findings, prose, &mut bench);
    }
    findings.into_iter().flat_map(|c| c.findings).collect()
}

/// Reports every certain rule that fires in innocent prose to the check of its pack.
fn in_prose(checks: &mut [Check<'_>], prose: &[(&str, &str)], bench: &mut Bench) {
    for (name, text) in prose {
        for (line, paragraph) in text.lines().enumerate() {
            let Some((id, span)) = bench.certain(paragraph) else { continue };
            let found = checks.iter_mut().find_map(|c| c.pack.rules.iter().find(|r| r.id == id).map(|r| (c, r)));
            let Some((check, rule)) = found else { continue };
            let matched = paragraph.get(span.start as usize..span.end as usize).unwrap_or_default();
            let message = format!("fires in innocent prose at {name}:{}: {matched:?}", line + 1);
            check.add(rule, "", message, "a certain rule must not: narrow it, or make it `likely`");
        }
    }
}

/// What examples are tried on.
struct Bench {
    rules: RuleSet,
    blocks: Blocks,
    scan: Scan,
}

impl Bench {
    /// All hits in a text, wherever on the page it may stand.
    fn hits(&mut self, text: &str, site: Option<&str>) -> &[Hit] {
        segment::segment(&Document::new(text), &mut self.blocks);
        scan::scan(text, &self.blocks, &self.rules, site, &mut self.scan);
        &self.scan.hits
    }

    /// The first certain rule that hits.
    fn certain(&mut self, text: &str) -> Option<(RuleId, Range<u32>)> {
        self.hits(text, None);
        let allowed = self.scan.hits.iter().any(|h| self.rules.rule(h.rule).allow);
        let hit = self.scan.hits.iter().find(|h| h.is_certain(&self.rules)).filter(|_| !allowed)?;
        Some((self.rules.rule(hit.rule).id.clone(), hit.span.clone()))
    }
}

struct Check<'p> {
    pack: &'p Pack,
    findings: Vec<Finding>,
}

impl Check<'_> {
    /// Records a mistake at the first place inside the rule where `text` stands.
    fn add(&mut self, rule: &PackRule, text: &str, message: String, help: &str) {
        let source = &self.pack.source;
        let inside = source.get(rule.span.clone()).unwrap_or_default();
        let span = match inside.find(text).filter(|_| !text.is_empty()) {
            Some(at) => rule.span.start + at..rule.span.start + at + text.len(),
            None => rule.span.clone(),
        };
        let place = super::pack::place(&self.pack.name, source, span.start);
        self.findings.push(Finding { place, rule: rule.id.clone(), message, help: help.to_owned(), span });
    }

    /// `seen` names the pack that first has each id.
    fn ids(&mut self, seen: &BTreeMap<&RuleId, &str>) {
        let mut last: Option<&PackRule> = None;
        for rule in &self.pack.rules {
            let id = &rule.entry.id;
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                self.add(
                    rule,
                    id,
                    format!("the id {id:?} is not in kebab-case"),
                    "use lower-case letters, digits and hyphens",
                );
            }
            if let Some(other) = seen.get(&rule.id).filter(|name| **name != self.pack.name) {
                self.add(
                    rule,
                    id,
                    format!("{} exists in {other}", rule.id),
                    "ids are permanent and unique: choose another",
                );
            }
            if let Some(last) = last.filter(|l| l.allow == rule.allow && l.category == rule.category) {
                if last.entry.id == *id {
                    self.add(rule, id, format!("{} stands twice", rule.id), "join the two rules or rename one");
                } else if last.entry.id > *id {
                    self.add(rule, id, format!("{id:?} comes after {:?}", last.entry.id), "sort the rules by id");
                }
            }
            last = Some(rule);
        }
    }

    fn form(&mut self, rule: &PackRule) {
        let entry = &rule.entry;
        for (name, list) in [("match", &entry.matches), ("keep", &entry.keep)] {
            if list.len() < MIN_EXAMPLES {
                self.add(
                    rule,
                    name,
                    format!("`{name}` has {} entries", list.len()),
                    "give at least two: they are the rule's tests",
                );
            }
        }
        if entry.phrases.is_empty() && entry.patterns.is_empty() {
            self.add(rule, "", "the rule has neither phrases nor patterns".into(), "say what it looks for");
        }
        for phrase in &entry.phrases {
            self.phrase(rule, phrase);
        }
        for pattern in &entry.patterns {
            self.regex(rule, pattern, true);
        }
        for pattern in &entry.unless {
            self.regex(rule, pattern, false);
        }
    }

    fn phrase(&mut self, rule: &PackRule, phrase: &str) {
        let words = segment::token::words_of(phrase).iter().filter(|w| **w != segment::token::NUMBER).count();
        let unspaced = phrase.chars().filter(|c| fold::is_unspaced_script(*c)).count();
        if words == 0 {
            self.add(
                rule,
                phrase,
                format!("the phrase {phrase:?} has no word"),
                "punctuation and numbers alone say nothing: use a pattern",
            );
        }
        let enough = if unspaced > 0 { words >= MIN_CERTAIN_UNSPACED } else { words >= MIN_CERTAIN_WORDS };
        if rule.entry.strength == Strength::Certain && !rule.allow && !enough && words > 0 {
            let what = if unspaced > 0 { "fewer than four characters" } else { "one word" };
            self.add(
                rule,
                phrase,
                format!("the certain phrase {phrase:?} is {what}"),
                "nothing so short is certain: use `likely`, or a longer phrase",
            );
        }
    }

    fn regex(&mut self, rule: &PackRule, pattern: &str, needs_literal: bool) {
        if pattern.len() > MAX_PATTERN {
            self.add(
                rule,
                "",
                format!("a pattern of {} bytes", pattern.len()),
                "patterns have at most 1,000 bytes: use phrases",
            );
            return;
        }
        let regex = match compile::build(pattern) {
            Ok(regex) => regex,
            Err(e) => {
                let said = e.to_string().lines().last().unwrap_or_default().trim().to_owned();
                self.add(
                    rule,
                    pattern,
                    format!("the pattern does not compile: {said}"),
                    "see docs.rs/regex for the syntax",
                );
                return;
            }
        };
        if regex.is_match("") {
            self.add(rule, pattern, "the pattern matches the empty text".into(), "make something in it required");
        }
        if needs_literal && literal::required(pattern).is_none() && keys::required(pattern).is_none() {
            self.add(
                rule,
                pattern,
                format!("the pattern has no literal of {} letters that every match contains", literal::MIN_LITERAL),
                "patterns run only where their literal stands: add one to every branch",
            );
        }
        if half_anchored(pattern) {
            self.add(
                rule,
                pattern,
                "the anchors bind only one branch of the alternation".into(),
                "write `^(?:a|b)$` for `^a|b$`",
            );
        }
    }

    fn examples(&mut self, rule: &PackRule, bench: &mut Bench) {
        let site = rule.entry.sites.first().map(|s| s.trim_start_matches("*.").to_owned());
        for example in &rule.entry.matches {
            bench.hits(example, site.as_deref());
            let Bench { rules, scan, .. } = &*bench;
            let ids: Vec<&RuleId> = scan.hits.iter().map(|h| &rules.rule(h.rule).id).collect();
            if !ids.contains(&&rule.id) {
                let message = match ids.first() {
                    Some(other) => format!("the match {example:?} is caught by {other}, not by this rule"),
                    None => format!("the match {example:?} is not caught"),
                };
                self.add(rule, example, message, "add a phrase, loosen `covers`, or take the example out");
            } else if let Some(other) = scan.hits.iter().map(|h| rules.rule(h.rule)).find(|r| r.allow && !rule.allow) {
                self.add(
                    rule,
                    example,
                    format!("the match {example:?} is protected by {}", other.id),
                    "narrow the allow-rule",
                );
            }
        }
        for example in &rule.entry.keep {
            let own = bench.hits(example, site.as_deref()).iter().map(|h| h.rule).collect::<Vec<_>>();
            let by_itself = own.iter().any(|h| bench.rules.rule(*h).id == rule.id);
            if by_itself {
                self.add(
                    rule,
                    example,
                    format!("the rule catches its own keep {example:?}"),
                    "narrow the phrases, or use `covers`, `where` or `unless`",
                );
            } else if let Some((other, _)) = bench.certain(example) {
                self.add(
                    rule,
                    example,
                    format!("the keep {example:?} would be removed by {other}"),
                    "narrow that rule",
                );
            }
        }
    }
}

/// Whether `^` or `$` stands in some branches of a top-level alternation only, as in `^a|b$`.
fn half_anchored(pattern: &str) -> bool {
    let Ok(hir) = regex_syntax::Parser::new().parse(pattern) else { return false };
    let HirKind::Alternation(branches) = hir.kind() else { return false };
    let uneven = |anchored: fn(&Hir) -> bool| {
        let count = branches.iter().filter(|b| anchored(b)).count();
        count > 0 && count < branches.len()
    };
    uneven(|h| h.properties().look_set_prefix().contains(Look::Start))
        || uneven(|h| h.properties().look_set_suffix().contains(Look::End))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(rule: &str) -> Vec<String> {
        let source = format!(
            "category = \"navigation\"\nlanguage = \"en\"\n[[rule]]\nid = \"r\"\nwhy = \"w\"\n{rule}\n{}",
            if rule.contains("match") {
                ""
            } else {
                "match = [\"skip to content\", \"Skip to content!\"]\nkeep = [\"a\", \"b\"]"
            }
        );
        Pack::parse("p.toml", &source)
            .unwrap()
            .check(&[], &[("prose", "Then skip to content, she said.")])
            .into_iter()
            .map(|f| f.message)
            .collect()
    }

    /// Every mistake is refused, and named.
    #[test]
    fn mistakes_are_named() {
        for (rule, want) in [
            ("phrases = [\"home\"]\nstrength = \"certain\"", "one word"),
            ("phrases = [\"版权\"]\nstrength = \"certain\"", "fewer than four characters"),
            ("phrases = [\"...\"]", "has no word"),
            ("patterns = ['^true|false|null$']", "anchors bind only one branch"),
            ("patterns = ['\\d+']", "no literal"),
            ("patterns = ['(?:skip to content)?']", "matches the empty text"),
            ("patterns = ['(skip']", "does not compile"),
            ("phrases = [\"jump to content\"]", "is not caught"),
            (
                "phrases = [\"skip to content\"]\nmatch = [\"skip to content\"]\nkeep = [\"a\", \"b\"]",
                "`match` has 1 entries",
            ),
            (
                "phrases = [\"skip to content\"]\nmatch = [\"skip to content\", \"Skip to content\"]\nkeep = [\"Skip to content.\", \"b\"]",
                "its own keep",
            ),
            ("phrases = [\"skip to content\"]\ncovers = \"part\"\nstrength = \"certain\"", "fires in innocent prose"),
            ("match = [\"skip to content\", \"b\"]\nkeep = [\"a\", \"b\"]", "neither phrases nor patterns"),
        ] {
            let got = findings(rule);
            assert!(got.iter().any(|m| m.contains(want)), "{rule}: {got:?}");
        }
        assert_eq!(findings("phrases = [\"skip to content\"]\nstrength = \"certain\""), Vec::<String>::new());
    }

    #[test]
    fn ids_are_unique_and_sorted() {
        let rule = |id: &str| {
            format!(
                "[[rule]]\nid = \"{id}\"\nwhy = \"w\"\nphrases = [\"x y\"]\nmatch = [\"x y\", \"X Y\"]\nkeep = [\"a\", \"b\"]\n"
            )
        };
        let pack = |name: &str, ids: &[&str]| {
            let rules: String = ids.iter().map(|i| rule(i)).collect();
            Pack::parse(name, &format!("category = \"tags\"\nlanguage = \"en\"\n{rules}")).unwrap()
        };
        let other = pack("other.toml", &["c"]);
        let found: Vec<_> = pack("p.toml", &["b", "a", "a", "c", "D"])
            .check(&[other], &[])
            .into_iter()
            .map(|f| (f.place, f.message))
            .collect();
        let line = |n: usize| format!("p.toml:{n}:7");
        assert_eq!(
            found,
            vec![
                (line(10), "\"a\" comes after \"b\"".to_owned()),
                (line(16), "tags/a stands twice".to_owned()),
                (line(22), "tags/c exists in other.toml".to_owned()),
                (line(28), "the id \"D\" is not in kebab-case".to_owned()),
                (line(28), "\"D\" comes after \"c\"".to_owned()),
            ]
        );
    }
}
