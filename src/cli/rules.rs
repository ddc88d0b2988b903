//! `dehusk rules`: what is removed, rule by rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use dehusk::io::Escaped;
use dehusk::{Category, Cleaner, Error, Pack, RuleView, check_packs};

use super::args::RuleArgs;
use super::clean::cleaner;
use super::exit::{Exit, Failure, Outcome};
use super::screen::{self, Screen, plural};

/// A category of a language with fewer phrases than this is said to be thin.
const FEW_PHRASES: usize = 4;

/// Runs `dehusk rules list`.
pub fn list(typed: &RuleArgs, json: bool) -> Outcome {
    let cleaner = cleaner(typed)?;
    let mut out = String::new();
    for rule in rules(&cleaner) {
        let entry = rule.entry();
        if json {
            let value = serde_json::json!({
                "id": rule.id().as_str(), "category": rule.category().id(), "language": rule.language(), "allow": rule.is_allow(),
                "strength": entry.strength.name(), "removes": entry.removes.name(), "covers": entry.covers.name(),
                "where": entry.place.name(), "phrases": entry.phrases, "patterns": entry.patterns, "why": entry.why, "place": rule.place(),
            });
            let _ = writeln!(out, "{value}");
        } else {
            let strength = if rule.is_allow() { "allow" } else { entry.strength.name() };
            let _ =
                writeln!(out, "{:<8} {:<3} {:<52} {}", strength, rule.language(), rule.id(), Escaped::text(&entry.why));
        }
    }
    screen::out(out).map(|()| Exit::Done)
}

/// Runs `dehusk rules show`.
pub fn show(id: &str, typed: &RuleArgs) -> Outcome {
    let cleaner = cleaner(typed)?;
    let mut found = rules(&cleaner).filter(|r| r.id().as_str() == id).peekable();
    if found.peek().is_none() {
        let (category, name) = id.rsplit_once('/').unwrap_or(("", id));
        let ids = rules(&cleaner).map(|r| r.id().as_str());
        let mut near: Vec<_> = ids.filter(|other| !name.is_empty() && other.contains(name)).collect();
        near.sort_by_key(|other| !other.starts_with(category));
        near.truncate(3);
        let hint = if near.is_empty() {
            "`dehusk rules list` shows them all".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(Failure::usage(format!("no rule {}: {hint}", Escaped::argument(id.as_ref()))));
    }
    screen::out(found.map(text_of).collect::<Vec<_>>().join("\n")).map(|()| Exit::Done)
}

fn rules(cleaner: &Cleaner) -> impl Iterator<Item = RuleView<'_>> {
    cleaner.packs().flat_map(Pack::rules)
}

fn text_of(rule: RuleView<'_>) -> String {
    let entry = rule.entry();
    let mut out = format!("{}\n  {}\n", rule.id(), Escaped::text(&entry.why));
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(out, "  {name:<9} {}", Escaped::text(value));
    };
    field("kind", if rule.is_allow() { "allow-rule: protects what it matches" } else { "removes what it matches" });
    field("strength", entry.strength.name());
    field("removes", &format!("the {}, at {} and above", entry.removes.name(), rule.category().removed_at()));
    field("covers", entry.covers.name());
    field("where", entry.place.name());
    field("language", rule.language());
    field("from", rule.place());
    for (name, values) in [
        ("sites", &entry.sites),
        ("phrase", &entry.phrases),
        ("pattern", &entry.patterns),
        ("unless", &entry.unless),
        ("match", &entry.matches),
        ("keep", &entry.keep),
    ] {
        for value in values {
            field(name, value);
        }
    }
    out
}

