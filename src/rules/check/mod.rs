//! Whether a pack is sound: every rule carries its own tests, and a pack that fails them is refused with a way out.

mod examples;
mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use examples::{Bench, in_prose};

use super::compile::{RuleSet, Use};
use super::pack::{Pack, PackRule, RuleId};

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
        let mut bench = Bench::new(rules);
        for check in &mut findings {
            for rule in &check.pack.rules {
                check.examples(rule, &mut bench);
            }
        }
        in_prose(&mut findings, prose, &mut bench);
    }
    findings.into_iter().flat_map(|c| c.findings).collect()
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
