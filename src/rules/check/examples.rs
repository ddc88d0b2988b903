//! What a rule does to its own examples, and to innocent prose.

use std::ops::Range;

use super::Check;
use crate::document::Document;
use crate::rules::compile::RuleSet;
use crate::rules::pack::{PackRule, RuleId};
use crate::scan::{self, Hit, Scan};
use crate::segment::{self, Blocks};

impl Check<'_> {
    pub(super) fn examples(&mut self, rule: &PackRule, bench: &mut Bench) {
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

/// Reports every certain rule that fires in innocent prose to the check of its pack.
pub(super) fn in_prose(checks: &mut [Check<'_>], prose: &[(&str, &str)], bench: &mut Bench) {
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
pub(super) struct Bench {
    rules: RuleSet,
    blocks: Blocks,
    scan: Scan,
}

impl Bench {
    pub(super) fn new(rules: RuleSet) -> Self {
        Self { rules, blocks: Blocks::default(), scan: Scan::default() }
    }

    /// All hits in a text, wherever on the page it may stand.
    fn hits(&mut self, text: &str, site: Option<&str>) -> &[Hit] {
        segment::segment(&Document::new(text), &mut self.blocks);
        // An example is of its rule's language, not of a page's.
        self.blocks.english = false;
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