/// Runs `dehusk rules test`.
pub fn test(files: &[PathBuf], screen: &Screen) -> Outcome {
    let built_in = Cleaner::new();
    let (mut packs, mut unreadable) = (Vec::new(), 0);
    for path in files {
        match Pack::read(path) {
            Ok(pack) => packs.push(pack),
            Err(e) => {
                unreadable += 1;
                screen.error(pointed(path, e.place(), e.message()));
            }
        }
    }
    // All at once: they are used together, and with the built-in ones.
    let others: Vec<Pack> = built_in.packs().cloned().collect();
    let findings = check_packs(&packs, &others, &[]);
    for finding in &findings {
        let text = format!("{}: {}\n{}", finding.rule, finding.message, finding.help);
        let file = finding.place.rsplitn(3, ':').nth(2).unwrap_or_default();
        screen.error(pointed(Path::new(file), Some(&finding.place), &text));
    }
    let mistakes = findings.len() as u64 + unreadable;
    if mistakes > 0 {
        screen.note(format_args!("{} in {}", plural(mistakes, "mistake"), plural(files.len() as u64, "pack")));
        return Ok(Exit::Usage);
    }
    let rules = packs.iter().map(|pack| pack.rules().count() as u64).sum();
    screen.note(format_args!("{} in {}: sound", plural(rules, "rule"), plural(files.len() as u64, "pack")));
    for line in missing(&packs, &built_in) {
        screen.note(line);
    }
    Ok(Exit::Done)
}

/// What a language that is being added still lacks beside English: categories, and phrases.
fn missing(packs: &[Pack], built_in: &Cleaner) -> Vec<String> {
    let mut phrases: BTreeMap<&str, BTreeMap<Category, usize>> = BTreeMap::new();
    for rule in packs.iter().flat_map(|pack| pack.rules()).filter(|r| !r.is_allow() && !r.language().is_empty()) {
        *phrases.entry(rule.language()).or_default().entry(rule.category()).or_default() += rule.entry().phrases.len();
    }
    let english: BTreeSet<Category> =
        rules(built_in).filter(|r| r.language() == "en" && !r.is_allow()).map(|r| r.category()).collect();
    let say = |(language, categories): (&str, &BTreeMap<Category, usize>)| {
        let lacking: Vec<&str> = english.iter().filter(|c| !categories.contains_key(c)).map(|c| c.id()).collect();
        let thin: Vec<&str> =
            categories.iter().filter(|(_, phrases)| **phrases < FEW_PHRASES).map(|(c, _)| c.id()).collect();
        let list = |what: &str, ids: &[&str]| match ids {
            [] => String::new(),
            ids => format!("; {what}: {}", ids.join(", ")),
        };
        format!(
            "{language}: {} in {} of {} categories that English has{}{}",
            plural(categories.values().sum::<usize>() as u64, "phrase"),
            categories.len(),
            english.len(),
            list("no rules for", &lacking),
            list(&format!("fewer than {FEW_PHRASES} phrases for"), &thin),
        )
    };
    phrases.iter().map(|(language, categories)| say((language, categories))).collect()
}

/// A pack that cannot be used.
pub fn bad_pack(path: &Path, error: &Error) -> Failure {
    let told = pointed(path, error.place(), error.message());
    Failure::usage(format!("{told}\nNothing was written; `dehusk rules test FILE` checks a pack"))
}

/// Characters of a line that are shown before its mistake, and from it on.
const SHOWN: usize = 100;

/// What is wrong with a pack: `file:line:column`, the line itself with a caret, and what to do.
fn pointed(path: &Path, place: Option<&str>, message: &str) -> String {
    let mut lines = message.lines();
    let at = place.map_or_else(|| Escaped::path(path).to_string(), |place| Escaped::text(place).to_string());
    let mut out = format!("{at}: {}", Escaped::text(lines.next().unwrap_or_default()));
    let position = place.and_then(|place| {
        let mut parts = place.rsplit(':').map(|part| part.parse::<usize>().ok().filter(|n| *n > 0));
        let (column, line) = (parts.next()??, parts.next()??);
        Some((line, column))
    });
    if let Some((line, column)) = position
        && let Ok(source) = std::fs::read_to_string(path)
        && let Some(text) = source.lines().nth(line - 1)
    {
        let skipped = (column - 1).saturating_sub(SHOWN);
        let before: String = text.chars().take(column - 1).skip(skipped).collect();
        let shown: String = text.chars().skip(skipped).take(2 * SHOWN).collect();
        let width = Escaped::text(&before).to_string().chars().count();
        let _ = write!(out, "\n{line:>5} | {}\n      | {}^", Escaped::text(&shown), " ".repeat(width));
    }
    for help in lines {
        let _ = write!(out, "\n      = {}", Escaped::text(help));
    }
    out
}
