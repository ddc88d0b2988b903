//! The built-in packs are sound, whole, and true on synthetic pages of every language.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dehusk::{Category, Cleaner, Document, Format, Level, check_packs};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with one of some extensions, sorted.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

#[test]
fn built_in_packs_are_sound_and_leave_prose_alone() {
    let prose: Vec<(String, String)> = files(&root().join("tests/prose"), &["txt"])
        .into_iter()
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(p).unwrap()))
        .collect();
    assert!(prose.len() >= 15, "innocent prose of many kinds");
    let prose: Vec<(&str, &str)> = prose.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let findings = check_packs(&Cleaner::new().packs().cloned().collect::<Vec<_>>(), &[], &prose);
    let said: Vec<String> =
        findings.iter().map(|f| format!("{}: {}: {} ({})", f.place, f.rule, f.message, f.help)).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn english_knows_every_category() {
    let cleaner = Cleaner::new();
    let mut entries = 0;
    let mut known = BTreeSet::new();
    for rule in cleaner.packs().filter(|p| p.language() == "en").flat_map(|p| p.rules()) {
        known.insert(rule.category());
        entries += rule.entry().phrases.len() + rule.entry().patterns.len();
    }
    // What repeats over a site or on its page, and what only its context gives away, have no rules.
    let no_rules = [Category::Template, Category::Duplicate, Category::Unclassified];
    let wanted: BTreeSet<Category> = Category::ALL.iter().copied().filter(|c| !no_rules.contains(c)).collect();
    assert_eq!(known, wanted);
    assert!(entries >= 500, "only {entries} English phrases and patterns");
}

#[test]
fn a_pack_stands_where_its_category_and_language_say() {
    for pack in Cleaner::new().packs() {
        for rule in pack.rules() {
            assert_eq!(pack.name(), format!("patterns/{}/{}.toml", rule.category(), pack.language()));
        }
    }
}

/// A page, as text or Markdown, whose lines say what must become of them: `- ` goes, two spaces stay, `? ` may do
/// either, empty lines are free.
/// Headers: `# category: a|b` (what the lines that go may be called), `# level: strict` (balanced if none).
struct Case {
    text: String,
    goes: Vec<(std::ops::Range<usize>, bool)>,
    categories: Vec<String>,
    level: Level,
}

fn case(source: &str) -> Case {
    let mut case = Case { text: String::new(), goes: Vec::new(), categories: Vec::new(), level: Level::Balanced };
    for line in source.lines() {
        if let Some(header) = line.strip_prefix("# ") {
            if let Some(categories) = header.strip_prefix("category:") {
                case.categories = categories.split('|').map(|c| c.trim().to_owned()).collect();
            } else if let Some(level) = header.strip_prefix("level:") {
                case.level = level.trim().parse().unwrap();
            }
            continue;
        }
        let start = case.text.len();
        if let Some(content) = line.strip_prefix("- ") {
            case.text.push_str(content);
            case.goes.push((start..case.text.len(), true));
        } else if let Some(content) = line.strip_prefix("? ") {
            case.text.push_str(content);
        } else if !line.trim().is_empty() {
            case.text.push_str(line.strip_prefix("  ").unwrap_or_else(|| panic!("no margin: {line:?}")));
            case.goes.push((start..case.text.len(), false));
        }
        case.text.push('\n');
    }
    case
}

/// What is wrong with the outcome of a case, line by line.
fn faults(cleaner: &Cleaner, case: &Case, format: Format) -> Vec<String> {
    let page = cleaner.clean(Document::new(&case.text).format(format));
    let mut out = Vec::new();
    for (line, goes) in &case.goes {
        let over = page.removals().iter().find(|r| r.span().start < line.end && line.start < r.span().end);
        let text: String = case.text[line.clone()].chars().take(70).collect();
        match (goes, over) {
            (true, None) => out.push(format!("kept: {text}")),
            (false, Some(r)) => {
                out.push(format!("removed as {} ({:?}): {text}", r.category(), r.rule().map(|r| r.as_str())))
            }
            (true, Some(r)) if !case.categories.iter().any(|c| c == r.category().id()) => {
                out.push(format!("named {}: {text}", r.category()))
            }
            _ => {}
        }
    }
    out
}

#[test]
fn synthetic_pages_come_out_exact() {
    let cleaners = Level::ALL.map(|level| Cleaner::builder().level(level).build().unwrap());
    let folder = root().join("tests/cases");
    let cases = files(&folder, &["txt", "md"]);
    assert!(cases.len() >= 20);
    let mut wrong = Vec::new();
    for path in &cases {
        let case = case(&fs::read_to_string(path).unwrap());
        assert!(
            !case.categories.is_empty() && case.goes.iter().any(|(_, goes)| *goes),
            "{} tests nothing",
            path.display()
        );
        let name = path.strip_prefix(&folder).unwrap().display();
        let format = if path.extension().is_some_and(|e| e == "md") { Format::Markdown } else { Format::Text };
        wrong.extend(faults(&cleaners[case.level as usize], &case, format).into_iter().map(|f| format!("{name}: {f}")));
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
}

/// Ends of pages, and what each line of them is.
const ENDS: &[(&str, &[(&str, &str)])] = &[(
    "The crane by the second dock is to be taken apart after sixty years, the port said on Monday.\n\nIt had lifted locomotives, a \
     church bell and, once, a whole fishing boat with the crew still on board. For the last ten years it lifted nothing, because \
     nobody could be found who knew how the brake was to be mended.\n\n",
    &[
        ("About the author", "author-bio"),
        ("Ines Brandt writes about the port and has done so since she was an apprentice there.", "author-bio"),
        ("3 Comments", "comments"),
        ("© 2023 The Dock Letter. All rights reserved.", "legal-notice"),
        ("Terms of Service | Privacy | Write to us", "legal-notice"),
    ],
)];

#[test]
fn a_section_names_only_what_is_its_own() {
    let cleaner = Cleaner::new();
    for (body, end) in ENDS {
        let lines: Vec<&str> = end.iter().map(|(line, _)| *line).collect();
        let page = format!("{body}{}\n", lines.join("\n\n"));
        let cleaned = cleaner.clean(&*page);
        for (line, category) in *end {
            let at = page.find(line).unwrap();
            let named = cleaned.removals().iter().find(|r| r.span().contains(&at)).map(|r| r.category().id());
            assert_eq!(named, Some(*category), "{line}");
        }
    }
}
