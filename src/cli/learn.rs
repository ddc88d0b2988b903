//! `dehusk learn`: the lines that a site's pages have in common.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Write;
use std::path::Path;

use dehusk::batch::Batch;
use dehusk::io::{Draft, Escaped, NewRule};
use dehusk::{Category, Cleaner, Document, MAX_PACK_RULES, SiteModel};

use super::args::{Learn, OnConflict};
use super::exit::{Exit, Failure, Outcome};
use super::inputs::Inputs;
use super::reading::Reading;
use super::screen::{Screen, count, plural};
use super::sites::models;

/// Runs `dehusk learn`.
pub fn run(typed: &Learn, screen: &Screen) -> Outcome {
    if typed.on_conflict != OnConflict::Overwrite && typed.output.symlink_metadata().is_ok() {
        return Err(Failure::usage(format!(
            "{} is there already: give --on-conflict overwrite, or another name",
            Escaped::path(&typed.output)
        )));
    }
    let earlier = models(&typed.sites)?;
    let only_models = typed.input.paths.is_empty() && typed.input.files_from.is_none() && earlier.is_some();
    let inputs = if only_models { None } else { Some(Inputs::resolve(&typed.input)?) };
    let reading = Reading::new(&typed.sites, &typed.input)?;
    let batch = typed.threads.map_or_else(Batch::new, |n| Batch::new().threads(n.into()));
    let mut model = earlier.unwrap_or_default();
    if let Some(inputs) = &inputs {
        reading.observe(inputs, &batch, &mut model)?;
    }
    let as_rules = typed.output.extension().is_some_and(|e| e == "toml");
    let (bytes, said) = match (&inputs, as_rules) {
        (None, true) => {
            return Err(Failure::usage("rules name the lines they were learned from: name the inputs as well"));
        }
        (Some(inputs), true) => pack(&reading, inputs, &batch, &model)?,
        (_, false) => (model.to_bytes(), "a model for --site-model".to_owned()),
    };
    write(&typed.output, &bytes)
        .map_err(|e| Failure::output(format!("cannot write {}: {e}", Escaped::path(&typed.output))))?;
    screen.note(format_args!(
        "{} of {} → {}: {said}",
        plural(model.pages(), "page"),
        plural(model.sites().count() as u64, "site"),
        Escaped::path(&typed.output)
    ));
    Ok(Exit::Done)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut draft = Draft::new(path, true)?;
    draft.write_all(bytes)?;
    draft.finish()?.commit().map(drop)
}

/// A repeated line: on how many pages it stands, how often it was seen and went, and where it was seen first.
struct Found {
    pages: u32,
    of: u32,
    seen: u64,
    went: u64,
    place: (String, usize),
}

impl Found {
    fn join(&mut self, other: Self) {
        self.seen += other.seen;
        self.went += other.went;
        if other.place < self.place {
            self.place = other.place;
        }
    }

    /// Whether it goes where it stands more often than not: a rule takes it away everywhere.
    fn makes_a_rule(&self) -> bool {
        self.went * 2 > self.seen
    }
}

/// The repeated lines by site, as rules.
fn pack(reading: &Reading<'_>, inputs: &Inputs, batch: &Batch, model: &SiteModel) -> Outcome<(Vec<u8>, String)> {
    let cleaner = Cleaner::builder().sites(model).build()?;
    let mut found: BTreeMap<(String, String), Found> = BTreeMap::new();
    batch.map(
        inputs.items(),
        |item| item.len,
        |item| {
            let mut lines = Vec::new();
            reading.read(&item, &mut |document| lines.extend(repeated(&cleaner, document, &item.path)));
            lines
        },
        |lines| {
            for (key, line) in lines {
                match found.entry(key) {
                    Entry::Occupied(known) => known.into_mut().join(line),
                    Entry::Vacant(new) => drop(new.insert(line)),
                }
            }
        },
    )?;
    let mut by_site: BTreeMap<&str, Vec<(&str, &Found)>> = BTreeMap::new();
    for ((site, line), found) in found.iter().filter(|(_, found)| found.makes_a_rule()) {
        by_site.entry(site).or_default().push((line, found));
    }
    let mut out = String::from(HEAD);
    let (mut rules, mut left_out) = (BTreeMap::new(), 0_u64);
    for (site, mut lines) in by_site {
        lines.sort_by_key(|(_, found)| (std::cmp::Reverse(found.pages), &found.place));
        for (line, Found { pages, of, place: (path, number), .. }) in lines {
            let of_site = if site.is_empty() { String::new() } else { format!(" of {site}") };
            let why = format!("On {pages} of {of} pages{of_site}, as in {path}:{number}.");
            let Ok(rule) = NewRule::remove(line, Category::Template) else { continue };
            let rule = rule.because(why).whole_lines();
            let rule = if is_host(site) { rule.on_site(site) } else { rule };
            let id = (1..).map(|n| if n == 1 { rule.id().to_owned() } else { format!("{}-{n}", rule.id()) });
            let id = id.into_iter().find(|id| !rules.contains_key(id)).unwrap_or_default();
            if rules.len() == MAX_PACK_RULES {
                left_out += 1;
            } else {
                rules.insert(id.clone(), rule.named(id).to_toml());
            }
        }
    }
    let n = rules.len() as u64;
    for rule in rules.into_values() {
        out.push('\n');
        out.push_str(&rule);
    }
    let more = if left_out > 0 { format!("; {} more do not fit into a pack", count(left_out)) } else { String::new() };
    Ok((out.into_bytes(), format!("{} to review{more}", plural(n, "rule"))))
}

/// What stands over a learned pack.
const HEAD: &str = "\
# Lines that pages of a site have in common, learned by `dehusk learn`. Each is removed from every page of its site. Review
# them: delete the rules of lines that belong to articles, and use the rest with `dehusk clean --rules`. What the built-in
# rules remove already is not here.
";

/// The lines of a document that stand on other pages of its site too, and that no rule removes.
fn repeated(cleaner: &Cleaner, document: Document<'_>, path: &Path) -> Vec<((String, String), Found)> {
    let site = document.site().unwrap_or_default().to_owned();
    let seen = cleaner.explain(document);
    let text = seen.cleaned().document().text();
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    for block in seen.blocks() {
        line += text[at..block.span().start].matches('\n').count();
        at = block.span().start;
        let (pages, of) = block.on_pages();
        let went = block.removed().is_some();
        if pages > 0 && block.removed().is_none_or(|category| category == Category::Template) {
            let words: Vec<&str> = text[block.span()].split_whitespace().collect();
            let place = (Escaped::bare_path(path).to_string(), line);
            out.push(((site.clone(), words.join(" ")), Found { pages, of, seen: 1, went: went.into(), place }));
        }
    }
    out
}

/// Whether rules can be scoped to a site of this name.
fn is_host(site: &str) -> bool {
    site.contains('.') && site.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}
