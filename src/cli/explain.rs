//! `dehusk explain`: why lines were removed or kept, and what would change it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Style};
use dehusk::io::{Escaped, Input, read_up_to};
use dehusk::{Cleaner, Document, ExplainedBlock, Explanation, Format, MAX_DOCUMENT, Status};

use super::args::{Explain, KindArg, LevelArg, RuleArgs};
use super::clean::cleaner;
use super::exit::{Exit, Failure, Outcome};
use super::inputs::{self, ByName};
use super::screen;

/// Characters of a line that are shown.
const WIDTH: usize = 100;
/// Neighbours on either side of a line that is explained.
const NEIGHBOURS: usize = 2;

/// Runs `dehusk explain`.
pub fn run(typed: &Explain) -> Outcome {
    let (path, line) = target(&typed.target);
    let format = inputs::format(typed.format.unwrap_or_default())?;
    let cleaner = cleaner(&typed.rules)?;
    let raw = read(path)?;
    let format = format.unwrap_or_else(|| match ByName::of(path) {
        ByName::Clean(format) => format,
        ByName::Copy(_) => Format::Text,
    });
    let document = match &typed.encoding {
        Some(label) => Document::with_encoding(&raw, label)?,
        None => Document::from_bytes(&raw),
    }
    .format(format);
    let seen = cleaner.explain(document.clone());
    let lines = Lines::new(document.text());
    let mut out = head(&seen);
    match line {
        None => {
            for block in seen.blocks() {
                one_line(&seen, &lines, block, &mut out);
            }
        }
        Some(wanted) => {
            let of = |b: &&ExplainedBlock| {
                lines.of(b.span().start) <= wanted && wanted <= lines.of(b.span().end.saturating_sub(1))
            };
            let chosen: Vec<_> = seen.blocks().iter().enumerate().filter(|(_, b)| of(b)).collect();
            if chosen.is_empty() {
                let last = lines.of(document.text().len().saturating_sub(1));
                return Err(Failure::usage(format!(
                    "line {wanted} has no text: {} has {last} lines, and blank ones go with their neighbours",
                    Escaped::path(path)
                )));
            }
            for (i, block) in chosen {
                in_full(&seen, &lines, i, block, &mut out);
                flips(&typed.rules, &document, i, block, &seen, &mut out)?;
            }
        }
    }
    screen::out(out).map(|()| Exit::Done)
}

/// The file, and the line behind a colon; a file of the whole name goes first.
fn target(typed: &OsStr) -> (&Path, Option<usize>) {
    let whole = Path::new(typed);
    if whole.exists() {
        return (whole, None);
    }
    let split = typed.to_str().and_then(|t| t.rsplit_once(':'));
    match split.and_then(|(path, line)| Some((path, line.parse().ok().filter(|n| *n > 0)?))) {
        Some((path, line)) => (Path::new(path), Some(line)),
        None => (whole, None),
    }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    let result = if path == Path::new("-") {
        read_up_to(&mut std::io::stdin().lock(), MAX_DOCUMENT)
    } else {
        Input::open(path, true).and_then(|mut input| input.read())
    };
    result.map_err(|e| Failure::usage(format!("cannot read {}: {e}", Escaped::path(path))))
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends =
            (0..bytes.len()).filter(|i| bytes[*i] == b'\n' || (bytes[*i] == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
        Self { starts: std::iter::once(0).chain(ends.map(|i| i + 1)).collect() }
    }

    /// The line of an offset; the first is 1.
    fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|s| *s <= offset)
    }
}

fn head(seen: &Explanation<'_>) -> String {
    let cleaned = seen.cleaned();
    let report = cleaned.report();
    let kind = match report.input_kind() {
        dehusk::InputKind::Page => "a whole page",
        _ => "extracted text",
    };
    let threshold = if seen.threshold().is_finite() {
        format!("evidence alone removes from a score of {:.1}", seen.threshold())
    } else {
        "evidence alone removes nothing, rules do".to_owned()
    };
    let reason = report.reason().map(|r| format!(" ({})", Escaped::text(r))).unwrap_or_default();
    format!("{}{reason}: {}, taken for {kind}; {threshold}\n", cleaned.status(), cleaned.document().encoding())
}

fn mark(block: &ExplainedBlock, seen: &Explanation<'_>) -> (&'static str, Style) {
    let withheld = seen.cleaned().status() == Status::Suspicious;
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    match block.removed() {
        Some(_) if withheld => ("?", red),
        Some(_) => ("-", red),
        None if seen.removals_of(block).next().is_some() => {
            ("~", Style::new().fg_color(Some(AnsiColor::Yellow.into())))
        }
        None => (" ", Style::new()),
    }
}

/// A block as one line of an overview.
fn one_line(seen: &Explanation<'_>, lines: &Lines, block: &ExplainedBlock, out: &mut String) {
    let text = &seen.cleaned().document().text()[block.span()];
    let (mark, style) = mark(block, seen);
    let removal = seen.removals_of(block).next();
    let name = removal.map_or("", |r| r.rule().map_or_else(|| r.category().id(), dehusk::RuleId::as_str));
    let _ = writeln!(
        out,
        "{style}{mark}{style:#} {:>5} {:>6.1}  {style}{name:<34}{style:#} {}",
        lines.of(block.span().start),
        block.score(),
        shortened(text, 0..0).0
    );
}

