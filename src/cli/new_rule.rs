//! `dehusk rules new`: a rule, with its tests, from a line that should have stayed or gone.

use std::io::Write;

use dehusk::io::{Draft, Escaped, NewRule};
use dehusk::{Category, Cleaner, Pack};

use super::args::NewRuleArgs;
use super::exit::{Exit, Failure, Outcome};
use super::outputs::unwritable;
use super::screen::Screen;

/// What a new pack begins with.
const HEAD: &str = "# Rules of my own: use them with -r, check them with `dehusk rules test`.\n";

/// Runs `dehusk rules new`.
pub fn run(typed: &NewRuleArgs, screen: &Screen) -> Outcome {
    let path = &typed.pack;
    let built_in = Cleaner::new();
    let pack = match path.symlink_metadata() {
        Ok(_) => Pack::read(path).map_err(|e| super::rules::bad_pack(path, &e))?,
        Err(_) => Pack::parse(&path.display().to_string(), HEAD)?,
    };
    let rule = match (&typed.keep, &typed.remove) {
        (Some(text), _) => NewRule::keep(text, category(typed, text, &built_in)?)?,
        (None, Some(text)) => NewRule::remove(text, category(typed, text, &built_in)?)?,
        (None, None) => return Err(Failure::usage("say --keep TEXT or --remove TEXT")),
    };
    if rule.is_in(&pack) {
        screen.note(format_args!("{} has a rule for it already. Nothing was written", Escaped::path(path)));
        return Ok(Exit::Done);
    }
    let rule = unused_name(rule, &pack, &built_in);
    let others: Vec<Pack> = built_in.packs().cloned().collect();
    let mut refused = None;
    for rule in [rule.clone(), rule.with_plain_examples()] {
        let source = pack.source_with(&rule);
        let grown = Pack::parse(pack.name(), &source)?;
        let finding = grown.check(&others, &[]).into_iter().find(|f| f.rule.as_str() == rule.full_id());
        if finding.is_some() {
            refused = refused.or(finding);
            continue;
        }
        let write = || {
            let mut draft = Draft::new(path, true)?;
            draft.write_all(source.as_bytes())?;
            draft.finish()?.commit()
        };
        write().map_err(|e| unwritable(path, &e))?;
        screen.note(format_args!(
            "{} is in {}, and its tests pass. Clean with -r {}",
            rule.full_id(),
            Escaped::path(path),
            Escaped::path(path)
        ));
        return Ok(Exit::Done);
    }
    let why = refused.map(|f| format!("{}: {}", f.message, f.help)).unwrap_or_default();
    Err(Failure::usage(format!("no sound rule comes of this line: {}. Nothing was written", Escaped::text(&why))))
}

/// What the line is: as typed, or what it goes as now.
fn category(typed: &NewRuleArgs, text: &str, built_in: &Cleaner) -> Outcome<Category> {
    if let Some(name) = &typed.category {
        return Ok(name.parse()?);
    }
    let seen = built_in.explain(text);
    let removed = seen.cleaned().removals().first().map(dehusk::Removal::category);
    let known = || seen.blocks().iter().flat_map(|b| b.hits()).find(|h| !h.is_allow()).map(dehusk::RuleHit::category);
    Ok(removed.or_else(known).unwrap_or(Category::Unclassified))
}

/// The rule under a name that no other has.
fn unused_name(rule: NewRule, pack: &Pack, built_in: &Cleaner) -> NewRule {
    let taken = |id: &str| {
        let packs = std::iter::once(pack).chain(built_in.packs());
        packs.flat_map(Pack::rules).any(|r| r.id().as_str() == id)
    };
    let first = rule.id().to_owned();
    let mut rule = rule;
    for n in 2_u32.. {
        if !taken(&rule.full_id()) {
            break;
        }
        rule = rule.named(format!("{first}-{n}"));
    }
    rule
}
