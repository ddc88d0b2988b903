//! What would change the outcome for a line: options, and a rule ready to paste, each found to work by trying it.

use std::fmt::Write;

use dehusk::io::{Escaped, NewRule};
use dehusk::{Category, Cleaner, Document, ExplainedBlock, Explanation, Pack, Status};

use super::args::{KindArg, LevelArg, RuleArgs};
use super::clean::{builder, cleaner};
use super::exit::Outcome;

/// The outcome under other options, found by trying them.
pub fn flips(
    typed: &RuleArgs,
    document: &Document<'_>,
    i: usize,
    block: &ExplainedBlock,
    seen: &Explanation<'_>,
    out: &mut String,
) -> Outcome<()> {
    let gone = is_gone(seen, i);
    let mut trials: Vec<(String, RuleArgs)> = Vec::new();
    for (name, level) in [("gentle", LevelArg::Gentle), ("balanced", LevelArg::Balanced), ("strict", LevelArg::Strict)]
    {
        if typed.level.unwrap_or_default() != level {
            trials.push((format!("--level {name}"), RuleArgs { level: Some(level), ..typed.clone() }));
        }
    }
    for (name, kind) in [("page", KindArg::Page), ("extracted", KindArg::Extracted)] {
        if typed.input_kind != Some(kind) {
            trials.push((format!("--input-kind {name}"), RuleArgs { input_kind: Some(kind), ..typed.clone() }));
        }
    }
    let rules = block.hits().iter().map(|h| h.rule().as_str().to_owned());
    let categories = seen.removals_of(block).map(|r| r.category().id().to_owned());
    let mut names: Vec<String> = if gone { rules.chain(categories).collect() } else { Vec::new() };
    names.sort();
    names.dedup();
    for name in names {
        let mut other = typed.clone();
        other.ignore.push(name.clone());
        trials.push((format!("--ignore {name}"), other));
    }
    if seen.cleaned().status() == Status::Suspicious {
        trials.push(("--max-removed 100".to_owned(), RuleArgs { max_removed: Some(100.0), ..typed.clone() }));
        if typed.max_loss.is_some() {
            trials.push(("--max-loss 100".to_owned(), RuleArgs { max_loss: None, ..typed.clone() }));
        }
    }
    let mut found = Vec::new();
    for (name, options) in trials {
        let other: Cleaner = cleaner(&options)?;
        if is_gone(&other.explain(document.clone()), i) != gone {
            found.push(name);
        }
    }
    let rule = rule(typed, document, i, block, seen, gone)?;
    let what = if gone { "kept with" } else { "removed with" };
    let way = (!found.is_empty()).then(|| found.join(", or "));
    match (way, rule) {
        (None, None) => drop(writeln!(out, "  {what} no single option or rule that was tried")),
        (Some(way), None) => drop(writeln!(out, "  {what} {way}")),
        (way, Some(rule)) => {
            let _ = writeln!(
                out,
                "  {what} {}this in my.toml, and -r my.toml:\n",
                way.map(|w| w + ", or ").unwrap_or_default()
            );
            for line in rule.to_toml().lines() {
                let _ = writeln!(out, "{}", Escaped::text(line));
            }
        }
    }
    Ok(())
}

/// The rule for this line that flips the outcome, if one does.
fn rule(
    typed: &RuleArgs,
    document: &Document<'_>,
    i: usize,
    block: &ExplainedBlock,
    seen: &Explanation<'_>,
    gone: bool,
) -> Outcome<Option<NewRule>> {
    let text = &document.text()[block.span()];
    let category = seen.removals_of(block).next().map(dehusk::Removal::category);
    let category = category.or_else(|| block.hits().first().map(dehusk::RuleHit::category));
    let make = if gone { NewRule::keep } else { NewRule::remove };
    let Ok(rule) = make(text, category.unwrap_or(Category::Unclassified)) else { return Ok(None) };
    let other = builder(typed)?.pack(Pack::parse("my.toml", &rule.to_toml())?).build()?;
    Ok((is_gone(&other.explain(document.clone()), i) != gone).then_some(rule))
}

/// Whether a block, or a part of it, is not in the body.
fn is_gone(seen: &Explanation<'_>, i: usize) -> bool {
    let touches = |block: &ExplainedBlock| {
        let span = block.span();
        seen.cleaned().removals().iter().any(|r| r.view_span().start < span.end && span.start < r.view_span().end)
    };
    seen.blocks().get(i).is_some_and(touches)
}