/// All there is to say of a block.
fn in_full(seen: &Explanation<'_>, lines: &Lines, i: usize, block: &ExplainedBlock, out: &mut String) {
    let bold = Style::new().bold();
    let verdict = match (block.removed(), seen.removals_of(block).next()) {
        (Some(category), _) if seen.cleaned().status() == Status::Suspicious => {
            format!("would be removed as {category}, but the document passes through whole")
        }
        (Some(category), _) => format!("removed as {category}"),
        (None, Some(part)) => format!("kept but for a part, removed as {}", part.category()),
        (None, None) => "kept".to_owned(),
    };
    let _ = writeln!(out, "\nline {}: {bold}{verdict}{bold:#}", lines.of(block.span().start));
    let text = seen.cleaned().document().text();
    let _ = writeln!(out, "  {}", shortened(&text[block.span()], 0..0).0);
    for hit in block.hits() {
        let span = hit.span().start - block.span().start..hit.span().end - block.span().start;
        let (shown, at) = shortened(&text[block.span()], span);
        let kind = if hit.is_allow() { "allows" } else { hit.strength().name() };
        let fires = if hit.fires() { "" } else { ", but not at this place" };
        let _ = writeln!(
            out,
            "    {shown}\n    {}{} {} ({kind}{fires})",
            " ".repeat(at.start),
            "^".repeat(at.len().max(1)),
            hit.rule()
        );
    }
    if block.hits().is_empty() {
        let _ = writeln!(out, "  rules     none matched");
    }
    let _ = writeln!(out, "  looks     like a {}, {}", block.look().name(), block.place().name());
    let score = match seen.threshold() {
        t if !t.is_finite() => "; here evidence alone removes nothing".to_owned(),
        t if block.score() > t => format!(", over the threshold of {t:.1} by {:.1}", block.score() - t),
        t => format!(", under the threshold of {t:.1} by {:.1}", t - block.score()),
    };
    let _ = writeln!(out, "  score     {:.1}{score}", block.score());
    for removal in seen.removals_of(block) {
        let why: Vec<_> = removal.why().iter().map(|w| Escaped::text(&w.to_string()).to_string()).collect();
        let _ = writeln!(out, "  because   {}", why.join("; "));
    }
    let _ = writeln!(out, "  around it");
    let from = i.saturating_sub(NEIGHBOURS);
    for neighbour in seen.blocks().iter().skip(from).take(i - from + 1 + NEIGHBOURS) {
        out.push_str("  ");
        one_line(seen, lines, neighbour, out);
    }
}

/// The outcome under other options, found by trying them.
fn flips(
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
            trials.push((format!("--level {name}"), RuleArgs { level: Some(level), ..again(typed) }));
        }
    }
    for (name, kind) in [("page", KindArg::Page), ("extracted", KindArg::Extracted)] {
        if typed.input_kind != Some(kind) {
            trials.push((format!("--input-kind {name}"), RuleArgs { input_kind: Some(kind), ..again(typed) }));
        }
    }
    let rules = block.hits().iter().map(|h| h.rule().as_str().to_owned());
    let categories = seen.removals_of(block).map(|r| r.category().id().to_owned());
    let mut names: Vec<String> = if gone { rules.chain(categories).collect() } else { Vec::new() };
    names.sort();
    names.dedup();
    for name in names {
        let mut other = again(typed);
        other.ignore.push(name.clone());
        trials.push((format!("--ignore {name}"), other));
    }
    if seen.cleaned().status() == Status::Suspicious {
        trials.push(("--max-removed 100".to_owned(), RuleArgs { max_removed: Some(100.0), ..again(typed) }));
    }
    let mut found = Vec::new();
    for (name, options) in trials {
        let other: Cleaner = cleaner(&options)?;
        if is_gone(&other.explain(document.clone()), i) != gone {
            found.push(name);
        }
    }
    let what = if gone { "kept with" } else { "removed with" };
    let way = if found.is_empty() {
        if gone { "an allow-rule".to_owned() } else { "a rule of its own".to_owned() }
    } else {
        found.join(", or ")
    };
    let _ = writeln!(out, "  {what} {way}");
    Ok(())
}

/// Whether a block, or a part of it, is not in the body.
fn is_gone(seen: &Explanation<'_>, i: usize) -> bool {
    let touches = |block: &ExplainedBlock| {
        let span = block.span();
        seen.cleaned().removals().iter().any(|r| r.view_span().start < span.end && span.start < r.view_span().end)
    };
    seen.blocks().get(i).is_some_and(touches)
}

/// The same options, to be varied.
fn again(typed: &RuleArgs) -> RuleArgs {
    RuleArgs {
        level: typed.level,
        packs: typed.packs.clone(),
        select: typed.select.clone(),
        ignore: typed.ignore.clone(),
        no_default_rules: typed.no_default_rules,
        no_model: typed.no_model,
        input_kind: typed.input_kind,
        max_removed: typed.max_removed,
    }
}

/// Text on one line, safe to show and cut around what is marked; and where the mark is in it, in characters.
fn shortened(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let shown = |part: &str| Escaped::text(part).to_string();
    let (before, middle, after) =
        (shown(&text[..marked.start]), shown(&text[marked.clone()]), shown(&text[marked.end..]));
    let (b, m, a) = (before.chars().count(), middle.chars().count(), after.chars().count());
    if b + m + a <= WIDTH {
        return (format!("{before}{middle}{after}"), b..b + m);
    }
    let room = WIDTH.saturating_sub(m) / 2;
    let front: String =
        if b > room && m > 0 { format!("…{}", before.chars().skip(b - room).collect::<String>()) } else { before };
    let middle: String =
        if m > WIDTH { format!("{}…", middle.chars().take(WIDTH).collect::<String>()) } else { middle };
    let rest = WIDTH.saturating_sub(front.chars().count() + middle.chars().count());
    let back: String = if a > rest { format!("{}…", after.chars().take(rest).collect::<String>()) } else { after };
    let at = front.chars().count();
    let end = at + middle.chars().count();
    (format!("{front}{middle}{back}"), at..end)
}
