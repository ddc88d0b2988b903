//! How a rule is written: ids, examples, phrases, patterns.

use std::collections::BTreeMap;

use regex_syntax::hir::{Hir, HirKind, Look};

use super::Check;
use crate::rules::pack::{PackRule, RuleId, Strength};
use crate::rules::{compile, keys, literal};
use crate::segment::{self, fold};

/// Examples that a rule must have of what it catches, and of what it must leave alone.
const MIN_EXAMPLES: usize = 2;
/// Words that a certain phrase has at least; characters, in scripts without spaces.
const MIN_CERTAIN_WORDS: usize = 2;
const MIN_CERTAIN_UNSPACED: usize = 4;
/// The longest regular expression, in bytes.
const MAX_PATTERN: usize = 1_000;

impl Check<'_> {
    /// `seen` names the pack that first has each id.
    pub(super) fn ids(&mut self, seen: &BTreeMap<&RuleId, &str>) {
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

    pub(super) fn form(&mut self, rule: &PackRule) {
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
