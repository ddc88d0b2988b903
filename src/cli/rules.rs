//! `dehusk rules`: what is removed, rule by rule.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use dehusk::io::Escaped;
use dehusk::{Cleaner, Error, Pack, RuleView};

use super::args::RuleArgs;
use super::clean::cleaner;
use super::exit::{Exit, Failure, Outcome};
use super::screen::{self, Screen, plural};

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
            let _ = writeln!(out, "{:<8} {:<3} {:<52} {}", strength, rule.language(), rule.id(), Escaped::text(&entry.why));
        }
    }
    screen::out(out).map(|()| Exit::Done)
}

/// Runs `dehusk rules show`.
pub fn show(id: &str, typed: &RuleArgs) -> Outcome {
    let cleaner = cleaner(typed)?;
    let mut found = rules(&cleaner).filter(|r| r.id().as_str() == id).peekable();
    if found.peek().is_none() {
        let name = id.rsplit('/').next().unwrap_or(id);
        let near: Vec<_> = rules(&cleaner).map(|r| r.id().as_str()).filter(|other| !name.is_empty() && other.contains(name)).take(3).collect();
        let hint = if near.is_empty() { "`dehusk rules list` shows them all".to_owned() } else { format!("did you mean {}?", near.join(", ")) };
        return Err(Failure::usage(format!("no rule {}: {hint}", Escaped::argument(id.as_ref()))));
    }
    screen::out(found.map(text_of).collect::<Vec<_>>().join("\n")).map(|()| Exit::Done)
}

fn rules(cleaner: &Cleaner) -> impl Iterator<Item = RuleView<'_>> {
    cleaner.packs().iter().flat_map(Pack::rules)
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
    let (mut rules, mut bad) = (0, 0);
    for path in files {
        match check(path) {
            Ok(n) => rules += n,
            Err(message) => {
                bad += 1;
                screen.error(message);
            }
        }
    }
    if bad > 0 {
        return Ok(Exit::Usage);
    }
    screen.note(format_args!("{} in {} are sound", plural(rules, "rule"), plural(files.len() as u64, "pack")));
    Ok(Exit::Done)
}

/// Checks a pack: that it can be read, compiled, and that its examples come out as it says.
fn check(path: &Path) -> Result<u64, String> {
    let told = |e: &Error| match bad_pack(path, e) {
        Failure::Told(_, message) => message,
        Failure::ClosedPipe => String::new(),
    };
    let pack = Pack::read(path).map_err(|e| told(&e))?;
    let n = pack.rules().count() as u64;
    Cleaner::builder().pack(pack).build().map_err(|e| told(&e))?;
    Ok(n)
}

/// What is wrong with a pack: file, line, the line itself with a caret, and what to do.
pub fn bad_pack(path: &Path, error: &Error) -> Failure {
    let place = error.place().map(Escaped::text).map(|p| p.to_string()).unwrap_or_else(|| Escaped::path(path).to_string());
    let mut out = format!("{place}: {}", Escaped::lines(error.message()));
    let position = error.place().and_then(|place| {
        let mut parts = place.rsplit(':').map(str::parse::<usize>);
        let (column, line) = (parts.next()?.ok()?, parts.next()?.ok()?);
        Some((line, column))
    });
    if let Some((line, column)) = position
        && let Ok(source) = std::fs::read_to_string(path)
        && let Some(text) = source.lines().nth(line - 1)
    {
        let before: String = text.chars().take(column - 1).collect();
        let width = Escaped::text(&before).to_string().chars().count();
        let _ = write!(out, "\n{line:>5} | {}\n      | {}^", Escaped::text(text), " ".repeat(width));
    }
    out.push_str("\nNothing was written; `dehusk rules test FILE` checks a pack");
    Failure::usage(out)
}
